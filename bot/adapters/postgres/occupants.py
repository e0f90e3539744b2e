"""Who else works in a database, as the server sees it: files and rows outlive a process, its sessions do not."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.migrate import MIGRATION_LOCK
from bot.adapters.postgres.session import NAME_MOST, data_session, name_of
from bot.errors import ConfigError

PATIENCE_S = 2.0  # a process that was just killed is still being noticed by the server
POLL_S = 0.1
ALIVE_FOR = "60 seconds"  # how old a sign of life may be for its process to be named
KEY_BITS = 62  # a random advisory lock that nobody else takes

_SESSIONS = """
SELECT s.pid, s.client_addr::text AS place, s.backend_start AS since
  FROM pg_stat_activity s
 WHERE s.datname = current_database() AND s.pid <> pg_backend_pid()
   AND (s.application_name = $1 OR s.pid IN (
        SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
         WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()))
 ORDER BY s.backend_start
"""
_PROCESSES = f"""
SELECT host || ', pid ' || pid || ' (' || role || ')' AS name
  FROM processes WHERE seen_at > now() - interval '{ALIVE_FOR}' ORDER BY started_at
"""
_HOLDERS = "SELECT DISTINCT holder AS name FROM gateway_holders ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Stillness:
    """A database in which nobody works and nobody can start, while it is held."""

    connection: Connection

    async def refuse_same(self, other: DatabaseAddress) -> None:
        """Refuse *other* if it is this very database, by whatever address.

        Raises:
            ConfigError: it is.
        """
        key = secrets.randbits(KEY_BITS)
        await self.connection.execute("SELECT pg_advisory_lock($1)", key)
        async with data_session(other) as there:
            is_free = await there.fetchval("SELECT pg_try_advisory_lock($1)", key)
        await self.connection.execute("SELECT pg_advisory_unlock($1)", key)
        if not is_free:
            raise ConfigError("both addresses lead to the same database: there is nothing to move")


@asynccontextmanager
async def held_still(address: DatabaseAddress) -> AsyncIterator[Stillness]:
    """Keep Mira from starting at *address* while the block lasts; nothing there is changed.

    Raises:
        ConfigError: she is running there, or somebody is migrating.
    """
    async with data_session(address) as connection:
        await refuse_occupied(connection, name_of(address))
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):
            raise ConfigError("another Mira is starting on this database, or bringing it up to date; try again later")
        yield Stillness(connection)


async def refuse_occupied(connection: Connection, name: str) -> None:
    """Refuse a database in which a Mira is at work.

    Raises:
        ConfigError: naming who it is.
    """
    found = await occupants(connection, name)
    if found:
        raise ConfigError(f"Mira is running on this database: {'; '.join(found)}. Stop her first; nothing was changed")


async def occupants(connection: Connection, name: str) -> list[str]:
    """Name who works in this database under *name* or holds a lock there; waits a moment for the dead to go."""
    deadline = time.monotonic() + PATIENCE_S
    while sessions := await connection.fetch(_SESSIONS, name[:NAME_MOST]):
        if time.monotonic() > deadline:
            return await _named(connection) or [_described(row["pid"], row["place"], row["since"]) for row in sessions]
        await asyncio.sleep(POLL_S)
    return []


async def _named(connection: Connection) -> list[str]:
    for table, asked in (("processes", _PROCESSES), ("gateway_holders", _HOLDERS)):
        if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
            found = [row["name"] for row in await connection.fetch(asked)]
            if found:
                return found
    return []


def _described(pid: int, place: str | None, since: datetime | None) -> str:
    where = f" from {place}" if place else ""
    start = f" since {since:%Y-%m-%d %H:%M:%S %Z}" if since else ""
    return f"the server's session {pid}{where}{start}"
