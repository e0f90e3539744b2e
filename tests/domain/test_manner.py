"""Manner: finite and in range whatever she feels, and it moves the way feelings do."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.affect.emotions import INDEX, LITE, NAMES, RICH
from bot.domain.affect.mood import latent
from bot.domain.affect.personality import NEUTRAL_OCEAN
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul
from bot.domain.feeling import Feelings, SoulId
from bot.domain.ids import UserId
from bot.domain.manner import (
    TALKS_BY,
    WARM_BY,
    Length,
    Manner,
    Warmth,
    manner_of,
    risen,
    risen_in_all,
    warmth_towards,
)
from tests.domain.affect.states import persons, souls

NOW = datetime(2026, 11, 21, tzinfo=UTC)
JUNK = (math.nan, math.inf, -math.inf, 1e308, -1e308)
MANY = settings(max_examples=60, deadline=None)
LEAKS = st.floats(0, 1)
COLDER = ("anger", "disgust", "resentment", "frustration", "disappointment", "boredom")
WARMER = ("love", "gratitude", "compassion", "joy", "admiration")


@st.composite
def meetings(draw, tier=None, most=3):
    soul = draw(souls(tier=tier))
    people = draw(st.lists(persons(soul.tier), min_size=1, max_size=most))
    stages = [draw(st.sampled_from(Stage)) for _ in people]
    return soul, [replace(person, stage=stage) for person, stage in zip(people, stages, strict=True)]


def feelings_of(soul: SoulState, *people: PersonState) -> Feelings:
    return Feelings(SoulId(1), NOW, soul, {UserId(number): person for number, person in enumerate(people)})


def stirred(person: PersonState, emotion: str, by: float) -> PersonState:
    levels = list(person.directed)
    levels[INDEX[emotion]] = min(1.0, levels[INDEX[emotion]] + by)
    return replace(person, directed=tuple(levels))


def in_mood(soul: SoulState, pleasure: float = 0.0, arousal: float = 0.0) -> SoulState:
    return replace(soul, mood=latent((pleasure, arousal, 0.0)))


CALM = in_mood(new_soul("rich", NEUTRAL_OCEAN))
NOBODY = new_person("rich")


@given(meeting=meetings(), leak=LEAKS)
@MANY
def test_manner_is_finite_and_in_range(meeting, leak):
    soul, people = meeting
    manner = manner_of(feelings_of(soul, *people), leak=leak)
    assert math.isfinite(manner.pace) and 0.6 <= manner.pace <= 1.6
    assert isinstance(manner.length, Length) and manner == manner_of(feelings_of(soul, *people), leak=leak)
    assert all(isinstance(warmth_towards(soul, person, leak=leak), Warmth) for person in people)


@pytest.mark.parametrize("junk", JUNK)
def test_numbers_that_are_none_do_no_harm(junk):
    soul = replace(CALM, mood=(junk, junk, junk), emotions=(junk,) * len(RICH))
    felt = Sentiment(value=junk)
    person = PersonState((junk,) * len(RICH), felt, felt, felt, felt, tension=junk, need=junk)
    manner = manner_of(feelings_of(soul, person))
    assert 0.6 <= manner.pace <= 1.6
    assert warmth_towards(soul, person) in Warmth
    assert all(0.0 <= level <= 1.0 for level in risen(soul, person).values())
    assert all(0.0 <= level <= 1.0 for level in risen_in_all(soul).values())


def test_person_of_another_set_of_emotions_is_read_in_hers():
    assert risen(new_soul("lite", NEUTRAL_OCEAN), NOBODY).keys() == {emotion.name for emotion in LITE}
    assert risen(CALM, new_person("lite")).keys() == {emotion.name for emotion in RICH}


def test_calm_among_strangers_is_usual():
    assert manner_of(feelings_of(CALM, NOBODY)) == Manner() == manner_of(feelings_of(CALM))
    assert warmth_towards(CALM, NOBODY) is Warmth.PLAIN


@given(meeting=meetings(), rise=st.floats(0, 2), at=st.floats(-3, 3))
@MANY
def test_more_aroused_is_never_slower(meeting, rise, at):
    soul, people = meeting
    calm, stirred_up = (replace(soul, mood=(soul.mood[0], x, soul.mood[2])) for x in (at, at + rise))
    assert manner_of(feelings_of(calm, *people)).pace <= manner_of(feelings_of(stirred_up, *people)).pace


def test_aroused_is_quicker_and_low_is_slower():
    assert manner_of(feelings_of(in_mood(CALM, arousal=0.8))).pace > 1.3
    assert manner_of(feelings_of(in_mood(CALM, arousal=-0.8))).pace < 0.75
    assert manner_of(feelings_of(CALM, stirred(NOBODY, "anger", 0.6))).pace > 1.0
    assert manner_of(feelings_of(CALM, stirred(NOBODY, "sadness", 0.6))).pace < 1.0


@given(meeting=meetings(tier="rich"), emotion=st.sampled_from(sorted(TALKS_BY)), by=st.floats(0, 1))
@MANY
def test_each_emotion_moves_length_its_own_way_only(meeting, emotion, by):
    soul, people = meeting
    before = manner_of(feelings_of(soul, *people)).length
    after = manner_of(feelings_of(soul, stirred(people[0], emotion, by), *people[1:])).length
    assert after >= before if TALKS_BY[emotion] > 0 else after <= before


@given(meeting=meetings(tier="rich"), emotion=st.sampled_from(sorted(WARM_BY)), by=st.floats(0, 1), leak=LEAKS)
@MANY
def test_each_emotion_moves_warmth_its_own_way_only(meeting, emotion, by, leak):
    soul, people = meeting
    before = warmth_towards(soul, people[0], leak=leak)
    after = warmth_towards(soul, stirred(people[0], emotion, by), leak=leak)
    assert after >= before if WARM_BY[emotion] > 0 else after <= before


@given(meeting=meetings(), by=st.floats(0, 1))
@MANY
def test_tension_never_warms_or_lengthens_and_affection_never_cools(meeting, by):
    soul, people = meeting
    person = people[0]
    tense = replace(person, tension=min(1.0, person.tension + by))
    fonder = replace(person, affection=Sentiment(min(1.0, person.affection.value + by)))
    assert warmth_towards(soul, tense) <= warmth_towards(soul, person) <= warmth_towards(soul, fonder)
    assert manner_of(feelings_of(soul, tense)).length <= manner_of(feelings_of(soul, person)).length


def test_signs_of_warmth_are_as_meant():
    assert all(WARM_BY[name] < 0 for name in COLDER) and all(WARM_BY[name] > 0 for name in WARMER)
    assert {*TALKS_BY, *WARM_BY} <= set(NAMES["rich"])


@pytest.mark.parametrize(("emotion", "level", "length"), [("anger", 0.6, 0), ("boredom", 0.4, 0), ("interest", 0.7, 2)])
def test_what_she_feels_shortens_or_lengthens(emotion, level, length):
    assert manner_of(feelings_of(CALM, stirred(NOBODY, emotion, level))).length == Length(length)


def test_low_mood_shortens_and_high_mood_lengthens():
    assert manner_of(feelings_of(in_mood(CALM, -0.4, -0.4))).length is Length.SHORT
    assert manner_of(feelings_of(in_mood(CALM, 0.6, 0.4))).length is Length.LONG


def test_nobody_at_odds_is_met_warmly():
    adored = replace(NOBODY, affection=Sentiment(1.0), trust=Sentiment(1.0))
    warmest = {stage: warmth_towards(CALM, replace(adored, stage=stage)) for stage in Stage}
    assert warmest[Stage.HOSTILE] is Warmth.COOL and warmest[Stage.STRAINED] is Warmth.PLAIN
    assert warmest[Stage.STRANGER] is Warmth.WARM and warmest[Stage.FRIEND] is Warmth.FOND


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("tension", [0.0, 0.49, 0.5, 1.0])
def test_silence_fits_only_where_she_is_at_odds_and_tense(stage, tension):
    person = replace(NOBODY, stage=stage, tension=tension)
    at_odds = stage in (Stage.STRAINED, Stage.HOSTILE) and tension >= 0.5
    assert manner_of(feelings_of(CALM, person)).may_be_silent is at_odds
    assert not manner_of(feelings_of(CALM, person, NOBODY)).may_be_silent


def test_without_leak_others_feel_nothing_of_it():
    upset = replace(CALM, emotions=(1.0,) * len(RICH))
    assert not any(risen(upset, NOBODY, leak=0.0).values()) and not any(risen_in_all(upset, leak=0.0).values())
    assert all(level > 0 for level in risen(upset, NOBODY).values())
