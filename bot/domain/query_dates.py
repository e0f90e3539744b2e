"""Which stretches of time a question names: days, months, years, "last week"; pure, by the asker's clock.

Only the order of what is recalled hangs on it, so what is not understood is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain import when_words
from bot.domain.scripts import fold

DAY, WEEK, MONTH, YEAR = 1.0, 0.8, 0.7, 0.3  # how much it says that a line falls in such a stretch
NEAR_DAY, NEAR_MONTH = 0.5, 0.25  # and that it falls just beside it: people tell of a thing a little later
YEARS_BACK = 8  # for a month without a year
RANGES_MOST = 24

_MORE_MONTHS = (
    "января январь январе 1月 一月 ocak januari janvaris ιανουαριου يناير जनवरी",
    "февраля февраль феврале 2月 二月 subat februari φεβρουαριου فبراير फरवरी",
    "марта март марте 3月 三月 maart μαρτιου مارس मार्च",
    "апреля апрель апреле 4月 四月 nisan απριλιου ابريل अप्रैल",
    "мая мае 5月 五月 mayis mei μαιου مايو मई",
    "июня июнь июне 6月 六月 haziran ιουνιου يونيو जून",
    "июля июль июле 7月 七月 temmuz ιουλιου يوليو जुलाई",
    "августа август августе 8月 八月 agustos augustus αυγουστου اغسطس अगस्त",
    "сентября сентябрь сентябре 9月 九月 eylul σεπτεμβριου سبتمبر सितंबर",
    "октября октябрь октябре 10月 十月 ekim οκτωβριου اكتوبر अक्टूबर",
    "ноября ноябрь ноябре 11月 十一月 kasim νοεμβριου نوفمبر नवंबर",
    "декабря декабрь декабре 12月 十二月 aralik δεκεμβριου ديسمبر दिसंबर",
)
_TOO_COMMON = {"may", "mar", "mars", "marco", "jun", "mai", "mei", "set"}  # a day or a year has to stand beside them
_MONTHS = {
    **{fold(word): number for number, row in enumerate(_MORE_MONTHS, 1) for word in row.split()},
    **when_words.MONTH_NAMES,
}
_DAYS_AGO_WORDS = (
    "today heute hoy hoje oggi vandaag сегодня idag bugun dzisiaj",
    "yesterday gestern hier ayer ontem ieri gisteren вчера igar dun wczoraj kemarin tegnap eilen 昨日 昨天 أمس 어제",
    "vorgestern anteayer anteontem позавчера eergisteren",
)
_DAYS_AGO = {fold(word): days for days, row in enumerate(_DAYS_AGO_WORDS) for word in row.split()}
_LAST = (
    r"(?:last|past|previous|letzte[nrsm]?|vorige[nrsm]?|vergangene[nrsm]?|derniere?|passee?|pasad[oa]|ultim[oa]|passad[oa]|"
    r"scors[oa]|vorige|afgelopen|прошл\w+|gecen)"
)
_SPANS = {
    "week": ("week", "weekend", "woche", "wochenende", "semaine", "semana", "settimana", "неделе", "неделю", "hafta"),
    "month": ("month", "monat", "mois", "mes", "mese", "maand", "месяце", "месяц", "ay"),
    "year": ("year", "jahr", "an", "annee", "ano", "anno", "jaar", "году", "год", "yil"),
}
_SPAN_OF = {fold(word): span for span, words in _SPANS.items() for word in words}
_SPAN_WORDS = "|".join(sorted(_SPAN_OF, key=len, reverse=True))
_LAST_SPAN = re.compile(rf"\b{_LAST}\s+({_SPAN_WORDS})\b|\b({_SPAN_WORDS})\s+{_LAST}\b")
_GLUED_LAST = (
    ("先週", "week"),
    ("上周", "week"),
    ("上週", "week"),
    ("先月", "month"),
    ("上个月", "month"),
    ("去年", "year"),
)
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})\b")
_EASTERN = re.compile(r"\b((?:19|20)\d\d)\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일])?)?")
_DOTTED = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)\b")
_WORD = re.compile(r"\d+月|[^\W\d_]+|\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_OF = frozenset(("of", "de", "del", "do", "di", "the", "den"))


@dataclass(frozen=True, slots=True)
class DateRange:
    """From *start* up to *end*, without it; *weight* says how much it tells that a line falls into it, in (0, 1]."""

    start: datetime
    end: datetime
    weight: float


def query_dates(text: str, now: datetime) -> tuple[DateRange, ...]:
    """Give the stretches of time that *text* names, seen from *now* in its own time zone; none may be named."""
    plain = fold(text[:2_000])
    try:
        found = [*_written(plain, now), *_relative(plain, now), *_spelt(_WORD.findall(plain), now)]
    except (ValueError, OverflowError):
        return ()
    return tuple(found[:RANGES_MOST])


def _written(plain: str, now: datetime) -> Iterator[DateRange]:
    for year, month, day in _ISO.findall(plain):
        yield from _day(int(year), int(month), int(day), now)
    for day, month, year in _DOTTED.findall(plain):
        if int(month) > 12:
            day, month = month, day
        yield from _day(int(year), int(month), int(day), now)
    for year, month, day in _EASTERN.findall(plain):
        yield from _calendar(int(year), int(month or 0), int(day or 0), now)


def _relative(plain: str, now: datetime) -> Iterator[DateRange]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for word, days in _DAYS_AGO.items():
        if word in plain and (not word.isascii() or re.search(rf"\b{word}\b", plain)):
            day = midnight - timedelta(days=days)
            yield _range(day, day + timedelta(days=1), DAY)
    spans = [_SPAN_OF[one or other] for one, other in _LAST_SPAN.findall(plain)]
    spans += [span for sign, span in _GLUED_LAST if fold(sign) in plain]
    for span in spans:
        if span == "week":
            monday = midnight - timedelta(days=midnight.weekday() + 7)
            yield _range(monday, monday + timedelta(days=7), WEEK)
        elif span == "month":
            year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
            yield from _month(year, month, now)
        else:
            yield from _year(now.year - 1, now)


def _spelt(words: list[str], now: datetime) -> Iterator[DateRange]:
    """Read months by name with a day or a year beside them, and bare years."""
    used: set[int] = set()
    for at, word in enumerate(words):
        month = _MONTHS.get(word)
        if month is None:
            continue
        day, year = _beside(words, at, used)
        if word in _TOO_COMMON and not day and not year:
            continue
        if year:
            yield from _calendar(year, month, day, now)
            continue
        newest = now.year if month <= now.month else now.year - 1
        for back in range(YEARS_BACK):
            yield from _calendar(newest - back, month, day, now)
    for at, word in enumerate(words):
        if at not in used and _YEAR.fullmatch(word) and int(word) <= now.year + 1:
            yield from _year(int(word), now)


def _beside(words: list[str], at: int, used: set[int]) -> tuple[int, int]:
    """Give day and year that stand beside a month; 0 for what does not. Small words between them are passed over."""
    day = year = 0
    for step in (-1, 1):
        place = at + step
        for _ in range(3):
            if not 0 <= place < len(words):
                break
            word = words[place]
            if _YEAR.fullmatch(word) and not year:
                year = int(word)
                used.add(place)
            elif word.isdecimal() and len(word) <= 2 and 1 <= int(word) <= 31 and not day:
                day = int(word)
            elif word not in _OF and word not in ("st", "nd", "rd", "th", "er"):
                break
            place += step
    return day, year


def _calendar(year: int, month: int, day: int, now: datetime) -> Iterator[DateRange]:
    if day:
        yield from _day(year, month, day, now)
    elif month:
        yield from _month(year, month, now)
    else:
        yield from _year(year, now)


def _day(year: int, month: int, day: int, now: datetime) -> Iterator[DateRange]:
    try:
        start = datetime(year, month, day, tzinfo=now.tzinfo)
    except ValueError:  # the 31st of February
        return
    yield _range(start, start + timedelta(days=1), DAY)
    yield _range(start - timedelta(days=1), start + timedelta(days=3), NEAR_DAY)


def _month(year: int, month: int, now: datetime) -> Iterator[DateRange]:
    start = datetime(year, month, 1, tzinfo=now.tzinfo)
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=now.tzinfo)
    yield _range(start, after, MONTH)
    yield _range(start, after + timedelta(days=14), NEAR_MONTH)


def _year(year: int, now: datetime) -> Iterator[DateRange]:
    start = datetime(year, 1, 1, tzinfo=now.tzinfo)
    yield _range(start, datetime(year + 1, 1, 1, tzinfo=now.tzinfo), YEAR)


def _range(start: datetime, end: datetime, weight: float) -> DateRange:
    return DateRange(start.astimezone(UTC), end.astimezone(UTC), weight)
