"""Read when somebody means: dates, times of day, spans; in a person's own time zone; pure.

Every word has to be understood, or nothing is: a reminder at a wrong time is worse than a question. Wall-clock times
that a change of the clocks skips are moved on by what was skipped; of those that come twice the first is meant.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain import when_words as words
from bot.domain.when_parts import hour_in_part
from bot.domain.when_reader import Wish, read_wish
from bot.domain.when_written import ISO, part_zones, read_iso, read_iso_span
from bot.domain.zones import from_wall

PHRASE_LIMIT = 100  # characters; no time needs more
SPAN_LIMIT = timedelta(days=3660)  # beyond ten years nothing is meant
LATEST_YEAR = 9000
ONE_DAY = timedelta(days=1)
STAMP = re.compile(r"<t:(-?\d{1,12})(?::[tTdDfFsSR])?>")


def read_when(phrase: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Give the time that *phrase* means, in UTC, or None where not all of it is understood.

    What is meant may lie in the past where a date says so. Times of day alone are the next to come.
    """
    text = phrase.strip()
    if not text or len(text) > PHRASE_LIMIT:
        return None
    try:
        if (stamp := STAMP.fullmatch(text)) is not None:
            return datetime.fromtimestamp(int(stamp.group(1)), UTC)
        return _by_zone(text, now, zone)
    except (ValueError, OverflowError, OSError):
        return None  # the 31st of February, the year 10000


def _by_zone(phrase: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Read a phrase by the zone it names, if it names one; of several none may contradict the others."""
    text, named = part_zones(phrase)
    if not named:
        return _read(text, now, zone)
    there = named[0].zone
    found = _read(text, now, there, is_zone_said=True)
    if found is None or not all(one.holds(found, found.astimezone(there).utcoffset()) for one in named):
        return None
    return found


def _read(text: str, now: datetime, zone: tzinfo, *, is_zone_said: bool = False) -> datetime | None:
    if ISO.fullmatch(text):
        return read_iso(text, zone, is_zone_said=is_zone_said)
    if (span := read_iso_span(text)) is not None:
        months, days, seconds = span
        wish_of_span = Wish(months=months or None, days=days or None, seconds=seconds or None)
        return _settle(wish_of_span, now, zone) if wish_of_span.has_span else None
    wish = read_wish(text)
    return None if wish is None else _settle(wish, now, zone)


def _settle(wish: Wish, now: datetime, zone: tzinfo) -> datetime | None:
    """Give the moment that was wished for."""
    if wish.is_utc:
        zone = UTC
    wall = now.astimezone(zone).replace(tzinfo=None)
    if wish.has_span:
        return _after(wish, now, wall, zone)
    if not wish.has_day:
        return _next_at(_hours(wish, is_day_known=False), wall, now, zone)
    if wish.far == 0 and not wish.has_hour:
        return None  # "today" alone says nothing
    hours = _hours(wish, is_day_known=True)
    if wish.far == 0 and hours[0] >= ONE_DAY:
        return _next_at([hours[0] - ONE_DAY], wall, now, zone)  # "tonight at 2": the next small hours
    days = _days(wish, wall.date())
    moments = [from_wall(_at(day, hour), zone) for day in days for hour in hours]
    return next((moment for moment in moments if moment > now), moments[0] if moments else None)


def _after(wish: Wish, now: datetime, wall: datetime, zone: tzinfo) -> datetime | None:
    """Give the end of a span: days and months go by the calendar, hours and less by the clock."""
    seconds = timedelta(seconds=wish.seconds or 0.0)
    span = seconds + timedelta(days=(wish.days or 0) + (wish.months or 0) * 31)
    if not timedelta(0) < span <= SPAN_LIMIT:
        return None
    if wish.days is None and wish.months is None:
        return None if wish.has_hour else now + seconds
    if wish.has_hour and wish.seconds is not None:
        return None
    day = _months_on(wall.date(), wish.months or 0) + timedelta(days=wish.days or 0)
    if wish.has_hour:
        return from_wall(_at(day, _hours(wish, is_day_known=True)[0]), zone)
    return from_wall(datetime.combine(day, wall.time()), zone) + seconds


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LATEST_YEAR:
        raise ValueError("too far")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _hours(wish: Wish, *, is_day_known: bool) -> list[timedelta]:
    """List the times of day that may be meant, as distances from midnight, likeliest first.

    Raises:
        ValueError: there is no such hour in that part of the day, or nobody can tell on which day it is.
    """
    if wish.hour is None and wish.clock is None:
        return [timedelta(hours=words.MORNING if wish.part is None else wish.part)]
    hour, minute = (wish.hour or 0, 0) if wish.clock is None else (wish.clock.hour, wish.clock.minute)
    if wish.part is None:
        may_be_later = wish.clock is None and (not is_day_known or wish.far == 0) and 1 <= hour <= 11
        return [timedelta(hours=each, minutes=minute) for each in ([hour, hour + 12] if may_be_later else [hour])]
    hour = hour_in_part(hour, wish.part, is_half_known=wish.is_half_known)
    if hour >= 24 and not is_day_known:
        hour -= 24
    if hour >= 24 and wish.is_part_last and wish.far != 0 and wish.part != words.MIDNIGHT:
        raise ValueError("the small hours of that day, or those that follow it")
    return [timedelta(hours=hour, minutes=minute)]


def _next_at(hours: list[timedelta], wall: datetime, now: datetime, zone: tzinfo) -> datetime:
    today = wall.date()
    moments = [from_wall(_at(today + timedelta(days=day), hour), zone) for day in (0, 1, 2) for hour in hours]
    return min(moment for moment in moments if moment > now)


def _days(wish: Wish, today: date) -> list[date]:
    """List the days that may be meant, soonest first."""
    if wish.far is not None:
        return [today + timedelta(days=wish.far)]
    if wish.day is not None:
        dates = _dates(*wish.day, today)
        # a weekday beside it has to be right: else nobody can tell which of the two was meant
        return dates if wish.weekday is None else [day for day in dates[:2] if day.weekday() == wish.weekday]
    assert wish.weekday is not None
    ahead = (wish.weekday - today.weekday()) % 7
    return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)]


def _dates(year: int | None, month: int, day: int, today: date) -> list[date]:
    """List the days a date may name; without its year it comes again, the 29th of February within eight years."""
    if year is not None:
        return [date(year, month, day)]
    return [date(each, month, day) for each in range(today.year, today.year + 9) if day <= monthrange(each, month)[1]]


def _at(day: date, hour: timedelta) -> datetime:
    return datetime.combine(day, time()) + hour
