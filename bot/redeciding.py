"""The command ``mira replay``: what is tried, which span, and what would have flipped, line by line and in sum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

import typer

from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.system import SystemClock
from bot.domain.attention import VERSION, Outcome
from bot.domain.clock_time import read_clock_time
from bot.domain.ids import ChannelId
from bot.domain.room_policy import CHATTINESS_MOST, Hearing, QuietHours, RoomPolicy
from bot.domain.when import read_when
from bot.domain.zones import find_zone, zone_named
from bot.engine.redecide import Redecide, Redecided, Stretch
from bot.errors import ConfigError
from bot.foundation import open_database
from bot.settings import Settings

DISAGREES_EXIT = 1
AGO = re.compile(r"(\d{1,6})\s*([mhdw])")
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
ID_MOST = 2**63 - 1
FARTHEST = timedelta(days=366)  # the record goes back 30 days
QUIET = re.compile(r"([^-@]+)-([^-@]+)(?:@(.+))?")
OFF = "off"

Change = Callable[[RoomPolicy], RoomPolicy]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was typed: the span, a channel, what is tried, and whether every decision is printed."""

    since: str
    until: str | None = None
    channel_id: int | None = None
    changes: tuple[str, ...] = ()
    prints_all: bool = False


@dataclass(slots=True)
class Sum:
    """What a replay came to; *versions* are those of the rules that the record was decided by."""

    decisions: int = 0
    flips: Counter[tuple[Outcome, Outcome]] = field(default_factory=Counter)
    drifted: int = 0
    versions: set[int] = field(default_factory=set)

    def add(self, one: Redecided) -> None:
        """Count one decision."""
        self.decisions += 1
        self.versions.add(one.recorded.decision.version)
        self.drifted += one.differs
        if one.is_flipped:
            self.flips[one.was, one.would_be] += 1


async def redecide_now(settings: Settings, wishes: Wishes) -> int:
    """Print what would have flipped; gives the exit code, which is 1 where a flip has no change to come from.

    Raises:
        ConfigError: the span or a change cannot be read.
    """
    zone = zone_named(settings.time_zone)
    stretch = stretch_of(wishes, SystemClock().now(), zone)
    change = change_of(wishes.changes, settings.time_zone)
    found = Sum()
    async with open_database(settings) as database:
        async for one in Redecide(PostgresRooms(database.pool))(stretch, change):
            found.add(one)
            if one.is_flipped or wishes.prints_all:
                typer.echo(line_of(one, zone))
    for line in sum_lines(found, is_changed=change is not None):
        typer.echo(line)
    return DISAGREES_EXIT if found.flips and change is None else 0


def stretch_of(wishes: Wishes, now: datetime, zone: tzinfo) -> Stretch:
    """Give the span that is meant.

    Raises:
        ConfigError: a time cannot be read, or it ends before it begins, or there can be no such channel.
    """
    if wishes.channel_id is not None and not 0 < wishes.channel_id <= ID_MOST:
        raise ConfigError("--channel: that is no id of a channel; Discord copies it in developer mode")
    since = _moment(wishes.since, "--since", now, zone)
    until = now if wishes.until is None else _moment(wishes.until, "--until", now, zone)
    if since >= until:
        raise ConfigError("--since: it has to be before --until, and before now")
    since, until = max(since, now - FARTHEST), min(until, now)
    return Stretch(since, until, None if wishes.channel_id is None else ChannelId(wishes.channel_id))


def change_of(changes: tuple[str, ...], home_zone: str) -> Change | None:
    """Give what makes the policy that is tried out of a recorded one; None where nothing is tried.

    Raises:
        ConfigError: a change cannot be read.
    """
    made = [_change(typed, home_zone) for typed in changes]
    return partial(_changed, made) if made else None


