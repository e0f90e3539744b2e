"""Against a second opinion: numeric integration of the differential equations, and the rules written out plainly."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.bateman import bateman
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.personality import Ocean
from bot.domain.affect.sentiments import RULES, Sentiment, faded
from bot.domain.affect.soul import advance, advance_person, felt
from bot.domain.affect.state import new_soul
from tests.domain.affect import reference
from tests.domain.affect.states import FEW, OCEANS, SOME, TIERS, appraisals, meetings, souls


@pytest.mark.parametrize("tier", ["lite", "rich"])
@pytest.mark.parametrize("ocean", [Ocean(), Ocean(0.7, -0.2, 0.5, 0.4, -0.6), Ocean(-0.5, 0.9, -0.8, -1.0, 1.0)])
def test_closed_forms_agree_with_numeric_integration(tier, ocean):
    start = new_soul(tier, ocean)
    levels = tuple((0.13 * (7 * index % 8)) % 1.0 for index in range(len(start.emotions)))
    start = replace(start, emotions=levels, mood=(0.4, -0.9, 1.3))
    emotions, mood, area = reference.integrate(start, 2.5, 800)
    end = advance(start, 2.5)
    assert end.emotions == pytest.approx(emotions, abs=1e-8)
    assert end.mood == pytest.approx(mood, abs=1e-8)
    assert end.mood_area == pytest.approx(area, abs=1e-8)


@FEW
@given(st.floats(1e-3, 5), st.floats(1e-3, 5), st.floats(1e-3, 200))
def test_bateman_agrees_with_its_textbook_form_where_that_is_exact(first, second, hours):
    if abs(first - second) > 1e-3:
        textbook = first * (math.exp(-second * hours) - math.exp(-first * hours)) / (first - second)
        assert bateman(first, second, hours) == pytest.approx(textbook, abs=1e-9)
    assert 0.0 <= bateman(first, second, hours) <= 1.0


@FEW
@given(st.floats(1e-3, 5), st.floats(-1e-9, 1e-9), st.floats(1e-3, 200))
def test_bateman_is_smooth_where_the_rates_meet(rate, apart, hours):
    met = rate * hours * math.exp(-rate * hours)
    assert bateman(rate, rate + apart, hours) == pytest.approx(met, abs=1e-6)
    assert bateman(rate, rate, hours) == pytest.approx(met, rel=1e-12)


@FEW
@given(TIERS, OCEANS)
def test_rates_baselines_and_resting_mood_are_those_of_the_table(tier, ocean):
    dynamics = dynamics_of(tier, ocean)
    assert list(NAMES[tier]) == reference.names(tier)
    assert dynamics.rates == pytest.approx([reference.rate(name, ocean) for name in NAMES[tier]], rel=1e-12)
    assert dynamics.baselines == pytest.approx([reference.baseline(name, ocean) for name in NAMES[tier]], abs=1e-12)
    assert dynamics.signs == tuple(reference.TABLE[name][0] for name in NAMES[tier])
    assert dynamics.mood_rest_shown == pytest.approx(reference.rest_mood(ocean), abs=1e-12)
    assert [math.tanh(axis) for axis in dynamics.mood_rest] == pytest.approx(reference.rest_mood(ocean), abs=1e-12)
    assert dynamics.mood_rates == pytest.approx(reference.mood_rates(ocean), rel=1e-12)


@SOME
@given(
    meetings(people=2),
    st.lists(st.tuples(st.sampled_from(("p0", "p1")), appraisals(), st.floats(0, 1)), min_size=1, max_size=3),
)
def test_a_burst_does_what_the_rules_say(meeting, said):
    soul, people = meeting
    after_soul, after = apply_burst(soul, people, [Heard(*one) for one in said])
    shared, expected = reference.burst(soul, people, said)
    assert dict(zip(NAMES[soul.tier], after_soul.emotions, strict=True)) == pytest.approx(shared, abs=1e-9)
    for key, numbers in expected.items():
        person = after[key]
        assert dict(zip(NAMES[soul.tier], person.directed, strict=True)) == pytest.approx(numbers["directed"], abs=1e-9)
        for name in reference.SENTIMENTS:
            held = getattr(person, name)
            mine = (held.value, held.earned, held.gained, held.lost)
            assert mine == pytest.approx(numbers[name], abs=1e-9)
        for name in ("tension", "need", "share_used", "kind_repetition", "hurt_repetition"):
            assert getattr(person, name) == pytest.approx(numbers[name], abs=1e-9)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_sentiments_fade_as_their_equations_say(rule):
    half_life_d, earned_half_life_d = reference.SENTIMENTS[rule.name][4:6]
    rate, earned_rate = math.log(2) / (24 * half_life_d), math.log(2) / (24 * earned_half_life_d)
    value, earned, steps, hours = 0.8, 0.3, 4000, 1000.0
    for _ in range(steps):
        step = hours / steps
        middle = value - step / 2 * rate * (value - earned)
        middle_earned = earned * (1 - earned_rate * step / 2)
        value -= step * rate * (middle - middle_earned)
        earned -= step * earned_rate * middle_earned
    left = faded(Sentiment(0.8, 0.3, 0.04, 0.4), rule, hours, 0.5)
    assert (left.value, left.earned) == pytest.approx((value, earned), abs=1e-6)
    assert (left.gained, left.lost) == (0.02, 0.2)


@FEW
@given(meetings(), st.floats(0.01, 200))
def test_tension_need_caps_and_repetition_fade_by_their_half_lives(meeting, hours):
    soul, people = meeting
    before = people["p0"]
    left = advance_person(before, soul, hours)
    _, _, extraversion, agreeableness, _ = soul.ocean
    assert left.tension == pytest.approx(before.tension * 0.5 ** (hours * (1 + 0.3 * agreeableness) / 36), abs=1e-12)
    need = 1 - (1 - before.need) * 0.5 ** (hours * (1 + 0.5 * extraversion) / 24)
    assert left.need == pytest.approx(need, abs=1e-12)
    assert left.share_used == pytest.approx(before.share_used * 0.5 ** (hours / 12), abs=1e-12)
    assert left.trust.gained == pytest.approx(before.trust.gained * 0.5 ** (hours / 12), abs=1e-12)
    assert left.affection.lost == pytest.approx(before.affection.lost * 0.5 ** (hours / 12), abs=1e-12)
    assert left.kind_repetition == pytest.approx(before.kind_repetition * 0.5 ** (hours / 6), abs=1e-12)
    assert left.hurt_repetition == pytest.approx(before.hurt_repetition * 0.5 ** (hours / 6), abs=1e-12)
    directed = [
        level * math.exp(-reference.rate(name, soul.ocean) * hours)
        for name, level in zip(NAMES[soul.tier], before.directed, strict=True)
    ]
    assert left.directed == pytest.approx(directed, abs=1e-11)


@FEW
@given(meetings(), st.sampled_from((0.0, 0.35, 1.0)))
def test_felt_is_directed_feeling_or_the_leaking_shared_one(meeting, leak):
    soul, people = meeting
    expected = [reference.felt(soul, people["p0"], name, leak) for name in NAMES[soul.tier]]
    assert felt(soul, people["p0"], leak=leak) == pytest.approx(expected, abs=1e-12)


@FEW
@given(souls())
def test_an_empty_burst_changes_nothing(soul):
    assert apply_burst(soul, {}, []) == (soul, {})
