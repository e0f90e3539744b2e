"""Follows a JSON text as it arrives: where strings and nestings begin and end, at little cost.

Mends on the way what models get wrong inside strings: raw line breaks and escapes JSON does not know. Outside of
them it shortens what no parser takes, so that one such value costs itself and not the answer: numbers, and nesting.
"""

from __future__ import annotations

import re
from string import digits

_STRUCTURE = re.compile(r'["\\{}\[\]:,\x00-\x1f]')
_IN_STRING = re.compile(r'["\\\x00-\x1f]')
_DIGITS = re.compile(r"[0-9]+")
DIGITS_MOST = 100  # in a row; parsers give up at 4,300, and no number of an answer has more than a few
DEEPEST = 50  # a value nested deeper becomes null; parsers give up at about 200, and an answer has five levels
_ESCAPES = '"\\/bfnrtu'
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class ObjectScanner:
    """Scans one JSON object from its opening brace; text after its end is left alone."""

    def __init__(self) -> None:
        self.depth = 0
        self.is_closed = False
        self.is_value_open = False  # a value of the outermost object has begun and not ended
        self.is_in_escape = False  # the last character was the backslash of an escape
        self._is_in_string = False
        self._string_was_value = False
        self._digits = 0  # how many digits outside of strings the last piece ended with

    def scan(self, text: str) -> str:
        """Take the next piece; gives the piece as it should be parsed."""
        clean: list[str] = []
        at = 0
        while at < len(text) and not self.is_closed:
            if self.is_in_escape:
                clean.append(self._escape(text[at]))
                at += 1
                continue
            found = (_IN_STRING if self._is_in_string else _STRUCTURE).search(text, at)
            end = len(text) if found is None else found.start()
            clean.append(self._between(text[at:end]))
            if found is None:
                break
            clean.append(self._step(found.group()))
            at = found.end()
        return "".join(clean)

    def _between(self, text: str) -> str:
        """Give what stands between two marks: nothing where it is nested too deep, else with its numbers shortened."""
        if self.depth > DEEPEST:
            return ""
        if self._is_in_string or not text:
            return text
        clean = _DIGITS.sub(self._shortened, text)
        if text[-1] not in digits:
            self._digits = 0
        return clean

    def _shortened(self, found: re.Match[str]) -> str:
        before = self._digits if found.start() == 0 else 0
        self._digits = before + len(found.group())
        return found.group()[: max(DIGITS_MOST - before, 0)]

    def _step(self, char: str) -> str:
        depth = self.depth
        clean = self._step_in_string(char) if self._is_in_string else self._step_outside(char)
        if max(depth, self.depth) <= DEEPEST:
            return clean
        return "null" if depth == DEEPEST else ""

    def _step_outside(self, char: str) -> str:
        self._digits = 0
        match char:
            case '"':
                self._is_in_string = True
                self._string_was_value = self.depth == 1 and self.is_value_open
            case "{" | "[":
                self.depth += 1
            case "}" | "]":
                self._close()
            case ":" if self.depth == 1:
                self.is_value_open = True
            case "," if self.depth == 1:
                self.is_value_open = False
        return char

    def _close(self) -> None:
        self.depth -= 1
        if self.depth <= 1:
            self.is_value_open = False
        self.is_closed = self.depth <= 0

    def _step_in_string(self, char: str) -> str:
        if char == "\\":
            self.is_in_escape = True
            return ""  # comes with the next character, which says whether JSON knows the escape
        if char == '"':
            self._is_in_string = False
            if self._string_was_value:
                self.is_value_open = False
            return char
        return _CONTROLS.get(char, "")

    def _escape(self, char: str) -> str:
        self.is_in_escape = False
        if self.depth > DEEPEST:
            return ""
        if char in _ESCAPES:
            return "\\" + char
        return _CONTROLS.get(char, char)
