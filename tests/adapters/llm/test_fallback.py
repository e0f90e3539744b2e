"""Two models as one: when the second is asked, what is told when both fail, and how the first comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from bot.adapters.llm.breaker import FAILURES_TO_OPEN
from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.fallback import FallbackChatModel
from bot.adapters.llm.ladder import MemoryRungStore
from bot.adapters.llm.presets import Endpoint, ModelChoice
from bot.errors import ProviderError
from bot.models import open_models
from bot.ports import ChatModel, Finished, Partial
from bot.settings import Settings
from tests.adapters.llm.conftest import ANSWER, ask, finish, request, until
from tests.adapters.llm.test_faults import FAULTS, Clock, free_slots, open_connections
from tests.scripted_model import Behaviour, ScriptedModelServer

SECOND = {**ANSWER, "reply": "The second says so."}


@pytest.fixture
async def second_server() -> AsyncIterator[ScriptedModelServer]:
    async with ScriptedModelServer(default=SECOND) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


PairMaker = Callable[..., FallbackChatModel]


@pytest.fixture
async def make_pair(server, second_server, clock) -> AsyncIterator[PairMaker]:
    made: list[FallbackChatModel] = []

    def make(*, probe_head_start_s: float = 0.3, **options: object) -> FallbackChatModel:
        models = [
            OpenAIChatModel(
                Endpoint("compatible", running.base_url, name), **{"backoff_s": 0.01, "monotonic": clock, **options}
            )
            for running, name in ((server, "first"), (second_server, "second"))
        ]
        made.append(FallbackChatModel(*models, probe_head_start_s=probe_head_start_s))
        return made[-1]

    yield make
    for pair in made:
        await pair.aclose()


@pytest.fixture
def pair(make_pair: PairMaker) -> FallbackChatModel:
    return make_pair()


async def failure_of(model: ChatModel, deadline_s: float = 5.0) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await finish(model, request(deadline_s=deadline_s))
    return caught.value


async def test_second_is_not_asked_while_the_first_answers(pair, second_server):
    pieces = await ask(pair)
    assert isinstance(pieces[-1], Finished) and pieces[-1].model == "first"
    assert second_server.requests == []
    health = pair.health()
    assert (health.model, health.mode, health.fallback.model, health.fallback.mode) == (
        "first",
        "normal",
        "second",
        "normal",
    )


@pytest.mark.parametrize("name", FAULTS)
async def test_whatever_the_first_fails_with_the_second_is_asked(server, pair, name):
    server.default = FAULTS[name][0]
    done = await finish(pair)
    assert (done.model, done.fields, done.whole) == ("second", SECOND, True)
    for model in (pair._primary, pair._second):
        assert open_connections(model) == 0


async def test_first_that_is_down_is_not_asked_again(server, second_server, pair):
    server.default = 503
    for _ in range(FAILURES_TO_OPEN):
        assert (await finish(pair)).model == "second"
    before = len(server.requests)
    for _ in range(5):
        assert (await finish(pair)).model == "second"
    assert (len(server.requests), len(second_server.requests)) == (before, FAILURES_TO_OPEN + 5)
    assert (pair.health().mode, pair.health().is_up, pair.health().fallback.is_up) == ("fall-back", False, True)


async def test_second_is_not_asked_once_something_was_shown(server, second_server, pair):
    server.default = Behaviour(answer=ANSWER, cut_after=4, chunk_delay_s=0.02)
    pieces = await ask(pair)
    assert isinstance(pieces[0], Partial) and not pieces[-1].whole
    assert (pieces[-1].model, second_server.requests) == ("first", [])


async def test_first_comes_back_by_a_probe(server, pair, clock):
    server.default = 503
    for _ in range(FAILURES_TO_OPEN):
        await finish(pair)
    server.default = ANSWER
    assert (await finish(pair)).model == "second"
    clock.time += 2.0
    assert (await finish(pair)).model == "first"
    assert pair.health().mode == "normal"


@pytest.mark.parametrize(
    ("first", "then", "kind", "retry_after_s"),
    [
        (503, 503, "server", None),
        (Behaviour(refusal="No."), 503, "server", None),
        (503, Behaviour(refusal="No."), "server", None),
        (Behaviour(refusal="No."), Behaviour(text=""), "refused", None),
        (Behaviour(status=413), 503, "too_long", None),
        (Behaviour(status=429, headers={"Retry-After": "90"}), Behaviour(status=413), "too_long", None),
        (Behaviour(status=429, headers={"Retry-After": "90"}), 503, "rate_limit", None),
        (
            Behaviour(status=429, headers={"Retry-After": "90"}),
            Behaviour(status=503, headers={"Retry-After": "40"}),
            "rate_limit",
            40.0,
        ),
        (Behaviour(status=429, headers={"Retry-After": "90"}), Behaviour(refusal="No."), "rate_limit", 90.0),
    ],
)
async def test_when_both_fail_the_one_worth_waiting_for_is_told(
    server, second_server, pair, first, then, kind, retry_after_s
):
    server.default, second_server.default = first, then
    failure = await failure_of(pair)
    assert (failure.kind, failure.retry_after_s) == (kind, retry_after_s)
    assert server.requests and second_server.requests
    assert isinstance(failure.__cause__, ProviderError) and failure.__cause__ is not failure


async def test_both_down_is_told_at_once_and_asks_nobody(server, second_server, pair):
    server.default = second_server.default = 503
    for _ in range(FAILURES_TO_OPEN):
        await failure_of(pair)
    server.requests.clear()
    second_server.requests.clear()
    failure = await failure_of(pair)
    assert (failure.kind, failure.retry_after_s) == ("server", 2.0)
    assert (server.requests, second_server.requests) == ([], [])
    assert pair.health().mode == "down"


async def test_a_repair_is_asked_of_the_second(server, second_server, pair):
    assert (await finish(pair, request(purpose="repair"))).model == "second"
    assert server.requests == []
    second_server.default = 503
    assert (await finish(pair, request(purpose="repair"))).model == "first"


async def test_first_that_says_nothing_leaves_the_second_time_to_answer(server, pair):
    server.default = Behaviour(hang=True)
    began = time.monotonic()
    done = await finish(pair, request(deadline_s=2.0))
    assert (done.model, done.whole) == ("second", True)
    assert 1.0 <= time.monotonic() - began < 2.0


async def test_first_that_is_slow_but_begins_keeps_the_whole_deadline(server, pair):
    server.default = Behaviour(answer={"reply": "word\n" * 120}, chunk_delay_s=0.05, chunk_chars=20)
    began = time.monotonic()
    assert (await finish(pair, request(deadline_s=2.0))).model == "first"
    assert time.monotonic() - began > 1.2


async def take_first_down(server: ScriptedModelServer, pair: FallbackChatModel) -> None:
    server.default = 503
    for _ in range(FAILURES_TO_OPEN):
        await finish(pair)


async def test_nobody_waits_for_a_probe_that_hangs(server, make_pair, clock):
    pair = make_pair(probe_head_start_s=0.2)
    await take_first_down(server, pair)
    clock.time += 2.0
    server.default = Behaviour(hang=True)
    began = time.monotonic()
    assert (await finish(pair)).model == "second"
    assert time.monotonic() - began < 2.0
    assert pair.health().mode == "fall-back"
    assert (await finish(pair)).model == "second"
    assert len(server.requests) == 3 * FAILURES_TO_OPEN + 1


async def test_probe_that_is_slow_still_brings_the_first_back(server, make_pair, clock):
    recoveries: list[str] = []
    pair = make_pair(probe_head_start_s=0.1, on_recovery=lambda: recoveries.append("back"))
    await take_first_down(server, pair)
    clock.time += 2.0
    server.default = Behaviour(answer=ANSWER, first_delay_s=0.4)
    assert (await finish(pair)).model == "second"
    await until(lambda: recoveries == ["back"] and not pair._left_alone)
    assert (recoveries, pair.health().mode) == (["back"], "normal")
    assert (open_connections(pair._primary), free_slots(pair._primary)) == (0, 256)
    server.default = ANSWER
    assert (await finish(pair)).model == "first"


async def test_call_cancelled_during_a_probe_leaves_nothing_open(server, make_pair, clock):
    pair = make_pair(probe_head_start_s=5.0)
    await take_first_down(server, pair)
    clock.time += 2.0
    server.default = Behaviour(hang=True)
    task = asyncio.create_task(finish(pair))
    await until(lambda: server.open_calls == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (open_connections(pair._primary), free_slots(pair._primary)) == (0, 256)
    server.default = ANSWER
    assert (await finish(pair)).model == "first"


async def test_second_model_at_home_keeps_its_own_cap():
    home = Endpoint("ollama", "http://127.0.0.1:11434/v1", "small", calls_at_once=2)
    first = Endpoint("openai", "https://api.openai.com/v1", "big", api_key="k")
    models = open_models(
        Settings(MIRA_MODEL_CALLS=64),
        ModelChoice(first, first, home),
        temperature=None,
        rungs=MemoryRungStore(),
        on_recovery=lambda: None,
    )
    pair = models.talk
    assert isinstance(pair, FallbackChatModel)
    assert (free_slots(pair._primary), free_slots(pair._second)) == (64, 2)
    await models.aclose()


@pytest.mark.parametrize("who", ["first", "second"])
async def test_abandoned_answer_lets_go(server, second_server, make_pair, who):
    pair = make_pair(max_calls=1)
    slow = Behaviour(answer=ANSWER, chunk_delay_s=0.02, chunk_chars=10)
    server.default, second_server.default = (slow, SECOND) if who == "first" else (401, slow)
    pieces = pair.answer(request())
    await anext(pieces)
    await pieces.aclose()
    for model in (pair._primary, pair._second):
        assert (open_connections(model), free_slots(model)) == (0, 1)


async def test_closing_ends_a_probe_that_was_left_alone(server, make_pair, clock):
    pair = make_pair(probe_head_start_s=0.1)
    await take_first_down(server, pair)
    clock.time += 2.0
    server.default = Behaviour(hang=True)
    await finish(pair)
    assert server.open_calls == 1
    await pair.aclose()
    await until(lambda: server.open_calls == 0)


@pytest.mark.parametrize("first", [401, Behaviour(hang=True)])
async def test_both_together_keep_to_the_deadline(server, second_server, pair, first):
    server.default, second_server.default = first, Behaviour(hang=True)
    began = time.monotonic()
    assert (await failure_of(pair, deadline_s=1.6)).kind in ("auth", "timeout")
    assert 1.5 < time.monotonic() - began < 2.4


async def test_second_that_is_probed_shows_only_where_the_first_is_down(server, second_server, pair, clock):
    second_server.default = 503
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ProviderError):
            await finish(pair._second)
    clock.time += 2.0
    second_server.default = Behaviour(hang=True)
    probe = asyncio.create_task(finish(pair._second))
    await until(lambda: second_server.open_calls == 1)
    assert (pair.health().mode, pair.health().fallback.mode) == ("normal", "probing")
    server.default = 401
    await failure_of(pair)
    assert pair.health().mode == "probing"
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
