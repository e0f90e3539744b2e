"""Feel: bring her feelings to now for a turn, and live through what the turn meant.

A turn leaves its appraisals as an event; living it comes right after, before the channel's next turn. Whoever lives
events takes all that wait for that soul at once, so a hundred turns that end together cost a few steps.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.emotions import Tier
from bot.domain.affect.habituation import COMPARED_HOURS, COMPARED_MESSAGES
from bot.domain.affect.personality import Ocean
from bot.domain.affect.state import SoulState, new_soul
from bot.domain.affect.timeline import HOUR, Nature, hour_of_day
from bot.domain.chronicle import LATE_MOST, AffectEvent, Chronicle, PersonRecord, SoulRecord
from bot.domain.feeling import EventKind, Feelings, SoulId
from bot.domain.ids import GuildId, UserId
from bot.engine.replay import Replay
from bot.errors import StoreError
from bot.feeling_ports import FeelingStore, Kept
from bot.ports import Clock

log = logging.getLogger(__name__)

EVENTS_AT_ONCE = 200
NATURES_KEPT = 8  # more midnights than pass between a turn's reading and its end
IN_HAND_FOR = timedelta(seconds=5)  # a younger event is being lived where its turn ended
TRIES = 20  # how often another process may be first, in a row
FIRST_WAIT = timedelta(milliseconds=5)


@dataclass(frozen=True, slots=True)
class Temper:
    """How she feels in this deployment: which set of emotions, whose soul, and how much leaks between people."""

    tier: Tier
    home: Ocean
    leak: float
    is_shared: bool  # one soul for every server


@dataclass(slots=True)
class Line:
    """Who waits for a soul's events to be lived; one pass serves all that asked before it began.

    *soul* is as it was last written here, *natures* its latest ones; *turns* are events that wait, with what was
    read for them.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0
    served: int = 0
    soul: SoulRecord | None = None
    natures: Sequence[Nature] = ()
    turns: list[tuple[AffectEvent, Kept]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looked:
    """Her feelings towards the people of a turn, and what they follow from."""

    feelings: Feelings
    kept: Kept

    @property
    def said(self) -> Mapping[UserId, Sequence[str]]:
        """Give what those people said lately, newest first."""
        return self.kept.said


class Feel:
    """Keeps one companion's feelings going."""

    def __init__(self, *, store: FeelingStore, clock: Clock, companion: str, temper: Temper) -> None:
        self.temper = temper
        self._store = store
        self._clock = clock
        self._companion = companion
        self._souls: dict[GuildId | None, SoulId] = {}
        self._lines: defaultdict[SoulId, Line] = defaultdict(Line)
        self._latest: SoulRecord | None = None

    async def soul_of(self, guild_id: GuildId | None) -> SoulId:
        """Name the soul that lives in a server; it is born when it is first asked for.

        Raises:
            StoreError: the database failed.
        """
        place = None if self.temper.is_shared else guild_id
        if place not in self._souls:
            self._souls[place] = await self._found_or_born(place)
        return self._souls[place]

    async def souls(self) -> Sequence[SoulId]:
        """List every soul of the companion."""
        return await self._store.souls(self._companion)

    async def look(self, guild_id: GuildId | None, user_ids: Iterable[UserId]) -> Looked:
        """Read what she feels now, towards everybody named; changes nothing.

        Raises:
            StoreError: the database failed.
        """
        soul_id, now = await self.soul_of(guild_id), self._clock.now()
        users = tuple(dict.fromkeys(user_ids))
        kept = await self._store.look(
            soul_id, users, said_since=now - COMPARED_HOURS * HOUR, said_most=COMPARED_MESSAGES
        )
        chronicle = _chronicle(kept)
        chronicle.live_until(now)
        self._latest = kept.soul
        persons = {user_id: chronicle.person(user_id).state for user_id in users}
        return Looked(Feelings(soul_id, now, chronicle.soul.state, persons), kept)

    async def record(self, guild_id: GuildId | None) -> SoulRecord:
        """Read a soul as it is now, with its birth and its preset; changes nothing.

        Raises:
            StoreError: the database failed.
        """
        chronicle = await self.chronicle(await self.soul_of(guild_id))
        chronicle.live_until(self._clock.now())
        return chronicle.soul

    async def chronicle(self, soul_id: SoulId) -> Chronicle:
        """Read a soul as it is kept, to be lived on by the caller; nothing of that is kept.

        Raises:
            StoreError: the database failed.
        """
        return _chronicle(await self._kept(soul_id, ()))

    async def know(self, user_id: UserId) -> None:
        """See that a person is known by id, so that something can be kept about them.

        Raises:
            StoreError: the database failed.
        """
        await self._store.know(user_id, self._clock.now())

    def latest(self) -> SoulState | None:
        """Give the soul that was last read or changed here, as it is now; reads nothing."""
        if self._latest is None:
            return None
        chronicle = Chronicle(self._latest, (), {})
        chronicle.live_until(self._clock.now())
        return chronicle.soul.state

    def mood_lately(self) -> tuple[float, float, float] | None:
        """Give the mood, as pleasure, arousal and dominance, in which she was last seen here; reads nothing."""
        return None if self._latest is None else self._latest.state.mood

    async def live_waiting(self, soul_id: SoulId) -> None:
        """Live through every event of a soul that was kept before this call.

        Raises:
            StoreError: the database failed; the events wait and are lived later.
        """
        async with self._served(soul_id) as line:
            if line is not None:
                await self._live_all(soul_id)

    async def live_turn(self, looked: Looked, event: AffectEvent) -> None:
        """Live through what a turn that *looked* has left: from what was read then, if that still holds.

        Raises:
            StoreError: the database failed; the event waits and is lived later.
        """
        soul_id = looked.feelings.soul_id
        self._lines[soul_id].turns.append((event, looked.kept))
        async with self._served(soul_id) as line:
            if line is not None and not await self._lived_from_memory(soul_id, line):
                await self._live_all(soul_id)

    @asynccontextmanager
    async def _served(self, soul_id: SoulId) -> AsyncIterator[Line | None]:
        """Wait for the soul; gives None where a pass that began after the call has seen to everything."""
        line = self._lines[soul_id]
        line.asked += 1
        ticket = line.asked
        async with line.lock:
            if line.served >= ticket:
                yield None
                return
            serves = line.asked
            yield line
            line.served = serves

    async def _lived_from_memory(self, soul_id: SoulId, line: Line) -> bool:
        """Live the turns that wait without reading again; False where something else moved her meanwhile."""
        turns, line.turns = line.turns, []
        soul = max((kept.soul for _, kept in turns), key=_age, default=None)
        if soul is None:
            return False
        if line.soul is not None and _age(line.soul) >= _age(soul):
            soul = line.soul
        if soul.lived_until > self._clock.now() + LATE_MOST:
            return False
        natures = {nature.since: nature for _, kept in turns for nature in kept.natures}
        natures |= {nature.since: nature for nature in line.natures}  # a midnight may have passed since
        persons: dict[UserId, PersonRecord] = {}
        for _, kept in turns:
            for user_id, record in kept.persons.items():
                if user_id not in persons or persons[user_id].lived_until < record.lived_until:
                    persons[user_id] = record
        chronicle = Chronicle(soul, [natures[since] for since in sorted(natures)], persons)
        for event, _ in sorted(turns, key=_order):
            chronicle.live(event)
        return await self._kept_as(soul_id, soul, chronicle)

    async def _kept_as(self, soul_id: SoulId, before: SoulRecord, chronicle: Chronicle) -> bool:
        line = self._lines[soul_id]
        line.soul = None
        if not await self._store.apply(before, chronicle):
            return False
        line.soul = self._latest = chronicle.soul
        line.natures = chronicle.natures[-NATURES_KEPT:]
        return True

    async def mend_time(self, soul_id: SoulId) -> bool:
        """Work a soul out again from its events if a wrong clock has brought it far beyond now; say whether it had.

        Raises:
            StoreError: the database failed.
        """
        now = self._clock.now()
        kept = await self._kept(soul_id, ())
        if kept.soul.lived_until <= now + LATE_MOST:
            return False
        log.warning("the clock was ahead; feelings are worked out again", extra={"soul_id": soul_id})
        self._lines[soul_id].soul = None
        await Replay(store=self._store, clock=self._clock).rebuild(soul_id, now)
        return True

    async def live_again(self, soul_id: SoulId) -> None:
        """Work a soul out again from its events, as they are now: something that moved her was forgotten.

        Raises:
            StoreError: the database failed, or the soul never stood still meanwhile; nothing is changed.
        """
        line = self._lines[soul_id]
        async with line.lock:
            line.soul, line.natures = None, ()
            await Replay(store=self._store, clock=self._clock)(soul_id, is_writing=True)
            await self._kept(soul_id, ())

    async def tell(self, soul_id: SoulId, kind: EventKind, detail: Mapping[str, object], user: UserId | None) -> None:
        """Keep an event that is no turn's, and live through it.

        Raises:
            StoreError: the database failed.
        """
        event = AffectEvent(0, kind, self._clock.now(), CONSTANTS_VERSION, user_id=user, detail=detail)
        await self._store.add_event(soul_id, event)
        await self.live_waiting(soul_id)

    async def live_left_over(self) -> None:
        """Live through what a crash left behind, whosever it was.

        Raises:
            StoreError: the database failed.
        """
        for soul_id in await self._store.souls_waiting(self._clock.now() - IN_HAND_FOR):
            await self.live_waiting(soul_id)

    async def _found_or_born(self, guild_id: GuildId | None) -> SoulId:
        found = await self._store.find_soul(self._companion, guild_id)
        if found is None:
            now = self._clock.now()
            newborn = new_soul(self.temper.tier, self.temper.home, day_h=hour_of_day(now))
            await self._store.bear(self._companion, guild_id, newborn, model_version=CONSTANTS_VERSION, at=now)
            found = await self._store.find_soul(self._companion, guild_id)
        if found is None:
            raise StoreError("a soul was born and is gone")
        await self._in_tier(found)
        return found

    async def _in_tier(self, soul_id: SoulId) -> None:
        """See that the soul has the set of emotions that the settings ask for."""
        kept = await self._kept(soul_id, ())
        if kept.soul.state.tier != self.temper.tier:
            await self.tell(soul_id, EventKind.TIER, {"tier": self.temper.tier}, None)

    async def _live_all(self, soul_id: SoulId) -> None:
        tries = 0
        wait = FIRST_WAIT
        await self.mend_time(soul_id)
        while events := _until_reset(await self._store.waiting(soul_id, EVENTS_AT_ONCE)):
            if await self._lived(soul_id, events):
                tries, wait = 0, FIRST_WAIT
                continue
            tries += 1
            if tries == TRIES:
                raise StoreError(f"soul {soul_id} is always changed by others first")
            await self._clock.sleep(wait)
            wait *= 2 if tries < TRIES // 2 else 1

    async def _lived(self, soul_id: SoulId, events: Sequence[AffectEvent]) -> bool:
        users = {message.user_id for event in events for message in event.messages}
        users |= {event.user_id for event in events if event.user_id is not None}
        kept = await self._kept(soul_id, sorted(users))
        chronicle = _chronicle(kept)
        for event in events:
            chronicle.live(event)
        return await self._kept_as(soul_id, kept.soul, chronicle)

    async def _kept(self, soul_id: SoulId, user_ids: Sequence[UserId]) -> Kept:
        kept = await self._store.look(soul_id, user_ids, said_since=self._clock.now(), said_most=0)
        self._latest = kept.soul
        return kept


def _age(soul: SoulRecord) -> tuple[int, datetime]:
    return soul.version, soul.lived_until


def _order(turn: tuple[AffectEvent, Kept]) -> tuple[datetime, int]:
    return turn[0].happened_at, turn[0].event_id


def _chronicle(kept: Kept) -> Chronicle:
    return Chronicle(kept.soul, kept.natures, kept.persons)


def _until_reset(events: Sequence[AffectEvent]) -> Sequence[AffectEvent]:
    """Cut after a reset: it empties rows that the events behind it fill again."""
    for place, event in enumerate(events):
        if event.kind is EventKind.RESET:
            return events[: place + 1]
    return events
