"""Whose turn it is: one answer at a time in a channel, channels side by side.

Each channel with something to do has one task here. It holds the channel across processes, waits
for a short quiet and for its place at the model, and runs turns until nothing waits. A message that comes
before anything was committed supersedes the draft; one that comes later opens the next turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.turn import Claim
from bot.engine.deliver import Deliver, Fate
from bot.engine.draft import Draft
from bot.engine.meter import UNMETERED
from bot.engine.respond import Respond
from bot.engine.rests import Rests
from bot.engine.room import BUSY_WINDOW, Room
from bot.engine.send_ready import SendReady
from bot.engine.slots import Slots, SlotsClosed
from bot.errors import StoreError, TurnBehind, TurnLost, new_reference
from bot.operator_ports import Meter
from bot.ports import ChannelLocks, Clock, Store

log = logging.getLogger(__name__)

SUPERSEDE_LIMIT = 4  # drafts one burst can cost; then she answers what there is
TYPING_LASTS = timedelta(seconds=10)  # Discord shows one typing event that long
LONGEST_STORE_REST = timedelta(seconds=30)  # while the database takes nothing of it
LONG_TURN = timedelta(seconds=2)
LOOK_AGAIN = timedelta(milliseconds=500)  # whether they are still typing
CHANNELS_SENDING = 64  # how many more than can ask the model may be under way: they send, or wait
HOMES_KEPT = 10_000  # channels whose server is remembered
HELD_ELSEWHERE_WAIT = timedelta(milliseconds=250)
HELD_ELSEWHERE_TRIES = 8  # together 2 s, then the sweeper takes over


@dataclass(frozen=True, slots=True)
class Patience:
    """How long she waits before she answers."""

    settle: timedelta
    typing_wait: timedelta


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
        slots: Slots,
        is_working: bool = True,
        is_shared: bool = False,
        meter: Meter = UNMETERED,
    ) -> None:
        """Take what turns need; where *is_working* is False another process answers what is heard here.

        *slots* are the places at the model. *is_shared* says that other processes hear, and tell of it by the database.
        """
        self._store = store
        self._locks = locks
        self._respond = respond
        self._clock = clock
        self._patience = patience
        self._slots = slots
        self._meter = meter
        self._homes: dict[ChannelId, GuildId] = {}
        self._rooms: dict[ChannelId, Room] = {}
        self._rests = Rests(clock)
        self._ready = SendReady(deliver, self._rests)
        self._under_way = 0
        self._is_closing = False
        self._is_shared = is_shared
        self.is_working = is_working

    @property
    def under_way(self) -> int:
        """Count the channels that are being worked on."""
        return self._under_way

    @property
    def room_left(self) -> int:
        """Count the channels that may be begun now; more of them wait in the database, where they cost nothing."""
        return max(0, self._slots.limit + CHANNELS_SENDING - self.under_way)

    def heard(
        self, channel_id: ChannelId, user_id: UserId, guild_id: GuildId | None = None, *, is_asked: bool = True
    ) -> None:
        """Note that something to answer was kept in a channel; supersede a draft that is not out yet.

        Where nobody has asked her she may leave it: it neither makes an answer to somebody who has begin anew, nor a
        model be tried that was found away.
        """
        room, now = self._room(channel_id), self._clock.now()
        self._remember_home(channel_id, guild_id)
        room.hear(now, is_asked=is_asked)
        room.typing_until[user_id] = now  # they have sent it; typing again says there is more
        if is_asked or not room.answers_somebody:
            room.stirs += 1
            self._supersede(room)
        else:
            room.go_on()
        self.wake(channel_id)

    def heard_elsewhere(self, channel_id: ChannelId) -> None:
        """Note that another process kept a message to answer."""
        room = self._room(channel_id)
        room.hear(self._clock.now(), is_asked=True)  # as far as is known here
        room.stirs += 1
        self._supersede(room)
        self.wake(channel_id)

    def changed(self, channel_id: ChannelId) -> None:
        """Note that a message of the turn under way was edited or deleted."""
        room = self._room(channel_id)
        room.stirs += 1
        self._supersede(room)
        self.wake(channel_id)

    def overheard(self, channel_id: ChannelId, user_id: UserId) -> None:
        """Note that somebody spoke to somebody else; here nothing of it is kept but that it was so."""
        self._room(channel_id).overhear(user_id, self._clock.now())

    def busy(self) -> Collection[ChannelId]:
        """List channels that need not be looked for: they rest, or have been in hand here for less than a moment.

        Where that takes longer, a reminder may have come due that another process told nobody of.
        """
        now = self._clock.now()
        rooms = (room for room in self._rooms.values() if room.task is not None)
        in_hand = (room.channel_id for room in rooms if room.held_since is None or now - room.held_since < LONG_TURN)
        return {*in_hand, *self._rests.now()}

    def forget_quiet_rooms(self) -> None:
        """Drop what is known of channels in which nothing is done and nobody spoke for a minute."""
        now = self._clock.now()
        for room in list(self._rooms.values()):
            spoken = [*room.others.values()] + ([] if self.is_working or not room.last_heard else [room.last_heard])
            if room.task is None and all(now - at >= BUSY_WINDOW for at in spoken):
                del self._rooms[room.channel_id]

    def typing(self, channel_id: ChannelId, user_id: UserId) -> datetime | None:
        """Note that a person is typing; it matters while a message of theirs waits, and then until when is given."""
        room = self._rooms.get(channel_id)
        if room is None or user_id not in room.typing_until:
            return None
        until = room.typing_until[user_id] = self._clock.now() + TYPING_LASTS
        return until

    def look_after(self, channel_id: ChannelId) -> None:
        """See to what was left in a channel, unless it is in hand here or broke a moment ago."""
        room = self._room(channel_id)
        if room.task is None and not self._rests.has(channel_id):
            room.needs_recovery = True
            self.wake(channel_id)
        elif room.held_since is not None:
            self.deliver(channel_id)

    def deliver(self, channel_id: ChannelId) -> None:
        """See that what is ready for a channel goes out, even while she is busy there or waits for the model."""
        room = self._room(channel_id)
        room.has_ready = True
        if room.held_since is not None:
            self._send_ready(room)
        else:
            self.wake(channel_id, is_urgent=True)  # sending needs no place at the model

    def wake(self, channel_id: ChannelId, *, is_urgent: bool = False) -> None:
        """See that a channel is looked at; unless *is_urgent*, when there is room for it."""
        room = self._room(channel_id)
        room.look_again = True
        if room.task is None and self._may_start and (self.room_left or is_urgent):
            self._under_way += 1
            room.task = asyncio.create_task(self._work(room), name=f"channel {channel_id}")

    async def drain(self, grace: timedelta) -> None:
        """Stop: let turns end for *grace*, then give the rest back to wait."""
        self._is_closing = True
        self._slots.close()
        tasks = [room.task for room in self._rooms.values() if room.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    @property
    def _may_start(self) -> bool:
        return self.is_working and not self._is_closing

    def _remember_home(self, channel_id: ChannelId, guild_id: GuildId | None) -> None:
        if guild_id is not None and channel_id not in self._homes:
            self._homes[channel_id] = guild_id
            if len(self._homes) > HOMES_KEPT:
                del self._homes[next(iter(self._homes))]

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
            room.held_since = self._clock.now()
            self._send_ready(room)
            try:
                await self._turns(room)
            finally:
                self._free(room)
                await self._ready.end(room)
                await self._locks.release(room.channel_id)
        except SlotsClosed:
            room.look_again = False  # the process stops; what waits is kept
        except StoreError as exc:
            # nothing is lost: the messages are kept, and the sweeper wakes the channel again
            log.error("channel put off", exc_info=True, extra={"channel_id": room.channel_id, "cause": str(exc)})
            room.look_again = False
            self._rests.begin(room.channel_id, LONGEST_STORE_REST, is_often_over=True)
        except Exception:
            log.exception("turn failed", extra={"channel_id": room.channel_id, "ref": new_reference()})
            room.look_again = False
            self._rests.begin(room.channel_id)
        finally:
            self._leave(room)

    def _leave(self, room: Room) -> None:
        room.task = None
        self._under_way -= 1
        if room.look_again and self._may_start:
            self.wake(room.channel_id)
        elif not room.others:
            self._rooms.pop(room.channel_id, None)

    def _free(self, room: Room) -> None:
        slot, room.slot = room.slot, None
        if slot is not None:
            slot.free()

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
            self._meter.recovered()
            if await self._ready.clear_up(room) is Fate.WAITS:
                room.look_again = False  # nothing can be claimed before it is sent
        while room.look_again and not self._is_closing:
            room.look_again = False
            await self._settle(room)
            # what comes in while she waits for a place at the model is part of the turn
            room.slot = await self._slots.take(self._homes.get(room.channel_id, room.channel_id))
            if (claim := await self._claim(room)) is not None:
                self._remember_home(room.channel_id, claim.channel.guild_id)
                await self._turn(room, claim)
            self._free(room)
            if claim is None and not room.look_again:
                await self._ready.clear_up(room)

    async def _claim(self, room: Room) -> Claim | None:
        """Open a turn over what waits; anew if something came in or changed just then."""
        stirs, is_fresh = room.stirs, room.waiting_since is not None and room.is_asked
        claim = await self._store.claim(room.channel_id, self._clock.now(), is_fresh=is_fresh)
        if claim is not None and room.stirs != stirs and room.superseded < SUPERSEDE_LIMIT:
            room.superseded += 1
            room.look_again = True
            await self._store.release(claim, "superseded", now=self._clock.now(), retry_at=None)
            return None
        room.waiting_since = None
        room.is_asked = False
        room.typing_until.clear()
        return claim

    def _send_ready(self, room: Room) -> None:
        if not self._is_closing:
            self._ready.begin(room)

    async def _settle(self, room: Room) -> None:
        if room.last_heard is None or room.waiting_since is None:
            return
        while not self._is_closing:
            now = self._clock.now()
            typing = max(room.typing_until.values(), default=now)
            patient_until = room.waiting_since + self._patience.typing_wait
            until = max(room.last_heard + self._patience.settle, min(typing, patient_until))
            if until <= now < patient_until and self._is_shared:
                stir = await self._store.stir(room.channel_id)
                heard = now if stir.last_heard is None else stir.last_heard + self._patience.settle
                until = min(max(stir.typing_until or now, heard), patient_until)
            if until <= now:
                return
            await self._clock.sleep(min(until - now, LOOK_AGAIN))

    async def _turn(self, room: Room, claim: Claim) -> None:
        author = claim.last.author.user_id
        draft = Draft(claim=claim, is_busy=room.is_busy(author, self._clock.now()), slot=room.slot)
        draft.yields_to_more = self._is_shared and room.superseded < SUPERSEDE_LIMIT
        room.draft = draft
        room.turn = asyncio.create_task(self._respond(draft), name=f"turn {claim.turn_id}")
        try:
            await asyncio.shield(room.turn)
            room.superseded = 0
            self._rests.end(room.channel_id)
            room.look_again = room.look_again or self._is_shared  # others may have heard more meanwhile
        except TurnBehind:
            await self._start_anew(room, draft)
        except asyncio.CancelledError:
            await self._put_back(room, draft)
            if not draft.is_superseded:
                raise
            room.look_again = True
        except TurnLost as exc:
            log.warning("turn lost", extra={"turn_id": claim.turn_id, "cause": str(exc)})
            self._meter.turn("lost", {})
        finally:
            room.turn = None
            room.draft = None

    async def _start_anew(self, room: Room, draft: Draft) -> None:
        """Give the messages back: another process heard more, and together they are one turn."""
        room.superseded += 1
        room.look_again = True
        room.last_heard = room.waiting_since = self._clock.now()
        room.is_asked = True
        draft.is_superseded = True
        await self._put_back(room, draft)

    async def _put_back(self, room: Room, draft: Draft) -> None:
        # either the draft was superseded or the process is stopping
        if room.turn is not None and not room.turn.done():
            room.turn.cancel()
            await asyncio.gather(room.turn, return_exceptions=True)
        if not draft.is_committed:
            reason = "superseded" if draft.is_superseded else "stopped"
            await self._store.release(draft.claim, reason, now=self._clock.now(), retry_at=None)
            self._meter.turn(reason, {})
