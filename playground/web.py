"""One REST request: who calls, what they send, and how answers and refusals go back.

Routes are plain functions over a `Call`; the `Api` binds them to aiohttp with rate limits and faults.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from aiohttp import BodyPartReader, web

from playground.core import Core
from playground.errors import (
    FILE_TOO_LARGE,
    INVALID_API_VERSION,
    INVALID_JSON,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_FOUND,
    ONLY_BOTS,
    SERVER_ERROR,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    UNKNOWN_USER,
    ApiError,
    Json,
    Refusal,
    form_error,
)
from playground.faults import Fault
from playground.permissions import Permission, channel_permissions, may_see
from playground.ratelimit import refuse
from playground.shapes import MessageShaper
from playground.uploads import FILE_LIMIT_BYTES, Upload, content_type_of, safe_filename
from playground.validation import snowflake
from playground.wire_types import check_types
from playground.world import Channel, Guild, Message, User

log = logging.getLogger(__name__)

BODY_LIMIT = 26 * 1024 * 1024  # bytes; Discord's limit for a request with files
PREFIX = "/api/v10"
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id", "webhook_token")
FILE_FIELD = re.compile(r"files?\[?(\d*)\]?")
# "Via" tells clients that a 429 came from Discord itself and not from a wall in front of it.
ALWAYS = {"Via": "1.1 playground"}


@dataclass(slots=True)
class Call:
    """One request as routes see it."""

    core: Core
    request: web.Request
    user: User | None
    body: Json = field(default_factory=dict)
    json: object = None
    files: list[Upload] = field(default_factory=list)

    @property
    def actor(self) -> User:
        """The user who calls; routes without authorization have none."""
        if self.user is None:
            raise ApiError(UNAUTHORIZED)
        return self.user

    @property
    def is_app(self) -> bool:
        """Whether the application calls."""
        return self.user is self.core.app_user

    def require_app(self) -> None:
        """Refuse people on routes only an application may use."""
        if not self.is_app:
            raise ApiError(ONLY_BOTS)

    def path_id(self, name: str) -> int:
        """Return an id from the path."""
        return snowflake(self.request.match_info[name], name)

    def path_user(self) -> User:
        """Return the user the path names; `@me` is the caller."""
        if self.request.match_info["user_id"] == "@me":
            return self.actor
        user = self.core.world.users.get(self.path_id("user_id"))
        if user is None:
            raise ApiError(UNKNOWN_USER)
        return user

    def channel(self, *needed: Permission) -> Channel:
        """Return the channel the path names, if the caller sees it and holds what is *needed*."""
        channel = self.core.world.channels.get(self.path_id("channel_id"))
        if channel is None:
            raise ApiError(UNKNOWN_CHANNEL)
        if not may_see(channel, self.actor):
            raise ApiError(MISSING_ACCESS)
        self.require(channel, *needed)
        return channel

    def require(self, channel: Channel, *needed: Permission) -> None:
        """Refuse unless the caller holds every permission *needed* in *channel*."""
        held = channel_permissions(channel, self.actor)
        if any(not held & permission for permission in needed):
            raise ApiError(MISSING_PERMISSIONS)

    def holds(self, channel: Channel, permission: Permission) -> bool:
        """Whether the caller holds *permission* in *channel*."""
        return bool(channel_permissions(channel, self.actor) & permission)

    def message_in(self, channel: Channel) -> Message:
        """Return the message the path names; ephemeral ones are not to be had this way."""
        message = channel.messages.get(self.path_id("message_id"))
        if message is None:
            raise ApiError(UNKNOWN_MESSAGE)
        return message

    def guild(self) -> Guild:
        """Return the guild the path names, if the caller is in it."""
        guild = self.core.world.guilds.get(self.path_id("guild_id"))
        if guild is None:
            raise ApiError(UNKNOWN_GUILD)
        if self.actor.user_id not in guild.members:
            raise ApiError(MISSING_ACCESS)
        return guild

    def shape(self, message: Message) -> Json:
        """Return *message* in the form the caller may see over REST."""
        if self.is_app or self.user is None:
            core = self.core
            return MessageShaper(core.world, core.app_user, core.approved_intents, core.app_user).shape(message)
        return MessageShaper(self.core.world, self.user).shape(message)

    def query_int(self, name: str, default: int, least: int, most: int) -> int:
        """Return a number of the query within its bounds; refuses others (50035)."""
        raw = self.request.query.get(name)
        if raw is None:
            return default
        if not raw.isdigit():
            raise bad_query(name, f'Value "{raw}" is not int.', "NUMBER_TYPE_COERCE")
        if not least <= int(raw) <= most:
            code, side, bound = ("MAX", "less", most) if int(raw) > most else ("MIN", "greater", least)
            told = f"int value should be {side} than or equal to {bound}."
            raise bad_query(name, told, f"NUMBER_TYPE_{code}")
        return int(raw)


def bad_query(name: str, message: str, code: str) -> ApiError:
    """Build the refusal of one query value."""
    return form_error((name,), code, message)


Handler = Callable[[Call], Awaitable[object]]


class Route(NamedTuple):
    """One REST route: method, path below the prefix, and what serves it."""

    method: str
    path: str
    handler: Handler
    needs_authorization: bool = True


class Reply(NamedTuple):
    """An answer with a status of its own."""

    status: int
    data: object


def json_response(data: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer in JSON; the content type bears no charset, which clients compare literally."""
    if data is None:
        return web.Response(status=204, headers=ALWAYS | (headers or {}))
    typed = {"Content-Type": "application/json"} | ALWAYS | (headers or {})
    return web.Response(status=status, body=orjson.dumps(data), headers=typed)


