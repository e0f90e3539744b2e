"""Times as programs write them: stamps, spans, and zones named beside a time; exactly, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.when import read_when
from bot.domain.when_written import SHORT
from bot.domain.zones import zone_names

TOKYO = ZoneInfo("Asia/Tokyo")  # whose clock none of these times goes by
NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)  # a Saturday


def read(phrase: str) -> str | None:
    """Read a phrase by Tokyo's clock; gives the time in UTC as text."""
    found = read_when(phrase, NOW, TOKYO)
    return None if found is None else f"{found:%m-%d %H:%M}"


STAMPS = {
    "2026-11-21T20:00-05": "11-22 01:00",
    "2026-11-21T20:00-0530": "11-22 01:30",
    "2026-11-21 20:00 -05:00": "11-22 01:00",
    "2026-11-21 03:00:00-05:00": "11-21 08:00",
    "2026-11-21T20:00:00.000z": "11-21 20:00",
    "2026-11-21T20:00+01:00[Europe/Berlin]": "11-21 19:00",
    "2026-11-21T20:00+01:00 (CET)": "11-21 19:00",
    "2026-11-21T20:00Z UTC": "11-21 20:00",
}
SPANS = {
    "PT2M": "11-21 14:05",
    "pt2m": "11-21 14:05",
    "PT1.5H": "11-21 15:33",
    "P1DT12H": "11-23 02:03",
    "P2W": "12-05 14:03",
    "P1M": "12-21 14:03",
    "P1Y": "11-21 14:03",
}
WITH_ZONES = {
    "2026-11-21T20:00 UTC": "11-21 20:00",
    "2026-11-22T07:00 CET": "11-22 06:00",
    "2026-07-01T20:00 CEST": "07-01 18:00",
    "2026-11-22T07:00 Europe/Berlin": "11-22 06:00",
    "2026-11-22T07:00 europe/berlin": "11-22 06:00",
    "2026-11-22 07:00, (Europe/Berlin)": "11-22 06:00",
    "2026-11-22 07:00 in America/Toronto": "11-22 12:00",
    "2026-11-22 07:00 in America/Argentina/Buenos_Aires": "11-22 10:00",
    "2026-11-22 Europe/Berlin": "11-22 08:00",
    "Saturday 2026-11-21 20:00 UTC": "11-21 20:00",
    "Saturday 2026-11-21 20:00:00 UTC": "11-21 20:00",
    "Saturday 2026-11-21 20:00 in Europe/Berlin": "11-21 19:00",
    "Sunday 2026-11-22T07:00 Europe/Berlin": "11-22 06:00",
    "8pm EST": "11-22 01:00",
    "8 p.m. EST": "11-22 01:00",
    "20:00 CET (Europe/Berlin)": "11-21 19:00",
    "tomorrow at 9 CET": "11-22 08:00",
    "tomorrow at 8 PM America/New_York": "11-23 01:00",
    "20:00 UTC+1": "11-21 19:00",
    "20:00 GMT-5": "11-22 01:00",
    "20:00 utc+05:30": "11-21 14:30",
    "in 20 minutes Europe/Berlin": "11-21 14:23",
}
WEEKDAYS = {
    "Saturday, 21 November 2026, 23:30": "11-21 14:30",
    "2026-11-22, sunday": "11-22 00:00",
    "sun 22 nov at 8pm": "11-22 11:00",
    "sunday 11/22": "11-22 00:00",
}
NOT_UNDERSTOOD = (
    "20:00 CST", "20:00 IST", "20:00 BST", "20:00 PST",  # each means more than one zone
    "2026-07-01T20:00 CET", "2026-11-21T20:00 CEST", "8pm EDT",  # not in force then
    "2026-11-21T20:00+02:00[Europe/Berlin]", "20:00 CET (Asia/Tokyo)", "2026-11-22T09:00 Europe/Berlin Asia/Tokyo",
    "20:00 in Europe/Berlin (19:00 UTC)", "20:00 Nowhere/City", "20:00 UTC+25", "20:00 UTC+05:17",
    "2026-11-21T20:00-21", "2026-11-21T20:00+05:17", "2026-11-21 10:00-11:00", "2026-02-30T10:00 UTC",
    "Sunday 2026-11-21 20:00", "Friday 21 November 20:00", "saturday 11/22", "saturday sunday", "tomorrow 22 november",
    "UTC", "Europe/Berlin", "PT0S", "P", "PT", "P1DT", "-PT2M", "+PT2M", "PT2M3", "P999999D", "in PT2M or so",
)  # fmt: skip


@pytest.mark.parametrize(
    ("phrase", "expected"), [*STAMPS.items(), *SPANS.items(), *WITH_ZONES.items(), *WEEKDAYS.items()]
)
def test_what_is_written_is_what_is_meant(phrase: str, expected: str):
    assert read(phrase) == expected
    assert read(f" {phrase} ") == expected


@pytest.mark.parametrize("phrase", NOT_UNDERSTOOD)
def test_what_contradicts_itself_or_may_mean_two_things_is_not_guessed(phrase: str):
    assert read(phrase) is None


def test_a_word_of_another_language_is_no_zone():
    assert read("cet après-midi") == read("CET APRÈS-MIDI") == read("15:00")


@given(hours=st.integers(1, 8000), name=st.sampled_from(sorted(one for one in zone_names() if "/" in one)))
def test_a_time_by_any_zones_clock_comes_back_as_it_was(hours: int, name: str):
    zone = ZoneInfo(name)
    moment = NOW + timedelta(hours=hours)
    wall = moment.astimezone(zone)
    first = wall.replace(fold=0).astimezone(UTC)  # of a time that comes twice
    assert read_when(f"{wall:%Y-%m-%dT%H:%M} {name}", NOW, TOKYO) == first
    assert read_when(f"{wall:%A %Y-%m-%d %H:%M} in {name}", NOW, TOKYO) == first


@given(hours=st.integers(1, 8000), short=st.sampled_from(sorted(SHORT)))
def test_an_abbreviation_is_read_where_it_is_in_force_and_nowhere_else(hours: int, short: str):
    wall = (NOW + timedelta(hours=hours)).replace(tzinfo=None)
    meant = wall.replace(tzinfo=ZoneInfo(SHORT[short]))
    expected = meant.astimezone(UTC) if meant.astimezone(UTC).astimezone(meant.tzinfo).tzname() == short else None
    assert read_when(f"{wall:%Y-%m-%d %H:%M} {short}", NOW, TOKYO) == expected


pieces = st.sampled_from(
    ["2026-11-21", "T", " ", "20:00", "+01:00", "-05", "UTC", "GMT", "CET", "Europe/Berlin", "(", ")", "in ", "PT",
     "2M", "Saturday", "P1D", "Z", "[", "]", "/", "8pm", "tomorrow", ",", "-", "+", "9999-12-31T23:59",
     "0001-01-01T00:00"]
)  # fmt: skip


@given(st.lists(pieces, max_size=9).map("".join))
def test_anything_is_read_without_raising(phrase: str):
    found = read_when(phrase, NOW, TOKYO)
    assert found is None or found.tzinfo is UTC
