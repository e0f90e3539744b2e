"""The processes of the bot: kept running as a supervisor would, killed and frozen by the run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
RESTART_S = 0.5  # what a supervisor waits before it starts a process again
READY_WITHIN_S = 60.0
END_WITHIN_S = 25.0  # the bot's own promise is 20 s
LOOK_S = 0.05


@dataclass(slots=True)
class Ending:
    """A process that ended by itself, or was asked to."""

    name: str
    at: float
    code: int | None
    took_s: float | None = None


class Slot:
    """One place for a process; while it is wanted, one runs there."""

    def __init__(self, name: str, role: str, environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.role = role
        self.log = folder / f"{name}.log"
        self.endings: list[Ending] = []
        self.generation = 0
        self.is_wanted = False
        self._environment = environment
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._began_at = 0  # where in the log the present process begins

    @property
    def is_up(self) -> bool:
        """Say whether the process that runs here has said that it is ready."""
        if self.pid is None:
            return False
        with self.log.open("rb") as log:
            log.seek(self._began_at)
            return b'"event": "ready"' in log.read()

    @property
    def key(self) -> str:
        """Give the model key of the process that runs here now; no other ever has it."""
        return f"{self.name}.{self.generation}"

    @property
    def pid(self) -> int | None:
        """Give its process id; None while none runs."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    def start(self) -> None:
        """Want a process here from now on."""
        self.is_wanted = True
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def stop(self) -> None:
        """Want none any more: end what runs as an operator does."""
        self.is_wanted = False
        process, began = self._process, time.monotonic()
        if process is not None and process.returncode is None:
            self.signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(END_WITHIN_S):
                    await process.wait()
            except TimeoutError:
                self.signal(signal.SIGKILL)
            code = await process.wait()
            self.endings.append(Ending(self.name, time.time(), code, time.monotonic() - began))
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    def signal(self, number: signal.Signals) -> bool:
        """Send the process a signal; False if none runs."""
        if self.pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return True

    def kill_for_good(self) -> None:
        """Kill the process; no other takes its place."""
        self.is_wanted = False
        self.signal(signal.SIGKILL)

    def pause(self) -> None:
        """Stop the process's clock."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had been."""
        self.signal(signal.SIGCONT)

    def client_ports(self) -> set[int]:
        """List the local ports of its connections."""
        if self.pid is None:
            return set()
        try:
            return {one.laddr.port for one in psutil.Process(self.pid).net_connections("tcp") if one.raddr}
        except psutil.Error:
            return set()

    async def ready(self) -> None:
        """Wait until the process that runs here says that it is ready."""
        async with asyncio.timeout(READY_WITHIN_S):
            while not self.is_up:
                await asyncio.sleep(LOOK_S)

    def events(self) -> list[dict[str, object]]:
        """Read what the processes here have logged."""
        if not self.log.exists():
            return []
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                if line[:1].isalpha() and not line.startswith("Traceback"):
                    found.append({"level": "raw", "event": line[:200]})  # a start that failed, in its last words
        return found

    async def _keep(self) -> None:
        while self.is_wanted:
            self.generation += 1
            with self.log.open("ab") as errors:
                self._began_at = errors.tell()
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "bot.cli", "run", "--role", self.role),
                    env=self._environment | {"OPENAI_API_KEY": self.key},
                    cwd=self._folder,  # no .env of the developer's
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=errors,
                )
            code = await self._process.wait()
            if self.is_wanted:
                self.endings.append(Ending(self.name, time.time(), code))
                await asyncio.sleep(RESTART_S)


@dataclass
class Fleet:
    """All slots of a run; those not wanted at the moment are empty."""

    slots: list[Slot] = field(default_factory=list)

    def add(self, name: str, role: str, environment: dict[str, str], folder: Path) -> Slot:
        """Make an empty slot."""
        slot = Slot(name, role, environment, folder)
        self.slots.append(slot)
        return slot

    def living(self, *roles: str) -> list[Slot]:
        """List slots in which a process runs, of the given roles."""
        return [slot for slot in self.slots if slot.pid is not None and (not roles or slot.role in roles)]

    async def is_up(self, within_s: float) -> bool:
        """Wait until every process that is wanted is ready; False if that takes too long."""
        until = time.monotonic() + within_s
        while not all(slot.is_up for slot in self.slots if slot.is_wanted):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    async def stop(self) -> None:
        """End everything."""
        await asyncio.gather(*(slot.stop() for slot in self.slots))

    def kill_left_over(self) -> None:
        """Kill what still runs; frozen processes hear nothing else."""
        for slot in self.living():
            slot.signal(signal.SIGKILL)

    def unasked_endings(self) -> list[Ending]:
        """List processes that gave up by themselves; killed ones have a negative code."""
        return [end for slot in self.slots for end in slot.endings if end.took_s is None and (end.code or 0) >= 0]

    def drains(self) -> list[Ending]:
        """List processes that were asked to end, with how long each took."""
        return [end for slot in self.slots for end in slot.endings if end.took_s is not None]

    def logged(self, *levels: str) -> Counter[str]:
        """Count what was logged at the given levels, by event and kind of exception."""
        counts: Counter[str] = Counter()
        for slot in self.slots:
            for event in slot.events():
                if event.get("level") in levels:
                    kind = str(event.get("exception", "")).split(" ", 1)[0]
                    counts[f"{event.get('event')} {kind}".strip()] += 1
        return counts
