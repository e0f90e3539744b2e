"""The Postgres that Mira brings along: shared by every process on one data folder, stopped by the last.

Who is attached is told by locks that the kernel frees when a process dies, never by files that a
killed process leaves behind. A server that dies is brought back by one of the attached at the same address.
``cluster`` knows how to make, launch and stop the server.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import asyncpg
import fasteners
import structlog
from sqlalchemy import URL

from bot.adapters.postgres.address import DRIVER, DatabaseAddress, parse_database_url
from bot.adapters.postgres.cluster import SUPERUSER, Cluster
from bot.adapters.postgres.postmaster import Postmaster
from bot.adapters.postgres.programs import IS_WINDOWS
from bot.errors import ConfigError

TURN_TIMEOUT_S = 180.0  # another process may be recovering the cluster while we wait for our turn
PROBE_TIMEOUT_S = 10.0
WATCH_S = 1.0  # how soon a server that was killed is missed; one look costs a fraction of a millisecond
LONGEST_RETRY_S = 30.0  # between attempts to bring it back, such as on a full disk

log = structlog.get_logger(__name__)


@dataclass
class _Attachment:
    """This process's hold on one data folder, counted: file locks belong to a process, not to a caller."""

    held: fasteners.InterProcessReaderWriterLock
    url: URL
    pid: int
    holders: int = 1


_attachments: dict[Path, _Attachment] = {}
_attaching = threading.Lock()


@dataclass
class EmbeddedPostgres:
    """One attachment to the embedded server; `stop` gives it back."""

    data_dir: Path
    url: URL
    _cluster: Cluster = field(repr=False)
    _is_attached: bool = field(default=True, repr=False)

    @classmethod
    async def start(cls, data_dir: Path, *, durable: bool = True) -> EmbeddedPostgres:
        """Attach to the server of *data_dir*, making and launching it when needed.

        *durable* False gives up crash safety for speed (throw-away databases of tests).

        Raises:
            ConfigError: the folder cannot be used or the server does not start.
        """
        attaching = asyncio.ensure_future(asyncio.to_thread(cls._attach, data_dir, is_durable=durable))
        try:
            return await asyncio.shield(attaching)
        except asyncio.CancelledError:
            server = await attaching
            await server.stop()
            raise

    @property
    def address(self) -> DatabaseAddress:
        """Give the server's address in the form that `open_engine` takes."""
        return parse_database_url(self.url.render_as_string(hide_password=False))

    async def stop(self) -> bool:
        """Detach; stop the server when nobody else is attached, and say whether that was so."""
        if not self._is_attached:
            return False
        self._is_attached = False
        return await asyncio.to_thread(_detach, self._cluster)

    async def watch(self) -> None:
        """Bring the server back whenever it is gone, until cancelled.

        Every attached process may watch: one of them launches, the others find the new server.
        """
        wait_s = WATCH_S
        while True:
            await asyncio.sleep(wait_s)
            try:
                await asyncio.to_thread(_revive_if_gone, self._cluster)
                wait_s = WATCH_S
            except (ConfigError, OSError) as error:
                wait_s = min(wait_s * 2, LONGEST_RETRY_S)
                log.warning("postgres.revival_failed", error=str(error), next_try_s=wait_s)

    async def __aenter__(self) -> EmbeddedPostgres:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @classmethod
    def _attach(cls, data_dir: Path, *, is_durable: bool) -> EmbeddedPostgres:
        cluster = Cluster(_usable(data_dir), is_durable=is_durable)
        with _turn(cluster):
            attachment = _attachments.get(cluster.folder)
            if attachment is None:
                attachment = _Attachment(*_join(cluster))
                _attachments[cluster.folder] = attachment
            else:
                attachment.holders += 1
        return cls(data_dir=cluster.folder, url=attachment.url, _cluster=cluster)


def _usable(data_dir: Path) -> Path:
    """Make the folder if needed and prove that files can be made in it."""
    try:
        folder = data_dir.expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _turn_file(folder).open("a"):
            pass
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"MIRA_DATA_DIR: cannot write to {str(data_dir)!r} ({reason}): "
            "choose a folder that the user running Mira may write to"
        ) from error
    return folder


def _turn_file(folder: Path) -> Path:
    return folder / "postgres.turn.lock"


@contextmanager
def _turn(cluster: Cluster) -> Iterator[None]:
    """Let one thread of one process at a time look at the cluster and change it."""
    turn = fasteners.InterProcessLock(_turn_file(cluster.folder))
    with _attaching:
        try:
            is_ours = turn.acquire(timeout=TURN_TIMEOUT_S)
        except threading.ThreadError as error:
            raise ConfigError(
                f"MIRA_DATA_DIR: {str(cluster.folder)!r} is on a file system without file locks: choose a local disk"
            ) from error
        if not is_ours:
            raise ConfigError(
                f"MIRA_DATA_DIR: another process has been starting or stopping the database in "
                f"{str(cluster.folder)!r} for {TURN_TIMEOUT_S:.0f} s: see {str(cluster.log_file)!r}"
            )
        try:
            yield
        finally:
            turn.release()


