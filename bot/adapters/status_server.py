"""A small HTTP server on loopback: health for a container, and her state for the playground's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from bot.errors import ConfigError

LOOPBACK = "127.0.0.1"

Panel = Callable[[], Mapping[str, object]]
IsReady = Callable[[], bool]


class StatusServer:
    """Answers ``/healthz`` (200 ready, 503 not) and ``/panel``."""

    def __init__(self, *, panel: Panel, is_ready: IsReady) -> None:
        self._panel = panel
        self._is_ready = is_ready
        self._runner: web.AppRunner | None = None

    async def open(self, port: int) -> None:
        """Listen on loopback.

        Raises:
            ConfigError: the port is taken.
        """
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/panel", self._show_panel)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, port).start()
        except OSError as exc:
            await self.close()
            raise ConfigError(f"MIRA_STATUS_PORT: port {port} is in use; choose another or unset it") from exc

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        is_ready = self._is_ready()
        return web.json_response({"ready": is_ready}, status=200 if is_ready else 503)

    async def _show_panel(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._panel()))
