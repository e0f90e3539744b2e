"""Which hour a number means in the morning, at noon, in the afternoon, in the evening, at night; pure.

A night begins on one day and ends on the next: its small hours are those that follow, counted on from 24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain import when_words as words


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: which hours of a clock fall in it.

    *small* are hours after midnight; *later* are said with a clock of twelve hours and mean the second half of the
    day; *plain* are those of a clock of twenty-four.
    """

    small: range = range(0)
    later: range = range(0)
    plain: range = range(0)


PARTS: Mapping[int, Part] = {
    words.MORNING: Part(plain=range(12)),
    words.NOON: Part(later=range(1, 4), plain=range(11, 16)),
    words.AFTERNOON: Part(later=range(1, 10), plain=range(12, 22)),
    words.EVENING: Part(small=range(4), later=range(4, 12), plain=range(16, 25)),
    words.NIGHT: Part(small=range(6), later=range(6, 12), plain=range(17, 25)),
    words.MIDNIGHT: Part(small=range(1), plain=range(24, 25)),
}


def hour_in_part(hour: int, part: int, *, is_half_known: bool) -> int:
    """Give the hour that is meant, counted from the midnight its day begins with.

    *is_half_known* says that "am" or "pm" was said as well.

    Raises:
        ValueError: there is no such hour in that part of the day.
    """
    hours = PARTS[part]
    if hour == 12 and not is_half_known and 0 in hours.small:
        return 24
    if hour in hours.small:
        return hour + 24
    if hour in hours.later and not is_half_known:
        return hour + 12
    if hour in hours.plain:
        return hour
    raise ValueError("not an hour of that part of the day")
