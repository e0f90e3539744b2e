"""Ten thousand waiting messages, worked off by one worker: how fast, and what that does to its memory."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import asyncpg

from bench.cpu import find_postmaster, rss_mb
from bench.crew import open_crew
from bench.report import Row
from bench.stage import BenchFailed, Stage, open_stage
from bench.talk import Talker, people
from tests.chaos.fleet import Slot

MESSAGES, PEOPLE = 10_000, 500
QUICK_MESSAGES, QUICK_PEOPLE = 2_000, 100
AT_ONCE = 200  # messages said before the gateway is let catch its breath
HEARD_WITHIN_S, WORKED_OFF_WITHIN_S = 240.0, 600.0
LOOK_S = 0.25
GATEWAY = (("gateway", "gateway"),)
GROWTH_MB = 5.0  # from the end of the first backlog to the end of the second, that still counts as none
WAITING = "SELECT count(*) FROM messages WHERE state IN ('pending', 'claimed')"
TURNS = "SELECT count(*) FROM turns WHERE state = 'done'"


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """One backlog: seconds and turns it took, and the worker's resident memory in MB."""

    seconds: float
    turns: int
    before_mb: float
    peak_mb: float
    after_mb: float


async def run(*, is_quick: bool) -> list[Row]:
    """Let two backlogs pile up while no worker runs at all, or none that is awake, and work each off."""
    messages, number = (QUICK_MESSAGES, QUICK_PEOPLE) if is_quick else (MESSAGES, PEOPLE)
    async with open_stage() as stage, open_crew(stage, GATEWAY, MIRA_MODEL_CALLS="256") as crew:
        await _pile_up(stage, people(stage, number, name="early"), messages)
        worker = await crew.join("worker", "worker")
        first = await _work_off(stage, worker)
        worker.pause()
        # other people: a longer history with the same ones would cost memory of its own
        await _pile_up(stage, people(stage, number, name="late"), messages)
        worker.resume()
        second = await _work_off(stage, worker)
        gateway_mb = rss_mb(crew.pid("gateway"))
    return [_row("first", first, messages, None, gateway_mb), _row("second", second, messages, first, gateway_mb)]


async def _pile_up(stage: Stage, crowd: list[Talker], messages: int) -> None:
    """Say everything, and wait until all of it is kept."""
    for number in range(messages):
        crowd[number % len(crowd)].say()
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0.2)
    await _until(stage, WAITING, messages, HEARD_WITHIN_S)


async def _work_off(stage: Stage, worker: Slot) -> WorkedOff:
    pid = worker.pid
    if pid is None:
        raise BenchFailed("the worker ended")
    before_mb, turns_before, began = rss_mb(pid), await _ask(stage, TURNS), time.monotonic()
    readings = [before_mb]
    while await _ask(stage, WAITING):
        readings.append(rss_mb(pid))
        if time.monotonic() - began > WORKED_OFF_WITHIN_S:
            raise BenchFailed(f"{await _ask(stage, WAITING)} messages still wait")
        await asyncio.sleep(LOOK_S)
    seconds = time.monotonic() - began
    await asyncio.sleep(2.0)
    return WorkedOff(seconds, await _ask(stage, TURNS) - turns_before, before_mb, max(readings), rss_mb(pid))


async def _until(stage: Stage, question: str, wanted: int, within_s: float) -> None:
    until = time.monotonic() + within_s
    while (found := await _ask(stage, question)) < wanted:
        if time.monotonic() > until:
            raise BenchFailed(f"{found} of {wanted} messages were kept")
        await asyncio.sleep(LOOK_S)


async def _ask(stage: Stage, question: str) -> int:
    postmaster = find_postmaster(stage.data_dir)
    if postmaster is None:
        raise BenchFailed("there is no database to ask")
    connection = await asyncpg.connect(host=postmaster.socket_dir, user="postgres", database="postgres")
    try:
        return int(await connection.fetchval(question))
    finally:
        await connection.close()


def _row(name: str, one: WorkedOff, messages: int, earlier: WorkedOff | None, gateway_mb: float) -> Row:
    growth = None if earlier is None else one.after_mb - earlier.after_mb
    grown = "" if growth is None else f", {growth:+.1f} MB against the first"
    return Row(
        figure=f"backlog of {messages:,}, {name}",
        target="" if growth is None else f"no growth (≤ {GROWTH_MB:.0f} MB)",
        measured=f"{one.turns / one.seconds:.0f} turns/s; {one.after_mb:.1f} MB after{grown}",
        is_met=None if growth is None else growth <= GROWTH_MB,
        runs=f"{one.turns} turns in {one.seconds:.0f} s",
        how=f"one worker, model at once, {messages / max(1, one.turns):.0f} messages a turn "
        f"({messages / one.seconds:.0f} messages/s); resident memory of the worker: before {one.before_mb:.1f}, "
        f"peak {one.peak_mb:.1f}, after {one.after_mb:.1f} MB; gateway {gateway_mb:.1f} MB",
        values={"turns_per_s": one.turns / one.seconds, "before_mb": one.before_mb, "peak_mb": one.peak_mb}
        | {"after_mb": one.after_mb, "gateway_mb": gateway_mb},
    )
