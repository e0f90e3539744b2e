"""Time zones by name, and what a clock on the wall means in one."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.text import without_accents


def from_wall(wall: datetime, zone: tzinfo) -> datetime:
    """Give in UTC what a clock on the wall shows; skipped times are moved on, of double ones the first is taken."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def zone_named(name: str | None, otherwise: str = "UTC") -> tzinfo:
    """Give the time zone *name*, or the one named *otherwise* where there is none of that name."""
    for one in (name, otherwise):
        if one is not None and one in zone_names():
            return ZoneInfo(one)
    return UTC


@cache
def zone_names() -> frozenset[str]:
    """List the time zones there are, read once; links into other collections are left out."""
    return frozenset(one for one in available_timezones() if not one.startswith(("posix/", "right/", "SystemV/")))


def zones_like(typed: str, limit: int) -> list[str]:
    """List zones whose name holds what was typed, cities that begin with it first."""
    wanted = without_accents(typed).strip().replace(" ", "_")
    found = [(_rank(name, wanted), name) for name in zone_names() if wanted in name.casefold()]
    return [name for _, name in sorted(found)[:limit]]


def find_zone(typed: str) -> str | None:
    """Give the name of the zone that was typed, whatever its letters' case and with spaces for underscores."""
    wanted = typed.strip().replace(" ", "_").casefold()
    return next((name for name in zone_names() if name.casefold() == wanted), None)


def _rank(name: str, wanted: str) -> int:
    city = name.rsplit("/", 1)[-1].casefold()
    is_place = "/" in name and not name.startswith("Etc/")
    return (0 if city.startswith(wanted) else 1) + (0 if is_place else 2)
