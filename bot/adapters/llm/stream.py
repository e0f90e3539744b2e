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
from bot.adapters.llm.thoughts import HOLD_CHARS, ThinkingHabit, ThoughtFilter, spoken_part
from bot.ports import Partial

PARSE_EVERY_CHARS = 240  # a long unbroken run is parsed this often, so that it shows progress at little cost
PARSE_AT = frozenset('"}\\\n')  # what may end a field or a paragraph
_WHERE_AN_OBJECT_STARTS = re.compile(r'[^{}\[\]"\\]*[{}\[\]"\\]?')  # the pieces that a start is looked for in
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
    HELD = auto()  # prose where an object was asked: perhaps the object is inside, the end will show


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
    """Reads one answer. Give each piece to `feed`, then call `finish` once.

    Nothing of a thought is ever given; *habit* is what is known of the model's thoughts, and learns.
    """

    def __init__(
        self,
        text_key: str,
        known_keys: Collection[str],
        *,
        wants_object: bool,
        habit: ThinkingHabit | None = None,
    ) -> None:
        self._text_key = text_key
        self._known = frozenset(known_keys) | {text_key}
        self._wants_object = wants_object
        self._habit = habit or ThinkingHabit()
        self._thoughts = ThoughtFilter()
        self._mode = _Mode.UNDECIDED
        self._shown_chars = 0  # of prose
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

    def knows(self, fields: Mapping[str, object]) -> bool:
        """Say whether any of *fields* is one that was asked for."""
        return not self._known.isdisjoint(fields)

    def feed(self, text: str) -> Partial | None:
        """Take a piece; gives a `Partial` when something new is worth passing on."""
        text = self._whole_characters(text)
        if not text:
            return None
        if self._mode in (_Mode.UNDECIDED, _Mode.HELD, _Mode.PROSE):
            text = self._feed_filtered(text)
        match self._mode:
            case _Mode.OBJECT:
                return self._feed_object(text)
            case _Mode.ENCODED:
                return self._feed_encoded(text)
            case _Mode.PROSE:
                return self._show_prose()
        return None

    def finish(self, *, is_cut: bool = False) -> Reading:
        """Read what there is as the whole answer; *is_cut* when there should have been more."""
        if self._held:
            self._held = ""
            self.feed("\ufffd")
        if self._mode in (_Mode.UNDECIDED, _Mode.HELD, _Mode.PROSE):
            self._finish_filtered(is_cut=is_cut)
        if self._mode is _Mode.ENCODED:
            self._feed_encoded("", is_last=True)
        reading = self._finish_object() if self._mode in (_Mode.OBJECT, _Mode.ENCODED) else self._finish_prose()
        if self._thoughts.has_unmarked or not (is_cut or reading.is_object or reading.fields is None):
            self._habit.note(is_unmarked=self._thoughts.has_unmarked)
        return reading

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

    def _feed_filtered(self, text: str) -> str:
        """Take the thoughts out; gives what comes after the start of an object, which holds none."""
        at = 0
        while at < len(text):
            piece = _WHERE_AN_OBJECT_STARTS.match(text, at)
            assert piece is not None
            at = piece.end()
            self._add_spoken(self._thoughts.feed(piece.group()))
            if self._mode is _Mode.UNDECIDED:
                self._decide()
            if self._mode in (_Mode.OBJECT, _Mode.ENCODED):
                start = self._raw + self._thoughts.finish()
                self._raw = ""
                return start + text[at:]
        return ""

    def _add_spoken(self, spoken: str) -> None:
        if not self._thoughts.was_reset:
            self._raw += spoken
        elif self._shown_chars:
            over = self._raw[: self._shown_chars].rpartition("\n\n")[0]  # too late to take it back
            self._raw = f"{over}\n\n{spoken.lstrip()}"
        else:
            self._raw = spoken
            self._mode = _Mode.UNDECIDED

    def _finish_filtered(self, *, is_cut: bool) -> None:
        self._add_spoken(self._thoughts.finish())
        if is_cut and not self._shown_chars and self._may_be_inside_thought():
            self._raw = ""
        if self._mode is _Mode.HELD:
            found = self._object_in_prose()
            if found is not None:
                self._raw, self._mode = "", _Mode.OBJECT
                self._feed_object(found)

    def _may_be_inside_thought(self) -> bool:
        """Say whether a text that was cut off may be a thought of which no mark had come yet."""
        if self._thoughts.has_thought or not self._habit.hides_start:
            return False
        return self._habit.is_unmarked or len(self._raw) >= HOLD_CHARS

    def _decide(self) -> None:
        """Find out what the answer is, as soon as it can be only one thing."""
        start = self._raw.lstrip("\ufeff \t\r\n")
        if start.startswith("`") and len(start) < 24 and "\n" not in start and "{" not in start:
            return  # a fence whose first line is not over
        is_fenced = start.startswith("```")
        bare = _FENCE.sub("", start, count=1).lstrip() if is_fenced else start
        if not bare:
            return
        if bare[0] in '{["':
            self._decide_bracket(bare)
        else:
            self._become(_Mode.HELD if self._wants_object or is_fenced else _Mode.PROSE, start)

    def _decide_bracket(self, bare: str) -> None:
        inner = bare[1:].lstrip()
        if not inner:
            return
        if bare[0] == "{" and inner[0] in '"}':
            self._become(_Mode.OBJECT, bare)
        elif bare[0] == "[" and inner[0] == "{":
            self._become(_Mode.OBJECT, inner)
        elif bare[0] == '"' and inner[0] in "{\\":
            self._become(_Mode.ENCODED, bare)
        else:
            self._become(_Mode.HELD if self._wants_object else _Mode.PROSE, bare)

    def _object_in_prose(self) -> str | None:
        for found in _OBJECT_IN_PROSE.finditer(self._raw):
            if found.group(1) in self._known:
                return self._raw[found.start() :]
        return None

    def _become(self, mode: _Mode, start: str) -> None:
        self._mode = mode
        self._raw = start

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

    def _show_prose(self) -> Partial | None:
        """Show prose once it is unlikely to turn out to be a thought whose opening mark is missing."""
        may_flow = self._thoughts.has_thought or not self._habit.hides_start
        prose = self._raw.rstrip()
        if not may_flow or len(prose) < HOLD_CHARS or not self._is_news(len(prose), self._text_key):
            return None
        self._shown_chars = len(prose)
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
        return Partial(self._spoken(fields, open_key), open_key)

    def _spoken(self, fields: dict[str, object], open_key: str | None) -> dict[str, object]:
        text = fields.get(self._text_key)
        if not isinstance(text, str):
            return fields
        return {**fields, self._text_key: spoken_part(text, is_over=open_key != self._text_key)}

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
            inner = _partial(_scanned(value)) if isinstance(value, str) and value.startswith("{") else value
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
        fields = self._spoken(self._unwrapped(self._fields), None)
        return Reading(fields if fields or is_closed else None, is_object=True, is_closed=is_closed)

    def _finish_prose(self) -> Reading:
        prose = self._raw.strip()
        if prose.startswith("```"):
            prose = _FENCE_END.sub("", _FENCE.sub("", prose, count=1)).strip()
        if not prose or _JUST_OPENED.match(prose):
            return Reading(None, is_object=False, is_closed=False)
        return Reading({self._text_key: prose}, is_object=False, is_closed=False)


def _scanned(text: str) -> bytes:
    return ObjectScanner().scan(text).encode()


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
