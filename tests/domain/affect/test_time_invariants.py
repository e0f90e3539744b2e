"""Invariants I1–I8, I19, I21–I23: what time does and does not do."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.affect.bateman import rate_of
from bot.domain.affect.days import live
from bot.domain.affect.drift import drifted, pass_midnight
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import EMOTIONS, NAMES, half_life_h
from bot.domain.affect.evaluation import Trial
from bot.domain.affect.mood import shown
from bot.domain.affect.personality import Ocean
from bot.domain.affect.propensity import probability, rate, roll, speaks
from bot.domain.affect.sentiments import RULES, faded
from bot.domain.affect.soul import advance, advance_person
from bot.domain.affect.state import new_soul
from tests.domain.affect.states import (
    FACTORS,
    FEW,
    HOURS,
    OCEANS,
    SOME,
    TIERS,
    appraisals,
    at_rest,
    furthest,
    meetings,
    numbers,
    sentiments,
    souls,
)

NO_TIME = (0.0, -0.0, -1.0, -1e308, math.nan, math.inf, -math.inf)
DISPLACEMENTS = st.tuples(*(st.floats(-1.5, 1.5) for _ in range(3)))


@SOME
@given(meetings(), HOURS, HOURS)
def test_i1_two_steps_are_one(meeting, first, second):
    soul, people = meeting
    person = people["p0"]
    once, twice = advance(soul, first + second), advance(advance(soul, first), second)
    assert furthest(once, twice) <= 1e-9
    together = advance_person(person, soul, first + second)
    assert furthest(together, advance_person(advance_person(person, soul, first), soul, second)) <= 1e-9


@FEW
@given(meetings(people=2), st.lists(st.floats(0, 50), min_size=1, max_size=12))
def test_i2_any_ticks_are_one_jump_over_midnights_too(meeting, ticks):
    soul, people = meeting
    ticked_soul, ticked_people, drifts = soul, people, ()
    for tick in ticks:
        ticked_soul, ticked_people, more = live(ticked_soul, ticked_people, tick)
        drifts += more
    jumped_soul, jumped_people, jumped_drifts = live(soul, people, sum(ticks))
    assert furthest(ticked_soul, jumped_soul) <= 1e-9
    assert all(furthest(ticked_people[key], jumped_people[key]) <= 1e-9 for key in people)
    assert len(drifts) == len(jumped_drifts)


@pytest.mark.parametrize("hours", NO_TIME)
@pytest.mark.parametrize("tier", ["lite", "rich"])
def test_i3_no_time_changes_no_bit(tier, hours):
    soul, people = _moved(tier)
    assert advance(soul, hours) is soul
    assert advance_person(people["a"], soul, hours) is people["a"]
    lived, same, drifts = live(soul, people, hours)
    assert (lived, same, drifts) == (soul, people, ())


@SOME
@given(meetings(people=2), st.sampled_from(NO_TIME))
def test_i3_no_time_changes_no_bit_of_any_state(meeting, hours):
    soul, people = meeting
    assert advance(soul, hours) is soul
    assert all(advance_person(person, soul, hours) is person for person in people.values())
    lived, same, drifts = live(soul, people, hours)
    assert lived is soul
    assert all(same[key] is people[key] for key in people)
    assert drifts == ()


@FEW
@given(souls(), st.floats(1e5, 1e300))
def test_i4_after_very_long_she_is_at_rest(soul, hours):
    end, dynamics = advance(soul, hours), dynamics_of(soul.tier, soul.ocean)
    assert end.emotions == pytest.approx(dynamics.baselines, abs=1e-9)
    assert end.mood == pytest.approx(dynamics.mood_rest, abs=1e-9)


@FEW
@given(meetings(), st.floats(1e5, 1e300))
def test_i4_after_very_long_nothing_but_what_was_earned_is_left_of_a_person(meeting, hours):
    soul, people = meeting
    end = advance_person(people["p0"], soul, hours)
    used = [level for rule in RULES for level in (getattr(end, rule.name).gained, getattr(end, rule.name).lost)]
    gone = (*end.directed, end.tension, end.share_used, end.kind_repetition, end.hurt_repetition, *used)
    assert max(gone) <= 1e-9
    assert end.need == pytest.approx(1.0, abs=1e-9)


@FEW
@given(souls(), st.integers(1, 20), st.integers(0, 26))
def test_i5_displacement_halves_every_half_life(soul, count, which):
    index = which % len(soul.emotions)
    rest = dynamics_of(soul.tier, soul.ocean).baselines[index]
    hours = count * half_life_h(EMOTIONS[soul.tier][index], soul.ocean)
    assert advance(soul, hours).emotions[index] - rest == pytest.approx(
        (soul.emotions[index] - rest) * 0.5**count, abs=1e-12
    )


@SOME
@given(souls(), HOURS)
def test_i6_emotions_only_approach_rest(soul, hours):
    end, rests = advance(soul, hours), dynamics_of(soul.tier, soul.ocean).baselines
    for before, after, rest in zip(soul.emotions, end.emotions, rests, strict=True):
        assert abs(after - rest) <= abs(before - rest) + 1e-12
        assert (after - rest) * (before - rest) >= 0.0


@SOME
@given(souls(), HOURS)
def test_i7_mood_only_approaches_rest_while_emotions_rest(soul, hours):
    start = at_rest(soul)
    end, rests = advance(start, hours), dynamics_of(soul.tier, soul.ocean).mood_rest
    for before, after, rest in zip(start.mood, end.mood, rests, strict=True):
        assert abs(after - rest) <= abs(before - rest) + 1e-12
        assert (after - rest) * (before - rest) >= -1e-12


@FEW
@given(TIERS, OCEANS, st.integers(0, 26), st.integers(0, 2), st.floats(0.1, 0.7))
def test_i8_one_feeling_bends_the_mood_its_way_and_peaks_once(tier, ocean, which, axis, by):
    start = new_soul(tier, ocean)
    index = which % len(start.emotions)
    emotion, dynamics = EMOTIONS[tier][index], dynamics_of(tier, ocean)
    direction = (emotion.pleasure, emotion.arousal, emotion.dominance)[axis]
    fast, slow = dynamics.rates[index], dynamics.mood_rates[axis]
    assume(abs(direction) > 0.03 and abs(fast - slow) > 1e-6)
    levels = list(start.emotions)
    levels[index] += by
    start = replace(start, emotions=tuple(levels))
    peak = math.log(fast / slow) / (fast - slow)
    course = [advance(start, peak * part).mood[axis] - dynamics.mood_rest[axis] for part in (0.3, 0.7, 1, 1.4, 2.5)]
    assert all(value * direction > 0.0 for value in course)
    sizes = [abs(value) for value in course]
    assert sizes[0] < sizes[1] < sizes[2] > sizes[3] > sizes[4]
    nearby = [abs(advance(start, peak * part).mood[axis] - dynamics.mood_rest[axis]) for part in (0.99, 1.01)]
    assert max(nearby) < sizes[2]


@SOME
@given(OCEANS, DISPLACEMENTS, st.floats(0, 400), st.floats(0, 400))
@example(Ocean(), (0.0, 0.7, 1.0), 3.0, 40.0)
def test_i19_drift_stays_in_reach_slow_and_splits_evenly(home, displacement, first, second):
    once = drifted(home, home, displacement, first + second)
    split = drifted(drifted(home, home, displacement, first), home, displacement, second)
    back = drifted(once, home, tuple(-axis for axis in displacement), 1.0)
    for factor, other, origin, returned in zip(once, split, home, back, strict=True):
        assert factor == pytest.approx(other, abs=1e-5)
        assert abs(factor - origin) < 0.25 + 1e-15
        assert abs(factor) <= 1.0
        assert abs(returned - factor) <= 0.01 + 1e-12


@FEW
@given(meetings(), st.integers(1, 20))
def test_i19_lived_days_keep_the_bound_and_the_daily_cap(meeting, days):
    soul, _ = meeting
    _, _, drifts = live(soul, {}, 24.0 * days)
    assert len(drifts) == days
    for drift in drifts:
        for before, after, home in zip(drift.before, drift.after, soul.home, strict=True):
            assert abs(after - before) <= 0.01 + 1e-12
            assert abs(after - home) <= 0.25 + 1e-12
            assert abs(after) <= 1.0


def test_i19_drift_goes_as_its_closed_form_says():
    omega = math.log(2) / 90
    pulls = {
        "openness": (0.0, 0.16, 0.24),
        "conscientiousness": (0.25, 0.0, 0.19),
        "extraversion": (0.29, 0.0, 0.59),
        "agreeableness": (0.74, 0.13, -0.18),
        "neuroticism": (-0.50, 0.55, 0.0),
    }
    for displacement in ((0.3, 0.0, 0.0), (0.0, 0.4, 0.0), (0.0, 0.0, -0.5)):
        after = drifted(Ocean(), Ocean(), displacement, 30.0)._asdict()
        for name, pull in pulls.items():
            u = 0.01 / 0.25 * sum(a * b for a, b in zip(pull, displacement, strict=True))
            z = u * (1 - math.exp(-omega * 30)) / omega
            assert after[name] == pytest.approx(0.25 * math.tanh(z), abs=1e-12)


def test_i19_drift_comes_home_when_nothing_pulls():
    away = Ocean(0.1, 0.1, 0.1, 0.1, 0.1)
    z = math.atanh(0.1 / 0.25) / 2
    assert drifted(away, Ocean(), (0.0, 0.0, 0.0), 90.0) == pytest.approx([0.25 * math.tanh(z)] * 5, abs=1e-12)


@pytest.mark.parametrize("born_at_h", [0.0, 7.3, 23.999])
def test_a_resting_soul_never_drifts(born_at_h):
    soul = new_soul("rich", Ocean(0.6, 0.15, 0.35, 0.3, 0.1), day_h=born_at_h)
    after, _, drifts = live(soul, {}, 24.0 * 30)
    assert len(drifts) == 30
    assert after.ocean == pytest.approx(soul.home, abs=1e-12)


def test_a_midnight_that_was_missed_is_passed_once():
    late = advance(new_soul("lite", Ocean()), 30.0)
    lived, _, drifts = live(late, {}, 1.0)
    assert len(drifts) == 1
    assert lived.day_h == pytest.approx(1.0)


def test_drift_follows_the_mean_mood_of_the_day_and_can_be_frozen():
    soul = replace(new_soul("lite", Ocean()), mood=(1.0, 0.0, 0.0))
    samples = [advance(soul, (hour + 0.5) / 100).mood[0] for hour in range(2400)]
    closed, drift = pass_midnight(advance(soul, 24.0))
    assert drift.displacement[0] == pytest.approx(math.tanh(sum(samples) / 2400), abs=1e-6)
    assert drift.displacement[1:] == (0.0, 0.0)
    assert closed.ocean == drift.after != soul.ocean
    frozen, still = pass_midnight(replace(advance(soul, 24.0), is_drift_frozen=True))
    assert frozen.ocean == still.after == soul.ocean
    assert (closed.day_h, closed.mood_area) == (0.0, (0.0, 0.0, 0.0))
    assert pass_midnight(soul)[1].displacement == (0.0, 0.0, 0.0)


@FEW
@given(
    TIERS,
    OCEANS,
    st.integers(-(10**6), 10**6),
    st.lists(st.tuples(st.integers(0, 60), appraisals()), min_size=1, max_size=5),
)
def test_i21_shifting_all_times_changes_nothing(tier, ocean, shift, said):
    runs = [Trial(tier, ocean, start_h=float(start)) for start in (0, shift)]
    for trial, start in zip(runs, (0, shift), strict=True):
        at = start
        for gap, appraisal in said:
            at += gap
            trial.hear("ann", appraisal, at_h=float(at), text="so")
    assert runs[0].soul == runs[1].soul
    assert runs[0].persons == runs[1].persons


@SOME
@given(DISPLACEMENTS, st.floats(0, 1), st.floats(0, 100), st.floats(0, 100))
def test_i22_propensity_does_not_depend_on_ticks(axes, need, first, second):
    per_hour = rate(shown(axes), need)
    missed = (1 - probability(per_hour, first)) * (1 - probability(per_hour, second))
    assert 1 - probability(per_hour, first + second) == pytest.approx(missed, abs=1e-9)
    assert 1 / 24 - 1e-15 <= per_hour <= 4 / 6 + 1e-15
    mood = shown(axes)
    bent = math.exp(mood[1] + 0.5 * abs(mood[0]) + 1.2 * (need - 0.5))
    assert per_hour == pytest.approx(min(max(bent, 0.25), 4) / 6, rel=1e-12)


def test_i22_propensity_ranges_sixteenfold_and_rolls_are_stable():
    assert rate((1.0, 1.0, 0.0), 1.0) == pytest.approx(4 / 6)
    assert rate((0.0, -1.0, 0.0), 0.0) == pytest.approx(1 / 24)
    assert rate((0.0, 0.0, 0.0)) == pytest.approx(1 / 6)
    assert all(probability(1.0, hours) == 0.0 for hours in NO_TIME)
    rolls = [roll("mira", f"slot-{number}") for number in range(2000)]
    assert rolls == [roll("mira", f"slot-{number}") for number in range(2000)]
    assert 0.0 <= min(rolls) < max(rolls) < 1.0
    assert sum(rolls) / 2000 == pytest.approx(0.5, abs=0.03)
    assert sum(speaks("mira", f"slot-{number}", 0.25) for number in range(2000)) == pytest.approx(500, abs=70)
    assert roll("mira", "x") != roll("jasmine", "x")


@SOME
@given(st.data(), st.sampled_from(RULES), st.floats(0, 1e5))
def test_i23_sentiments_settle_on_what_was_earned(data, rule, hours):
    held = data.draw(sentiments(rule))
    left = faded(held, rule, hours, 1.0)
    settled = left.earned * rule.rate / (rule.rate - rule.earned_rate)
    assert abs(left.value - settled) <= 3 * 2 ** (-hours / rule.half_life_h) + 1e-9
    hull = (held.value, held.earned, 0.0)
    assert min(hull) - 1e-12 <= left.value <= max(hull) + 1e-12


@FEW
@given(FACTORS, st.floats(0, 2000))
def test_rates_so_close_that_their_difference_vanishes_are_no_trouble(neuroticism, hours):
    soul = replace(new_soul("lite", Ocean(neuroticism=neuroticism)), emotions=(1.0,) * 8)
    assert all(math.isfinite(number) for number in numbers(advance(soul, hours)))
    assert rate_of(math.log(2)) == pytest.approx(1.0)


def _moved(tier):
    trial = Trial(tier, Ocean(0.6, 0.15, 0.35, 0.3, 0.1))
    trial.hear("a", {"warmth": 2, "desirability": 3, "humor": 1}, at_h=1.0)
    trial.hear("a", {"warmth": -2, "praiseworthiness": -1, "prospect": -3}, at_h=2.0)
    assert list(NAMES[tier])
    return trial.soul, trial.persons
