"""A person's own memories in PostgreSQL: seen, changed and put away by who they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.postgres import own_memory_statements as sql
from bot.adapters.postgres.digest_statements import NEAR_ELSEWHERE
from bot.adapters.postgres.memory_rows import memory_of, milestones_json, new_memories_json
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import Row, channel_of, message_of, storable
from bot.domain.ids import MemoryId, MessageId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone, NewMemory, Refusal
from bot.domain.memory_text import text_key
from bot.domain.message import Message, Person
from bot.domain.searchable import searchable
from bot.memory_ports import MemoryHealth, Page


class PostgresOwnMemories:
    """Implements `bot.memory_ports.OwnMemoryStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def page(
        self,
        owner: UserId,
        *,
        kinds: Sequence[MemoryKind] = (),
        states: Sequence[MemoryState] = (MemoryState.CURRENT,),
        offset: int = 0,
        limit: int = 10,
    ) -> Page:
        """See `bot.memory_ports.OwnMemoryStore.page`."""
        found = await self._pool.run(sql.PAGE, owner, list(states), list(kinds), offset, limit)
        memories = tuple(memory_of(row) for row in found if row["memory_id"] is not None)
        return Page(memories, found[0]["total"])

    async def after(self, owner: UserId, memory_id: MemoryId, *, limit: int) -> Sequence[Memory]:
        """See `bot.memory_ports.OwnMemoryStore.after`."""
        return [memory_of(row) for row in await self._pool.run(sql.AFTER, owner, memory_id, limit)]

    async def get(self, owner: UserId, memory_id: MemoryId) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.get`."""
        found = await self._pool.run(sql.GET, owner, memory_id)
        return memory_of(found[0]) if found else None

    async def replaced_by(self, owner: UserId, memory_id: MemoryId, *, limit: int) -> Sequence[Memory]:
        """See `bot.memory_ports.OwnMemoryStore.replaced_by`."""
        return [memory_of(row) for row in await self._pool.run(sql.REPLACED_BY, owner, memory_id, limit)]

    async def suggest(
        self,
        owner: UserId,
        typed: str,
        *,
        limit: int,
        kinds: Sequence[MemoryKind] = (),
        states: Sequence[MemoryState] = (),
    ) -> Sequence[Memory]:
        """See `bot.memory_ports.OwnMemoryStore.suggest`."""
        key = text_key(storable(typed))
        found = await self._pool.run(sql.SUGGEST, owner, key, limit, list(kinds), list(states))
        return [memory_of(row) for row in found]

    async def add(self, memory: NewMemory, owner: Person, now: datetime) -> Memory:
        """See `bot.memory_ports.OwnMemoryStore.add`."""
        kept = await self._pool.run(
            sql.ADD, owner.user_id, storable(owner.display_name), now, new_memories_json([memory])
        )
        made = await self._changed(owner.user_id, kept)
        assert made is not None  # it was kept a moment ago
        return made

    async def edit(self, owner: UserId, memory_id: MemoryId, text: str, now: datetime) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.edit`."""
        words = storable(text)
        looked_up = searchable(words)
        key = text_key(words)
        changed = await self._pool.run(sql.EDIT, owner, memory_id, words, key, looked_up.language, looked_up.text, now)
        return await self._changed(owner, changed)

    async def pin(self, owner: UserId, memory_id: MemoryId, *, is_pinned: bool) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.pin`."""
        return await self._changed(owner, await self._pool.run(sql.PIN, owner, memory_id, is_pinned))

    async def restore(self, owner: UserId, memory_id: MemoryId, now: datetime) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.restore`."""
        return await self._changed(owner, await self._pool.run(sql.RESTORE, owner, memory_id, now))

    async def archive(self, owner: UserId, memory_id: MemoryId) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.archive`."""
        return await self._changed(owner, await self._pool.run(sql.ARCHIVE, owner, memory_id))

    async def near(self, owner: UserId, text: str, *, most: int) -> Sequence[Memory]:
        """See `bot.memory_ports.OwnMemoryStore.near`."""
        plain = storable(text)
        asked = searchable(plain)
        nowhere = ("", 0)  # so everywhere is elsewhere
        found = await self._pool.run(NEAR_ELSEWHERE, owner, *nowhere, asked.language, asked.text, most, text_key(plain))
        return [memory_of(row) for row in found]

    async def supersede(
        self, owner: UserId, memory_id: MemoryId, by: NewMemory, now: datetime, *, also: Sequence[MemoryId] = ()
    ) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.supersede`."""
        if await self.get(owner, memory_id) is None:
            return None
        made = await self._pool.run(sql.SUPERSEDE, owner, [memory_id, *also], now, new_memories_json([by]))
        return await self._changed(owner, made)

    async def set_goal(
        self, owner: UserId, memory_id: MemoryId, milestones: Sequence[Milestone], done_at: datetime | None
    ) -> Memory | None:
        """See `bot.memory_ports.OwnMemoryStore.set_goal`."""
        steps = milestones_json(milestones)
        return await self._changed(owner, await self._pool.run(sql.SET_GOAL, owner, memory_id, steps, done_at))

    async def health(self, owner: UserId) -> MemoryHealth:
        """See `bot.memory_ports.OwnMemoryStore.health`."""
        counted = await self._pool.run(sql.HEALTH, owner)
        (since,) = await self._pool.run(sql.OLDEST, owner)

        def of(what: str) -> dict[str, int]:
            return {row["name"]: row["amount"] for row in counted if row["what"] == what}

        return MemoryHealth(
            by_kind={MemoryKind(name): amount for name, amount in of("kind").items()},
            by_state={MemoryState(name): amount for name, amount in of("state").items()},
            lines=of("line")[""],
            embedded=sum(row["amount"] for row in counted if row["what"] == "vector"),
            refused={Refusal(name): amount for name, amount in of("refused").items()},
            oldest_at=since["oldest_at"],
            keeps_sensitive=since["sensitive_since"] is not None,
        )

    async def allow_sensitive(self, owner: Person, now: datetime, *, is_allowed: bool) -> None:
        """See `bot.memory_ports.OwnMemoryStore.allow_sensitive`."""
        await self._pool.run(sql.ALLOW_SENSITIVE, owner.user_id, storable(owner.display_name), now, is_allowed)

    async def keeps_sensitive(self, owner: UserId) -> bool:
        """See `bot.memory_ports.OwnMemoryStore.keeps_sensitive`."""
        found = await self._pool.run(sql.KEEPS_SENSITIVE, owner)
        return bool(found) and found[0]["sensitive_since"] is not None

    async def own_line(self, owner: UserId, message_id: MessageId) -> Message | None:
        """See `bot.memory_ports.OwnMemoryStore.own_line`."""
        found = await self._pool.run(sql.OWN_LINE, owner, message_id)
        return message_of(found[0], channel_of(found[0])) if found else None

    async def lines(self, owner: UserId, message_ids: Sequence[MessageId]) -> Sequence[Message]:
        """See `bot.memory_ports.OwnMemoryStore.lines`."""
        found = await self._pool.run(sql.LINES, owner, list(message_ids))
        return [message_of(row, channel_of(row)) for row in found]

    async def count_refusal(self, owner: Person, refusal: Refusal, now: datetime) -> None:
        """See `bot.memory_ports.OwnMemoryStore.count_refusal`."""
        await self._pool.run(sql.COUNT_REFUSAL, owner.user_id, storable(owner.display_name), now, refusal)

    async def _changed(self, owner: UserId, rows: Sequence[Row]) -> Memory | None:
        """Read what a statement changed: it does not see its own changes."""
        return await self.get(owner, MemoryId(rows[0]["memory_id"])) if rows else None
