"""Personality over time, for people whose state is older than the soul's.

Nobody's row is touched while others talk, so it may lag days behind. Between two natures personality is constant:
a person is brought to now stretch by stretch, each under the personality of its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.affect.days import LONGEST_LEAP_H
from bot.domain.affect.personality import Ocean
from bot.domain.affect.soul import advance_person
from bot.domain.affect.state import PersonState, SoulState

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Nature:
    """The five factors as they are from *since* on, until the next nature."""

    since: datetime
    ocean: Ocean


def hours_between(start: datetime, end: datetime) -> float:
    """Give the hours from *start* to *end*, negative when time went backwards."""
    return (end - start) / HOUR


def hour_of_day(at: datetime) -> float:
    """Give the hours since the last midnight (UTC), in [0, 24)."""
    utc = at.astimezone(UTC)
    return (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)) / HOUR


def person_until(
    person: PersonState, soul: SoulState, natures: Sequence[Nature], *, start: datetime, end: datetime
) -> PersonState:
    """Bring *person* from *start* to *end* under *natures*, oldest first; without any, under that of *soul*.

    The oldest nature also holds before it began. Time that went backwards changes nothing.
    """
    if hours_between(start, end) > LONGEST_LEAP_H:
        start = end - LONGEST_LEAP_H * HOUR
    for place, nature in enumerate(natures):
        ends = natures[place + 1].since if place + 1 < len(natures) else end
        until = min(ends, end)
        if until > start:
            person = advance_person(person, replace(soul, ocean=nature.ocean), hours_between(start, until))
            start = until
    return advance_person(person, soul, hours_between(start, end))