def line_of(one: Redecided, zone: tzinfo) -> str:
    """Give one decision as a line: when, where, which line, what came of it and what would have, and the figures."""
    recorded, now = one.recorded, one.now
    at = f"{recorded.decided_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    would = f"{one.was} -> {one.would_be}" if one.is_flipped else f"{one.was}"
    then = f"{recorded.decision.score:.2f}/{recorded.decision.bar:.2f}"
    figures = f"{then} -> {now.score:.2f}/{now.bar:.2f}" if one.differs else then
    return f"{at}  channel {recorded.channel_id}  message {recorded.message_id}  {would}  ({figures})"


def sum_lines(found: Sum, *, is_changed: bool) -> list[str]:
    """Say what it came to."""
    flipped = sum(found.flips.values())
    lines = [f"{found.decisions} decisions, {flipped} would have flipped" + (":" if flipped else "")]
    lines += [f"  {was} -> {now}: {count}" for (was, now), count in sorted(found.flips.items())]
    if any(Outcome.CONSIDER in flip for flip in found.flips):
        lines.append("  consider: a short question to the model would have decided; what it had said is not on record")
    if is_changed or not (flipped or found.drifted):
        if is_changed:
            lines.append(
                "Each line was decided by itself: what would have followed from other answers is not played on."
            )
        return lines
    versions = ", ".join(map(str, sorted(found.versions)))
    if flipped:
        lines.append(f"The record and the rules disagree: it was decided by version {versions}, this is {VERSION}.")
    else:
        lines.append(
            f"Figures of {found.drifted} differ, and nothing comes of it: they were decided by version {versions}, "
            f"this is {VERSION}."
        )
    return lines


def _moment(typed: str, option: str, now: datetime, zone: tzinfo) -> datetime:
    """Read a time of the past: a date with a time by this deployment's clock, or how long ago."""
    ago = AGO.fullmatch(typed.strip().lower())
    if ago is not None:
        span = UNITS[ago[2]] * int(ago[1])
        return now - min(span, FARTHEST)
    moment = read_when(typed, now, zone)
    if moment is None:
        raise ConfigError(f"{option}: {typed!r} is no time; write 2026-11-20T18:00, or 2h or 3d for how long ago")
    return moment


def _changed(made: list[Change], policy: RoomPolicy) -> RoomPolicy:
    for change in made:
        policy = change(policy)
    return policy


def _change(typed: str, home_zone: str) -> Change:
    name, separator, value = typed.partition("=")
    reader = READERS.get(name.strip())
    if reader is None or not separator:
        raise ConfigError(f"--set: {typed!r} is nothing to try; there are {', '.join(f'{one}=…' for one in READERS)}")
    return reader(value.strip(), home_zone)


def _chattiness(value: str, home_zone: str) -> Change:
    if not value.isdecimal() or int(value) > CHATTINESS_MOST:
        raise ConfigError(f"--set: chattiness goes from 0 to {CHATTINESS_MOST}")
    return lambda policy: replace(policy, chattiness=int(value))


def _hearing(value: str, home_zone: str) -> Change:
    if value not in {*Hearing}:
        raise ConfigError(f"--set: hearing is one of {', '.join(Hearing)}")
    return lambda policy: replace(policy, hearing=Hearing(value))


def _quiet(value: str, home_zone: str) -> Change:
    """Read quiet hours; the zone is the one named, else that of the hours they replace, else this deployment's."""
    if value == OFF:
        return lambda policy: replace(policy, quiet=None)
    found = QUIET.fullmatch(value)
    begins, ends = (None, None) if found is None else (read_clock_time(found[1]), read_clock_time(found[2]))
    if found is None or begins is None or ends is None or begins == ends:
        raise ConfigError("--set: quiet is written 23:00-07:00, 23:00-07:00@Europe/Berlin, or off")
    named = None if found[3] is None else find_zone(found[3])
    if found[3] is not None and named is None:
        raise ConfigError(f"--set: there is no time zone {found[3]!r}")

    def change(policy: RoomPolicy) -> RoomPolicy:
        zone = named or (home_zone if policy.quiet is None else policy.quiet.zone)
        return replace(policy, quiet=QuietHours(begins, ends, zone))

    return change


READERS: Mapping[str, Callable[[str, str], Change]] = {
    "chattiness": _chattiness,
    "quiet": _quiet,
    "hearing": _hearing,
}
