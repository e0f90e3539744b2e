"""Time passing: the closed forms that bring a soul and a person to now, and what is felt towards someone.

`advance` and `advance_person` know no midnight: between two of them personality is constant. `days.py` walks
over midnights.
"""

from __future__ import annotations

import math

from bot.domain.affect.bateman import bateman, is_elapsed
from bot.domain.affect.constants import CAP_HALF_LIFE_H, DEFAULT_LEAK, LN2, REST_EPSILON
from bot.domain.affect.dynamics import Dynamics, dynamics_of
from bot.domain.affect.habituation import REPETITION_HALF_LIFE_H
from bot.domain.affect.mood import Vector
from bot.domain.affect.sentiments import AFFECTION, FAMILIARITY, RESPECT, TRUST, faded
from bot.domain.affect.state import PersonState, SoulState


def advance(soul: SoulState, hours: float) -> SoulState:
    """Let *hours* pass for *soul*; time that is not positive and finite changes nothing."""
    if not is_elapsed(hours):
        return soul
    dynamics = dynamics_of(soul.tier, soul.ocean)
    emotions = settled(soul.emotions, dynamics.baselines, dynamics.rates, hours)
    mood = _drained(soul, dynamics, hours)
    return SoulState(
        soul.tier,
        soul.home,
        soul.ocean,
        emotions,
        mood,
        _area(soul, dynamics, emotions, mood, hours),
        soul.day_h + hours,
        soul.is_drift_frozen,
    )


def settled(
    levels: tuple[float, ...], baselines: tuple[float, ...], rates: tuple[float, ...], hours: float
) -> tuple[float, ...]:
    """Let emotions fade towards their baselines."""
    return tuple(
        [
            rest if abs(left := (level - rest) * math.exp(-rate * hours)) < REST_EPSILON else rest + left
            for level, rest, rate in zip(levels, baselines, rates, strict=True)
        ]
    )


def _drained(soul: SoulState, dynamics: Dynamics, hours: float) -> Vector:
    """Move the latent mood: it returns home while fading emotions drain into it."""
    rate_p, rate_a, rate_d = dynamics.mood_rates
    pleasure = arousal = dominance = 0.0
    for level, rest, rate, (drain_p, drain_a, drain_d) in zip(
        soul.emotions, dynamics.baselines, dynamics.rates, dynamics.drains, strict=True
    ):
        displaced = level - rest
        if displaced:
            held = displaced * bateman(rate, rate_p, hours)
            pleasure += drain_p * held
            arousal += drain_a * displaced * bateman(rate, rate_a, hours)
            dominance += drain_d * (held if rate_d == rate_p else displaced * bateman(rate, rate_d, hours))
    rest_p, rest_a, rest_d = dynamics.mood_rest
    return (
        rest_p + (soul.mood[0] - rest_p) * math.exp(-rate_p * hours) + pleasure,
        rest_a + (soul.mood[1] - rest_a) * math.exp(-rate_a * hours) + arousal,
        rest_d + (soul.mood[2] - rest_d) * math.exp(-rate_d * hours) + dominance,
    )


def _area(soul: SoulState, dynamics: Dynamics, emotions: tuple[float, ...], mood: Vector, hours: float) -> Vector:
    """Add the integral of the latent mood over *hours*.

    From x' = −μ(x − x0) − g·ΣV·e' follows ∫(x − x0) = (what x lost + g·ΣV·what e lost) / μ, without quadrature.
    """
    lost = [before - after for before, after in zip(soul.emotions, emotions, strict=True)]
    return (
        _area_of(soul, dynamics, mood, lost, 0, hours),
        _area_of(soul, dynamics, mood, lost, 1, hours),
        _area_of(soul, dynamics, mood, lost, 2, hours),
    )


def _area_of(soul: SoulState, dynamics: Dynamics, mood: Vector, lost: list[float], axis: int, hours: float) -> float:
    drained = sum([drain[axis] * amount for drain, amount in zip(dynamics.drains, lost, strict=True)])
    displaced = (soul.mood[axis] - mood[axis] + drained) / dynamics.mood_rates[axis]
    return soul.mood_area[axis] + dynamics.mood_rest[axis] * hours + displaced


def advance_person(person: PersonState, soul: SoulState, hours: float) -> PersonState:
    """Let *hours* pass for what is felt about *person*, under the personality of *soul*."""
    if not is_elapsed(hours):
        return person
    dynamics = dynamics_of(soul.tier, soul.ocean)
    cap_left = math.exp(-LN2 * hours / CAP_HALF_LIFE_H)
    repetition_left = math.exp(-LN2 * hours / REPETITION_HALF_LIFE_H)
    return PersonState(
        directed=_directed_left(person.directed, dynamics, hours),
        trust=faded(person.trust, TRUST, hours, cap_left),
        affection=faded(person.affection, AFFECTION, hours, cap_left),
        respect=faded(person.respect, RESPECT, hours, cap_left),
        familiarity=faded(person.familiarity, FAMILIARITY, hours, cap_left),
        tension=person.tension * math.exp(-dynamics.tension_rate * hours),
        need=1.0 - (1.0 - person.need) * math.exp(-dynamics.need_rate * hours),
        share_used=person.share_used * cap_left,
        kind_repetition=person.kind_repetition * repetition_left,
        hurt_repetition=person.hurt_repetition * repetition_left,
        stage=person.stage,
        bond=person.bond,
    )


def _directed_left(directed: tuple[float, ...], dynamics: Dynamics, hours: float) -> tuple[float, ...]:
    if not any(directed):
        return directed
    return settled(directed, (0.0,) * len(directed), dynamics.rates, hours)


def felt(soul: SoulState, person: PersonState, *, leak: float = DEFAULT_LEAK) -> tuple[float, ...]:
    """Give what she feels towards *person*: directed feeling, or as much of the shared one as leaks.

    *leak* 0 isolates people from each other, 1 shares everything.
    """
    baselines = dynamics_of(soul.tier, soul.ocean).baselines
    return tuple(
        [
            max(own, rest + leak * (shared - rest))
            for own, shared, rest in zip(person.directed, soul.emotions, baselines, strict=True)
        ]
    )
