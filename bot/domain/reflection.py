"""What comes of thinking memories over, as values, and how an answer is read: tolerantly, and never at its word.

The model may answer anything at all. What names nothing it was shown is left aside; the rules that decide on the rest
are in `bot.domain.settling`, `bot.domain.portrait` and `bot.domain.self_notes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.ids import MemoryId, MessageId, NoteId
from bot.domain.memory import MemoryKind, NewMemory, NoteKind, Refusal
from bot.domain.message import Message
from bot.domain.reflection_prompt import Codes

Refuse = Callable[[str, MemoryKind, Message | None], Refusal | None]
Item = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kept:
    """A memory that holds from now on: new, or in the place of *same_as*, whose sources it has as well.

    *supersedes* are older ones that it stands for.
    """

    memory: NewMemory
    same_as: MemoryId | None = None
    supersedes: tuple[MemoryId, ...] = ()


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note of hers not yet kept, in place of *replaces* where that is given; it is kept with the group's audience."""

    kind: NoteKind
    text: str
    confidence: float
    sources: tuple[MessageId, ...]
    replaces: NoteId | None = None


@dataclass(frozen=True, slots=True)
class Reflected:
    """What came of thinking a group over; its candidates need not be looked at again.

    *dropped* memories are archived. *refused* counts what the gate refused.
    """

    kept: tuple[Kept, ...] = ()
    dropped: tuple[MemoryId, ...] = ()
    confidence: Mapping[MemoryId, float] | None = None
    notes: tuple[NewNote, ...] = ()
    refused: Mapping[Refusal, int] | None = None


class Gatekeeper:
    """The write gate, and a count of what it refused."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self.refused: dict[Refusal, int] = {}

    def lets(self, text: str, kind: MemoryKind, source: Message | None) -> bool:
        """Say whether *text* may be kept; a refusal is counted."""
        return self.refusal(text, kind, source) is None

    def refusal(self, text: str, kind: MemoryKind, source: Message | None) -> Refusal | None:
        """Say why *text* may not be kept, and count it."""
        refusal = self._refuse(text, kind, source)
        if refusal is not None:
            self.refused[refusal] = self.refused.get(refusal, 0) + 1
        return refusal

    def is_order(self, line: Message) -> bool:
        """Say whether a line, by itself, is an instruction to her: then it is evidence of nothing."""
        return self._refuse(line.content, MemoryKind.FACT, line) is Refusal.INSTRUCTION


def is_readable(fields: Mapping[str, object], codes: Codes) -> bool:
    """Say whether an answer has anything to do with what was asked."""
    if not codes.candidates:
        return any(isinstance(fields.get(name), (list, tuple)) for name in ("found", "outdated", "portrait"))
    return any(ref_of(item.get("ref"), codes.candidates) for item in items_of(fields.get("candidates")))


def as_one(lines: Iterable[Message]) -> Message | None:
    """Give several lines of one person as one, for the gate to hold a text against; None where there are none."""
    told = sorted(lines, key=lambda line: line.message_id)
    if len(told) < 2:
        return told[0] if told else None
    return replace(told[-1], content="\n".join(line.content for line in told))


def items_of(raw: object) -> list[Item]:
    """Give the objects of a list, whatever else is in it."""
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, (list, tuple)) else []


def ref_of(raw: object, known: Mapping[str, object]) -> str | None:
    """Read a code; None where it stands for nothing that was shown."""
    code = raw.strip().strip("`\"'").casefold() if isinstance(raw, str) else ""
    return code if code in known else None


def refs_of(raw: object, known: Mapping[str, object]) -> list[str]:
    """Read codes, each once, without those that stand for nothing."""
    codes = (ref_of(one, known) for one in raw) if isinstance(raw, (list, tuple)) else ()
    return list(dict.fromkeys(code for code in codes if code is not None))


def names_something(raw: object) -> bool:
    """Say whether a field that may be empty was meant to name something."""
    return isinstance(raw, str) and raw.strip().casefold() not in ("", "-", "null", "none")


def text_of(raw: object, most: int) -> str:
    """Read a sentence: one line, no longer than it may be; empty where there is none."""
    text = " ".join(raw.split()) if isinstance(raw, str) else ""
    return text if len(text) <= most else ""
