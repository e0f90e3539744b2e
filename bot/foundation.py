"""What every way of running Mira stands on: database, model, companion. Opened here, closed in reverse."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncpg import InvalidSchemaNameError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.llm.presets import FALLBACK_NAMES, ModelChoice, Wishes, choose, understudy, with_fallback
from bot.adapters.llm.probe import find_ollama
from bot.adapters.postgres.address import DatabaseAddress, parse_database_url
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.engine import check_server, open_engine, origin_of
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.pool import StatementPool
from bot.children import child_line
from bot.errors import ConfigError, StoreError
from bot.settings import Settings

log = logging.getLogger(__name__)

CANCEL_AGAIN_S = 1.0
EMBEDDED_FOLDER = "postgres"
ENGINE_POOL_SIZE = 4  # lease, rungs, migrations
POOL_SIZE = 20  # the embedded server takes 100; one process with room for two more
NO_MODEL_HELP = (
    "No model is configured, and no Ollama answers on this machine. Set OPENAI_API_KEY (or MIRA_PROVIDER and "
    "what it needs), or start Ollama; MIRA_ALLOW_UNDERSTUDY=1 runs with the understudy's canned lines instead"
)
NO_SCHEMA_HELP = (
    "DATABASE_URL: no schema of this user's search_path exists, or the user may not use it: CREATE SCHEMA it, "
    "or fix search_path in the part ?options= (or the role's own search_path)"
)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: *pool* for a turn's statements, *engine* for the rest, *address* for own connections."""

    engine: AsyncEngine
    pool: StatementPool
    address: DatabaseAddress


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the configured database, or the embedded one, and bring it up to date.

    Raises:
        ConfigError: it cannot be used; the text says why and what to do.
    """
    async with database_address(settings) as address:
        engine = open_engine(address, pool_size=ENGINE_POOL_SIZE)
        try:
            await check_server(engine, address)
            await migrate(engine)
            pool = await StatementPool.open(address, size=POOL_SIZE)
            try:
                yield Database(engine, pool, address)
            finally:
                await pool.close()
        finally:
            await engine.dispose()


@asynccontextmanager
async def database_address(settings: Settings) -> AsyncIterator[DatabaseAddress]:
    """Give the configured database's address, or start the embedded one, keep it alive and give its own.

    Raises:
        ConfigError: it cannot be used, or what is done with it inside the block finds no schema to work in.
    """
    if settings.database_url is not None:
        with _schema_explained():
            yield parse_database_url(settings.database_url.get_secret_value())
        return
    async with await EmbeddedPostgres.start(database_folder(settings)) as server:
        watching = asyncio.create_task(server.watch(), name="postgres-watch")
        try:
            yield server.address
        finally:
            await gone_quietly(watching)


@contextmanager
def _schema_explained() -> Iterator[None]:
    """Name the setting behind a search_path without a schema: the server notices only when tables are made."""
    try:
        yield
    except (StoreError, ConfigError) as error:
        if error.__cause__ is None or not isinstance(origin_of(error.__cause__), InvalidSchemaNameError):
            raise
        raise ConfigError(NO_SCHEMA_HELP) from error


def database_folder(settings: Settings) -> Path:
    """Give the folder of the embedded database."""
    return settings.data_dir / EMBEDDED_FOLDER


def wishes_of(settings: Settings) -> Wishes:
    """Give what the settings say about a model."""
    key = settings.openai_api_key
    return Wishes(
        api_key="" if key is None else key.get_secret_value(),
        base_url=settings.openai_base_url or "",
        model=settings.model or "",
        fast_model=settings.fast_model or "",
        provider=settings.provider or "",
    )


def fallback_wishes_of(settings: Settings) -> Wishes:
    """Give what the settings say about a second model."""
    key = settings.fallback_api_key
    return Wishes(
        api_key="" if key is None else key.get_secret_value(),
        base_url=settings.fallback_base_url or "",
        model=settings.fallback_model or "",
        provider=settings.fallback_provider or "",
        names=FALLBACK_NAMES,
    )


@asynccontextmanager
async def choose_model(settings: Settings, *, may_stand_in: bool) -> AsyncIterator[ModelChoice]:
    """Settle on a model: the configured one, else Ollama on this machine, else the understudy.

    A second model goes with the first two.

    The understudy runs as a child process while the context is open.

    Raises:
        ConfigError: there is none and *may_stand_in* is False, or the settings contradict themselves.
    """
    wishes = wishes_of(settings)
    offered = (await find_ollama() or ()) if wishes.is_empty() else ()
    choice = choose(wishes, offered)
    if choice is not None:
        yield with_fallback(choice, fallback_wishes_of(settings))
        return
    if not may_stand_in:
        raise ConfigError(NO_MODEL_HELP)
    async with child_line([sys.executable, "-m", "playground.understudy", "--port", "0"]) as line:
        yield understudy(str(line["base_url"]))


async def gone_quietly(task: asyncio.Task[Any]) -> None:
    """Cancel *task* and wait for its end."""
    while not task.done():
        task.cancel()  # again each second: a library may swallow a cancellation that meets it starting up
        await asyncio.wait((task,), timeout=CANCEL_AGAIN_S)
    if not task.cancelled():
        task.exception()  # looked at, so that nobody complains it never was
