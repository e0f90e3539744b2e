"""Seconds from the kill -9 of a worker in the middle of a turn to the turn's progress in another."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bench.crew import Crew, open_crew
from bench.report import Row, Spread
from bench.stage import BenchFailed, open_stage
from bench.talk import Talker
from tests.chaos.fleet import Slot
from tests.chaos.model import ChaosModel, stalls

KILLS, QUICK_KILLS = 12, 4
TARGET_S = 5.0
THINKING_S = 1.5  # the model keeps the first of them waiting
KILLED_AFTER_S = (0.1, 0.4, 0.8, 1.2)  # into the call
WITHIN_S = 30.0
DOUBLE_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Takeover:
    """Seconds from the kill to the next question to the model, and to the answer."""

    progress_s: float
    answer_s: float


async def run(*, is_quick: bool) -> list[Row]:
    """Kill the worker that has the turn, again and again, while another lives."""
    found = []
    async with open_stage() as stage, ChaosModel(seed=0, most_parts=1) as model:
        roles = (("gateway", "gateway"), ("worker 0", "worker"), ("worker 1", "worker"))
        async with open_crew(stage, roles, OPENAI_BASE_URL=model.base_url) as crew:
            talker = Talker(stage, "ana")
            for number in range(QUICK_KILLS if is_quick else KILLS):
                found.append(await _kill_once(crew, model, talker, KILLED_AFTER_S[number % len(KILLED_AFTER_S)]))
                await crew.join(f"worker {number + 2}", "worker")
    return [_row(found)]


async def _kill_once(crew: Crew, model: ChaosModel, talker: Talker, after_s: float) -> Takeover:
    asked_before = len(model.calls)
    model.break_next("slow", 1, stalls(THINKING_S))
    exchange = asyncio.create_task(talker.exchange())
    await _asked(model, asked_before + 1)
    await asyncio.sleep(after_s)
    victim: Slot = crew.asking(model.calls[-1].key)
    killed, killed_mono = time.time(), time.monotonic()
    victim.kill_for_good()
    await _asked(model, asked_before + 2)
    turn = await exchange
    await asyncio.sleep(DOUBLE_WITHIN_S)
    if talker.has_unread:
        raise BenchFailed("the message was answered twice")
    return Takeover(model.calls[asked_before + 1].started - killed, turn.first - killed_mono)


async def _asked(model: ChaosModel, times: int) -> None:
    until = time.monotonic() + WITHIN_S
    while len(model.calls) < times:
        if time.monotonic() > until:
            raise BenchFailed(f"no question to the model within {WITHIN_S:.0f} s")
        await asyncio.sleep(0.005)


def _row(found: list[Takeover]) -> Row:
    progress = [one.progress_s for one in found]
    answers = Spread.of([one.answer_s for one in found])
    return Row(
        figure="takeover after kill -9",
        target=f"≤ {TARGET_S:.0f} s",
        measured=f"p50 {Spread.of(progress).p50:.2f}, max {max(progress):.2f} s",
        is_met=max(progress) <= TARGET_S,
        runs=f"{len(found)} kills",
        how="worker killed while the model thinks → another worker asks the model; "
        f"answer after p50 {answers.p50:.2f}, max {max(one.answer_s for one in found):.2f} s; answered once each time",
        values={"p50_s": Spread.of(progress).p50, "max_s": max(progress), "answer_p50_s": answers.p50},
    )
