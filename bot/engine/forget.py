"""Forget: what a person wants gone goes, with everything that was made of it, and her feelings follow.

The store takes away what is kept in one step. What is still in memory here follows at once: drafts that were made from
it begin anew, caches drop it. Feelings are worked out anew in the background, once for however much was forgotten.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.feeling import SoulId
from bot.domain.ids import ChannelId, MemoryId, MessageId, UserId
from bot.domain.message import ChangeKind, MessageChange
from bot.errors import StoreError
from bot.memory_ports import ForgetStore, Forgotten
from bot.ports import Clock

log = logging.getLogger(__name__)


class ForgettingStore(ForgetStore, Protocol):
    """A `ForgetStore` that also keeps what is still to be done after it."""

    async def souls_to_mend(self) -> Sequence[tuple[SoulId, datetime]]:
        """List souls whose feelings have to be worked out anew, with when something of them was forgotten last."""

    async def mended(self, soul_id: SoulId, forgotten_at: datetime) -> None:
        """Note that a soul's feelings follow from what is left after *forgotten_at*."""

    async def settle(self, now: datetime) -> Forgotten:
        """Look again at what was under way while something was forgotten, and take away what repeats it."""

    def aftermath(self) -> tuple[Sequence[ChannelId], Sequence[MessageId]]:
        """Give, once, channels where an answer is being made that may know what is forgotten, and which lines went."""


class Forget:
    """Forgets lines, memories and people. A `bot.ports.Follower` of lines that were deleted on Discord."""

    def __init__(
        self,
        *,
        store: ForgettingStore,
        mend: Callable[[SoulId], Awaitable[None]],
        clock: Clock,
        supersede: Callable[[ChannelId], None] | None = None,
        dropped: Callable[[Sequence[MessageId]], None] | None = None,
    ) -> None:
        """Take what forgetting needs.

        *mend* works a soul's feelings out anew from its events, *supersede* lets an answer that is being made in a
        channel begin anew (`Conversations.changed`), *dropped* takes lines out of what is remembered of them in memory.
        """
        self._store = store
        self._mend = mend
        self._clock = clock
        self._supersede = supersede
        self._dropped = dropped

    async def messages(self, message_ids: Sequence[MessageId]) -> Forgotten:
        """Forget lines, and all that was made of them; twice is as once.

        Raises:
            StoreError: the database failed; nothing, or all of it, is forgotten.
        """
        if not message_ids:
            return Forgotten()
        return self._told(await self._store.forget_messages(message_ids, self._clock.now()))

    async def memories(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Forgotten:
        """Forget memories of a person, with the lines they came from and all else that was made of those.

        Others' memories among *memory_ids* are left alone.

        Raises:
            StoreError: as for `messages`.
        """
        if not memory_ids:
            return Forgotten()
        return self._told(await self._store.forget_memories(owner, memory_ids, self._clock.now()))

    async def sources_of(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Sequence[MessageId]:
        """Name the lines that would go with memories of a person.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.sources_of(owner, memory_ids)

    async def erase(self, user_id: UserId) -> Forgotten:
        """Erase a person: everything that is kept of them, in every table, but that they want not to be heard.

        Raises:
            StoreError: as for `messages`.
        """
        return self._told(await self._store.erase(user_id, self._clock.now()))

    async def follow(self, changes: Sequence[MessageChange]) -> None:
        """Forget what was deleted on Discord; edits are for others."""
        await self.messages([one.message_id for one in changes if one.kind is ChangeKind.WITHDRAWN])

    async def __call__(self) -> int:
        """Do what is left to do after forgetting; gives how many souls' feelings were worked out anew.

        A soul that changes all the time is tried again next time.

        Raises:
            StoreError: the database failed; what is left is done next time.
        """
        self._told(await self._store.settle(self._clock.now()))
        done = 0
        for soul_id, forgotten_at in await self._store.souls_to_mend():
            try:
                await self._mend(soul_id)
            except StoreError as exc:
                log.warning("feelings not worked out anew yet", extra={"soul_id": soul_id, "cause": str(exc)})
                continue
            await self._store.mended(soul_id, forgotten_at)
            done += 1
        return done

    def _told(self, gone: Forgotten) -> Forgotten:
        """Let what is in memory follow what is gone from the database."""
        channels, lines = self._store.aftermath()
        if self._dropped is not None and lines:
            self._dropped(lines)
        if self._supersede is not None:
            for channel_id in channels:
                self._supersede(channel_id)
        if gone != Forgotten():
            counts = {name: getattr(gone, name) for name in ("messages", "memories", "summaries", "own_lines", "notes")}
            log.info("forgotten", extra=counts)
        return gone
