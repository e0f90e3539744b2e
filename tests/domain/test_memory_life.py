"""How memories fade: what holds for any of them, by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.ids import MemoryId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin
from bot.domain.memory_life import (
    DUE_KINDS,
    FADED,
    HALF_LIVES,
    LASTING,
    ONCE_WITHIN,
    UNCONFIRMED_FOR,
    half_life,
    is_faded,
    restored,
    strength,
    used,
)
from bot.domain.message import Audience, AudienceKind
from tests.fakes import START

FACT = Memory(
    memory_id=MemoryId(1),
    owner_id=UserId(101),
    kind=MemoryKind.FACT,
    text="She climbs.",
    audience=Audience(AudienceKind.PERSON, 101),
    sources=(),
    salience=5,
    confidence=0.8,
    said_at=START,
    origin=Origin.TALK,
    state=MemoryState.CURRENT,
    created_at=START,
)
AGES = st.timedeltas(timedelta(0), timedelta(days=4_000))
MOMENTS = AGES.map(lambda age: START + age)
MEMORIES = st.builds(
    replace,
    st.just(FACT),
    kind=st.sampled_from(MemoryKind),
    state=st.sampled_from(MemoryState),
    origin=st.sampled_from(Origin),
    salience=st.integers(1, 10),
    seen_count=st.integers(1, 30),
    used_count=st.integers(0, 30),
    said_at=MOMENTS,
    used_at=st.none() | MOMENTS,
    due_at=st.none() | MOMENTS,
    done_at=st.none() | MOMENTS,
    is_pinned=st.booleans(),
)


@given(MEMORIES, MOMENTS, AGES)
def test_strength_lies_between_nothing_and_all_and_never_grows_by_itself(memory, at, later):
    assert 0 <= strength(memory, at + later) <= strength(memory, at) <= 1


@given(MEMORIES, MOMENTS)
def test_what_is_pinned_or_lasting_never_fades(memory, at):
    assume(memory.is_pinned or memory.kind in LASTING)
    assert strength(memory, at) == 1
    assert not is_faded(memory, at)


@given(MEMORIES, MOMENTS, AGES)
def test_what_has_faded_once_stays_faded(memory, at, later):
    assert not is_faded(memory, at) or is_faded(memory, at + later)


@given(MEMORIES, MOMENTS)
def test_only_what_is_in_use_is_archived(memory, at):
    if memory.state not in (MemoryState.CANDIDATE, MemoryState.CURRENT):
        assert not is_faded(memory, at)


@given(MEMORIES, MOMENTS)
def test_what_holds_is_archived_when_little_is_left_and_not_before(memory, at):
    current = replace(memory, state=MemoryState.CURRENT)
    left = strength(current, at)
    assume(abs(left - FADED) > 1e-9)
    assert is_faded(current, at) == (left < FADED)


@given(MEMORIES, MOMENTS)
def test_use_never_weakens(memory, at):
    assume(memory.used_at is None or memory.used_at <= at)
    assume(memory.said_at <= at)
    assert strength(used(memory, at), at) >= strength(memory, at)


@given(MEMORIES, MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(hours=23)), max_size=20))
def test_any_number_of_uses_within_a_day_count_once(memory, at, more):
    assume(memory.used_at is None or at - memory.used_at >= ONCE_WITHIN)
    once = used(memory, at)
    assert once.used_count == memory.used_count + 1
    again = once
    for later in more:
        again = used(again, at + later)
    assert again == once


@given(MEMORIES, MOMENTS)
def test_what_is_restored_stays_for_a_while(memory, at):
    assume(memory.said_at <= at)
    back = restored(replace(memory, state=MemoryState.ARCHIVED, superseded_by=MemoryId(2)), at)
    assert (back.state, back.superseded_by) == (MemoryState.CURRENT, None)
    assert not is_faded(back, at + timedelta(days=7))


@given(MEMORIES, st.integers(1, 9))
def test_what_matters_more_and_was_told_more_often_lasts_longer(memory, salience):
    less = replace(memory, salience=salience, seen_count=1, used_count=0)
    assert half_life(replace(less, salience=salience + 1)) > half_life(less)
    assert half_life(replace(less, seen_count=2)) > half_life(less)
    assert half_life(replace(less, used_count=1)) > half_life(less)


@given(MEMORIES, AGES)
def test_a_promise_is_whole_until_it_is_due(memory, ahead):
    assume(memory.kind in DUE_KINDS)
    promise = replace(memory, state=MemoryState.CANDIDATE, due_at=START + ahead, done_at=None, is_pinned=False)
    before = START + ahead - timedelta(seconds=1)
    assert strength(promise, before) == 1
    assert not is_faded(promise, before)
    assert is_faded(promise, max(START + ahead, promise.said_at, promise.used_at or START) + UNCONFIRMED_FOR)


@pytest.mark.parametrize(("slower", "faster"), [("fact", "event"), ("event", "joke"), ("joke", "feeling")])
def test_kinds_fade_at_their_own_pace(slower: str, faster: str):
    at = START + timedelta(days=60)
    assert strength(replace(FACT, kind=MemoryKind(slower)), at) > strength(replace(FACT, kind=MemoryKind(faster)), at)


def test_a_fact_of_middling_weight_halves_in_its_half_life():
    assert strength(FACT, START + HALF_LIVES[MemoryKind.FACT]) == pytest.approx(0.5)


def test_a_candidate_that_nothing_confirms_goes_after_two_months():
    seen_once = replace(FACT, state=MemoryState.CANDIDATE)
    assert not is_faded(seen_once, START + UNCONFIRMED_FOR - timedelta(seconds=1))
    assert is_faded(seen_once, START + UNCONFIRMED_FOR)
    assert not is_faded(FACT, START + UNCONFIRMED_FOR)


def test_what_somebody_asked_her_to_remember_lasts_longer():
    assert half_life(replace(FACT, origin=Origin.PERSON)) > 2 * half_life(FACT)


def test_every_kind_has_a_pace_or_lasts():
    assert set(HALF_LIVES) | LASTING == set(MemoryKind)


def test_a_clock_that_went_back_does_no_harm():
    assert strength(FACT, START - timedelta(days=400)) == 1
    assert not is_faded(FACT, START - timedelta(days=400))
