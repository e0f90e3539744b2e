"""One shard's gateway connection, held for as long as the client lives.

The library's own loops are not used: they rest up to a quarter of an hour after a long outage, make shards wait
for each other, and leave sockets open that never came to IDENTIFY.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.adapters.discord.identify import IdentifyLater, IdentifyTurns

log = logging.getLogger(__name__)

HANDSHAKE_S = 45.0  # from the first packet to HELLO, and a RESUME or IDENTIFY sent
CLOSE_S = 1.0
FIRST_PAUSE_S = 0.5  # doubling with each connection in a row that did not hold
LONGEST_PAUSE_S = 20.0
HOLDS_FROM_S = 10.0  # a connection that lived this long was a good one
INVALID_PAUSE_S = (1.0, 5.0)  # before a new session, by chance; Discord reference, "Resuming"
EARLY_S = 2.0  # how long before its moment to IDENTIFY a shard connects
RESUME_ADDRESS_TRIES = 2  # then the usual address is tried with the same session
NORMAL_CLOSE = 1000
# what Discord says of a session that cannot be resumed: a wrong sequence number, or timed out
LOST_SESSION_CODES = frozenset({4007, 4009})
RESUMES_MOST = 5  # in a row that nothing came of; chosen by ear

TROUBLE = (OSError, TimeoutError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound)


class GatewaySocket(DiscordWebSocket):
    """The library's socket; one that does not get to IDENTIFY closes itself."""

    async def identify(self) -> None:
        """Send IDENTIFY, when its turn has come."""
        try:
            await super().identify()
        except BaseException:
            with contextlib.suppress(*TROUBLE):
                async with asyncio.timeout(CLOSE_S):
                    await self.close(NORMAL_CLOSE)
            raise


@dataclass(frozen=True, slots=True)
class Session:
    """What a RESUME needs."""

    session_id: str
    sequence: int | None
    address: yarl.URL | None


class GatewayLine:
    """Holds the connection of one shard: connects, resumes, identifies, and waits in between as is due."""

    def __init__(
        self,
        client: discord.Client,
        shard_id: int | None,
        turns: IdentifyTurns,
        attach: Callable[[DiscordWebSocket], None],
    ) -> None:
        """Take the shard, None where the application has only one; *attach* is given each new socket."""
        self._client = client
        self._shard_id = shard_id
        self._turns = turns
        self._attach = attach
        self._socket: DiscordWebSocket | None = None
        self._session: Session | None = None
        self._handshake: asyncio.Timeout | None = None
        self._is_first = True
        self._since = 0.0
        self._failed = 0  # connections in a row that did not hold
        self._vain = 0  # resumes in a row after which nothing was heard

    async def hold(self) -> None:
        """Stay connected until the client is closed.

        Raises:
            discord.ConnectionClosed: Discord closed the connection in a way that cannot be mended.
        """
        while not self._client.is_closed():
            try:
                pause_s = await self._once()
            except discord.ConnectionClosed as exc:
                if exc.code != NORMAL_CLOSE:
                    raise
                pause_s = 0.0  # said without a reason; the session may well live on
            except TROUBLE as exc:
                pause_s = 0.0
                log.warning(
                    "the gateway connection failed; trying again",
                    extra={"shard_id": self._shard_id, "cause": type(exc).__name__},
                )
            except Exception as exc:  # noqa: BLE001 - the edge to the library: a frame it cannot read must not end her
                pause_s = 0.0
                log.error(
                    "the gateway sent what cannot be used; connecting anew",
                    extra={"shard_id": self._shard_id, "cause": type(exc).__name__, "where": _place_of(exc)},
                )
                await self._close()
            self._note()
            await self._rest(pause_s)

    async def may_identify(self) -> None:
        """Wait for this shard's turn to IDENTIFY; the time it takes is none of the handshake's."""
        handshake = self._handshake
        if handshake is not None:
            handshake.reschedule(None)
        await self._turns.take(self._shard_id or 0)
        if handshake is not None:
            handshake.reschedule(asyncio.get_running_loop().time() + HANDSHAKE_S)

    async def _once(self) -> float:
        """Connect and listen until the connection ends; gives how long to wait before the next, in seconds."""
        try:
            self._socket = await self._connect()
            self._attach(self._socket)
            self._is_first, self._since = False, time.monotonic()
            while True:
                await self._socket.poll_event()
        except ReconnectWebSocket as exc:
            if exc.resume:
                return 0.0
            self._session = None
            return random.uniform(*INVALID_PAUSE_S)
        except IdentifyLater as exc:
            return max(0.0, exc.wait_s - EARLY_S)

    async def _connect(self) -> DiscordWebSocket:
        if self._session is not None:
            return await self._open(self._session)
        shard_id = self._shard_id or 0
        await self._turns.until_granted(shard_id)
        async with self._turns.line(shard_id):
            await self._turns.until_granted(shard_id)  # whoever was before it in the line may have had the last
            return await self._open(None)

    async def _open(self, session: Session | None) -> DiscordWebSocket:
        address = None
        if session is not None and self._failed <= RESUME_ADDRESS_TRIES:
            address = session.address
        try:
            async with asyncio.timeout(HANDSHAKE_S) as self._handshake:
                return await GatewaySocket.from_client(
                    self._client,
                    initial=self._is_first,
                    gateway=address,
                    shard_id=self._shard_id,
                    session=None if session is None else session.session_id,
                    sequence=None if session is None else session.sequence,
                    resume=session is not None,
                )
        finally:
            self._handshake = None

    def _note(self) -> None:
        """Keep what a RESUME will need, and tell listeners that the connection is gone."""
        socket, self._socket = self._socket, None
        if socket is None:
            self._failed += 1
            return
        was_heard = socket.sequence != (None if self._session is None else self._session.sequence)
        held = time.monotonic() - self._since >= HOLDS_FROM_S
        self._failed = 0 if held else 1 + (min(self._failed, 1) if was_heard else self._failed)
        self._vain = 0 if held or was_heard else self._vain + 1
        if socket.session_id is not None:
            self._session = Session(socket.session_id, socket.sequence, socket.gateway)
        if socket.socket.close_code in LOST_SESSION_CODES or self._vain >= RESUMES_MOST:
            self._session, self._vain = None, 0  # else it would be resumed for ever
        self._client.dispatch("disconnect")
        if self._shard_id is not None:
            self._client.dispatch("shard_disconnect", self._shard_id)

    async def _rest(self, pause_s: float) -> None:
        """Wait before the next try: not at all after a good connection, longer with each bad one."""
        if self._failed > 1:
            longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failed - 1, 16))
            pause_s = max(pause_s, random.uniform(longest / 2, longest))
        await asyncio.sleep(pause_s)

    async def _close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(*TROUBLE):
                async with asyncio.timeout(CLOSE_S):
                    await self._socket.close()


def _place_of(exc: Exception) -> str:
    """Name the line of code that tripped; what the error says may hold people's words."""
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
