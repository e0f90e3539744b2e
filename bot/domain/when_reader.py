"""Read a phrase about a time, word by word, into what was said of it; which moment that is comes later.

Every word has to be understood, or nothing is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from bot.domain import when_words as words
from bot.domain.text import without_accents

TOKEN = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<dots>\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?)"
    r"|(?P<slashes>\d{1,2}/\d{1,2}(?:/\d{4})?)"
    r"|(?P<clock>\d{1,2}[:.]\d{2}(?!\d)|\d{1,2}h\d{2}(?!\d))"
    r"|(?P<number>\d{1,6}(?:[.,]\d{1,2})?)"
    r"|(?P<word>[a-z]+)"
    r"|(?P<gap>[\s,.;!'’()]|-(?!\d))"  # "-5 minutes" are over, and "5-10" are two numbers
)
MERIDIEM = re.compile(r"(?<=[\d\s])([ap])\.?\s?m\b\.?")
MONTH_DASH = re.compile(rf"\b({'|'.join(words.MONTH_NAMES)})-(?=\d)")
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er)\b")
LONGEST_NAME = 4  # words in a row that one name may have, as "day after tomorrow" has three
ZONE_WORDS = ("utc", "gmt")

Token = tuple[str, str]  # its kind, and how it is written


def read_wish(phrase: str) -> Wish | None:
    """Give all that a phrase says of a time, or None where a piece of it is not understood.

    Raises:
        ValueError: a number in it is none of a clock or a calendar.
    """
    return Reader(tokens_of(phrase)).read()


def tokens_of(text: str) -> list[Token]:
    """Cut *text* into numbers and words; what is neither makes all of it unreadable.

    Raises:
        ValueError: there is something else in it.
    """
    plain = ORDINAL.sub("", MERIDIEM.sub(r" \1m ", without_accents(text)).replace("-feira", "feira"))
    plain = MONTH_DASH.sub(r"\1 ", plain)
    found: list[Token] = []
    at = 0
    while at < len(plain):
        match = TOKEN.match(plain, at)
        if match is None or match.lastgroup is None:
            raise ValueError("not a time")
        if match.lastgroup != "gap":
            found.append((match.lastgroup, match.group()))
        at = match.end()
    return found


@dataclass(slots=True)
class Wish:
    """What was said of a time, piece by piece."""

    seconds: float | None = None
    days: int | None = None
    months: int | None = None
    far: int | None = None  # days from today
    weekday: int | None = None
    day: tuple[int | None, int, int] | None = None  # year, month, day
    clock: time | None = None
    hour: int | None = None  # without minutes: it may mean the afternoon
    is_half_known: bool = False  # "am" or "pm" was said
    part: int | None = None
    is_part_last: bool = False  # it was said after the hour
    is_utc: bool = False

    @property
    def has_day(self) -> bool:
        """Say whether a day was named."""
        return self.far is not None or self.weekday is not None or self.day is not None

    @property
    def has_span(self) -> bool:
        """Say whether it counts from now."""
        return self.seconds is not None or self.days is not None or self.months is not None

    @property
    def has_hour(self) -> bool:
        """Say whether a time of day was named."""
        return self.clock is not None or self.hour is not None or self.part is not None


class Reader:
    """Reads tokens from left to right; each piece may be said once."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._wish = Wish()
        self._expects_hour = False

    def read(self) -> Wish | None:
        """Give all that was said, or None where a piece is not understood."""
        steps = (self._named, self._next, self._span, self._date, self._clock, self._hour, self._filler)
        while self._at < len(self._tokens):
            if not any(step() for step in steps):
                return None
        wish = self._wish
        if wish.has_day and wish.has_span:
            return None
        return wish if wish.has_day or wish.has_span or wish.has_hour else None

    def _peek(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "")

    def _name(self, ahead: int, length: int) -> str:
        pieces = [self._peek(ahead + one) for one in range(length)]
        return " ".join(text for kind, text in pieces) if all(kind == "word" for kind, _ in pieces) else ""

    def _took(self, count: int) -> bool:
        self._at += count
        self._expects_hour = False
        return True

    def _named(self) -> bool:
        """Take names of days and of parts of the day, longest first."""
        for length in range(LONGEST_NAME, 0, -1):
            name = self._name(0, length)
            if name and self._take_name(name):
                return self._took(length)
        return False

    def _take_name(self, name: str) -> bool:
        wish = self._wish
        if name == "am" or (name in ("morgen", "manana") and wish.has_day and wish.part is None):
            # "am" is a filler in German; "morgen" and "mañana" after a day are its morning
            wish.part = words.MORNING if name != "am" else wish.part
            return name != "am"
        if name in words.PARTS and wish.part is None:
            wish.part = words.PARTS[name]
            wish.is_part_last = wish.hour is not None or wish.clock is not None
            if name in words.TODAYS_PARTS and not wish.has_day:
                wish.far = 0
            return True
        if name in words.FAR and not wish.has_day:
            wish.far = words.FAR[name]
            return True
        if name in words.WEEKDAYS and wish.weekday is None and wish.far is None:
            wish.weekday = words.WEEKDAYS[name]
            return True
        if name in ZONE_WORDS and not wish.is_utc:
            wish.is_utc = True
            return True
        return False

    def _next(self) -> bool:
        """Take "next week" and "semaine prochaine"; "next" before a day says nothing more."""
        first, second = self._peek()[1], self._peek(1)[1]
        if first in words.NEXT:
            if second in words.WEEKDAYS or self._wish.weekday is not None:
                return self._took(1)
            return self._add_span(1, second) and self._took(2)
        return second in words.NEXT and self._add_span(1, first) and self._took(2)

    def _span(self) -> bool:
        """Take "2 hours", "an hour", "half an hour", "1h30"."""
        kind, text = self._peek()
        if kind == "clock" and "h" in text and not (self._expects_hour or self._wish.has_day):
            hours, minutes = text.split("h")
            has_unit = self._peek(1)[1] in words.SECONDS
            return self._add_span(int(hours), "h") and self._add_span(int(minutes), "min") and self._took(1 + has_unit)
        if kind == "word" and text in words.SECONDS and words.SECONDS[text] in (900, 1800):
            return self._add_span(1, text) and self._took(1)
        taken, count = self._count()
        if count is None:
            return False
        unit = self._peek(taken)[1]
        if unit == "h" and (self._expects_hour or self._wish.has_day):
            return False  # "à 18h" is a time of day
        if not self._add_span(count, unit):
            return False
        self._took(taken + 1)
        for more in words.HALF_MORE:
            if self._name(0, len(more.split())) == more:
                return self._add_span(0.5, unit) and self._took(len(more.split()))
        return True

    def _count(self) -> tuple[int, float | None]:
        """Give how many tokens make a number, and the number."""
        kind, text = self._peek()
        if kind == "number":
            return 1, float(text.replace(",", "."))
        if kind != "word" or text not in words.COUNTS:
            return 0, None
        count, following = words.COUNTS[text], self._peek(1)[1]
        if count == 1 and following in words.COUNTS and words.COUNTS[following] in (2, 0.5, 0.25):
            taken, count = 2, words.COUNTS[following]  # a couple, a quarter
        else:
            taken = 1
        while self._peek(taken)[1] in ("of", "d", "de", "an", "a", "di"):
            if self._peek(taken)[1] in ("an", "a") and count not in (0.5, 0.25):
                break
            taken += 1
        return taken, count

    def _add_span(self, count: float, unit: str) -> bool:
        wish = self._wish
        if unit in words.SECONDS:
            wish.seconds = (wish.seconds or 0.0) + count * words.SECONDS[unit]
        elif unit in words.DAYS and count == int(count):
            wish.days = (wish.days or 0) + int(count) * words.DAYS[unit]
        elif unit in words.DAYS:
            wish.seconds = (wish.seconds or 0.0) + count * words.DAYS[unit] * 86_400
        elif unit in words.MONTHS and count * words.MONTHS[unit] == int(count * words.MONTHS[unit]):
            wish.months = (wish.months or 0) + int(count * words.MONTHS[unit])
        else:
            return False
        return True

    def _date(self) -> bool:
        """Take a day of the calendar; of two numbers that may each be the month none is guessed."""
        if self._wish.far is not None or self._wish.day is not None:
            return False
        kind, text = self._peek()
        if kind == "iso":
            year, month, day = (int(part) for part in text.split("-"))
            self._wish.day = (year, month, day)
            return self._took(1)
        if kind in ("dots", "slashes"):
            self._wish.day = _numeric_day(text, is_day_first=kind == "dots")
            return self._wish.day is not None and self._took(1)
        return self._written_date()

    def _written_date(self) -> bool:
        """Take "22 November", "22 de noviembre de 2026", "Nov 22"."""
        ahead = 1 if self._peek(1)[1] in ("de", "of") else 0
        first, second = self._peek(), self._peek(1 + ahead)
        month, number = (second, first) if first[0] == "number" else (first, self._peek(1))
        taken = 2 + ahead if first[0] == "number" else 2
        if month[1] not in words.MONTH_NAMES or number[0] != "number" or not number[1].isdigit():
            return False
        year = None
        skip = 1 if self._peek(taken)[1] in ("de", "of") else 0
        if re.fullmatch(r"\d{4}", self._peek(taken + skip)[1]):
            year, taken = int(self._peek(taken + skip)[1]), taken + skip + 1
        self._wish.day = (year, words.MONTH_NAMES[month[1]], int(number[1]))
        return self._took(taken)

    def _clock(self) -> bool:
        """Take a time with minutes, or an hour that says which half of the day it is in."""
        wish, (kind, text), half = self._wish, self._peek(), self._peek(1)[1]
        if kind not in ("clock", "number") or wish.clock is not None or wish.hour is not None:
            return False
        pieces = re.split(r"[:.h,]", text)
        hour, minute = int(pieces[0]), int(pieces[1]) if len(pieces) > 1 else 0
        if kind == "number" and len(pieces) > 1:
            return False
        if half in ("am", "pm") and 1 <= hour <= 12:
            wish.clock = time(hour % 12 + (12 if half == "pm" else 0), minute)
            wish.is_half_known = True
            return self._took(2)
        if kind == "number":
            return False
        wish.clock = time(hour, minute)
        return self._took(1)

    def _hour(self) -> bool:
        """Take a bare hour, where something says that it is one."""
        kind, text = self._peek()
        unit = self._peek(1)[1]
        is_said = self._expects_hour or self._wish.has_day or self._wish.part is not None or unit == "uhr"
        if kind != "number" or not text.isdigit() or not is_said or self._wish.hour is not None:
            return False
        if self._wish.clock is not None or int(text) > 24:
            return False
        if unit in ("h", "uhr", "heures", "horas", "clock"):
            if int(text) == 24:
                self._wish.hour = 24  # the end of a day, not its beginning
            else:
                self._wish.clock = time(int(text))
            return self._took(2)
        self._wish.hour = int(text)
        return self._took(1)

    def _filler(self) -> bool:
        kind, text = self._peek()
        if kind != "word" or text not in words.FILLERS | words.BEFORE_SPAN | words.BEFORE_HOUR | {"o", "clock"}:
            return False
        self._took(1)
        self._expects_hour = text in words.BEFORE_HOUR
        return True


def _numeric_day(text: str, *, is_day_first: bool) -> tuple[int | None, int, int] | None:
    first, second, *year = (int(part) for part in re.findall(r"\d+", text))
    if not is_day_first and first <= 12 and second <= 12 and first != second:
        return None  # 3/4 is a day in March to some and in April to others
    if not is_day_first and second > 12:
        first, second = second, first
    return (year[0] if year else None, second, first)
