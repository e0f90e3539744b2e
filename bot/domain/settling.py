"""What becomes of candidates: which hold, say the same, take the place of others, or are put aside; pure.

A model proposes, these rules decide. No step is so large that it could not be taken back: nothing is deleted, what a
person fixed stays, and what the write gate refuses keeps the words it had.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.giving_way import FIRM_KINDS, GivingWay, bears_out, is_theirs
from bot.domain.grounding import is_worded_from, names_the_unsaid
from bot.domain.ids import MemoryId, MessageId
from bot.domain.memory import SALIENCE_LEAST, SALIENCE_MOST, Memory, MemoryKind, MemoryState, NewMemory, Origin
from bot.domain.memory_gate import own_words
from bot.domain.memory_merge import AGAIN_AFTER, AGAIN_DOUBT, AT_ONCE, SALIENT, SURE_LEAST, TOLD_LEAST
from bot.domain.memory_text import is_form_of, text_key, words_of
from bot.domain.message import Message
from bot.domain.reflection import Gatekeeper, Item, Kept, Reflected, as_one, items_of, ref_of, refs_of, text_of
from bot.domain.reflection_prompt import PLAIN_KINDS, Codes
from bot.domain.sensitive import SENSITIVE_TAG

SALIENCE_STEP = 2  # how far one reflection may move it
CONFIDENCE_STEP = 0.2
FOUND_CONFIDENCE, UNSURE_CONFIDENCE = 0.6, 0.3  # of what an edited line says, plainly or not
HEAP_MOST = 5  # candidates that are taken for one; the others wait
GONE_MOST = 12  # memories that one reflection may put aside
FOUND_MOST = 8
TEXT_LETTERS = 400  # of a memory that is worded anew
TAGS_MOST = 5
TAG = re.compile(r"[^\W\d_][\w-]{1,23}")
_A_DAY = timedelta(days=1)


def read_memories(
    fields: Mapping[str, object], codes: Codes, reread: frozenset[MessageId], gate: Gatekeeper
) -> Reflected:
    """Give what becomes of candidates, of memories whose lines were edited, and of corrections."""
    dropped = _outdated(fields.get("outdated"), codes, reread)
    settle = _Settle(codes, gate, frozenset(dropped), reread)
    settle.read(fields.get("candidates"))
    found = _found(fields.get("found"), codes, reread, gate)
    gone = {one for kept in settle.kept for one in (kept.same_as, *kept.supersedes) if one is not None}
    return Reflected(
        kept=(*settle.kept, *found),
        dropped=tuple(dict.fromkeys((*dropped, *settle.dropped)))[:GONE_MOST],
        confidence=_corrected(fields.get("corrections"), codes, gone | set(dropped)),
    )


class _Settle:
    """Decides on the candidates of one answer."""

    def __init__(
        self, codes: Codes, gate: Gatekeeper, put_aside: frozenset[MemoryId], reread: frozenset[MessageId]
    ) -> None:
        self.kept: list[Kept] = []
        self.dropped: list[MemoryId] = []
        self._codes = codes
        self._gate = gate
        self._reread = reread
        self._giving_way = GivingWay()
        self._taken = set(put_aside)  # what was decided on already: a memory has one fate
        every = (*codes.candidates.values(), *codes.current.values())
        self._keys = {(one.kind, text_key(one.text)): one.memory_id for one in every}
        told = (*(one.text for one in every), *(own_words(line.content) for line in codes.lines.values()))
        self._heard = frozenset(word for text in told for word in words_of(text))

    def read(self, raw: object) -> None:
        said: dict[str, Item] = {}
        for item in items_of(raw):
            code = ref_of(item.get("ref"), self._codes.candidates)
            if code is not None:
                said.setdefault(code, item)
        for code, others in self._heaps(said).items():
            item, candidate = said[code], self._codes.candidates[code]
            members = [candidate, *(self._codes.candidates[one] for one in others[: HEAP_MOST - 1])]
            if any(one.memory_id in self._taken for one in members):
                continue
            if item.get("verdict") == "drop":
                self._drop(members)
            else:
                self._settle(item, members)

    def _heaps(self, said: Mapping[str, Item]) -> dict[str, list[str]]:
        """Put candidates that say the same together, under one that says so of no other."""
        heads: dict[str, str] = {}
        for code in said:
            heads[code] = self._head(code, said)
        heaps: dict[str, list[str]] = {head: [] for head in heads.values()}
        for code, head in heads.items():
            if code != head:
                heaps[head].append(code)
        return heaps

    def _head(self, code: str, said: Mapping[str, Item]) -> str:
        seen = [code]
        while (item := said.get(seen[-1])) is not None and item.get("verdict") == "same":
            other = ref_of(item.get("of"), self._codes.candidates)
            if other is None or other not in said or not _may_be_one(*self._pair(code, other)):
                break
            if other in seen:
                return min(seen[seen.index(other) :])  # they name each other: any one of them
            seen.append(other)
        return seen[-1]

    def _pair(self, code: str, other: str) -> tuple[Memory, Memory]:
        return self._codes.candidates[code], self._codes.candidates[other]

    def _drop(self, members: Sequence[Memory]) -> None:
        for one in members:
            is_slight = one.salience < SALIENT and one.seen_count < 2 and one.state is MemoryState.CANDIDATE
            is_slight = is_slight and not is_firm(one)
            if is_slight and len(self._taken) < GONE_MOST:
                self.dropped.append(one.memory_id)
                self._taken.add(one.memory_id)

    def _settle(self, item: Item, members: list[Memory]) -> None:
        known = self._told_again(item, members[0])
        if known is not None:
            self._keep(known, Kept(_again(known, members), known.memory_id, tuple(_ids(members))))
            return
        if item.get("verdict") == "wait":
            return
        salience = settled_salience(item.get("salience"), max(one.salience for one in members), members)
        older = self._superseded(item, members)
        survivor = self._survivor(item, members)
        if not older and not (self._may_hold(members, salience) and self._is_named(survivor, members)):
            return
        rest = [one for one in members if one is not survivor]
        memory = replace(
            _again(survivor, rest), salience=salience, tags=_tags(item, survivor, self._heard), origin=Origin.REFLECTION
        )
        memory = self._worded(item, survivor, rest, memory)
        self._keep(survivor, Kept(memory, survivor.memory_id, tuple(_ids((*rest, *older)))))

    def _keep(self, survivor: Memory, kept: Kept) -> None:
        self._taken.update((survivor.memory_id, *kept.supersedes))
        self.kept.append(kept)

    def _told_again(self, item: Item, candidate: Memory) -> Memory | None:
        """Give what is known that a candidate only says again."""
        code = ref_of(item.get("of"), self._codes.current) if item.get("verdict") == "same" else None
        known = None if code is None else self._codes.current[code]
        if known is None or known.memory_id in self._taken or not _may_be_one(candidate, known):
            return None
        return known

    def _may_hold(self, members: Sequence[Memory], salience: int) -> bool:
        """Say whether what *members* say holds by itself: it is sure, and weighty or told twice.

        Of a line that was edited it has to be told still.
        """
        if _again(members[0], members[1:]).confidence < SURE_LEAST:
            return False
        reread = [one for one in members if self._reread.intersection(one.sources)]
        if not all(any(bears_out(line, one.text) for line in self._lines([one])) for one in reread):
            return False
        is_weighty = salience >= SALIENT or any(one.kind in AT_ONCE for one in members)
        return is_weighty or bool(reread) or is_confirmed(members)  # what waits since an edit held before

    def _is_named(self, one: Memory, members: Sequence[Memory]) -> bool:
        """Say whether a line of *members* says what a memory names, however often that was told."""
        lines = self._lines(members)
        said = "\n".join(own_words(line.content) for line in lines)
        names = {line.author.display_name for line in lines}
        return is_theirs(one) or not lines or not names_the_unsaid(one.text, said, names)

    def _superseded(self, item: Item, members: Sequence[Memory]) -> list[Memory]:
        """Give what no longer holds because of what was told since."""
        found = [self._codes.current[code] for code in refs_of(item.get("supersedes"), self._codes.current)]
        open_ones = [one for one in found if one.memory_id not in self._taken]
        return self._giving_way.before(members, self._lines(members), open_ones, is_confirmed=is_confirmed(members))

    def _lines(self, members: Iterable[Memory]) -> list[Message]:
        sources = {source for one in members for source in one.sources}
        return [line for line in self._codes.lines.values() if line.message_id in sources]

    def _survivor(self, item: Item, members: Sequence[Memory]) -> Memory:
        """Give the memory in whose place the others go: one that says it in the new words already, else the oldest."""
        key = text_key(text_of(item.get("text"), TEXT_LETTERS))
        same = [one for one in members if text_key(one.text) == key]
        return min(same or members, key=lambda one: one.memory_id)

    def _worded(self, item: Item, survivor: Memory, rest: Sequence[Memory], memory: NewMemory) -> NewMemory:
        """Take the model's words and kind, where they may be taken."""
        if is_firm(survivor) or survivor.is_edited:
            return memory
        kind = next((one for one in PLAIN_KINDS if one == item.get("kind")), survivor.kind)
        text = text_of(item.get("text"), TEXT_LETTERS) or survivor.text
        key = (kind, text_key(text))
        if self._keys.get(key, survivor.memory_id) != survivor.memory_id:
            return memory  # another memory says so, or is to
        if text != survivor.text and not self._is_told(text, kind, (survivor, *rest)):
            return memory
        self._keys[key] = survivor.memory_id
        origin = survivor.origin if text == survivor.text else Origin.REFLECTION
        memory = replace(memory, kind=kind, text=text, origin=origin)
        return replace(memory, valid_to=_day(item.get("valid_until"), memory) or memory.valid_to)

    def _is_told(self, text: str, kind: MemoryKind, members: Sequence[Memory]) -> bool:
        """Say whether other words for *members* are theirs; without their lines at hand nobody can say so."""
        lines = self._lines(members)
        source = as_one(lines)
        if source is None or not self._gate.lets(text, kind, source):
            return False
        told = [own_words(source.content), *(one.text for one in members if self._is_named(one, members))]
        return is_worded_from(text, told, {line.author.display_name for line in lines})


