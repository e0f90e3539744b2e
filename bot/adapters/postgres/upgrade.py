"""Brings the embedded database to the Postgres major that this version runs (decision 0010).

The old server writes a backup, a fresh cluster beside it takes it in and is compared with it, and only then
do the folders change places. The old one stays. Until then nothing of it is touched but its ``mira.conf``.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.archive import Manifest, open_archive
from bot.adapters.postgres.cluster import MAJOR, SUPERUSER, Cluster
from bot.adapters.postgres.embedded import address_of, alone_with
from bot.adapters.postgres.old_servers import find_programs
from bot.adapters.postgres.programs import IS_WINDOWS
from bot.adapters.postgres.restore import restore
from bot.adapters.postgres.server_user import choose_server_user, hand_over
from bot.adapters.postgres.transfer import NothingKept, back_up
from bot.errors import ConfigError

WORKSPACE = "postgres.upgrading"
BACKUP = "old.mira-backup"
SPACE_FACTOR = 2  # the fresh cluster and the backup, beside what is there
OWN_LINES = "your own lines go below"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What came of it: where the old data is now, and what was taken over; *has_own_lines* asks for a look."""

    was_major: str
    old_data: Path
    manifest: Manifest | None
    has_own_lines: bool


async def upgrade(data_dir: Path, *, app_version: str, old_programs: Path | None = None) -> Upgraded | None:
    """Upgrade the cluster in *data_dir*; None when it is at this version's major already.

    Raises:
        ConfigError: Mira is running there, there is nothing, it is newer, or its old programs cannot be had.
            What was there is as it was.
    """
    with alone_with(data_dir) as cluster:
        cluster.finish_upgrade()
        if not cluster.pgdata.exists():
            raise ConfigError(f"MIRA_DATA_DIR: there is no embedded database in {str(cluster.folder)!r} to upgrade")
        was = cluster.version()
        if not _is_older(was):
            cluster.check_data()
            return None
        workspace = await asyncio.to_thread(_workspace, cluster)
        try:
            programs = await asyncio.to_thread(find_programs, was, workspace, given=old_programs)
            old = Cluster(cluster.folder, programs=programs, major=was)
            manifest = await _copy(old, Cluster(workspace / "fresh"), workspace / BACKUP, app_version)
            has_own_lines = _has_own_lines(cluster.pgdata)
            old_data = _swap(cluster, workspace, was)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
    return Upgraded(was, old_data, manifest, has_own_lines)


def _is_older(version: str) -> bool:
    return version.isdigit() and int(version) < int(MAJOR)


def _workspace(cluster: Cluster) -> Path:
    """Make an empty folder to work in; what an attempt that was killed left is stopped and removed."""
    workspace = cluster.folder / WORKSPACE
    leftover = Cluster(workspace / "fresh")
    if leftover.pgdata.exists() and leftover.running() is not None:
        leftover.stop()
    for folder in (workspace, cluster.upgraded):
        if folder.exists():
            shutil.rmtree(folder)
    needed = SPACE_FACTOR * sum(file.stat().st_size for file in cluster.pgdata.rglob("*") if file.is_file())
    free = shutil.disk_usage(cluster.folder).free
    if free < needed:
        raise ConfigError(
            f"MIRA_DATA_DIR: the upgrade needs about {needed >> 20} MB beside what is there, and "
            f"{str(cluster.folder)!r} has {free >> 20} MB free; nothing was changed"
        )
    workspace.mkdir(mode=0o700)
    return workspace


async def _copy(old: Cluster, fresh: Cluster, backup: Path, app_version: str) -> Manifest | None:
    """Take everything over; None where the old cluster held nothing of Mira's yet."""
    manifest: Manifest | None = None
    async with _served(old) as address:
        try:
            manifest = await back_up(address, backup, app_version=app_version)
        except NothingKept:
            pass
    fresh.folder.mkdir(mode=0o700)
    hand_over(fresh.folder, choose_server_user(old.pgdata))
    await asyncio.to_thread(fresh.create)
    async with _served(fresh) as address:
        if IS_WINDOWS:
            await _keep_password(address, old)
        if manifest is not None:
            with open_archive(backup) as archive:
                await restore(address, archive, is_replacing=False)
    return manifest


@asynccontextmanager
async def _served(cluster: Cluster) -> AsyncIterator[DatabaseAddress]:
    """Run the server of *cluster* while the block lasts."""
    if cluster.running() is not None:  # left by an attempt that was killed; nobody is attached
        await asyncio.to_thread(cluster.stop)
    launching = asyncio.ensure_future(asyncio.to_thread(cluster.launch))
    try:
        server = await asyncio.shield(launching)
        yield address_of(cluster, server)
    finally:
        await asyncio.wait((launching,))
        await asyncio.to_thread(cluster.stop)
        cluster.remove_sockets()


async def _keep_password(address: DatabaseAddress, old: Cluster) -> None:
    """Give the fresh cluster the old one's password: the file with it does not move."""
    connection = await asyncpg.connect(**address.asyncpg_arguments())
    try:
        await connection.execute(f"ALTER USER {SUPERUSER} PASSWORD '{old.password()}'")  # letters, digits, - and _
    finally:
        await connection.close()


def _has_own_lines(pgdata: Path) -> bool:
    """Say whether the operator wrote settings of their own; they may not suit the new major."""
    text = (pgdata / "postgresql.conf").read_text(encoding="utf-8", errors="replace")
    return bool(text.partition(OWN_LINES)[2].strip())


def _swap(cluster: Cluster, workspace: Path, was: str) -> Path:
    """Put the fresh cluster in the old one's place; a start finishes this if it is cut in the middle."""
    aside = cluster.folder / f"postgres.old-{was}-{datetime.now(UTC):%Y%m%d}"
    if aside.exists():
        aside = aside.with_name(f"{aside.name}-{secrets.token_hex(2)}")
    (workspace / "fresh" / cluster.pgdata.name).rename(cluster.upgraded)
    cluster.pgdata.rename(aside)
    cluster.finish_upgrade()
    return aside
