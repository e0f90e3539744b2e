"""How long the affect model computes: one soul brought to now, one message applied, in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter_ns

from bench.report import Row, Spread
from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import Tier
from bot.domain.affect.personality import Ocean
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.soul import advance
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul

MIRA = Ocean(0.6, 0.15, 0.35, 0.3, 0.1)
HOURS = 1.3
ADVANCE_TARGET_US: dict[Tier, float] = {"lite": 25.0, "rich": 60.0}
APPLY_TARGET_US: dict[Tier, float] = {"lite": 100.0, "rich": 200.0}
# A sample is the mean of so many calls, so that the clock's own time does not count.
CALLS = 50
SAMPLES, SAMPLES_QUICK = 400, 60
WARM_UP = 10
# Every field set and no emotion at rest: nothing that a real message asks for is skipped.
MESSAGE = Appraisal(2, -1, 2, -1, 1, -2, 1, 2, 3, 1, 1, 1, confidence=0.9)


async def run(*, is_quick: bool) -> list[Row]:
    """Measure both steps for both sets of emotions."""
    rows: list[Row] = []
    samples = SAMPLES_QUICK if is_quick else SAMPLES
    for tier in ("lite", "rich"):
        soul, person = _moved(tier)
        heard, people = [Heard(1, MESSAGE, 0.1)], {1: person}
        advanced = _sampled(partial(advance, soul, HOURS), samples)
        rows.append(_row(f"advance one soul, {tier}", advanced, ADVANCE_TARGET_US[tier], samples))
        applied = _sampled(partial(apply_burst, soul, people, heard), samples)
        rows.append(_row(f"apply one message, {tier}", applied, APPLY_TARGET_US[tier], samples))
    return rows


def _moved(tier: Tier) -> tuple[SoulState, PersonState]:
    """Give a soul and a person with every emotion displaced and every sentiment felt."""
    soul = new_soul(tier, MIRA, day_h=7.0)
    levels = tuple(rest + 0.1 + 0.01 * place for place, rest in enumerate(dynamics_of(tier, MIRA).baselines))
    felt = Sentiment(0.3, 0.1, 0.01, 0.05)
    person = replace(
        new_person(tier), trust=felt, affection=felt, respect=felt, familiarity=felt, tension=0.2, need=0.4
    )
    return replace(soul, emotions=levels, mood=(0.4, -0.2, 0.1)), replace(person, directed=levels)


def _sampled(call: Callable[[], object], samples: int) -> list[float]:
    """Give the microseconds that one *call* takes, sample by sample."""
    found: list[float] = []
    for number in range(-WARM_UP, samples):
        began = perf_counter_ns()
        for _ in range(CALLS):
            call()
        if number >= 0:
            found.append((perf_counter_ns() - began) / CALLS / 1000.0)
    return found


def _row(figure: str, times_us: list[float], target_us: float, samples: int) -> Row:
    spread = Spread.of(times_us)
    return Row(
        figure=figure,
        target=f"median ≤ {target_us:.0f} µs",
        measured=f"median {spread.p50:.1f} µs, p95 {spread.p95:.1f} µs",
        is_met=spread.p50 <= target_us,
        runs=f"{samples} × {CALLS}",
        how="in process, every emotion displaced, every field of the appraisal set; personality's rates remembered",
        values={"median_us": spread.p50, "p95_us": spread.p95},
    )
