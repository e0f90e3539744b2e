"""Which operating-system user the embedded server runs as, and what that user may reach.

Postgres refuses to run as root. Started by root, it runs as the owner of the data folder or as an
unprivileged user that every system has; folders on the way get search permission for others
(``o+x``, which does not let anyone list them) and nothing more.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.errors import ConfigError

ROOT_UID = 0
UNPRIVILEGED_USERS = ("postgres", "nobody")
OTHERS_SEARCH = stat.S_IXOTH
OTHERS_READ = stat.S_IROTH

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ServerUser:
    """The user a root process hands the server to."""

    uid: int
    gid: int


def choose_server_user(folder: Path) -> ServerUser | None:
    """Pick the user for a server in *folder*; None means the current user, who is not root."""
    if sys.platform == "win32" or os.geteuid() != ROOT_UID:
        return None
    import pwd

    owner = folder.stat()
    if owner.st_uid != ROOT_UID:
        return ServerUser(owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise ConfigError(
        "the embedded Postgres cannot run as root and this system has no user "
        f"{' or '.join(map(repr, UNPRIVILEGED_USERS))}: start Mira as a normal user, or set DATABASE_URL"
    )


def hand_over(path: Path, user: ServerUser | None) -> None:
    """Make *path* belong to *user*, when there is one."""
    if user is not None and sys.platform != "win32":
        os.chown(path, user.uid, user.gid)


def open_way(folder: Path, user: ServerUser | None) -> None:
    """Let *user* walk through *folder* and every folder above it."""
    if user is None:
        return
    widened = [str(each) for each in (folder, *folder.parents) if _widen(each, OTHERS_SEARCH, user)]
    if widened:
        log.warning("postgres.folders_opened", folders=widened, permission="o+x")


def open_tree(folder: Path, user: ServerUser | None) -> None:
    """Let *user* read and run everything below *folder* (a wheel unpacked under a strict umask)."""
    if user is None:
        return
    for path in _tree(folder):
        is_runnable = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
        _widen(path, OTHERS_READ | (OTHERS_SEARCH if is_runnable else 0), user)


def _tree(folder: Path) -> Iterator[Path]:
    yield folder
    for path in folder.rglob("*"):
        if not path.is_symlink():
            yield path


def _widen(path: Path, bits: int, user: ServerUser) -> bool:
    found = path.stat()
    if found.st_uid == user.uid or found.st_mode & bits == bits:
        return False
    path.chmod(stat.S_IMODE(found.st_mode) | bits)
    return True
