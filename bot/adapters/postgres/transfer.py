"""Takes what Mira keeps out of a database into a file, as it stood at one moment, while she goes on.

`restore` is the way back. Rows travel as COPY text, which every Postgres writes and reads alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from asyncpg import Connection

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.archive import ArchiveWriter, Manifest, TableCopy, Written, new_archive
from bot.adapters.postgres.catalogue import Catalogue, TableShape, read_catalogue
from bot.adapters.postgres.revisions import heads, known
from bot.adapters.postgres.schema import metadata
from bot.adapters.postgres.session import data_session
from bot.errors import ConfigError, StoreError

# What only says which processes run against this database now; in another one it would be a lie
MOMENTARY = frozenset({"gateway_holders", "processes", "identify_slots"})
EVERY_TABLE = frozenset(metadata.tables)
LOCK_TIMEOUT = "10s"
LOOKS = 3  # a migration may come between looking and locking; hardly twice
# Text that is the same whatever the server's own settings are
READING_SETTINGS = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": LOCK_TIMEOUT,
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "row_security": "off",
}


class NothingKept(ConfigError):
    """The database holds nothing of Mira's."""


async def back_up(address: DatabaseAddress, path: Path, *, app_version: str) -> Manifest:
    """Write what the database holds to *path*, all of it as of one moment; nobody has to stop for it.

    Raises:
        ConfigError: the file cannot be written, or there is nothing of Mira's in the database.
        StoreError: the database went away meanwhile.
    """
    with new_archive(path) as archive:
        async with _reading(address) as (connection, catalogue):
            copies = [await _copy_out(connection, archive, each, catalogue) for each in _wanted(catalogue)]
            manifest = Manifest(
                revision=catalogue.revisions[0],
                app_version=app_version,
                server_version=await connection.fetchval("SELECT current_setting('server_version_num')::int"),
                created_at=datetime.now(UTC),
                tables=tuple(copies),
            )
        archive.finish(manifest)
    return manifest


@asynccontextmanager
async def _reading(address: DatabaseAddress) -> AsyncIterator[tuple[Connection, Catalogue]]:
    """Open a transaction that sees one moment, in which no table changes its shape."""
    async with data_session(address) as connection:
        for _ in range(LOOKS):
            before = _checked(await read_catalogue(connection))
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            await apply_settings(connection)
            # the lock comes before the first look, which is what fixes the moment
            places = ", ".join(shape.place for shape in before.tables.values())
            await connection.execute(f"LOCK TABLE {places} IN ACCESS SHARE MODE")
            if await read_catalogue(connection) == before:
                yield connection, before
                await transaction.rollback()  # it only read
                return
            await transaction.rollback()
        raise StoreError("the database's tables are being changed; try again when the migration is over")


async def apply_settings(connection: Connection) -> None:
    """Make the transaction read and write text in one way only, and wait for no lock for ever."""
    for name, value in READING_SETTINGS.items():
        await connection.execute(f"SET LOCAL {name} = '{value}'")


def _checked(catalogue: Catalogue) -> Catalogue:
    if len(catalogue.revisions) != 1 or not catalogue.tables:
        raise NothingKept("there is nothing of Mira's in this database: nothing was written")
    if catalogue.revisions[0] not in known():
        raise ConfigError(
            f"the database was migrated by a newer Mira (it is at {catalogue.revisions[0]!r}): "
            "make the backup with that version"
        )
    return catalogue


def _wanted(catalogue: Catalogue) -> list[tuple[TableShape, tuple[str, ...]]]:
    """List the tables to keep, each with the columns to keep of it.

    A database at this version holds what the code says, and anything else in it is not Mira's. One of an
    older version is taken as it is.
    """
    shapes = [shape for shape in catalogue.in_order() if shape.name not in MOMENTARY]
    if catalogue.revisions[0] not in heads():
        return [(shape, shape.columns) for shape in shapes]
    missing = sorted(EVERY_TABLE - catalogue.tables.keys())
    if missing:
        raise ConfigError(f"the database was changed by hand: it has no table {', '.join(missing)}")
    ours = [shape for shape in shapes if shape.name in EVERY_TABLE]
    return [(shape, _own_columns(shape)) for shape in ours]


def _own_columns(shape: TableShape) -> tuple[str, ...]:
    ours = {column.name for column in metadata.tables[shape.name].columns if column.computed is None}
    missing = sorted(ours - set(shape.columns))
    if missing:
        raise ConfigError(f"the database was changed by hand: table {shape.name} lacks {', '.join(missing)}")
    return tuple(column for column in shape.columns if column in ours)


async def _copy_out(
    connection: Connection, archive: ArchiveWriter, wanted: tuple[TableShape, tuple[str, ...]], catalogue: Catalogue
) -> TableCopy:
    shape, columns = wanted
    with archive.table(shape.name) as member:
        said = await connection.copy_from_query(shape.selecting(columns), output=member.write, format="text")
        written = member.written()
    return TableCopy(
        table=shape.name,
        columns=columns,
        rows=counted(said),
        sha256=written.sha256,
        size=written.size,
        identities=await _identities(connection, shape),
    )


async def _identities(connection: Connection, shape: TableShape) -> dict[str, int]:
    """Say how far each identity has counted: a number that was used once must not come again."""
    found: dict[str, int] = {}
    for column in shape.identities:
        sequence = await sequence_of(connection, shape, column)
        row = await connection.fetchrow(f"SELECT last_value, is_called FROM {sequence}")
        if row["is_called"]:
            found[column] = row["last_value"]
    return found


async def sequence_of(connection: Connection, shape: TableShape, column: str) -> str:
    """Name the sequence behind an identity column, quoted."""
    return str(await connection.fetchval("SELECT pg_get_serial_sequence($1, $2)", shape.place, column))


async def fingerprint(connection: Connection, shape: TableShape, columns: Sequence[str]) -> Written:
    """Read a table as a backup would and hash it, without keeping anything."""
    digest, size = hashlib.sha256(), 0

    async def take(chunk: bytes) -> None:
        nonlocal size
        digest.update(chunk)
        size += len(chunk)

    await connection.copy_from_query(shape.selecting(tuple(columns)), output=take, format="text")
    return Written(size, digest.hexdigest())


def counted(said: str) -> int:
    """Read the row count out of the server's ``COPY n``."""
    return int(said.rpartition(" ")[2])
