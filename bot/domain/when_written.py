"""Times as programs write them: stamps and spans of ISO 8601, and time zones named beside a time; pure.

An abbreviation of a zone is taken only where it means one zone, stands right after a time of day, and is in force
there at the moment that is meant: "CET" in July is a question, not an hour's guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from bot.domain.when_words import MORNING
from bot.domain.zones import find_zone, from_wall, zone_named

FURTHEST_OFFSET = timedelta(hours=14)  # of any clock on earth from UTC
ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:(?P<between>[T ])(?P<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
SPAN = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<h>\d{1,7}(?:\.\d{1,3})?)H)?(?:(?P<m>\d{1,9}(?:\.\d{1,3})?)M)?(?:(?P<s>\d{1,9}(?:\.\d{1,3})?)S)?)?",
    re.IGNORECASE,
)
JOINED = re.compile(r"(?<=\b\d{4}-\d{2}-\d{2})T(?=\d{2}:\d{2})", re.IGNORECASE)  # inside a longer phrase
NO_SECONDS = re.compile(r"(?<=\b\d{2}:\d{2}):00(?![\d:.,])")
SHORT: Mapping[str, str] = {
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Helsinki"),
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
    "WET": "Europe/Lisbon",
    "MSK": "Europe/Moscow",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "MDT": "America/Denver",
    "PDT": "America/Los_Angeles",
}
ZONE = re.compile(
    r"(?:\bin\s+)?[(\[]?(?<![\w/+-])(?:"
    r"(?P<universal>(?i:UTC|GMT))(?:\s?(?P<offset>[+-]\d{1,2}(?::?\d{2})?))?"
    r"|(?P<place>[A-Za-z_]+(?:/[A-Za-z][\w+-]*){1,2})"
    rf"|(?:(?<=\d\s)|(?<=\d\s\()|(?<=[mM]\s)|(?<=[mM]\.\s))(?P<short>{'|'.join(SHORT)})"
    r")(?![\w/])[)\]]?"
)


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A time zone that was named beside a time; *short* is the abbreviation that has to be in force then."""

    zone: tzinfo
    short: str | None = None

    def holds(self, moment: datetime, offset: timedelta | None) -> bool:
        """Say whether its clock is *offset* from UTC at *moment*, and goes by its abbreviation."""
        there = moment.astimezone(self.zone)
        return there.utcoffset() == offset and self.short in (None, there.tzname())


def part_zones(phrase: str) -> tuple[str, list[NamedZone]]:
    """Part a phrase into what it says of a time and the zones it names; what is no zone stays where it is."""
    zones: list[NamedZone] = []

    def take(found: re.Match[str]) -> str:
        named = _zone_of(found)
        if named is None:
            return found.group()
        zones.append(named)
        return " "

    rest = ZONE.sub(take, phrase).strip()
    rest = rest.strip(" ,;") if zones else rest
    return rest if ISO.fullmatch(rest) else NO_SECONDS.sub("", JOINED.sub(" ", rest)), zones


def _zone_of(found: re.Match[str]) -> NamedZone | None:
    if (short := found["short"]) is not None:
        return NamedZone(zone_named(SHORT[short]), short)
    if found["universal"] is not None:
        offset = timedelta(0) if found["offset"] is None else _offset(found["offset"])
        return None if offset is None else NamedZone(timezone(offset) if offset else UTC)
    name = find_zone(found["place"])
    return None if name is None else NamedZone(zone_named(name))


def _offset(written: str) -> timedelta | None:
    """Give "+1", "-05" or "+05:30" as a span, or None where no clock on earth is so far from UTC."""
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > FURTHEST_OFFSET or minutes not in (0, 30, 45):
        return None
    return -offset if written[0] == "-" else offset


def read_iso(text: str, zone: tzinfo, *, is_zone_said: bool = False) -> datetime | None:
    """Give the moment of an ISO 8601 stamp; a day alone is its morning.

    None where its offset is that of no clock, or not that of the zone that was said beside it.

    Raises:
        ValueError: there is no such day or hour.
    """
    found = ISO.fullmatch(text)
    if found is None:
        return None
    if found["clock"] is None:
        return from_wall(datetime.combine(date.fromisoformat(text), time(MORNING)), zone)
    wall = datetime.fromisoformat(f"{found['day']}T{found['clock']}")
    if (written := found["offset"]) is None:
        return from_wall(wall, zone)
    offset = timedelta(0) if written in "Zz" else _offset(written)
    if offset is None or (_may_be_an_end(found) and -offset > wall - wall.replace(hour=0, minute=0)):
        return None
    moment = (wall - offset).replace(tzinfo=UTC)
    return moment if not is_zone_said or moment.astimezone(zone).utcoffset() == offset else None


def _may_be_an_end(found: re.Match[str]) -> bool:
    """Say whether a stamp is written as people write from when till when: "2026-11-21 10:00-11:00"."""
    return found["between"] == " " and len(found["clock"]) == len("10:00")


def read_iso_span(text: str) -> tuple[int, int, float] | None:
    """Give the months, days and seconds of a span such as "PT2M" or "P1DT12H"."""
    found = SPAN.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days = (int(found[name] or 0) for name in ("years", "months", "weeks", "days"))
    hours, minutes, seconds = (float(found[name] or 0) for name in ("h", "m", "s"))
    return years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds
