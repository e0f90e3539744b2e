"""Discord's ids carry the time they were made.

Source: Discord developer documentation, "Snowflakes": milliseconds since 2015 in the upper 42 bits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
TIME_SHIFT_BITS = 22
LATEST_MS = int((datetime(9999, 1, 1, tzinfo=UTC) - DISCORD_EPOCH) / timedelta(milliseconds=1))


def made_at(snowflake: int) -> datetime:
    """Give the time a snowflake was made; ids outside Discord's range are clipped into it."""
    return DISCORD_EPOCH + timedelta(milliseconds=max(0, min(LATEST_MS, snowflake >> TIME_SHIFT_BITS)))


def first_at(moment: datetime) -> int:
    """Give the smallest snowflake that could be made at *moment*."""
    return max(0, int((moment - DISCORD_EPOCH) / timedelta(milliseconds=1))) << TIME_SHIFT_BITS
