"""Invariants I9–I18 and I20: what messages do and do not do."""

from __future__ import annotations

import itertools
import math
from dataclasses import fields, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.affect.appraisal import FIELD_NAMES, NEUTRAL, Appraisal, read_appraisal, sound
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import EMOTIONS, NAMES, NEGATIVE, POSITIVE, half_life_h
from bot.domain.affect.evaluation import Said, Trial
from bot.domain.affect.habituation import burst_similarities, hurt_left, kindness_left, similarity
from bot.domain.affect.impulses import effect_of, standing_of
from bot.domain.affect.inner_events import InnerEvent, apply_inner_event
from bot.domain.affect.mood import resting_mood, shown
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.potentials import meaning_of
from bot.domain.affect.sentiments import RULES
from bot.domain.affect.soul import advance, advance_person, felt
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul
from tests.domain.affect.states import (
    ALL_CRUEL,
    ALL_KIND,
    FEW,
    INSULTS,
    JOKE,
    OCEANS,
    PRAISES,
    REPEATED,
    SOME,
    TIERS,
    appraisals,
    furthest,
    meetings,
    numbers,
    souls,
)

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 10**400, "3", "", [], {}]),
)
# Given one by one: random search misses them.
EXPLICIT_JUNK = [
    math.nan,
    math.inf,
    -math.inf,
    1e308,
    -1e308,
    10**400,
    "3",
    None,
    True,
    False,
    7,
    -7,
    2.5,
    [],
    {"a": 1},
]
RAW = st.one_of(JUNK, st.dictionaries(st.sampled_from(FIELD_NAMES) | st.text(max_size=3), JUNK))


def hear(soul: SoulState, person: PersonState, *said: Appraisal, alike: float = 0.0):
    """Let one person say something; gives the soul and the person after it."""
    after, people = apply_burst(soul, {"p": person}, [Heard("p", one, alike) for one in said])
    return after, people["p"]


def assert_in_range(soul: SoulState, person: PersonState) -> None:
    assert all(math.isfinite(number) for number in (*numbers(soul), *numbers(person)))
    unit = (*soul.emotions, *person.directed, *felt(soul, person), person.tension, person.need, person.closeness)
    assert all(-1e-12 <= level <= 1.0 + 1e-12 for level in unit)
    assert all(-1.0 <= axis <= 1.0 for axis in shown(soul.mood))
    for rule in RULES:
        held = getattr(person, rule.name)
        assert rule.least <= held.value <= 1.0
        assert rule.least <= held.earned <= 1.0
        assert 0.0 <= held.gained <= rule.gain_cap + 1e-12
        assert 0.0 <= held.lost <= rule.loss_cap + 1e-12
    assert person.kind_repetition >= 0.0
    assert person.hurt_repetition >= 0.0


@SOME
@given(meetings(), RAW, st.floats())
@example(
    (new_soul("rich", Ocean()), {"p0": new_person("rich")}), {"warmth": math.nan, "confidence": math.inf}, math.nan
)
def test_i9_any_state_stays_finite_and_in_range_under_any_junk(meeting, raw, hours):
    soul, people = meeting
    after, person = hear(soul, people["p0"], read_appraisal(raw))
    assert_in_range(after, person)
    assert_in_range(advance(after, hours), advance_person(person, after, hours))


@pytest.mark.parametrize("value", EXPLICIT_JUNK)
@pytest.mark.parametrize("tier", ["lite", "rich"])
def test_i9_every_field_as_junk_by_itself_weakens_and_stays_in_range(value, tier):
    soul, person = new_soul(tier, Ocean()), new_person(tier)
    for field in (*FIELD_NAMES[:-1], None):
        raw = dict.fromkeys(FIELD_NAMES, value) if field is None else {field: value}
        read = read_appraisal(raw)
        assert read.malformed
        assert read.confidence <= 0.25
        after, heard = hear(soul, person, read)
        assert_in_range(after, heard)
        assert_in_range(advance(after, 3.0), advance_person(heard, after, 3.0))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1e308])
@pytest.mark.parametrize("tier", ["lite", "rich"])
def test_i9_a_soul_born_with_junk_for_a_temperament_is_a_sound_one(value, tier):
    for place in range(5):
        soul = new_soul(tier, Ocean(*(value if at == place else 0.5 for at in range(5))))
        assert all(-1.0 <= factor <= 1.0 for factor in soul.ocean)
        assert soul.home == soul.ocean
        after, person = hear(soul, new_person(tier), Appraisal(*(3,) * 12, confidence=1.0))
        assert_in_range(advance(after, 30.0), advance_person(person, after, 30.0))


