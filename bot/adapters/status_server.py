"""A small HTTP server on loopback: health for a container, figures for Prometheus, and her state for the playground."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot.errors import ConfigError

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
WELL, UNWELL = 200, 503

Panel = Callable[[], Mapping[str, object]]
Health = Callable[[], Awaitable[Sequence[str]]]  # reasons why it is not well
Figures = Callable[[], Awaitable[tuple[bytes, str]]]  # the text and its content type


class StatusServer:
    """Answers ``/healthz`` (200 ready, 503 not, with reasons), ``/metrics`` and ``/panel``."""

    def __init__(self, *, panel: Panel, health: Health, figures: Figures) -> None:
        self._panel = panel
        self._health = health
        self._figures = figures
        self._runner: web.AppRunner | None = None

    async def open(self, port: int) -> None:
        """Listen on loopback.

        Raises:
            ConfigError: the port is taken.
        """
        app = web.Application()
        app.router.add_get("/healthz", self._show_health)
        app.router.add_get("/metrics", self._show_figures)
        app.router.add_get("/panel", self._show_panel)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, port).start()
            log.info("status page", extra={"port": self._runner.addresses[0][1]})
        except OSError as exc:
            await self.close()
            raise ConfigError(f"MIRA_STATUS_PORT: port {port} is in use; choose another or unset it") from exc

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _show_health(self, request: web.Request) -> web.Response:
        reasons = await self._health()
        body = {"ready": not reasons, "reasons": list(reasons)}
        return web.json_response(body, status=UNWELL if reasons else WELL, headers={"Cache-Control": "no-store"})

    async def _show_figures(self, request: web.Request) -> web.Response:
        text, content_type = await self._figures()
        return web.Response(body=text, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    async def _show_panel(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._panel()))
