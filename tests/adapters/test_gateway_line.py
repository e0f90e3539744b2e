"""The gateway connection, against a server that keeps to the protocol and behaves badly otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import discord
import pytest
from aiohttp import ClientSession, WSMsgType, web

from bot.adapters.discord import gateway
from bot.adapters.discord.client import CompanionClient, client_for, point_at
from bot.adapters.discord.identify import SessionStarts
from bot.domain.shards import WHOLE, Shards
from bot.errors import ConfigError

ME = {"id": "900", "username": "mira", "discriminator": "0", "avatar": None, "bot": True}
Act = Callable[["RudeGateway", web.WebSocketResponse], Awaitable[None]]


class RudeGateway:
    """Greets, takes IDENTIFY and RESUME, and then does what the test tells it, once for each socket."""

    def __init__(self) -> None:
        self.url = ""
        self.acts: list[Act] = []
        self.heard: list[tuple[float, str, dict[str, Any]]] = []  # when, identify or resume, its data
        self.open = 0
        self.is_mute = False  # says nothing when a session is resumed
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        application = web.Application()
        application.router.add_get("/", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def words(self) -> list[str]:
        """List what came, in order."""
        return [word for _, word, _ in self.heard]

    async def until(self, count: int, within: float = 10.0) -> None:
        """Wait until so many sessions were begun or resumed."""
        async with asyncio.timeout(within):
            while len(self.heard) < count:
                await asyncio.sleep(0.02)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        self.open += 1
        try:
            async for frame in socket:
                await self._answer(socket, frame.json() if frame.type is WSMsgType.TEXT else {})
        finally:
            self.open -= 1
        return socket

    async def _answer(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        if said.get("op") == 1:
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif said.get("op") in (2, 6):
            await self._begin(socket, said)

    async def _begin(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        self.heard.append((time.monotonic(), "identify" if said["op"] == 2 else "resume", said["d"]))
        if said["op"] == 2:
            shard = said["d"].get("shard", [0, 1])
            ready = {"v": 10, "user": ME, "guilds": [], "session_id": f"s{len(self.heard)}", "shard": shard}
            ready |= {"resume_gateway_url": self.url, "application": {"id": "900", "flags": 0}}
            await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})
        elif not self.is_mute:
            await socket.send_json({"op": 0, "t": "RESUMED", "s": said["d"]["seq"] + 1, "d": {}})
        if self.acts:
            await self.acts.pop(0)(self, socket)


def closing(code: int) -> Act:
    async def act(_: RudeGateway, socket: web.WebSocketResponse) -> None:
        await socket.close(code=code)

    return act


def sending(text: str) -> Act:
    async def act(_: RudeGateway, socket: web.WebSocketResponse) -> None:
        await socket.send_str(text)

    return act


async def cutting(_: RudeGateway, socket: web.WebSocketResponse) -> None:
    assert socket._req is not None and socket._req.transport is not None
    socket._req.transport.abort()


@pytest.fixture
async def rude(monkeypatch) -> AsyncIterator[RudeGateway]:
    """Serve a rude gateway, with short pauses on our side."""
    monkeypatch.setattr(gateway, "INVALID_PAUSE_S", (0.0, 0.1))
    monkeypatch.setattr(gateway, "FIRST_PAUSE_S", 0.02)
    server = RudeGateway()
    await server.start()
    yield server
    await server.stop()


async def staying(rude: RudeGateway, shards: Shards = WHOLE) -> tuple[CompanionClient, asyncio.Task[None]]:
    """Let a client hold this gateway; there is no REST here, and it must do without."""
    point_at("http://127.0.0.1:1/api/v10", rude.url)
    client = client_for(shards, message_content=False)
    await client._async_setup_hook()
    client._connection.user = discord.ClientUser(state=client._connection, data=ME)  # type: ignore[arg-type]
    client.turns._ask = _nothing
    client.http.token = "token"
    client.http._HTTPClient__session = ClientSession()  # what signing in would open
    return client, asyncio.create_task(client.stay())


async def _nothing() -> None:
    return None


async def ended(client: CompanionClient, task: asyncio.Task[None]) -> None:
    """Close a client; its task must end by itself."""
    await client.close()
    async with asyncio.timeout(5):
        await task


@pytest.mark.parametrize("shards", [WHOLE, Shards((1,), 2)])
@pytest.mark.parametrize("act", [cutting, closing(4000), closing(1000), closing(1001), sending('{"op":7,"d":null}')])
async def test_a_session_is_resumed_after_whatever_ended_its_socket(rude: RudeGateway, shards: Shards, act: Act):
    rude.acts = [act, act]
    client, task = await staying(rude, shards)
    await rude.until(3)
    assert rude.words() == ["identify", "resume", "resume"]
    assert [said["session_id"] for _, _, said in rude.heard[1:]] == ["s1", "s1"]
    assert [said["seq"] for _, _, said in rude.heard[1:]] == [1, 2]
    await ended(client, task)


@pytest.mark.parametrize("shards", [WHOLE, Shards((1,), 2)])
async def test_an_invalid_session_is_begun_anew_and_not_at_once(rude: RudeGateway, shards: Shards, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.4))
    rude.acts = [sending('{"op":9,"d":false}')]
    client, task = await staying(rude, shards)
    await rude.until(2)
    assert rude.words() == ["identify", "identify"]
    assert rude.heard[1][0] - rude.heard[0][0] > 0.35
    await ended(client, task)


@pytest.mark.parametrize(
    "junk", ["{", "[]", '{"op":0,"t":"MESSAGE_CREATE","s":2,"d":{}}', '{"op":0,"t":"READY","s":2,"d":7}']
)
async def test_a_frame_that_cannot_be_used_does_not_end_her(rude: RudeGateway, junk: str):
    rude.acts = [sending(junk)]
    client, task = await staying(rude)
    await rude.until(2)
    assert rude.words() == ["identify", "resume"]
    await ended(client, task)


async def test_a_storm_of_reconnects_is_met_with_growing_patience(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr(gateway, "FIRST_PAUSE_S", 0.2)
    rude.acts = [closing(4000)] * 50
    client, task = await staying(rude)
    await asyncio.sleep(2)
    assert 3 < len(rude.heard) < 14
    await ended(client, task)


async def test_a_gateway_that_was_long_away_is_found_soon(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr(gateway, "LONGEST_PAUSE_S", 0.3)
    client, task = await staying(rude)
    await rude.until(1)
    port = int(rude.url.rsplit(":", 1)[1])
    await rude.stop()
    await asyncio.sleep(2)
    await rude.start(port)
    began = time.monotonic()
    await rude.until(2)
    assert time.monotonic() - began < 1.0
    assert rude.words()[-1] == "resume"
    await ended(client, task)


@pytest.mark.parametrize(
    ("code", "said"), [(4004, "DISCORD_TOKEN"), (4014, "MIRA_MESSAGE_CONTENT"), (4011, "--shards"), (4013, "code 4013")]
)
@pytest.mark.parametrize("shards", [WHOLE, Shards((0, 1), 2)])
async def test_what_cannot_be_mended_is_said(rude: RudeGateway, code: int, said: str, shards: Shards, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.1))
    rude.acts = [closing(code)]
    client, task = await staying(rude, shards)
    with pytest.raises(ConfigError, match=said):
        async with asyncio.timeout(5):
            await task
    await client.close()


async def test_shards_take_their_turns(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.3))
    client, task = await staying(rude, Shards((0, 1, 2), 3))
    await rude.until(3)
    assert [said["shard"] for _, _, said in rude.heard] == [[0, 3], [1, 3], [2, 3]]
    times = [at for at, _, _ in rude.heard]
    assert all(later - earlier > 0.25 for earlier, later in pairwise(times))
    async with asyncio.timeout(10):
        await client.wait_until_ready()
    assert client.latency >= 0
    await ended(client, task)


async def test_a_shard_that_waits_for_its_turn_keeps_no_other_from_resuming(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=30))
    rude.acts = [cutting]
    client, task = await staying(rude, Shards((0, 1), 2))
    await rude.until(2, within=3)
    assert rude.words() == ["identify", "resume"]
    await ended(client, task)


async def test_a_turn_far_off_is_waited_for_without_a_socket(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.HOLD_S", 0.3)
    monkeypatch.setattr(gateway, "EARLY_S", 0.2)
    reserved: list[int] = []

    async def reserve(bucket: int, gap: timedelta) -> timedelta:
        reserved.append(bucket)
        return timedelta(seconds=1)

    client, task = await staying(rude, Shards((1,), 2))
    client.turns.share(reserve)
    began = time.monotonic()
    await asyncio.sleep(0.5)
    assert rude.open == 0
    assert not rude.heard
    await rude.until(1)
    assert time.monotonic() - began == pytest.approx(1.0, abs=0.15)
    assert reserved == [0], "reserved once, and kept"
    await ended(client, task)


@pytest.mark.parametrize("code", [4007, 4009])
async def test_a_session_that_discord_has_lost_is_not_resumed_again(rude: RudeGateway, code: int, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.1))
    rude.acts = [cutting, closing(code)]
    client, task = await staying(rude)
    await rude.until(3)
    assert rude.words() == ["identify", "resume", "identify"]
    await ended(client, task)


async def test_resumes_of_which_nothing_comes_are_not_tried_for_ever(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.1))
    monkeypatch.setattr(gateway, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(rude, "is_mute", True)
    rude.acts = [cutting] * 10
    client, task = await staying(rude)
    await rude.until(8)
    assert rude.words() == ["identify", *["resume"] * gateway.RESUMES_MOST, "identify", "resume"]
    await ended(client, task)


async def test_the_last_session_goes_to_one_shard_only(rude: RudeGateway, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.identify.GAP", timedelta(seconds=0.05))
    client, task = await staying(rude, Shards(tuple(range(8)), 8))
    client.turns._ask = _one_left
    await rude.until(1)
    await asyncio.sleep(1)
    assert rude.words() == ["identify"]
    await ended(client, task)


async def _one_left() -> SessionStarts:
    return SessionStarts(shards=8, remaining=1, reset_after_s=3600, max_concurrency=4)