def is_firm(memory: Memory) -> bool:
    """Say whether a memory is of a kind that reflection leaves as it is."""
    return memory.kind in FIRM_KINDS


def is_confirmed(members: Sequence[Memory]) -> bool:
    """Say whether something was told twice: in two lines, some time apart."""
    lines = {source for one in members for source in one.sources}
    moments = [one.said_at for one in members]
    return len(lines) > 1 and max(moments) - min(moments) >= AGAIN_AFTER


def settled_salience(raw: object, before: int, members: Sequence[Memory]) -> int:
    """Give the salience that holds: the model's, no further than a step from what it was."""
    wished = raw if isinstance(raw, int) and not isinstance(raw, bool) else before
    least = max(one.salience for one in members) if any(one.is_pinned for one in members) else SALIENCE_LEAST
    return max(least, SALIENCE_LEAST, min(SALIENCE_MOST, before + SALIENCE_STEP, max(before - SALIENCE_STEP, wished)))


def new_of(memory: Memory) -> NewMemory:
    """Give a kept memory as one that is to hold."""
    return NewMemory(
        owner_id=memory.owner_id,
        kind=memory.kind,
        text=memory.text,
        audience=memory.audience,
        sources=memory.sources,
        salience=memory.salience,
        confidence=memory.confidence,
        said_at=memory.said_at,
        origin=memory.origin,
        state=MemoryState.CURRENT,
        about_id=memory.about_id,
        tags=memory.tags,
        mood=memory.mood,
        valid_from=memory.valid_from,
        valid_to=memory.valid_to,
        due_at=memory.due_at,
        milestones=memory.milestones,
        is_pinned=memory.is_pinned,
    )