@pytest.mark.parametrize("value", EXPLICIT_JUNK)
@pytest.mark.parametrize("field", FIELD_NAMES[:-1])
@pytest.mark.parametrize("tier", ["lite", "rich"])
def test_i10_an_appraisal_made_by_hand_from_junk_is_mended_too(field, value, tier):
    made = replace(NEUTRAL, **{field: value})
    after, person = hear(new_soul(tier, Ocean()), new_person(tier), made, alike=math.nan)
    assert_in_range(after, person)
    assert sound(made).malformed
    assert sound(made).confidence <= 0.25


def test_i10_mending_keeps_what_was_sound():
    assert sound(NEUTRAL) is NEUTRAL
    assert sound(Appraisal(warmth=2.0)) == Appraisal(warmth=2)  # type: ignore[arg-type]
    weakened = Appraisal(warmth=9, confidence=0.8, malformed=True)
    assert sound(weakened) == Appraisal(warmth=3, confidence=0.2, malformed=True)


@FEW
@given(meetings(), appraisals(), st.sampled_from([math.nan, math.inf, -math.inf, -3.0, 5.0]))
def test_i10_a_junk_similarity_counts_as_the_nearest_sound_one(meeting, said, alike):
    soul, people = meeting
    nearest = 0.0 if math.isnan(alike) else min(max(alike, 0.0), 1.0)
    assert hear(soul, people["p0"], said, alike=alike) == hear(soul, people["p0"], said, alike=nearest)


@FEW
@given(
    meetings(people=2),
    st.lists(st.tuples(st.sampled_from(("p0", "p1")), appraisals(), st.floats(0, 1)), min_size=2, max_size=4),
)
def test_i11_the_order_within_a_burst_changes_no_bit(meeting, said):
    soul, people = meeting
    results = [apply_burst(soul, people, [Heard(*one) for one in order]) for order in itertools.permutations(said)]
    assert all(result == results[0] for result in results)


@FEW
@given(st.lists(REPEATED | st.text(max_size=8), max_size=5), st.lists(REPEATED, max_size=4))
def test_i11_likeness_within_a_burst_is_free_of_order(texts, recent):
    found = burst_similarities(texts, recent)
    assert all(similarity(text, recent) <= value <= 1.0 for text, value in zip(texts, found, strict=True))
    for order in itertools.permutations(range(len(texts))):
        assert burst_similarities([texts[place] for place in order], recent) == [found[place] for place in order]


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("ann", "bob")), st.sampled_from((ALL_KIND, ALL_CRUEL, JOKE, Appraisal(warmth=1))), REPEATED
        ),
        max_size=4,
    )
)
def test_i11_a_burst_of_repeats_is_free_of_order_and_so_is_what_follows(said):
    ends = []
    for order in itertools.permutations(said):
        trial = Trial("lite", NEUTRAL_OCEAN)
        trial.hear_together([Said(*one) for one in order], at_h=0.0)
        trial.hear_together([Said(*one) for one in reversed(order)], at_h=0.5)
        ends.append((trial.soul, trial.persons))
    assert all(end == ends[0] for end in ends)


def test_what_is_fresh_is_never_dulled_by_what_repeats():
    soul, people = new_soul("lite", NEUTRAL_OCEAN), {"p": new_person("lite")}
    fresh = [Heard("p", ALL_KIND)] * 3
    silent = Heard("p", Appraisal(warmth=1, confidence=0.0), 1.0)
    _, alone = apply_burst(soul, people, fresh)
    _, among = apply_burst(soul, people, [silent, *fresh, silent])
    assert among["p"].affection == alone["p"].affection
    assert among["p"].directed == alone["p"].directed


def test_a_repeated_line_that_is_neither_kind_nor_hurtful_dulls_only_its_like():
    soul, people = new_soul("lite", NEUTRAL_OCEAN), {"p": new_person("lite")}
    kind = Heard("p", ALL_KIND, 0.9)
    _, alone = apply_burst(soul, people, [kind])
    _, after_jokes = apply_burst(soul, people, [Heard("p", JOKE, 0.7), Heard("p", JOKE, 0.8), kind])
    assert after_jokes["p"].affection == alone["p"].affection
    assert after_jokes["p"].kind_repetition == alone["p"].kind_repetition


