"""The client on bad days: limits, a peer that does not answer, and connections that break."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.http import Route

from bot.adapters.discord import client as client_module
from bot.adapters.discord.client import CompanionClient, client_for, point_at
from bot.adapters.discord.delivery import DiscordDelivery
from bot.domain.ids import ChannelId, MessageId
from bot.domain.shards import WHOLE, Shards
from bot.errors import ConfigError, DeliveryError

ME = {"id": "900", "username": "mira", "discriminator": "0", "avatar": None, "bot": True}


@pytest.fixture(autouse=True)
def _discord_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)


class Api:
    """A REST API that answers what it is told to, and notes when it was asked what."""

    def __init__(self) -> None:
        self.refusals: dict[str, list[web.Response]] = {}
        self.asked: list[tuple[str, float]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path.rsplit("/", 1)[-1], time.monotonic()))
        refusals = self.refusals.get(self.asked[-1][0])
        return refusals.pop(0) if refusals else said(ME)


def said(body: object, *, status: int = 200, **headers: str) -> web.Response:
    """Say something in JSON, of a type without charset as Discord does."""
    content = json.dumps(body).encode()
    return web.Response(status=status, body=content, headers={"Content-Type": "application/json", **headers})


def limited(wait_s: float, *, named: str | None = None) -> web.Response:
    """Refuse as Discord does while a bot asks too much; *named* is the header, without which only the body says."""
    headers = {"Via": "1.1 google"} | ({} if named is None else {"Retry-After": named})
    refusal = {"global": True, "retry_after": wait_s, "message": "You are being rate limited."}
    return said(refusal, status=429, **headers)


@asynccontextmanager
async def signed_in(api: Api) -> AsyncIterator[CompanionClient]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", api.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    point_at(f"http://127.0.0.1:{runner.addresses[0][1]}", None)
    client = CompanionClient(message_content=False)
    try:
        await client._async_setup_hook()
        await client.http.static_login("token")
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def given_up(client: CompanionClient, path: str, *, after_s: float) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(after_s):
            await client.http.request(Route("GET", path))


@pytest.mark.parametrize(("named", "expected_s"), [("1", 1.0), (None, 1.2)])
async def test_who_gives_up_during_a_global_limit_leaves_the_way_free_when_it_is_over(
    named: str | None, expected_s: float
):
    api = Api()
    api.refusals["slow"] = [limited(1.0, named=named)]
    async with signed_in(api) as client:
        began = time.monotonic()
        await given_up(client, "/slow", after_s=0.2)
        async with asyncio.timeout(3):
            await client.http.request(Route("GET", "/quick"))
        assert api.asked[-1][1] - began == pytest.approx(expected_s, abs=0.15)


async def test_who_gives_up_does_not_open_the_way_while_others_wait():
    api = Api()
    api.refusals["slow"], api.refusals["slower"] = [limited(0.4, named="0.4")], [limited(1.0, named="1")]
    async with signed_in(api) as client:
        began = time.monotonic()
        both = [given_up(client, "/slow", after_s=0.2), client.http.request(Route("GET", "/slower"))]
        tasks = [asyncio.create_task(one) for one in both]
        await asyncio.sleep(0.25)
        async with asyncio.timeout(3):
            await client.http.request(Route("GET", "/quick"))
        assert api.asked[-1][1] - began == pytest.approx(1.0, abs=0.15)
        await asyncio.gather(*tasks)


async def test_the_wait_that_a_refusal_names_is_passed_on():
    api = Api()
    wall = web.Response(status=429, text="error code: 1015", headers={"Retry-After": "37"})
    async with signed_in(api) as client:
        api.refusals["@me"] = [wall]
        with pytest.raises(DeliveryError) as refused:
            await DiscordDelivery(client).react(ChannelId(1), MessageId(2), "x")
    assert refused.value.retry_after_s == 37
    assert refused.value.retryable


class SilentSocket:
    """A gateway socket whose peer never answers a goodbye."""

    open = True

    async def close(self, code: int = 1000) -> None:
        await asyncio.sleep(60)


@pytest.mark.parametrize("shards", [WHOLE, Shards((1,), 2)])
async def test_closing_again_after_a_peer_that_stayed_silent_is_harmless(shards: Shards, monkeypatch):
    monkeypatch.setattr(client_module, "CLOSE_TIMEOUT_S", 0.1)
    client = client_for(shards, message_content=False)
    await client._async_setup_hook()
    client._attach(1, SilentSocket())  # type: ignore[arg-type]
    async with asyncio.timeout(2):
        await asyncio.gather(client.close(), client.close())
        await client.close()
    assert client.is_closed()


async def test_a_sign_in_that_is_cut_off_says_what_to_look_at():
    client = CompanionClient(message_content=False)
    client.login = _raising(aiohttp.ServerDisconnectedError())  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="DISCORD_API_URL"):
        await client.sign_in("token")
    await client.close()


@pytest.mark.parametrize("passing", [aiohttp.ServerDisconnectedError(), TimeoutError(), "http 503"])
async def test_commands_are_published_again_after_passing_trouble(passing: Exception | str, monkeypatch):
    monkeypatch.setattr(client_module, "PUBLISH_AGAIN_S", (0.0,) * 3)
    error = _refusal(503) if isinstance(passing, str) else passing
    client = CompanionClient(message_content=False)
    client.tree.sync = _raising(error, error)  # type: ignore[method-assign]
    await client.publish_commands()
    assert client.tree.sync.count == 3
    await client.close()


async def test_commands_that_are_refused_for_good_are_not_published_again(monkeypatch):
    monkeypatch.setattr(client_module, "PUBLISH_AGAIN_S", (0.0,) * 3)
    client = CompanionClient(message_content=False)
    client.tree.sync = _raising(_refusal(400), _refusal(400))  # type: ignore[method-assign]
    await client.publish_commands()
    assert client.tree.sync.count == 1
    await client.close()


def _refusal(status: int) -> discord.HTTPException:
    return discord.HTTPException(SimpleNamespace(status=status, reason="no", headers={}), "no")  # type: ignore[arg-type]


def _raising(*errors: Exception) -> Callable[..., object]:
    left = list(errors)

    async def act(*_: object) -> None:
        act.count += 1  # type: ignore[attr-defined]
        if left:
            raise left.pop(0)

    act.count = 0  # type: ignore[attr-defined]
    return act


def test_a_server_that_answers_at_once_is_not_taken_for_a_slow_one():
    """The library notes the time of a heartbeat after it was sent, when a near server has answered already."""
    socket = SimpleNamespace(HEARTBEAT=1, sequence=7, thread_id=0, _max_heartbeat_timeout=60.0)
    heartbeat = discord.gateway.KeepAliveHandler(ws=socket, interval=41.25, shard_id=None)
    heartbeat._last_send -= 41.25  # the one before
    assert heartbeat.get_payload() == {"op": 1, "d": 7}
    heartbeat.ack()
    assert heartbeat.latency < 1.0
