"""How long a model server asks to be left alone: in a header, in a field of its answer, or in its words."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC

MAX_RETRY_AFTER_S = 24 * 3600.0  # OpenAI's daily limits name up to a day; more is a broken clock
DEEPEST = 6  # levels of an error's fields; Google's has three

# Google's RetryInfo, and what proxies put into a body beside or instead of the header
_FIELDS = frozenset({"retrydelay", "retryafter", "retryafterseconds"})
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = r"\d+(?:\.\d+)?\s*(?:ms|milliseconds?|d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)\b"
_TIMES = r"(?:\d+(?:\.\d+)?(?:ms|[dhms])\s?)*" + _TIME  # such as 7m12.5s
_ASKS = re.compile(rf"(?:retry|try)(?:ing)?(?: again| your request)?\s*(?:in|after):?\s*({_TIMES})", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|[dhms])", re.IGNORECASE)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the wait that a server's headers ask for, in seconds: milliseconds, seconds or a date."""
    for name, per_second in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return _sane(float(headers.get(name, "")) / per_second)
        except ValueError:
            continue
    try:
        when = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return _sane(when.timestamp() - time.time())


def wait_in(body: object) -> float | None:
    """Read the wait that the fields of an error ask for, in seconds; of several the longest."""
    found = [seconds for value in _named(body) if (seconds := _seconds(value)) is not None]
    return max(found, default=None)


def wait_said(message: str) -> float | None:
    """Read the wait that an error's words ask for, such as "try again in 6m0s"; of several the longest."""
    return max((_sum(times) for times in _ASKS.findall(message)), default=None)


def _named(value: object, depth: int = 0) -> Iterator[object]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _named(one, depth + 1)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if str(name).lower().replace("_", "").replace("-", "") in _FIELDS:
                yield one
            else:
                yield from _named(one, depth + 1)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return _sane(float(value))
    except ValueError:
        return _sum(value) if isinstance(value, str) and re.fullmatch(_TIMES, value.strip()) else None


def _sum(times: str) -> float:
    amounts = _AMOUNT.findall(times)
    total = sum(float(count) * _UNITS_S["ms" if unit.lower() == "milli" else unit.lower()] for count, unit in amounts)
    return min(total, MAX_RETRY_AFTER_S)


def _sane(seconds: float) -> float | None:
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)
