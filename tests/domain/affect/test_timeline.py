"""Someone whose state is older than the soul's is brought to now under the personality of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.days import LONGEST_LEAP_H
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.soul import advance_person
from bot.domain.affect.state import new_person, new_soul
from bot.domain.affect.timeline import HOUR, Nature, hours_between, person_until
from tests.domain.affect.states import FEW, furthest

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SOUL = new_soul("rich", Ocean(extraversion=-0.4, agreeableness=0.2, neuroticism=0.5))
PERSON = replace(
    new_person("rich"),
    directed=tuple(0.03 * number for number in range(27)),
    trust=Sentiment(0.8, 0.3, 0.05, 0.2),
    tension=0.7,
    need=0.2,
    kind_repetition=3.0,
)
FIRST, SECOND, THIRD = Ocean(agreeableness=-0.9), Ocean(extraversion=0.9), Ocean(agreeableness=0.9, neuroticism=-0.8)


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def stretch(person, ocean, hours):
    return advance_person(person, replace(SOUL, ocean=ocean), hours)


def test_hours_count_backwards_too():
    assert hours_between(NOON, NOON + timedelta(minutes=90)) == 1.5
    assert hours_between(NOON, NOON - timedelta(minutes=90)) == -1.5


def test_without_natures_the_soul_as_it_is_counts():
    assert person_until(PERSON, SOUL, (), start=NOON, end=at(30)) == advance_person(PERSON, SOUL, 30.0)


def test_each_stretch_passes_under_its_own_nature():
    natures = [Nature(at(-5), FIRST), Nature(at(10), SECOND), Nature(at(34), THIRD)]
    expected = stretch(stretch(stretch(PERSON, FIRST, 10.0), SECOND, 24.0), THIRD, 6.0)
    assert furthest(person_until(PERSON, SOUL, natures, start=NOON, end=at(40)), expected) <= 1e-12
    assert furthest(expected, stretch(PERSON, FIRST, 40.0)) > 1e-3


def test_the_oldest_nature_holds_before_it_began_and_what_comes_later_does_not_count():
    natures = [Nature(at(5), FIRST), Nature(at(20), SECOND), Nature(at(60), THIRD)]
    expected = stretch(stretch(PERSON, FIRST, 20.0), SECOND, 10.0)
    assert furthest(person_until(PERSON, SOUL, natures, start=NOON, end=at(30)), expected) <= 1e-12
    assert person_until(PERSON, SOUL, natures, start=NOON, end=at(8)) == stretch(PERSON, FIRST, 8.0)


def test_natures_of_days_gone_by_do_not_count():
    natures = [Nature(at(-50), FIRST), Nature(at(-20), SECOND), Nature(NOON, THIRD)]
    assert person_until(PERSON, SOUL, natures, start=NOON, end=at(7)) == stretch(PERSON, THIRD, 7.0)


@pytest.mark.parametrize("hours", [0.0, -1.0, -1e5])
def test_i3_time_that_went_backwards_changes_no_bit(hours):
    natures = [Nature(at(-50), FIRST), Nature(at(-0.5), SECOND)]
    assert person_until(PERSON, SOUL, natures, start=NOON, end=at(hours)) is PERSON


def test_a_leap_is_lived_up_to_a_hundred_years():
    birth = datetime(1, 1, 1, tzinfo=UTC)
    now = birth + timedelta(hours=2 * LONGEST_LEAP_H)
    cold, warm = Nature(birth, FIRST), Nature(now - timedelta(hours=LONGEST_LEAP_H), THIRD)
    shy = replace(new_person("lite"), trust=Sentiment(1.0, 1.0))
    soul = new_soul("lite", NEUTRAL_OCEAN)
    leapt = person_until(shy, soul, [cold, warm], start=birth, end=now)
    assert leapt == advance_person(shy, replace(soul, ocean=THIRD), LONGEST_LEAP_H)
    assert leapt.trust.earned > 0.0


@FEW
@given(st.lists(st.integers(0, 200), min_size=1, max_size=6), st.integers(0, 300))
def test_i2_natures_that_are_all_alike_are_one(hours, end):
    natures = [Nature(at(hour), SECOND) for hour in sorted(hours)]
    together = person_until(PERSON, replace(SOUL, ocean=SECOND), natures, start=NOON, end=at(end))
    assert furthest(together, stretch(PERSON, SECOND, float(end))) <= 1e-9
