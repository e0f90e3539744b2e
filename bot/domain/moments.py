"""Times as others write them down."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

MILLISECONDS_FROM = 1e11  # a number of seconds beyond that is one of milliseconds
SPELT = ("%I:%M %p on %d %B, %Y", "%d %B, %Y", "%d %B %Y", "%Y/%m/%d (%a) %H:%M", "%Y/%m/%d %H:%M", "%Y/%m/%d")


def moment_of(when: datetime | date | str | float) -> datetime:
    """Read a time: one of the library's, an ISO text or one of `SPELT`, seconds or milliseconds since 1970.

    A naive one is UTC.

    Raises:
        ValueError: it is no time, or one that no calendar has.
    """
    if isinstance(when, str):
        text = when.strip()
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            when = _spelt(text)
    if isinstance(when, (int, float)):
        seconds = when / 1000 if abs(when) >= MILLISECONDS_FROM else when
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError("a time far from now") from error
        except ValueError as error:  # no number, or a year that no calendar has
            raise ValueError("no time that a calendar has") from error
    if not isinstance(when, date):
        raise ValueError("no time: neither a datetime, an ISO text nor seconds since 1970")
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time far from now") from error


def _spelt(text: str) -> datetime | float:
    """Read a time that is written out, or a number of seconds since 1970."""
    for form in SPELT:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        return float(text)
    except ValueError as error:
        raise ValueError("no time: neither an ISO text nor seconds since 1970") from error
