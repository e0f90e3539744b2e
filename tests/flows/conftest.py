"""The stage of a flow: a loopback Discord, a scripted model, a real database, and the real bot between them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.system import SystemClock
from bot.app import App
from bot.ports import Clock
from bot.settings import Settings, read_settings
from playground.client import Person
from playground.server import Playground
from tests.scripted_model import ScriptedModelServer

READY_TIMEOUT_S = 30.0
END_TIMEOUT_S = 60.0
ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """What a flow can move: people and channels, the model's lines, the bot's settings."""

    playground: Playground
    model: ScriptedModelServer
    database_url: str

    def environment(self, **changes: str) -> dict[str, str]:
        """Give the settings of a bot on this stage, as an environment."""
        return {
            "DISCORD_TOKEN": self.playground.token,
            "DISCORD_API_URL": self.playground.rest_url,
            "DISCORD_GATEWAY_URL": self.playground.gateway_url,
            "DATABASE_URL": self.database_url,
            "OPENAI_BASE_URL": self.model.base_url,
            "OPENAI_API_KEY": "test-key",
            "MIRA_MODEL": "scripted",
            "MIRA_SETTLE_S": "0",
            "MIRA_PACE": "0",
            **changes,
        }

    def settings(self, **changes: str) -> Settings:
        """Read those settings as the command would."""
        return read_settings(self.environment(**changes), env_file=None)

    @asynccontextmanager
    async def bot(self, clock: Clock | None = None, **changes: str) -> AsyncIterator[App]:
        """Run the bot in this process until the block ends, by *clock* if one is given."""
        app = App(self.settings(**changes), clock=clock)
        ready = asyncio.Event()
        running = asyncio.create_task(app.run(on_ready=ready.set))
        waiting = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait((running, waiting), timeout=READY_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            assert ready.is_set(), "the bot did not get ready"
            yield app
        finally:
            waiting.cancel()
            app.stop()
            await running

    @asynccontextmanager
    async def process(
        self, role: str = "all", events: list[dict[str, object]] | None = None, shards: str = "", **changes: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the bot as a process of its own until the block ends; it is ready when the block begins.

        What it logs from then on is collected in *events* where that is given.
        """
        command = f"run --role {role} --shards {shards}" if shards else f"run --role {role}"
        process = await start_command(command, self.environment(MIRA_LOG_FORMAT="json", **changes))
        try:
            await log_line(process, "ready")
            # unread, a full pipe would stop the bot, and keep asyncio from seeing its end
            async with asyncio.TaskGroup() as group:
                group.create_task(_read_on(process, [] if events is None else events))
                try:
                    yield process
                finally:
                    if process.returncode is None:
                        process.kill()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


class ShiftedClock(SystemClock):
    """The machine's clock, moved: a test leaps hours ahead while the sockets live on."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Give the moved time."""
        return super().now() + self.ahead


async def _read_on(process: asyncio.subprocess.Process, events: list[dict[str, object]]) -> None:
    """Collect what a process logs."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        events.append(json.loads(line))


async def she_is_quiet(person: Person, within: float = 2.5) -> bool:
    """Say whether no message of hers comes for longer than a sweep takes."""
    return await person.hears_nothing("MESSAGE_CREATE", lambda one: bool(one["author"].get("bot")), within)


async def start_command(
    command: str, environment: dict[str, str], stdin: int = asyncio.subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """Start ``mira command`` with exactly these settings."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        *command.split(),
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT), **environment},
        cwd=tempfile.gettempdir(),  # no .env of the developer's
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # a suite that was started in the background ignores Ctrl-C, and so would what it starts
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


async def outcome(command: str, environment: dict[str, str]) -> tuple[int, str]:
    """Run ``mira command`` to its end; gives exit code and all it printed."""
    process = await start_command(command, environment)
    async with asyncio.timeout(END_TIMEOUT_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (out + err).decode()


async def log_line(process: asyncio.subprocess.Process, event: str) -> None:
    """Wait for a log event of a process."""
    assert process.stderr is not None
    async with asyncio.timeout(READY_TIMEOUT_S):
        while line := await process.stderr.readline():
            if json.loads(line).get("event") == event:
                return
    raise AssertionError(f"the process ended without {event!r}")


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    """Set a stage without a bot on it."""
    async with Playground(port=0) as playground, ScriptedModelServer() as model:
        yield Stage(playground, model, database_url)
