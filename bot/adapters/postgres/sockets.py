"""Where a server of ours can listen: short folders for a socket, or a free port on loopback."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from bot.adapters.postgres.server_user import ServerUser

LOOPBACK = "127.0.0.1"


def runtime_folders(user: ServerUser | None) -> list[Path]:
    """List short folders for a socket; root's own runtime folder is not opened to another user."""
    named = os.environ.get("XDG_RUNTIME_DIR")
    own = [Path(named)] if named and user is None else []
    return [*own, Path(tempfile.gettempdir()), Path("/tmp")]


def try_socket(folder: Path) -> None:
    """Raise OSError where the file system has no sockets (some mounts into virtual machines)."""
    path = folder / ".s.try"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.bind(str(path))
    path.unlink()


def free_port() -> int:
    """Ask the machine for a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
