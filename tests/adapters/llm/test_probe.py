"""What a probe finds and advises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.probe import ProbeState, find_ollama, probe_endpoint


@asynccontextmanager
async def models_server(body: object, status: int = 200) -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/v1/models", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


def listing(*names: str) -> dict[str, object]:
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


@pytest.mark.parametrize(
    ("body", "status", "state", "told"),
    [
        (listing("llama3.1:8b"), 200, ProbeState.READY, "knows 'llama3.1:8b'"),
        (listing("qwen3:4b"), 200, ProbeState.NO_MODEL, "ollama pull llama3.1:8b"),
        ({"object": "list", "data": None}, 200, ProbeState.UNLISTED, "lists no models"),
        ({"error": {"message": "no such route"}}, 404, ProbeState.UNLISTED, "could not be checked"),
        ({"error": {"message": "bad key"}}, 401, ProbeState.REFUSED_KEY, "OPENAI_API_KEY"),
        ("<html>router login</html>", 200, ProbeState.STRANGE, "/v1"),
        ("<html>not found</html>", 404, ProbeState.STRANGE, "/v1"),
        ({"error": "starting"}, 503, ProbeState.UNREACHABLE, "ollama serve"),
    ],
)
async def test_probe_says_what_to_do(body, status, state, told):
    async with models_server(body, status) as base_url:
        probe = await probe_endpoint(Endpoint(kind="ollama", base_url=base_url, model="llama3.1:8b"))
    assert probe.state is state and told in probe.advice
    assert probe.is_ok == (state in (ProbeState.READY, ProbeState.UNLISTED))


async def test_other_servers_list_what_they_have():
    async with models_server(listing(*"abcdefg")) as base_url:
        probe = await probe_endpoint(Endpoint(kind="compatible", base_url=base_url, model="x"))
    assert "(a, b, c, d, e, …)" in probe.advice and probe.models == tuple("abcdefg")


async def test_model_without_a_tag_is_the_latest():
    async with models_server(listing("mistral:latest")) as base_url:
        assert (await probe_endpoint(Endpoint(kind="ollama", base_url=base_url, model="mistral"))).is_ok


@pytest.mark.parametrize(
    ("kind", "told"), [("ollama", "ollama serve"), ("lmstudio", "LM Studio"), ("compatible", "port")]
)
async def test_closed_port_is_told_apart(kind, told):
    probe = await probe_endpoint(Endpoint(kind=kind, base_url="http://127.0.0.1:9/v1", model="x"))
    assert probe.state is ProbeState.UNREACHABLE and told in probe.advice


async def test_ollama_is_found_with_its_models_or_not_at_all():
    async with models_server(listing("qwen3:4b")) as base_url:
        assert await find_ollama(base_url) == ("qwen3:4b",)
    async with models_server({"object": "list", "data": None}) as base_url:
        assert await find_ollama(base_url) == ()
    assert await find_ollama("http://127.0.0.1:9/v1") is None
