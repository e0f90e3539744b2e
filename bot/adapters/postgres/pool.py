"""Connections for single statements: no SQLAlchemy between, no transaction to open or reset.

The turn's path runs seven statements; at that rate the layers between cost more than the database
(docs/decisions/0008). Everything else goes through `bot.adapters.postgres.engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.engine import POOL_WAIT_S, translating

COMMAND_TIMEOUT_S = 60.0
# Where one channel holds most of the lines, Postgres would rather plan each of our statements anew: two milliseconds a
# time, for everybody. They find their rows by the same indices whatever their values.
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}

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
    """Runs statements, each its own transaction, on up to *size* connections."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._under_way = 0

    @classmethod
    async def open(cls, address: DatabaseAddress, *, size: int) -> StatementPool:
        """Connect.

        Raises:
            StoreError: the database cannot be reached.
        """
        arguments = address.asyncpg_arguments() | {"command_timeout": COMMAND_TIMEOUT_S}
        if not address.is_pooled:  # a pooler refuses what it does not track
            arguments["server_settings"] = arguments["server_settings"] | PLANNED_ONCE
        with translating():
            return cls(await asyncpg.create_pool(min_size=2, max_size=size, reset=_leave_as_is, **arguments))

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
        self._under_way += 1
        try:
            with translating():
                return await self._run(statement, values)
        finally:
            self._under_way -= 1

    async def _run(self, statement: str, values: Sequence[object]) -> Sequence[Any]:
        for _ in range(self._pool.get_size()):
            try:
                return await self._fetch(statement, values)
            except STALE:
                continue
        return await self._fetch(statement, values)

    async def _fetch(self, statement: str, values: Sequence[object]) -> Sequence[Any]:
        async with self._pool.acquire(timeout=POOL_WAIT_S) as connection:
            try:
                rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
            except STALE:
                connection.terminate()  # or the pool would hand it out again
                raise
            return rows

    async def close(self) -> None:
        """Give all connections back."""
        self._pool.terminate()
