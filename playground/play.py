"""The page's own routes under `/play`: who people are, what they see, what they do, faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import orjson
from aiohttp import web

from playground.acting import act, addressed
from playground.core import Core
from playground.errors import (
    INVALID_JSON,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_USER,
    ApiError,
    FormErrors,
    Json,
)
from playground.faults import SOCKET_KINDS, parse_fault
from playground.gateway import Gateway
from playground.intents import KNOWN_INTENTS
from playground.page_socket import PageSocket
from playground.panel import Panel
from playground.permissions import ALL_PERMISSIONS, Overwrite, may_see
from playground.rest_messages import REACTIONS_LIMIT
from playground.shapes import (
    channel_shape_in_state,
    guild_shape,
    member_shape,
    user_shape,
)
from playground.uploads import FILE_LIMIT_BYTES, FILES_LIMIT
from playground.validation import CONTENT_LIMIT, EMBEDS_LIMIT, check_text, snowflake
from playground.web import json_response
from playground.wire_types import check_types
from playground.world import Channel, ChannelType, Guild, User

NAME_LIMIT = 32  # characters of a person's name
GUILD_NAME_LIMIT = 100
LIMITS = {
    "message_length": CONTENT_LIMIT,
    "attachment_bytes": FILE_LIMIT_BYTES,
    "attachments": FILES_LIMIT,
    "embeds": EMBEDS_LIMIT,
    "reactions": REACTIONS_LIMIT,
}

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Play:
    """Serves the page's routes over one playground."""

    def __init__(self, core: Core, gateway: Gateway, panel: Panel, others: Sequence[Core] = ()) -> None:
        self._core = core
        self._cores = (core, *others)
        self._gateway = gateway
        self._panel = panel
        self._pages: set[PageSocket] = set()

    def bind(self, app: web.Application) -> None:
        """Add the routes to *app*."""
        routes: list[tuple[str, str, Callable[[web.Request], Awaitable[object]]]] = [
            ("GET", "/play/state", self.state),
            ("GET", "/play/commands", self.commands),
            ("POST", "/play/interactions", self.interact),
            ("GET", "/play/panel", self.panel),
            ("POST", "/play/people", self.add_person),
            ("PATCH", "/play/people/{user_id}", self.change_person),
            ("POST", "/play/guilds", self.add_guild),
            ("POST", "/play/guilds/{guild_id}/channels", self.add_channel),
            ("PATCH", "/play/app", self.change_app),
            ("POST", "/play/faults", self.add_fault),
            ("DELETE", "/play/faults", self.clear_faults),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, _in_json(handler))
        app.router.add_get("/play/events", self.events)

    def stop(self) -> None:
        """Close every page."""
        for page in list(self._pages):
            page.close()

    # what people see

    async def state(self, request: web.Request) -> object:
        """Return all that the person named by `as` sees."""
        world, sessions = self._core.world, self._core.sessions
        me = self._person(request.query.get("as") or str(world.people[0].user_id))
        guilds = [g for g in world.guilds.values() if me.user_id in g.members]
        dms = [dm for dm in world.dms.values() if me in dm.recipients]
        return {
            "people": [user_shape(user) for user in world.people],
            "me": user_shape(me),
            "app": {
                "user": user_shape(world.app_user),
                "online": sessions.is_online,
                "application_id": str(world.app_user.user_id),
                "intents": sessions.intents,
                "approved_intents": self._core.approved_intents,
                "presence": self._core.presence,
            },
            "guilds": [_guild_in_state(guild, me) for guild in guilds],
            "dms": [channel_shape_in_state(dm, me) for dm in dms],
            "model_label": self._core.options.model_label,
            "limits": LIMITS,
        }

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Open the events socket of the person named by `as`."""
        try:
            user = self._person(request.query.get("as"))
        except ApiError as error:
            return json_response(error.body(), error.status)
        page = PageSocket(self._core.events, user)
        self._pages.add(page)
        try:
            return await page.run(request)
        finally:
            self._pages.discard(page)

    async def commands(self, request: web.Request) -> object:
        """List the commands a person may use in a channel."""
        user = self._person(request.query.get("as"))
        channel = self._core.world.channels.get(snowflake(request.query.get("channel_id"), "channel_id"))
        if channel is None or not may_see(channel, user):
            raise ApiError(UNKNOWN_CHANNEL)
        return [command for core in self._cores for command in core.commands.usable(channel, user)]

    async def interact(self, request: web.Request) -> None:
        """Begin an interaction; how it goes is told on the events socket."""
        body = await _body(request)
        user = self._person(body.get("as"))
        act(addressed(self._cores, user, body), user, body)

    async def panel(self, request: web.Request) -> object:
        """Return the bot's own account of its state."""
        return web.Response(body=orjson.dumps(await self._panel.read()), headers={"Content-Type": "application/json"})

    # changing the world

    async def add_person(self, request: web.Request) -> object:
        """Add a person, or another bot, to every guild."""
        body = await _body(request)
        _check_names(body, needed="username")
        world = self._core.world
        user = world.add_user(body["username"], body.get("global_name"), is_bot=bool(body.get("bot")))
        for guild in world.guilds.values():
            member = world.add_member(guild, user)
            data = member_shape(member) | {"guild_id": str(guild.guild_id)}
            self._core.events.in_guild(guild, "GUILD_MEMBER_ADD", data)
        return user_shape(user)

    async def change_person(self, request: web.Request) -> object:
        """Change a person's name, or whether they take direct messages."""
        user, body = self._person(request.match_info["user_id"]), await _body(request)
        _check_names(body)
        user.blocks_dms = bool(body.get("blocks_dms", user.blocks_dms))
        if "global_name" in body:
            user.global_name = body["global_name"] or None
            self._core.events.user_changed(user)
        return user_shape(user)

    async def add_guild(self, request: web.Request) -> object:
        """Make a guild with everybody in it and one channel, which greets people if `system_channel` says so."""
        body = await _body(request)
        errors = FormErrors()
        check_text(errors, ("name",), body.get("name"), GUILD_NAME_LIMIT, required=True)
        errors.raise_if_any()
        world = self._core.world
        guild = world.add_guild(body["name"], world.people[0])
        general = world.add_channel(guild, "general")
        if body.get("system_channel"):
            guild.system_channel_id = general.channel_id
        self._core.events.guild_created(guild)
        return _guild_in_state(guild, world.people[0])

    async def add_channel(self, request: web.Request) -> object:
        """Make a channel, with `deny` permission bits for the application."""
        world, body = self._core.world, await _body(request)
        guild = world.guilds.get(snowflake(request.match_info["guild_id"], "guild_id"))
        if guild is None:
            raise ApiError(UNKNOWN_GUILD)
        errors = FormErrors()
        check_text(errors, ("name",), body.get("name"), GUILD_NAME_LIMIT, required=True)
        if body.get("type", 0) not in (ChannelType.TEXT, ChannelType.VOICE, ChannelType.NEWS):
            errors.add(("type",), "BASE_TYPE_CHOICES", "Value must be one of {0, 2, 5}.")
        errors.raise_if_any()
        denied = snowflake(body.get("deny", 0), "deny") & ALL_PERMISSIONS
        channel = world.add_channel(guild, body["name"], ChannelType(body.get("type", 0)))
        channel.is_nsfw = bool(body.get("nsfw"))
        if denied:
            app_id = world.app_user.user_id
            channel.overwrites[app_id] = Overwrite(app_id, is_member=True, deny=denied)
        shape = channel_shape_in_state(channel, world.people[0])
        self._core.events.in_channel(channel, "CHANNEL_CREATE", shape)
        return shape

    async def change_app(self, request: web.Request) -> object:
        """Approve intents, or reset the token, which ends every session."""
        body, core = await _body(request), self._core
        if "approved_intents" in body:
            core.approved_intents = snowflake(body["approved_intents"], "approved_intents") & KNOWN_INTENTS
        if "token" in body:
            errors = FormErrors()
            check_text(errors, ("token",), body["token"], 200, required=True)
            errors.raise_if_any()
            core.token = str(body["token"])
            self._gateway.reset_token()
        return {"approved_intents": core.approved_intents}

    # faults

    async def add_fault(self, request: web.Request) -> None:
        """Put a fault in force; those of sockets strike at once."""
        fault = parse_fault(await _body(request))
        if fault.kind in SOCKET_KINDS:
            self._gateway.strike(fault)
        else:
            self._core.faults.add(fault)

    async def clear_faults(self, request: web.Request) -> None:
        """Lift every fault."""
        self._core.faults.clear()

    def _person(self, given: object) -> User:
        user = self._core.world.users.get(snowflake(given, "as"))
        if user is None or user in self._core.world.app_users:
            raise ApiError(UNKNOWN_USER)
        return user


def _guild_in_state(guild: Guild, viewer: User) -> Json:
    """Return a guild as the page gets it, threads among the channels."""
    places: list[Channel] = [*guild.channels.values(), *guild.threads.values()]
    return guild_shape(guild) | {
        "channels": [channel_shape_in_state(c, viewer) for c in places if may_see(c, viewer)],
        "members": [member_shape(member) for member in guild.members.values()],
    }


def _check_names(body: Json, *, needed: str | None = None) -> None:
    errors = FormErrors()
    for name in ("username", "global_name"):
        check_text(errors, (name,), body.get(name), NAME_LIMIT, required=name == needed)
    errors.raise_if_any()


async def _body(request: web.Request) -> Json:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise ApiError(INVALID_JSON) from None
    if not isinstance(body, dict):
        raise ApiError(INVALID_JSON)
    check_types(body)
    return body


def _in_json(handler: Callable[[web.Request], Awaitable[object]]) -> Serve:
    """Wrap a handler: its value becomes JSON, its refusal Discord's error body."""

    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            result = await handler(request)
        except ApiError as error:
            return json_response(error.body(), error.status)
        return result if isinstance(result, web.StreamResponse) else json_response(result)

    return serve
