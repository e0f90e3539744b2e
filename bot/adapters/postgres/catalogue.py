"""What a database says of its own tables: columns, keys, identities, and which table leans on which.

Asked of the server and not of the code, so that databases of older versions can be read as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

from asyncpg import Connection

_TABLES = """
SELECT c.relname AS name,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attidentity <> '') AS identities,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attcollation <> 0) AS texts
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND c.relnamespace = $1::regnamespace
 GROUP BY c.oid, c.relname
"""
_KEYS = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY k.place) AS key
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = $1::regnamespace
 CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
 WHERE i.indisprimary
 GROUP BY c.oid, c.relname
"""
_LEANINGS = """
SELECT lower.relname AS name, upper.relname AS on_table
  FROM pg_constraint f
  JOIN pg_class lower ON lower.oid = f.conrelid AND lower.relnamespace = $1::regnamespace
  JOIN pg_class upper ON upper.oid = f.confrelid AND upper.relnamespace = $1::regnamespace
 WHERE f.contype = 'f' AND f.conrelid <> f.confrelid
"""
_SCHEMA = """
SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = to_regclass('alembic_version')
"""
VERSION_TABLE = "alembic_version"
QUEUE_TABLES = "pgqueuer"


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table: what of it can be copied, what orders its rows, and whose rows it points at."""

    schema: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    texts: frozenset[str]
    identities: tuple[str, ...]
    leans_on: frozenset[str]

    @property
    def place(self) -> str:
        """Name it for a statement."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def selecting(self, columns: tuple[str, ...]) -> str:
        """Give the statement that reads *columns*, in an order that is the same on every server."""
        order = ", ".join(quoted(one) + (' COLLATE "C"' if one in self.texts else "") for one in self.key)
        ordered = f" ORDER BY {order}" if order else ""
        return f"SELECT {', '.join(map(quoted, columns))} FROM {self.place}{ordered}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables of one database by name, and the revision they are at; no revision where there are none."""

    revisions: tuple[str, ...]
    tables: dict[str, TableShape]

    def in_order(self) -> list[TableShape]:
        """List the tables, each after those that it leans on."""
        leanings = {shape.name: shape.leans_on & self.tables.keys() for shape in self.tables.values()}
        return [self.tables[name] for name in TopologicalSorter(leanings).static_order()]


async def read_catalogue(connection: Connection) -> Catalogue:
    """Read what *connection* sees of Mira's schema; the queue's tables are left out."""
    schema = await connection.fetchval(_SCHEMA)
    if schema is None:
        return Catalogue((), {})
    place = quoted(schema)
    revisions = await connection.fetch(f"SELECT version_num::text FROM {place}.{VERSION_TABLE} ORDER BY 1")
    keys = {row["name"]: tuple(row["key"]) for row in await connection.fetch(_KEYS, place)}
    leanings: dict[str, set[str]] = {}
    for row in await connection.fetch(_LEANINGS, place):
        leanings.setdefault(row["name"], set()).add(row["on_table"])
    shapes = [
        TableShape(
            schema=schema,
            name=row["name"],
            columns=tuple(row["columns"] or ()),
            key=keys.get(row["name"], ()),
            texts=frozenset(row["texts"] or ()),
            identities=tuple(row["identities"] or ()),
            leans_on=frozenset(leanings.get(row["name"], ())),
        )
        for row in await connection.fetch(_TABLES, place)
        if row["name"] != VERSION_TABLE and not row["name"].startswith(QUEUE_TABLES)
    ]
    return Catalogue(tuple(row[0] for row in revisions), {shape.name: shape for shape in shapes})


def quoted(name: str) -> str:
    """Quote a name for a statement."""
    return '"' + name.replace('"', '""') + '"'
