"""Take in what happens in a channel: messages, edits, deletes, typing.

Only what is hers is kept. Of talk between others nothing is stored, only that it was so, and that in
memory for a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.attention import attend
from bot.domain.card import Card
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Speaker
from bot.engine.conversations import Conversations
from bot.engine.gaps import Gaps, Outcome
from bot.engine.meter import UNMETERED
from bot.errors import DeliveryError, StoreError
from bot.operator_ports import Meter
from bot.ports import Clock, Delivery, PastMessage, Store

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=0.5)
LONGEST_WAIT = timedelta(seconds=15)
PATIENCE = timedelta(minutes=10)  # how long a message is held in memory while the database is away

DRAIN_LOOK = timedelta(milliseconds=50)

T = TypeVar("T")


@dataclass(slots=True)
class Line:
    """The events of one channel that wait to be kept."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class Hear:
    """Takes in events and wakes the conversations they belong to."""

    def __init__(
        self,
        *,
        store: Store,
        conversations: Conversations,
        delivery: Delivery,
        clock: Clock,
        name: str,
        meter: Meter = UNMETERED,
        gaps: Gaps | None = None,
    ) -> None:
        """Take what hearing needs; *gaps* knows what the gateway did not hand over, where there is one."""
        self._store = store
        self._conversations = conversations
        self._delivery = delivery
        self._clock = clock
        self._name = name
        self._meter = meter
        self._gaps = gaps
        self._lines: dict[ChannelId, Line] = {}

    async def __call__(self, message: Message, *, is_withheld: bool = False) -> bool:
        """Keep a message that is hers to answer, and wake its channel; False if it is not or was known.

        *is_withheld* says that Discord kept the text back: the message-content intent is off and the
        reply did not ping her. Then the app's voice says so, once per message.
        """
        if self._gaps is None:
            return await self._take_in(message, is_withheld=is_withheld)
        with self._gaps.taking_in(message):
            return await self._take_in(message, is_withheld=is_withheld)

    async def fill(self, channel: Channel) -> Outcome:
        """Keep what was missed in a channel, if something may have been, and wake it."""
        async with self._in_line(channel.channel_id):
            return await self._fill(channel)

    async def _take_in(self, message: Message, *, is_withheld: bool) -> bool:
        attention = attend(message)
        channel_id = message.channel.channel_id
        if not attention.is_hers:
            if message.speaker is not Speaker.SELF and message.channel.kind is not ChannelKind.DM:
                self._conversations.overheard(channel_id, message.author.user_id)
            return False
        if is_withheld:
            await self._say_withheld(message)
            return False
        now = self._clock.now()
        async with self._in_line(channel_id):
            if self._gaps is not None and self._gaps.holds(message.channel):
                await self._fill(message.channel)  # what came before it is kept before it
            is_new = await self._kept(lambda: self._store.hear(message, attention, now))
            self._meter.heard(is_new=is_new)
            if is_new:
                self._conversations.heard(channel_id, message.author.user_id, message.channel.guild_id)
        return is_new

    async def edited(self, message: Message) -> None:
        """Take in an edit: it changes what is kept, and a turn that is not out yet."""
        now = self._clock.now()
        async with self._in_line(message.channel.channel_id):
            await self._edit(message, now)

    async def deleted(self, message_ids: Sequence[MessageId], channel_id: ChannelId) -> None:
        """Take in deletes: the text is gone from what is kept, and a turn without it starts anew."""
        now = self._clock.now()
        async with self._in_line(channel_id):
            await self._withdraw(message_ids, now)

    async def typing(self, channel_id: ChannelId, user_id: UserId) -> None:
        """Take in that somebody types; where another process answers, it is told."""
        until = self._conversations.typing(channel_id, user_id)
        if until is None or self._conversations.is_working:
            return
        try:
            await self._store.note_typing(channel_id, until)
        except StoreError as exc:
            log.info("typing not passed on", extra={"cause": str(exc)})

    async def drain(self, grace: timedelta) -> None:
        """Let what was heard reach the database for *grace*; say how much did not."""
        until = self._clock.now() + grace
        while self._lines and self._clock.now() < until:
            await self._clock.sleep(DRAIN_LOOK)
        left = sum(line.length for line in self._lines.values())
        if left:
            log.error("stopping with events that the database never took", extra={"count": left})

    @asynccontextmanager
    async def _in_line(self, channel_id: ChannelId) -> AsyncIterator[None]:
        """Take a channel's events one after the other, in the order they came.

        The gateway's client starts a task for each: without a line an edit could overtake its message,
        and after an outage the newest message would be kept first.
        """
        line = self._lines.setdefault(channel_id, Line())
        line.length += 1
        try:
            async with line.lock:
                yield
        finally:
            line.length -= 1
            if line.length == 0:
                self._lines.pop(channel_id, None)

    async def _fill(self, channel: Channel) -> Outcome:
        """Do `fill` in a line that is taken; the channel is woken once, so that what was missed is one turn."""
        assert self._gaps is not None
        missed = await self._gaps.find(channel)
        if missed is None:
            return Outcome.NOT_NOW
        now = self._clock.now()
        last = None
        for past in missed.messages:
            if await self._keep_past(past, now):
                last = past.message
        if missed.gone:
            await self._withdraw(missed.gone, now)
        if last is not None:
            self._conversations.heard(channel.channel_id, last.author.user_id, channel.guild_id)
        return self._gaps.filled(channel, missed)

    async def _keep_past(self, past: PastMessage, now: datetime) -> bool:
        message, attention = past.message, attend(past.message)
        if past.is_withheld:
            return False
        if attention.is_hers and await self._kept(lambda: self._store.hear(message, attention, now)):
            self._meter.heard(is_new=True)
            return True
        if past.was_edited:
            await self._edit(message, now)
        return False

    async def _edit(self, message: Message, now: datetime) -> None:
        touched = await self._kept(lambda: self._store.edit(message.message_id, message.content, now))
        if touched is not None:
            self._conversations.changed(touched)

    async def _withdraw(self, message_ids: Sequence[MessageId], now: datetime) -> None:
        for touched in await self._kept(lambda: self._store.withdraw(message_ids, now)):
            self._conversations.changed(touched)

    async def _kept(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do *step* again until the database takes it: what was heard must not be lost."""
        wait, gone = FIRST_WAIT, timedelta(0)
        while True:
            try:
                return await step()
            except StoreError as exc:
                if gone >= PATIENCE:
                    raise
                log.error("the database does not answer; held in memory", extra={"cause": str(exc)})
            await self._clock.sleep(wait)
            gone += wait
            wait = min(wait * 2, LONGEST_WAIT)

    async def _say_withheld(self, message: Message) -> None:
        try:
            await self._delivery.say(
                message.channel.channel_id, Card("withheld", {"name": self._name}), message.message_id
            )
        except DeliveryError as exc:
            log.info("app line not sent", extra={"code": exc.code})
