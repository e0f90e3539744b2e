"""The short picture of a person: what of a model's proposal becomes a line of it; pure.

Each line stands on lines of the person's own and is drawn in their words. What they wrote or edited themselves is never
touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.grounding import is_in_words_of
from bot.domain.ids import MemoryId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory, Origin
from bot.domain.memory_gate import own_words
from bot.domain.memory_text import likeness, text_key
from bot.domain.message import Audience, Message, Speaker
from bot.domain.reflection import Gatekeeper, Item, Kept, as_one, items_of, names_something, ref_of, refs_of, text_of
from bot.domain.reflection_prompt import Codes

PORTRAIT_MOST = 8  # lines within one audience
LINE_LETTERS = 160
GONE_MOST = 2  # lines that one reflection may take away
ALIKE = 0.7  # a line that near to another says nothing new
SALIENCE, CONFIDENCE = 6, 0.6


def read_portrait(
    raw: object, codes: Codes, owner: UserId, audience: Audience, gate: Gatekeeper
) -> tuple[tuple[Kept, ...], tuple[MemoryId, ...]]:
    """Give the lines that are new or put better, and those that go."""
    standing = {one.memory_id: one for one in codes.current.values() if one.kind is MemoryKind.PORTRAIT}
    kept: list[Kept] = []
    gone: list[MemoryId] = []
    for item in items_of(raw)[:PORTRAIT_MOST]:
        old = _replaced(item, codes)
        if old is not None and old.memory_id not in standing:
            continue  # it was decided on already
        if not item.get("text"):
            if old is not None and len(gone) < GONE_MOST:
                gone.append(old.memory_id)
                del standing[old.memory_id]
            continue
        if old is None and names_something(item.get("replaces")):
            continue  # of a line that is not shown, or is theirs
        sources = own_lines(item, codes, owner)
        text = text_of(item.get("text"), LINE_LETTERS)
        others = [one.text for one in standing.values() if one is not old] + [one.memory.text for one in kept]
        is_full = old is None and len(standing) + sum(1 for one in kept if one.same_as is None) >= PORTRAIT_MOST
        if (
            is_full
            or not sources
            or not _is_new(text, others)
            or not gate.lets(text, MemoryKind.PORTRAIT, as_one(sources))
            or not _is_theirs(text, sources)
        ):
            continue
        if old is not None:
            del standing[old.memory_id]
        kept.append(_kept(text, sources, owner, audience, old))
    return tuple(kept), tuple(gone)


def own_lines(item: Item, codes: Codes, owner: UserId) -> Sequence[Message]:
    """Give the lines that an entry names in ``sources``, oldest first: only what that person wrote themselves."""
    named = (codes.lines[code] for code in refs_of(item.get("sources"), codes.lines))
    own = (line for line in named if line.author.user_id == owner and line.speaker is Speaker.PERSON and line.content)
    return sorted(own, key=lambda line: line.message_id)


def _replaced(item: Mapping[str, object], codes: Codes) -> Memory | None:
    code = ref_of(item.get("replaces"), codes.current)
    old = None if code is None else codes.current[code]
    if old is None or old.kind is not MemoryKind.PORTRAIT or old.is_pinned or old.is_edited:
        return None
    return old if old.origin is Origin.REFLECTION else None


def _is_new(text: str, others: Sequence[str]) -> bool:
    return bool(text_key(text)) and all(likeness(text, other) < ALIKE for other in others)


def _is_theirs(text: str, sources: Sequence[Message]) -> bool:
    """Say whether a line draws somebody in their own words: not in those that they quote."""
    said = "\n".join(own_words(line.content) for line in sources)
    return is_in_words_of(text, said, {line.author.display_name for line in sources})


def _kept(text: str, sources: Sequence[Message], owner: UserId, audience: Audience, old: Memory | None) -> Kept:
    before = () if old is None else old.sources
    memory = NewMemory(
        owner_id=owner,
        kind=MemoryKind.PORTRAIT,
        text=text,
        audience=audience,
        sources=tuple(sorted({*before, *(line.message_id for line in sources)})),
        salience=SALIENCE,
        confidence=CONFIDENCE,
        said_at=sources[-1].sent_at,
        origin=Origin.REFLECTION,
        state=MemoryState.CURRENT,
    )
    return Kept(memory, None if old is None else old.memory_id)
