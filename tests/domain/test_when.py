"""What people mean by a time: read exactly, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import when_words
from bot.domain.when import read_when
from bot.domain.zones import find_zone, from_wall, zone_named, zone_names, zones_like

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)  # a Saturday, 15:03 in Berlin


def read(phrase: str, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> str | None:
    """Read a phrase by Berlin's clock; gives the local time as text."""
    found = read_when(phrase, now, zone)
    return None if found is None else f"{found.astimezone(zone):%m-%d %H:%M:%S}".removesuffix(":00")


SPANS = {
    "in 20 minutes": "11-21 15:23",
    "20m": "11-21 15:23",
    "in 90s": "11-21 15:04:30",
    "in 2h30m": "11-21 17:33",
    "1h30": "11-21 16:33",
    "in 1.5 hours": "11-21 16:33",
    "an hour and a half": "11-21 16:33",
    "half an hour": "11-21 15:33",
    "in a quarter of an hour": "11-21 15:18",
    "in a couple of hours": "11-21 17:03",
    "in ten minutes": "11-21 15:13",
    "1d 2h": "11-22 17:03",
    "in two weeks": "12-05 15:03",
    "in a fortnight": "12-05 15:03",
    "next week": "11-28 15:03",
    "in 1 month": "12-21 15:03",
    "in three days at 7pm": "11-24 19:00",
}
TIMES = {
    "18:00": "11-21 18:00",
    "15:00": "11-22 15:00",
    "9am": "11-22 09:00",
    "9 a.m.": "11-22 09:00",
    "12am": "11-22 00:00",
    "12pm": "11-22 12:00",
    "at 8": "11-21 20:00",
    "at 3": "11-22 03:00",
    "noon": "11-22 12:00",
    "midnight": "11-22 00:00",
    "tonight": "11-21 20:00",
    "tonight at 8": "11-21 20:00",
    "tonight at 8:30": "11-21 20:30",
    "this evening": "11-21 19:00",
    "18:00 utc": "11-21 19:00",
}
DAYS = {
    "tomorrow": "11-22 09:00",
    "tomorrow at 9": "11-22 09:00",
    "tomorrow 9pm": "11-22 21:00",
    "tomorrow morning": "11-22 09:00",
    "tomorrow evening at 7": "11-22 19:00",
    "day after tomorrow": "11-23 09:00",
    "friday": "11-27 09:00",
    "next friday at 10": "11-27 10:00",
    "saturday": "11-28 09:00",
    "saturday at 18:00": "11-21 18:00",
    "sunday evening": "11-22 19:00",
    "22 nov": "11-22 09:00",
    "dec 24 at 18:00": "12-24 18:00",
    "December 24th, 6 pm": "12-24 18:00",
    "22.11. 9:00": "11-22 09:00",
    "11/22": "11-22 09:00",
    "22/11 10:00": "11-22 10:00",
    "2026-11-22": "11-22 09:00",
    "2026-11-22T09:30": "11-22 09:30",
    "2026-11-22 09:30": "11-22 09:30",
    "2026-11-22T09:30:00Z": "11-22 10:30",
    "2026-11-22T09:30+05:00": "11-22 05:30",
}
OTHER_LANGUAGES = {
    "in 20 Minuten": "11-21 15:23",
    "in einer halben Stunde": "11-21 15:33",
    "morgen um 9": "11-22 09:00",
    "morgen früh": "11-22 09:00",
    "heute Abend um 8": "11-21 20:00",
    "übermorgen": "11-23 09:00",
    "am Freitag um 15 Uhr": "11-27 15:00",
    "am 24. Dezember um 18:30": "12-24 18:30",
    "dans une demi-heure": "11-21 15:33",
    "demain à 18h": "11-22 18:00",
    "lundi prochain": "11-23 09:00",
    "le 22 novembre à 8h": "11-22 08:00",
    "la semaine prochaine": "11-28 15:03",
    "dentro de dos horas": "11-21 17:03",
    "mañana por la mañana": "11-22 09:00",
    "el viernes a las 18:00": "11-27 18:00",
    "fra mezz'ora": "11-21 15:33",
    "domani alle 9": "11-22 09:00",
    "stasera alle 8": "11-21 20:00",
    "amanhã às 9": "11-22 09:00",
    "sexta-feira às 18h": "11-27 18:00",
    "daqui a duas horas": "11-21 17:03",
}
NIGHTS = {
    "tonight at 2": "11-22 02:00",
    "at 2 tonight": "11-22 02:00",
    "tonight at 12": "11-22 00:00",
    "tonight at 12:30": "11-22 00:30",
    "tonight at 0:30": "11-22 00:30",
    "tonight at 1am": "11-22 01:00",
    "tonight at 6": "11-21 18:00",
    "tonight at 11:45": "11-21 23:45",
    "9pm tonight": "11-21 21:00",
    "at 3 at night": "11-22 03:00",
    "tomorrow night at 1": "11-23 01:00",
    "tomorrow night at 10": "11-22 22:00",
    "friday night at 1:30": "11-28 01:30",
    "sunday evening at 12": "11-23 00:00",
    "midnight": "11-22 00:00",
    "heute Nacht um 2": "11-22 02:00",
    "3 Uhr nacht": "11-22 03:00",
    "um 3 Uhr nachts": "11-22 03:00",
    "um 12 Uhr nachts": "11-22 00:00",
    "morgen Nacht um 1 Uhr": "11-23 01:00",
    "morgen um 24 Uhr": "11-23 00:00",
    "cette nuit à 2h": "11-22 02:00",
    "demain dans la nuit à 1h": "11-23 01:00",
    "esta noche a las 2": "11-22 02:00",
    "a las 3 de la noche": "11-22 03:00",
    "mañana por la noche a las 10": "11-22 22:00",
    "stanotte alle 2": "11-22 02:00",
    "alle 3 di notte": "11-22 03:00",
    "hoje à noite às 2": "11-22 02:00",
    "esta noite às 11": "11-21 23:00",
    "tomorrow afternoon at 12:15": "11-22 12:15",
    "mittags um 1": "11-22 13:00",
    "today at 8": "11-21 20:00",
    "nov-22": "11-22 09:00",
}
NO_TIMES = (
    "in -5 minutes", "-5 minutes", "in -1 hour", "in −5 minutes", "5-10 minutes", "at -8", "tomorrow at -8",
    "dans -5 minutes", "en -5 minutos", "18-19 uhr", "tonight at 1pm", "tonight at 14:00", "12:30 pm tonight",
    "8am in the evening", "8pm in the morning", "afternoon at 11", "midnight at 3", "morgen um 3 uhr nachts",
    "tomorrow at 1 at night",
    "", "   ", "banana", "5", "yesterday", "20 minutes ago", "vor 20 Minuten", "end of day", "3/4", "31 february",
    "24:00", "tomorrow at 25", "tomorrow today", "friday monday", "in 3 hours at 7pm", "in 0 minutes", "today",
    "in 100000 years", "9am 10am", "buy milk tomorrow", "2026-13-01", "2026-02-30T10:00", "💥", "tomorrow!?", "x" * 101,
)  # fmt: skip


