"""Brings a database to the tables this version needs, and tells how far a database is.

Owns Mira's own migrations (Alembic, top-level package ``migrations``) and the queue's schema (PgQueuer).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import ExitStack, asynccontextmanager
from enum import StrEnum
from importlib.resources import as_file, files

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.errors import SchemaDriftError
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.postgres.engine import VECTOR_MISSING, translated
from bot.errors import ConfigError

MIGRATION_LOCK = 0x6D697261_6D696772  # "miramigr": no meaning beyond being ours alone
LOCK_POLL_S = 0.1
QUEUE_TABLES = "pgqueuer"

log = structlog.get_logger(__name__)


class MigrationState(StrEnum):
    """How a database compares with this version of Mira."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


def is_ours(name: str | None, kind: str, parents: MutableMapping[str, str | None]) -> bool:
    """Leave the queue's own tables out of comparisons; their schema is PgQueuer's."""
    return kind != "table" or name is None or not name.startswith(QUEUE_TABLES)


def alembic_config(connection: Connection, resources: ExitStack) -> Config:
    """Describe Mira's migrations to Alembic; *resources* keeps their folder on disk while it is used."""
    config = Config()
    folder = resources.enter_context(as_file(files("migrations")))
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine) -> MigrationState:
    """Bring the database up to date and return the state it was found in.

    Safe to run from several processes at once: one works, the others wait and find nothing to do.

    Raises:
        ConfigError: the database is newer than this Mira, lacks pgvector, or refuses the change.
        StoreError: the database went away meanwhile.
    """
    async with translated(), _locked(engine) as connection:
        found = await _state(connection)
        if found is MigrationState.NEWER:
            raise _too_new(await connection.run_sync(_revisions_in))
        if found is not MigrationState.CURRENT:
            await _add_vector(connection)
            await connection.run_sync(_upgrade)
        is_queue_missing = await _install_queue(connection)
    if not is_queue_missing:
        await _upgrade_queue(engine)
    if found is not MigrationState.CURRENT:
        log.info("database.migrated", was=found.value)
    return found


async def check(engine: AsyncEngine) -> MigrationState:
    """Tell how the database compares with this version, without changing it."""
    async with translated(), engine.connect() as connection:
        found = await _state(connection)
        if found is not MigrationState.CURRENT:
            return found
        plan = await (await _queries(connection)).plan_upgrade()
        return MigrationState.BEHIND if plan.statements else MigrationState.CURRENT


@asynccontextmanager
async def _locked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open one transaction that alone may migrate; asked again and again, so no statement waits long."""
    take = text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(key=MIGRATION_LOCK)
    async with engine.connect() as connection:
        while True:
            await connection.begin()
            if await connection.scalar(take):
                break
            await connection.rollback()
            await asyncio.sleep(LOCK_POLL_S)
        yield connection
        await connection.commit()


async def _state(connection: AsyncConnection) -> MigrationState:
    return await connection.run_sync(_compare)


def _compare(connection: Connection) -> MigrationState:
    applied = _revisions_in(connection)
    if not applied:
        return MigrationState.EMPTY
    with ExitStack() as resources:
        scripts = ScriptDirectory.from_config(alembic_config(connection, resources))
        known = {script.revision for script in scripts.walk_revisions()}
        if not known.issuperset(applied):
            return MigrationState.NEWER
        return MigrationState.CURRENT if set(applied) == set(scripts.get_heads()) else MigrationState.BEHIND


def _revisions_in(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()


def _upgrade(connection: Connection) -> None:
    with ExitStack() as resources:
        command.upgrade(alembic_config(connection, resources), "head")


def _too_new(revisions: tuple[str, ...]) -> ConfigError:
    return ConfigError(
        f"DATABASE_URL: the database was migrated by a newer Mira (it is at {', '.join(revisions)!r}, "
        "which this version does not know): update Mira, or point DATABASE_URL or MIRA_DATA_DIR "
        "at another database"
    )


async def _add_vector(connection: AsyncConnection) -> None:
    installed = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")
    if await connection.scalar(installed):
        return
    try:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as error:
        raise ConfigError(VECTOR_MISSING) from error


async def _queries(connection: AsyncConnection) -> Queries:
    """Speak for PgQueuer on SQLAlchemy's own connection, inside the transaction already begun."""
    raw = await connection.get_raw_connection()
    if raw.driver_connection is None:
        raise RuntimeError("the pool handed out a connection without a driver")
    queries = Queries.from_asyncpg_connection(raw.driver_connection)
    queries.qbe = QueryBuilderEnvironment(DBSettings(durability=Durability.durable))
    return queries


async def _install_queue(connection: AsyncConnection) -> bool:
    """Install the queue where there is none, in the same transaction; say whether it was missing."""
    queries = await _queries(connection)
    if await queries.schema_is_installed():
        return False
    await queries.install()
    return True


async def _upgrade_queue(engine: AsyncEngine) -> None:
    """Bring an older queue up to date, outside a transaction: new enum labels cannot be used in one."""
    async with translated(), engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("SELECT 1"))
        queries = await _queries(connection)
        try:
            if (await queries.plan_upgrade()).statements:
                await queries.apply_upgrade()
        except SchemaDriftError as error:
            raise ConfigError(f"DATABASE_URL: the queue's tables were changed by hand: {error}") from error
