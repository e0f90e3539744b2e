"""How many turns a second many people get, as a share of what the model's latency alone would allow."""

from __future__ import annotations

import asyncio
import time

from bench.cpu import CpuUse, listed
from bench.report import Row, Spread
from bench.stage import open_stage
from bench.talk import Talker, Turn, people

MODEL_LATENCY_S = 0.5
TARGETS = {20: 0.95, 100: 0.90}
WINDOW_S, QUICK_WINDOW_S = 30.0, 8.0
WARM_UP_S = 4.0
SPLITS = 3  # the window is cut in three; the median of their rates is the figure


async def run(*, is_quick: bool) -> list[Row]:
    """Measure each number of people on a stage of its own."""
    window_s = QUICK_WINDOW_S if is_quick else WINDOW_S
    return [await _measure(number, window_s) for number in TARGETS]


async def _measure(number: int, window_s: float) -> Row:
    async with open_stage(latency_s=MODEL_LATENCY_S) as stage, stage.bot() as bot:
        turns: list[Turn] = []
        loops = [asyncio.create_task(_keep_talking(one, turns)) for one in people(stage, number)]
        try:
            await _watch(loops, WARM_UP_S)
            turns.clear()
            started, before = time.monotonic(), stage.cpu(bot)
            await _watch(loops, window_s)
            spent = stage.cpu(bot).since(before)
            lasted = time.monotonic() - started
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
    return _row(number, [turn for turn in turns if turn.complete >= started], started, lasted, spent)


async def _keep_talking(talker: Talker, turns: list[Turn]) -> None:
    while True:
        turns.append(await talker.exchange())


async def _watch(loops: list[asyncio.Task[None]], seconds: float) -> None:
    """Let people talk for a while; a loop that fails fails the run."""
    done, _ = await asyncio.wait(loops, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for loop in done:
        loop.result()


def _row(number: int, turns: list[Turn], started: float, lasted: float, spent: CpuUse) -> Row:
    ideal = number / MODEL_LATENCY_S
    part_s = lasted / SPLITS
    counts = [0] * SPLITS
    for turn in turns:
        counts[min(SPLITS - 1, int((turn.complete - started) / part_s))] += 1
    rate = sorted(count / part_s for count in counts)[SPLITS // 2]
    share, cpu, cores = rate / ideal, spent.ms_a_turn(max(1, len(turns))), spent.cores()
    waits = Spread.of([turn.complete - turn.written for turn in turns])
    return Row(
        figure=f"throughput, {number} people",
        target=f"≥ {TARGETS[number]:.0%} of ideal",
        measured=f"{share:.1%} ({rate:.1f} of {ideal:.0f} turns/s)",
        is_met=share >= TARGETS[number],
        runs=f"{SPLITS} × {part_s:.0f} s, {len(turns)} turns",
        how=f"closed loop, model {MODEL_LATENCY_S} s; answer after p50 {waits.p50:.2f}, p95 {waits.p95:.2f} s; "
        f"CPU ms a turn: {listed(cpu)}; cores busy: {listed(cores)}",
        values={"share": share, "turns_per_s": rate, "wait_p50_s": waits.p50, "wait_p95_s": waits.p95, **cpu}
        | {f"cores_{name}": busy for name, busy in cores.items()},
    )
