"""CPU of processes that nobody talks to: one that does everything, and a worker behind a gateway."""

from __future__ import annotations

import asyncio
import time

from bench.crew import open_crew, spent_since
from bench.report import Row
from bench.stage import open_stage

WINDOW_S, QUICK_WINDOW_S = 60.0, 20.0
WARM_UP_S = 5.0  # pools shrink, first sweeps run
MOST = 1.0  # percent of one core, for each process of the bot
OF_THE_BOT = ("all", "gateway", "worker")
SETS = ((("all", "all"),), (("gateway", "gateway"), ("worker", "worker")))


async def run(*, is_quick: bool) -> list[Row]:
    """Let each set of processes lie idle for a while."""
    rows = []
    for roles in SETS:
        async with open_stage() as stage, open_crew(stage, roles) as crew:
            await asyncio.sleep(WARM_UP_S)
            started, before = time.monotonic(), crew.cpu()
            await asyncio.sleep(QUICK_WINDOW_S if is_quick else WINDOW_S)
            lasted = time.monotonic() - started
            spent = spent_since(crew.cpu(), before)
            rows.append(_row({name: 100 * seconds / lasted for name, seconds in spent.items()}, lasted))
    return rows


def _row(percent: dict[str, float], lasted: float) -> Row:
    ours = {name: share for name, share in percent.items() if name in OF_THE_BOT}
    return Row(
        figure=f"idle CPU, {' + '.join(ours)}",
        target=f"≤ {MOST:g} % of a core each",
        measured=", ".join(f"{name} {share:.2f} %" for name, share in ours.items()),
        is_met=max(ours.values()) <= MOST,
        runs=f"{lasted:.0f} s",
        how=f"user and system; Postgres beside it {percent['postgres']:.2f} %; log level info",
        values=percent,
    )
