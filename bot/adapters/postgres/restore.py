"""Puts a backup into a database: all of it in one transaction, or nothing.

Whatever ends it midway, a cut line or kill −9, leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.archive import Archive, Manifest, TableCopy
from bot.adapters.postgres.catalogue import Catalogue, TableShape, quoted, read_catalogue
from bot.adapters.postgres.engine import check_server, open_engine, translated
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.occupants import refuse_occupied
from bot.adapters.postgres.revisions import bring_to, known, take_down, take_migration_lock
from bot.adapters.postgres.schema import metadata
from bot.adapters.postgres.session import for_data_work, name_of
from bot.adapters.postgres.statements import TIMER_ENTRYPOINT
from bot.adapters.postgres.transfer import (
    MOMENTARY,
    apply_settings,
    counted,
    fingerprint,
    sequence_of,
)
from bot.errors import ConfigError

NEWEST = "head"
# An alarm for each timer; one that is set twice, or never, costs nothing: firing looks, and so does a poll
_SET_ALARMS = """
INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)
SELECT 0, $1, convert_to(timer_id::text, 'UTF8'), due_at, 'queued' FROM timers WHERE state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: *skipped* are tables of the file that are none of Mira's."""

    manifest: Manifest
    replaced_rows: int
    skipped: tuple[str, ...]


async def restore(address: DatabaseAddress, archive: Archive, *, is_replacing: bool) -> Restored:
    """Check *archive* whole, then put it in place of nothing, or of all that is there if *is_replacing*.

    Raises:
        ConfigError: the file is damaged or too new, the database is not empty, somebody works in it, or it
            cannot be used at all. Nothing was changed.
        StoreError: the database went away meanwhile. Nothing was changed.
    """
    if archive.manifest.revision not in known():
        raise ConfigError(
            f"{archive.path}: written by a newer Mira ({archive.manifest.app_version}, its tables at "
            f"{archive.manifest.revision!r}): update Mira first; nothing was changed"
        )
    archive.check()
    engine = open_engine(for_data_work(address), pool_size=1, command_timeout_s=None)
    try:
        await check_server(engine, address)
        async with translated(), engine.begin() as connection:
            raw = await _driver(connection)
            await take_migration_lock(connection)
            await apply_settings(raw)
            await refuse_occupied(raw, name_of(address))
            replaced = await _clear(connection, raw, is_replacing=is_replacing)
            await bring_to(connection, archive.manifest.revision)
            skipped = await _load(raw, archive)
            await bring_to(connection, NEWEST)
            await _forget_jobs(raw)
        await migrate(engine)  # the queue's own tables, where there are none yet
        async with translated(), engine.begin() as connection:
            await (await _driver(connection)).execute(_SET_ALARMS, TIMER_ENTRYPOINT)
        return Restored(archive.manifest, replaced, skipped)
    finally:
        await engine.dispose()


async def _driver(connection: AsyncConnection) -> Connection:
    """Give the driver's own connection, inside the transaction already begun."""
    await connection.exec_driver_sql("SELECT 1")
    raw = await connection.get_raw_connection()
    return cast(Connection, raw.driver_connection)


async def _clear(connection: AsyncConnection, raw: Connection, *, is_replacing: bool) -> int:
    """Make room; gives how many rows went."""
    catalogue = await read_catalogue(raw)
    if not catalogue.revisions:
        return 0
    if not known().issuperset(catalogue.revisions):
        raise ConfigError(
            f"the database was migrated by a newer Mira (it is at {', '.join(catalogue.revisions)}): "
            "update Mira, or choose another database; nothing was changed"
        )
    held = await count_rows(raw, catalogue)
    if held and not is_replacing:
        said = ", ".join(f"{count:,} {table}" for table, count in held.items())
        raise ConfigError(
            f"the database is not empty: it holds {said}. Make a backup of it if you need that, then say "
            "--replace to put this in its place; nothing was changed"
        )
    await take_down(connection)
    return sum(held.values())


async def count_rows(connection: Connection, catalogue: Catalogue) -> dict[str, int]:
    """Count the rows of every table of Mira's that has some."""
    counts = {
        shape.name: await connection.fetchval(f"SELECT count(*) FROM {shape.place}")
        for shape in catalogue.in_order()
        if shape.name not in MOMENTARY and shape.name in metadata.tables
    }
    return {name: count for name, count in counts.items() if count}


async def _load(connection: Connection, archive: Archive) -> tuple[str, ...]:
    """Fill the tables, each after those it points at; gives the names in the file that no table has."""
    catalogue = await read_catalogue(connection)
    copies = {copy.table: copy for copy in archive.manifest.tables}
    missing = sorted(catalogue.tables.keys() - copies.keys() - MOMENTARY)
    ours = [shape for shape in catalogue.in_order() if shape.name in copies]
    if any(_is_ours(name) for name in missing):
        raise _misfit(archive, f"it lacks {', '.join(missing)}")
    for shape in ours:
        await _load_table(connection, archive, shape, copies[shape.name])
    for shape in ours:
        await _verify(connection, archive, shape, copies[shape.name])
    return tuple(sorted(copies.keys() - catalogue.tables.keys()))


def _is_ours(name: str) -> bool:
    """Say whether a table is one that the code knows: others in the same schema are somebody else's."""
    return name in metadata.tables


async def _load_table(connection: Connection, archive: Archive, shape: TableShape, copy: TableCopy) -> None:
    if set(copy.columns) != set(shape.columns):
        raise _misfit(archive, f"table {shape.name} has other columns at {archive.manifest.revision}")
    said = await connection.copy_to_table(
        shape.name,
        schema_name=shape.schema,
        columns=list(copy.columns),
        source=archive.chunks(copy),
        format="text",
    )
    if counted(said) != copy.rows:
        raise _misfit(archive, f"table {shape.name} has {counted(said)} rows, not {copy.rows}")
    await _set_identities(connection, shape, copy.identities)


async def _set_identities(connection: Connection, shape: TableShape, stood: Mapping[str, int]) -> None:
    for column in shape.identities:
        sequence = await sequence_of(connection, shape, column)
        highest = await connection.fetchval(f"SELECT max({quoted(column)}) FROM {shape.place}")
        last = max(stood.get(column, 0), highest or 0)
        if last:
            await connection.execute("SELECT setval($1::text::regclass, $2)", sequence, last)


async def _verify(connection: Connection, archive: Archive, shape: TableShape, copy: TableCopy) -> None:
    """Read the table back and compare it with what was written."""
    found = await fingerprint(connection, shape, copy.columns)
    if found.sha256 != copy.sha256:
        raise _misfit(archive, f"table {shape.name} reads back differently from how it was written")


async def _forget_jobs(connection: Connection) -> None:
    """Let go of the queue's jobs, which the file does not hold: a sweep finds what waits without them."""
    if "wake_job_id" in metadata.tables["messages"].columns:
        await connection.execute("UPDATE messages SET wake_job_id = NULL WHERE wake_job_id IS NOT NULL")
    if await connection.fetchval("SELECT to_regclass('pgqueuer') IS NOT NULL"):
        await connection.execute("DELETE FROM pgqueuer")


def _misfit(archive: Archive, how: str) -> ConfigError:
    return ConfigError(f"{archive.path}: does not fit ({how}); nothing was changed")
