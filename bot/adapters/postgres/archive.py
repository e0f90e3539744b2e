"""The file a backup is: a zip with one member for each table, and a manifest with the hash of each.

Owns writing it whole or not at all, and reading nothing from it that its manifest does not vouch for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sys
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from bot.errors import ConfigError

FORMAT = "mira-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
FOLDER = "tables/"
SUFFIX = ".copy"
COMPRESSION_LEVEL = 4  # measured on messages: two thirds of level 6's time, 4 % more bytes
CHUNK_BYTES = 1 << 18
MANIFEST_MOST_BYTES = 4 << 20  # a few hundred bytes for each table; more is no manifest
OWNER_ONLY = 0o600
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class TableCopy:
    """One table as it was copied: its rows, the hash of its COPY text, and where its identities stood."""

    table: str
    columns: tuple[str, ...]
    rows: int
    sha256: str
    size: int
    identities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    revision: str
    app_version: str
    server_version: int
    created_at: datetime
    tables: tuple[TableCopy, ...]

    @property
    def rows(self) -> int:
        """Count the rows of all tables."""
        return sum(copy.rows for copy in self.tables)

    def as_json(self) -> str:
        """Spell it as the member ``manifest.json``."""
        own = asdict(self) | {"created_at": self.created_at.isoformat()}
        return json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION, **own}, indent=1)


@dataclass(frozen=True, slots=True)
class Written:
    """How much went into a member, and its hash."""

    size: int
    sha256: str


class MemberWriter:
    """Takes the bytes of one table."""

    def __init__(self, path: Path, target: IO[bytes]) -> None:
        self._path = path
        self._target = target
        self._hash = hashlib.sha256()
        self._size = 0

    async def write(self, chunk: bytes) -> None:
        """Take some bytes; in the shape that the driver's COPY hands them out.

        Raises:
            ConfigError: the disk does not take them.
        """
        self._hash.update(chunk)
        self._size += len(chunk)
        try:
            self._target.write(chunk)
        except OSError as error:  # told apart from the database's own here: a driver raises them as well
            raise _unwritable(self._path, error) from error

    def written(self) -> Written:
        """Say what was taken so far."""
        return Written(self._size, self._hash.hexdigest())


class ArchiveWriter:
    """A backup being written."""

    def __init__(self, path: Path, target: zipfile.ZipFile) -> None:
        self._path = path
        self._zip = target
        self.is_finished = False

    @contextmanager
    def table(self, name: str) -> Iterator[MemberWriter]:
        """Open the member of the table *name*."""
        with self._zip.open(FOLDER + name + SUFFIX, "w", force_zip64=True) as target:
            yield MemberWriter(self._path, target)

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, which ends the backup."""
        self._zip.writestr(MANIFEST, manifest.as_json())
        self.is_finished = True


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write a backup to *path*, which appears whole when the block ends well, readable for its owner only.

    Raises:
        ConfigError: the file is there already, or cannot be written.
    """
    refuse_existing(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w+b") as file:
            compressed = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)
            with compressed as target:
                writer = ArchiveWriter(path, target)
                yield writer
            file.flush()
            os.fsync(file.fileno())
        if writer.is_finished:
            _put_in_place(partial, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def refuse_existing(path: Path) -> None:
    """Refuse a name that is taken.

    Raises:
        ConfigError: something is there.
    """
    if path.exists() or path.is_symlink():
        raise _exists(path)


def _put_in_place(partial: Path, path: Path) -> None:
    """Give the file its name, never that of a file which came to be meanwhile."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without hard links
        if path.exists():
            raise _exists(path) from None
        partial.rename(path)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: cannot be written ({error.strerror or error}); choose another place")


def _exists(path: Path) -> ConfigError:
    return ConfigError(f"{path}: exists already, and nothing is overwritten; choose another name")


class Archive:
    """A backup that can be read; nothing of it is believed before `check`."""

    def __init__(self, path: Path, source: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._zip = source

    def check(self) -> None:
        """Read every member through and compare it with the manifest.

        Raises:
            ConfigError: the file was damaged or changed.
        """
        wanted = {FOLDER + copy.table + SUFFIX for copy in self.manifest.tables} | {MANIFEST}
        found = self._zip.namelist()
        if sorted(found) != sorted(wanted):
            raise _damaged(self.path, "its members are not those that its manifest names")
        for copy in self.manifest.tables:
            for _ in self._chunks(copy):
                pass

    async def chunks(self, copy: TableCopy) -> AsyncIterator[bytes]:
        """Give the COPY text of one table piece by piece; it fails if the hash is not the manifest's."""
        for chunk in self._chunks(copy):
            yield chunk

    def _chunks(self, copy: TableCopy) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(FOLDER + copy.table + SUFFIX) as member:
                while chunk := member.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    if size > copy.size:
                        break
                    yield chunk
        except (*BROKEN_ZIP, OSError) as error:
            raise _damaged(self.path, f"table {copy.table} cannot be read") from error
        if size != copy.size or digest.hexdigest() != copy.sha256:
            raise _damaged(self.path, f"table {copy.table} is not what was written")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open the backup at *path*.

    Raises:
        ConfigError: it cannot be read, is no backup of Mira's, was cut short, or comes from a newer version.
    """
    try:
        source = zipfile.ZipFile(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from error
    except BROKEN_ZIP as error:
        raise ConfigError(f"{path}: not a backup of Mira's, or cut short on its way; nothing was changed") from error
    with source:
        yield Archive(path, source, _read_manifest(path, source))


def _read_manifest(path: Path, source: zipfile.ZipFile) -> Manifest:
    try:
        with source.open(MANIFEST) as member:
            said = json.loads(member.read(MANIFEST_MOST_BYTES))
        is_ours = said["format"] == FORMAT
        version = int(said["format_version"])
    except (*BROKEN_ZIP, OSError, TypeError) as error:
        raise ConfigError(f"{path}: not a backup of Mira's; nothing was changed") from error
    if not is_ours:
        raise ConfigError(f"{path}: not a backup of Mira's; nothing was changed")
    if version > FORMAT_VERSION:
        raise ConfigError(f"{path}: written by a newer Mira ({said.get('app_version')}); update Mira first")
    try:
        return _manifest_of(said)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "its manifest cannot be read") from error


def _manifest_of(said: Mapping[str, object]) -> Manifest:
    tables = tuple(_table_of(each) for each in _list(said["tables"]))
    if len({copy.table for copy in tables}) != len(tables):
        raise ValueError("a table is named twice")
    return Manifest(
        revision=str(said["revision"]),
        app_version=str(said["app_version"]),
        server_version=int(str(said["server_version"])),
        created_at=datetime.fromisoformat(str(said["created_at"])).astimezone(UTC),
        tables=tables,
    )


def _table_of(said: object) -> TableCopy:
    if not isinstance(said, dict):
        raise TypeError("a table is no object")
    identities = {_name(column): int(value) for column, value in dict(said["identities"]).items()}
    return TableCopy(
        table=_name(said["table"]),
        columns=tuple(_name(column) for column in _list(said["columns"])),
        rows=int(said["rows"]),
        sha256=str(said["sha256"]),
        size=int(said["size"]),
        identities=identities,
    )


def _name(value: object) -> str:
    if not isinstance(value, str) or NAME.fullmatch(value) is None:
        raise ValueError("not the name of a table or column")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _damaged(path: Path, how: str) -> ConfigError:
    return ConfigError(f"{path}: damaged or changed since it was written ({how}); nothing was changed")
