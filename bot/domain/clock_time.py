"""Times of day as minutes after midnight: read from what people type, and written as a clock shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.domain.room_policy import MINUTES_A_DAY
from bot.domain.when import read_when

MINUTES_AN_HOUR = 60
CLOCK = re.compile(r"(\d{1,2})(?:[:.]?([0-5]\d))?")
MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)  # any day without a change of the clocks
LATER = timedelta(minutes=1)


def read_clock_time(phrase: str) -> int | None:
    """Give the time of day that *phrase* names, in [0, 1440); None where it names none, or a day or span too."""
    typed = phrase.strip()
    found = CLOCK.fullmatch(typed)
    if found is not None:
        minutes = int(found[1]) * MINUTES_AN_HOUR + int(found[2] or 0)
        return minutes % MINUTES_A_DAY if minutes <= MINUTES_A_DAY else None
    first, second = read_when(typed, MIDNIGHT, UTC), read_when(typed, MIDNIGHT + LATER, UTC)
    # a time of day is the same from wherever the day is looked at; a span is not, and another day is farther off
    if first is None or first != second or first - MIDNIGHT > timedelta(days=1):
        return None
    return (first.hour * MINUTES_AN_HOUR + first.minute) % MINUTES_A_DAY


def clock_time(minutes: int) -> str:
    """Write a time of day as a clock shows it."""
    hour, minute = divmod(minutes % MINUTES_A_DAY, MINUTES_AN_HOUR)
    return f"{hour:02}:{minute:02}"
