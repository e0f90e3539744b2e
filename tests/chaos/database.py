"""The Postgres of a chaos run: killed whole or in part, restarted, and asked when something went wrong."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from bot.adapters.postgres.cluster import SOCKET_PORT, SUPERUSER, Cluster
from bot.foundation import EMBEDDED_FOLDER
from tests.chaos.relay import Streams

ANSWER_S = 20.0
BACKEND = "postgres: postgres "  # how the title of a client's backend begins, after our superuser's name


class ChaosDatabase:
    """The cluster below a data folder, so that a process with that folder finds it as its embedded one."""

    def __init__(self, data_dir: Path) -> None:
        folder = (data_dir / EMBEDDED_FOLDER).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self._cluster = Cluster(folder)
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Make the cluster where there is none, and launch it at the address it had."""
        async with self._turn:
            if await asyncio.to_thread(self._cluster.await_settled) is None:
                await asyncio.to_thread(self._cluster.create)
                await asyncio.to_thread(self._cluster.launch, is_shared=True)

    async def stop(self) -> None:
        """Stop it, whoever launched it; nothing of it is needed any more."""
        self.kill(is_whole=True)
        async with self._turn:
            await asyncio.to_thread(self._cluster.stop)
            await asyncio.to_thread(self._cluster.remove_sockets)

    async def restart(self) -> None:
        """Restart it as an operator does."""
        async with self._turn:
            await asyncio.to_thread(self._cluster.stop)
        await self.start()

    def kill(self, *, is_whole: bool) -> bool:
        """Kill its first process, or all of them; False if there is none."""
        found = self._cluster.running()
        if found is None:
            return False
        first = psutil.Process(found.pid)
        for process in (first, *(first.children(recursive=True) if is_whole else ())):
            _kill(process)
        return True

    def kill_backend(self, choice: float) -> bool:
        """Kill one client's backend; the server then throws out every session and recovers."""
        found = self._cluster.running()
        if found is None:
            return False
        children = psutil.Process(found.pid).children()
        backends = [one for one in children if _title(one).startswith(BACKEND)]
        if not backends:
            return False
        _kill(backends[int(choice * len(backends))])
        return True

    async def end_sessions(self) -> None:
        """Terminate every client's session but our own."""
        async with self.connect() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )

    async def reach(self) -> Streams:
        """Open a connection to its socket; OSError while it is down."""
        return await asyncio.open_unix_connection(f"{self._socket_dir()}/.s.PGSQL.{SOCKET_PORT}")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a session past every relay."""
        connection = await asyncpg.connect(
            host=self._socket_dir(), port=SOCKET_PORT, user=SUPERUSER, database=SUPERUSER, timeout=ANSWER_S
        )
        try:
            yield connection
        finally:
            connection.terminate()

    def _socket_dir(self) -> str:
        found = self._cluster.running()
        if found is None:
            raise ConnectionRefusedError("no server runs")
        return found.socket_dir


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        pass
