"""Which timers an answer sets: what the model proposes, within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import short_code
from bot.domain.message import Speaker
from bot.domain.timer import (
    FURTHEST,
    LATER_AGAIN,
    LATER_UNSAID,
    LINE_LIMIT,
    REMINDERS_MOST,
    WORDLESS,
    TimerKind,
    Unset,
    read_timers,
    unset_reminders,
)
from tests.domain.test_answer import JUNK
from tests.fakes import ADA, BEN, dm_message

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
MINE, YOURS = dm_message("remind me"), dm_message("me too", author=BEN)
SECOND = timedelta(seconds=1)


def read(fields, messages=(MINE, YOURS), **more):
    return read_timers(fields, messages, NOW, lambda _: UTC, **more)


def one(**changes):
    return {
        "message": short_code("m", MINE.message_id),
        "when": "in 20 minutes",
        "what": "oven",
        "line": "Oven!",
    } | changes


def only(**changes):
    (timer,) = read({"reminders": [one(**changes)]})
    return timer


def test_a_reminder_belongs_to_who_asked_and_names_their_line():
    timer = only()
    assert (timer.kind, timer.user_id, timer.source_id) == (TimerKind.REMINDER, ADA.user_id, MINE.message_id)
    assert (timer.due_at, timer.text) == (NOW + timedelta(minutes=20), "Oven!")
    assert only(message="m????").user_id == BEN.user_id, "the newest line, where none is named"


def test_a_reminder_without_a_time_is_none():
    assert read({"reminders": [one(when="some day"), one(when=None), one(when=7), "oven", None]}) == ()


def test_a_reminder_for_a_time_that_is_over_or_too_far_is_none():
    for when in ("2020-01-01T00:00", "2026-11-21T14:01", "2099-01-01T00:00", "in 3 years"):
        assert read({"reminders": [one(when=when)]}) == ()
    assert len(read({"reminders": [one(when="2020-01-01T00:00"), one()]})) == 1
    assert only(when="2026-11-21T14:02").due_at == NOW + SECOND, "a minute may pass while she answers"
    assert only(when="in 1 year").due_at == NOW + timedelta(days=365)


def test_an_answer_put_off_comes_between_a_second_and_a_year_from_now():
    for later, due_at in (("2020-01-01T00:00", NOW + SECOND), ("2099-01-01T00:00", NOW + FURTHEST)):
        (timer,) = read({"intent": "later", "later": later})
        assert timer.due_at == due_at


def test_why_reminders_are_not_set_is_said_once_each():
    def why(*items, messages=(MINE, YOURS)):
        return unset_reminders({"reminders": [*items]}, messages, NOW, lambda _: UTC)

    assert why(one()) == ()
    assert why(one(when="some day"), one(), one(when=None), "oven", one(when="2026-11-21T13:00")) == (
        Unset.UNCLEAR,
        Unset.OVER,
    )
    assert why(one(when="in 2 years")) == (Unset.FAR,)
    assert why(one(when="some day"), messages=()) == ()
    assert unset_reminders({}, (MINE,), NOW, lambda _: UTC) == ()


def test_at_most_five_different_ones_are_set():
    many = [one(when=f"in {minute} minutes") for minute in range(1, 20)]
    assert len(read({"reminders": [*many, *many]})) == REMINDERS_MOST
    assert len(read({"reminders": [one(), one()]})) == 1


def test_what_the_gate_holds_is_never_kept_to_be_said():
    human, key = "I'm a real person, you know.", "sk-" + "a1B2" * 8
    assert only(line=human).text == "oven"
    assert only(line=f"your key is {key}", what=key).text == WORDLESS
    assert only(line="  ", what="\u200b").text == WORDLESS
    assert only(line="x" * 900).text == "x" * LINE_LIMIT


def test_an_answer_is_put_off_only_where_the_intent_says_so():
    assert read({"intent": "reply", "later": "in 2 hours", "reply": "ok"}) == ()
    (timer,) = read({"intent": "later", "later": "2026-11-21T20:00", "reply": "tonight."})
    assert (timer.kind, timer.text, timer.source_id) == (TimerKind.LATER, "", YOURS.message_id)
    assert timer.due_at == NOW.replace(hour=20, minute=0)


def test_an_answer_put_off_names_whose_line_it_is():
    code = short_code("m", MINE.message_id)
    for said in (f"{code} in 2 hours", f"{code}: in 2 hours", f"in 2 hours ({code})", f"[{code}] - in 2 hours"):
        (timer,) = read({"intent": "later", "later": said})
        assert (timer.user_id, timer.source_id) == (ADA.user_id, MINE.message_id), said
        assert timer.due_at == NOW + timedelta(hours=2), said
    (timer,) = read({"intent": "later", "later": "mzzzz in 2 hours"})
    assert (timer.user_id, timer.due_at) == (BEN.user_id, NOW + LATER_UNSAID), "a line that does not wait names nobody"


def test_times_are_read_by_the_clock_of_who_asks():
    zones = {ADA.user_id: ZoneInfo("America/New_York"), BEN.user_id: ZoneInfo("Asia/Tokyo")}
    asked = [one(when="2026-11-21T20:00"), one(when="2026-11-22T20:00", message=short_code("m", YOURS.message_id))]
    later = f"{short_code('m', MINE.message_id)} 2026-11-21T21:00"
    timers = read_timers({"intent": "later", "later": later, "reminders": asked}, (MINE, YOURS), NOW, zones.__getitem__)
    assert [timer.due_at.isoformat()[:16] for timer in timers] == [
        "2026-11-22T02:00",
        "2026-11-22T01:00",
        "2026-11-22T11:00",
    ]


def test_an_answer_put_off_without_a_time_comes_all_the_same():
    for later in (None, "", "when I feel like it", 5):
        (timer,) = read({"intent": "later", "later": later})
        assert timer.due_at == NOW + LATER_UNSAID


def test_what_was_put_off_before_is_not_put_off_by_seconds_for_ever():
    (timer,) = read({"intent": "later", "later": "in 1 second"}, was_put_off=True)
    assert timer.due_at == NOW + LATER_AGAIN


def test_only_people_set_timers():
    bot = replace(MINE, speaker=Speaker.BOT)
    assert read({"intent": "later", "reminders": [one()]}, (bot,)) == ()
    (timer,) = read({"reminders": [one()]}, (YOURS, bot))
    assert timer.user_id == BEN.user_id, "a program's line sets none, so the newest person's does"


@given(st.dictionaries(st.sampled_from(["intent", "later", "reminders"]), JUNK))
def test_junk_sets_nothing_out_of_bounds(fields):
    for timer in read(fields):
        assert NOW + SECOND <= timer.due_at <= NOW + FURTHEST
        assert len(timer.text) <= LINE_LIMIT