def error_response(refusal: Refusal) -> web.Response:
    """Answer with one of Discord's refusals."""
    return json_response(ApiError(refusal).body(), refusal.status)


class Api:
    """Binds routes to an aiohttp application."""

    def __init__(self, core: Core, others: Sequence[Core] = ()) -> None:
        self._cores = (core, *others)

    def bind(self, app: web.Application, routes: list[Route]) -> None:
        """Serve *routes*, and Discord's 404 for everything else below `/api`."""
        for route in routes:
            app.router.add_route(route.method, PREFIX + route.path, self._bound(route))
        app.router.add_route("*", "/api/{rest:.*}", self._unknown)

    async def _unknown(self, request: web.Request) -> web.Response:
        if not request.path.startswith(f"{PREFIX}/"):
            return error_response(INVALID_API_VERSION)
        if request.headers.get("Authorization") and self._caller(request)[1] is None:
            return error_response(UNAUTHORIZED)
        return error_response(NOT_FOUND)

    def _bound(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        name = f"{route.method} {route.path}"

        async def serve(request: web.Request) -> web.StreamResponse:
            core, user = self._caller(request)
            if user is None and route.needs_authorization:
                return error_response(UNAUTHORIZED)
            is_app = user is core.app_user or user is None  # only the routes of answers have no caller
            if not is_app:
                return await self._serve(core, route, request, user, {})
            return await self._serve_app(core, route, name, request, user)

        return serve

    def _caller(self, request: web.Request) -> tuple[Core, User | None]:
        """Return whom the Authorization header names, and the application that the request is one of or about."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        for core in self._cores:
            if scheme == "Bot" and value == core.token:
                return core, core.app_user
        core = next((core for core in self._cores if _is_about(core, request)), self._cores[0])
        if scheme == "Person" and value.isdigit():
            user = core.world.users.get(int(value))
            return core, user if user not in core.world.app_users else None
        return core, None

    async def _serve_app(
        self, core: Core, route: Route, name: str, request: web.Request, user: User | None
    ) -> web.StreamResponse:
        """Serve an application, under rate limits and faults."""
        faults = core.faults
        path = f"{route.method} {request.path.removeprefix(PREFIX)}"
        slow = faults.for_route("slow", path)
        if slow is not None:
            await asyncio.sleep(float(slow.details.get("delay_s", 1.0)))
        if faults.for_route("cut_before_request", path) is not None and request.transport is not None:
            request.transport.abort()
            raise asyncio.CancelledError
        struck = faults.for_route("rest_status", path)
        if struck is not None:
            return _fault_response(struck)
        major = "/".join(request.match_info.get(part, "") for part in MAJOR_PARAMETERS)
        verdict = core.limits.check(name, major)
        if verdict.refusal is not None:
            return json_response(verdict.refusal, 429, verdict.headers)
        response = await self._serve(core, route, request, user, verdict.headers)
        if faults.for_route("cut_after_request", path) is not None and request.transport is not None:
            request.transport.abort()
        return response

    async def _serve(
        self, core: Core, route: Route, request: web.Request, user: User | None, headers: dict[str, str]
    ) -> web.Response:
        """Read the body, call the route, answer."""
        call = Call(core, request, user)
        try:
            await _read_body(call)
            result = await route.handler(call)
        except ApiError as error:
            return json_response(error.body(), error.status, headers)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # A body of a shape no check foresaw. The error's own text may quote the body, so it is left out.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s %s failed: %s\n%s", route.method, route.path, type(error).__name__, frames)
            return json_response(ApiError(SERVER_ERROR).body(), SERVER_ERROR.status, headers)
        if isinstance(result, Reply):
            return json_response(result.data, result.status, headers)
        return json_response(result, 200, headers)


def _is_about(core: Core, request: web.Request) -> bool:
    """Whether a path whose token is all the authorization belongs to this application's interactions."""
    named = request.match_info.get("interaction_id", "")
    if named.isdigit():
        return core.interactions.knows(int(named))
    return request.match_info.get("webhook_id") == str(core.app_user.user_id)


def _fault_response(fault: Fault) -> web.Response:
    """Answer as a `rest_status` fault asks."""
    status = fault.details.get("status", 500)
    if status == 429:
        scope = "global" if fault.details.get("global") else "shared"
        verdict = refuse(float(fault.details.get("retry_after", 0.1)), scope=scope)
        return json_response(verdict.refusal, 429, verdict.headers)
    body = fault.details.get("body") or {"message": f"{status}: injected fault", "code": 0}
    return json_response(body, status)


async def _read_body(call: Call) -> None:
    """Read a JSON or multipart body into the call."""
    request = call.request
    if not request.can_read_body:
        return
    if request.content_type.startswith("multipart/"):
        call.json = await _read_multipart(call)
    else:
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(FILE_TOO_LARGE) from None
        call.json = _decode(raw) if raw else None
    check_types(call.json)
    if isinstance(call.json, dict):
        call.body = call.json


def _decode(raw: bytes | bytearray) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ApiError(INVALID_JSON) from None


async def _read_multipart(call: Call) -> object:
    """Read `payload_json` and the files beside it."""
    payload: object = None
    loose: Json = {}
    async for part in await call.request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.filename is not None:
            call.files.append(await _read_file(part, len(call.files)))
            if sum(len(upload.content) for upload in call.files) > BODY_LIMIT:
                raise ApiError(FILE_TOO_LARGE)
        elif part.name == "payload_json":
            payload = _decode(await part.read(decode=True))
        elif part.name:
            loose[part.name] = (await part.read(decode=True)).decode("utf-8", "replace")
    return payload if payload is not None else loose


async def _read_file(part: BodyPartReader, order: int) -> Upload:
    matched = FILE_FIELD.fullmatch(part.name or "")
    position = int(matched[1]) if matched and matched[1] else order
    content = bytes(await part.read(decode=True))
    if len(content) > FILE_LIMIT_BYTES:
        raise ApiError(FILE_TOO_LARGE)
    filename = safe_filename(part.filename or "file")
    return Upload(position, filename, content_type_of(filename, part.headers.get("Content-Type")), content)
