"""Names, bands, presets, stages, likeness of texts: the parts of the model that are tables and labels."""

from __future__ import annotations

import math
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.habituation import (
    burst_similarities,
    cosine,
    hurt_left,
    kindness_left,
    likeness,
    profile_of,
    repetition_added,
    similarity,
)
from bot.domain.affect.mood import OCTANTS, congruence, octant, strength
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean, read_ocean
from bot.domain.affect.presets import PRESETS
from bot.domain.affect.relationship import Stage, stage_of
from bot.domain.affect.traits import BAND_NAMES, LITE_TRAITS, RICH_TRAITS, TRAITS, band_of, ocean_of, read_traits
from tests.domain.affect.states import FEW, OCEANS, TIERS


def test_there_are_ten_lite_and_thirty_four_rich_traits():
    assert len(LITE_TRAITS) == 10
    assert len(RICH_TRAITS) == 34
    assert RICH_TRAITS[:10] == LITE_TRAITS
    assert len({trait.name for trait in RICH_TRAITS}) == 34


@pytest.mark.parametrize("trait", RICH_TRAITS, ids=lambda trait: trait.name)
def test_a_trait_has_words_for_every_band_and_no_numbers(trait):
    assert len(set(trait.styles)) == len(BAND_NAMES) == 5
    assert all(style.strip() and style.endswith(".") and not any(map(str.isdigit, style)) for style in trait.styles)
    assert 0.0 < sum(abs(weight) for weight in trait.weights) <= 1.0 + 1e-12


@FEW
@given(st.floats())
def test_every_value_has_a_band(value):
    assert 0 <= band_of(value) < len(BAND_NAMES)


@pytest.mark.parametrize(
    ("value", "band"),
    [(-1, 0), (-0.61, 0), (-0.6, 1), (-0.21, 1), (-0.2, 2), (0, 2), (0.19, 2), (0.2, 3), (0.59, 3), (0.6, 4), (1, 4)],
)
def test_bands_begin_where_the_table_says(value, band):
    assert band_of(value) == band


@FEW
@given(OCEANS, TIERS)
def test_traits_are_read_from_the_factors(ocean, tier):
    readings = read_traits(ocean, tier)
    for reading, trait in zip(readings, TRAITS[tier], strict=True):
        assert reading.value == pytest.approx(sum(w * f for w, f in zip(trait.weights, ocean, strict=True)))
        assert reading.style == trait.styles[BAND_NAMES.index(reading.band)]


@FEW
@given(OCEANS, TIERS)
def test_a_trait_of_her_own_holds_and_leaves_the_others_alone(ocean, tier):
    own = {"patience": 0.7, "calm": -0.3, "humor": 3.0}
    derived, given_own = read_traits(ocean, tier), read_traits(ocean, tier, own.items())
    for before, after in zip(derived, given_own, strict=True):
        assert after == before or after.value == min(own[after.name], 1.0)
    assert {one.name for one in given_own if one.value == own.get(one.name)} >= {"patience"}


@FEW
@given(OCEANS, TIERS)
def test_factors_are_found_again_in_their_traits(ocean, tier):
    values = {reading.name: reading.value for reading in read_traits(ocean, tier)}
    assert ocean_of(values) == pytest.approx(ocean, abs=1e-4)


def test_one_trait_says_nothing_about_other_factors():
    found = ocean_of({"discipline": 0.5})
    assert found == pytest.approx(Ocean(conscientiousness=0.5), abs=1e-5)
    assert ocean_of({}) == NEUTRAL_OCEAN
    with pytest.raises(KeyError):
        ocean_of({"punctuality": 1.0})


def test_presets_are_the_sixteen_types_with_signs_by_letter():
    assert set(PRESETS) == {"".join(letters) for letters in product("EI", "NS", "TF", "JP")}
    for name, ocean in PRESETS.items():
        assert ocean == read_ocean(ocean)
        assert (ocean.extraversion > 0) == (name[0] == "E")
        assert (ocean.openness > 0) == (name[1] == "N")
        assert (ocean.agreeableness > 0) == (name[2] == "F")
        assert (ocean.conscientiousness > 0) == (name[3] == "J")


def test_factors_are_read_within_their_range():
    assert read_ocean((math.nan, 3.0, -math.inf, 0.5, -1.5)) == Ocean(0.0, 1.0, -1.0, 0.5, -1.0)


