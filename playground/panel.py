"""Fetches the bot's own account of its state for the page's side panel, and tells pages when it changes."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import aiohttp
import orjson

from playground.core import Core

log = logging.getLogger(__name__)

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
ASK_EVERY_S = 1.0
ANSWER_WITHIN_S = 2.0
ANSWER_LIMIT_BYTES = 256 * 1024


def check_panel_url(url: str | None) -> None:
    """Raise ValueError unless *url* is absent or on this machine."""
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError(f"the panel address must be http on this machine, not {url!r}")


class Panel:
    """Watches the bot's panel address while somebody looks."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start watching."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def read(self) -> object:
        """Return what the bot says of itself, or None while it does not answer."""
        url = self._core.options.panel_url
        if url is None or self._session is None:
            return None
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                raw = await response.content.read(ANSWER_LIMIT_BYTES)
                return orjson.loads(raw) if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            return None

    async def _watch(self) -> None:
        last: object = None
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            if self._core.options.panel_url is None or not self._core.events.has_pages:
                continue
            current = await self.read()
            if current != last:
                last = current
                self._core.events.to_people("PLAY_PANEL", current)
