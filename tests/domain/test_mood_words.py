"""A mood history in words: what it says, and that it always says something sayable."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span, holes, recorded, stretches
from bot.domain.mood_words import LONGEST_TEXT, ago, describe

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TICK = timedelta(minutes=4)

AXIS = st.floats(allow_nan=True, allow_infinity=True)
POINTS = st.builds(
    MoodPoint,
    at=st.integers(-9 * 86_400, 86_400).map(lambda s: NOW + timedelta(seconds=s)),
    pleasure=AXIS | st.floats(-1, 1),
    arousal=AXIS | st.floats(-1, 1),
    dominance=AXIS | st.floats(-1, 1),
)


def made(pleasure: Callable[[float], float], *, span: Span = Span.DAY) -> list[MoodPoint]:
    """A whole span, relaxed but for *pleasure* of the hours before now."""
    count = span.length // TICK
    times = [NOW - TICK * number for number in range(count, -1, -1)]
    return [MoodPoint(at, pleasure((NOW - at) / timedelta(hours=1)), -0.2, 0.2) for at in times]


def dip(hours_ago: float, fall_h: float, half_life_h: float, depth: float = 0.6) -> Callable[[float], float]:
    """A fall of *depth* that took *fall_h* and ended *hours_ago*, then heals."""

    def pleasure(before_h: float) -> float:
        since = hours_ago - before_h
        share = max(0.0, 1 + since / fall_h) if since < 0 else 0.5 ** (since / half_life_h)
        return 0.4 - depth * share

    return pleasure


@given(st.lists(POINTS, max_size=40), st.sampled_from(Span), st.none() | st.just(NOW))
@example([MoodPoint(NOW, math.nan, math.inf, -math.inf)], Span.DAY, NOW)
@example([], Span.WEEK, None)
def test_any_history_gives_short_plain_words(history, span, now):
    text = describe(history, span=span, now=now)
    assert 0 < len(text) <= LONGEST_TEXT
    assert "nan" not in text.lower()
    assert not re.search(r"\binf\b", text)
    assert not any(sign.isdigit() for sign in text)
    assert text.endswith(".")
    assert text == describe(list(reversed(history)), span=span, now=now) or len({p.at for p in history}) < len(history)


@given(st.lists(POINTS, max_size=40), st.sampled_from(Span))
def test_stretches_and_holes_cover_the_span_once(history, span):
    points = recorded(history, span, NOW)
    parts = stretches(points, span)
    assert [point for part in parts for point in part] == list(points)
    for start, stop in holes(points, span, NOW):
        assert not any(start < point.at < stop for point in points)


def test_a_healed_dip():
    assert describe(made(dip(5, 0.5, 1.0)), span=Span.DAY) == (
        "Over the last day she was mostly relaxed; a sharp dip about five hours ago, recovered since. "
        "Now she is moderately relaxed."
    )


@pytest.mark.parametrize(
    ("half_life_h", "words"), [(1.0, "recovered since"), (5.0, "partly recovered since"), (40.0, "not yet recovered")]
)
def test_how_far_a_dip_healed(half_life_h: float, words: str):
    assert f"a sharp dip about five hours ago, {words}." in describe(made(dip(5, 0.5, half_life_h)), span=Span.DAY)


def test_a_slow_slide_is_no_sharp_dip():
    assert "a slow dip about three hours ago" in describe(made(dip(3, 10, 1.0)), span=Span.DAY)


def test_a_rise():
    text = describe(made(dip(8, 0.5, 1.0, depth=-0.4)), span=Span.DAY)
    assert "; a sharp rise about eight hours ago, gone since." in text


def test_a_dip_right_now():
    text = describe(made(dip(0.1, 0.5, 10)), span=Span.DAY)
    assert "; lately a sharp dip." in text
    assert text.endswith("Now she is moderately disdainful.")


def test_a_bad_start():
    text = describe(made(dip(23.9, 1, 3)), span=Span.DAY)
    assert "; low at first, recovered since." in text


def test_nothing_happened():
    assert describe(made(lambda _: 0.4), span=Span.WEEK) == (
        "Over the last week she was relaxed as far as is known. Now she is moderately relaxed. "
        "Most of the week was not recorded."
    )
    assert describe(made(lambda _: 0.4, span=Span.WEEK), span=Span.WEEK) == (
        "Over the last week she was relaxed throughout. Now she is moderately relaxed."
    )


def test_no_strong_mood_is_called_even():
    flat = [MoodPoint(NOW - TICK * number, 0.02, 0.01, 0.0) for number in range(360, -1, -1)]
    assert describe(flat, span=Span.DAY) == (
        "Over the last day she was even-tempered throughout. Now she is even-tempered."
    )


def test_moods_that_share_the_day():
    text = describe(made(lambda before_h: 0.4 if before_h > 12 else -0.3), span=Span.DAY)
    assert text.startswith("Over the last day she was partly relaxed, partly disdainful;")


def test_a_hole_is_told():
    history = [point for point in made(lambda _: 0.4) if not timedelta(hours=2) < NOW - point.at < timedelta(hours=7)]
    assert describe(history, span=Span.DAY).endswith("Part of the day was not recorded.")


def test_silence_until_now_is_told():
    history = [point for point in made(lambda _: 0.4) if NOW - point.at >= timedelta(hours=6)]
    assert "Last known, about six hours ago, she was moderately relaxed." in describe(history, span=Span.DAY, now=NOW)


def test_one_point_and_none():
    one = [MoodPoint(NOW - timedelta(minutes=10), 0.9, 0.4, 0.4)]
    assert describe(one, span=Span.DAY, now=NOW) == (
        "Only one moment of the last day is known, a few minutes ago: she was strongly exuberant."
    )
    assert describe([], span=Span.DAY) == "Nothing is known of her mood over the last day."


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=30), "about half an hour ago"),
        (timedelta(minutes=50), "about an hour ago"),
        (timedelta(hours=23.4), "about twenty-three hours ago"),
        (timedelta(hours=23.6), "about a day ago"),
        (timedelta(days=6.6), "about seven days ago"),
        (timedelta(days=400), "long ago"),
    ],
)
def test_times(elapsed: timedelta, words: str):
    assert ago(elapsed) == words
