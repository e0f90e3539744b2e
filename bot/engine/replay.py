"""Replay: live a soul's whole history again, event by event, and compare with what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime

from bot.domain.affect.personality import read_ocean
from bot.domain.affect.timeline import Nature, hour_of_day
from bot.domain.affect.versions import model_of
from bot.domain.chronicle import AffectEvent, Chronicle, PersonRecord, SoulRecord
from bot.domain.feeling import EventKind, SoulId
from bot.domain.ids import UserId
from bot.errors import StoreError
from bot.feeling_ports import FeelingStore
from bot.ports import Clock

EVENTS_AT_ONCE = 1_000
PEOPLE_AT_ONCE = 500
TRIES = 5  # a soul that somebody talks to changes while its history is read


class _Changed(StoreError):
    """The soul moved while it was replayed."""

    def __init__(self) -> None:
        super().__init__("the soul changed meanwhile")


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two values of one thing are apart; *where* names whose and which, never what was said."""

    where: str
    size: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found: how much was lived again, and the largest difference to what is kept."""

    soul_id: SoulId
    events: int
    people: int
    largest: Difference
    is_written: bool = False


class Replay:
    """Rebuilds one soul's snapshots from its events."""

    def __init__(self, *, store: FeelingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, soul_id: SoulId, *, is_writing: bool = False) -> Replayed:
        """Replay a soul; with *is_writing*, put what came out in place of what is kept.

        Raises:
            StoreError: the database failed, the history has no birth, or the soul never stood still meanwhile.
        """
        for _ in range(TRIES):
            try:
                return await self._replayed(soul_id, is_writing=is_writing)
            except _Changed:
                continue
        raise StoreError(f"soul {soul_id} changes too often; stop Mira and try again")

    async def rebuild(self, soul_id: SoulId, now: datetime) -> None:
        """Put what a soul's events give at *now* in place of what is kept, however far that was brought.

        Raises:
            StoreError: the database failed, the history has no birth, or the soul changed meanwhile.
        """
        kept = (await self._store.look(soul_id, (), said_since=now, said_most=0)).soul
        lived = await self._lived(soul_id, kept)
        lived.live_until(now)
        _, snapshot = await self._compare(soul_id, lived, lived.at)
        await self._write(kept, lived, snapshot)

    async def _replayed(self, soul_id: SoulId, *, is_writing: bool) -> Replayed:
        now = self._clock.now()
        kept = (await self._store.look(soul_id, (), said_since=now, said_most=0)).soul
        lived = await self._lived(soul_id, kept)
        until = max(lived.at, kept.lived_until)
        lived.live_until(until)
        largest, snapshot = await self._compare(soul_id, lived, until)
        if is_writing:
            await self._write(kept, lived, snapshot)
        return Replayed(soul_id, kept.version, len(snapshot.keys() | lived.persons), largest, is_writing)

    async def _write(self, kept: SoulRecord, lived: Chronicle, snapshot: Mapping[UserId, PersonRecord]) -> None:
        for user_id in tuple(lived.persons):
            lived.changed[user_id] = lived.person(user_id)
        lived.forgotten = set(snapshot.keys() - lived.persons.keys())
        lived.given = snapshot
        lived.applied.clear()  # they have their places already
        # a place in the history is left out, so that nobody goes on from what they remember of the soul before
        lived.soul = replace(lived.soul, version=kept.version + 1)
        if not await self._store.apply(kept, lived):
            raise _Changed

    async def _lived(self, soul_id: SoulId, kept: SoulRecord) -> Chronicle:
        chronicle: Chronicle | None = None
        seq = 0
        while seq < kept.version:
            events = await self._store.lived(soul_id, seq, min(EVENTS_AT_ONCE, kept.version - seq))
            if not events:
                break
            for event in events:
                if chronicle is None:
                    chronicle = _born(soul_id, event)
                else:
                    chronicle.live(event)
            # an erased turn leaves a gap in the numbers; the soul's own count goes on from the last event
            seq = events[-1].seq or kept.version
        if chronicle is None:
            raise StoreError(f"soul {soul_id} has no birth in its history")
        chronicle.soul = replace(chronicle.soul, version=kept.version)
        return chronicle

    async def _compare(
        self, soul_id: SoulId, lived: Chronicle, until: datetime
    ) -> tuple[Difference, dict[UserId, PersonRecord]]:
        """Give the largest difference, and everybody as they are kept."""
        users = sorted(set(await self._store.everybody(soul_id)) | set(lived.persons))
        largest = Difference("nothing", 0.0)
        kept: dict[UserId, PersonRecord] = {}
        for start in range(0, max(len(users), 1), PEOPLE_AT_ONCE):
            batch = users[start : start + PEOPLE_AT_ONCE]
            found, persons = await self._compare_batch(soul_id, batch, lived, until)
            largest = max(largest, found, key=_size)
            kept |= persons
        return largest, kept

    async def _compare_batch(
        self, soul_id: SoulId, users: Sequence[UserId], lived: Chronicle, until: datetime
    ) -> tuple[Difference, Mapping[UserId, PersonRecord]]:
        looked = await self._store.look(soul_id, users, said_since=until, said_most=0)
        snapshot = Chronicle(looked.soul, looked.natures, looked.persons)
        if looked.soul.version != lived.soul.version:
            raise _Changed
        snapshot.live_until(until)
        found = list(_differences("soul", lived.soul.state, snapshot.soul.state))
        for user_id in users:
            if (user_id in lived.persons) != (user_id in looked.persons):
                found.append(Difference(f"person {user_id} is known to one side only", math.inf))
                continue
            found += _differences(f"person {user_id}", lived.person(user_id).state, snapshot.person(user_id).state)
        return max(found, key=_size, default=Difference("nothing", 0.0)), looked.persons


def _size(difference: Difference) -> float:
    return difference.size


def _born(soul_id: SoulId, birth: AffectEvent) -> Chronicle:
    """Begin where the soul began."""
    if birth.kind is not EventKind.BIRTH:
        raise StoreError(f"soul {soul_id} has no birth in its history")
    home = birth.detail["home"]
    ocean = read_ocean(home if isinstance(home, list) else ())
    day_h = hour_of_day(birth.happened_at)
    state = model_of(birth.model_version).new_soul(
        "lite" if birth.detail["tier"] == "lite" else "rich", ocean, day_h=day_h
    )
    record = SoulRecord(soul_id, state, birth.happened_at, birth.happened_at, 1, birth.model_version)
    return Chronicle(record, [Nature(birth.happened_at, ocean)], {})


def _differences(where: str, one: object, other: object) -> Iterator[Difference]:
    """Walk two values of one shape side by side."""
    if is_dataclass(one) and not isinstance(one, type):
        for field in fields(one):
            yield from _differences(f"{where}: {field.name}", getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) != len(other):
            yield Difference(where, math.inf)
        for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from _differences(f"{where} {place}", mine, theirs)
    elif isinstance(one, float) and isinstance(other, float):
        yield Difference(where, abs(one - other) if math.isfinite(one) and math.isfinite(other) else math.inf)
    elif one != other:
        yield Difference(where, math.inf)
