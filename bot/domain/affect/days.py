"""Living through time with its midnights: decay to each one, that day's drift, and on.

Downtime and ticks agree, because both pass the same midnights with the same day behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bot.domain.affect.bateman import is_elapsed
from bot.domain.affect.constants import HOURS_A_DAY
from bot.domain.affect.drift import Drifted, pass_midnight
from bot.domain.affect.soul import advance, advance_person
from bot.domain.affect.state import PersonState, SoulState

# A longer leap is a broken clock, not time that passed; it is lived only up to here.
LONGEST_LEAP_H = 100 * 365.25 * HOURS_A_DAY
# Sums of hours that fall short of midnight by rounding alone have reached it.
MIDNIGHT_SLACK_H = 1e-9

K = TypeVar("K", bound=int | str)


def live(
    soul: SoulState, persons: Mapping[K, PersonState], hours: float
) -> tuple[SoulState, dict[K, PersonState], tuple[Drifted, ...]]:
    """Bring a soul and *persons* that were last brought up to the same moment *hours* further.

    Gives the drifts of the midnights passed, oldest first, for the log.
    """
    people = dict(persons)
    drifts: list[Drifted] = []
    left = min(hours, LONGEST_LEAP_H) if is_elapsed(hours) else 0.0
    while (to_midnight := max(HOURS_A_DAY - soul.day_h, 0.0)) <= left + MIDNIGHT_SLACK_H and left > 0.0:
        people = _people_after(people, soul, to_midnight)
        soul, drift = pass_midnight(advance(soul, to_midnight))
        drifts.append(drift)
        left -= to_midnight
    return advance(soul, left), _people_after(people, soul, left), tuple(drifts)


def _people_after(people: dict[K, PersonState], soul: SoulState, hours: float) -> dict[K, PersonState]:
    return {key: advance_person(person, soul, hours) for key, person in people.items()}
