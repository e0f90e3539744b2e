"""Who works on a channel: advisory locks on one pinned connection.

The locks live as long as the connection, so the database itself frees them when this process dies.
They are re-entrant on one connection, so a set beside them keeps tasks of this process apart.
A process that answers alone keeps the locks of channels it has just worked on: the next turn there needs no question
to the database before it and none after it.
"""

from __future__ import annotations

import asyncio

import asyncpg

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.engine import translating
from bot.domain.ids import ChannelId
from bot.errors import StoreError

# the two-key form of advisory locks is kept free for other uses; one bigint is the channel id
CLOSE_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0  # every channel waits behind a server that says nothing
TRY_LOCK = "SELECT pg_try_advisory_lock($1)"
UNLOCK = "SELECT pg_advisory_unlock($1)"
# A process ends with its connection, and the server notices at once. A machine that vanishes says nothing: the server
# asks after 2 s of silence, and after two questions without an answer the channels are free. Unix sockets ignore it.
ASK_SOON = """
SELECT set_config('tcp_keepalives_idle', '2', false), set_config('tcp_keepalives_interval', '1', false),
    set_config('tcp_keepalives_count', '2', false), set_config('idle_session_timeout', '0', false)
"""


class PostgresChannelLocks:
    """Implements `bot.ports.ChannelLocks`.

    At most *keeps* channels that were released stay locked for others, those last worked on; with 0 none does.
    """

    def __init__(self, address: DatabaseAddress, *, keeps: int = 0) -> None:
        self._address = address
        self._keeps = keeps
        self._connection: asyncpg.Connection | None = None
        self._held: dict[ChannelId, int] = {}  # and on which connection
        self._generation = 0
        self._kept: dict[ChannelId, None] = {}  # locked and not worked on, longest ago first
        self._turnstile = asyncio.Lock()  # one statement at a time on the pinned connection

    async def try_hold(self, channel_id: ChannelId) -> bool:
        """See `bot.ports.ChannelLocks.try_hold`."""
        if channel_id in self._held:
            return False
        self._held[channel_id] = self._generation
        if self._is_kept(channel_id):
            return True
        is_ours = False
        try:
            is_ours = await self._ask(TRY_LOCK, channel_id)
            self._held[channel_id] = self._generation
        finally:
            if not is_ours:
                self._held.pop(channel_id, None)
        return is_ours

    async def release(self, channel_id: ChannelId) -> None:
        """See `bot.ports.ChannelLocks.release`."""
        if not self._is_connected or self._held.get(channel_id) != self._generation:
            self._held.pop(channel_id, None)  # the lock went with its connection, and may be another's by now
            return
        if self._keeps:
            del self._held[channel_id]
            self._kept[channel_id] = None
            if len(self._kept) <= self._keeps:
                return
            channel_id = next(iter(self._kept))
            del self._kept[channel_id]
            self._held[channel_id] = self._generation
        try:
            await self._ask(UNLOCK, channel_id)
        except StoreError:
            pass  # the connection is gone, and the lock with it
        finally:
            self._held.pop(channel_id, None)

    async def close(self) -> None:
        """Give everything back."""
        async with self._turnstile:
            connection, self._connection = self._connection, None
            self._kept.clear()
            if connection is not None:
                try:
                    await connection.close(timeout=CLOSE_TIMEOUT_S)
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                    connection.terminate()  # the server frees the locks when it notices

    @property
    def _is_connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    def _is_kept(self, channel_id: ChannelId) -> bool:
        """Say whether the lock is still ours from the last time; a connection that ended took it along."""
        if not self._is_connected:
            self._kept.clear()
            return False
        return self._kept.pop(channel_id, 0) is None

    async def _ask(self, statement: str, channel_id: ChannelId) -> bool:
        async with self._turnstile:
            try:
                with translating():
                    connection = self._connection
                    if connection is None or connection.is_closed():
                        connection = await self._connect()
                    return bool(await connection.fetchval(statement, channel_id))
            except BaseException:
                # a half-done exchange leaves the connection in doubt: drop it, and all locks with it.
                # Turns under way notice at their next commit: the fence is the turn row, not the lock.
                self._drop()
                raise

    async def _connect(self) -> asyncpg.Connection:
        self._drop()
        arguments = self._address.asyncpg_arguments() | {"command_timeout": ANSWER_TIMEOUT_S}
        self._connection = await asyncpg.connect(**arguments)
        self._generation += 1
        await self._connection.execute(ASK_SOON)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._kept.clear()
        if connection is not None:
            connection.terminate()