def test_octants_go_by_signs():
    signs = {"+": 0.2, "-": -0.2}
    named = {
        "+++": "exuberant", "++-": "dependent", "+-+": "relaxed", "+--": "docile",
        "-++": "hostile", "-+-": "anxious", "--+": "disdainful", "---": "bored",
    }  # fmt: skip
    for code, name in named.items():
        assert octant(tuple(signs[sign] for sign in code)) == name
    assert octant((0.0, -0.0, 0.0)) == "exuberant"
    assert len(OCTANTS) == 8


@pytest.mark.parametrize(
    ("length", "word"),
    [(0, "neutral"), (0.099, "neutral"), (0.1, "slight"), (0.299, "slight"), (0.3, "moderate"), (0.6, "strong")],
)
def test_strength_goes_by_length(length, word):
    assert strength((length, 0.0, 0.0)) == word
    assert strength((0.0, 0.6 * length, -0.8 * length)) == word or length in {0.1, 0.3, 0.6}


def test_congruence_is_the_cosine():
    assert congruence((0.2, 0.0, 0.0), (0.7, 0.0, 0.0)) == 1.0
    assert congruence((0.2, 0.0, 0.0), (-0.7, 0.0, 0.0)) == -1.0
    assert congruence((0.3, 0.0, 0.0), (0.0, 0.3, 0.1)) == 0.0
    assert congruence((0.1, 0.2, 0.2), (0.2, 0.1, 0.2)) == pytest.approx(8 / 9)
    assert all(congruence(mood, mood) <= 1.0 for mood in product((0.1, 0.2, 0.3, 0.7, 0.9), repeat=3))
    assert congruence((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)) == 0.0


LADDER = [Stage.STRANGER, Stage.ACQUAINTANCE, Stage.FRIEND, Stage.CLOSE_FRIEND, Stage.CONFIDANT]


RUNGS = [(limit, *pair) for limit, pair in zip((0.1, 0.3, 0.55, 0.8), pairwise(LADDER), strict=True)]


@pytest.mark.parametrize(("limit", "below", "above"), RUNGS)
def test_stages_change_only_beyond_the_hysteresis(limit, below, above):
    def stage(closeness, before):
        return stage_of(closeness, 0.9, 0.5, 0.0, before=before)

    assert stage(limit - 0.001, None) is below
    assert stage(limit + 0.001, None) is above
    assert stage(limit + 0.049, below) is below
    assert stage(limit + 0.051, below) is above
    assert stage(limit - 0.049, above) is above
    assert stage(limit - 0.051, above) is below


def test_a_confidant_is_trusted():
    assert stage_of(0.9, 0.59, 0.8, 0.0, before=None) is Stage.CLOSE_FRIEND
    assert stage_of(0.9, 0.60, 0.8, 0.0, before=None) is Stage.CONFIDANT
    assert stage_of(0.9, 0.61, 0.8, 0.0, before=None) is Stage.CONFIDANT
    assert stage_of(0.9, 0.64, 0.8, 0.0, before=Stage.CLOSE_FRIEND) is Stage.CLOSE_FRIEND
    assert stage_of(0.9, 0.66, 0.8, 0.0, before=Stage.CLOSE_FRIEND) is Stage.CONFIDANT
    assert stage_of(0.9, 0.56, 0.8, 0.0, before=Stage.CONFIDANT) is Stage.CONFIDANT
    assert stage_of(0.9, 0.54, 0.8, 0.0, before=Stage.CONFIDANT) is Stage.CLOSE_FRIEND


@pytest.mark.parametrize(
    ("trust", "affection", "tension", "before", "after"),
    [
        (0.0, -0.01, 0.0, None, Stage.STRAINED),
        (0.0, 0.0, 0.0, None, Stage.STRANGER),
        (0.0, 0.1, 0.61, None, Stage.STRAINED),
        (0.0, 0.1, 0.60, None, Stage.STRANGER),
        (0.0, -0.04, 0.64, Stage.STRANGER, Stage.STRANGER),
        (0.0, -0.051, 0.0, Stage.STRANGER, Stage.STRAINED),
        (0.0, 0.1, 0.651, Stage.STRANGER, Stage.STRAINED),
        (0.0, 0.049, 0.0, Stage.STRAINED, Stage.STRAINED),
        (0.0, 0.051, 0.56, Stage.STRAINED, Stage.STRAINED),
        (0.0, 0.051, 0.54, Stage.STRAINED, Stage.STRANGER),
        (-0.21, -0.41, 0.0, None, Stage.HOSTILE),
        (-0.19, -0.41, 0.0, None, Stage.STRAINED),
        (-0.30, -0.40, 0.0, None, Stage.STRAINED),
        (-0.20, -0.50, 0.0, None, Stage.STRAINED),
        (-0.21, -0.39, 0.0, None, Stage.STRAINED),
        (-0.24, -0.44, 0.0, Stage.STRAINED, Stage.STRAINED),
        (-0.26, -0.46, 0.0, Stage.STRAINED, Stage.HOSTILE),
        (-0.16, -0.36, 0.0, Stage.HOSTILE, Stage.HOSTILE),
        (-0.14, -0.36, 0.0, Stage.HOSTILE, Stage.STRAINED),
    ],
)
def test_the_other_side_of_the_stages(trust, affection, tension, before, after):
    assert stage_of(0.0, trust, affection, tension, before=before) is after


