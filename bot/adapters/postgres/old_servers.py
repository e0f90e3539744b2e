"""Finds the programs of a Postgres major that this version no longer runs, to read data it wrote.

First where the operator says, then in the installed wheel, then in the last release of the wheel that
held that major, fetched with pip and pinned by hash.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from bot.adapters.postgres.cluster import binaries
from bot.adapters.postgres.programs import executable
from bot.errors import ConfigError

FETCHED = {"16": "old_server_16.txt"}  # majors, and the requirement that brings each
FETCH_TIMEOUT_S = 600.0  # a dozen megabytes, also over a slow line
ASK_TIMEOUT_S = 30.0
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
NEEDED = ("postgres", "pg_ctl")


def find_programs(major: str, workspace: Path, *, given: Path | None = None) -> Path:
    """Give a folder with the programs of Postgres *major*; what has to be fetched goes into *workspace*.

    Raises:
        ConfigError: there are none; the text says how to bring them.
    """
    if given is not None:
        return _checked(given, major)
    for folder in sorted(binaries().parents[1].glob("pginstall*/bin")):
        if major_of(folder) == major:
            return folder
    return fetch(major, workspace)


def _checked(given: Path, major: str) -> Path:
    for folder in (given.expanduser().resolve(), given.expanduser().resolve() / "bin"):
        found = major_of(folder)
        if found == major:
            return folder
        if found is not None:
            raise ConfigError(f"--old-binaries: {folder} holds Postgres {found}, the data was written by {major}")
    raise ConfigError(f"--old-binaries: {given} holds no {' and '.join(NEEDED)} that run here")


def major_of(folder: Path) -> str | None:
    """Say which major the programs in *folder* are; None where there are none that run."""
    if not all((folder / executable(name)).is_file() for name in NEEDED):
        return None
    try:
        said = subprocess.run(
            [str(folder / executable("postgres")), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ASK_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = VERSION.search(said)
    return found.group(1) if found else None


def fetch(major: str, workspace: Path) -> Path:
    """Fetch the wheel that holds *major* into *workspace* and give the folder of its programs.

    Raises:
        ConfigError: no release holds it, or it cannot be fetched.
    """
    name = FETCHED.get(major)
    if name is None:
        raise ConfigError(f"no Postgres {major} is known to this Mira; {_bring(major)}")
    wanted = workspace / name
    wanted.write_text(files(__package__).joinpath(name).read_text("utf-8"), encoding="utf-8")
    target = workspace / f"postgres-{major}"
    said = _install(wanted, target)
    for folder in sorted(target.glob("*/pginstall*/bin")):
        if major_of(folder) == major:
            return folder
    raise ConfigError(f"Postgres {major} could not be fetched ({said}); {_bring(major)}")


def _install(wanted: Path, target: Path) -> str:
    """Run the ordinary client, whichever there is; gives its last word."""
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(target), "-r", str(wanted)]
    if find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    elif (uv := shutil.which("uv")) is not None:
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable, *options]
    else:
        return "neither pip nor uv is here"
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=FETCH_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        return type(error).__name__
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    return lines[-1].strip() if lines else f"pip ended with {done.returncode}"


def _bring(major: str) -> str:
    return (
        f"install Postgres {major} with pgvector from your system, and name the folder of its programs: "
        "`mira data upgrade --old-binaries DIR`; nothing was changed"
    )
