"""Forget what was said in places that are no more: a deleted channel, thread or server is full of deleted messages.

What tells of it, an event or a channel that its server no longer lists, is only a reason to ask. Discord has to say
twice, minutes apart, that there is no such channel: an outage can look like a deletion for a moment, and who took her
off a server, or out of a channel, deleted nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import ChannelKind
from bot.errors import CompanionError, DeliveryError, StoreError
from bot.history_ports import ClosedStore, History
from bot.ports import Clock

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=15)
ASKED_AGAIN_AFTER = timedelta(minutes=10)  # chosen by ear: longer than most trouble of Discord's
STORE_AGAIN_AFTER = timedelta(minutes=1)
ASK_WITHIN = timedelta(seconds=10)
LINES_AT_ONCE = 100  # forgotten in one step


@dataclass(slots=True)
class Suspicion:
    """A channel that may be no more; *is_said* once Discord has said so, *server* if all of that server may be gone."""

    channel_id: ChannelId
    ask_at: datetime
    server: GuildId | None = None
    is_said: bool = False


class ClosedPlaces:
    """Asks after places that seem to be gone, and forgets what was said there."""

    def __init__(
        self,
        *,
        history: History,
        store: ClosedStore,
        forget: Callable[[Sequence[MessageId]], Awaitable[object]],
        clock: Clock,
    ) -> None:
        """Take whom to ask, what is kept, and how lines are forgotten (`bot.engine.forget.Forget.messages`)."""
        self._history = history
        self._store = store
        self._forget = forget
        self._clock = clock
        self._suspected: dict[ChannelId, Suspicion] = {}

    def closed(self, channel_id: ChannelId, *, server: GuildId | None = None) -> None:
        """Note that a channel or thread is said to be deleted, or with *server* that all of that server is."""
        self._suspected.setdefault(channel_id, Suspicion(channel_id, self._clock.now(), server))

    async def server_gone(self, guild_id: GuildId) -> None:
        """Note that she is no longer on a server: it was deleted, or she was sent away.

        Raises:
            StoreError: the database failed; the next session looks again.
        """
        for channel in await self._store.places(guild_id):
            self.closed(channel.channel_id, server=guild_id)

    async def server_here(self, guild_id: GuildId) -> None:
        """Compare what is kept of a server with the channels it lists: one may have gone while nobody listened.

        Threads are listed only while they are open: they go with their channel.

        Raises:
            StoreError: as for `server_gone`.
        """
        listed = self._history.listed(guild_id)
        for channel in await self._store.places(guild_id) if listed else ():
            home = channel.parent_id if channel.kind is ChannelKind.THREAD else channel.channel_id
            if home is not None and home not in listed and channel.channel_id not in listed:
                self.closed(channel.channel_id)

    async def run(self) -> None:
        """Ask when it is time, for ever."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Ask after every place whose time has come; trouble puts it off."""
        for one in list(self._suspected.values()):
            if one.ask_at > self._clock.now() or one.channel_id not in self._suspected:
                continue
            try:
                await self._ask(one)
            except DeliveryError as exc:
                one.ask_at = self._clock.now() + ASKED_AGAIN_AFTER
                log.info("not known whether a channel is gone", extra={"code": exc.code})
            except CompanionError as exc:
                one.ask_at = self._clock.now() + STORE_AGAIN_AFTER
                log.error("a deleted channel is not forgotten yet", extra={"cause": str(exc)})

    async def _ask(self, one: Suspicion) -> None:
        if not await self._history.is_closed(one.channel_id, within=ASK_WITHIN):
            self._spare(one)
        elif not one.is_said:
            one.is_said, one.ask_at = True, self._clock.now() + ASKED_AGAIN_AFTER
        else:
            count = await self._forget_all(one.channel_id)
            self._suspected.pop(one.channel_id, None)
            log.info("a deleted channel is forgotten", extra={"channel_id": one.channel_id, "count": count})

    def _spare(self, one: Suspicion) -> None:
        """Leave a place that is there, or that she may not see: then she was sent away, and the server is there."""
        for other in list(self._suspected.values()):
            if other is one or (one.server is not None and other.server == one.server):
                del self._suspected[other.channel_id]

    async def _forget_all(self, channel_id: ChannelId) -> int:
        """Forget every line of a channel, the newest first: what repeats them is found last by the oldest."""
        count, before = 0, None
        while lines := await self._store.lines_in(channel_id, LINES_AT_ONCE):
            if lines == before:
                raise StoreError("lines that were forgotten are still there")
            await self._forget(lines)
            count, before = count + len(lines), lines
        return count