@contextmanager
def alone_with(data_dir: Path) -> Iterator[Cluster]:
    """Hold the cluster of *data_dir* for as long as the block takes; nobody is attached, nobody can attach.

    Raises:
        ConfigError: somebody is attached, or the folder cannot be used.
    """
    cluster = Cluster(_usable(data_dir))
    with _turn(cluster):
        if not _is_alone(cluster):
            raise ConfigError(
                f"MIRA_DATA_DIR: Mira is running on {str(cluster.folder)!r}: stop her first; nothing was changed"
            )
        yield cluster


def address_of(cluster: Cluster, server: Postmaster) -> DatabaseAddress:
    """Give the address of *cluster*'s running *server*."""
    return parse_database_url(_url(cluster, server).render_as_string(hide_password=False))


def _presence(cluster: Cluster) -> fasteners.InterProcessReaderWriterLock:
    return fasteners.InterProcessReaderWriterLock(cluster.folder / "postgres.attached.lock")


def _is_alone(cluster: Cluster) -> bool:
    """Say whether no process is attached; only meaningful while it is our turn."""
    presence = _presence(cluster)
    is_alone: bool = presence.acquire_write_lock(blocking=False)
    presence.release_write_lock()
    return is_alone


def _join(cluster: Cluster) -> tuple[fasteners.InterProcessReaderWriterLock, URL, int]:
    """Make sure that a server answers, and hold the lock that says we use it."""
    try:
        server = _running_or_launched(cluster, is_alone=_is_alone(cluster))
        url = _url(cluster, server)
        asyncio.run(_probe(url))
    except OSError as error:
        raise ConfigError(
            f"MIRA_DATA_DIR: the database in {str(cluster.folder)!r} cannot be used "
            f"({error.strerror or error}): check the folder's owner, permissions and free space"
        ) from error
    held = _presence(cluster)
    held.acquire_read_lock()
    return held, url, server.pid


def _running_or_launched(cluster: Cluster, *, is_alone: bool) -> Postmaster:
    cluster.finish_upgrade()
    if cluster.pgdata.exists():
        cluster.check_data()  # before attaching: an upgrade that was killed leaves the old server running
    found = cluster.await_settled()
    if found is not None:
        log.info("postgres.attached", was_left_behind=is_alone)
        return found
    cluster.create()
    launched = cluster.launch(is_shared=not is_alone)
    log.info("postgres.started")
    return launched


def _revive_if_gone(cluster: Cluster) -> None:
    """Launch the server again at its address when nothing lives there any more."""
    attachment = _attachments.get(cluster.folder)
    if attachment is None or cluster.has_living(attachment.pid):
        return
    with _turn(cluster):
        if _attachments.get(cluster.folder) is not attachment:
            return  # given back while we waited for our turn
        found = cluster.await_settled()
        if found is None:
            cluster.check_data()
            found = cluster.launch(is_shared=True)
            log.warning("postgres.revived", was_pid=attachment.pid, pid=found.pid)
        attachment.pid = found.pid


def _detach(cluster: Cluster) -> bool:
    """Drop one hold; stop the server when it was the last one anywhere."""
    with _turn(cluster):
        attachment = _attachments[cluster.folder]
        attachment.holders -= 1
        if attachment.holders > 0:
            return False
        del _attachments[cluster.folder]
        attachment.held.release_read_lock()
        if not _is_alone(cluster):
            return False
        cluster.stop()
        cluster.remove_sockets()
        log.info("postgres.stopped")
        return True


def _url(cluster: Cluster, server: Postmaster) -> URL:
    if IS_WINDOWS:
        return URL.create(DRIVER, SUPERUSER, cluster.password(), host=server.host, port=server.port, database=SUPERUSER)
    return URL.create(DRIVER, SUPERUSER, database=SUPERUSER, query={"host": server.socket_dir})


async def _probe(url: URL) -> None:
    """Ask the server something real, and see to the extension that every table needs."""
    try:
        connection = await asyncpg.connect(
            host=url.query.get("host") or url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            database=url.database,
            timeout=PROBE_TIMEOUT_S,
        )
        try:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS vector", timeout=PROBE_TIMEOUT_S)
        finally:
            await connection.close(timeout=PROBE_TIMEOUT_S)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise ConfigError(f"the embedded Postgres does not answer: {type(error).__name__}: {error}") from error