def test_likeness_ignores_case_width_and_space():
    assert similarity("I love you", ["i  LOVE you "]) == pytest.approx(1.0)
    assert similarity("Ｉ love you", ["i love you"]) == pytest.approx(1.0)
    assert similarity("ok", ["OK"]) == pytest.approx(1.0)
    assert similarity("the quick brown fox", ["a lazy dog sleeps"]) == 0.0
    assert similarity("anything", []) == similarity("", [""]) == similarity("x", [""]) == 0.0


def test_likeness_is_the_trigram_cosine_above_one_half():
    # " abc " and " abd " share one of three trigrams, " abcd " and " abce " two of four.
    assert cosine(profile_of("abc"), profile_of("abd")) == pytest.approx(1 / 3)
    assert cosine(profile_of("abcd"), profile_of("abce")) == pytest.approx(1 / 2)
    assert cosine(profile_of("abcdef"), profile_of("abcdeg")) == pytest.approx(4 / 6)
    assert similarity("abcdef", ["zzz", "abcdeg", "yyy"]) == pytest.approx((4 / 6 - 0.5) / 0.5)
    assert similarity("abcd", ["abce"]) == 0.0
    assert cosine(profile_of("aaaaaa"), profile_of("aaaa")) == pytest.approx((2 * 4 + 1 + 1) / math.sqrt(18 * 6))


@FEW
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_between_nothing_and_all(one, other):
    assert 0.0 <= similarity(one, [other]) <= 1.0
    assert similarity(one, [other]) == similarity(other, [one])


def test_kindness_wears_off_and_hurt_never_quite():
    assert kindness_left(0.0) == hurt_left(0.0) == 1.0
    assert kindness_left(2.0) == pytest.approx(0.36)
    assert hurt_left(1.0) == pytest.approx(0.88)
    assert hurt_left(1e6) == pytest.approx(0.4)
    assert kindness_left(1e6) == 0.0
    assert [repetition_added(alike) for alike in (0.0, 1.0)] == pytest.approx([0.05, 1.0])
    assert all(kindness_left(a) > kindness_left(b) for a, b in pairwise((0.0, 0.5, 1.0, 5.0)))


@pytest.mark.parametrize("copies", [1, 2, 3, 24, 50, 500])
def test_copies_share_the_freshness_of_one(copies):
    assert burst_similarities(["I love you"] * copies, []) == [pytest.approx((copies - 1) / copies)] * copies
    assert burst_similarities(["I love you"] * copies, ["good night"]) == burst_similarities(
        ["I love you"] * copies, []
    )
    assert burst_similarities(["I love you"] * copies, ["i LOVE you"]) == [1.0] * copies


def test_lines_that_are_partly_alike_share_as_much_as_they_are_alike():
    one, other, apart = "I love you so very much", "I love you so very very much", "the bus was late"
    alike = likeness(one, other)
    assert 0.5 < alike < 1.0
    assert burst_similarities([one, other, apart], []) == [pytest.approx(alike / 2), pytest.approx(alike / 2), 0.0]
    # One more copy: its twin is nearer than the other, which has both to share with.
    expected = [1.0 - 1.0 / (2.0 + alike)] * 2 + [alike - alike / 3.0]
    assert burst_similarities([one, one, other], []) == pytest.approx(expected)


def test_what_was_said_before_counts_for_the_one_that_would_be_fresh():
    said, before = "I love you so very much", "I love you so very very much"
    alike = similarity(said, [before])
    assert burst_similarities([said, said], [before]) == pytest.approx([(alike + 1.0) / 2.0] * 2)
    assert burst_similarities([said, "the bus was late"], [before]) == [alike, 0.0]
    assert burst_similarities([before, said], [said]) == [pytest.approx(alike), 1.0]


def test_no_words_repeat_nothing():
    assert burst_similarities([], ["I love you"]) == []
    assert burst_similarities(["", "", " "], ["", "I love you"]) == [0.0, 0.0, 0.0]
