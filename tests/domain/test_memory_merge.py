"""What becomes of a candidate beside what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import MemoryId, MessageId
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory, Origin
from bot.domain.memory_merge import settle, told_again_confidence
from bot.domain.memory_text import likeness, says_the_same, text_key
from bot.domain.message import Audience, AudienceKind
from tests.fakes import ADA, START

HERE = Audience(AudienceKind.PERSON, int(ADA.user_id))
HOUR = timedelta(hours=1)


def told(text, *, kind=MemoryKind.FACT, source=1, at=START, confidence=0.8, salience=3, **more):
    return NewMemory(ADA.user_id, kind, text, HERE, (MessageId(source),), salience, confidence, at, **more)


def kept(text, *, number=7, state=MemoryState.CURRENT, kind=MemoryKind.FACT, source=99, at=START - HOUR, **more):
    facts = {"salience": 3, "confidence": 0.8, "origin": Origin.TALK, "created_at": at} | more
    return Memory(
        MemoryId(number), ADA.user_id, kind, text, HERE, (MessageId(source),), said_at=at, state=state, **facts
    )


SAME = [
    ("Ada has a cat.", "ada has a cat"),
    ("Ada has a cat called Milo", "Ada has the cat called Milo!"),
    ("Ada likes cats", "Ada like cats"),
    ("Ada wohnt in Köln.", "ada wohnt in köln"),
    ("Adaは猫が好き。", "Adaは猫が好きです"),
    ("ＡＤＡ likes tea", "Ada likes tea"),
    ("C++", "c++"),
]
APART = [
    ("Ada has 2 cats", "Ada has 3 cats"),
    ("Ada likes coffee", "Ada does not like coffee"),
    ("Ada is no fan of tea", "Ada is a fan of tea"),
    ("Ada's dog is called Rex", "Ada's dog is called Max"),
    ("Ada lives in Paris", "Ada lived in Paris"),
    ("Ada lives in the UK", "Ada lives in the US"),
    ("Ada codes in C", "Ada codes in C++"),
    ("Ada mag Jo", "Ada mag Al"),
    ("Adaは猫が好き", "Adaは犬が好き"),
    ("我喜欢茶", "我不喜欢茶"),
    ("Ada lives with her wife", "Ada lives with her ex wife"),
    ("🍕", "🍣"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_dress(one, other):
    assert says_the_same(one, other)
    assert says_the_same(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_sets_two_sentences_apart(one, other):
    assert not says_the_same(one, other)
    assert not says_the_same(other, one)


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_a_share_and_the_same_both_ways_for_one_text(one, other):
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, one) == 1.0
    assert text_key(text_key(one)) == text_key(one)
    assert says_the_same(one, one)


def test_once_is_a_candidate_and_salient_is_enough():
    assert settle(told("Ada has a cat."), []).memory.state is MemoryState.CANDIDATE
    assert settle(told("Ada has a cat.", salience=7), []).memory.state is MemoryState.CURRENT
    assert settle(told("Ada has a cat.", salience=10, confidence=0.3), []).memory.state is MemoryState.CANDIDATE


@pytest.mark.parametrize("kind", [MemoryKind.BOUNDARY, MemoryKind.CORRECTION, MemoryKind.PROMISE])
def test_some_kinds_hold_at_once(kind):
    assert settle(told("Never call me Addie.", kind=kind), []).memory.state is MemoryState.CURRENT


def test_told_again_in_another_line_some_time_later_it_holds():
    before = kept("Ada has a cat.", state=MemoryState.CANDIDATE)
    settled = settle(told("Ada has a cat"), [before])
    assert (settled.same_as, settled.memory.state) == (before.memory_id, MemoryState.CURRENT)
    assert settled.memory.confidence > before.confidence
    soon = settle(told("Ada has a cat"), [replace(before, said_at=START - timedelta(minutes=2))])
    assert soon.memory.state is MemoryState.CANDIDATE


def test_what_no_line_bears_out_is_never_confirmed_by_saying_it_again():
    unsure = kept("Ada has a cat.", state=MemoryState.CANDIDATE, confidence=0.3)
    assert settle(told("Ada has a cat"), [unsure]).memory.state is MemoryState.CANDIDATE
    sure = kept("Ada has a cat.", state=MemoryState.CANDIDATE)
    assert settle(told("Ada has a cat", confidence=0.3), [sure]).memory.state is MemoryState.CANDIDATE


def test_the_same_line_again_is_nothing_new():
    assert settle(told("Ada has a cat", source=99), [kept("Ada has a cat.")]) is None


def test_the_same_words_of_another_kind_are_the_same():
    before = kept("Ada has a cat.", kind=MemoryKind.EVENT)
    assert settle(told("Ada has a cat"), [before]).same_as == before.memory_id


def test_of_another_owner_or_audience_nothing_is_merged():
    elsewhere = replace(kept("Ada has a cat."), audience=Audience(AudienceKind.CHANNEL, 5))
    assert settle(told("Ada has a cat"), [elsewhere]).same_as is None


def test_a_correction_replaces_what_it_clearly_corrects():
    lives, works = kept("Ada lives in Paris.", number=1), kept("Ada has a cat called Milo.", number=2)
    said = told("Ada lives in Berlin, not in Paris.", kind=MemoryKind.CORRECTION)
    assert settle(said, [lives, works]).supersedes == (MemoryId(1),)


def test_a_correction_that_might_mean_two_replaces_neither():
    one, other = kept("Ada's sister is called Hanna.", number=1), kept("Ada's cousin is called Hanna.", number=2)
    said = told("Her name is Anna, not Hanna.", kind=MemoryKind.CORRECTION)
    assert settle(said, [one, other]).supersedes == ()


def test_a_correction_touches_nothing_newer_nor_what_the_person_edited():
    said = told("Ada lives in Berlin, not in Paris.", kind=MemoryKind.CORRECTION)
    assert settle(said, [kept("Ada lives in Paris.", at=START + HOUR)]).supersedes == ()
    assert settle(said, [kept("Ada lives in Paris.", is_edited=True)]).supersedes == ()


def test_contradictions_without_a_correction_are_left_to_reflection():
    settled = settle(told("Ada lives in Berlin.", salience=9), [kept("Ada lives in Paris.")])
    assert (settled.supersedes, settled.same_as) == ((), None)


def test_what_was_replaced_does_not_come_back_by_being_told_again():
    old = kept("Ada lives in Paris.", number=1, state=MemoryState.SUPERSEDED, superseded_by=MemoryId(2))
    new = kept("Ada lives in Berlin, not in Paris.", number=2, kind=MemoryKind.CORRECTION)
    again = settle(told("Ada lives in Paris", salience=10), [old, new])
    assert (again.memory.state, again.doubts) == (MemoryState.CANDIDATE, (MemoryId(2),))
    waiting = kept("Ada lives in Paris", number=3, state=MemoryState.CANDIDATE)
    third = settle(told("Ada lives in Paris", salience=10, source=5), [old, new, waiting])
    assert (third.same_as, third.memory.state) == (MemoryId(3), MemoryState.CANDIDATE)
    confirmed = settle(told("Ada lives in Berlin, not in Paris.", kind=MemoryKind.CORRECTION), [old, new])
    assert (confirmed.same_as, confirmed.memory.confidence > new.confidence) == (MemoryId(2), True)


@given(st.floats(0, 1), st.floats(0, 1))
def test_telling_again_makes_surer_and_stays_in_bounds(before, telling):
    after = told_again_confidence(before, telling)
    assert before - 1e-12 <= after <= 1
