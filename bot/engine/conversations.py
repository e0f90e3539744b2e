"""Whose turn it is: one answer at a time in a channel, channels side by side.

Each channel with something to do has one task here. It holds the channel across processes, waits
for a short quiet, and runs turns until nothing waits. A message that comes before anything was
committed supersedes the draft; one that comes later opens the next turn.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, UserId
from bot.domain.turn import Claim
from bot.engine.deliver import Deliver
from bot.engine.draft import Draft
from bot.engine.respond import Respond
from bot.errors import CompanionError, StoreError, TurnLost, new_reference
from bot.ports import ChannelLocks, Clock, Store

log = logging.getLogger(__name__)

SUPERSEDE_LIMIT = 4  # drafts one burst can cost; then she answers what there is
TYPING_LASTS = timedelta(seconds=10)  # Discord shows one typing event that long
BUSY_WINDOW = timedelta(seconds=60)
TIDY_EVERY = 60  # sweeps: about two minutes
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=10)
HELD_ELSEWHERE_WAIT = timedelta(milliseconds=250)
HELD_ELSEWHERE_TRIES = 8  # together 2 s, then the sweeper takes over


@dataclass(frozen=True, slots=True)
class Patience:
    """How long she waits before she answers."""

    settle: timedelta
    typing_wait: timedelta


@dataclass(slots=True)
class Room:
    """What this process knows of a channel at the moment; nothing here has to survive."""

    channel_id: ChannelId
    last_heard: datetime | None = None
    waiting_since: datetime | None = None
    typing_until: dict[UserId, datetime] = field(default_factory=dict)
    others: dict[UserId, datetime] = field(default_factory=dict)
    look_again: bool = False
    needs_recovery: bool = False
    task: asyncio.Task[None] | None = None
    turn: asyncio.Task[None] | None = None
    draft: Draft | None = None
    superseded: int = 0

    def is_busy(self, author: UserId, now: datetime) -> bool:
        """Say whether others than *author* spoke in the last minute."""
        return any(who != author and now - at < BUSY_WINDOW for who, at in self.others.items())


@dataclass(frozen=True, slots=True)
class Rest:
    """How often in a row a channel broke our code, and until when it is left alone."""

    times: int
    until: datetime


class Conversations:
    """Runs turns; see the module's first lines."""

    def __init__(
        self,
        *,
        store: Store,
        locks: ChannelLocks,
        respond: Respond,
        deliver: Deliver,
        clock: Clock,
        patience: Patience,
        is_working: bool = True,
    ) -> None:
        """Take what turns need; where *is_working* is False another process answers what is heard here."""
        self._store = store
        self._locks = locks
        self._respond = respond
        self._deliver = deliver
        self._clock = clock
        self._patience = patience
        self._rooms: dict[ChannelId, Room] = {}
        self._rests: dict[ChannelId, Rest] = {}
        self._is_closing = False
        self._is_working = is_working

    @property
    def under_way(self) -> int:
        """Count the channels that are being worked on."""
        return sum(1 for room in self._rooms.values() if room.task is not None)

    def heard(self, channel_id: ChannelId, user_id: UserId) -> None:
        """Note that something to answer was kept in a channel; supersede a draft that is not out yet."""
        room = self._room(channel_id)
        room.last_heard = self._clock.now()
        room.waiting_since = room.waiting_since or room.last_heard
        room.typing_until[user_id] = room.last_heard  # they have sent it; typing again says there is more
        self._supersede(room)
        self.wake(channel_id)

    def heard_elsewhere(self, channel_id: ChannelId) -> None:
        """Note that another process kept a message to answer."""
        room = self._room(channel_id)
        room.last_heard = self._clock.now()
        room.waiting_since = room.waiting_since or room.last_heard
        self._supersede(room)
        self.wake(channel_id)

    def changed(self, channel_id: ChannelId) -> None:
        """Note that a message of the turn under way was edited or deleted."""
        self._supersede(self._room(channel_id))
        self.wake(channel_id)

    def overheard(self, channel_id: ChannelId, user_id: UserId) -> None:
        """Note that somebody spoke to somebody else; nothing of it is kept but that it was so."""
        room = self._room(channel_id)
        now = self._clock.now()
        room.others = {who: at for who, at in room.others.items() if now - at < BUSY_WINDOW}
        room.others[user_id] = now

    def forget_quiet_rooms(self) -> None:
        """Drop what is known of channels in which nothing is done and nobody spoke for a minute."""
        now = self._clock.now()
        for room in list(self._rooms.values()):
            if room.task is None and all(now - at >= BUSY_WINDOW for at in room.others.values()):
                del self._rooms[room.channel_id]

    def typing(self, channel_id: ChannelId, user_id: UserId) -> None:
        """Note that a person is typing; it matters while a message of theirs waits."""
        room = self._rooms.get(channel_id)
        if room is not None and user_id in room.typing_until:
            room.typing_until[user_id] = self._clock.now() + TYPING_LASTS

    def look_after(self, channel_id: ChannelId) -> None:
        """See to what was left in a channel, unless it is in hand here or broke a moment ago."""
        room = self._room(channel_id)
        if room.task is None and not self._is_resting(channel_id):
            room.needs_recovery = True
            self.wake(channel_id)

    def wake(self, channel_id: ChannelId) -> None:
        """See that a channel is looked at."""
        room = self._room(channel_id)
        room.look_again = True
        if room.task is None and self._may_start:
            room.task = asyncio.create_task(self._work(room), name=f"channel {channel_id}")

    async def drain(self, grace: timedelta) -> None:
        """Stop: let turns end for *grace*, then give the rest back to wait."""
        self._is_closing = True
        tasks = [room.task for room in self._rooms.values() if room.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _is_resting(self, channel_id: ChannelId) -> bool:
        return channel_id in self._rests and self._rests[channel_id].until > self._clock.now()

    def _rest(self, channel_id: ChannelId) -> None:
        """Leave a channel alone for longer each time our own code breaks on it."""
        times = self._rests[channel_id].times + 1 if channel_id in self._rests else 1
        wait = min(LONGEST_REST, FIRST_REST * float(2 ** min(times - 1, 16)))
        self._rests[channel_id] = Rest(times, self._clock.now() + wait)

    @property
    def _may_start(self) -> bool:
        return self._is_working and not self._is_closing

    def _room(self, channel_id: ChannelId) -> Room:
        room = self._rooms.get(channel_id)
        if room is None:
            room = self._rooms[channel_id] = Room(channel_id)
        return room

    def _supersede(self, room: Room) -> None:
        draft = room.draft
        if draft is None or draft.is_committed or room.turn is None or draft.is_superseded:
            return
        if room.superseded < SUPERSEDE_LIMIT:
            room.superseded += 1
            draft.is_superseded = True
            room.turn.cancel()

    async def _work(self, room: Room) -> None:
        try:
            if not await self._hold(room):
                room.look_again = False  # whoever holds it sees what waits, or the sweeper does
                return
            try:
                await self._turns(room)
                self._rests.pop(room.channel_id, None)
            finally:
                await self._locks.release(room.channel_id)
        except StoreError as exc:
            # nothing is lost: the messages are kept, and the sweeper wakes the channel again
            log.error("channel put off", exc_info=True, extra={"channel_id": room.channel_id, "cause": str(exc)})
            room.look_again = False
        except Exception:
            log.exception("turn failed", extra={"channel_id": room.channel_id, "ref": new_reference()})
            room.look_again = False
            self._rest(room.channel_id)
        finally:
            self._leave(room)

    def _leave(self, room: Room) -> None:
        room.task = None
        if room.look_again and self._may_start:
            self.wake(room.channel_id)
        elif not room.others:
            self._rooms.pop(room.channel_id, None)

    async def _hold(self, room: Room) -> bool:
        tries = 1 if room.last_heard is None else HELD_ELSEWHERE_TRIES
        while not await self._locks.try_hold(room.channel_id):
            tries -= 1
            if tries == 0:
                return False
            await self._clock.sleep(HELD_ELSEWHERE_WAIT)
        return True

    async def _turns(self, room: Room) -> None:
        if room.needs_recovery:
            room.needs_recovery = False
            await self._store.recover(room.channel_id, self._clock.now())
        while room.look_again and not self._is_closing:
            room.look_again = False
            await self._settle(room)
            claim = await self._store.claim(room.channel_id, self._clock.now())
            room.waiting_since = None
            room.typing_until.clear()
            if claim is not None:
                await self._turn(room, claim)
            elif await self._deliver.send_left_over(room.channel_id):
                room.look_again = True  # what waited behind them is next

    async def _settle(self, room: Room) -> None:
        if room.last_heard is None or room.waiting_since is None:
            return
        while True:
            now = self._clock.now()
            typing = max(room.typing_until.values(), default=now)
            patient_until = room.waiting_since + self._patience.typing_wait
            until = max(room.last_heard + self._patience.settle, min(typing, patient_until))
            if until <= now or self._is_closing:
                return
            await self._clock.sleep(min(until - now, timedelta(milliseconds=500)))

    async def _turn(self, room: Room, claim: Claim) -> None:
        author = claim.last.author.user_id
        draft = Draft(claim=claim, is_busy=room.is_busy(author, self._clock.now()))
        room.draft = draft
        room.turn = asyncio.create_task(self._respond(draft), name=f"turn {claim.turn_id}")
        try:
            await asyncio.shield(room.turn)
            room.superseded = 0
        except asyncio.CancelledError:
            await self._put_back(room, draft)
            if not draft.is_superseded:
                raise
            room.look_again = True
        except TurnLost as exc:
            log.warning("turn lost", extra={"turn_id": claim.turn_id, "cause": str(exc)})
        finally:
            room.turn = None
            room.draft = None

    async def _put_back(self, room: Room, draft: Draft) -> None:
        # either the draft was superseded or the process is stopping
        if room.turn is not None and not room.turn.done():
            room.turn.cancel()
            await asyncio.gather(room.turn, return_exceptions=True)
        if not draft.is_committed:
            reason = "superseded" if draft.is_superseded else "stopped"
            await self._store.release(draft.claim, reason, now=self._clock.now(), retry_at=None)


class Sweeper:
    """Wakes channels that something was left in, whoever left it."""

    def __init__(self, store: Store, conversations: Conversations, clock: Clock) -> None:
        self._store = store
        self._conversations = conversations
        self._clock = clock
        self.sweeps = 0

    async def run(self, every: timedelta, *, quiet_for: timedelta, limit: int = 200) -> None:
        """Sweep for ever; database trouble is waited out."""
        while True:
            try:
                await self.sweep(quiet_for=quiet_for, limit=limit)
            except CompanionError as exc:
                log.error("sweep failed", extra={"cause": str(exc)})
            await self._clock.sleep(every)

    async def sweep(self, *, quiet_for: timedelta, limit: int) -> int:
        """Wake what waits once; gives how many channels."""
        found = await self._store.waiting_channels(self._clock.now(), quiet_for=quiet_for, limit=limit)
        for channel_id in found:
            self._conversations.look_after(channel_id)
        self._conversations.forget_quiet_rooms()
        self.sweeps += 1
        if self.sweeps % TIDY_EVERY == 0:
            await self._store.forget_early_deletes(self._clock.now())
        return len(found)
