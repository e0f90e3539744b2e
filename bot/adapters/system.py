"""The machine: its clock and its memory."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from datetime import UTC, datetime, timedelta

import psutil

# glibc's mallopt(3): without these, its thresholds grow with the largest prompt and freed memory stays here.
MALLOC_SETTINGS = {-1: 128 * 1024, -3: 128 * 1024, -8: 2}  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD (bytes), M_ARENA_MAX


def give_memory_back() -> None:
    """Have freed memory go back to the system soon; does nothing where the C library is not glibc."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    for parameter, value in MALLOC_SETTINGS.items():
        if mallopt is not None:
            mallopt(parameter, value)


def memory_in_use() -> int:
    """Give the bytes of memory this process holds."""
    return int(psutil.Process().memory_info().rss)


class SystemClock:
    """Implements `bot.ports.Clock`."""

    def now(self) -> datetime:
        """Give the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(duration.total_seconds())
