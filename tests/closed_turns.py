"""Turns that are over, on a real store: what people said, what she answered, and what the answer proposed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import attend
from bot.domain.message import Message, Person
from bot.domain.turn import Intent, NewPart, PartKind, TurnClose
from bot.ports import Clock
from tests.fakes import ADA, dm_message, next_id


class Talk:
    """Turns as they are when they are over: said, answered, and with what the answer proposed."""

    def __init__(self, store: PostgresStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    async def turn(
        self,
        *contents: str,
        reply: str = "Mhm.",
        memories: Sequence[tuple[int, str, dict[str, Any]]] = (),
        promises: Sequence[dict[str, Any]] = (),
        author: Person = ADA,
        make: Callable[..., Message] = dm_message,
        recalled: Sequence[int] = (),
    ) -> list[Message]:
        """Answer lines; a memory is the index of its line, its text, and what else is proposed of it."""
        now = self.clock.now()
        lines = [make(content, author=author, sent_at=now) for content in contents]
        for line in lines:
            assert await self.store.hear(line, attend(line), now)
        claim = await self.store.claim(lines[0].channel.channel_id, now)
        part = await self.store.commit_part(claim, NewPart(0, PartKind.TEXT, reply, None), now)
        await self.store.mark_sent(part, next_id(), now)
        await self.store.finish(claim, self._close(lines, author, memories, promises, now, recalled))
        return lines

    def _close(self, lines, author, memories, promises, now, recalled):
        proposed = [
            {
                "message_id": int(lines[index].message_id),
                "owner_id": int(author.user_id),
                "kind": "fact",
                "about_id": None,
                "text": text,
                "salience": 3,
                "sensitive": False,
                **more,
            }
            for index, text, more in memories
        ]
        tail = {"memories": proposed, "promises": list(promises)}
        more = {"tail": tail, "recalled_memories": tuple(recalled)}
        return TurnClose(Intent.REPLY, "default", (), (), (), now, **more)
