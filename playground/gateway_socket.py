"""One gateway socket: Discord's v10 protocol from HELLO to close codes, over one session.

`gateway` opens the sockets, `sessions` keeps what outlives them.

Source: Discord reference, "Gateway" and "Opcodes and Status Codes".
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
import zstandard
from aiohttp import WSMsgType, web

from playground.close_codes import (
    ALREADY_AUTHENTICATED,
    AUTHENTICATION_FAILED,
    DECODE_ERROR,
    DISALLOWED_INTENTS,
    INVALID_INTENTS,
    INVALID_SEQUENCE,
    INVALID_SHARD,
    INVALID_VERSION,
    NOT_AUTHENTICATED,
    RATE_LIMITED,
    TIMED_OUT,
    UNKNOWN_ERROR,
    UNKNOWN_OPCODE,
    GatewayClose,
)
from playground.errors import Json
from playground.intents import (
    GUILD_PRESENCES,
    GUILDS,
    KNOWN_INTENTS,
    PRIVILEGED_INTENTS,
    application_flags,
)
from playground.member_chunks import member_chunks
from playground.sessions import Session
from playground.shapes import guild_create_shape, own_user_shape

if TYPE_CHECKING:
    from playground.core import Core
    from playground.gateway import Gateway

PAYLOAD_LIMIT = 4096  # bytes a client may send at once
SENDS_PER_MINUTE = 120  # a client's payloads a minute
BACKLOG_LIMIT = 20_000  # frames; a client that reads this slowly is cut
HEARTBEAT_GRACE = 1.5  # heartbeats may be this many intervals apart
CLOSE_WITHIN_S = 2.0


def make_compressor(compression: str) -> Callable[[bytes], bytes] | None:
    """Return the transport compression of one socket; its state spans all frames."""
    if compression == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda frame: deflate.compress(frame) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compression == "zstd-stream":
        stream = zstandard.ZstdCompressor().compressobj()
        return lambda frame: stream.compress(frame) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None


class GatewaySocket:
    """One open socket: reads opcodes, writes frames in order."""

    def __init__(self, gateway: Gateway, request: web.Request) -> None:
        self._gateway = gateway
        self._core = gateway.core
        self._request = request
        self._ws = web.WebSocketResponse(max_msg_size=1 << 20, compress=False, timeout=CLOSE_WITHIN_S)
        self._compress = make_compressor(request.query.get("compress", ""))
        self._frames: asyncio.Queue[bytes | GatewayClose] = asyncio.Queue()
        self._beat_due = 0.0
        self._received: deque[float] = deque(maxlen=SENDS_PER_MINUTE)
        self._is_closing = False
        self._reader: asyncio.Task[None] | None = None
        self.session: Session | None = None

    # what others call

    @property
    def core(self) -> Core:
        """The application whose socket it is, the first until it says who it is."""
        return self._core

    def send(self, frame: bytes) -> None:
        """Queue one frame; a client too slow to read is cut."""
        if self._frames.qsize() > BACKLOG_LIMIT:
            self.cut()
        else:
            self._frames.put_nowait(frame)

    def close(self, code: int, reason: str) -> None:
        """Close after the frames queued so far."""
        self._is_closing = True
        self._frames.put_nowait(GatewayClose(code, reason))

    def cut(self) -> None:
        """End the connection as a broken cable would, without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def reconnect(self) -> None:
        """Ask the client to reconnect (op 7)."""
        self._send_op(7, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell the client that its session is invalid (op 9)."""
        if self.session is not None and not resumable:
            self._core.sessions.end(self.session)
            self.session.wire, self.session = None, None
        self._send_op(9, resumable)

    # the connection

    async def run(self) -> web.WebSocketResponse:
        """Serve the socket until it ends."""
        await self._ws.prepare(self._request)
        writer = asyncio.create_task(self._write())
        self._reader = asyncio.create_task(self._converse())
        try:
            await asyncio.wait({self._reader})
        finally:
            self._reader.cancel()
            self._detach()
            if self._is_closing:
                # The close frame is still on its way; cancelling the writer would lose its code.
                await asyncio.wait({writer}, timeout=CLOSE_WITHIN_S)
            writer.cancel()
        return self._ws

    async def _converse(self) -> None:
        """Greet the client and read until one side ends the talk."""
        try:
            self._check_query()
            self._beat_due = time.monotonic() + self._core.options.heartbeat_interval_s * HEARTBEAT_GRACE
            self._send_op(10, {"heartbeat_interval": int(self._core.options.heartbeat_interval_s * 1000)})
            await self._read()
        except GatewayClose as close:
            self._end_session_on(close.code)
            self.close(close.code, close.reason)

    def _check_query(self) -> None:
        query = self._request.query
        if query.get("v", "10") not in ("9", "10"):
            raise GatewayClose(INVALID_VERSION, "Invalid API version.")
        if query.get("encoding", "json") != "json":
            raise GatewayClose(DECODE_ERROR, "Only the json encoding is served here.")

    async def _write(self) -> None:
        """Send queued frames in order; compression state forbids any other way."""
        while True:
            frame = await self._frames.get()
            try:
                if isinstance(frame, GatewayClose):
                    await self._say_goodbye(frame)
                    return
                if self._compress is None:
                    await self._ws.send_frame(frame, WSMsgType.TEXT)
                else:
                    await self._ws.send_frame(self._compress(frame), WSMsgType.BINARY)
            except (ConnectionError, RuntimeError):
                return  # the reader notices the same and ends the socket

    async def _say_goodbye(self, close: GatewayClose) -> None:
        """Close in due form; while the reader still waited, the client's own close would go unread."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        await self._ws.close(code=close.code, message=close.reason.encode())

    async def _read(self) -> None:
        """Handle what the client sends until it closes or falls silent."""
        while True:
            try:
                received = await self._ws.receive(timeout=max(0.001, self._beat_due - time.monotonic()))
            except TimeoutError:
                raise GatewayClose(TIMED_OUT, "Session timed out.") from None
            if received.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._handle(received.data)
            else:
                if received.type is WSMsgType.CLOSE and received.data in (1000, 1001):
                    self._end_session_on(received.data)
                return

    def _handle(self, raw: str | bytes) -> None:
        """Decode one payload and act on its opcode."""
        if len(raw) > PAYLOAD_LIMIT:
            raise GatewayClose(DECODE_ERROR, "Error while decoding payload.")
        try:
            payload = orjson.loads(raw)
            opcode, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise GatewayClose(DECODE_ERROR, "Error while decoding payload.") from None
        self._count_received()
        handler = self._OPCODES.get(opcode) if isinstance(opcode, int) else None
        if handler is None:
            raise GatewayClose(UNKNOWN_OPCODE, "Unknown opcode.")
        if self.session is None and opcode not in (1, 2, 6):
            raise GatewayClose(NOT_AUTHENTICATED, "Not authenticated.")
        if not isinstance(data, dict) and opcode not in (1, 4):
            raise GatewayClose(DECODE_ERROR, "Error while decoding payload.")
        try:
            handler(self, data)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise GatewayClose(DECODE_ERROR, "Error while decoding payload.") from None

    def _count_received(self) -> None:
        now = time.monotonic()
        is_full = len(self._received) == SENDS_PER_MINUTE
        if is_full and now - self._received[0] < 60 and self._core.options.rate_limits:
            raise GatewayClose(RATE_LIMITED, "You are being rate limited.")
        self._received.append(now)

    # opcodes

    def _heartbeat(self, data: Json | int | None) -> None:
        self._beat_due = time.monotonic() + self._core.options.heartbeat_interval_s * HEARTBEAT_GRACE
        if not self._core.faults.for_event("mute_heartbeats", "HEARTBEAT"):
            self._send_op(11, None)

    def _identify(self, data: Json) -> None:
        if self.session is not None:
            raise GatewayClose(ALREADY_AUTHENTICATED, "Already authenticated.")
        self._check_token(data)
        intents, shard = self._intents_of(data), _shard_of(data)
        if self._core is self._gateway.core and not self._gateway.may_identify(shard[0]):
            self._send_op(9, False)
            return
        self.session = Session(intents, shard, self._core.faults)
        self._core.sessions.add(self.session)
        self._attach(self.session)
        self._send_ready(self.session)
        if isinstance(data.get("presence"), dict):
            self._presence(data["presence"])

    def _resume(self, data: Json) -> None:
        if self.session is not None:
            raise GatewayClose(ALREADY_AUTHENTICATED, "Already authenticated.")
        self._check_token(data)
        sequence = data.get("seq")
        session = self._core.sessions.resumable(data.get("session_id"))
        if session is not None and isinstance(sequence, int) and sequence > session.sequence:
            self._core.sessions.end(session)
            raise GatewayClose(INVALID_SEQUENCE, "Invalid seq.")
        missed = session.replay_after(sequence) if session and isinstance(sequence, int) else None
        if session is None or missed is None:
            self._send_op(9, False)
            return
        if isinstance(session.wire, GatewaySocket):
            session.wire.close(UNKNOWN_ERROR, "Session resumed elsewhere.")
        self.session = session
        for frame in missed:
            self.send(frame)
        self._attach(session)
        session.dispatch("RESUMED", orjson.dumps({"_trace": []}))

    def _presence(self, data: Json) -> None:
        status = data.get("status") or "online"
        if status not in ("online", "idle", "dnd", "invisible", "offline"):
            raise GatewayClose(DECODE_ERROR, "Error while decoding payload.")
        # IDENTIFY of older clients names one activity "game".
        activities = data.get("activities") or [a for a in [data.get("game")] if a]
        shown = "offline" if status == "invisible" else status
        self._core.presence = {"status": shown, "activities": activities}
        self._core.events.presence(self._core.app_user, self._core.presence)

    def _request_members(self, data: Json) -> None:
        """Answer op 8, if it asks about a guild that exists."""
        assert self.session is not None
        for chunk in member_chunks(self._core.world, data, self.session.intents):
            self.session.dispatch("GUILD_MEMBERS_CHUNK", orjson.dumps(chunk))

    def _ignore(self, data: Json | int | None) -> None:
        """Accept voice state and soundboard requests; there is no voice here."""

    _OPCODES = {  # noqa: RUF012 - a table of methods, never changed
        1: _heartbeat,
        2: _identify,
        3: _presence,
        4: _ignore,
        6: _resume,
        8: _request_members,
        31: _ignore,
    }

    # sessions

    def _check_token(self, data: Json) -> None:
        token = data.get("token")
        core = self._gateway.core_of(token.removeprefix("Bot ")) if isinstance(token, str) else None
        if core is None:
            raise GatewayClose(AUTHENTICATION_FAILED, "Authentication failed.")
        self._core = core

    def _intents_of(self, data: Json) -> int:
        intents = data.get("intents")
        if not isinstance(intents, int) or isinstance(intents, bool) or intents & ~KNOWN_INTENTS or intents < 0:
            raise GatewayClose(INVALID_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED_INTENTS & ~self._core.approved_intents:
            raise GatewayClose(DISALLOWED_INTENTS, "Disallowed intent(s).")
        return intents

    def _send_ready(self, session: Session) -> None:
        """Send READY with unavailable guilds, then each guild."""
        core, app_user = self._core, self._core.app_user
        guilds = [
            g
            for g in core.world.guilds.values()
            if app_user.user_id in g.members and (g.guild_id >> 22) % session.shard[1] == session.shard[0]
        ]
        ready: Json = {
            "v": 10,
            "user": own_user_shape(app_user),
            "guilds": [{"id": str(g.guild_id), "unavailable": True} for g in guilds],
            "session_id": session.session_id,
            "session_type": "normal",
            "resume_gateway_url": core.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(app_user.user_id), "flags": application_flags(core.approved_intents)},
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "guild_join_requests": [],
            "user_settings": {},
            "_trace": [],
        }
        session.dispatch("READY", orjson.dumps(ready))
        if session.intents & GUILDS:
            for guild in guilds:
                # Without the presence intent a guild names only the application among its members.
                sees_all = session.intents & GUILD_PRESENCES
                members = list(guild.members.values()) if sees_all else [guild.members[app_user.user_id]]
                session.dispatch("GUILD_CREATE", orjson.dumps(guild_create_shape(guild, app_user, members, [])))

    def _attach(self, session: Session) -> None:
        session.wire = self
        session.detached_at = None
        self._gateway.announce()

    def _detach(self) -> None:
        session = self.session
        if session is not None and session.wire is self:
            session.wire = None
            session.detached_at = time.monotonic()
        self._gateway.announce()

    def _end_session_on(self, code: int) -> None:
        """Forget the session where the close code ends it for good."""
        if self.session is not None and code not in (
            UNKNOWN_ERROR,
            UNKNOWN_OPCODE,
            DECODE_ERROR,
            RATE_LIMITED,
        ):
            self._core.sessions.end(self.session)

    def _send_op(self, opcode: int, data: Json | bool | None) -> None:
        self.send(orjson.dumps({"t": None, "s": None, "op": opcode, "d": data}))


def _shard_of(data: Json) -> tuple[int, int]:
    """Return the shard a client asks for."""
    shard = data.get("shard", [0, 1])
    is_pair = isinstance(shard, list) and len(shard) == 2 and all(type(part) is int for part in shard)
    if not is_pair or not 0 <= shard[0] < shard[1]:
        raise GatewayClose(INVALID_SHARD, "Invalid shard.")
    return shard[0], shard[1]
