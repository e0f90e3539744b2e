"""From the growing text of an answer to its fields: `Partial`s while it arrives, `Reading` at the end.

Handles what models put round the object: fences, thoughts, prose, an array or a string about it.
Which fields there should be is the engine's business; here they are only recognised.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import jiter

from bot.adapters.llm.scan import ObjectScanner
from bot.ports import Partial

PARSE_EVERY_CHARS = 240  # a long unbroken run is parsed this often, so that it shows progress at little cost
PARSE_AT = frozenset('"}\\\n')  # what may end a field or a paragraph
THINK_OPEN = ("<think>", "<thinking>", "<reasoning>")
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_LATE_THOUGHT = re.compile(r"\A.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[a-zA-Z0-9_-]*[ \t]*\n?")
_FENCE_END = re.compile(r"\n?```\s*\Z")
_JUST_OPENED = re.compile(r'\A[\s\[{"]*\Z')  # an object that was cut off before its first key
_OBJECT_IN_PROSE = re.compile(r'\{\s*"((?:[^"\\]|\\.)*)"\s*:')
_LONE_SURROGATE_ESCAPE = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}(?!(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z))"  # at the end its mate may come
)


class _Mode(Enum):
    UNDECIDED = auto()
    OBJECT = auto()
    ENCODED = auto()  # the object inside a JSON string
    PROSE = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a finished answer came to.

    *is_object* is False for plain prose; *is_closed* says that the object had its closing brace.
    *fields* is None when nothing could be made of the text.
    """

    fields: Mapping[str, object] | None
    is_object: bool
    is_closed: bool


