"""Turns a second of two workers behind a gateway, with a model that answers at once, and what sets the limit."""

from __future__ import annotations

import asyncio
import time

from bench.cpu import listed
from bench.crew import Crew, open_crew, spent_since
from bench.report import Row, Spread
from bench.stage import open_stage
from bench.talk import Talker, Turn, people

PEOPLE = 100
PAUSE_S = 0.1  # between her words and the next line; one that comes at once meets the other worker's bookkeeping
MODEL_CALLS = "256"  # as for a hosted model; a server on this machine would be given a few at once
TARGET = 120.0  # turns a second
WINDOW_S, QUICK_WINDOW_S = 30.0, 8.0
WARM_UP_S = 5.0
PARTS = 3
ROLES = (("gateway", "gateway"), ("worker a", "worker"), ("worker b", "worker"))


async def run(*, is_quick: bool) -> list[Row]:
    """Let everybody talk, and count."""
    window_s = QUICK_WINDOW_S if is_quick else WINDOW_S
    async with open_stage() as stage, open_crew(stage, ROLES, MIRA_MODEL_CALLS=MODEL_CALLS) as crew:
        turns: list[Turn] = []
        loops = [asyncio.create_task(_keep_talking(one, turns)) for one in people(stage, PEOPLE)]
        try:
            await _watch(loops, WARM_UP_S)
            turns.clear()
            started, before = time.monotonic(), crew.cpu()
            await _watch(loops, window_s)
            lasted = time.monotonic() - started
            spent = spent_since(crew.cpu(), before)
            rows = [_row([turn for turn in turns if turn.complete >= started], started, lasted, spent)]
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        await _let_end(crew)
    return rows


async def _let_end(crew: Crew) -> None:
    """Let the last turns end before processes do, so that none of them is an error in a log."""
    before = crew.cpu()
    while True:
        await asyncio.sleep(1.0)
        now = crew.cpu()
        if sum(spent_since(now, before).values()) < 0.2:
            return
        before = now


async def _keep_talking(talker: Talker, turns: list[Turn]) -> None:
    while True:
        turns.append(await talker.exchange())
        await asyncio.sleep(PAUSE_S)


async def _watch(loops: list[asyncio.Task[None]], seconds: float) -> None:
    done, _ = await asyncio.wait(loops, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for loop in done:
        loop.result()


def _row(turns: list[Turn], started: float, lasted: float, spent: dict[str, float]) -> Row:
    part_s = lasted / PARTS
    counts = [0] * PARTS
    for turn in turns:
        counts[min(PARTS - 1, int((turn.complete - started) / part_s))] += 1
    rate = sorted(count / part_s for count in counts)[PARTS // 2]
    waits = Spread.of([turn.complete - turn.written for turn in turns])
    cores = {name: round(seconds / lasted, 2) for name, seconds in spent.items()}
    ms = {name: round(1000 * seconds / len(turns), 2) for name, seconds in spent.items()}
    return Row(
        figure="two workers, turns a second",
        target=f"≥ {TARGET:.0f}, or what sets the limit",
        measured=f"{rate:.0f} turns/s",
        is_met=rate >= TARGET,
        runs=f"{PARTS} × {part_s:.0f} s, {len(turns)} turns",
        how=f"{PEOPLE} people, next line {PAUSE_S} s after each answer, model at once; "
        f"answer after p50 {1000 * waits.p50:.0f}, p95 {1000 * waits.p95:.0f} ms; "
        f"cores busy {sum(cores.values()):.2f}: {listed(cores)}; CPU ms a turn {sum(ms.values()):.1f}: {listed(ms)}",
        values={"turns_per_s": rate, "wait_p50_s": waits.p50, "wait_p95_s": waits.p95}
        | {f"cores {name}": busy for name, busy in cores.items()}
        | {f"ms {name}": one for name, one in ms.items()},
    )