@pytest.mark.parametrize(("phrase", "expected"), [*SPANS.items(), *TIMES.items(), *DAYS.items()])
def test_what_is_said_is_what_is_meant(phrase: str, expected: str):
    assert read(phrase) == expected
    assert read(f"  {phrase.upper()} ") == expected


@pytest.mark.parametrize(("phrase", "expected"), NIGHTS.items())
def test_a_night_goes_on_after_midnight(phrase: str, expected: str):
    assert read(phrase) == expected


@pytest.mark.parametrize(("hour", "expected"), [(0, "11-22 02:00"), (1, "11-22 02:00"), (2, "11-23 02:00")])
def test_in_the_small_hours_tonight_is_the_night_that_is(hour: int, expected: str):
    at = datetime(2026, 11, 22, hour, 30, tzinfo=BERLIN)
    assert read("tonight at 2", at) == expected
    assert read("tonight at 9", at) == "11-22 21:00"


@pytest.mark.parametrize(("phrase", "expected"), OTHER_LANGUAGES.items())
def test_other_languages_are_read_as_well(phrase: str, expected: str):
    assert read(phrase) == expected


@pytest.mark.parametrize("phrase", NO_TIMES)
def test_what_is_not_understood_whole_is_not_guessed(phrase: str):
    assert read(phrase) is None


def test_a_time_the_clocks_skip_is_moved_on_by_what_was_skipped():
    night = datetime(2026, 3, 28, 12, tzinfo=UTC)  # clocks go from 02:00 to 03:00 in the night to the 29th
    assert read("tomorrow at 2:30", night) == "03-29 03:30"
    assert read("2026-03-29T02:30", night) == "03-29 03:30"


