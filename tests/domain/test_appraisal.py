"""Malformed appraisals weaken, they never amplify."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.appraisal import (
    FIELD_NAMES,
    NEUTRAL,
    SIGNED_FIELDS,
    UNSIGNED_FIELDS,
    Appraisal,
    read_appraisal,
)

NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 10**400, -(10**400), -0.0, 2.5, "3", "", "NaN"]),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def _is_in_range(read: Appraisal) -> bool:
    return (
        all(isinstance(getattr(read, name), int) and -3 <= getattr(read, name) <= 3 for name in SIGNED_FIELDS)
        and all(isinstance(getattr(read, name), int) and 0 <= getattr(read, name) <= 3 for name in UNSIGNED_FIELDS)
        and isinstance(read.confidence, float)
        and 0.0 <= read.confidence <= 1.0
    )


@given(st.one_of(NASTY, st.dictionaries(st.sampled_from(FIELD_NAMES), NASTY)))
def test_any_junk_reads_as_an_appraisal_in_range(raw):
    assert _is_in_range(read_appraisal(raw))


@given(st.dictionaries(st.sampled_from(FIELD_NAMES), NASTY))
def test_mended_input_never_trusts_itself_more_than_a_quarter(raw):
    raw.pop("malformed", None)
    read = read_appraisal(raw)
    if read.malformed:
        assert read.confidence <= 0.25


@given(
    st.fixed_dictionaries({name: st.integers(-3, 3) for name in SIGNED_FIELDS}),
    st.fixed_dictionaries({name: st.integers(0, 3) for name in UNSIGNED_FIELDS}),
    st.floats(0, 1),
)
def test_well_formed_input_is_taken_as_it_is(signed, unsigned, confidence):
    raw = {**signed, **unsigned, "confidence": confidence}
    assert read_appraisal(raw) == Appraisal(**raw)


@pytest.mark.parametrize("junk", [None, 3, "angry", [], ["warmth"], True, math.nan])
def test_no_object_is_all_zero_without_confidence(junk):
    assert read_appraisal(junk) == Appraisal(confidence=0.0, malformed=True)


def test_an_empty_object_is_neutral():
    assert read_appraisal({}) == NEUTRAL


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (99, 3),
        (-99, -3),
        (10**400, 3),
        (1e308, 3),
        (-1e308, -3),
        (2.6, 3),
        (2.2, 2),
        (math.nan, 0),
        (math.inf, 0),
        (-math.inf, 0),
        ("2", 0),
        (True, 0),
        (None, 0),
        ({"a": 1}, 0),
        ([1], 0),
    ],
)
def test_a_value_that_had_to_be_mended_costs_confidence_once(raw, value):
    read = read_appraisal({"warmth": raw, "respect": raw, "confidence": 0.8})
    assert read.warmth == value
    assert read.malformed
    assert read.confidence == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("raw", "confidence"),
    [(2, 0.25), (-1, 0.0), (math.nan, 0.125), ("high", 0.125), (None, 0.125), (True, 0.125), (10**400, 0.25)],
)
def test_an_unreadable_confidence_is_weak(raw, confidence):
    assert read_appraisal({"confidence": raw}).confidence == pytest.approx(confidence)


def test_a_whole_float_is_no_mistake():
    assert read_appraisal({"warmth": 2.0}) == Appraisal(warmth=2)


def test_a_negative_unsigned_value_is_zero():
    read = read_appraisal({"humor": -2})
    assert (read.humor, read.malformed) == (0, True)