class AnswerReader:
    """Reads one answer. Give each piece to `feed`, then call `finish` once."""

    def __init__(self, text_key: str, known_keys: Collection[str], *, wants_object: bool) -> None:
        self._text_key = text_key
        self._known = frozenset(known_keys) | {text_key}
        self._wants_object = wants_object
        self._mode = _Mode.UNDECIDED
        self._raw = ""  # until the mode is known: all text; afterwards: what prose or a string is made of
        self._json = bytearray()
        self._scanner = ObjectScanner()
        self._held = ""  # half of a surrogate pair
        self._unparsed = 0
        self._fields: dict[str, object] = {}
        self._shown: tuple[int, str | None] | None = None

    @property
    def has_text(self) -> bool:
        """Say whether anything but white space arrived."""
        return bool(self._json) or bool(self._raw.strip())

    @property
    def is_closed(self) -> bool:
        """Say whether the object had its closing brace."""
        return self._scanner.is_closed

    def feed(self, text: str) -> Partial | None:
        """Take a piece; gives a `Partial` when something new is worth passing on."""
        text = self._whole_characters(text)
        if not text:
            return None
        if self._mode is _Mode.UNDECIDED:
            self._raw += text
            rest = self._decide()
            if rest is None:
                return None
            text = rest
        match self._mode:
            case _Mode.OBJECT:
                return self._feed_object(text)
            case _Mode.ENCODED:
                return self._feed_encoded(text)
        return self._feed_prose(text)

    def finish(self) -> Reading:
        """Read what there is as the whole answer."""
        if self._held:
            self._held = ""
            self.feed("\ufffd")
        if self._mode is _Mode.ENCODED:
            self._feed_encoded("", is_last=True)
        if self._mode in (_Mode.OBJECT, _Mode.ENCODED):
            return self._finish_object()
        return self._finish_prose()

    def _whole_characters(self, text: str) -> str:
        text = self._held + text
        self._held = ""
        if text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def _decide(self) -> str | None:
        """Find out what the answer is; gives the text to go on with, None while it may be anything."""
        start = self._raw.lstrip("\ufeff \t\r\n")
        if self._may_be_thought(start):
            start = _THOUGHT.sub("", start, count=1).lstrip()
            if self._may_be_thought(start):
                return None
        if start.startswith("`") and len(start) < 24 and "\n" not in start and "{" not in start:
            return None  # a fence whose first line is not over
        is_fenced = start.startswith("```")
        bare = _FENCE.sub("", start, count=1).lstrip() if is_fenced else start
        if not bare:
            return None
        if bare[0] in '{["':
            return self._decide_bracket(bare)
        if self._wants_object or is_fenced:
            return self._decide_in_prose(start)
        return self._become(_Mode.PROSE, start)

    def _may_be_thought(self, start: str) -> bool:
        head = start[:12].lower()
        if any(head.startswith(mark) for mark in THINK_OPEN):
            return _THOUGHT.match(start) is None
        return bool(head) and len(head) < 12 and any(mark.startswith(head) for mark in THINK_OPEN)

    def _decide_bracket(self, bare: str) -> str | None:
        inner = bare[1:].lstrip()
        if not inner:
            return None
        if bare[0] == "{" and inner[0] in '"}':
            return self._become(_Mode.OBJECT, bare)
        if bare[0] == "[" and inner[0] == "{":
            return self._become(_Mode.OBJECT, inner)
        if bare[0] == '"' and inner[0] in "{\\":
            return self._become(_Mode.ENCODED, bare)
        return self._decide_in_prose(bare) if self._wants_object else self._become(_Mode.PROSE, bare)

    def _decide_in_prose(self, start: str) -> str | None:
        """Look for the object inside prose; while none shows, prose waits for the end."""
        for found in _OBJECT_IN_PROSE.finditer(start):
            if found.group(1) in self._known:
                return self._become(_Mode.OBJECT, start[found.start() :])
        return None

    def _become(self, mode: _Mode, rest: str) -> str:
        self._mode = mode
        self._raw = ""
        return rest

    def _feed_object(self, text: str) -> Partial | None:
        if self._scanner.is_closed:
            return None
        ends_escape = self._scanner.is_in_escape
        clean = self._scanner.scan(text)
        self._json += clean.encode()
        self._unparsed += len(clean)
        is_due = ends_escape or self._unparsed >= PARSE_EVERY_CHARS or not PARSE_AT.isdisjoint(text)
        return self._parse() if is_due else None

    def _feed_encoded(self, text: str, *, is_last: bool = False) -> Partial | None:
        self._raw += text
        self._unparsed += len(text)
        if self._unparsed < PARSE_EVERY_CHARS and not is_last:
            return None
        self._unparsed = 0
        inner = _partial(self._raw.encode())
        if not isinstance(inner, str):
            return None
        self._scanner = ObjectScanner()
        self._json = bytearray(self._scanner.scan(inner.lstrip()).encode())
        return self._parse()

    def _feed_prose(self, text: str) -> Partial | None:
        self._raw += text
        prose = self._raw.rstrip()
        if not prose or not self._is_news(len(prose), self._text_key):
            return None
        return Partial({self._text_key: prose}, self._text_key)

    def _parse(self) -> Partial | None:
        self._unparsed = 0
        parsed = _partial(bytes(self._json))
        if not isinstance(parsed, dict):
            return None
        self._fields = parsed
        fields = self._unwrapped(parsed)
        if not fields or self._known.isdisjoint(fields):
            return None
        last = next(reversed(fields))
        is_open = self._scanner.is_value_open if fields is parsed else not self._scanner.is_closed
        open_key = last if is_open else None
        if not self._is_news(len(self._json), open_key):
            return None
        return Partial(fields, open_key)

    def _is_news(self, size: int, open_key: str | None) -> bool:
        if self._shown == (size, open_key):
            return False
        self._shown = (size, open_key)
        return True

    def _unwrapped(self, fields: dict[str, object]) -> dict[str, object]:
        """Look through one wrapper: ``{"answer": {…}}`` or ``{"name": …, "arguments": {…}}``."""
        if not self._known.isdisjoint(fields):
            return fields
        for value in fields.values():
            inner = _partial(value.encode()) if isinstance(value, str) and value.startswith("{") else value
            if isinstance(inner, dict) and not self._known.isdisjoint(inner):
                return inner
        return fields

    def _finish_object(self) -> Reading:
        raw = bytes(self._json)
        is_closed = self._scanner.is_closed
        parsed = _partial(raw)
        if isinstance(parsed, dict):
            self._fields = parsed
        elif is_closed:
            is_closed = False  # it ended, and still is no JSON
        fields = self._unwrapped(self._fields)
        return Reading(fields if fields or is_closed else None, is_object=True, is_closed=is_closed)

    def _finish_prose(self) -> Reading:
        prose = _LATE_THOUGHT.sub("", self._raw, count=1).strip()
        if self._may_be_thought(prose):
            prose = ""  # it never stopped thinking
        if prose.startswith("```"):
            prose = _FENCE_END.sub("", _FENCE.sub("", prose, count=1)).strip()
        if not prose or _JUST_OPENED.match(prose):
            return Reading(None, is_object=False, is_closed=False)
        return Reading({self._text_key: prose}, is_object=False, is_closed=False)


def _partial(raw: bytes) -> object:
    """Parse JSON that may end anywhere; None when it is no JSON even so."""
    try:
        return jiter.from_json(raw, partial_mode="trailing-strings")
    except ValueError:
        pass
    try:
        mended = _LONE_SURROGATE_ESCAPE.sub(_mend_surrogate, raw.decode())
        return jiter.from_json(mended.encode(), partial_mode="trailing-strings")
    except ValueError:
        return None


def _mend_surrogate(found: re.Match[str]) -> str:
    return found.group(1) + (found.group(2) or "\\ufffd")
