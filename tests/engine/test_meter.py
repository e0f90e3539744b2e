"""What is counted of model calls, however they end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from datetime import timedelta

import pytest

from bot.engine.meter import MeteredModel, NoMeter
from bot.errors import ProviderError
from bot.ports import AnswerRequest, Finished, Partial
from tests.fakes import FakeClock, ScriptedModel, finished


class CallMeter(NoMeter):
    """Remembers model calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, timedelta, Finished | None]] = []

    def model_call(self, outcome: str, duration: timedelta, answer: Finished | None) -> None:
        self.calls.append((outcome, duration, answer))


REQUEST = AnswerRequest("turn", lambda form: (), "answer", {}, timedelta(seconds=1))
REPLY: Mapping[str, object] = {"intent": "reply", "reply": "hi"}


async def ask(model: MeteredModel, *, most: int = 100) -> int:
    count = 0
    async with aclosing(model.answer(REQUEST)) as pieces:
        async for _ in pieces:
            count += 1
            if count == most:
                break
    return count


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (finished(REPLY), "whole"),
        (finished(REPLY, degraded=True), "degraded"),
        (finished(REPLY, whole=False), "broke off"),
    ],
)
async def test_each_end_has_its_name(end: Finished, outcome: str):
    clock, meter, inner = FakeClock(), CallMeter(), ScriptedModel()
    inner.script([Partial(REPLY, None), end])
    assert await ask(MeteredModel(inner, meter, clock)) == 2
    assert meter.calls == [(outcome, timedelta(0), end)]


async def test_a_failure_is_counted_by_its_kind_and_passed_on():
    clock, meter, inner = FakeClock(), CallMeter(), ScriptedModel()
    inner.script([ProviderError("no", kind="rate_limit", retryable=True)])
    with pytest.raises(ProviderError):
        await ask(MeteredModel(inner, meter, clock))
    assert meter.calls == [("rate_limit", timedelta(0), None)]


async def test_a_call_nobody_wanted_to_the_end_is_counted_once():
    clock, meter, inner = FakeClock(), CallMeter(), ScriptedModel()
    inner.script([Partial(REPLY, None), finished(REPLY)])
    await ask(MeteredModel(inner, meter, clock), most=1)
    assert meter.calls == [("given up", timedelta(0), None)]


async def test_a_call_that_is_cancelled_is_closed_and_counted():
    clock, meter, inner = FakeClock(), CallMeter(), ScriptedModel()
    inner.script([asyncio.Event(), finished(REPLY)])
    asking = asyncio.create_task(ask(MeteredModel(inner, meter, clock)))
    await clock.idle()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert [outcome for outcome, _, _ in meter.calls] == ["given up"]


def test_health_is_the_models_own():
    inner = ScriptedModel()
    assert MeteredModel(inner, NoMeter(), FakeClock()).health() == inner.health()
