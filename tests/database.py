"""A real Postgres for the tests: one embedded server a run, one fresh database a test.

The first worker that needs it makes the server and a migrated template; every test copies the template.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.pool import StatementPool

TEMPLATE = "mira_template"
BARE_TEMPLATE = "template0"
TEMPLATE_LOCK = 20_260_101  # any number: workers agree on it, nobody else uses this server

T = TypeVar("T")


@dataclass(frozen=True)
class TestServer:
    """The run's server; addresses of its databases are made here."""

    __test__ = False
    url: URL

    def url_of(self, name: str) -> str:
        """Spell the address of the database *name* as DATABASE_URL would."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    @contextlib.asynccontextmanager
    async def connect(self, name: str = "postgres") -> AsyncIterator[asyncpg.Connection]:
        """Open one plain connection."""
        address = parse_database_url(self.url_of(name))
        connection = await asyncpg.connect(**address.asyncpg_arguments())
        try:
            yield connection
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def fresh(self, template: str = TEMPLATE) -> AsyncIterator[str]:
        """Make a database from *template*, give its address, and drop it afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        async with self.connect() as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url_of(name)
        finally:
            async with self.connect() as connection:
                await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run_apart(work: Coroutine[object, object, T]) -> T:
    """Run *work* on an event loop of its own, whatever loop the calling thread has."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def _folder_of_this_run() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    return Path(tempfile.gettempdir()) / f"mira-tests-{run[:16]}"


async def _prepare(server: TestServer) -> None:
    async with server.connect() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
        if await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", TEMPLATE):
            return
        half_made = f"{TEMPLATE}_new"
        await connection.execute(f"DROP DATABASE IF EXISTS {half_made} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {half_made}")
        engine = open_engine(parse_database_url(server.url_of(half_made)), poolclass=NullPool)
        try:
            await migrate(engine)
        finally:
            await engine.dispose()
        await connection.execute(f"ALTER DATABASE {half_made} RENAME TO {TEMPLATE}")


@pytest.fixture(scope="session")
def database_server() -> Iterator[TestServer]:
    """Attach to the run's server; the last worker out stops it and removes its folder."""
    folder = _folder_of_this_run()
    embedded = run_apart(EmbeddedPostgres.start(folder, durable=False))
    try:
        server = TestServer(embedded.url)
        run_apart(_prepare(server))
        yield server
    finally:
        if run_apart(embedded.stop()):
            shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def database_url(database_server: TestServer) -> AsyncIterator[str]:
    """Give the address of a migrated database that is this test's own."""
    async with database_server.fresh() as url:
        yield url


@pytest_asyncio.fixture
async def empty_database_url(database_server: TestServer) -> AsyncIterator[str]:
    """Give the address of a database with nothing in it, not even an extension."""
    async with database_server.fresh(BARE_TEMPLATE) as url:
        yield url


@pytest_asyncio.fixture
async def statements(database_url: str) -> AsyncIterator[StatementPool]:
    """Give connections for single statements on the same database as `database`."""
    pool = await StatementPool.open(parse_database_url(database_url), size=10)
    try:
        yield pool
    finally:
        await pool.close()


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Give a pool on a migrated database that is this test's own."""
    engine = open_engine(parse_database_url(database_url))
    try:
        yield engine
    finally:
        await engine.dispose()
