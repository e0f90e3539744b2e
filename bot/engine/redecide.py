"""Redecide: decide a recorded span again, as it would have been under other policies; no model is asked.

Each line is decided by itself, with the room as it was: what she would have said differently, and what people would
have answered to that, is not played on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.attention import Decision, Outcome, redecide
from bot.domain.ids import ChannelId
from bot.domain.room_policy import RoomPolicy
from bot.room_ports import DecisionStore, RecordedDecision

SLICE = timedelta(hours=6)  # of the record that is in memory at once, to begin with
SLICE_MOST = timedelta(days=1)
FEW, MANY = 500, 5_000  # decisions in one slice: below, the next one is longer; above, shorter
SAME_WITHIN = 1e-9  # what rounding may make of a score

Change = Callable[[RoomPolicy], RoomPolicy]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the record: from *since* up to *until*, which is not in it; in one channel or in all."""

    since: datetime
    until: datetime
    channel_id: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class Redecided:
    """A recorded decision, and what is decided now.

    *was* and *would_be* say what comes of the line: a cheap call's recorded answer counts for both, so that CONSIDER
    stands only where nobody knows what it would have said.
    """

    recorded: RecordedDecision
    now: Decision
    was: Outcome
    would_be: Outcome

    @property
    def is_flipped(self) -> bool:
        """Say whether something else comes of the line."""
        return self.was is not self.would_be

    @property
    def differs(self) -> bool:
        """Say whether anything is decided otherwise: what comes of it, how it reaches her, or by which figures."""
        then, now = self.recorded.decision, self.now
        figures = ((then.score, now.score), (then.bar, now.bar))
        is_same = then.outcome is now.outcome and then.reach is now.reach
        return not is_same or any(abs(one - other) > SAME_WITHIN for one, other in figures)


class Redecide:
    """Goes through the record again."""

    def __init__(self, store: DecisionStore) -> None:
        self._store = store

    async def __call__(self, stretch: Stretch, change: Change | None = None) -> AsyncIterator[Redecided]:
        """Decide each line of a stretch again, oldest first; *change* gives the policy that is tried instead.

        Raises:
            StoreError: the database failed.
        """
        begin, length = stretch.since, SLICE
        while begin < stretch.until:
            end = min(begin + length, stretch.until)
            found = await self._store.since(begin, end, channel_id=stretch.channel_id)
            for recorded in found:
                yield redecided(recorded, change)
            begin, length = end, _next_length(length, len(found))


def redecided(recorded: RecordedDecision, change: Change | None = None) -> Redecided:
    """Decide one recorded line again."""
    policy = recorded.policy if change is None else change(recorded.policy)
    now = redecide(recorded.decision, policy)
    return Redecided(recorded, now, _comes_of(recorded.decision, recorded), _comes_of(now, recorded))


def _comes_of(decision: Decision, recorded: RecordedDecision) -> Outcome:
    """Say what comes of a line, with what the cheap call said where it was asked."""
    if decision.outcome is not Outcome.CONSIDER or recorded.is_hers is None:
        return decision.outcome
    return Outcome.ANSWER if recorded.is_hers else Outcome.LISTEN


def _next_length(length: timedelta, found: int) -> timedelta:
    """Give how much of the record is read next, so that neither empty months nor busy hours take long."""
    if found > MANY:
        return length / 2
    return min(length * 2, SLICE_MOST) if found < FEW else length
