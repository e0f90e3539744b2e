"""Who may ask the model next: a cap on calls at once, people before background work, servers by turns.

Within one rank the tenants (a server, or a person in direct messages) take turns, however much one of them waits for.
What is rationed besides is so for all processes together.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Protocol

_HOUR = timedelta(hours=1)


class Rank(IntEnum):
    """What is let through first; the smaller the sooner."""

    PEOPLE = 0
    THOUGHT = 1
    UPKEEP = 2


class SlotsClosed(Exception):
    """The process is stopping: nothing new begins."""


class Slot:
    """One place, held until `free`; freeing it again does nothing."""

    def __init__(self, slots: Slots) -> None:
        self._slots: Slots | None = slots

    @property
    def is_held(self) -> bool:
        """Say whether the place is still ours."""
        return self._slots is not None

    def free(self) -> None:
        """Give the place to whoever is next."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots._give_back()


_Waiting = OrderedDict[int, deque[asyncio.Future[None]]]


class Slots:
    """At most *limit* places at once."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("there must be at least one place")
        self._limit = limit
        self._taken = 0
        self._is_closed = False
        self._waiting: dict[Rank, _Waiting] = {rank: OrderedDict() for rank in Rank}

    @property
    def limit(self) -> int:
        """Give how many places there are."""
        return self._limit

    @property
    def taken(self) -> int:
        """Count the places that are held."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Count those who wait for one."""
        return sum(len(line) for lines in self._waiting.values() for line in lines.values())

    def waiting_before(self, rank: Rank) -> int:
        """Count those who wait for one and go before *rank*."""
        return sum(len(line) for one, lines in self._waiting.items() if one < rank for line in lines.values())

    async def take(self, tenant: int, rank: Rank = Rank.PEOPLE) -> Slot:
        """Wait for a place.

        Raises:
            SlotsClosed: the process is stopping.
        """
        if self._is_closed:
            raise SlotsClosed
        if self._taken < self._limit:  # then nobody waits: a place that is given back goes to who does
            self._taken += 1
            return Slot(self)
        turn = asyncio.get_running_loop().create_future()
        self._waiting[rank].setdefault(tenant, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back()  # it was ours already when we were cancelled
            else:
                self._leave(rank, tenant, turn)
            raise
        return Slot(self)

    def close(self) -> None:
        """Send away all who wait; places that are held stay held."""
        self._is_closed = True
        for lines in self._waiting.values():
            for line in lines.values():
                for turn in line:
                    if not turn.done():
                        turn.set_exception(SlotsClosed())
            lines.clear()

    def _give_back(self) -> None:
        for lines in self._waiting.values():
            while lines:
                turn = self._next(lines)
                if not turn.done():
                    turn.set_result(None)  # the place changes hands; the count stays
                    return
        self._taken -= 1

    def _next(self, lines: _Waiting) -> asyncio.Future[None]:
        """Take the first of the tenant whose turn it is, and put the tenant last."""
        tenant, line = next(iter(lines.items()))
        turn = line.popleft()
        if line:
            lines.move_to_end(tenant)
        else:
            del lines[tenant]
        return turn

    def _leave(self, rank: Rank, tenant: int, turn: asyncio.Future[None]) -> None:
        line = self._waiting[rank].get(tenant)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[rank][tenant]


class Ledger(Protocol):
    """Keeps, for all processes, which slots of which job are taken."""

    async def take_slot(self, job: str, slot: datetime, now: datetime) -> bool:
        """Take a slot for good; False if it is taken."""


class Ration:
    """At most *most* of something in each hour by the clock, in however many processes."""

    def __init__(self, ledger: Ledger, job: str, most: int) -> None:
        """Take the *job* under whose name the *ledger* keeps it."""
        self._ledger = ledger
        self._job = job
        self._most = most
        self._hour: datetime | None = None
        self._tried = 0  # of the hour's slots: each is asked for once, whoever has it

    def is_spent(self, now: datetime) -> bool:
        """Say whether nothing is left of the hour, as far as this process knows."""
        return self._hour == _hour_of(now) and self._tried >= self._most

    async def take(self, now: datetime) -> bool:
        """Take one; False if nothing is left of the hour.

        Raises:
            StoreError: the database failed.
        """
        if self._hour != (hour := _hour_of(now)):
            self._hour, self._tried = hour, 0
        while self._tried < self._most:
            slot = hour + self._tried * _HOUR / self._most
            is_ours = await self._ledger.take_slot(self._job, slot, now)
            self._tried += 1
            if is_ours:
                return True
        return False

    @staticmethod
    def next_at(now: datetime) -> datetime:
        """Give when there is more."""
        return _hour_of(now) + _HOUR


def _hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
