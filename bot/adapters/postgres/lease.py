"""One gateway for each shard of an application, however many processes share the database.

The truth is a session lock on a connection that stays open: the server frees it when the holder dies,
however it dies. The table ``gateway_holders`` only says who to name.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import structlog
from asyncpg import Connection as DriverConnection
from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.postgres.engine import translated
from bot.adapters.postgres.tables import gateway_holders
from bot.domain.shards import WHOLE, Shards
from bot.errors import ConfigError, StoreError
from bot.ports import Clock

LOCK_NAMESPACE = "mira.gateway"
KEY_BYTES = 8  # pg_advisory_lock takes a bigint
PATIENCE_S = 2.0  # a holder that was just killed is still being noticed by the server
POLL_S = 0.05
HEARTBEAT_S = 5.0  # a cut that no packet announces is noticed within this and the answer's time-out
ANSWER_TIMEOUT_S = 5.0

# How soon the server notices a machine that vanished without a word; ignored on Unix sockets. Together
# they take longer than our own heartbeat needs, so the old holder stops before a new one can start.
SESSION_SETTINGS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",  # ms; keepalives rest while an answer is on its way
    "idle_session_timeout": "0",
}

RETAKE_EVERY = timedelta(seconds=1)
# after a cut that no packet announced our own old session keeps the locks until the server notices, 25 s by the above
GHOST_GONE_WITHIN_S = 40.0

log = structlog.get_logger(__name__)


class ShardTaken(ConfigError):
    """Another session has a shard; *holder* is who it says it is, None if it has not said so yet."""

    def __init__(self, message: str, holder: str | None) -> None:
        super().__init__(message)
        self.holder = holder


class GatewayLease:
    """The right to hold the gateway for some shards; given back by `release` or by dying."""

    def __init__(self, connection: AsyncConnection, application_id: int, shards: Shards) -> None:
        self.application_id = application_id
        self.shards = shards
        self.is_lost = False
        self._connection = connection
        self._closed = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def acquire(
        cls,
        engine: AsyncEngine,
        application_id: int,
        shards: Shards,
        *,
        on_lost: Callable[[], None],
        patience_s: float = PATIENCE_S,
    ) -> GatewayLease:
        """Take the lease, and call *on_lost* once should the database ever stop knowing of it.

        Raises:
            ShardTaken: another process holds one of the shards.
            ConfigError: another process counts shards differently.
            StoreError: the database cannot be asked.
        """
        async with translated():
            connection = await engine.connect()
            lease = cls(connection, application_id, shards)
            try:
                await lease._take(patience_s)
                await lease._listen()
            except BaseException:
                await lease._drop_connection()
                raise
        lease._watching = asyncio.create_task(lease._watch(on_lost), name="gateway-lease")
        return lease

    async def release(self) -> None:
        """Give the shards back; harmless when the lease is lost or given back already."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        if not self._connection.closed and not self.is_lost:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S), self._connection.begin():
                    await self._connection.execute(delete(gateway_holders).where(self._own_rows()))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.info("gateway_lease.release_unsaid", error=type(error).__name__)
        await self._drop_connection()

    async def _take(self, patience_s: float) -> None:
        async with self._connection.begin():
            for name, value in SESSION_SETTINGS.items():
                await self._connection.execute(select(func.set_config(name, value, False)))
            # one process of an application at a time looks round and takes its shards
            whole = _key(self.application_id, "application")
            await self._connection.execute(select(func.pg_advisory_xact_lock(whole)))
            deadline = time.monotonic() + patience_s
            for shard_id in self.shards.ids:
                await self._take_shard(shard_id, deadline)
            await self._refuse_other_counts()
            await self._write_rows()

    async def _take_shard(self, shard_id: int, deadline: float) -> None:
        while not await self._try_lock(shard_id):
            if time.monotonic() >= deadline:
                raise await self._taken(shard_id)
            await asyncio.sleep(POLL_S)

    async def _try_lock(self, shard_id: int) -> bool:
        asked = select(func.pg_try_advisory_lock(_key(self.application_id, shard_id)))
        return bool(await self._connection.scalar(asked))

    async def _taken(self, shard_id: int) -> ShardTaken:
        rows = gateway_holders.c
        found = await self._connection.execute(
            select(rows.holder, rows.since).where(rows.application_id == self.application_id, rows.shard_id == shard_id)
        )
        row = found.first()
        who = _named(row.holder, row.since) if row is not None else "another process (just starting)"
        return ShardTaken(
            f"the gateway of application {self.application_id}, shard {shard_id} of {self.shards.count}, "
            f"is already held by {who}: stop that process, or start this one with --role worker",
            None if row is None else row.holder,
        )

    async def _refuse_other_counts(self) -> None:
        """Refuse a living process that splits the same guilds differently; forget dead ones."""
        rows = gateway_holders.c
        found = await self._connection.execute(
            select(rows.shard_id, rows.shard_count, rows.holder, rows.since).where(
                rows.application_id == self.application_id,
                rows.shard_count != self.shards.count,
                rows.shard_id.not_in(self.shards.ids),
            )
        )
        for row in found.all():
            if not await self._try_lock(row.shard_id):
                raise ConfigError(
                    f"application {self.application_id} is served as {row.shard_count} shards by "
                    f"{_named(row.holder, row.since)}, and this process counts {self.shards.count}: "
                    "give all of them the same --shards count"
                )
            await self._connection.execute(select(func.pg_advisory_unlock(_key(self.application_id, row.shard_id))))
            await self._connection.execute(
                delete(gateway_holders).where(rows.application_id == self.application_id, rows.shard_id == row.shard_id)
            )

    async def _write_rows(self) -> None:
        values = [
            {
                "application_id": self.application_id,
                "shard_id": shard_id,
                "shard_count": self.shards.count,
                "holder": _own_name(),
            }
            for shard_id in self.shards.ids
        ]
        statement = insert(gateway_holders).values([row | {"since": func.now()} for row in values])
        fresh = {name: statement.excluded[name] for name in ("shard_count", "holder", "since")}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["application_id", "shard_id"], set_=fresh)
        )

    async def _listen(self) -> None:
        """Hear at once when the connection ends; silence is what the heartbeat is for."""
        raw = await self._connection.get_raw_connection()
        driver = cast(DriverConnection, raw.driver_connection)
        driver.add_termination_listener(lambda _: self._closed.set())

    async def _watch(self, on_lost: Callable[[], None]) -> None:
        while await self._is_held():
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._closed.wait()
            except TimeoutError:
                continue
        self.is_lost = True
        log.warning("gateway_lease.lost", application_id=self.application_id, shards=self.shards.ids)
        on_lost()

    async def _is_held(self) -> bool:
        """Ask the server whether this session still has all its locks."""
        if self._closed.is_set():
            return False
        asked = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S), self._connection.begin():
                return bool((await self._connection.scalar(asked) or 0) >= len(self.shards.ids))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False

    async def _drop_connection(self) -> None:
        """Close the session itself, not just our use of it: a pooled session would keep its locks."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                if not self._connection.closed:
                    await self._connection.invalidate()
                await self._connection.close()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.info("gateway_lease.close_failed", error=type(error).__name__)

    def _own_rows(self) -> ColumnElement[bool]:
        rows = gateway_holders.c
        return (rows.application_id == self.application_id) & rows.shard_id.in_(self.shards.ids)


def _own_name() -> str:
    return f"{socket.gethostname()}, pid {os.getpid()}"


def _named(holder: str, since: datetime) -> str:
    return f"{holder} (since {since:%Y-%m-%d %H:%M:%S %Z})"


def _key(application_id: int, what: int | str) -> int:
    """Make the number that stands for one shard, or for the application, among advisory locks."""
    name = f"{LOCK_NAMESPACE}:{application_id}:{what}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=KEY_BYTES).digest(), "big", signed=True)


def _patience_with_s(refusal: ConfigError) -> float:
    is_own = isinstance(refusal, ShardTaken) and refusal.holder == _own_name()
    return GHOST_GONE_WITHIN_S if is_own else PATIENCE_S


class LeaseKeeper:
    """Holds the lease of a gateway for as long as it runs, through times when the database is away.

    While it cannot be asked nobody else can start either; once it answers again the lease is taken
    anew. *give_up* is called when another gateway was quicker.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        application_id: int,
        *,
        give_up: Callable[[ConfigError], None],
        clock: Clock,
        shards: Shards = WHOLE,
    ) -> None:
        self._engine = engine
        self._application_id = application_id
        self._give_up = give_up
        self._clock = clock
        self._shards = shards
        self._lease: GatewayLease | None = None
        self._taking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take the lease for the first time.

        Raises:
            ConfigError: another gateway has it; the text names the holder.
            StoreError: the database cannot be asked.
        """
        await self._open(PATIENCE_S)

    async def _open(self, patience_s: float) -> None:
        self._lease = await GatewayLease.acquire(
            self._engine, self._application_id, self._shards, on_lost=self._lost, patience_s=patience_s
        )

    async def close(self) -> None:
        """Give the lease back."""
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.gather(self._taking, return_exceptions=True)
        if self._lease is not None:
            await self._lease.release()

    def _lost(self) -> None:
        self._taking = asyncio.create_task(self._take_again(), name="gateway-lease-again")

    async def _take_again(self) -> None:
        lost, self._lease = self._lease, None
        if lost is not None:
            await lost.release()
        refused_since: float | None = None
        while True:
            try:
                await self._open(0.0)  # patience is had out here, where no other process is kept from taking its shards
                return
            except ConfigError as exc:
                now = time.monotonic()
                refused_since = now if refused_since is None else refused_since
                if now - refused_since >= _patience_with_s(exc):
                    self._give_up(exc)
                    return
            except StoreError:
                refused_since = None
            await self._clock.sleep(RETAKE_EVERY)
