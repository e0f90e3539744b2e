"""What is hers to answer."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attention import Features, Outcome, attend, decide, redecide
from bot.domain.message import Reach, Speaker
from bot.domain.names import Place
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from tests.fakes import dm_message, guild_message


def test_a_direct_message_is_hers():
    assert attend(dm_message("hi")).reasons == ("direct message",)


@pytest.mark.parametrize(("mentions", "replies"), itertools.product([False, True], repeat=2))
def test_in_a_channel_a_mention_or_a_reply_to_her_is_hers(mentions, replies):
    heard = attend(replace(guild_message("hi"), mentions_self=mentions, replies_to_self=replies))
    assert heard.is_hers is (mentions or replies)
    assert ("mention" in heard.reasons, "reply to her" in heard.reasons) == (mentions, replies)


@pytest.mark.parametrize("speaker", [Speaker.SELF, Speaker.BOT])
def test_bots_and_she_herself_are_never_answered(speaker):
    for message in (dm_message("hi"), guild_message("hi")):
        assert not attend(replace(message, speaker=speaker, mentions_self=True, replies_to_self=True)).is_hers


def test_an_empty_direct_message_is_hers_as_well():
    assert attend(dm_message("")).is_hers


FEATURES = st.builds(
    Features,
    by=st.sampled_from(["person", "bot", "self"]),
    at=st.floats(1.7e9, 1.8e9),
    age_s=st.floats(0, 10_000),
    is_own_thread=st.booleans(),
    is_mention=st.booleans(),
    is_reply=st.booleans(),
    place=st.sampled_from(sorted(map(int, Place))),
    is_called=st.booleans(),
    is_name_asked=st.booleans(),
    is_name_weak=st.booleans(),
    is_name_first=st.booleans(),
    is_name_begun=st.booleans(),
    is_name_big=st.booleans(),
    is_name_twice=st.booleans(),
    is_name_alike=st.booleans(),
    name_before=st.integers(0, 20),
    name_is_word=st.floats(0, 1),
    is_name_shared=st.booleans(),
    is_name_near=st.booleans(),
    passed_by=st.integers(0, 50),
    replies_other=st.booleans(),
    is_other_called=st.booleans(),
    others_place=st.sampled_from(sorted(map(int, Place))),
    mentions_all=st.booleans(),
    is_question=st.booleans(),
    letters=st.integers(0, 2000),
    is_set_off=st.booleans(),
    is_wordless=st.booleans(),
    her_ago_s=st.none() | st.floats(0, 1e6),
    lines_since_her=st.integers(0, 50),
    strays_since_her=st.integers(0, 50),
    her_to_author=st.booleans(),
    her_asked=st.booleans(),
    her_unasked=st.booleans(),
    her_sure=st.booleans(),
    her_names_author=st.booleans(),
    her_names_other=st.booleans(),
    her_letters=st.integers(0, 2000),
    her_between=st.booleans(),
    talked_ago_s=st.none() | st.floats(0, 1e6),
    was_to_her=st.booleans(),
    is_turned=st.booleans(),
    echo_her=st.floats(0, 1),
    run_to=st.sampled_from(["", "her", "other", "room"]),
    others_near=st.integers(0, 20),
    pace=st.floats(0, 100),
    pause_s=st.none() | st.floats(0, 1e6),
    usual_gap_s=st.floats(0, 1e6),
    asks_again=st.booleans(),
    waits=st.booleans(),
    share=st.floats(0, 1),
    untaken=st.integers(0, 50),
    joined_hour=st.integers(0, 20),
    joined_ago_s=st.none() | st.floats(0, 1e5),
    considered_hour=st.integers(0, 10),
    considered_ago_s=st.none() | st.floats(0, 1e5),
    calls_left=st.integers(0, 5),
    bot_turns=st.integers(0, 5),
    pleasure=st.floats(-1, 1),
    arousal=st.floats(-1, 1),
    need=st.floats(0, 1),
    interest=st.none() | st.floats(0, 1),
)
QUIET = st.none() | st.builds(
    QuietHours, st.integers(0, 1439), st.integers(0, 1439), st.sampled_from(["UTC", "Europe/Berlin"])
)
POLICIES = st.builds(RoomPolicy, st.sampled_from(Hearing), st.integers(0, 10), QUIET)
RANK = [Outcome.LEAVE, Outcome.LISTEN, Outcome.CONSIDER, Outcome.ANSWER]
UNASKED = (Reach.JOINING, Reach.UNSURE)


def is_unasked(decision):
    return decision.outcome in (Outcome.ANSWER, Outcome.CONSIDER) and decision.reach in UNASKED


@given(FEATURES, POLICIES, st.booleans())
def test_a_mention_or_a_reply_by_a_person_is_never_ignored_but_where_she_is_to_ignore(features, policy, is_quiet):
    asked = replace(features, by="person", is_mention=True)
    decision = decide(asked, policy, is_quiet=is_quiet)
    if policy.hearing is Hearing.IGNORE:
        assert decision.outcome is Outcome.LEAVE
    else:
        assert (decision.outcome, decision.reach) == (Outcome.ANSWER, Reach.ASKED)


@given(FEATURES, POLICIES, st.booleans())
def test_a_direct_message_is_always_answered(features, policy, is_quiet):
    decision = decide(replace(features, by="person", is_dm=True), policy, is_quiet=is_quiet)
    assert (decision.outcome, decision.reach) == (Outcome.ANSWER, Reach.ASKED)


@given(FEATURES, POLICIES, st.booleans())
def test_her_own_lines_are_never_hers_to_answer(features, policy, is_quiet):
    decision = decide(replace(features, by="self"), policy, is_quiet=is_quiet)
    assert decision.outcome in (Outcome.LISTEN, Outcome.LEAVE)


@given(FEATURES, POLICIES, st.booleans())
def test_nothing_is_said_unasked_in_quiet_hours_or_without_chattiness(features, policy, is_quiet):
    assert not is_unasked(decide(features, policy, is_quiet=True))
    assert not is_unasked(decide(features, replace(policy, chattiness=0), is_quiet=is_quiet))


@given(FEATURES, POLICIES, st.booleans(), st.integers(0, 10))
def test_who_may_be_chattier_never_says_less(features, policy, is_quiet, other):
    low, high = sorted((policy.chattiness, other))
    less, more = (decide(features, replace(policy, chattiness=one), is_quiet=is_quiet) for one in (low, high))
    assert RANK.index(less.outcome) <= RANK.index(more.outcome)


@given(FEATURES, POLICIES, st.booleans())
def test_nothing_said_long_ago_is_joined(features, policy, is_quiet):
    assert not is_unasked(decide(replace(features, age_s=3600.0), policy, is_quiet=is_quiet))


@given(FEATURES, POLICIES, st.booleans())
def test_no_call_is_made_that_may_not_be_spent(features, policy, is_quiet):
    for broke in (
        replace(features, calls_left=0),
        replace(features, considered_hour=6),
        replace(features, considered_ago_s=30.0),
    ):
        assert decide(broke, policy, is_quiet=is_quiet).outcome is not Outcome.CONSIDER


@given(FEATURES, POLICIES, st.booleans())
def test_another_bot_is_answered_only_where_it_asks_her_and_twice_at_most(features, policy, is_quiet):
    decision = decide(replace(features, by="bot"), policy, is_quiet=is_quiet)
    assert decision.outcome is not Outcome.CONSIDER
    if decision.outcome is Outcome.ANSWER:
        assert policy.hearing is Hearing.LISTEN
        assert features.is_mention or features.is_reply
        assert features.bot_turns < 2


@given(FEATURES, POLICIES, st.booleans())
def test_the_same_policy_decides_the_same_again_from_json(features, policy, is_quiet):
    decision = decide(features, policy, is_quiet=is_quiet)
    kept = json.loads(json.dumps(dict(sorted(decision.features.items()))))
    assert redecide(replace(decision, features=kept), policy) == replace(decision, features=decision.features)


@given(FEATURES)
def test_features_survive_json(features):
    assert Features.read(json.loads(json.dumps(features.as_json()))) == features


def test_features_of_other_versions_can_be_read():
    read = Features.read({"place": "seven", "letters": True, "her_ago_s": float("nan"), "is_reply": 1, "new": 4})
    assert read == Features()


@given(FEATURES, POLICIES, st.booleans())
def test_the_weights_make_up_the_score(features, policy, is_quiet):
    decision = decide(features, policy, is_quiet=is_quiet)
    assert decision.score == pytest.approx(sum(decision.weights.values()))
    assert decision.reasons
    if decision.outcome is Outcome.ANSWER and features.by == "person":
        assert decision.score >= decision.bar


def test_other_quiet_hours_are_judged_by_the_time_of_the_decision():
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()
    asks = Features(at=at, is_question=True, asks_again=True, waits=True, pause_s=400.0)
    listen = RoomPolicy(hearing=Hearing.LISTEN)
    decision = decide(asks, listen, is_quiet=False)
    assert decision.reach is Reach.JOINING
    at_night = replace(listen, quiet=QuietHours(22 * 60, 6 * 60, "UTC"))
    assert "quiet hours" in redecide(decision, at_night).reasons


def test_what_nobody_took_up_makes_her_wait_longer_each_time():
    listen = RoomPolicy(hearing=Hearing.LISTEN, chattiness=10)
    asks = Features(is_question=True, asks_again=True, waits=True, pause_s=400.0, joined_ago_s=900.0)
    outcomes = [decide(replace(asks, untaken=untaken), listen, is_quiet=False).reasons[-1] for untaken in (0, 1, 3)]
    assert outcomes[0] != "back-off"
    assert outcomes[1] != "back-off"
    assert outcomes[2] == "back-off"


def test_her_budget_of_unasked_answers_grows_with_chattiness():
    asks = Features(is_question=True, asks_again=True, waits=True, pause_s=400.0, joined_hour=6)
    spent, more = (
        decide(asks, RoomPolicy(hearing=Hearing.LISTEN, chattiness=chattiness), is_quiet=False) for chattiness in (4, 5)
    )
    assert spent.outcome is not Outcome.ANSWER
    assert more.outcome is Outcome.ANSWER