def _again(memory: Memory, others: Sequence[Memory]) -> NewMemory:
    """Give *memory* as it is after *others* said it again: with their sources, and surer for each of its own."""
    sources, doubt = set(memory.sources), 1 - max(one.confidence for one in (memory, *others))
    for one in others:
        is_told = one.confidence >= TOLD_LEAST and not sources.issuperset(one.sources)
        doubt *= AGAIN_DOUBT if is_told else 1
        sources.update(one.sources)
    return replace(
        new_of(memory),
        sources=tuple(sorted(sources)),
        confidence=max(0.0, min(1.0, 1 - doubt)),
        said_at=max(one.said_at for one in (memory, *others)),
    )


def _may_be_one(one: Memory, other: Memory) -> bool:
    is_same_matter = one.kind == other.kind and one.about_id == other.about_id
    return is_same_matter and not is_firm(one) and one.memory_id != other.memory_id


def _ids(memories: Iterable[Memory]) -> list[MemoryId]:
    return [one.memory_id for one in memories]


def _tags(item: Item, memory: Memory, heard: frozenset[str]) -> tuple[str, ...]:
    """Read tags: single words that were *heard* in this group, so that nothing can be told in them."""
    raw = item.get("tags")
    words = [one.strip().casefold() for one in raw if isinstance(one, str)] if isinstance(raw, (list, tuple)) else []
    tags = tuple(dict.fromkeys(word for word in words if TAG.fullmatch(word) and _was_heard(word, heard)))
    kept = (SENSITIVE_TAG,) if SENSITIVE_TAG in memory.tags else ()  # it goes when consent does
    return tuple(dict.fromkeys((*kept, *tags)))[:TAGS_MOST] or memory.tags


