"""A person's events socket: frames go out in order, and a page that stops reading is let go."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from playground.events import Events
from playground.world import User

BACKLOG_LIMIT = 20_000  # frames; a page that reads this slowly is cut and will reload
PING_EVERY_S = 30.0


class PageSocket:
    """One open page."""

    def __init__(self, events: Events, user: User) -> None:
        self._events = events
        self._user = user
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._ws = web.WebSocketResponse(heartbeat=PING_EVERY_S, compress=False)

    def send(self, frame: bytes) -> None:
        """Queue one frame."""
        if self._frames.qsize() < BACKLOG_LIMIT:
            self._frames.put_nowait(frame)
        else:
            self.close()

    def close(self) -> None:
        """End the socket after the frame that is being sent."""
        self._events.detach(self._user, self)
        self._frames.put_nowait(None)

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve the socket until the page leaves; what a page says is ignored."""
        await self._ws.prepare(request)
        self._events.attach(self._user, self)
        writer = asyncio.create_task(self._write())
        try:
            async for _ in self._ws:
                pass
        finally:
            self._events.detach(self._user, self)
            writer.cancel()
        return self._ws

    async def _write(self) -> None:
        while (frame := await self._frames.get()) is not None:
            try:
                await self._ws.send_frame(frame, WSMsgType.TEXT)
            except (ConnectionError, RuntimeError):
                return
        await self._ws.close()
