"""Take in what happens in a channel: messages, edits, deletes, typing.

Only what is hers is kept. Of talk between others nothing is stored, only that it was so, and that in
memory for a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
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
from bot.history_ports import PastMessage
from bot.operator_ports import Meter
from bot.ports import Clock, Delivery, Store

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=0.5)
LONGEST_WAIT = timedelta(seconds=15)
PATIENCE = timedelta(minutes=10)  # how long an event is held in memory while the database is away
HELD_MOST = 10_000  # events in memory at once; some 20 MB
HELD_AGAIN = 9_000  # what is left when there were too many
FILL_MOST = timedelta(seconds=60)  # how long a live message waits while what was missed comes in piece by piece

DRAIN_LOOK = timedelta(milliseconds=50)

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Line:
    """The events of one channel that wait to be kept; *pause* is the wait before the database is asked again."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0
    pause: asyncio.Task[None] | None = None
    is_given_up: bool = False

    def give_up(self) -> None:
        """Let all events in it go."""
        self.is_given_up = True
        if self.pause is not None:
            self.pause.cancel()


@dataclass(frozen=True, slots=True)
class Held:
    """An event whose turn in its line it is, and since when it is held."""

    line: Line
    since: datetime


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
        self._held = 0

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
        async with self._in_line(channel.channel_id) as held:
            return await self._fill(channel, held.line)

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
        async with self._in_line(channel_id) as held:
            await self._fill_before(message.channel, held.line)
            is_new = await self._kept(lambda: self._store.hear(message, attention, now), held)
            self._meter.heard(is_new=is_new)
            if is_new:
                self._conversations.heard(channel_id, message.author.user_id, message.channel.guild_id)
        return is_new

    async def edited(self, message: Message) -> None:
        """Take in an edit: it changes what is kept, and a turn that is not out yet."""
        with self._changing():
            async with self._in_line(message.channel.channel_id) as held:
                await self._edit(message, held.since, held)

    async def deleted(self, message_ids: Sequence[MessageId], channel_id: ChannelId) -> None:
        """Take in deletes: the text is gone from what is kept, and a turn without it starts anew."""
        with self._changing():
            async with self._in_line(channel_id) as held:
                await self._withdraw(message_ids, held.since, held)

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

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """See that a change which the database never took is looked for."""
        now = self._clock.now()
        try:
            yield
        except StoreError:
            if self._gaps is not None:
                self._gaps.lose(now)
            raise

    @asynccontextmanager
    async def _in_line(self, channel_id: ChannelId) -> AsyncIterator[Held]:
        """Take a channel's events one after the other, in the order they came.

        The gateway's client starts a task for each: without a line an edit could overtake its message,
        and after an outage the newest message would be kept first.
        """
        since = self._clock.now()
        if self._held >= HELD_MOST:
            self._give_up_oldest()
        line = self._lines.setdefault(channel_id, Line())
        line.length += 1
        self._held += 1
        try:
            async with line.lock:
                yield Held(line, since)
        finally:
            line.length -= 1
            self._held -= not line.is_given_up
            if line.length == 0 and self._lines.get(channel_id) is line:
                del self._lines[channel_id]

    def _give_up_oldest(self) -> None:
        """Let the events of the lines go that wait longest: the look at what the database did not take finds them."""
        before = self._held
        while self._lines and self._held > HELD_AGAIN:
            line = self._lines.pop(next(iter(self._lines)))
            line.give_up()
            self._held -= line.length
        log.error("too much is held in memory; left to be looked for", extra={"count": before - self._held})

    async def _fill_before(self, channel: Channel, line: Line) -> None:
        """Keep what came before a live message before it, for as long as that goes on."""
        until = self._clock.now() + FILL_MOST
        while self._gaps is not None and self._gaps.holds(channel) and self._clock.now() < until:
            if await self._fill(channel, line) is not Outcome.PART:
                return

    async def _fill(self, channel: Channel, line: Line) -> Outcome:
        """Do `fill` in a line that is taken; the channel is woken once, so that what was missed is one turn."""
        assert self._gaps is not None
        gaps = self._gaps
        held = Held(line, self._clock.now())
        missed = await self._kept(lambda: gaps.find(channel), held)
        if missed is None:
            return Outcome.NOT_NOW
        last = None
        for past in missed.messages:
            if await self._keep_past(past, held):
                last = past.message
        if missed.gone:
            await self._withdraw(missed.gone, held.since, held)
        if last is not None:
            self._conversations.heard(channel.channel_id, last.author.user_id, channel.guild_id)
        return gaps.filled(channel, missed)

    async def _keep_past(self, past: PastMessage, held: Held) -> bool:
        # what was read is as old as the question for it: an edit that came since is newer
        message, attention, now = past.message, attend(past.message), held.since
        if past.is_withheld:
            return False
        if attention.is_hers and await self._kept(lambda: self._store.hear(message, attention, now), held):
            self._meter.heard(is_new=True)
            return True
        if past.was_edited:
            await self._edit(message, now, held)
        return False

    async def _edit(self, message: Message, now: datetime, held: Held) -> None:
        touched = await self._kept(lambda: self._store.edit(message.message_id, message.content, now), held)
        if touched is not None:
            self._conversations.changed(touched)

    async def _withdraw(self, message_ids: Sequence[MessageId], now: datetime, held: Held) -> None:
        for touched in await self._kept(lambda: self._store.withdraw(message_ids, now), held):
            self._conversations.changed(touched)

    async def _kept(self, step: Callable[[], Awaitable[T]], held: Held) -> T:
        """Do *step* again until the database takes it: what was heard must not be lost."""
        wait, until = FIRST_WAIT, held.since + PATIENCE
        while True:
            if held.line.is_given_up:
                raise StoreError("too much is held in memory")
            try:
                return await step()
            except StoreError as exc:
                if self._clock.now() >= until:
                    raise
                log.error("the database does not answer; held in memory", extra={"cause": str(exc)})
            await self._pause(held.line, min(wait, until - self._clock.now()))
            wait = min(wait * 2, LONGEST_WAIT)

    async def _pause(self, line: Line, wait: timedelta) -> None:
        """Wait before the database is asked again, unless the line is given up meanwhile."""
        line.pause = asyncio.ensure_future(self._clock.sleep(wait))
        try:
            await asyncio.wait({line.pause})
        finally:
            line.pause.cancel()
            line.pause = None

    async def _say_withheld(self, message: Message) -> None:
        try:
            await self._delivery.say(
                message.channel.channel_id, Card("withheld", {"name": self._name}), message.message_id
            )
        except DeliveryError as exc:
            log.info("app line not sent", extra={"code": exc.code})
