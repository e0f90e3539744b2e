"""A bare application: the bot token over REST, and a gateway socket that hears interactions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

Payload = dict[str, Any]
WAIT_TIMEOUT_S = 8.0
GUILDS_MESSAGES_DMS = 1 | 1 << 9 | 1 << 12
EPHEMERAL = 64
COMPONENTS_V2 = 1 << 15


class BareApp:
    """What a bot does, one call at a time, so that a test says when."""

    def __init__(self, session: aiohttp.ClientSession, rest: str, gateway: str, token: str) -> None:
        self._session = session
        self._rest = rest
        self._gateway = gateway
        self._token = token
        self.events: asyncio.Queue[tuple[str, Payload]] = asyncio.Queue()
        self.user: Payload = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make one REST call; a refusal is an error of the test."""
        headers = {"Authorization": f"Bot {self._token}"}
        async with self._session.request(method, f"{self._rest}{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, f"{method} {path}: {answer.status} {await answer.text()}"
            return None if answer.status == 204 else await answer.json(content_type=None)

    async def post(self, channel_id: str, **message: Any) -> Payload:
        """Write a message."""
        posted: Payload = await self.call("POST", f"/channels/{channel_id}/messages", message)
        return posted

    async def dm_with(self, user_id: str) -> str:
        """Open the direct messages with a person and return their id."""
        channel = await self.call("POST", "/users/@me/channels", {"recipient_id": user_id})
        return str(channel["id"])

    async def set_commands(self, *commands: Payload) -> None:
        """Replace all global commands."""
        await self.call("PUT", f"/applications/{self.user['id']}/commands", list(commands))

    async def answer(self, interaction: Payload, kind: int, **data: Any) -> None:
        """Answer an interaction."""
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        await self.call("POST", path, {"type": kind, "data": data} if data else {"type": kind})

    async def follow_up(self, interaction: Payload, **message: Any) -> None:
        """Fill in a deferred answer."""
        path = f"/webhooks/{self.user['id']}/{interaction['token']}/messages/@original"
        await self.call("PATCH", path, message)

    async def heard(self, name: str, fits: Callable[[Payload], bool] = lambda _: True) -> Payload:
        """Wait for an event."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while True:
                got, detail = await self.events.get()
                if got == name and fits(detail):
                    return detail

    async def connect(self) -> None:
        """Open the gateway socket and wait until it is ready."""
        self._socket = await self._session.ws_connect(f"{self._gateway}?v=10&encoding=json")
        hello = await self._socket.receive_json(timeout=WAIT_TIMEOUT_S)
        await self._socket.send_json({"op": 2, "d": self._identity()})
        beats = self._beat(self._socket, hello["d"]["heartbeat_interval"] / 1000)
        self._tasks = [asyncio.create_task(self._read(self._socket)), asyncio.create_task(beats)]
        self.user = (await self.heard("READY"))["user"]

    async def disconnect(self) -> None:
        """Leave the gateway."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[BareApp]:
        """Hold a gateway socket open."""
        await self.connect()
        try:
            yield self
        finally:
            await self.disconnect()

    def _identity(self) -> Payload:
        properties = {"os": "linux", "browser": "bare", "device": "bare"}
        return {"token": self._token, "intents": GUILDS_MESSAGES_DMS, "properties": properties}

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            event = json.loads(frame.data)
            if event["op"] == 0:
                self.events.put_nowait((event["t"], event["d"]))

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await socket.send_json({"op": 1, "d": None})
