"""The steps that the tables came by, and a way to any of them; `migrate` is the way to the newest."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.postgres.engine import VECTOR_MISSING
from bot.adapters.postgres.migrate import LOCK_POLL_S, MIGRATION_LOCK, alembic_config
from bot.errors import ConfigError

LOCK_PATIENCE_S = 10.0
NOTHING = "base"


def known() -> frozenset[str]:
    """List every step this version knows."""
    with ExitStack() as resources:
        return frozenset(script.revision for script in _scripts(resources).walk_revisions())


def heads() -> frozenset[str]:
    """List the newest steps: one, unless migrations have branched."""
    with ExitStack() as resources:
        return frozenset(_scripts(resources).get_heads())


def _scripts(resources: ExitStack) -> ScriptDirectory:
    config = Config()
    folder = resources.enter_context(as_file(files("migrations")))
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


async def take_migration_lock(connection: AsyncConnection) -> None:
    """Keep everybody else from migrating, or starting, until the transaction ends.

    Raises:
        ConfigError: somebody is migrating.
    """
    take = text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(key=MIGRATION_LOCK)
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while not await connection.scalar(take):
        if time.monotonic() > deadline:
            raise ConfigError("another Mira is bringing this database up to date: try again when it is done")
        await asyncio.sleep(LOCK_POLL_S)


async def bring_to(connection: AsyncConnection, revision: str) -> None:
    """Bring the tables up to *revision*, in the transaction of *connection*."""
    await _add_vector(connection)
    await connection.run_sync(_upgrade, revision)


async def take_down(connection: AsyncConnection) -> None:
    """Drop every table of Mira's with what is in it, in the transaction of *connection*."""
    await connection.run_sync(_downgrade)


def _upgrade(connection: Connection, revision: str) -> None:
    with ExitStack() as resources:
        command.upgrade(alembic_config(connection, resources), revision)


def _downgrade(connection: Connection) -> None:
    with ExitStack() as resources:
        command.downgrade(alembic_config(connection, resources), NOTHING)


async def _add_vector(connection: AsyncConnection) -> None:
    if await connection.scalar(text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")):
        return
    try:
        async with connection.begin_nested():
            await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as error:
        raise ConfigError(VECTOR_MISSING) from error
