"""What trouble with Discord looks like in its libraries."""

from __future__ import annotations

import math
from collections.abc import Mapping

import aiohttp
import discord

# no answer came, or half of one; aiohttp's own errors are mostly no OSError
NO_ANSWER = (aiohttp.ClientError, OSError, TimeoutError)
# an answer in a form that the library cannot read, from a proxy or another server
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
PASSING = (401, 408, 429)  # statuses below 500 that may be over in a while; 401 is the operator's to mend


def is_passing(error: Exception) -> bool:
    """Say whether the same request may succeed later."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status in PASSING
    return isinstance(error, (*NO_ANSWER, discord.RateLimited))


def wait_named(headers: Mapping[str, str] | None) -> float | None:
    """Read how many seconds an answer asks to be left alone for; None where it does not say."""
    try:
        wait_s = float((headers or {}).get("Retry-After", ""))
    except (TypeError, ValueError):
        return None  # a date, which Discord does not send, or nothing
    return wait_s if math.isfinite(wait_s) and wait_s >= 0 else None


def wait_of(error: discord.HTTPException) -> float | None:
    """Give the wait that a refusal names, if any."""
    return wait_named(getattr(error.response, "headers", None))
