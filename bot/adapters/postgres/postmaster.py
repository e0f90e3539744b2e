"""What the file ``postmaster.pid`` says about a running server, and whether that is still true.

Owns reading that file and recognising a process as the server of one data folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

PID_FILE = "postmaster.pid"
READY = "ready"

# Lines of postmaster.pid, from Postgres' pidfile.h (counted from zero here)
PID_LINE, PORT_LINE, SOCKET_LINE, HOST_LINE, STATUS_LINE = 0, 3, 4, 5, 7


@dataclass(frozen=True)
class Postmaster:
    """One server as its pid file describes it; *socket_dir* or *host* is empty where unused."""

    pid: int
    port: int
    socket_dir: str
    host: str
    status: str

    @property
    def is_ready(self) -> bool:
        """Say whether the server takes connections."""
        return self.status == READY


def read_postmaster(pgdata: Path) -> Postmaster | None:
    """Read the pid file of *pgdata*; None when there is none or it is not complete yet."""
    try:
        lines = (pgdata / PID_FILE).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    lines += [""] * (STATUS_LINE + 1 - len(lines))
    try:
        pid, port = int(lines[PID_LINE]), int(lines[PORT_LINE] or 0)
    except ValueError:
        return None
    return Postmaster(
        pid=abs(pid),  # a single-user backend writes its pid negated
        port=port,
        socket_dir=lines[SOCKET_LINE],
        host=lines[HOST_LINE].strip(),
        status=lines[STATUS_LINE].strip(),
    )


def serves(pid: int, pgdata: Path) -> bool:
    """Say whether *pid* is a living Postgres server of *pgdata*.

    A pid alone proves nothing: after a reboot or a kill it may belong to anything. A server's
    working directory is its data folder; where that may not be read, its command line names it.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name().lower():
            return False
        return _works_in(process, pgdata)
    except psutil.AccessDenied:
        return True  # another user's Postgres: never treat a server that may be ours as dead
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, pgdata: Path) -> bool:
    try:
        if pgdata.samefile(process.cwd()):
            return True
    except (OSError, psutil.AccessDenied):
        pass
    return str(pgdata) in process.cmdline()
