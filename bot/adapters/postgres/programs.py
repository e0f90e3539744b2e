"""How a program of the server's is run: as which user, with how much of our environment, under which file name."""

from __future__ import annotations

import os
import sys
from typing import TypedDict

from bot.adapters.postgres.server_user import ServerUser

IS_WINDOWS = sys.platform == "win32"
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")


class ProgramUser(TypedDict, total=False):
    """Arguments of `subprocess` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


def executable(program: str) -> str:
    """Name the file of a program."""
    return f"{program}.exe" if IS_WINDOWS else program


def environment() -> dict[str, str]:
    """Hand the server what it needs; tokens and keys in our own environment stay here."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def as_user(user: ServerUser | None) -> ProgramUser:
    """Give what `subprocess` takes to run a program as *user*; None means as we are."""
    return {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
