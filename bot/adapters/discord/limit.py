"""Discord's limit over all requests of a bot: whoever was told of it and gives up leaves the way free afterwards.

The library closes the way for a request that is told to wait, and opens it when that request has waited. One that is
cancelled meanwhile, as typing is when the answer is there, would leave it closed for ever.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
from discord.http import HTTPClient, Route

from bot.adapters.discord.trouble import wait_named

TOO_MANY_REQUESTS = 429
UNNAMED_WAIT_S = 1.0  # where an answer names its wait in its body only

Task = asyncio.Task[Any]


class OpenWay(asyncio.Event):
    """Set while Discord takes requests; knows who closed it."""

    def __init__(self) -> None:
        super().__init__()
        self._closed_by: set[Task | None] = set()
        super().set()

    def clear(self) -> None:
        """Close the way, for the task under way."""
        self._closed_by.add(asyncio.current_task())
        super().clear()

    def set(self) -> None:
        """Open the way: the task under way has waited."""
        self._closed_by.discard(asyncio.current_task())
        super().set()

    def is_closed_by(self, task: Task | None) -> bool:
        """Say whether *task* closed the way and has not opened it."""
        return task in self._closed_by

    def leave(self, task: Task | None, wait_s: float) -> None:
        """Open the way in *wait_s* seconds, in place of *task*, unless others keep it closed then."""
        self._closed_by.discard(task)
        asyncio.get_running_loop().call_later(wait_s, self._open_if_left)

    def _open_if_left(self) -> None:
        if not self._closed_by:
            super().set()


class GlobalLimit:
    """Sees to it, in place of an `HTTPClient`, that no request leaves the way closed."""

    def __init__(self, http: HTTPClient) -> None:
        """Stand before the requests of *http*; to be made before it signs in."""
        self._http = http
        self._request = http.request
        self._told: dict[Task | None, float | None] = {}  # by request under way: when the wait it was told of is over
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._note_wait)
        http.http_trace = trace
        http.request = self.request  # type: ignore[method-assign]

    async def request(self, route: Route, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        """See `discord.http.HTTPClient.request`."""
        way = self._way()
        task = asyncio.current_task()
        self._told[task] = None
        try:
            return await self._request(route, **options)
        finally:
            over_at = self._told.pop(task)
            if way.is_closed_by(task):
                now = asyncio.get_running_loop().time()
                way.leave(task, UNNAMED_WAIT_S if over_at is None else max(0.0, over_at - now))

    def _way(self) -> OpenWay:
        way = self._http._global_over
        if not isinstance(way, OpenWay):  # each sign-in brings a new one
            way = self._http._global_over = OpenWay()
        return way

    async def _note_wait(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, answer: aiohttp.TraceRequestEndParams
    ) -> None:
        """Note how long the request under way is to wait; it is told so in the task that asked."""
        task = asyncio.current_task()
        wait_s = wait_named(answer.response.headers)
        if answer.response.status == TOO_MANY_REQUESTS and task in self._told and wait_s is not None:
            self._told[task] = asyncio.get_running_loop().time() + wait_s
