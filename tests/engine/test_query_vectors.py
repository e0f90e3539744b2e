"""The vector of a question: in time or not at all, and never a reason for anything to fail."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.engine.query_vectors import FIRST_REST, KEPT_MOST, LATE_MOST, LONGEST_REST, WITHIN, QueryVectors
from bot.errors import ProviderError
from tests.fakes import FakeClock


class FakeEmbedder:
    """Answers after *delay_s*, or raises *error*."""

    name = "fake:one"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.delay_s = 0.0
        self.error: ProviderError | None = None
        self.answer: object = None

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked += texts
        await asyncio.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        return [[3.0, 4.0] for _ in texts] if self.answer is None else self.answer  # type: ignore[return-value]


class Desk:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.embedder = FakeEmbedder()
        self.vectors = QueryVectors(self.embedder, self.clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_question_gets_a_vector_of_unit_length_with_its_embedder_s_name(desk: Desk):
    vector = await desk.vectors.of("Where does your sister work?")
    assert vector is not None
    assert vector.embedder == "fake:one"
    assert math.hypot(*vector.values) == pytest.approx(1)


async def test_the_same_question_is_asked_once(desk: Desk):
    first = await desk.vectors.of("Where?")
    desk.embedder.error = ProviderError("no", kind="server", retryable=True)
    assert await desk.vectors.of("  Where? ") == first
    assert desk.embedder.asked == ["Where?"]


async def test_only_the_last_questions_are_kept(desk: Desk):
    for place in range(KEPT_MOST + 1):
        await desk.vectors.of(f"Question {place}")
    await desk.vectors.of("Question 1")
    assert len(desk.embedder.asked) == KEPT_MOST + 1
    await desk.vectors.of("Question 0")
    assert len(desk.embedder.asked) == KEPT_MOST + 2


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00"])
async def test_nothing_is_asked_for_nothing(desk: Desk, text: str):
    assert await desk.vectors.of(text) is None
    assert desk.embedder.asked == []


async def test_what_comes_too_late_is_as_if_there_were_no_embedder(desk: Desk):
    desk.embedder.delay_s = 30.0
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await desk.vectors.of("Where?") is None
    assert WITHIN.total_seconds() <= loop.time() - begun < 5


async def test_an_embedder_that_is_late_time_and_again_is_left_alone_for_a_while(desk: Desk):
    desk.embedder.delay_s = 30.0
    for place in range(LATE_MOST + 3):
        assert await desk.vectors.of(f"Question {place}") is None
    assert len(desk.embedder.asked) == LATE_MOST
    desk.embedder.delay_s = 0
    await desk.clock.advance(FIRST_REST)
    assert await desk.vectors.of("And now?") is not None


@pytest.mark.parametrize("kind", ["unreachable", "rate_limit", "auth", "not_found", "broken", "server", "quota"])
async def test_no_failure_is_passed_on_and_it_is_tried_again(desk: Desk, kind: str):
    desk.embedder.error = ProviderError("no", kind=kind, retryable=kind not in ("auth", "not_found"))
    assert await desk.vectors.of("Where?") is None
    assert await desk.vectors.of("When?") is None
    assert desk.embedder.asked == ["Where?"]
    desk.embedder.error = None
    await desk.clock.advance(LONGEST_REST)
    assert await desk.vectors.of("When?") is not None


@pytest.mark.parametrize("answer", [[], [[]], [[0.0, 0.0]], [[math.nan, 1.0]], [[1.0], [1.0]], [["a"]], [None], 7])
async def test_no_answer_breaks_it(desk: Desk, answer: object):
    desk.embedder.answer = answer
    assert await desk.vectors.of("Where?") is None


async def test_a_question_of_any_length_and_any_signs_is_asked(desk: Desk):
    for text in ("x" * 100_000, "\ud800 lone", "🎉" * 50, "的" * 5_000):
        assert await desk.vectors.of(text) is not None
    assert all(len(text) <= 2_000 for text in desk.embedder.asked)


async def test_being_cancelled_is_passed_on(desk: Desk):
    desk.embedder.delay_s = 30.0
    task = asyncio.create_task(desk.vectors.of("Where?"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_each_failure_in_a_row_is_followed_by_a_longer_rest(desk: Desk):
    desk.embedder.error = ProviderError("no", kind="unreachable", retryable=True)
    for place in range(2_000):
        await desk.vectors.of(f"Question {place}")
        desk.clock._now += timedelta(seconds=1)
    assert 5 < len(desk.embedder.asked) < 12
