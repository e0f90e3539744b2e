"""Time from starting the process to standing on Discord, on a data folder that was used before."""

from __future__ import annotations

import asyncio
import re
import sys
import time

from bench.report import Row, Spread
from bench.stage import ROOT, Stage, open_stage
from bench.talk import Talker

LIMIT_S = 3.0
RUNS, QUICK_RUNS = 5, 3
SHOWN_IMPORTS = 10
IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


async def run(*, is_quick: bool) -> list[Row]:
    """Start once to make the database, then again and again."""
    runs = QUICK_RUNS if is_quick else RUNS
    async with open_stage() as stage:
        cold, _ = await _start(stage, "cold")
        warm = [await _start(stage, f"warm{number}") for number in range(runs)]
    online, answered = Spread.of([one for one, _ in warm]), Spread.of([other for _, other in warm])
    imports = await _imports()
    return [
        Row(
            figure="start to ready, warm",
            target=f"≤ {LIMIT_S:.0f} s",
            measured=f"{online.p50:.2f} s",
            is_met=online.p50 <= LIMIT_S,
            runs=f"{runs} starts",
            how=f"process start → gateway session stands; first answer to a line written then: {answered.p50:.2f} s "
            f"after the start; the first start of all, which makes the database: {cold:.2f} s",
            values={"warm_s": online.p50, "answered_s": answered.p50, "cold_s": cold},
        ),
        Row(
            figure="imports of bot.app",
            measured=f"{imports[0][1]:.0f} ms",
            runs="1 run",
            how="python -X importtime, each with what it imports first: "
            + ", ".join(f"{name} {ms:.0f}" for name, ms in imports[1:]),
            values=dict(imports),
        ),
    ]


async def _start(stage: Stage, name: str) -> tuple[float, float]:
    """Give the seconds from process start to the session, and to the first answer."""
    async with stage.bot() as bot:
        online = time.monotonic() - bot.started
        turn = await Talker(stage, name).exchange()
        return online, turn.first - bot.started


async def _imports() -> list[tuple[str, float]]:
    """Give bot.app and the packages that cost most to import, in milliseconds, each once."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-c", "import bot.app"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, report = await process.communicate()
    costs: dict[str, float] = {}
    for line in report.decode().splitlines():
        found = IMPORT_LINE.match(line)
        if found is not None:
            costs.setdefault(found[4], int(found[2]) / 1000)
    whole = costs.pop("bot.app")
    packages = {name: ms for name, ms in costs.items() if "." not in name or name.startswith("bot.adapters.")}
    ranked = sorted(packages.items(), key=lambda one: -one[1])
    return [("bot.app", whole), *ranked[:SHOWN_IMPORTS]]