def test_each_repeat_finds_what_the_repeats_before_it_added():
    soul, people = new_soul("lite", NEUTRAL_OCEAN), {"p": new_person("lite")}
    for said, left in (
        (Appraisal(interest=1, confidence=0.1), kindness_left(0.8)),
        (ALL_KIND, kindness_left(0.95 * 0.8)),
    ):
        _, one = apply_burst(soul, people, [Heard("p", said, 0.8)])
        _, two = apply_burst(soul, people, [Heard("p", said, 0.8)] * 2)
        stirred = [1.0 - (1.0 - level) * (1.0 - level * left) for level in one["p"].directed]
        assert two["p"].directed == pytest.approx(stirred, abs=1e-12)
    _, one = apply_burst(soul, people, [Heard("p", ALL_CRUEL, 0.8)])
    _, two = apply_burst(soul, people, [Heard("p", ALL_CRUEL, 0.8)] * 2)
    anger, left = one["p"].directed[5], hurt_left(0.95 * 0.8)
    assert two["p"].directed[5] == pytest.approx(1.0 - (1.0 - anger) * (1.0 - anger * left))


@FEW
@given(meetings(), st.lists(st.tuples(appraisals(), st.floats(0, 30)), min_size=1, max_size=6))
def test_i12_a_replay_changes_no_bit(meeting, events):
    def replayed():
        soul, people = meeting
        person = people["p0"]
        for said, hours in events:
            soul, person = advance(soul, hours), advance_person(person, soul, hours)
            soul, person = hear(soul, person, said)
        return soul, person

    assert replayed() == replayed()


@SOME
@given(meetings(), st.floats(0, 1))
def test_i13_an_empty_appraisal_changes_only_familiarity_and_need(meeting, confidence):
    soul, people = meeting
    before = people["p0"]
    after_soul, after = hear(soul, before, Appraisal(confidence=confidence))
    assert furthest(soul, after_soul) <= 1e-12
    kept = replace(after, familiarity=before.familiarity, need=before.need, stage=before.stage)
    assert furthest(before, kept) <= 1e-12
    assert after.need == before.need * 0.75
    assert after.familiarity.value >= before.familiarity.value


def changed(tier, sign, before, after):
    return [new - old for emotion, old, new in zip(EMOTIONS[tier], before, after, strict=True) if emotion.sign == sign]


@SOME
@given(meetings(), st.lists(PRAISES, min_size=1, max_size=3))
def test_i14_pure_praise_does_no_harm(meeting, praises):
    soul, people = meeting
    before = people["p0"]
    after_soul, after = hear(soul, before, *praises)
    levels = ((soul.emotions, after_soul.emotions), (before.directed, after.directed))
    levels += ((felt(soul, before), felt(after_soul, after)),)
    assert all(change <= 1e-12 for pair in levels for change in changed(soul.tier, NEGATIVE, *pair))
    assert all(getattr(after, rule.name).value >= getattr(before, rule.name).value - 1e-12 for rule in RULES)
    assert after.tension <= before.tension + 1e-12


@SOME
@given(meetings(), st.lists(INSULTS, min_size=1, max_size=3))
def test_i14_pure_insult_does_no_good(meeting, insults):
    soul, people = meeting
    before = people["p0"]
    after_soul, after = hear(soul, before, *insults)
    levels = ((soul.emotions, after_soul.emotions), (before.directed, after.directed))
    levels += ((felt(soul, before), felt(after_soul, after)),)
    assert all(change <= 1e-12 for pair in levels for change in changed(soul.tier, POSITIVE, *pair))
    assert all(getattr(after, rule.name).value <= getattr(before, rule.name).value + 1e-12 for rule in RULES[:3])
    assert after.tension >= before.tension - 1e-12


def opposite(said: Appraisal) -> Appraisal:
    return replace(said, **{name: -getattr(said, name) for name in FIELD_NAMES[:7]})


@SOME
@given(TIERS, OCEANS, st.floats(0, 1), appraisals(signed=(-3, 0), confidence=(0.05, 1)))
def test_i15_losses_weigh_more_than_gains(tier, ocean, held, insult):
    soul, person = new_soul(tier, ocean), new_person(tier)
    known = {rule.name: replace(person.trust, value=held) for rule in RULES[:3]}
    person = replace(person, **known)
    _, hurt = hear(soul, person, insult)
    _, praised = hear(soul, person, opposite(insult))
    for rule, weight in zip(RULES[:3], (1.8, 1.0, 1.0), strict=True):
        loss = held - getattr(hurt, rule.name).value
        gain = getattr(praised, rule.name).value - held
        assert loss >= weight * gain - 1e-12


