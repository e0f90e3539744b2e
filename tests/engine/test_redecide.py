"""A recorded span decided again: the same rules flip nothing, and what is tried flips just what it would."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attention import VERSION, Decision, Features, Outcome, decide
from bot.domain.ids import ChannelId, MessageId
from bot.domain.message import Reach
from bot.domain.room_policy import Hearing, QuietHours, RoomPolicy
from bot.engine.redecide import SLICE, Redecide, Redecided, Stretch, redecided
from bot.errors import ConfigError
from bot.redeciding import Sum, Wishes, change_of, line_of, stretch_of, sum_lines
from bot.room_ports import RecordedDecision
from tests.cogs.rooms import MemoryRooms

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
LISTEN = RoomPolicy(Hearing.LISTEN, 4)
QUIET = QuietHours(23 * 60, 7 * 60, "Europe/Berlin")
BY_KIND = {
    bool: st.booleans(),
    int: st.integers(0, 5),
    float: st.floats(0, 2_000),
    str: st.sampled_from(["person", "bot", "self", "her", "other", ""]),
}


def values(default: object, name: str) -> st.SearchStrategy[object]:
    if name == "at":
        return st.floats(1_700_000_000, 1_800_000_000)
    return st.none() | st.floats(0, 2_000) if default is None else BY_KIND[type(default)]


features = st.fixed_dictionaries({one.name: values(one.default, one.name) for one in fields(Features)}).map(
    lambda given: Features(**given)  # type: ignore[arg-type]
)
hours = st.builds(QuietHours, st.integers(0, 1439), st.integers(0, 1439), st.just("Europe/Berlin"))
policies = st.builds(RoomPolicy, st.sampled_from(Hearing), st.integers(0, 10), st.none() | hours)


def decided(found: Features, policy: RoomPolicy = LISTEN) -> Decision:
    """Decide as it is done while she hears."""
    at = datetime.fromtimestamp(found.at, UTC)
    return decide(found, policy, is_quiet=policy.quiet is not None and policy.quiet.holds(at))


def kept(
    decision: Decision,
    policy: RoomPolicy = LISTEN,
    *,
    at: datetime = NOW,
    is_hers: bool | None = None,
    message_id: int = 100,
    channel_id: int = 10,
) -> RecordedDecision:
    """Put a decision on record and read it again, as a table of JSON does."""
    read = replace(
        decision,
        features=json.loads(json.dumps(dict(decision.features))),
        weights=json.loads(json.dumps(dict(decision.weights))),
    )
    return RecordedDecision(MessageId(message_id), ChannelId(channel_id), at, read, policy, is_hers)


def line(**changes: object) -> Features:
    return replace(Features(at=NOW.timestamp(), letters=20, calls_left=9), **changes)  # type: ignore[arg-type]


def on_the_edge() -> Features:
    """Find a line that she leaves as chatty as she usually is, and joins where she may say a lot.

    It is looked for, because how much each sign weighs is not this test's business.
    """
    talk = (
        line(is_question=is_question, letters=letters, others_near=others, pace=pace)
        for is_question in (True, False)
        for letters in (0, 4, 20)
        for others in (0, 1, 3)
        for pace in (0.0, 3.0, 9.0)
    )
    return next(
        one
        for one in talk
        if decided(one).outcome in (Outcome.LISTEN, Outcome.CONSIDER)
        and decided(one, replace(LISTEN, chattiness=10)).reach is Reach.JOINING
    )


OPEN = on_the_edge()


async def through(rooms: MemoryRooms, stretch: Stretch, *changes: str) -> list[Redecided]:
    change = change_of(changes, "UTC")
    return [one async for one in Redecide(rooms)(stretch, change)]


DAY = Stretch(NOW - timedelta(days=1), NOW + timedelta(seconds=1))


@given(features, policies, st.none() | st.booleans())
def test_the_same_rules_decide_the_same_again(found: Features, policy: RoomPolicy, is_hers: bool | None):
    one = redecided(kept(decided(found, policy), policy, is_hers=is_hers))
    assert not one.is_flipped and not one.differs


@given(features, policies, policies)
def test_another_policy_decides_as_it_would_have(found: Features, was: RoomPolicy, tried: RoomPolicy):
    one = redecided(kept(decided(found, was), was), lambda policy: tried)
    assert one.now.outcome is decided(found, tried).outcome
    assert math.isclose(one.now.score, decided(found, tried).score)


async def test_what_is_tried_flips_what_it_would_and_leaves_the_rest():
    asked = line(is_mention=True)
    rooms = MemoryRooms(
        decisions=[kept(decided(asked), message_id=1), kept(decided(OPEN), message_id=2)],
    )
    was = decided(OPEN).outcome
    higher = [one for one in await through(rooms, DAY, "chattiness=10") if one.is_flipped]
    assert [(one.recorded.message_id, one.was, one.would_be) for one in higher] == [(2, was, Outcome.ANSWER)]
    gone = await through(rooms, DAY, "hearing=ignore")
    assert [one.would_be for one in gone] == [Outcome.LEAVE, Outcome.LEAVE]
    only = await through(rooms, DAY, "hearing=mention-only")
    assert [one.would_be for one in only] == [Outcome.ANSWER, Outcome.LEAVE]
    never = await through(rooms, DAY, "chattiness=10", "quiet=00:00-23:59")
    assert [one.would_be for one in never] == [Outcome.ANSWER, Outcome.LISTEN]


async def test_quiet_hours_hold_by_when_the_line_was_said():
    at_night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    night = replace(OPEN, at=at_night.timestamp())
    chatty = RoomPolicy(Hearing.LISTEN, 10)
    rooms = MemoryRooms(
        decisions=[kept(decided(night, chatty), chatty, at=at_night), kept(decided(OPEN, chatty), chatty)]
    )
    tried = await through(rooms, DAY, "quiet=23:00-07:00@Europe/Berlin")
    assert [(one.was, one.would_be) for one in tried] == [
        (Outcome.ANSWER, Outcome.LISTEN),
        (Outcome.ANSWER, Outcome.ANSWER),
    ]
    silent = replace(chatty, quiet=QUIET)
    rooms = MemoryRooms(decisions=[kept(decided(night, silent), silent, at=at_night)])
    assert [one.would_be for one in await through(rooms, DAY, "quiet=off")] == [Outcome.ANSWER]


def test_what_the_cheap_call_said_counts_and_is_not_asked_again():
    unsure = replace(decided(OPEN), outcome=Outcome.CONSIDER)
    for is_hers, comes_of in ((True, Outcome.ANSWER), (False, Outcome.LISTEN), (None, Outcome.CONSIDER)):
        one = redecided(kept(unsure, is_hers=is_hers))
        assert one.was is comes_of
    said_no = kept(unsure, is_hers=False)
    assert redecided(said_no, lambda policy: replace(policy, chattiness=0)).is_flipped is False
    assert redecided(said_no, lambda policy: replace(policy, chattiness=10)).would_be is Outcome.ANSWER


async def test_only_the_span_and_the_channel_are_decided_again():
    times = [NOW - timedelta(hours=hour) for hour in range(50)]
    rooms = MemoryRooms(
        decisions=[kept(decided(OPEN), at=at, message_id=n, channel_id=10 + n % 2) for n, at in enumerate(times)]
    )
    stretch = Stretch(NOW - 3 * SLICE, NOW)
    found = await through(rooms, stretch)
    assert [one.recorded.message_id for one in found] == [*range(18, 0, -1)], (
        "each once, oldest first, the end left out"
    )
    found = await through(rooms, replace(stretch, channel_id=ChannelId(11)))
    assert [one.recorded.message_id for one in found] == [*range(17, 0, -2)]


# the command's words


@pytest.mark.parametrize(
    ("since", "until", "hours_ago"),
    [
        ("2h", None, (2, 0)),
        ("3d", "90m", (72, 1.5)),
        ("1 w", None, (168, 0)),
        ("2026-11-21T10:03", "2026-11-21 13:03", (4, 1)),
    ],
)
def test_spans_are_read(since: str, until: str | None, hours_ago: tuple[float, float]):
    found = stretch_of(Wishes(since, until), NOW, UTC)
    assert (found.since, found.until) == tuple(NOW - timedelta(hours=hour) for hour in hours_ago)


@pytest.mark.parametrize(("since", "until"), [("soon-ish", None), ("2h", "3h"), ("2027-01-01T00:00", None), ("", None)])
def test_spans_that_are_none_are_refused(since: str, until: str | None):
    with pytest.raises(ConfigError, match="--"):
        stretch_of(Wishes(since, until), NOW, UTC)


@pytest.mark.parametrize("channel_id", [0, -5, 2**63])
def test_what_is_no_id_of_a_channel_is_named(channel_id):
    with pytest.raises(ConfigError, match="--channel"):
        stretch_of(Wishes("2h", channel_id=channel_id), NOW, UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "chattiness=11", "chattiness=-1", "chattiness", "chattiness=", "hearing=loud", "quiet=23", "quiet=7-7",
        "quiet=1:00-2:00@Atlantis", "mood=good", "=7", "",
    ],
)  # fmt: skip
def test_changes_that_are_none_are_refused(typed: str):
    with pytest.raises(ConfigError, match="--set"):
        change_of((typed,), "UTC")


def test_changes_are_read_one_on_the_other():
    change = change_of(("chattiness=7", "quiet=23:00-7", "hearing=listen", "chattiness=8"), "Asia/Tokyo")
    assert change is not None
    assert change(RoomPolicy()) == RoomPolicy(Hearing.LISTEN, 8, QuietHours(1380, 420, "Asia/Tokyo"))
    assert change(replace(LISTEN, quiet=QUIET)).quiet == replace(QUIET, zone="Europe/Berlin")
    assert change_of((), "UTC") is None


def test_the_sum_names_flips_and_versions():
    old = replace(decided(OPEN), outcome=Outcome.LEAVE, version=1)
    found = Sum()
    one = redecided(kept(old))
    found.add(one)
    found.add(redecided(kept(decided(line(is_mention=True)))))
    said = sum_lines(found, is_changed=False)
    assert said[0] == "2 decisions, 1 would have flipped:"
    assert said[1] == f"  leave -> {one.would_be}: 1"
    assert said[-1] == f"The record and the rules disagree: it was decided by version 1, {VERSION}, this is {VERSION}."
    assert "not played on" in sum_lines(found, is_changed=True)[-1]
    assert line_of(one, UTC).startswith("2026-11-21 14:03:00  channel 10  message 100  leave -> ")
    assert sum_lines(Sum(), is_changed=False) == ["0 decisions, 0 would have flipped"]
