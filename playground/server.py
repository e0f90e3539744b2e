"""Composes one playground out of its parts, guards its door and runs it on a loopback port."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from aiohttp import web

from playground import rest_channels, rest_guilds, rest_interactions, rest_messages, rest_users, rest_webhooks
from playground.client import Person
from playground.core import Core, Options, new_token
from playground.faults import SOCKET_KINDS, parse_fault
from playground.gateway import Gateway
from playground.intents import MESSAGE_CONTENT
from playground.panel import LOOPBACK_HOSTS, Panel, check_panel_url
from playground.play import Play
from playground.web import BODY_LIMIT, Api
from playground.world import Channel, User, World, default_world

ADDRESS = "127.0.0.1"  # nothing outside this machine may reach the playground
FIRST_PORT = 8420
STATIC = Path(__file__).parent / "static"
STOP_WITHIN_S = 1.0
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Playground:
    """A Discord-compatible server on this machine.

    `port` 0 takes any free port; None tries 8420 first; any other port must be free (OSError). *extra_applications*
    are usernames of further applications, each with a token of its own (`application`), in the same rooms.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        options: Options | None = None,
        rate_limits: bool | None = None,
        world: World | None = None,
        token: str | None = None,
        extra_applications: Sequence[str] = (),
    ) -> None:
        self.options = options or Options()
        if rate_limits is not None:
            self.options.rate_limits = rate_limits
        check_panel_url(self.options.panel_url)
        self.world = world or default_world()
        self.core = Core(self.world, self.options, token or new_token(self.world.app_user.user_id))
        others = [self._other(username) for username in extra_applications]
        self._cores = (self.core, *others)
        self.gateway = Gateway(self.core, others)
        self._wanted_port = port
        self._panel = Panel(self.core)
        self._play = Play(self.core, self.gateway, self._panel, others)
        self._runner: web.AppRunner | None = None

    def _other(self, username: str) -> Core:
        user = self.world.add_application(username, username.capitalize())
        return Core(self.world, self.options, new_token(user.user_id), app=user, beside=self.core)

    # what tests and the bot's start read

    @property
    def page_url(self) -> str:
        """Address of the page."""
        return f"{self.core.origin}/"

    @property
    def rest_url(self) -> str:
        """Address of REST, with the version."""
        return self.core.rest_url

    @property
    def gateway_url(self) -> str:
        """Address of the gateway."""
        return self.core.gateway_url

    @property
    def token(self) -> str:
        """The application's token."""
        return self.core.token

    def application(self, username: str) -> Core:
        """Return an application by its bot user's name: its token, user and intents; raises KeyError."""
        for core in self._cores:
            if core.app_user.username == username:
                return core
        raise KeyError(username)

    def approve_message_content(self) -> None:
        """Approve the message-content intent for every application, as Discord's developer portal would."""
        for core in self._cores:
            core.approved_intents |= MESSAGE_CONTENT

    @property
    def app_user(self) -> User:
        """The application's bot user."""
        return self.world.app_user

    @property
    def people(self) -> list[User]:
        """The people, in the order they came."""
        return self.world.people

    def channel(self, name: str) -> Channel:
        """Return the guild channel of that name; raises KeyError if there is none."""
        for channel in self.world.channels.values():
            if channel.name == name and channel.thread is None:
                return channel
        raise KeyError(name)

    def person(self, username: str) -> Person:
        """Return a client that acts as the person of that name; raises KeyError if there is none."""
        for user in self.people:
            if user.username == username:
                return Person(self.core.origin, str(user.user_id))
        raise KeyError(username)

    def set_panel_url(self, url: str | None) -> None:
        """Say where the bot tells its state; raises ValueError for addresses elsewhere."""
        check_panel_url(url)
        self.options.panel_url = url

    def fault(self, kind: str, **details: object) -> None:
        """Put a fault in force; see `playground.faults` for the kinds."""
        fault = parse_fault({"kind": kind, **details})
        if fault.kind in SOCKET_KINDS:
            self.gateway.strike(fault)
        else:
            self.core.faults.add(fault)

    def clear_faults(self) -> None:
        """Lift every fault."""
        self.core.faults.clear()

    # running

    async def __aenter__(self) -> Playground:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; raises OSError if an explicit port is taken."""
        listener = open_listener(self._wanted_port)
        origin = f"http://{ADDRESS}:{listener.getsockname()[1]}"
        for core in self._cores:
            core.origin = origin
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=STOP_WITHIN_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        await self._panel.start()

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        await self._panel.stop()
        self.gateway.stop()
        self._play.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[guard], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(_protect)
        routes = [
            *rest_messages.ROUTES,
            *rest_channels.ROUTES,
            *rest_guilds.ROUTES,
            *rest_users.ROUTES,
            *rest_interactions.ROUTES,
            *rest_webhooks.ROUTES,
        ]
        Api(self.core, self._cores[1:]).bind(app, routes)
        self._play.bind(app)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/attachments/{channel_id}/{attachment_id:\\d+}/{filename}", self._attachment)
        app.router.add_get("/", _index)
        app.router.add_static("/static/", STATIC)
        return app

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        found = self.core.uploads.response(int(request.match_info["attachment_id"]))
        return found or web.Response(status=404)


def open_listener(port: int | None) -> socket.socket:
    """Open a listening socket on the wanted port, on 8420, or on any free one."""
    if port is not None:
        return _listen(port)
    try:
        return _listen(FIRST_PORT)
    except OSError:
        return _listen(0)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that a foreign page could make: wrong Host, or a foreign Origin that writes."""
    host = request.headers.get("Host", "")
    if urlsplit(f"//{host}").hostname not in LOOPBACK_HOSTS:
        return web.Response(status=403, text="This server answers only on this machine.\n")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        if is_socket or request.method not in ("GET", "HEAD"):
            return web.Response(status=403, text="Requests from other pages are refused.\n")
    return await handler(request)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    """Tell browsers to take nothing from outside and to guess no content types."""
    if response.content_type in ("application/json", "application/octet-stream"):
        return
    policy = CONTENT_SECURITY_POLICY.format(host=request.headers.get("Host", ""))
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-cache")


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html")
