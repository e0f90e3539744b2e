"""What may give way to something newer where a model says that it does; pure.

Whether one thing makes another untrue needs understanding, and is the model's word. These rules bound what that word
can do: only what they have said themselves since, plainly and of the same matter, takes anything's place, a few at a
time, and never what they fixed. What gave way is kept and can be restored.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.grounding import Grounding, grounding, only_asks, telling_words
from bot.domain.memory import Memory, MemoryKind, Origin
from bot.domain.memory_gate import own_words
from bot.domain.memory_text import is_form_of
from bot.domain.message import Message

EACH_MOST = 3  # memories that one candidate takes the place of,
IN_ALL_MOST = 4  # and that do so in one reflection
APART_MOST = 2  # of those, that share no word with what is newer: "moved to Berlin" and "lives in Rome"
# What holds as soon as it is told, and is no model's to word anew, merge or put aside.
FIRM_KINDS = (MemoryKind.BOUNDARY, MemoryKind.CORRECTION, MemoryKind.PROMISE, MemoryKind.PORTRAIT)
# What is so, came about, or is to be: each may end another. How somebody feels is ended by how they feel.
_CIRCUMSTANCES = frozenset({MemoryKind.FACT, MemoryKind.EVENT, MemoryKind.GOAL, MemoryKind.DECISION})


def is_theirs(memory: Memory) -> bool:
    """Say whether a person fixed a memory themselves."""
    return memory.is_pinned or memory.is_edited or memory.origin is Origin.PERSON


def bears_out(line: Message, text: str) -> bool:
    """Say whether somebody says *text* plainly in a line of theirs, in words of their own, and not as a question."""
    said, names = own_words(line.content), (line.author.display_name,)
    return grounding(text, said, names) is Grounding.SAID and not only_asks(said)


class GivingWay:
    """Decides for one reflection what gives way, and counts it."""

    def __init__(self) -> None:
        self._in_all = 0
        self._apart = 0

    def before(
        self, members: Sequence[Memory], lines: Sequence[Message], named: Sequence[Memory], *, is_confirmed: bool
    ) -> list[Memory]:
        """Give those of *named* that give way before *members*, which say one thing in *lines*.

        *is_confirmed* says that it was told twice.
        """
        plain = [line for line in lines if any(bears_out(line, one.text) for one in members)]
        going: list[Memory] = []
        for old in named:
            is_full = len(going) >= EACH_MOST or self._in_all >= IN_ALL_MOST
            if is_full or not _may_end(members, old, is_confirmed=is_confirmed) or not _is_older(old, plain):
                continue
            if not _shares_words(members, lines, old):
                if self._apart >= APART_MOST:
                    continue
                self._apart += 1
            self._in_all += 1
            going.append(old)
        return going


def _may_end(members: Sequence[Memory], old: Memory, *, is_confirmed: bool) -> bool:
    """Say whether *old* is of the same matter, and not theirs to change alone.

    What they gave by a command gives way to what they said in two lines since, or as a correction.
    """
    newer = members[0]
    is_correction = newer.kind is MemoryKind.CORRECTION
    if old.is_pinned or old.is_edited or old.kind in FIRM_KINDS or old.about_id != newer.about_id:
        return False
    if old.origin is Origin.PERSON and not (is_correction or is_confirmed):
        return False
    if is_correction:
        return old.kind is not MemoryKind.JOKE
    is_circumstance = {old.kind, newer.kind} <= _CIRCUMSTANCES
    return is_circumstance or (old.kind is newer.kind and old.kind is not MemoryKind.JOKE)


def _is_older(old: Memory, lines: Sequence[Message]) -> bool:
    """Say whether one of *lines* came after all that *old* was made of."""
    return any(line.message_id not in old.sources and line.sent_at > old.said_at for line in lines)


def _shares_words(members: Sequence[Memory], lines: Sequence[Message], old: Memory) -> bool:
    """Say whether what is newer names anything that *old* does, beside whose it is."""
    names = {line.author.display_name for line in lines}
    told = [*(one.text for one in members), *(own_words(line.content) for line in lines)]
    before = telling_words(old.text, frozenset(word for name in names for word in telling_words(name)))
    now = frozenset(word for text in told for word in telling_words(text))
    return any(word == other or is_form_of(word, other) for word in before for other in now)
