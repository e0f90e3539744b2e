"""Bounds, defaults and ties, each at its exact edge: where one small change to the model would not show elsewhere."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, replace

import pytest

from bot.domain.affect import constants, days, propensity
from bot.domain.affect.appraisal import FIELD_NAMES, SIGNED_FIELDS, UNSIGNED_FIELDS, Appraisal, read_appraisal, sound
from bot.domain.affect.bateman import clip, is_elapsed
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.days import LONGEST_LEAP_H, MIDNIGHT_SLACK_H, live
from bot.domain.affect.drift import displacement_of, drifted
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import EMOTIONS, NAMES, NEGATIVE, Emotion, baseline, half_life_h
from bot.domain.affect.evaluation import Said, Trial
from bot.domain.affect.habituation import COMPARED_HOURS, COMPARED_MESSAGES, cosine, profile_of, similarity
from bot.domain.affect.impulses import effect_of, standing_of
from bot.domain.affect.inner_events import DRIVEN, InnerEvent, apply_inner_event
from bot.domain.affect.mood import ORIGIN, congruence, resting_mood
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.potentials import Meaning
from bot.domain.affect.presets import PRESETS
from bot.domain.affect.relationship import Stage, stage_of, tension_added, tension_left
from bot.domain.affect.sentiments import RULES, TRUST, Sentiment, moved
from bot.domain.affect.soul import _drained, felt, settled
from bot.domain.affect.state import SoulState, new_person, new_soul, person_in_tier, soul_in_tier
from bot.domain.affect.traits import RICH_TRAITS, ocean_of, read_traits
from tests.domain.affect import reference
from tests.domain.affect.golden import FOLDER

NOTHING = Meaning(*(0.0,) * len(Meaning._fields))
EDGES = {
    "lowest": Appraisal(*(-3,) * 7, *(0,) * 5, confidence=0.0),
    "highest": Appraisal(*(3,) * 12, confidence=1.0),
    "whole confidence": Appraisal(confidence=1),
    "nothing": Appraisal(),
}


def test_tables_are_as_they_were_written_down():
    written = json.loads((FOLDER / "tables.json").read_text(encoding="utf-8"))
    assert {name: list(ocean) for name, ocean in PRESETS.items()} == written["presets"]
    assert {trait.name: list(trait.weights) for trait in RICH_TRAITS} == written["traits"]


def test_constants_that_no_number_shows():
    assert LONGEST_LEAP_H == 876_600.0
    assert (COMPARED_MESSAGES, COMPARED_HOURS) == (20, 24.0)
    assert constants.DEFAULT_LEAK == 0.35
    assert [astuple(rule)[1:5] for rule in RULES] == [row[:4] for row in reference.SENTIMENTS.values()]
    assert [rule.least for rule in RULES] == [row[6] for row in reference.SENTIMENTS.values()]


@pytest.mark.parametrize("made", EDGES.values(), ids=EDGES)
def test_an_appraisal_at_its_very_edges_is_sound_as_it_is(made):
    assert sound(made) is made


@pytest.mark.parametrize("field", FIELD_NAMES[:-1])
@pytest.mark.parametrize("value", [4, -4, 1.5, True, False, "1", None, math.nan, math.inf, -math.inf])
def test_i10_an_unsound_field_is_read_like_the_models_own(field, value):
    made = replace(EDGES["highest"], **{field: value})
    mended = sound(made)
    assert mended == read_appraisal({name: getattr(made, name) for name in FIELD_NAMES})
    assert mended.malformed
    assert mended.confidence <= 0.25


@pytest.mark.parametrize("field", (*SIGNED_FIELDS, *UNSIGNED_FIELDS))
def test_a_hand_made_appraisal_is_mended_before_it_is_applied(field):
    made, mended = Appraisal(**{field: 9}, confidence=0.8), Appraisal(**{field: 3}, confidence=0.2)
    soul, people = new_soul("rich", NEUTRAL_OCEAN), {"p": new_person("rich")}
    assert apply_burst(soul, people, [Heard("p", made)]) == apply_burst(soul, people, [Heard("p", mended)])


def test_a_confidence_just_above_one_is_unsound():
    assert sound(Appraisal(confidence=1.05)) == Appraisal(confidence=0.25, malformed=True)


@pytest.mark.parametrize(
    ("alike", "counts_as"), [(-3.0, 0.0), (5.0, 1.0), (math.inf, 1.0), (math.nan, 0.0), (1.05, 1.0)]
)
def test_i10_an_unsound_likeness_counts_as_the_nearest_sound_one(alike, counts_as):
    soul, people = new_soul("lite", NEUTRAL_OCEAN), {"p": new_person("lite")}
    for said in (Appraisal(warmth=2), Appraisal()):
        expected = apply_burst(soul, people, [Heard("p", said, counts_as)])
        assert apply_burst(soul, people, [Heard("p", said, alike)]) == expected
    assert Heard("p", Appraisal()).similarity == 0.0


@pytest.mark.parametrize("field", ["desirability", "warmth", "praiseworthiness"])
def test_each_kind_of_kindness_is_one(field):
    soul, people = new_soul("lite", NEUTRAL_OCEAN), {"p": new_person("lite")}
    _, after = apply_burst(soul, people, [Heard("p", Appraisal(**{field: 1}), 0.4)])
    assert after["p"].kind_repetition == pytest.approx(0.05 + 0.95 * 0.4)
    assert after["p"].hurt_repetition == 0.0


def test_a_missing_confidence_is_seven_tenths():
    assert read_appraisal({}).confidence == Appraisal().confidence == 0.7


@pytest.mark.parametrize("hours", [0.0, -0.0, -1e-300, math.inf, -math.inf, math.nan])
def test_what_is_no_time(hours):
    assert not is_elapsed(hours)
    assert is_elapsed(5e-324)
    assert is_elapsed(1.7e308)


def test_clip_holds_on_both_sides():
    assert [clip(value, -1.0, 2.0) for value in (-9.0, -1.0, 0.5, 2.0, 9.0)] == [-1.0, -1.0, 0.5, 2.0, 2.0]


def test_a_displacement_is_rest_below_a_trillionth():
    assert settled((1.05e-12, 0.95e-12, 1e-12), (0.0,) * 3, (0.0,) * 3, 1.0) == (1.05e-12, 0.0, 1e-12)
    assert settled((0.5 + 9e-13,), (0.5,), (0.0,), 1.0) == (0.5,)


def test_the_leak_is_a_third_unless_set():
    soul = replace(new_soul("lite", NEUTRAL_OCEAN), emotions=(0.9,) * 8)
    assert felt(soul, new_person("lite"))[3] == pytest.approx(0.35 * 0.9)
    said, people = [Heard("p", Appraisal(desirability=3))], {"p": new_person("rich")}
    afraid = replace(new_soul("rich", NEUTRAL_OCEAN), emotions=(0.9,) * 27)
    assert apply_burst(afraid, people, said) == apply_burst(afraid, people, said, leak=0.35)
    assert apply_burst(afraid, people, said) != apply_burst(afraid, people, said, leak=0.36)


def test_a_midnight_is_reached_up_to_rounding():
    soul = new_soul("lite", NEUTRAL_OCEAN)
    assert len(live(soul, {}, 24.0 - 0.95e-9)[2]) == 1
    assert len(live(soul, {}, 24.0 - 1.05e-9)[2]) == 0
    late = replace(soul, day_h=23.0)
    assert 1.0 - MIDNIGHT_SLACK_H + MIDNIGHT_SLACK_H == 1.0
    assert len(live(late, {}, 1.0 - MIDNIGHT_SLACK_H)[2]) == 1
    assert len(live(replace(soul, day_h=23.9999), {}, 0.0005)[2]) == 1


def test_a_midnight_that_is_due_waits_for_time_to_pass():
    for day_h in (24.0, 30.0):
        due = replace(new_soul("lite", NEUTRAL_OCEAN), day_h=day_h)
        assert live(due, {}, 0.0) == (due, {}, ())
        lived, _, drifts = live(due, {}, 0.0005)
        assert len(drifts) == 1
        assert lived.day_h == pytest.approx(0.0005)


def test_a_broken_clock_is_lived_up_to_a_hundred_years(monkeypatch):
    monkeypatch.setattr(days, "LONGEST_LEAP_H", 60.0)
    soul = new_soul("lite", NEUTRAL_OCEAN)
    for hours in (60.0, 61.0, 1e300):
        lived, _, drifts = live(soul, {}, hours)
        assert (len(drifts), lived.day_h) == (2, pytest.approx(12.0))
    assert live(soul, {}, 59.0)[0].day_h == pytest.approx(11.0)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_drift_at_the_end_of_its_reach_and_beyond(side):
    at_end = drifted(Ocean(side * 0.25), NEUTRAL_OCEAN, ORIGIN)
    assert 0.2499 < side * at_end.openness < 0.25
    beyond = drifted(Ocean(side * 0.3), NEUTRAL_OCEAN, ORIGIN)
    assert side * beyond.openness == pytest.approx(0.29, abs=1e-12)
    outward = drifted(Ocean(openness=side * 0.999), Ocean(openness=side * 0.9), (0.0, side * 2.0, side * 2.9))
    assert outward.openness == side * 1.0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_pull_counts_up_to_one(side):
    omega = math.log(2) / 90
    z = 0.04 * (1 - math.exp(-omega)) / omega
    pulled = drifted(NEUTRAL_OCEAN, NEUTRAL_OCEAN, (side * 1.5, side * 1.5, side * -1.5))
    assert pulled.agreeableness == pytest.approx(side * 0.25 * math.tanh(z), abs=1e-12)


def test_the_daily_cap_binds_a_quarter_of_a_day_at_a_time():
    after = drifted(Ocean(conscientiousness=0.062), NEUTRAL_OCEAN, (-9.0, 0.0, 0.0), 2.0)
    assert after.conscientiousness == pytest.approx(0.04210938253293883, abs=1e-12)


def test_a_day_of_a_second_has_a_mean_mood_too():
    soul = replace(new_soul("lite", NEUTRAL_OCEAN), day_h=0.0005, mood_area=(0.0005, 0.0, 0.0))
    assert displacement_of(soul)[0] == pytest.approx(math.tanh(1.0))
    assert displacement_of(replace(soul, day_h=0.0)) == ORIGIN


def test_a_personality_made_by_hand_out_of_range_is_bounded_too():
    extreme = Emotion("dread", NEGATIVE, 0.0, 0.0, 0.0, 2.0, 0.3, Ocean(neuroticism=1.0))
    assert baseline(extreme, NEUTRAL_OCEAN) == 0.25
    assert baseline(extreme, Ocean(neuroticism=-1.0)) == 0.0
    assert half_life_h(extreme, Ocean(neuroticism=9.0)) == 4.0
    assert half_life_h(extreme, Ocean(neuroticism=-9.0)) == 1.0
    for size in (9.0, -9.0):
        half = math.copysign(0.5, size)
        assert resting_mood(Ocean(agreeableness=size))[:2] == (half, half)
        assert resting_mood(Ocean(extraversion=size))[2] == half
        assert {reading.value for reading in read_traits(Ocean(extraversion=size), "rich")} >= {2 * half}
        assert all(-1.0 <= reading.value <= 1.0 for reading in read_traits(Ocean(*(size,) * 5), "rich"))


def test_factors_are_found_exactly_and_from_traits_in_range():
    assert ocean_of({"friendliness": 0.5, "calm": -0.4}) == pytest.approx(
        (0.0, 0.0, 0.45799212241097065, 0.5280036083998016, 0.5087506408257275), abs=1e-12
    )
    for side in (1.0, -1.0):
        assert ocean_of({"friendliness": side * 7.0}) == ocean_of({"friendliness": side})


def test_a_trial_begins_at_rest_at_midnight_and_drifts():
    trial = Trial()
    assert (trial.now_h, trial.soul.day_h, trial.soul.is_drift_frozen, trial.soul.tier) == (0.0, 0.0, False, "rich")
    bare = SoulState("lite", NEUTRAL_OCEAN, NEUTRAL_OCEAN, (0.0,) * 8, ORIGIN)
    assert (bare.mood_area, bare.day_h, bare.is_drift_frozen) == (ORIGIN, 0.0, False)


def test_a_trial_compares_texts_of_exactly_a_day_ago_and_no_older():
    for gap, repeats in ((24.0, True), (24.001, False), (25.0, False)):
        trial = Trial("lite", start_h=100.0)
        trial.hear("ann", {}, at_h=100.0, text="good morning to you")
        trial.hear("ann", {}, at_h=100.0 + gap, text="good morning to you")
        assert (trial.person("ann").kind_repetition > 0.5) is repeats


def test_a_trial_compares_with_twenty_messages():
    for others, repeats in ((19, True), (20, False)):
        trial = Trial("lite")
        for text in ("good morning to you", *(chr(0x4E00 + number) * 9 for number in range(others))):
            trial.hear("ann", {}, at_h=0.0, text=text)
        assert trial.person("ann").kind_repetition == 0.0
        trial.hear("ann", {}, at_h=0.0, text="good morning to you")
        assert (trial.person("ann").kind_repetition > 0.5) is repeats


def test_a_trial_takes_appraisals_raw_or_read_and_goes_on_in_time():
    ways = [Trial("lite", start_h=50.0) for _ in range(2)]
    ways[0].hear_together([Said("ann", {"warmth": 9})], at_h=53.0)
    ways[1].hear_together([Said("ann", read_appraisal({"warmth": 9}))], at_h=53.0)
    assert (ways[0].soul, ways[0].persons) == (ways[1].soul, ways[1].persons)
    assert ways[0].soul.day_h == 3.0
    assert ways[0].persons["ann"].affection.value > 0.0


def test_likeness_of_nothing_is_nothing():
    assert cosine(profile_of("abc"), profile_of("xyz")) == 0.0
    assert cosine(profile_of(""), profile_of("")) == 0.0
    assert similarity("abc", ["abc"]) == cosine(profile_of("abc"), profile_of("abc")) == 1.0


def test_an_effect_is_bounded_whatever_a_message_means():
    soul, person = new_soul("rich", NEUTRAL_OCEAN), new_person("rich")
    standing = standing_of(soul, person, dynamics_of("rich", NEUTRAL_OCEAN), 0.35)
    anger, interest = NAMES["rich"].index("anger"), NAMES["rich"].index("interest")

    def calming(**fields):
        return dict(effect_of(NOTHING._replace(**fields), 1.0, standing).calmings)[anger]

    assert calming(apology=2.0) == 0.8
    assert calming(apology=1.0, warm=-9.0) == 0.0
    assert calming(apology=1.0) == 0.5
    assert effect_of(NOTHING._replace(interest=-1.0), 1.0, standing).impulses[interest] == 0.0
    assert effect_of(NOTHING._replace(interest=9.0), 1.0, standing).impulses[interest] == 0.7


def test_i13_an_empty_appraisal_changes_no_bit_of_an_emotion():
    levels = tuple(0.1 + 0.03 * number for number in range(27))
    soul = replace(new_soul("rich", NEUTRAL_OCEAN), emotions=levels)
    person = replace(new_person("rich"), directed=levels)
    after, people = apply_burst(soul, {"p": person}, [Heard("p", Appraisal())])
    assert after == soul
    assert people["p"].directed == levels


def test_hardly_anything_still_reaches_her():
    soul, person = new_soul("lite", NEUTRAL_OCEAN), new_person("lite")
    after, people = apply_burst(soul, {"p": person}, [Heard("p", Appraisal(interest=1, confidence=0.001))])
    assert after.emotions[2] > soul.emotions[2]
    assert people["p"].share_used > 0.0


def test_whoever_used_up_more_than_their_share_moves_the_mood_no_more():
    soul, person = new_soul("lite", NEUTRAL_OCEAN), replace(new_person("lite"), share_used=2.5)
    after, people = apply_burst(soul, {"p": person}, [Heard("p", Appraisal(warmth=3))])
    assert after == soul
    assert people["p"].share_used == 2.5


def test_a_cap_that_is_used_beyond_itself_gives_nothing():
    over = Sentiment(gained=0.1, lost=0.6)
    assert moved(over, TRUST, 0.05, 0.2) == over


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_sentiments_are_held_in_range(side):
    held = moved(Sentiment(side * 1.5, side * 1.5), TRUST, 0.0, 0.0)
    assert (held.value, held.earned) == (side * 1.0, side * 1.0)
    earned = moved(Sentiment(-side, side), TRUST, 0.05 if side > 0 else 0.0, 0.0 if side > 0 else 0.4).earned
    assert earned == side * 1.0


@pytest.mark.parametrize("event", InnerEvent)
def test_an_inner_event_counts_between_nothing_and_all(event):
    soul = new_soul("rich", NEUTRAL_OCEAN)
    index = NAMES["rich"].index(DRIVEN[event])
    soul = replace(soul, emotions=(*soul.emotions[:index], 0.0, *soul.emotions[index + 1 :]))
    assert all(apply_inner_event(soul, event, strength) == soul for strength in (0.0, -1.0, math.nan, math.inf))
    assert apply_inner_event(soul, event, 2.0) == apply_inner_event(soul, event, 1.0) != soul


def test_an_inner_event_is_bounded():
    soul = replace(new_soul("rich", Ocean(neuroticism=1.0)), mood=(-9.0, 0.0, 0.0))
    index = NAMES["rich"].index("loneliness")
    assert apply_inner_event(soul, InnerEvent.NEED, 1.0).emotions[index] == pytest.approx(0.7, abs=1e-15)


def test_congruence_never_leaves_its_range():
    product, lengths = 0.1 * 0.5 - 0.3 * 0.2 + 0.7 * 0.4, math.hypot(0.1, 0.3, 0.7) * math.hypot(0.5, 0.2, 0.4)
    assert congruence((0.1, -0.3, 0.7), (0.5, 0.2, 0.4)) == pytest.approx(product / lengths)
    axes = [0.1 * number for number in range(-9, 10, 2)]
    moods = [(p, a, d) for p in axes for a in axes for d in axes]
    assert all(congruence(mood, mood) <= 1.0 for mood in moods)
    assert all(congruence(mood, (-mood[0], -mood[1], -mood[2])) >= -1.0 for mood in moods)


def test_propensity_goes_by_mood_and_need():
    for mood, need in (((0.2, 0.1, 0.9), 0.7), ((-0.4, -0.3, 0.0), 0.1)):
        bent = mood[1] + 0.5 * abs(mood[0]) + 1.2 * (need - 0.5)
        assert propensity.rate(mood, need) == pytest.approx(math.exp(bent) / 6)
    assert propensity.rate((0.0, 0.3, 0.0)) == pytest.approx(math.exp(0.3) / 6)
    assert propensity.rate((1.0, 1.0, 1.0), 1.0) == pytest.approx(4.0 / 6.0)
    assert propensity.rate((0.0, -1.0, 0.0), 0.0) == pytest.approx(0.25 / 6.0)
    assert propensity.probability(0.5, 3.0) == pytest.approx(1 - math.exp(-1.5))
    assert [propensity.probability(0.5, hours) for hours in (0.0, -1.0, math.inf, math.nan)] == [0.0] * 4


def test_rolls_are_the_same_everywhere():
    assert propensity.roll("mira", "x").hex() == "0x1.4936cd996e881p-1"
    assert propensity.roll("mira", "slot-1").hex() == "0x1.37844e1d025f3p-1"
    chance = propensity.roll("mira", "slot-7")
    assert chance.hex() == "0x1.846ea8c535130p-2"
    assert not propensity.speaks("mira", "slot-7", chance)
    assert propensity.speaks("mira", "slot-7", math.nextafter(chance, 1.0))


def test_tension_steps_are_bounded():
    assert tension_added(-1.0, 1.0, 1.0) == 0.0
    assert tension_added(1.0, 1.0, 9.0) == 0.7
    assert tension_left(2.0, 1.0, 1.0, 1.3) == pytest.approx(0.2)
    assert tension_left(-1.0, 1.0, 1.0, 1.0) == 1.0
    assert tension_left(1.0, 1.0, 1.0, 1.3) == pytest.approx(0.35)


def test_a_stage_that_nothing_came_before_begins_exactly_at_its_limit():
    for limit, stage in ((0.1, Stage.ACQUAINTANCE), (0.3, Stage.FRIEND), (0.55, Stage.CLOSE_FRIEND)):
        assert stage_of(limit, 0.0, 0.1, 0.0, before=None) is stage
        assert stage_of(math.nextafter(limit, 0.0), 0.0, 0.1, 0.0, before=None) is not stage
    assert stage_of(0.0, -0.2005, -0.4005, 0.0, before=None) is Stage.HOSTILE
    assert stage_of(0.0, -0.2, -0.4005, 0.0, before=None) is Stage.STRAINED
    assert stage_of(0.0, -0.2005, -0.4, 0.0, before=None) is Stage.STRAINED
    assert stage_of(0.0, 0.0, -0.0005, 0.0, before=None) is Stage.STRAINED
    assert stage_of(0.0, 0.0, 0.0, 0.6005, before=None) is Stage.STRAINED
    assert stage_of(0.0, 0.0, 0.0, 0.6, before=None) is Stage.STRANGER


def test_a_soul_and_a_person_change_their_set():
    lite, rich = new_soul("lite", NEUTRAL_OCEAN), new_soul("rich", NEUTRAL_OCEAN)
    assert (soul_in_tier(lite, "rich"), soul_in_tier(rich, "lite")) == (rich, lite)
    assert person_in_tier(new_person("lite"), "rich") == new_person("rich")
    assert person_in_tier(new_person("rich"), "lite") == new_person("lite")


def test_every_axis_of_the_mood_drains_at_its_own_rate():
    soul = replace(new_soul("lite", NEUTRAL_OCEAN), emotions=(0.9, *(0.0,) * 7))
    dynamics = dynamics_of("lite", NEUTRAL_OCEAN)
    pleasure, arousal, _ = dynamics.mood_rates
    apart = _drained(soul, replace(dynamics, mood_rates=(pleasure, arousal, arousal)), 2.0)
    together = _drained(soul, dynamics, 2.0)
    alike = _drained(soul, replace(dynamics, mood_rates=(arousal, arousal, arousal)), 2.0)
    assert apart == (together[0], together[1], alike[2])
    assert alike[2] != together[2]


def test_every_emotion_of_a_tier_has_its_rows():
    assert [len(EMOTIONS[tier]) for tier in ("lite", "rich")] == [8, 27]
