"""Sets up the processes of a measurement: Discord and people here, model server and bot each on their own.

The loopback Discord shares this process with the people who write, so that neither costs the other a
socket; its rate limits are off, for Discord's would be all one measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web
from aiohttp.typedefs import Middleware

from bench.cpu import CpuUse, find_postmaster, read_cpu
from bench.model import Call
from playground.server import Handler, Playground

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 60.0
END_WITHIN_S = 25.0  # the bot's own promise is 20 s
POLL_S = 0.002
OWN_PREFIXES = ("MIRA_", "OPENAI_", "DISCORD_", "DATABASE_")


class BenchFailed(Exception):
    """A measurement that cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A create-message request of the bot: the channel, and monotonic seconds of its arrival."""

    channel_id: int
    arrived: float


class TimedPlayground(Playground):
    """A playground that tells when the bot's messages arrive, before it looks at them."""

    def __init__(self) -> None:
        super().__init__(port=0, rate_limits=False)
        self.listeners: dict[int, asyncio.Queue[Heard]] = {}

    def _application(self) -> web.Application:
        app = super()._application()
        app.middlewares.insert(0, self._stopwatch())
        return app

    def _stopwatch(self) -> Middleware:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            arrived = time.monotonic()
            response = await handler(request)
            is_message = request.method == "POST" and request.path.endswith("/messages")
            if is_message and response.status < 300:
                self._note(Heard(int(request.match_info["channel_id"]), arrived))
            return response

        return watch

    def _note(self, heard: Heard) -> None:
        queue = self.listeners.get(heard.channel_id)
        if queue is not None:
            queue.put_nowait(heard)


class Child:
    """A process of ours: what it says on standard error goes to a file in the stage's folder."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.returncode is not None

    def last_words(self) -> str:
        """Give the end of its log, for a failure's message."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def errors(self) -> list[str]:
        """List the events that it logged as errors; their names and causes hold nobody's words."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        events = [json.loads(line) for line in lines if line.startswith('{"')]
        return [f"{one['event']} ({one.get('cause', '')})" for one in events if one.get("level") == "error"]

    async def line(self) -> dict[str, str]:
        """Read the one JSON line with which a server says that it is ready."""
        assert self._process.stdout is not None
        async with asyncio.timeout(READY_WITHIN_S):
            raw = await self._process.stdout.readline()
        if not raw:
            raise BenchFailed(f"a server ended early: {self.last_words()}")
        return dict(json.loads(raw))

    async def end(self) -> None:
        """Ask it to end, and make it after a while."""
        if self.has_ended:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@dataclass
class Stage:
    """Discord, model and a data folder; bots come and go on it."""

    playground: TimedPlayground
    model: Child
    model_origin: str
    folder: Path
    http: aiohttp.ClientSession

    @property
    def data_dir(self) -> Path:
        """The bot's data folder; it outlives each bot on this stage."""
        return self.folder / "data"

    def environment(self) -> dict[str, str]:
        """Give the settings of a bot on this stage, free of the caller's own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
        return inherited | {
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": self.playground.token,
            "DISCORD_API_URL": self.playground.rest_url,
            "DISCORD_GATEWAY_URL": self.playground.gateway_url,
            "OPENAI_BASE_URL": f"{self.model_origin}/v1",
            "OPENAI_API_KEY": "bench",
            "MIRA_MODEL": "bench",
            "MIRA_DATA_DIR": str(self.data_dir),
            "MIRA_SETTLE_S": "0",
            "MIRA_PACE": "0",
            "MIRA_LOG_LEVEL": "warning",
        }

    @asynccontextmanager
    async def bot(self, module: Sequence[str] = ("bot.cli", "run")) -> AsyncIterator[Child]:
        """Run ``mira run``, or another bot, until the block ends; enters when its gateway session stands.

        Raises:
            BenchFailed: it did not get ready, or logged errors: figures over failing turns mean nothing.
        """
        child = await spawn(["-m", *module], self.folder, self.environment())
        try:
            await self._online(child)
            yield child
        except BenchFailed as failed:
            raise BenchFailed(f"{failed}; the end of the bot's log: {child.last_words()}") from failed
        finally:
            await child.end()
            self._stop_left_over_postgres()
        errors = child.errors()
        if errors:
            raise BenchFailed(f"the bot logged {len(errors)} errors, first {errors[0]}")

    async def _online(self, child: Child) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while not self.playground.core.sessions.is_online:
            if child.has_ended or time.monotonic() > until:
                raise BenchFailed("the bot did not get ready")
            await asyncio.sleep(POLL_S)

    def _stop_left_over_postgres(self) -> None:
        # only after a bot that had to be killed; its Postgres would run for ever
        postmaster = find_postmaster(self.data_dir)
        if postmaster is not None and psutil.pid_exists(postmaster.pid):
            os.kill(postmaster.pid, signal.SIGINT)

    async def model_calls(self) -> list[Call]:
        """Give the model server's own account of the calls since it was last asked."""
        async with self.http.get(f"{self.model_origin}/bench/calls") as response:
            return [Call(**one) for one in await response.json()]

    def cpu(self, bot: Child) -> CpuUse:
        """Read what every part has spent so far."""
        return read_cpu(bot.pid, self.model.pid, self.data_dir)


async def spawn(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> Child:
    """Start a Python process in *folder*, where no .env lies about."""
    log = folder / f"{arguments[1]}.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    return Child(process, log)


@asynccontextmanager
async def open_stage(
    *, latency_s: float = 0.0, paragraphs: int = 1, keeps_prompts: bool = False
) -> AsyncIterator[Stage]:
    """Set a stage without a bot on it; everything on it is gone afterwards."""
    arguments = ["-m", "bench.model", "--latency", str(latency_s), "--paragraphs", str(paragraphs)]
    if keeps_prompts:
        arguments.append("--keep-prompts")
    with tempfile.TemporaryDirectory(prefix="mira-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        playground = TimedPlayground()
        async with playground, aiohttp.ClientSession(trust_env=False) as http:
            model = await spawn(arguments, folder, {**os.environ, "PYTHONPATH": str(ROOT)})
            try:
                origin = (await model.line())["origin"]
                yield Stage(playground, model, origin, folder, http)
            finally:
                await model.end()
