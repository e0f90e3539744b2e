"""Time to draw a mood chart, and how long the event loop stands still meanwhile."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

from bench.report import Row, Spread
from bot.adapters.charts import MoodChart
from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span

LIMIT_MS = 150.0
RUNS, QUICK_RUNS = 40, 12
TICK = timedelta(minutes=4)  # the decay job's, which keeps a point each time
BEAT_S = 0.001  # how often the loop is asked whether it still runs
DIP_EVERY_H = 9.0
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


async def run(*, is_quick: bool) -> list[Row]:
    """Draw a day's and a week's chart again and again."""
    runs = QUICK_RUNS if is_quick else RUNS
    return [await _measured(span, runs) for span in Span]


async def _measured(span: Span, runs: int) -> Row:
    history, chart = _history(span), MoodChart()
    await chart.draw(history, span=span)  # the first one loads the font and the mask
    idle_ms = await _longest_stall(asyncio.sleep(0.5))
    took: list[float] = []
    stalls: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        stalls.append(await _longest_stall(chart.draw(history, span=span)))
        took.append((time.perf_counter() - start) * 1000)
    size = len(await chart.draw(history, span=span))
    spread, stall = Spread.of(took), Spread.of(stalls)
    return Row(
        figure=f"mood chart of a {span.value}",
        target=f"≤ {LIMIT_MS:.0f} ms",
        measured=f"median {spread.p50:.0f} ms, p95 {spread.p95:.0f} ms",
        is_met=spread.p50 <= LIMIT_MS,
        runs=f"{runs} charts",
        how=f"{len(history)} points, {size / 1000:.0f} kB PNG, drawn in a thread; longest stall of the loop "
        f"while drawing: median {stall.p50:.1f} ms, worst {max(stalls):.1f} ms (idle {idle_ms:.1f} ms)",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95, "stall_p50_ms": stall.p50, "stall_worst_ms": max(stalls)},
    )


async def _longest_stall(work: Coroutine[object, object, object]) -> float:
    """Do *work* and give the longest time, in milliseconds, by which a beat of the loop came late."""
    done = asyncio.create_task(work)
    worst = 0.0
    while not done.done():
        before = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        worst = max(worst, time.perf_counter() - before - BEAT_S)
    await done
    return worst * 1000


def _history(span: Span) -> list[MoodPoint]:
    """Make a lively history: slow waves, and a dip every nine hours that heals."""
    points = []
    for number in range(span.length // TICK, 0, -1):
        hours = number * (TICK / timedelta(hours=1))
        dip = 0.5 * 0.5 ** ((DIP_EVERY_H - hours % DIP_EVERY_H) / 1.5)
        pleasure = 0.3 - dip + 0.04 * math.sin(hours)
        arousal = -0.1 + 0.6 * dip + 0.05 * math.sin(2.3 * hours)
        points.append(MoodPoint(NOW - TICK * (number - 1), pleasure, arousal, 0.2 - 0.4 * dip))
    return points
