"""Personality drifting with experience: a little each midnight, around the temperament she was given.

The day's mean mood pulls; the temperament pulls back. No message and no model sets a factor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import repeat

from bot.domain.affect.bateman import clip, rate_of
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.mood import ORIGIN, Vector, shown
from bot.domain.affect.personality import FACTOR_LIMIT, Ocean
from bot.domain.affect.state import SoulState

# The furthest a factor drifts from home, and the most it moves in a day; chosen by ear.
REACH = 0.25
DAILY_MOST = 0.01
# Days in which half of what was drifted is undone when nothing pulls; chosen by ear.
HOMEWARD_HALF_LIFE_DAYS = 90.0
# Keeps atanh finite for a factor at the very end of its reach.
REACH_SHARE_MOST = 0.999999
# A day is cut this fine, so that the daily cap acts as a speed limit and splitting a day changes nothing.
STEP_DAYS = 0.25
# Pull of a displaced mood (pleasure, arousal, dominance) on each factor: Mehrabian 1996 read backwards; by ear.
PULLS: tuple[Vector, ...] = (
    (0.0, 0.16, 0.24),  # openness
    (0.25, 0.0, 0.19),  # conscientiousness
    (0.29, 0.0, 0.59),  # extraversion
    (0.74, 0.13, -0.18),  # agreeableness
    (-0.50, 0.55, 0.0),  # neuroticism
)


@dataclass(frozen=True, slots=True)
class Drifted:
    """One day's drift, for the log: personality before and after, and the displaced mood that caused it."""

    before: Ocean
    after: Ocean
    displacement: Vector


def displacement_of(soul: SoulState) -> Vector:
    """Give how far the mean mood since the last midnight lay from the resting mood."""
    if soul.day_h <= 0.0:
        return ORIGIN
    pleasure, arousal, dominance = soul.mood_area
    mean = shown((pleasure / soul.day_h, arousal / soul.day_h, dominance / soul.day_h))
    rest = dynamics_of(soul.tier, soul.ocean).mood_rest_shown
    return (mean[0] - rest[0], mean[1] - rest[1], mean[2] - rest[2])


def drifted(ocean: Ocean, home: Ocean, displacement: Vector, days: float = 1.0) -> Ocean:
    """Let a constant *displacement* pull on the factors for *days*."""
    return Ocean(
        *(
            _pulled(factor, origin, clip(_dot(pull, displacement), -1.0, 1.0), days)
            for factor, origin, pull in zip(ocean, home, PULLS, strict=True)
        )
    )


def pass_midnight(soul: SoulState) -> tuple[SoulState, Drifted]:
    """Close the day: drift by its mean mood, unless drift is frozen, and begin the next one."""
    displacement = displacement_of(soul)
    after = soul.ocean if soul.is_drift_frozen else drifted(soul.ocean, soul.home, displacement)
    closed = replace(soul, ocean=after, mood_area=ORIGIN, day_h=0.0)
    return closed, Drifted(soul.ocean, after, displacement)


def _pulled(factor: float, home: float, pull: float, days: float) -> float:
    whole, rest = divmod(days, STEP_DAYS)
    for step in (*repeat(STEP_DAYS, int(whole)), rest):
        factor = _step(factor, home, pull, step)
    return factor


def _step(factor: float, home: float, pull: float, days: float) -> float:
    """Move one factor: linear in z, where the factor is home + REACH·tanh(z), so it never leaves its reach."""
    z = math.atanh(clip((factor - home) / REACH, -REACH_SHARE_MOST, REACH_SHARE_MOST))
    rate = rate_of(HOMEWARD_HALF_LIFE_DAYS)
    homeward = math.exp(-rate * days)
    drive = DAILY_MOST / REACH * pull
    target = home + REACH * math.tanh(z * homeward + drive * -math.expm1(-rate * days) / rate)
    most = DAILY_MOST * days
    return clip(factor + clip(target - factor, -most, most), -FACTOR_LIMIT, FACTOR_LIMIT)


def _dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
