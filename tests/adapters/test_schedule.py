"""Scheduled jobs: at intervals, one at a time, and no failure ends them."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.adapters.schedule import Schedule
from bot.errors import StoreError

OFTEN = timedelta(milliseconds=20)


async def rings(count: int, schedule: Schedule, failures: list[BaseException]) -> int:
    """Let a job run *count* times, failing as told."""
    done = asyncio.Event()
    rung = 0

    async def job() -> None:
        nonlocal rung
        rung += 1
        if rung >= count:
            done.set()
        if failures:
            raise failures.pop(0)

    schedule.every(OFTEN, job, name="bell")
    schedule.start()
    async with asyncio.timeout(10):
        await done.wait()
    return rung


async def test_a_job_runs_again_after_any_failure(caplog):
    schedule = Schedule()
    with caplog.at_level(logging.ERROR):
        assert await rings(4, schedule, [StoreError("away"), ValueError("ours")]) >= 4
    schedule.close()
    assert [record.message for record in caplog.records][:2] == ["scheduled work failed", "scheduled work broke"]


async def test_single_runs_are_not_logged(caplog):
    schedule = Schedule()
    with caplog.at_level(logging.INFO):
        await rings(3, schedule, [])
    schedule.close()
    assert caplog.records == []


async def test_a_slow_job_is_never_run_beside_itself():
    schedule = Schedule()
    at_once, most = 0, 0

    async def slow() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.1)
        at_once -= 1

    schedule.every(OFTEN, slow, name="slow")
    schedule.start()
    await asyncio.sleep(0.5)
    schedule.close()
    assert most == 1


async def test_a_closed_schedule_is_quiet_and_may_be_closed_again():
    schedule = Schedule()
    await rings(1, schedule, [])
    schedule.close()
    schedule.close()
    heard: list[int] = []

    async def job() -> None:
        heard.append(1)

    schedule.every(OFTEN, job, name="late")
    await asyncio.sleep(0.1)
    assert heard == []


async def test_work_that_is_cut_short_by_the_end_is_no_failure(caplog):
    begun = asyncio.Event()

    async def job():
        begun.set()
        await asyncio.Event().wait()

    schedule = Schedule()
    schedule.every(timedelta(hours=1), job, name="long", starts_now=True)
    schedule.start()
    await asyncio.wait_for(begun.wait(), 5)
    schedule.close()
    await asyncio.sleep(0.05)
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
