"""Connections for single statements: no SQLAlchemy between, no transaction to open or reset.

The turn's path runs nine statements; at that rate the layers between cost more than the database
(docs/decisions/0008). Everything else goes through `bot.adapters.postgres.engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.engine import POOL_WAIT_S, translating

COMMAND_TIMEOUT_S = 60.0
LONG_TIMEOUT_S = 900.0  # of one that takes away what was said in years: a minute for each hundred thousand lines
# Connections that stay open however long nothing is asked, with all that was planned on them: a turn asks as many
# things at once. More are opened while they are needed, and closed by asyncpg when they lie idle.
KEPT_OPEN = 4
# Where one channel holds most of the lines, Postgres would rather plan each of our statements anew: two milliseconds a
# time, for everybody. They find their rows by the same indices whatever their values.
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}

# By default asyncpg forgets what was parsed after five minutes, and never remembers what is longer than 15 KB: the
# longest of ours take 40 ms to plan.
REMEMBERED = {"max_cached_statement_lifetime": 0, "max_cacheable_statement_size": 0}

# what a statement meets on a connection whose server went away meanwhile
STALE = (
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


async def _leave_as_is(connection: asyncpg.Connection) -> None:
    """Keep asyncpg from a round trip of clean-up: our statements leave nothing behind in a session."""


class StatementPool:
    """Runs statements, each its own transaction, on up to *size* connections.

    Those that are kept open are handed from statement to statement here: asyncpg's own way of giving and taking costs
    a quarter of a short statement's time. The last one used comes first, for it is warm.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._free: list[Any] = []  # of the pool's connections, idle in our hands
        self._waiting = 0  # statements that wait for the pool to give them one
        self._under_way = 0

    @classmethod
    async def open(cls, address: DatabaseAddress, *, size: int) -> StatementPool:
        """Connect.

        Raises:
            StoreError: the database cannot be reached.
        """
        arguments = address.asyncpg_arguments() | {"command_timeout": COMMAND_TIMEOUT_S} | REMEMBERED
        if not address.is_pooled:  # a pooler refuses what it does not track
            arguments["server_settings"] = arguments["server_settings"] | PLANNED_ONCE
        least = min(KEPT_OPEN, size)
        with translating():
            return cls(await asyncpg.create_pool(min_size=least, max_size=size, reset=_leave_as_is, **arguments))

    @property
    def in_use(self) -> int:
        """Count the statements that are at work, or wait for a connection, be it one that is being opened."""
        return self._under_way

    async def run(self, statement: str, *values: object) -> Sequence[Any]:
        """Run one statement and give its rows.

        A connection that died while it lay idle is replaced, and the others with it if need be. The
        statement may then have run already: every one of ours does no harm when it runs again.

        Raises:
            StoreError: the database failed, or refused the statement.
        """
        return await self._within(None, statement, values)

    async def run_long(self, statement: str, *values: object) -> Sequence[Any]:
        """Run one statement that may take minutes where there is very much of what it is about.

        Raises:
            StoreError: as for `run`.
        """
        return await self._within(LONG_TIMEOUT_S, statement, values)

    async def plan_ahead(self, statement: str, *values: object) -> None:
        """Run a statement that only reads on each connection that is kept open, one after the other.

        Postgres plans it then, and nobody waits for that later. Connections that died are passed over.

        Raises:
            StoreError: as for `run`.
        """
        planned: list[Any] = []
        with translating():
            while len(planned) < KEPT_OPEN and (connection := await self._another(planned)) is not None:
                planned.append(connection)
                with suppress(*STALE):
                    await self._fetch(connection, statement, values)

    async def _another(self, planned: Sequence[Any]) -> Any | None:  # noqa: ANN401
        """Take an idle connection that is none of *planned*."""
        for place, connection in enumerate(self._free):
            if all(connection is not one for one in planned):
                return self._free.pop(place)
        return await self._given() if self._pool.get_idle_size() else None

    async def _within(self, timeout_s: float | None, statement: str, values: Sequence[object]) -> Sequence[Any]:
        self._under_way += 1
        try:
            with translating():
                return await self._run(statement, values, timeout_s)
        finally:
            self._under_way -= 1

    async def _run(self, statement: str, values: Sequence[object], timeout_s: float | None) -> Sequence[Any]:
        left: int | None = None  # tries: each other connection may have died as well
        while True:
            try:
                return await self._fetch(await self._taken(), statement, values, timeout_s)
            except STALE:
                left = self._pool.get_size() if left is None else left - 1
                if left < 0:
                    raise

    async def _taken(self) -> Any:  # noqa: ANN401 - asyncpg's connections carry no types
        return self._free.pop() if self._free else await self._given()

    async def _fetch(
        self,
        connection: Any,  # noqa: ANN401
        statement: str,
        values: Sequence[object],
        timeout_s: float | None = None,
    ) -> Sequence[Any]:
        """Run a statement on a connection, and keep that or give it back."""
        is_kept = False
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values, timeout=timeout_s)
            if self._waiting == 0 and len(self._free) < KEPT_OPEN:
                self._free.append(connection)
                is_kept = True
        except STALE:
            with suppress(asyncpg.InterfaceError):  # it is taken apart already
                connection.terminate()  # or the pool would hand it out again
            raise
        finally:
            if not is_kept:
                await self._pool.release(connection)
        return rows

    async def _given(self) -> Any:  # noqa: ANN401
        """Wait for a connection of the pool, for which a new one may have to be opened."""
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=POOL_WAIT_S)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Give all connections back."""
        self._free.clear()
        self._pool.terminate()
