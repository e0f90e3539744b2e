"""The machine's own clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Implements `bot.ports.Clock`."""

    def now(self) -> datetime:
        """Give the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(duration.total_seconds())
