"""When a shard may IDENTIFY, whoever else does, and whatever does not answer."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from bot.adapters.discord import identify
from bot.adapters.discord.identify import IdentifyLater, IdentifyTurns, SessionStarts, read_starts
from bot.errors import StoreError

LIMIT = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 16}
PLENTY = SessionStarts(shards=1, remaining=999, reset_after_s=0, max_concurrency=1)


def saying(*answers: SessionStarts | None):
    """Give an `ask` that says these, the last one for ever, and the list of when it was asked."""
    asked: list[float] = []

    async def ask() -> SessionStarts | None:
        asked.append(time.monotonic())
        return answers[min(len(asked), len(answers)) - 1]

    return ask, asked


@pytest.fixture(autouse=True)
def _short_gap(monkeypatch):
    monkeypatch.setattr(identify, "GAP", timedelta(seconds=0.2))


async def seconds_of(turns: IdentifyTurns, shard_id: int = 0) -> float:
    began = time.monotonic()
    await turns.take(shard_id)
    return time.monotonic() - began


def test_what_discord_says_is_read():
    assert read_starts({"url": "wss://x", "shards": 9, "session_start_limit": LIMIT}) == SessionStarts(
        9, 999, 14_400, 16
    )


@pytest.mark.parametrize(
    "answer",
    [None, "", [], {}, {"shards": 1}, {"session_start_limit": None}, {"session_start_limit": {"total": 1}},
     {"session_start_limit": LIMIT | {"remaining": None}}, {"session_start_limit": LIMIT | {"reset_after": "soon"}}],
)  # fmt: skip
def test_what_other_servers_leave_out_is_not_made_up(answer: object):
    assert read_starts(answer) is None


async def test_the_first_does_not_wait_and_the_next_keeps_its_distance():
    turns = IdentifyTurns(saying(PLENTY)[0])
    assert await seconds_of(turns) < 0.05
    assert await seconds_of(turns) == pytest.approx(0.2, abs=0.08)
    await asyncio.sleep(0.25)
    assert await seconds_of(turns) < 0.05, "a new session hours later waits for nothing"


async def test_buckets_do_not_wait_for_each_other():
    turns = IdentifyTurns(saying(SessionStarts(4, 999, 0, max_concurrency=2))[0])
    await turns.until_granted(0)
    assert await seconds_of(turns, 0) < 0.05
    assert await seconds_of(turns, 1) < 0.05
    assert await seconds_of(turns, 2) > 0.1, "shards 0 and 2 share a bucket"
    assert turns.line(1) is turns.line(3) is not turns.line(2)


async def test_other_processes_are_waited_for():
    async def reserve(bucket: int, gap: timedelta) -> timedelta:
        assert (bucket, gap) == (0, identify.GAP)
        return timedelta(seconds=0.15)

    assert await seconds_of(IdentifyTurns(saying(PLENTY)[0], reserve)) == pytest.approx(0.15, abs=0.06)


async def test_a_database_that_is_away_keeps_nobody_out(monkeypatch):
    monkeypatch.setattr(identify, "RESERVE_TIMEOUT_S", 0.05)

    async def refuse(bucket: int, gap: timedelta) -> timedelta:
        raise StoreError("away")

    async def hang(bucket: int, gap: timedelta) -> timedelta:
        await asyncio.sleep(60)
        raise AssertionError

    for reserve in (refuse, hang):
        turns = IdentifyTurns(saying(PLENTY)[0], reserve)
        assert await seconds_of(turns) < 0.15
        assert await seconds_of(turns) > 0.1, "its own distance it keeps all the same"


async def test_a_turn_far_off_is_kept_for_whoever_comes_back(monkeypatch):
    monkeypatch.setattr(identify, "HOLD_S", 0.1)
    waits = [timedelta(seconds=0.3)]

    async def reserve(bucket: int, gap: timedelta) -> timedelta:
        return waits.pop()

    turns = IdentifyTurns(saying(PLENTY)[0], reserve)
    with pytest.raises(IdentifyLater) as later:
        await turns.take(0)
    await asyncio.sleep(later.value.wait_s - 0.05)
    assert await seconds_of(turns) < 0.15
    assert not waits, "reserved once"


async def test_a_cancelled_wait_keeps_its_turn_and_a_missed_one_is_taken_anew():
    waits = [timedelta(seconds=0.01), timedelta(seconds=0.2)]

    async def reserve(bucket: int, gap: timedelta) -> timedelta:
        return waits.pop()

    turns = IdentifyTurns(saying(PLENTY)[0], reserve)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await turns.take(0)
    assert len(waits) == 1
    await asyncio.sleep(0.2 + identify.LATE_S)
    await turns.take(0)
    assert not waits


async def test_no_session_left_is_waited_out_and_said(monkeypatch, caplog):
    monkeypatch.setattr(identify, "SHORTEST_PAUSE_S", 0.05)
    ask, asked = saying(SessionStarts(1, 0, reset_after_s=0.2, max_concurrency=1), PLENTY)
    turns = IdentifyTurns(ask)
    began = time.monotonic()
    with caplog.at_level("WARNING"):
        await turns.until_granted(0)
    assert 0.2 <= time.monotonic() - began < 0.5
    assert len(asked) == 2
    assert [record.message for record in caplog.records] == ["Discord grants no more sessions for now; waiting"]


async def test_sessions_are_counted_between_two_answers():
    ask, asked = saying(SessionStarts(1, 2, reset_after_s=9, max_concurrency=1))
    turns = IdentifyTurns(ask)
    for _ in range(2):
        await turns.until_granted(0)
        await turns.take(0)
    assert len(asked) == 1
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await turns.until_granted(0)


async def test_the_last_session_is_started_once_whichever_bucket_is_first():
    turns = IdentifyTurns(saying(SessionStarts(4, 1, reset_after_s=9, max_concurrency=4))[0])
    for shard_id in range(4):
        await turns.until_granted(shard_id)
    taken = await asyncio.gather(*(turns.take(shard_id) for shard_id in range(4)), return_exceptions=True)
    assert [type(one) for one in taken] == [type(None)] + [IdentifyLater] * 3


async def test_a_question_that_failed_is_asked_anew():
    answers = [ValueError("broken"), PLENTY]

    async def ask() -> SessionStarts | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    turns = IdentifyTurns(ask)
    with pytest.raises(ValueError, match="broken"):
        await turns.until_granted(0)
    async with asyncio.timeout(0.5):
        await turns.until_granted(0)
    await turns.close()


async def test_a_server_that_does_not_say_is_no_hindrance():
    turns = IdentifyTurns(saying(None)[0])
    turns.look_ahead()
    async with asyncio.timeout(0.5):
        await turns.until_granted(0)
        await turns.take(0)
    await turns.close()