@SOME
@given(meetings(), appraisals(), st.floats(0, 1))
def test_i16_less_confidence_never_excites_more(meeting, said, part):
    soul, people = meeting
    standing = standing_of(soul, people["p0"], dynamics_of(soul.tier, soul.ocean), 0.35)
    meaning = meaning_of(said)
    sure = effect_of(meaning, said.confidence, standing)
    unsure = effect_of(meaning, said.confidence * part, standing)
    assert all(less <= more for less, more in zip(unsure.impulses, sure.impulses, strict=True))
    resting = new_soul(soul.tier, soul.ocean)
    calm = replace(people["p0"], directed=(0.0,) * len(soul.emotions))
    doubted, by_doubt = hear(resting, calm, replace(said, confidence=said.confidence * part))
    believed, by_belief = hear(resting, calm, said)
    pairs = ((doubted.emotions, believed.emotions), (by_doubt.directed, by_belief.directed))
    assert all(less <= more + 1e-12 for pair in pairs for less, more in zip(*pair, strict=True))


@SOME
@given(meetings(), appraisals())
def test_i17_one_message_leaves_room(meeting, said):
    soul, people = meeting
    after_soul, after = hear(soul, people["p0"], said)
    for before, levels in ((soul.emotions, after_soul.emotions), (people["p0"].directed, after.directed)):
        assert all(new <= 1 - 0.3 * (1 - old) + 1e-12 for old, new in zip(before, levels, strict=True))


@FEW
@given(TIERS, OCEANS, st.lists(st.tuples(appraisals(signed=(0, 3)), st.floats(0, 5)), min_size=1, max_size=30))
def test_i17_many_messages_raise_a_sentiment_no_further_than_its_cap(tier, ocean, course):
    soul, person, hours = new_soul(tier, ocean), new_person(tier), 0.0
    for said, gap in course:
        soul, person, hours = advance(soul, gap), advance_person(person, soul, gap), hours + gap
        soul, person = hear(soul, person, said)
    for rule in RULES:
        assert getattr(person, rule.name).value <= rule.gain_cap * (1 + math.log(2) * hours / 12) + 1e-9


@FEW
@given(meetings(people=3), appraisals())
def test_i18_nobody_else_is_moved(meeting, said):
    soul, people = meeting
    _, after = apply_burst(soul, people, [Heard("p1", said)])
    assert after["p0"] is people["p0"]
    assert after["p2"] is people["p2"]
    assert list(after) == list(people)


@FEW
@given(souls())
def test_i18_without_leak_a_newcomer_meets_her_at_rest(soul):
    assert felt(soul, new_person(soul.tier), leak=0.0) == dynamics_of(soul.tier, soul.ocean).baselines


@FEW
@given(OCEANS, st.floats(0, 1))
def test_i20_neuroticism_darkens_and_lasts(ocean, more):
    higher = ocean._replace(neuroticism=min(1.0, ocean.neuroticism + more))
    calm, tense = resting_mood(ocean), resting_mood(higher)
    assert tense[0] <= calm[0]
    assert tense[1] >= calm[1]
    anger = EMOTIONS["lite"][NAMES["lite"].index("anger")]
    assert half_life_h(anger, higher) >= half_life_h(anger, ocean)
    if higher.neuroticism > ocean.neuroticism + 1e-9:
        assert half_life_h(anger, higher) > half_life_h(anger, ocean)


@FEW
@given(souls(), st.sampled_from(InnerEvent), st.floats())
def test_inner_events_keep_any_soul_in_range(soul, event, strength):
    after = apply_inner_event(soul, event, strength)
    assert_in_range(after, new_person(soul.tier))
    assert replace(after, emotions=soul.emotions) == soul
    moved = [name for name, old, new in zip(NAMES[soul.tier], soul.emotions, after.emotions, strict=True) if old != new]
    assert len(moved) <= 1


def test_states_hold_only_what_is_kept():
    assert {field.name for field in fields(SoulState)}.isdisjoint({"text", "content", "person"})
    assert {field.name for field in fields(PersonState)}.isdisjoint({"text", "content", "messages"})
