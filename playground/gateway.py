"""The gateway as a whole: its open sockets, how fast clients may identify, and faults that strike sockets."""

from __future__ import annotations

import time
from collections.abc import Sequence

from aiohttp import web

from playground.close_codes import AUTHENTICATION_FAILED
from playground.core import Core
from playground.faults import Fault
from playground.gateway_socket import GatewaySocket


class Gateway:
    """Opens sockets and acts on all of them."""

    def __init__(self, core: Core, others: Sequence[Core] = ()) -> None:
        self.core = core
        self._cores = (core, *others)
        self._sockets: set[GatewaySocket] = set()
        self._identified_at: dict[int, float] = {}
        self._was_online = False

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one client's socket until it ends."""
        socket = GatewaySocket(self, request)
        self._sockets.add(socket)
        try:
            return await socket.run()
        finally:
            self._sockets.discard(socket)

    def core_of(self, token: str) -> Core | None:
        """Return the application that *token* belongs to."""
        return next((core for core in self._cores if core.token == token), None)

    def may_identify(self, shard_id: int) -> bool:
        """Whether this shard's concurrency bucket is free; takes it if so. Only the first application is held up."""
        options = self.core.options
        bucket, now = shard_id % options.max_concurrency, time.monotonic()
        if now - self._identified_at.get(bucket, -1e9) < options.identify_interval_s:
            return False
        self._identified_at[bucket] = now
        return True

    def announce(self) -> None:
        """Tell people when the application came or went."""
        is_online = self.core.sessions.is_online
        if is_online != self._was_online:
            self._was_online = is_online
            self.core.events.to_people("PLAY_APP", {"online": is_online})

    def strike(self, fault: Fault) -> None:
        """Apply a socket fault to every open socket of the first application."""
        resumable = fault.details.get("resumable", fault.kind == "drop_socket")
        for socket in self._own_sockets():
            if fault.kind == "reconnect":
                socket.reconnect()
            elif fault.kind == "invalid_session":
                socket.invalidate(resumable=resumable)
            else:
                self._drop(socket, fault.details.get("code"), resumable=resumable)

    def _drop(self, socket: GatewaySocket, code: int | None, *, resumable: bool) -> None:
        if socket.session is not None and not resumable:
            self.core.sessions.end(socket.session)
        if code is None:
            socket.cut()
        else:
            socket.close(code, "Closed by a fault.")

    def reset_token(self) -> None:
        """End every session, as a token reset does."""
        for session in self.core.sessions:
            self.core.sessions.end(session)
        for socket in self._own_sockets():
            socket.close(AUTHENTICATION_FAILED, "Authentication failed.")

    def _own_sockets(self) -> list[GatewaySocket]:
        return [socket for socket in self._sockets if socket.core is self.core]

    def stop(self) -> None:
        """Cut what is still open."""
        for socket in list(self._sockets):
            socket.cut()