def test_of_a_time_that_comes_twice_the_first_is_meant():
    assert read_when("2026-10-25T02:30", NOW, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    wall = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=UTC).replace(tzinfo=None)
    assert from_wall(wall, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_is_a_day_of_the_calendar_and_an_hour_one_of_the_clock():
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # 13:00; the night that follows has 23 hours
    assert read("in 1 day", before) == "03-29 13:00"
    assert read("in 24 hours", before) == "03-29 14:00"


def test_the_end_of_a_month_is_not_overrun():
    assert read("in 1 month", datetime(2026, 1, 31, 12, tzinfo=UTC)) == "02-28 13:00"
    assert read("29 feb") == "02-29 09:00"


def test_each_persons_clock_counts():
    tokyo = ZoneInfo("Asia/Tokyo")  # where it is Saturday 23:03
    assert read_when("tomorrow at 9", NOW, tokyo) == datetime(2026, 11, 22, 0, tzinfo=UTC)
    assert read_when("2026-11-22T09:00", NOW, tokyo) == datetime(2026, 11, 22, 0, tzinfo=UTC)


TABLES = (
    when_words.COUNTS,
    when_words.SECONDS,
    when_words.DAYS,
    when_words.MONTHS,
    when_words.FAR,
    when_words.PARTS,
    when_words.WEEKDAYS,
    when_words.MONTH_NAMES,
    when_words.NEXT,
    when_words.FILLERS,
)
NUMBERS = ("9", "12", "31", "2026", "9:30", "18h", "1h30", "24.12.", "12/24", "7pm", "am", "999999", "0")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu")
words = st.sampled_from([*(word for table in TABLES for word in table), *NUMBERS])
phrases = st.text(max_size=120) | st.lists(words, max_size=7).map(" ".join)
moments = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(phrase=phrases, at=moments, name=st.sampled_from(ZONES))
def test_anything_is_read_without_raising(phrase: str, at: datetime, name: str):
    found = read_when(phrase, at, ZoneInfo(name))
    assert found is None or found.tzinfo is UTC


@given(st.lists(words, min_size=1, max_size=6).map(" ".join))
def test_what_names_no_year_is_still_to_come(phrase: str):
    found = read_when(phrase, NOW, BERLIN)
    if found is not None and "2026" not in phrase and not {*when_words.FAR} & {*phrase.split()}:
        assert found > NOW - timedelta(days=1)


NIGHT_WORDS = [name for name, part in when_words.PARTS.items() if part in (when_words.NIGHT, when_words.MIDNIGHT)]
DAY_WORDS = ["", *when_words.FAR, *when_words.WEEKDAYS, "24 dec", "24.12."]
BEFORE = ["at", "um", "à", "a las", "alle", "às", ""]
HOURS = ["", ":00", ":30", " uhr", "h", " am", " pm"]


@given(
    night=st.sampled_from(NIGHT_WORDS),
    day=st.sampled_from(DAY_WORDS),
    before=st.sampled_from(BEFORE),
    number=st.integers(0, 24),
    unit=st.sampled_from(HOURS),
    order=st.permutations([0, 1, 2]),
    at=moments,
)
def test_no_night_is_in_the_afternoon(
    night: str, day: str, before: str, number: int, unit: str, order: list[int], at: datetime
):
    pieces = (day, night, f"{before} {number}{unit}")
    found = read_when(" ".join(pieces[one] for one in order), at, UTC)
    if found is not None:
        assert found.hour >= 17 or found.hour < 6, found


@given(st.lists(words, min_size=1, max_size=4), st.integers(1, 99), st.data())
def test_no_number_below_zero_is_read(pieces: list[str], number: int, data: st.DataObject):
    pieces.insert(data.draw(st.integers(0, len(pieces))), f"-{number}")
    assert read_when(" ".join(pieces), NOW, BERLIN) is None


@given(st.integers(1, 500), st.sampled_from(["minutes", "min", "Minuten", "minutos", "minuti"]))
def test_minutes_are_minutes(count: int, unit: str):
    assert read_when(f"{count} {unit}", NOW, BERLIN) == NOW + timedelta(minutes=count)


def test_a_time_written_for_machines_comes_back_as_it_was():
    for hours in range(1, 9000, 37):
        moment = NOW + timedelta(hours=hours)
        assert read_when(moment.isoformat(), NOW, BERLIN) == moment
        assert read_when(f"<t:{int(moment.timestamp())}:F>", NOW, BERLIN) == moment


def test_zones_are_found_by_city_and_by_any_spelling():
    assert find_zone(" europe/berlin ") == "Europe/Berlin"
    assert find_zone("america/new york") == "America/New_York"
    assert find_zone("Berlin") is None and find_zone("posix/UTC") is None
    assert zones_like("new york", 3) == ["America/New_York"]
    assert zones_like("berl", 3)[0] == "Europe/Berlin"
    assert len(zones_like("", 25)) == 25
    assert zone_names() and all(ZoneInfo(name) for name in list(zone_names())[:50])


@pytest.mark.parametrize(
    ("name", "otherwise", "expected"),
    [
        ("Asia/Tokyo", "UTC", "Asia/Tokyo"),
        (None, "Asia/Tokyo", "Asia/Tokyo"),
        ("../etc", "no", "UTC"),
        (None, "", "UTC"),
    ],
)
def test_an_unknown_zone_is_never_used(name: str | None, otherwise: str, expected: str):
    assert str(zone_named(name, otherwise)) == expected
