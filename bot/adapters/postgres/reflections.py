"""Reflection in PostgreSQL: claims of groups, their material, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from bot.adapters.postgres import reflection_statements as sql
from bot.adapters.postgres.fade_statements import fade
from bot.adapters.postgres.feeling_statements import TAKE_SLOT
from bot.adapters.postgres.memory_rows import memory_of, new_memories_json, new_memory_json
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import channel_of, json_text, message_of, storable
from bot.domain.ids import MemoryId, MessageId, NoteId, UserId
from bot.domain.memory import Memory, MemoryState, NoteKind, SelfNote
from bot.domain.message import Audience, AudienceKind
from bot.domain.reflection import Kept, NewNote, Reflected
from bot.domain.self_notes import TasteReason
from bot.memory_ports import ReflectionGroup

ENLIST_EVERY = timedelta(hours=1)

Row = Any  # asyncpg's records carry no types
_Fate = dict[str, object]


class PostgresReflections:
    """What waits to be thought over, and what came of it; see `bot.memory_ports.ReflectStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._run = pool.run
        self._pool = pool
        self._enlisted_at: datetime | None = None

    async def claim_group(self, now: datetime, *, companion: str) -> ReflectionGroup | None:
        """See `bot.memory_ports.ReflectStore.claim_group`."""
        claimed = await self._run(sql.CLAIM, now)
        if not claimed:
            await self._enlist(now)
            return None
        row = claimed[0]
        group = (row["owner_id"], row["audience_kind"], row["audience_id"])
        candidates = await self._memories(sql.CANDIDATES, *group)
        waiting = await self._memories(sql.WAITING, *group, _ids(candidates)) if candidates else ()
        ids = _ids((*candidates, *waiting))
        reread = list(row["reread_ids"])
        current = await self._memories(sql.CURRENT, *group, ids, reread) if ids or reread else ()
        lines = await self._run(sql.LINES, *group, ids, reread) if ids or reread else ()
        notes = await self._run(sql.NOTES, companion, *group[1:])
        read = sorted((message_of(line, channel_of(line)) for line in lines), key=lambda line: line.message_id)
        return ReflectionGroup(
            owner_id=UserId(row["owner_id"]),
            audience=Audience(AudienceKind(row["audience_kind"]), row["audience_id"]),
            name=row["name"],
            candidates=(*candidates, *waiting),
            current=tuple(current),
            lines=tuple(read),
            reread=frozenset(MessageId(one) for one in reread),
            notes=tuple(_note_of(note) for note in notes),
            keeps_sensitive=row["keeps_sensitive"],
        )

    async def reflected(self, group: ReflectionGroup, result: Reflected, now: datetime, *, companion: str) -> bool:
        """See `bot.memory_ports.ReflectStore.reflected`."""
        known = (*group.candidates, *group.current)
        notes, gone = _notes(group, result.notes)
        kept = await self._run(
            sql.REFLECTED,
            *_key(group),
            json_text([{"memory_id": one.memory_id, "state": one.state, "mark": _mark(one.text)} for one in known]),
            json_text([{"message_id": one.message_id, "mark": _mark(one.content)} for one in group.lines]),
            [one.note_id for one in group.notes],
            json_text(_fates(group, result, now)),
            new_memories_json([one.memory for one in result.kept if one.same_as is None]),
            json_text(notes),
            gone,
            json_text({str(reason): count for reason, count in (result.refused or {}).items() if count > 0}),
            now,
            companion,
            list(group.reread),
        )
        return bool(kept[0]["is_kept"])

    async def put_off(self, group: ReflectionGroup, until: datetime) -> None:
        """See `bot.memory_ports.ReflectStore.put_off`."""
        await self._run(sql.PUT_OFF, *_key(group), until)

    async def taste_reasons(self, companion: str) -> Sequence[TasteReason]:
        """See `bot.memory_ports.ReflectStore.taste_reasons`."""
        rows = await self._run(sql.TASTE_REASONS, companion)
        return [TasteReason(row["text"], row["author_id"], row["days"]) for row in rows]

    async def tastes(self, companion: str) -> Mapping[str, tuple[float, datetime]]:
        """See `bot.memory_ports.ReflectStore.tastes`."""
        rows = await self._run(sql.TASTES, companion)
        return {row["text"]: (row["confidence"], row["revised_at"]) for row in rows}

    async def settle_tastes(self, companion: str, tastes: Mapping[str, float], now: datetime) -> None:
        """See `bot.memory_ports.ReflectStore.settle_tastes`."""
        await self._run(sql.SETTLE_TASTES, companion, list(tastes), list(tastes.values()), now)

    async def take_slot(self, job: str, slot: datetime, now: datetime) -> bool:
        """See `bot.engine.slots.Ledger.take_slot`; what is old goes with the slots of other jobs."""
        return bool(await self._run(TAKE_SLOT, job, slot, now))

    async def fade(self, now: datetime, *, limit: int) -> int:
        """See `bot.memory_ports.ReflectStore.fade`."""
        return await fade(self._pool, now, limit=limit)

    async def _enlist(self, now: datetime) -> None:
        if self._enlisted_at is None or not timedelta(0) <= now - self._enlisted_at < ENLIST_EVERY:
            self._enlisted_at = now
            await self._run(sql.ENLIST, now)

    async def _memories(self, statement: str, *values: object) -> Sequence[Memory]:
        return [memory_of(row) for row in await self._run(statement, *values)]


def _key(group: ReflectionGroup) -> tuple[int, str, int]:
    return group.owner_id, group.audience.kind, group.audience.audience_id


def _ids(memories: Sequence[Memory]) -> list[MemoryId]:
    return [one.memory_id for one in memories]


def _mark(text: str) -> str:
    """Give what tells one text from another; the database works it out as well."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _note_of(row: Row) -> SelfNote:
    audience = Audience(AudienceKind(row["audience_kind"]), row["audience_id"])
    return SelfNote(
        NoteId(row["note_id"]), NoteKind(row["kind"]), row["text"], audience, row["confidence"], row["revised_at"]
    )


def _notes(group: ReflectionGroup, notes: Sequence[NewNote]) -> tuple[list[dict[str, object]], list[NoteId]]:
    """Give notes as JSON, and those that go: reasons for a taste are none for its opposite."""
    texts = {one.note_id: one.text for one in group.notes}
    gone = [
        one.replaces
        for one in notes
        if one.replaces is not None and one.kind is NoteKind.TASTE and texts.get(one.replaces) != one.text
    ]
    written: list[dict[str, object]] = [
        {
            "kind": one.kind,
            "text": storable(one.text),
            "confidence": one.confidence,
            "replaces": None if one.replaces in gone else one.replaces,
            "sources": list(one.sources),
        }
        for one in notes
    ]
    return written, gone


def _fates(group: ReflectionGroup, result: Reflected, now: datetime) -> list[_Fate]:
    """Say what becomes of each memory that was looked at; each has one fate."""
    known = {one.memory_id: one for one in (*group.candidates, *group.current)}
    fates: dict[MemoryId, _Fate] = {one.memory_id: {} for one in group.candidates}
    fates |= {one.memory_id: {} for one in group.current if group.reread.intersection(one.sources)}
    fates |= {memory_id: {"confidence": sure} for memory_id, sure in (result.confidence or {}).items()}
    fates |= {memory_id: {"state": MemoryState.ARCHIVED} for memory_id in result.dropped}
    for kept in result.kept:
        if kept.same_as is not None and kept.same_as in known:
            fates[kept.same_as] = _in_place(known[kept.same_as], kept)
            fates |= {one: _superseded(kept.same_as, now) for one in kept.supersedes}
    return [{"memory_id": memory_id} | fate for memory_id, fate in fates.items() if memory_id in known]


def _superseded(by: MemoryId, now: datetime) -> _Fate:
    return {"state": MemoryState.SUPERSEDED, "superseded_by": by, "valid_to": now.isoformat()}


def _in_place(before: Memory, kept: Kept) -> _Fate:
    """Say how a memory stands from now on; its words only if they are others."""
    fields = new_memory_json(kept.memory)
    own_words = ("kind", "text", "text_key", "language", "lookup", "origin")
    if (kept.memory.text, kept.memory.kind) == (before.text, before.kind):
        fields = {name: value for name, value in fields.items() if name not in own_words}
    told = len(set(kept.memory.sources) - set(before.sources))
    shared = ("state", "salience", "confidence", "tags", "said_at", "valid_to", "sources", *own_words)
    return {name: fields[name] for name in shared if name in fields} | {"told": told}
