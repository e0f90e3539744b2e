"""What the gateway did not hand over: since when, in which channels, and what it was.

A new session (READY) tells nothing of what happened since the last one. Until a channel was looked at, a gap is open
there: what comes in live waits behind what was missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel, Message, Speaker
from bot.domain.shards import TIMESTAMP_BITS, WHOLE, Shards
from bot.domain.snowflake import first_at, made_at
from bot.errors import DeliveryError, StoreError
from bot.history_ports import History, Marks, PastMessage, Stretch
from bot.ports import Clock

log = logging.getLogger(__name__)

# Messages may come in another order than their ids', and the last ones may not have been kept: asking again for what
# is known already changes nothing, so that a minute is cheap. Chosen by ear.
MARGIN = timedelta(seconds=60)
# Ids that lag that far behind the time they are heard at do not tell time, as those of some other servers do not.
TIMELESS = timedelta(days=30)
HOLD = timedelta(seconds=15)  # how long one look may take: a live message waits that long for what was missed before it
LOOK_MOST = 500  # messages read at once: five requests
LOOK_LEAST = 100  # and where a look took too long before: one request
MISSED_MOST = 5_000  # messages of one channel in one gap
WAITING_MOST = 100  # waiting messages of one channel that are looked at for edits and deletes: one request
KNOWN_MOST = 40  # lines of people that a prompt may yet show: one request where some are older than the gap
GONE_MOST = 10  # of messages that are missed in a history, how many are asked for one by one


class Outcome(Enum):
    """What a look at a channel came to."""

    WHOLE = "nothing is missed any more"
    PART = "there is more"
    NOT_NOW = "it could not be read"


@dataclass(slots=True)
class Gap:
    """The time between two sessions of a shard, and the channels that were looked at since.

    Of a server that was surveyed only the channels in *open* can have something new.
    """

    after: MessageId
    expires_at: datetime
    surveyed: set[GuildId] = field(default_factory=set)
    open: set[ChannelId] = field(default_factory=set)
    closed: set[ChannelId] = field(default_factory=set)
    tried: set[ChannelId] = field(default_factory=set)
    reached: dict[ChannelId, MessageId] = field(default_factory=dict)
    read: dict[ChannelId, int] = field(default_factory=dict)
    is_over: bool = False

    def lacks(self, channel: Channel) -> bool:
        """Say whether something may have been missed in a channel."""
        if channel.channel_id in self.closed:
            return False
        if channel.guild_id is None or channel.guild_id not in self.surveyed:
            return True
        return channel.channel_id in self.open

    def close(self, channel_id: ChannelId) -> None:
        """Note that nothing is missed in a channel any more."""
        self.closed.add(channel_id)
        self.open.discard(channel_id)
        for notes in (self.reached, self.read):
            notes.pop(channel_id, None)
        self.tried.discard(channel_id)


@dataclass(slots=True)
class Hearing:
    """How far one shard was heard; *in_hand* are messages not kept yet, *lost* the first that never will be."""

    newest: MessageId | None = None
    in_hand: dict[object, MessageId] = field(default_factory=dict)
    lost: set[MessageId] = field(default_factory=set)
    gap: Gap | None = None

    def lose(self, message_id: MessageId) -> None:
        """Note that a message is not kept; how far back to look is all that matters, however many they are."""
        self.lost = {min((message_id, *self.lost))}

    @property
    def reach(self) -> MessageId | None:
        """Give the id below which every message is kept; None if nothing is known."""
        return None if self.newest is None else min((self.newest, *self.in_hand.values(), *self.lost))


@dataclass(frozen=True, slots=True)
class Missed:
    """What a look at a channel brought: what was said, and which waiting messages were deleted."""

    messages: Sequence[PastMessage]
    gone: Sequence[MessageId]
    until: MessageId
    has_more: bool
    gap: Gap | None = None  # the one that was looked into; another may be open since
    limit: int = LOOK_MOST


class Gaps:
    """Knows what may have been missed, shard by shard, and looks for it."""

    def __init__(
        self, *, history: History, marks: Marks, clock: Clock, within: timedelta, shards: Shards = WHOLE
    ) -> None:
        """Take where to look; nothing older than *within* is looked for, and nothing at all if that is zero."""
        self._history = history
        self._marks = marks
        self._clock = clock
        self._within = within
        self._count = shards.count
        self._hearings = {shard_id: Hearing() for shard_id in shards.ids}
        self._is_timeless = False

    async def open(self) -> None:
        """Read how far was heard before.

        Raises:
            StoreError: the database does not answer.
        """
        marks = await self._marks.read()
        # where the application was split anew, a shard may hear servers that were another's
        oldest = min(marks.values(), default=None)
        for shard_id, hearing in self._hearings.items():
            until = marks.get(shard_id, oldest)
            hearing.newest = None if until is None else MessageId(first_at(until))
        newest = await self._marks.newest()
        if newest is None:
            return
        if not marks:  # a release that wrote none was here: it heard at least what is kept
            for hearing in self._hearings.values():
                hearing.newest = newest[0]
        self._note_time(*newest)

    @property
    def shard_ids(self) -> Sequence[int]:
        """List the shards that are heard here."""
        return tuple(self._hearings)

    def guilds(self, shard_id: int) -> Sequence[GuildId]:
        """List the servers of a shard that are known."""
        return self._history.guilds(shard_id)

    def shard_of(self, guild_id: GuildId | None) -> int:
        """Say which shard hears a server; direct messages are the first one's."""
        return 0 if guild_id is None else (guild_id >> TIMESTAMP_BITS) % self._count

    def begin(self, shard_id: int) -> Gap | None:
        """Open a gap, because a new session begins; None if nothing can have been missed."""
        hearing, now = self._hearings[shard_id], self._clock.now()
        earlier, reach = hearing.gap, hearing.reach
        hearing.gap = None
        hearing.lost.clear()
        if reach is None:
            hearing.newest = MessageId(first_at(now))  # a fresh database: what was before is none of hers
            return None
        if not self._within:
            return None
        after = MessageId(reach - 1)
        if not self._is_timeless:
            after = MessageId(first_at(max(made_at(reach) - MARGIN, now - self._within)))
        if earlier is not None and not earlier.is_over:
            after = min(after, earlier.after)
        hearing.gap = Gap(after=after, expires_at=now + self._within)
        return hearing.gap

    def mark(self, shard_id: int) -> datetime | None:
        """Say up to when a shard was heard, by Discord's clock; None while a gap is open, or if nothing is known."""
        hearing = self._hearings[shard_id]
        if hearing.gap is not None and not hearing.gap.is_over:
            return None
        return None if hearing.reach is None else made_at(hearing.reach)

    def has_lost(self, shard_id: int) -> bool:
        """Say whether messages were given up because the database was away for too long."""
        return bool(self._hearings[shard_id].lost)

    @contextmanager
    def taking_in(self, message: Message) -> Iterator[None]:
        """Note that a live message is being kept, or looked at and left, while the context is open."""
        hearing = self._hearings.get(self.shard_of(message.channel.guild_id))
        if hearing is None:
            yield
            return
        self._note_time(message.message_id, self._clock.now())
        hearing.in_hand[token := object()] = message.message_id
        if hearing.newest is None or message.message_id > hearing.newest:
            hearing.newest = message.message_id
        try:
            yield
        except (StoreError, asyncio.CancelledError):
            hearing.lose(message.message_id)
            raise
        finally:
            del hearing.in_hand[token]

    def let_go(self, message: Message) -> None:
        """Note that a live message was not kept, because too much waits for the database already."""
        hearing = self._hearings.get(self.shard_of(message.channel.guild_id))
        if hearing is not None:
            hearing.lose(message.message_id)

    def _note_time(self, message_id: MessageId, heard_at: datetime) -> None:
        if self._is_timeless or heard_at - made_at(message_id) < TIMELESS:
            return
        log.warning("message ids do not tell time; how old a missed message is will not be known")
        self._is_timeless = True
        for hearing in self._hearings.values():
            hearing.newest = message_id if hearing.newest is not None else None

    def lacks(self, channel: Channel) -> bool:
        """Say whether something may have been missed in a channel."""
        gap = self._gap(channel)
        return gap is not None and gap.lacks(channel)

    def holds(self, channel: Channel) -> bool:
        """Say whether what comes in live waits for what may have been missed: for one try."""
        gap = self._gap(channel)
        return gap is not None and gap.lacks(channel) and channel.channel_id not in gap.tried

    def survey(self, guild_id: GuildId) -> Sequence[Channel]:
        """List the channels of a server in which something may have been missed; each server once in a gap."""
        hearing = self._hearings.get(self.shard_of(guild_id))
        gap = None if hearing is None else hearing.gap
        if gap is None or guild_id in gap.surveyed:
            return []
        found = [one for one in self._history.active(guild_id, gap.after) if gap.lacks(one)]
        gap.surveyed.add(guild_id)
        gap.open.update(one.channel_id for one in found)
        return found

    def keep_open(self, channel: Channel) -> None:
        """Look into a channel though nothing new was said there: what is known of it may have changed."""
        gap = self._gap(channel)
        if gap is not None and channel.channel_id not in gap.closed:
            gap.open.add(channel.channel_id)

    def joined(self, guild_id: GuildId) -> None:
        """Note a server that she has just come to: what was said before is none of hers."""
        hearing = self._hearings.get(self.shard_of(guild_id))
        if hearing is not None and hearing.gap is not None:
            hearing.gap.surveyed.add(guild_id)

    async def find(self, channel: Channel) -> Missed | None:
        """Look for what was missed in a channel; None if that cannot be known now.

        Raises:
            StoreError: the database does not answer.
        """
        gap = self._gap(channel)
        if gap is None or not gap.lacks(channel):
            return Missed((), (), MessageId(0), has_more=False, gap=gap)
        try:
            return await self._find(gap, channel, self._clock.now() + HOLD)
        except DeliveryError as exc:
            log.info("missed history not read", extra={"channel_id": channel.channel_id, "code": exc.code})
            if not exc.retryable:
                return Missed((), (), gap.after, has_more=False, gap=gap)
            gap.tried.add(channel.channel_id)
            return None

    def filled(self, channel: Channel, missed: Missed) -> Outcome:
        """Note that *missed* is kept."""
        gap = self._gap(channel)
        if gap is not missed.gap:
            return Outcome.PART  # a session has begun since: what was said before it was not looked for
        if gap is None:
            return Outcome.WHOLE
        hearing = self._hearings[self.shard_of(channel.guild_id)]
        if hearing.newest is None or missed.until > hearing.newest:
            hearing.newest = missed.until
        if not missed.has_more:
            gap.close(channel.channel_id)
            return Outcome.WHOLE
        gap.reached[channel.channel_id] = missed.until
        gap.read[channel.channel_id] = gap.read.get(channel.channel_id, 0) + missed.limit
        if gap.read[channel.channel_id] < MISSED_MOST:
            return Outcome.PART
        self.give_up(channel)
        return Outcome.WHOLE

    def give_up(self, channel: Channel) -> None:
        """Leave the rest of what was missed in a channel."""
        gap = self._gap(channel)
        if gap is not None:
            read = gap.read.get(channel.channel_id, 0)
            log.warning("missed history given up", extra={"channel_id": channel.channel_id, "count": read})
            gap.close(channel.channel_id)

    def put_off(self, channel: Channel) -> None:
        """Leave the rest of what was missed in a channel until the database is back: how far was heard stays behind."""
        gap = self._gap(channel)
        if gap is not None:
            hearing = self._hearings[self.shard_of(channel.guild_id)]
            hearing.lose(gap.reached.get(channel.channel_id, gap.after))
            gap.close(channel.channel_id)

    def lose(self, at: datetime) -> None:
        """Note that a change of a message, told at that time, was given up because the database was away."""
        for hearing in self._hearings.values():  # an event about a deleted message does not say whose it was
            hearing.lose(MessageId(first_at(at)))

    def _gap(self, channel: Channel) -> Gap | None:
        hearing = self._hearings.get(self.shard_of(channel.guild_id))
        if hearing is None or hearing.gap is None:
            return None
        if hearing.gap.is_over and hearing.gap.expires_at <= self._clock.now():
            hearing.gap = None  # nothing in it is young enough any more
        return hearing.gap

    async def _find(self, gap: Gap, channel: Channel, until: datetime) -> Missed:
        waiting = await self._marks.waiting(channel.channel_id, WAITING_MOST)
        after = gap.reached.get(channel.channel_id, gap.after)
        limit = min(LOOK_LEAST, LOOK_MOST) if channel.channel_id in gap.tried else LOOK_MOST
        stretch = await self._history.read(channel, after=after, limit=limit, within=self._left(until))
        earlier = await self._earlier(channel, waiting, after, until)
        gone = await self._gone(channel, _absent(waiting, after, stretch, earlier), until)
        answered = await self._answered_elsewhere(channel, stretch.messages)
        fresh = [past for past in stretch.messages if past.message.message_id > answered]
        found = [*(earlier.messages if earlier else ()), *fresh]
        if channel.channel_id not in gap.reached:
            changed, deleted = await self._changed(channel, after, stretch, until)
            found, gone = [*changed, *found], [*gone, *deleted]
        return Missed(found, gone, stretch.until, has_more=stretch.has_more, gap=gap, limit=limit)

    def _left(self, until: datetime) -> timedelta:
        """Give how much of the time for a look is left: it is one for all its requests."""
        left = until - self._clock.now()
        if left <= timedelta(0):
            raise DeliveryError("looking takes too long", code=0, retryable=True)
        return left

    async def _earlier(
        self, channel: Channel, waiting: Sequence[MessageId], after: MessageId, until: datetime
    ) -> Stretch | None:
        """Read what lies round messages that wait since before the gap: they may have changed in it."""
        if not waiting or waiting[0] > after:
            return None
        before = MessageId(waiting[0] - 1)
        found = await self._history.read(channel, after=before, limit=WAITING_MOST, within=self._left(until))
        old = {one for one in waiting if one <= after}
        return Stretch([past for past in found.messages if past.message.message_id in old], found.until, found.has_more)

    async def _changed(
        self, channel: Channel, after: MessageId, stretch: Stretch, until: datetime
    ) -> tuple[Sequence[PastMessage], Sequence[MessageId]]:
        """Give what was edited of the newest lines that were taken in before, and which of them are gone."""
        known = await self._marks.known(channel.channel_id, KNOWN_MOST)
        earlier = await self._earlier(channel, known, after, until)
        changed = [past for past in earlier.messages if past.was_edited] if earlier else []
        return changed, await self._gone(channel, _absent(known, after, stretch, earlier), until)

    async def _gone(self, channel: Channel, absent: Sequence[MessageId], until: datetime) -> Sequence[MessageId]:
        """Tell which messages that a history lacks were deleted; none is where one is there, or may not be read.

        Where all that are asked for are gone, so are the others: somebody cleared the channel.
        """
        for place, message_id in enumerate(absent[:GONE_MOST]):
            if not await self._history.is_gone(channel, message_id, within=self._left(until)):
                return absent[:place]
        return absent

    async def _answered_elsewhere(self, channel: Channel, messages: Sequence[PastMessage]) -> MessageId:
        """Give the last of her lines in *messages* that was said in another life, such as before a restore; else 0.

        What stands before it had its answer.
        """
        own = [past.message.message_id for past in messages if past.message.speaker is Speaker.SELF]
        foreign = await self._marks.foreign(channel.channel_id, own) if own else ()
        return max(foreign, default=MessageId(0))


def _absent(
    waiting: Sequence[MessageId], after: MessageId, stretch: Stretch, earlier: Stretch | None
) -> list[MessageId]:
    """List the waiting messages that should be in what was read, and are not."""
    found = {past.message.message_id for one in (stretch, earlier) if one for past in one.messages}
    absent = []
    for one in waiting:
        part = stretch if one > after else earlier
        if part is not None and one not in found and (one <= part.until or not part.has_more):
            absent.append(one)
    return absent
