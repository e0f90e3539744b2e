"""Take in what happens in a channel: messages, edits, deletes, typing.

What is hers is kept, and what she overhears where she may listen. Of other talk nothing is stored, only that it was
so, and that in memory for a minute; of people who want not to be heard, nothing at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.attention import Attention, attend
from bot.domain.card import Card
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Speaker
from bot.engine.attend import OPTED_OUT, Attend
from bot.engine.conversations import Conversations
from bot.engine.gaps import TIMELESS, Gaps, Outcome
from bot.engine.meter import UNMETERED
from bot.engine.not_heard import NotHeard
from bot.engine.passed_on import PassedOn
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
OVERHEARD_HELD_MOST = 500  # of them, lines that do not ask for her: they must not crowd out those that do
HURRIED_FROM = 3  # events in one line: from then on none waits for what is only nice to know
CONTEXT_FOR = timedelta(days=1)  # what was overheard longer ago is not kept
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
        attend: Attend,
        conversations: Conversations,
        delivery: Delivery,
        clock: Clock,
        name: str,
        meter: Meter = UNMETERED,
        gaps: Gaps | None = None,
    ) -> None:
        """Take what hearing needs; *gaps* knows what the gateway did not hand over, where there is one."""
        self._store = store
        self._attend = attend
        self._not_heard = NotHeard(delivery=delivery, clock=clock, name=name)
        self._passed_on = PassedOn(delivery=delivery, silent=attend.opted_out)
        self._conversations = conversations
        self._delivery = delivery
        self._clock = clock
        self._name = name
        self._meter = meter
        self._gaps = gaps
        self._lines: dict[ChannelId, Line] = {}
        self._held = 0
        self._held_overheard = 0
        self._is_crowded = False

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

    def _dated(self, message: Message) -> Message:
        """Give a live message the time it is heard at where its id tells none, as on some other servers."""
        now = self._clock.now()
        return replace(message, sent_at=now) if now - message.sent_at >= TIMELESS else message

    async def _take_in(self, message: Message, *, is_withheld: bool) -> bool:
        message = self._dated(message)
        asks = attend(message).is_hers
        if self._attend.leaves(message) or (is_withheld and not asks):
            return self._leave(message)
        if asks:
            return await self._take_in_line(message, is_withheld=is_withheld)
        if not self._has_room():
            if self._gaps is not None:
                self._gaps.let_go(message)
            return self._leave(message)
        self._held_overheard += 1
        try:
            return await self._take_in_line(message, is_withheld=False)
        finally:
            self._held_overheard -= 1

    async def _take_in_line(self, message: Message, *, is_withheld: bool) -> bool:
        async with self._in_line(message.channel.channel_id) as held:
            if not await self._attend.concerns(message):
                return self._leave(message)
            await self._fill_before(message.channel, held.line)
            is_hurried = held.line.length > HURRIED_FROM
            attention = await self._kept(lambda: self._attend(message, is_hurried=is_hurried), held)
            is_opted_out = OPTED_OUT in attention.reasons
            if not is_opted_out and not (is_withheld and attention.is_hers):
                return await self._keep(message, attention, held)
        # said once the line is free: Discord may let that wait
        await (self._not_heard(message) if is_opted_out else self._say_withheld(message))
        return False

    def _has_room(self) -> bool:
        """Say whether one more line between others may be held; what may not is looked for once there is room."""
        was_crowded, self._is_crowded = self._is_crowded, self._held_overheard >= OVERHEARD_HELD_MOST
        if self._is_crowded and not was_crowded:
            log.error("too much talk is held in memory; what comes is left to be looked for")
        return not self._is_crowded

    def _leave(self, message: Message) -> bool:
        """Keep nothing of a line but that it was said."""
        if message.speaker is Speaker.SELF:
            self._attend.note(message)
        elif message.channel.kind is not ChannelKind.DM:
            self._conversations.overheard(message.channel.channel_id, message.author.user_id)
        return False

    async def _keep(self, message: Message, attention: Attention, held: Held) -> bool:
        """Keep a live line as it was decided; only one that is hers wakes its channel."""
        if attention.decision is None:
            return self._leave(message)
        is_new = await self._store_line(message, attention, held)
        if not attention.is_hers:
            return self._leave(message)
        self._meter.heard(is_new=is_new)
        if is_new:
            self._wake(message, is_asked=attention.reach.is_expecting)
        return is_new

    async def _store_line(self, message: Message, attention: Attention, held: Held) -> bool:
        kept = await self._passed_on(message)
        return await self._kept(lambda: self._store.hear(kept, attention, held.since), held)

    def _wake(self, message: Message, *, is_asked: bool) -> None:
        channel = message.channel
        self._conversations.heard(channel.channel_id, message.author.user_id, channel.guild_id, is_asked=is_asked)

    async def edited(self, message: Message) -> None:
        """Take in an edit: it changes what is kept, and a turn that is not out yet."""
        with self._changing():
            async with self._in_line(message.channel.channel_id) as held:
                await self._edit(message, held.since, held)

    async def deleted(self, message_ids: Sequence[MessageId], channel_id: ChannelId) -> None:
        """Take in deletes: the text is gone from what is kept, and a turn without it starts anew."""
        with self._changing():
            async with self._in_line(channel_id) as held:
                self._attend.forget(channel_id, message_ids)
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
        last, is_asked = None, False
        known = await self._overheard_before(missed.messages, held)
        for past in missed.messages:
            attention = await self._take_past(past, held, is_known=past.message.message_id in known)
            if attention is not None:
                last, is_asked = past.message, is_asked or attention.reach.is_expecting
        if missed.gone:
            self._attend.forget(channel.channel_id, missed.gone)
            await self._withdraw(missed.gone, held.since, held)
        if last is not None:
            self._wake(last, is_asked=is_asked)
        return gaps.filled(channel, missed)

    async def _overheard_before(self, messages: Sequence[PastMessage], held: Held) -> Collection[MessageId]:
        """Name those lines between others that were heard before: deciding again would cost what it may spend."""
        asked = [one.message for one in messages if not one.is_withheld and not attend(one.message).is_hers]
        ids = [message.message_id for message in asked if await self._attend.concerns(message)]
        unknown = await self._kept(lambda: self._store.unknown(ids), held) if ids else ()
        return set(ids) - set(unknown)

    async def _take_past(self, past: PastMessage, held: Held, *, is_known: bool) -> Attention | None:
        """Take in a line as the history has it; gives what was decided of it if it is hers and was missed."""
        message, attention = past.message, None
        if message.speaker is Speaker.SELF:
            self._attend.note(message)
        if past.is_withheld or message.speaker is Speaker.SELF:
            return None
        if not is_known and await self._attend.concerns(message):
            attention = await self._kept(lambda: self._attend(message, is_hurried=True), held)
        if attention is not None and await self._keep_past(message, attention, held):
            return attention if attention.is_hers else None
        if past.was_edited:
            # what was read is as old as the question for it: an edit that came since is newer
            await self._edit(message, held.since, held)
        return None

    async def _keep_past(self, message: Message, attention: Attention, held: Held) -> bool:
        """Keep a line that was missed; False where nothing of it is, or it was known."""
        is_over = not attention.is_hers and held.since - message.sent_at >= CONTEXT_FOR
        if attention.decision is None or is_over:
            return False
        is_new = await self._store_line(message, attention, held)
        if is_new and attention.is_hers:
            self._meter.heard(is_new=True)
        return is_new

    async def _edit(self, message: Message, now: datetime, held: Held) -> None:
        if await self._attend.is_opted_out(message.author.user_id):
            return  # what they write now is not kept either
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