def _was_heard(tag: str, heard: frozenset[str]) -> bool:
    return all(word in heard or any(is_form_of(word, one) for one in heard) for word in words_of(tag))


def _day(raw: object, memory: NewMemory) -> datetime | None:
    """Read the date up to which something holds; it cannot be over before it was told."""
    try:
        day = datetime.fromisoformat(raw[:10]) if isinstance(raw, str) else None
    except ValueError:
        return None
    end = None if day is None else datetime.combine(day.date(), time(), UTC) + _A_DAY
    return end if end is not None and end > memory.said_at else None


def _outdated(raw: object, codes: Codes, reread: frozenset[MessageId]) -> list[MemoryId]:
    """Give memories that an edited line no longer says; only what came from such a line may go."""
    known = {**codes.candidates, **codes.current}
    named = (known[code] for code in refs_of(raw, known))
    return [one.memory_id for one in named if reread.intersection(one.sources) and not is_theirs(one)][:GONE_MOST]


def _found(raw: object, codes: Codes, reread: frozenset[MessageId], gate: Gatekeeper) -> list[Kept]:
    """Give what edited lines say now."""
    found: list[Kept] = []
    said = {(one.kind, text_key(one.text)) for one in (*codes.candidates.values(), *codes.current.values())}
    owners = [one.owner_id for one in (*codes.candidates.values(), *codes.current.values())]
    for item in items_of(raw)[:FOUND_MOST]:
        code = ref_of(item.get("message"), codes.lines)
        line = None if code is None else codes.lines[code]
        text = text_of(item.get("text"), TEXT_LETTERS)
        kind = next((one for one in PLAIN_KINDS if one == item.get("kind")), MemoryKind.FACT)
        if line is None or line.message_id not in reread or (kind, text_key(text)) in said:
            continue
        if (owners and line.author.user_id not in owners) or not gate.lets(text, kind, line):
            continue
        said.add((kind, text_key(text)))
        found.append(Kept(_told_by(line, kind, text, item.get("salience"))))
    return found


def _told_by(line: Message, kind: MemoryKind, text: str, raw_salience: object) -> NewMemory:
    wished = raw_salience if isinstance(raw_salience, int) and not isinstance(raw_salience, bool) else 4
    salience = max(SALIENCE_LEAST, min(SALIENT + 1, wished))
    is_plain = bears_out(line, text)
    return NewMemory(
        owner_id=line.author.user_id,
        kind=kind,
        text=text,
        audience=line.audience(),
        sources=(line.message_id,),
        salience=salience,
        confidence=FOUND_CONFIDENCE if is_plain else UNSURE_CONFIDENCE,
        said_at=line.sent_at,
        origin=Origin.REFLECTION,
        state=MemoryState.CURRENT if is_plain and salience >= SALIENT else MemoryState.CANDIDATE,
    )


def _corrected(raw: object, codes: Codes, decided: set[MemoryId]) -> dict[MemoryId, float]:
    """Give how sure corrections are now: a step towards what the model says, at most."""
    changed = {}
    for item in items_of(raw):
        code = ref_of(item.get("ref"), codes.current)
        percent = item.get("confidence")
        if code is None or isinstance(percent, bool) or not isinstance(percent, (int, float)) or percent != percent:
            continue
        memory = codes.current[code]
        if memory.kind is not MemoryKind.CORRECTION or is_theirs(memory) or memory.memory_id in decided:
            continue
        wished = max(0.0, min(1.0, percent / 100))
        low, high = memory.confidence - CONFIDENCE_STEP, memory.confidence + CONFIDENCE_STEP
        changed[memory.memory_id] = max(0.05, min(high, max(low, wished), 1.0))
    return changed
