"""Child processes that say in one JSON line where they listen, and end with their parent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from bot.errors import ConfigError

START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 5.0


@asynccontextmanager
async def child_line(command: Sequence[str]) -> AsyncIterator[Mapping[str, object]]:
    """Start *command*, read its one line, and stop it when the context closes.

    The child reads its standard input and ends when that closes, so it does not outlive this
    process, however this process dies.

    Raises:
        ConfigError: it did not start; its own words are on standard error.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield await _first_line(process, command)
    finally:
        await _end(process)


async def _first_line(process: asyncio.subprocess.Process, command: Sequence[str]) -> Mapping[str, object]:
    name = " ".join(part for part in command if part != sys.executable)
    if process.stdout is None:
        raise ConfigError(f"{name!r} has no output to read")
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ConfigError(f"{name!r} did not start within {START_TIMEOUT_S:.0f} s") from None
    if not line:
        await process.wait()
        raise ConfigError(f"{name!r} did not start (exit code {process.returncode}); its reason is above")
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ConfigError(f"{name!r} did not say where it listens")
    return found


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(END_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
