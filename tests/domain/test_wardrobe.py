"""What she slips into and out of by herself, what may be worn where, and that a model's wish decides none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.personas import read_companion
from bot.domain.affect.appraisal import Appraisal
from bot.domain.persona import Companion, Persona, Rating
from bot.domain.wardrobe import (
    AS_USUAL,
    BRIDGED_TURNS,
    CALM_TURNS,
    PRESSURE_MOST,
    STILL_ON_AFTER,
    TALK_OVER_AFTER,
    Because,
    Leave,
    Tone,
    Wearing,
    after_turn,
    before_turn,
    bridge_of,
    chosen_anew,
    has_left,
    is_allowed,
    tone_of,
    worn,
)

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_USUAL = read_companion("mira").default_persona
HAVEN = replace(_USUAL, slug="haven", title="Haven", is_shelter=True)
HALLOW = replace(_USUAL, slug="hallow", title="Hallow")
NIGHT = replace(_USUAL, slug="night", title="Night", is_opt_in=True, rating=Rating.ADULT)
BOLD = replace(_USUAL, slug="bold", title="Bold", is_opt_in=True)
LATE = replace(_USUAL, slug="late", title="Late", rating=Rating.ADULT)
MIRA = replace(read_companion("mira"), personas=(_USUAL, HAVEN, HALLOW, NIGHT, BOLD, LATE))
USUAL = MIRA.default_persona
SHELTERLESS = replace(MIRA, personas=(USUAL, HALLOW, NIGHT, BOLD, LATE))
BARRED = replace(MIRA, personas=(USUAL, replace(NIGHT, is_shelter=True)))  # no reader would give it

LIGHT, PLAIN = Tone(is_light=True), Tone()
SAD, BAD, DESPAIR = Tone(is_heavy=True), Tone(1, is_heavy=True), Tone(2, is_heavy=True)

tones = st.sampled_from([LIGHT, PLAIN, SAD, BAD, DESPAIR])
wishes = st.none() | st.sampled_from([one.slug for one in MIRA.personas]) | st.text(max_size=12)
companions = st.sampled_from([MIRA, SHELTERLESS, BARRED])
slugs = st.none() | st.sampled_from(["default", "haven", "hallow", "night", "bold", "late", "gone"])
wearings = st.builds(
    Wearing,
    slipped=slugs,
    pressure=st.integers(0, PRESSURE_MOST),
    calm=st.integers(0, CALM_TURNS),
    came_from=slugs,
    because=st.none() | st.sampled_from(Because),
    bridges=st.integers(0, BRIDGED_TURNS),
    changed_at=st.just(NOW),
)


def talk(
    turns: Sequence[tuple[Tone, str | None]], chosen: Persona = USUAL, wearing: Wearing = AS_USUAL
) -> list[Wearing]:
    """Give what is kept after each of the turns, a minute apart."""
    kept = [wearing]
    for number, (tone, wish) in enumerate(turns, 1):
        kept.append(after_turn(kept[-1], MIRA, chosen, tone, wish, NOW + number * MINUTE))
    return kept[1:]


def slips(turns: Sequence[Tone], chosen: Persona = USUAL, wearing: Wearing = AS_USUAL) -> list[str]:
    """Name what she wears after each of the turns."""
    return [worn(MIRA, chosen, one).slug for one in talk([(tone, None) for tone in turns], chosen, wearing)]


# what a turn sounded like


@pytest.mark.parametrize(
    ("appraisals", "tone"),
    [
        ([], PLAIN),
        ([Appraisal()], LIGHT),
        ([Appraisal(user_valence=2)], LIGHT),
        ([Appraisal(user_valence=-1)], SAD),
        ([Appraisal(user_valence=-2)], BAD),
        ([Appraisal(user_valence=-3)], DESPAIR),
        ([Appraisal(user_valence=-3), Appraisal(user_valence=3)], DESPAIR),
        ([Appraisal(user_valence=1), Appraisal(user_valence=1, confidence=0.2)], PLAIN),
        ([Appraisal(user_valence=-3, confidence=0.4)], SAD),  # it may be irony: enough to end a game, no more
        ([Appraisal(user_valence=-3, warmth=-2)], SAD),  # angry at her, not in need
        ([Appraisal(user_valence=-3, respect=-3)], SAD),
        ([Appraisal(desirability=-2)], Tone(is_heavy=True, is_light=True)),  # bad news told without a tear
        ([Appraisal(confidence=0.0, malformed=True)], PLAIN),
    ],
)
def test_a_turn_sounds_as_its_lines_were_understood(appraisals: list[Appraisal], tone: Tone):
    assert tone_of(appraisals) == tone


# into shelter and back


def test_one_line_in_despair_or_two_bad_turns_bring_her_into_shelter():
    assert slips([DESPAIR]) == ["haven"]
    assert slips([BAD, BAD]) == ["default", "haven"]
    assert slips([BAD, PLAIN, BAD]) == ["default", "default", "default"]
    assert slips([SAD] * 9) == ["default"] * 9


def test_a_wish_for_shelter_counts_only_beside_a_bad_line():
    assert talk([(BAD, "haven")])[0].slipped == talk([(BAD, "haven (for distress)")])[0].slipped == "haven"
    assert talk([(LIGHT, "haven")] * 9)[-1].slipped is None
    assert talk([(SAD, "haven")] * 9)[-1].slipped is None


def test_enough_light_turns_in_a_row_bring_her_back():
    assert slips([DESPAIR, LIGHT, LIGHT, SAD, LIGHT, LIGHT, LIGHT]) == ["haven"] * 6 + ["default"]
    assert talk([(DESPAIR, None), (LIGHT, "default")])[-1].slipped is None, "she may want to sooner"
    assert talk([(DESPAIR, None), (SAD, "default")])[-1].slipped == "haven", "but not while it is bad"
    assert slips([DESPAIR, *[LIGHT] * 3], HALLOW) == ["haven"] * 3 + ["hallow"]


def test_a_change_shows_in_the_next_two_answers_with_words():
    kept = talk([(DESPAIR, None), (SAD, None), (SAD, None)])
    bridges = [bridge_of(MIRA, one, worn(MIRA, USUAL, one)) for one in kept]
    assert [(one.came_from.slug, one.to.slug, one.because, one.is_first) if one else None for one in bridges] == [
        ("default", "haven", Because.SHELTER, True),
        ("default", "haven", Because.SHELTER, False),
        None,
    ]
    silent = after_turn(kept[0], MIRA, USUAL, SAD, None, NOW, has_spoken=False)
    assert silent.bridges == BRIDGED_TURNS
    back = talk([(LIGHT, None)] * 3, wearing=kept[-1])[-1]
    bridge = bridge_of(MIRA, back, USUAL)
    assert bridge is not None and (bridge.came_from, bridge.because) == (HAVEN, Because.CALM)


def test_what_she_slipped_into_belongs_to_one_talk():
    haven = talk([(DESPAIR, None)])[0]
    assert haven.changed_at is not None
    assert before_turn(haven, haven.changed_at + TALK_OVER_AFTER - MINUTE) is haven
    assert before_turn(haven, haven.changed_at + TALK_OVER_AFTER) == AS_USUAL
    assert before_turn(AS_USUAL, NOW) is AS_USUAL


def test_a_talk_that_stays_hard_is_one_talk_however_long():
    kept, now = Wearing(), NOW
    for _ in range(40):
        now += timedelta(minutes=30)
        kept = after_turn(before_turn(kept, now), MIRA, USUAL, DESPAIR, None, now)
    assert (kept.slipped, kept.came_from, kept.bridges) == ("haven", "default", 0)
    assert after_turn(kept, MIRA, USUAL, DESPAIR, None, (kept.changed_at or now) + STILL_ON_AFTER / 2) is kept


def test_a_companion_without_a_shelter_stays_as_she_is():
    for companion in (SHELTERLESS, BARRED):
        kept = AS_USUAL
        for _ in range(5):
            kept = after_turn(kept, companion, companion.default_persona, DESPAIR, "haven", NOW)
            assert worn(companion, companion.default_persona, kept) == companion.default_persona


def test_a_persona_that_is_gone_meanwhile_is_no_longer_worn():
    haven = talk([(DESPAIR, None)])[0]
    assert worn(SHELTERLESS, USUAL, haven) == USUAL
    assert bridge_of(SHELTERLESS, haven, USUAL) is None
    assert after_turn(haven, SHELTERLESS, USUAL, LIGHT, None, NOW).slipped is None
    assert bridge_of(replace(MIRA, personas=(HAVEN,)), haven, HAVEN) is None


# what has to be chosen


@pytest.mark.parametrize("chosen", [NIGHT, BOLD, LATE])
def test_what_has_to_be_chosen_is_left_at_once_when_talk_turns_heavy_or_somebody_asks(chosen: Persona):
    assert slips([LIGHT, PLAIN, SAD], chosen) == [chosen.slug, chosen.slug, "default"]
    for wish in ("default", "haven", "hallow"):
        assert worn(MIRA, chosen, talk([(LIGHT, wish)], chosen)[-1]) == USUAL
    for wish in ("night", "bold", "late", "nonsense", None):
        assert worn(MIRA, chosen, talk([(LIGHT, wish)], chosen)[-1]) == chosen
    assert slips([DESPAIR, LIGHT, LIGHT, LIGHT, LIGHT], chosen) == ["haven", "haven", "haven", "default", "default"]


def test_she_tells_when_a_choice_is_over_and_wears_her_usual_persona_without_it():
    left = talk([(SAD, None)], NIGHT)[-1]
    assert has_left(MIRA, NIGHT, AS_USUAL, left)
    assert not has_left(MIRA, HALLOW, AS_USUAL, talk([(DESPAIR, None)], HALLOW)[-1])
    bridge = bridge_of(MIRA, left, worn(MIRA, USUAL, left))
    assert bridge is not None and (bridge.came_from, bridge.to, bridge.because) == (NIGHT, USUAL, Because.HEAVY)
    assert slips([DESPAIR, LIGHT, LIGHT, LIGHT], USUAL, left) == ["haven", "haven", "haven", "default"]
    assert worn(MIRA, HALLOW, left) == HALLOW, "what is set anew and free for everybody needs no rest"


def test_choosing_holds_at_once_and_is_bridged():
    kept = chosen_anew(HAVEN, NIGHT, NOW)
    assert worn(MIRA, NIGHT, kept) == NIGHT
    bridge = bridge_of(MIRA, kept, NIGHT)
    assert bridge is not None and (bridge.came_from, bridge.because, bridge.is_first) == (HAVEN, Because.CHOSEN, True)
    assert bridge_of(MIRA, chosen_anew(NIGHT, NIGHT, NOW), NIGHT) is None


@pytest.mark.parametrize(
    ("persona", "leave", "allowed"),
    [
        (USUAL, Leave(), True),
        (NIGHT, Leave(), False),
        (NIGHT, Leave(is_adult=True), False),
        (NIGHT, Leave(opted_into=frozenset({"night"})), False),
        (NIGHT, Leave(is_adult=True, opted_into=frozenset({"bold"})), False),
        (NIGHT, Leave(is_adult=True, opted_into=frozenset({"night"})), True),
        (BOLD, Leave(opted_into=frozenset({"bold"})), True),
        (LATE, Leave(is_adult=True), True),
        (LATE, Leave(), False),
    ],
)
def test_in_direct_conversation_a_person_says_who_they_are_and_what_they_want(
    persona: Persona, leave: Leave, allowed: bool
):
    for is_age_restricted in (False, True):  # a direct conversation is never restricted; it must not count
        assert is_allowed(persona, is_direct=True, is_age_restricted=is_age_restricted, leave=leave) is allowed


def test_in_channels_only_discords_restriction_by_age_lets_adult_personas_in():
    everything = Leave(is_adult=True, opted_into=frozenset({"night", "bold"}))
    for persona in MIRA.personas:
        is_for_all = persona.rating is not Rating.ADULT
        assert is_allowed(persona, is_direct=False, is_age_restricted=False, leave=everything) is is_for_all
        assert is_allowed(persona, is_direct=False, is_age_restricted=True)


# whatever happens


@given(companions, wearings, slugs, st.lists(st.tuples(tones, wishes, st.booleans()), max_size=30))
def test_by_herself_she_never_goes_where_somebody_has_to_agree(companion: Companion, wearing, slug, turns):
    chosen = next((one for one in companion.personas if one.slug == slug), companion.default_persona)
    was = worn(companion, chosen, wearing)
    for tone, wish, has_spoken in turns:
        wearing = after_turn(wearing, companion, chosen, tone, wish, NOW, has_spoken=has_spoken)
        wears = worn(companion, chosen, wearing)
        assert wears.is_free or wears == was == chosen, "she only stays where she was brought"
        assert 0 <= wearing.pressure <= PRESSURE_MOST and 0 <= wearing.calm <= CALM_TURNS
        assert 0 <= wearing.bridges <= BRIDGED_TURNS
        was = wears


@given(wearings, slugs, st.lists(st.tuples(tones, wishes), max_size=30))
def test_enough_light_turns_always_bring_her_back(wearing, slug, turns):
    chosen = next((one for one in MIRA.personas if one.slug == slug), USUAL)
    for tone, wish in turns:
        wearing = after_turn(wearing, MIRA, chosen, tone, wish, NOW)
    for _ in range(CALM_TURNS):
        wearing = after_turn(wearing, MIRA, chosen, LIGHT, None, NOW)
    wears = worn(MIRA, chosen, wearing)
    if chosen.is_free and wearing.slipped in (None, "haven"):
        assert wears == chosen
    assert wears.slug != "haven" or chosen == HAVEN
    assert before_turn(wearing, (wearing.changed_at or NOW) + TALK_OVER_AFTER) == AS_USUAL or wearing == AS_USUAL


@given(companions, wearings, slugs, tones, wishes, st.booleans())
def test_the_same_value_comes_back_where_nothing_changed(companion, wearing, slug, tone, wish, has_spoken):
    chosen = next((one for one in companion.personas if one.slug == slug), companion.default_persona)
    later = NOW + MINUTE
    after = after_turn(wearing, companion, chosen, tone, wish, later, has_spoken=has_spoken)
    assert (after is wearing) == (after == wearing) == (replace(after, changed_at=NOW) == wearing)
    assert after is wearing or after.changed_at == later


@given(wearings, slugs)
def test_a_usual_turn_keeps_nothing(wearing, slug):
    chosen = next((one for one in MIRA.personas if one.slug == slug), USUAL)
    settled = after_turn(after_turn(AS_USUAL, MIRA, chosen, LIGHT, None, NOW), MIRA, chosen, PLAIN, None, NOW)
    assert settled is AS_USUAL
    for _ in range(PRESSURE_MOST + CALM_TURNS + BRIDGED_TURNS + 1):
        wearing = after_turn(wearing, MIRA, chosen, LIGHT, None, NOW)
    assert after_turn(wearing, MIRA, chosen, LIGHT, None, NOW) is wearing
