"""Charts as pictures, drawn with Pillow, which is loaded when the first one is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span


class MoodChart:
    """Draws mood charts in a thread, one at a time: each takes some megabytes while it is drawn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def draw(self, history: Sequence[MoodPoint], *, span: Span, now: datetime | None = None) -> bytes:
        """Draw *history* as a PNG; without *now* it ends at its last point. The event loop goes on meanwhile."""
        async with self._turn:
            return await asyncio.to_thread(_drawn, tuple(history), span, now)


def _drawn(history: Sequence[MoodPoint], span: Span, now: datetime | None) -> bytes:
    from bot.adapters.charts.mood import draw_mood

    return draw_mood(history, span=span, now=now)
