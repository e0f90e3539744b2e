"""Living a history: any way of cutting time gives the same soul, and clocks that go wrong do no lasting harm."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.personality import Ocean
from bot.domain.affect.state import new_soul
from bot.domain.affect.timeline import Nature
from bot.domain.affect.versions import UnknownModelVersion
from bot.domain.chronicle import AffectEvent, Chronicle, FeltMessage, SoulRecord
from bot.domain.feeling import EventKind, SoulId
from bot.domain.ids import MessageId, UserId

BORN = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
HOME = Ocean(0.6, 0.15, 0.35, 0.3, 0.1)
ANN, BOB = UserId(1), UserId(2)
TOLERANCE = 1e-9
ids = count(1)

MEANINGS = st.builds(
    Appraisal,
    desirability=st.integers(-3, 3),
    praiseworthiness=st.integers(-3, 3),
    warmth=st.integers(-3, 3),
    prospect=st.integers(-3, 3),
    apology=st.integers(0, 3),
    confidence=st.floats(0, 1),
)


def newborn(**changes) -> Chronicle:
    state = new_soul("rich", HOME, day_h=7.5)
    soul = SoulRecord(SoulId(1), state, BORN, BORN, 1, CONSTANTS_VERSION)
    return Chronicle(replace(soul, **changes), [Nature(BORN, HOME)], {})


def burst(at: datetime, *meanings: tuple[UserId, Appraisal], **changes) -> AffectEvent:
    messages = tuple(FeltMessage(MessageId(next(ids)), user, meaning) for user, meaning in meanings)
    event = AffectEvent(next(ids), EventKind.BURST, at, CONSTANTS_VERSION, messages=messages)
    return replace(event, **changes)


INSULT = Appraisal(desirability=-3, praiseworthiness=-3, warmth=-3, confidence=1.0)
KINDNESS = Appraisal(desirability=2, praiseworthiness=2, warmth=3, confidence=1.0)


def numbers(value) -> list[float]:
    if is_dataclass(value):
        return [one for field in fields(value) for one in numbers(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [one for part in value for one in numbers(part)]
    return [float(value)] if isinstance(value, float) else []


def apart(one: Chronicle, other: Chronicle) -> float:
    assert one.persons.keys() == other.persons.keys()
    pairs = [(one.soul.state, other.soul.state)]
    pairs += [(one.person(user).state, other.person(user).state) for user in one.persons]
    return max(abs(a - b) for mine, theirs in pairs for a, b in zip(numbers(mine), numbers(theirs), strict=True))


@given(
    waits=st.lists(st.tuples(st.floats(0, 90), st.sampled_from((ANN, BOB)), MEANINGS), min_size=1, max_size=6),
    ticks=st.lists(st.floats(0, 400), max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_ticks_between_events_change_nothing(waits, ticks):
    plain, ticked = newborn(), newborn()
    at = BORN
    stops = sorted(BORN + timedelta(hours=hours) for hours in ticks)
    for hours, user, meaning in waits:
        at += timedelta(hours=hours)
        event = burst(at, (user, meaning))
        while stops and stops[0] < at:
            ticked.live_until(stops.pop(0))
        for chronicle in (plain, ticked):
            chronicle.live(event)
    end = at + timedelta(days=9)
    for chronicle in (plain, ticked):
        chronicle.live_until(end)
    assert apart(plain, ticked) <= TOLERANCE


def test_each_midnight_begins_a_nature_exactly_at_midnight():
    chronicle = newborn()
    chronicle.live(burst(BORN, (ANN, INSULT)))
    chronicle.live_until(BORN + timedelta(days=3))
    assert [turning.nature.since for turning in chronicle.turnings] == [
        datetime(2026, 3, day, tzinfo=UTC) for day in (2, 3, 4)
    ]
    assert chronicle.turnings[0].nature.ocean != HOME


def test_somebody_silent_for_weeks_is_brought_up_under_every_nature_in_between():
    silent, ticked = newborn(), newborn()
    for chronicle in (silent, ticked):
        chronicle.live(burst(BORN, (ANN, INSULT)))
    for day in range(1, 21):
        ticked.live_until(BORN + timedelta(days=day))
        ticked.persons[ANN] = ticked.person(ANN)
    silent.live_until(BORN + timedelta(days=20))
    assert apart(silent, ticked) <= TOLERANCE


def test_who_says_nothing_keeps_the_very_same_record():
    chronicle = newborn()
    chronicle.live(burst(BORN, (ANN, KINDNESS)))
    before = chronicle.persons[ANN]
    chronicle.live(burst(BORN + timedelta(hours=1), (BOB, INSULT)))
    assert chronicle.persons[ANN] is before


def test_a_late_event_counts_as_now():
    chronicle = newborn()
    chronicle.live_until(BORN + timedelta(minutes=30))
    chronicle.live(burst(BORN + timedelta(minutes=10), (ANN, INSULT)))
    assert chronicle.applied[-1][1] == chronicle.at == BORN + timedelta(minutes=30)


@pytest.mark.parametrize("leap", [timedelta(days=3653), timedelta(hours=3)])
def test_a_clock_set_back_after_a_leap_does_not_stop_time(leap):
    chronicle = newborn()
    chronicle.live(burst(BORN, (ANN, KINDNESS)))
    chronicle.live_until(BORN + leap)
    back = BORN + timedelta(hours=1)
    chronicle.live(burst(back, (ANN, INSULT)))
    assert chronicle.at == back
    tense = chronicle.person(ANN).state.tension
    chronicle.live_until(back + timedelta(hours=10))
    assert chronicle.person(ANN).state.tension < tense
    assert all(nature.since <= chronicle.at for nature in chronicle.natures)


def test_each_message_of_a_burst_is_told_what_it_stirred_by_itself():
    chronicle = newborn()
    event = burst(BORN, (ANN, KINDNESS), (BOB, INSULT))
    chronicle.live(event)
    kind, cruel = (chronicle.stirred[message.message_id] for message in event.messages)
    assert "joy" in kind and "anger" not in kind
    assert "anger" in cruel and "joy" not in cruel


def test_a_reset_begins_anew_and_keeps_counting():
    chronicle = newborn()
    chronicle.live(burst(BORN, (ANN, INSULT)))
    chronicle.live_until(BORN + timedelta(days=30))
    chronicle.live(AffectEvent(next(ids), EventKind.RESET, chronicle.at, CONSTANTS_VERSION))
    assert chronicle.is_reset and chronicle.persons == {} and chronicle.soul.version == 3
    assert chronicle.soul.state == new_soul("rich", HOME, day_h=7.5)


def test_an_event_of_a_version_nobody_has_is_refused():
    chronicle = newborn()
    with pytest.raises(UnknownModelVersion):
        chronicle.live(burst(BORN, (ANN, INSULT), model_version=999))


@pytest.mark.parametrize("kind", list(EventKind))
def test_details_of_the_wrong_shape_leave_a_sound_soul(kind):
    chronicle = newborn()
    junk = {"event": "need", "strength": "lots", "home": None, "preset": 3, "is_frozen": "?", "tier": 0, "bond": []}
    chronicle.live(AffectEvent(next(ids), kind, BORN, CONSTANTS_VERSION, user_id=ANN, detail=junk))
    chronicle.live_until(BORN + timedelta(days=2))
    assert all(abs(number) <= 100 for number in numbers(chronicle.soul.state))
