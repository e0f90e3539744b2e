"""The machine's own clock and dice."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Implements `bot.ports.Clock`."""

    def now(self) -> datetime:
        """Give the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(duration.total_seconds())


class SystemDice:
    """Implements `bot.ports.Dice`."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def random(self) -> float:
        """Give a float in [0, 1)."""
        return self._random.random()
