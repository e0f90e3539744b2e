"""Faces: the model's if known, else the one that fits what she feels, else the neutral one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.personas import companion_names, read_companion
from bot.domain.affect.emotions import INDEX, NAMES
from bot.domain.affect.evaluation import Trial
from bot.domain.affect.personality import NEUTRAL_OCEAN
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul
from bot.domain.expressions import choose_expression, fitting_expression, named_expression, neutral_expression
from bot.domain.feeling import Feelings, SoulId
from bot.domain.ids import UserId
from bot.domain.persona import Companion, Expression
from tests.domain.affect.states import TIERS, persons, souls

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PERSONAS = Path(__file__).parents[2] / "personas"
MIRA = read_companion("mira")
TEMPLATE = read_companion(PERSONAS / "_template")
CALM = new_soul("rich", NEUTRAL_OCEAN)
NOBODY = new_person("rich")
SHIPPED = [*(read_companion(name) for name in companion_names()), TEMPLATE]


def faces(*known: Expression) -> Companion:
    return replace(MIRA, expressions=known)


def face(slug: str, *feels: str) -> Expression:
    return Expression(slug, "🙂", slug, feels)


def towards(person: PersonState, **levels: float) -> PersonState:
    directed = list(person.directed)
    for name, level in levels.items():
        directed[INDEX[name]] = level
    return replace(person, directed=tuple(directed))


def feelings_of(*people: PersonState, soul: SoulState = CALM) -> Feelings:
    return Feelings(SoulId(1), NOW, soul, {UserId(number): person for number, person in enumerate(people)})


def slug_of(companion: Companion, given: str | None, feelings: Feelings | None = None) -> str | None:
    chosen = choose_expression(companion, given, feelings)
    return None if chosen is None else chosen.slug


@pytest.mark.parametrize(
    "given", ["late-night", "Late Night", " LATE_NIGHT\n", "latenight", "late — night".replace(" — ", "-")]
)
def test_known_face_is_taken_however_it_is_spelt(given):
    companion = faces(face("calm"), face("late-night"))
    assert slug_of(companion, given, feelings_of(towards(NOBODY, joy=0.9))) == "late-night"


def test_face_may_be_named_by_its_emoji():
    assert slug_of(MIRA, "🥹") == "moved"


@pytest.mark.parametrize(
    "given", [None, "", " ", "-", "none", "null", "happy", "grinning", "ａ", "\ud800", "soft, grin"]
)
def test_unknown_face_gives_way_to_what_she_feels(given):
    assert named_expression(MIRA, given) is None
    assert slug_of(MIRA, given, feelings_of(towards(NOBODY, anger=0.5, love=0.3))) == "fierce"
    assert slug_of(MIRA, given, None) == "plain"


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda companion: companion.slug)
@pytest.mark.parametrize("emotion", NAMES["rich"])
def test_every_emotion_has_a_face_of_its_own(companion, emotion):
    chosen = choose_expression(companion, None, feelings_of(towards(NOBODY, **{emotion: 0.9})))
    assert chosen is not None and emotion in chosen.feels


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda companion: companion.slug)
def test_at_rest_the_face_is_neutral(companion):
    chosen = choose_expression(companion, None, feelings_of(NOBODY))
    assert chosen is not None and chosen.feels == () and chosen is neutral_expression(companion)


def test_no_emotion_belongs_to_two_of_her_faces():
    claimed = [emotion for face in MIRA.expressions for emotion in face.feels]
    assert sorted(claimed) == sorted(NAMES["rich"])


def test_strongest_feeling_decides_and_the_rest_break_ties():
    companion = faces(face("calm"), face("glad", "joy"), face("playful", "joy", "amusement"), face("sad", "sadness"))
    assert slug_of(companion, None, feelings_of(towards(NOBODY, joy=0.6, sadness=0.4))) == "glad"
    assert slug_of(companion, None, feelings_of(towards(NOBODY, joy=0.6, amusement=0.45))) == "glad"
    assert slug_of(companion, None, feelings_of(towards(NOBODY, joy=0.6, amusement=0.9))) == "playful"
    assert slug_of(companion, None, feelings_of(towards(NOBODY, joy=0.3, sadness=0.9))) == "sad"


def test_feeling_no_face_stands_for_is_passed_over():
    companion = faces(face("calm"), face("glad", "joy"))
    assert slug_of(companion, None, feelings_of(towards(NOBODY, anger=0.9, joy=0.3))) == "glad"
    assert slug_of(companion, None, feelings_of(towards(NOBODY, anger=0.9))) == "calm"


def test_resting_feelings_are_not_shown():
    assert all(level > 0 for level in CALM.emotions[:3])
    assert slug_of(MIRA, None, feelings_of()) == "plain"


def test_shared_feelings_count_whole_where_nobody_is_meant():
    levels = list(CALM.emotions)
    levels[INDEX["serenity"]] = 0.25
    soul = replace(CALM, emotions=tuple(levels))
    assert slug_of(MIRA, None, feelings_of(soul=soul)) == "easy"
    assert slug_of(MIRA, None, feelings_of(NOBODY, soul=soul)) == "plain"


def test_of_several_people_the_strongest_feeling_counts():
    assert slug_of(MIRA, None, feelings_of(towards(NOBODY, joy=0.4), towards(NOBODY, fear=0.6), NOBODY)) == "worried"


def test_without_a_neutral_face_the_first_stands_in():
    assert slug_of(faces(face("glad", "joy"), face("sad", "sadness")), None, feelings_of(NOBODY)) == "glad"


def test_without_faces_there_is_none():
    assert choose_expression(faces(), "soft", feelings_of(NOBODY)) is None
    assert choose_expression(faces(), None, None) is None


def test_levels_above_rest_alone_are_enough():
    chosen = fitting_expression(MIRA, {"joy": 0.1, "surprise": 0.3, "unheard of": 1.0, "anger": float("nan")})
    assert chosen is not None and chosen.slug == "startled"


def test_talk_shows_in_her_face():
    trial = Trial("rich")
    trial.hear("ann", {"humor": 3, "warmth": 1}, at_h=0.0)
    assert slug_of(MIRA, None, feelings_of(trial.person("ann"), soul=trial.soul)) == "smirk"
    trial.hear("ann", {"desirability": -3, "praiseworthiness": -3, "respect": -2, "confidence": 1.0}, at_h=0.1)
    assert slug_of(MIRA, None, feelings_of(trial.person("ann"), soul=trial.soul)) == "fierce"


@given(
    data=st.data(),
    given_name=st.none() | st.text(max_size=12) | st.sampled_from([face.slug for face in MIRA.expressions]),
)
@settings(max_examples=60, deadline=None)
def test_there_is_always_one_of_hers_and_always_the_same(data, given_name):
    tier = data.draw(TIERS)
    soul = data.draw(souls(tier=tier))
    feelings = feelings_of(*data.draw(st.lists(persons(tier), max_size=2)), soul=soul)
    chosen = choose_expression(MIRA, given_name, feelings)
    assert chosen in MIRA.expressions
    assert chosen is choose_expression(MIRA, given_name, feelings)
