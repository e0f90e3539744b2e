"""Takes turns into memory on Postgres."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bot.adapters.postgres import digest_statements as sql
from bot.adapters.postgres.line_index import line_rows
from bot.adapters.postgres.memory_rows import Row, memory_of, new_memories_json
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import channel_of, json_text, message_of, storable
from bot.digest_ports import ClosedTurn, Merge
from bot.domain.ids import MemoryId, MessageId, TurnId, UserId
from bot.domain.memory import Memory, NewMemory, Refusal
from bot.domain.memory_text import text_key
from bot.domain.message import Audience, AudienceKind, Message, Person
from bot.domain.searchable import searchable
from bot.domain.secrets_said import holds_secret
from bot.domain.sensitive import names_sensitive
from bot.memory_ports import IndexedLine


class PostgresDigest:
    """Implements `bot.digest_ports.DigestStore`."""

    def __init__(self, pool: StatementPool, own: Person) -> None:
        self._pool = pool
        self._own = own

    async def undigested(self, now: datetime, *, limit: int, without: Sequence[TurnId] = ()) -> Sequence[ClosedTurn]:
        """See `bot.digest_ports.DigestStore.undigested`."""
        turns = await self._pool.run(sql.UNDIGESTED, limit, list(without))
        if not turns:
            return ()
        lines: dict[int, list[IndexedLine]] = defaultdict(list)
        consenting: dict[int, set[UserId]] = defaultdict(set)
        for row in await self._pool.run(sql.LINES_OF_TURNS, [turn["turn_id"] for turn in turns]):
            lines[row["turn_id"]].append(_line_of(row))
            if row["consents"]:
                consenting[row["turn_id"]].add(UserId(row["owner_id"]))
        return tuple(_turn_of(row, lines[row["turn_id"]], consenting[row["turn_id"]], now) for row in turns)

    async def near(self, candidate: NewMemory, *, most: int) -> Sequence[Memory]:
        """See `bot.digest_ports.DigestStore.near`."""
        return await self._near(sql.NEAR, candidate, most)

    async def near_elsewhere(self, candidate: NewMemory, *, most: int) -> Sequence[Memory]:
        """See `bot.digest_ports.DigestStore.near_elsewhere`."""
        return await self._near(sql.NEAR_ELSEWHERE, candidate, most)

    async def _near(self, statement: str, candidate: NewMemory, most: int) -> Sequence[Memory]:
        text = storable(candidate.text)
        asked = searchable(text)
        audience = candidate.audience
        values = (candidate.owner_id, audience.kind, audience.audience_id, asked.language, asked.text)
        rows = await self._pool.run(statement, *values, most, text_key(text))
        return tuple(memory_of(row) for row in rows)

    async def digest(
        self, turn: ClosedTurn, merges: Sequence[Merge], refused: Mapping[tuple[UserId, Refusal], int], now: datetime
    ) -> bool:
        """See `bot.digest_ports.DigestStore.digest`."""
        sources = {source for merge in merges for source in merge.memory.sources}
        rows = await self._pool.run(
            sql.DIGEST,
            turn.turn_id,
            now,
            json_text(self._rows(turn.lines, turn.consenting)),
            new_memories_json([merge.memory for merge in merges if merge.same_as is None]),
            json_text([change for merge in merges for change in _changes(merge)]),
            json_text(_refusals(refused)),
            sorted(sources.union(line.message.message_id for line in turn.lines)),
        )
        return bool(rows)

    async def digest_plain(self, turns: Sequence[ClosedTurn], now: datetime) -> int:
        """See `bot.digest_ports.DigestStore.digest_plain`."""
        ids = [line.message.message_id for turn in turns for line in turn.lines]
        indexed = [row for turn in turns for row in self._rows(turn.lines, turn.consenting)]
        taken = await self._pool.run(sql.DIGEST_PLAIN, [turn.turn_id for turn in turns], now, json_text(indexed), ids)
        return len(taken)

    async def resting_on(self, message_ids: Sequence[MessageId]) -> Sequence[tuple[Memory, Sequence[Message]]]:
        """See `bot.digest_ports.DigestStore.resting_on`."""
        found = [memory_of(row) for row in await self._pool.run(sql.RESTING_ON, list(message_ids))]
        if not found:
            return ()
        sources = sorted({source for memory in found for source in memory.sources})
        rows = await self._pool.run(sql.SOURCES, sources)
        lines = {row["message_id"]: message_of(row, channel_of(row)) for row in rows}
        return tuple((memory, tuple(lines[one] for one in memory.sources if one in lines)) for memory in found)

    async def reindex(
        self, message_ids: Sequence[MessageId], now: datetime, *, doubtful: Sequence[MemoryId] = ()
    ) -> None:
        """See `bot.digest_ports.DigestStore.reindex`."""
        rows = await self._pool.run(sql.LINES, list(message_ids))
        found, consenting = [_line_of(row) for row in rows], {row["owner_id"] for row in rows if row["consents"]}
        unspoken = [line.message.message_id for line in found if not _may_come_up(line, consenting)]
        await self._pool.run(sql.REINDEX, json_text(self._rows(found, consenting)))
        await self._pool.run(sql.UNINDEX, unspoken)
        await self._pool.run(sql.EDITED, list(message_ids), now, list(doubtful))

    def _rows(self, lines: Sequence[IndexedLine], consenting: Collection[int]) -> list[dict[str, object]]:
        """Give lines as they are indexed; what may not come up stays in the talk and is never recalled."""
        names = {line.message.author.display_name for line in lines} | {self._own.display_name}
        kept = [line for line in lines if _may_come_up(line, consenting)]
        return line_rows(kept, sorted(names))


def _may_come_up(line: IndexedLine, consenting: Collection[int]) -> bool:
    """Say whether a line may be recalled: no secret, and of health or sexuality only what its owner lets her keep."""
    said = line.message.content
    return not holds_secret(said) and (line.owner_id in consenting or not names_sensitive(said))


def _line_of(row: Row) -> IndexedLine:
    message = message_of(row, channel_of(row))
    audience = Audience(AudienceKind(row["audience_kind"]), row["audience_id"])
    return IndexedLine(message, UserId(row["owner_id"]), audience, row["edited_at"])


def _turn_of(row: Row, lines: Iterable[IndexedLine], consenting: Iterable[UserId], now: datetime) -> ClosedTurn:
    tail = json.loads(row["tail"])
    mood = row["mood"]
    return ClosedTurn(
        turn_id=TurnId(row["turn_id"]),
        lines=tuple(lines),
        proposals=tail if isinstance(tail, dict) else {},
        shown=tuple(row["shown"]),
        used=tuple(MemoryId(one) for one in row["used"]),
        mood=None if mood is None else (mood[0], mood[1], mood[2]),
        closed_at=row["closed_at"] or now,
        consenting=frozenset(consenting),
        own_lines=tuple(row["own_lines"]),
    )


def _changes(merge: Merge) -> Iterable[dict[str, object]]:
    """Give what a merge does to memories that are there, as flat rows."""
    memory = merge.memory
    key = {
        "owner_id": memory.owner_id,
        "audience_kind": memory.audience.kind,
        "audience_id": memory.audience.audience_id,
        "kind": memory.kind,
        "text_key": text_key(storable(memory.text)),
        "said_at": memory.said_at.isoformat(),
    }
    if merge.same_as is not None:
        yield key | {
            "what": "again",
            "memory_id": merge.same_as,
            "confidence": memory.confidence,
            "salience": memory.salience,
            "state": memory.state,
            "due_at": None if memory.due_at is None else memory.due_at.isoformat(),
            "sources": list(memory.sources),
        }
    for old in merge.supersedes:
        yield key | {"what": "replaced", "memory_id": old, "by_id": merge.same_as}
    if merge.asks:
        yield key | {"what": "asks", "memory_id": merge.same_as}
    for one in merge.doubts:
        yield {"what": "doubted", "memory_id": one}


def _refusals(refused: Mapping[tuple[UserId, Refusal], int]) -> list[dict[str, object]]:
    return [{"owner_id": owner, "reason": reason, "count": count} for (owner, reason), count in refused.items()]
