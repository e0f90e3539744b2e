"""What has to go on is begun anew when it breaks, and given up when it only breaks."""

from __future__ import annotations

import asyncio

import pytest

from bot import standing
from bot.errors import CompanionError
from bot.standing import BrokenWork, keep_going, tell_if_broken


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "AGAIN_AFTER_S", (0.0, 0.0))


def never(failure: CompanionError) -> None:
    raise AssertionError(f"given up: {failure}")


@pytest.mark.parametrize("failure", [ValueError("private words"), asyncio.CancelledError(), None])
async def test_work_that_breaks_is_begun_anew_and_the_log_says_so(failure: BaseException | None, caplog):
    begun = 0
    goes_on = asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            if failure is None:
                return
            raise failure
        goes_on.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(keep_going("sweeper", work, give_up=never))
    async with asyncio.timeout(2):
        await goes_on.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.ref
    assert "private words" not in record.getMessage()


async def test_work_that_only_breaks_is_given_up(caplog):
    begun = 0
    given_up: list[CompanionError] = []

    async def work() -> None:
        nonlocal begun
        begun += 1
        raise ValueError

    async with asyncio.timeout(2):
        await keep_going("queue", work, give_up=given_up.append)
    assert begun == 3
    (failure,) = given_up
    assert isinstance(failure, BrokenWork)
    assert caplog.records[-1].ref in str(failure)


async def test_what_breaks_now_and_then_is_never_given_up(monkeypatch):
    monkeypatch.setattr(standing, "GOOD_FROM_S", 0.0)
    begun = asyncio.Semaphore(0)

    async def work() -> None:
        begun.release()
        raise ValueError

    task = asyncio.create_task(keep_going("alarm", work, give_up=never))
    async with asyncio.timeout(2):
        for _ in range(10):
            await begun.acquire()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_failure_of_what_nobody_waits_for_is_told(caplog):
    async def fail() -> None:
        raise ValueError

    async def end() -> None:
        return

    for work in (fail, end):
        task = asyncio.create_task(work(), name=work.__name__)
        task.add_done_callback(tell_if_broken)
        await asyncio.wait((task,))
        await asyncio.sleep(0)
    (record,) = caplog.records
    assert record.work == "fail"
    assert record.ref
