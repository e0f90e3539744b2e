"""Embeddings over a real socket: what is asked, what comes of it, and the ways in which it fails."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.adapters.llm.embeddings import BATCH_MOST, OpenAIEmbedder
from bot.adapters.llm.presets import Endpoint
from bot.errors import ProviderError

Answer = Callable[[dict[str, Any]], web.Response]


class VectorServer:
    """Answers ``/v1/embeddings`` by *answer* and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Answer = vectors
        self.base_url = ""

    async def embeddings(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        return self.answer(self.asked[-1])


def vectors(asked: dict[str, Any]) -> web.Response:
    """Give each text a direction by its length, in another order than asked, as the index allows."""
    found = [
        {"object": "embedding", "index": place, "embedding": [float(len(text)), 3.0]}
        for place, text in enumerate(asked["input"])
    ]
    return web.json_response({"object": "list", "model": asked["model"], "data": found[::-1]})


@pytest_asyncio.fixture
async def server() -> AsyncIterator[VectorServer]:
    made = VectorServer()
    app = web.Application()
    app.router.add_post("/v1/embeddings", made.embeddings)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield made
    await runner.cleanup()


@pytest_asyncio.fixture
async def embedder(server: VectorServer) -> AsyncIterator[OpenAIEmbedder]:
    made = OpenAIEmbedder(Endpoint("compatible", server.base_url, "talker", "sk-key"), "small-embed")
    yield made
    await made.aclose()


async def test_each_text_gets_its_own_vector_of_unit_length(server, embedder):
    found = await embedder.embed(("abcd", "a"))
    assert found[0] == pytest.approx((0.8, 0.6))
    assert [math.hypot(*one) for one in found] == pytest.approx([1.0, 1.0])
    assert server.asked == [{"input": ["abcd", "a"], "model": "small-embed", "encoding_format": "float"}]
    assert server.keys == ["Bearer sk-key"]


async def test_many_texts_are_asked_in_batches(server, embedder):
    found = await embedder.embed(["x" * count for count in range(1, BATCH_MOST + 3)])
    assert len(found) == BATCH_MOST + 2
    assert [len(one["input"]) for one in server.asked] == [BATCH_MOST, 2]
    assert found[BATCH_MOST][0] > found[0][0]


def answering(body: object, status: int = 200) -> Answer:
    return lambda asked: web.json_response(body, status=status)


@pytest.mark.parametrize(
    ("answer", "kind", "is_passing"),
    [
        (answering({"error": {"message": "Incorrect API key provided"}}, 401), "auth", False),
        (answering({"error": {"message": "model 'small-embed' not found"}}, 404), "not_found", False),
        (answering({"error": {"message": "slow down"}}, 429), "rate_limit", True),
        (answering({"error": {"message": "oops"}}, 500), "server", True),
        (answering({"data": []}), "broken", True),
        (answering({"data": [{"index": 0, "embedding": [0.0, 0.0]}]}), "broken", True),
        (answering({"data": [{"index": 0, "embedding": None}]}), "broken", True),
        (answering({"data": [{"index": 0, "embedding": ["a"]}]}), "broken", True),
        (answering({"data": [{"embedding": "AAAA"}]}), "broken", True),
        (answering({}), "broken", True),
        (answering([1]), "broken", True),
        (lambda asked: web.Response(text="<html>hello</html>", content_type="text/html"), "broken", True),
        (lambda asked: web.Response(text="{", content_type="application/json"), "broken", True),
    ],
)
async def test_every_failure_is_a_provider_error_without_content(server, embedder, answer, kind, is_passing):
    server.answer = answer
    with pytest.raises(ProviderError) as caught:
        await embedder.embed(("a secret",))
    assert (caught.value.kind, caught.value.retryable) == (kind, is_passing)
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_not_there_is_unreachable(server):
    embedder = OpenAIEmbedder(Endpoint("compatible", "http://127.0.0.1:9/v1", "talker"), "small-embed")
    with pytest.raises(ProviderError) as caught:
        await embedder.embed(("hello",))
    assert caught.value.kind == "unreachable"
    await embedder.aclose()


async def test_who_asks_may_set_a_shorter_wait():
    async def dawdle(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/v1/embeddings", dawdle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slow = OpenAIEmbedder(Endpoint("compatible", f"http://127.0.0.1:{runner.addresses[0][1]}/v1", "talker"), "e")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await slow.embed(("hello",))
    await slow.aclose()
    await runner.cleanup()
