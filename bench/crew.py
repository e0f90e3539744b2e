"""Several processes of the bot on one stage: each ready before it counts, all sharing one embedded Postgres."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psutil

from bench.cpu import find_postmaster, postgres_seconds, process_seconds
from bench.stage import BenchFailed, Stage
from tests.chaos.fleet import Fleet, Slot


class Crew:
    """The processes of a stage, by name."""

    def __init__(self, stage: Stage, **changes: str) -> None:
        self._stage = stage
        self._changes = {"MIRA_LOG_LEVEL": "info", "MIRA_LOG_FORMAT": "json", **changes}
        self._fleet = Fleet()

    async def join(self, name: str, role: str) -> Slot:
        """Start one more process and wait until it is ready.

        Raises:
            BenchFailed: it did not get ready.
        """
        slot = self._fleet.add(name, role, self._stage.environment() | self._changes, self._stage.folder)
        slot.start()
        try:
            await slot.ready()
        except TimeoutError:
            raise BenchFailed(f"{name} did not get ready: {slot.events()[-3:]}") from None
        return slot

    def asking(self, key: str) -> Slot:
        """Find the process that shows the model server this key."""
        return next(slot for slot in self._fleet.slots if slot.key == key)

    def pid(self, name: str) -> int:
        """Give the process id of a member."""
        found = next(slot.pid for slot in self._fleet.slots if slot.name == name)
        if found is None:
            raise BenchFailed(f"{name} ended")
        return found

    def cpu(self) -> dict[str, float]:
        """Read the CPU seconds spent so far by each process, by Postgres, the loopback Discord and the model."""
        spent = {slot.name: process_seconds(psutil.Process(slot.pid)) for slot in self._fleet.slots if slot.pid}
        return spent | {
            "postgres": postgres_seconds(self._stage.data_dir),
            "discord and people": process_seconds(psutil.Process(os.getpid())),
            "model": process_seconds(psutil.Process(self._stage.model.pid)),
        }

    def errors(self) -> list[str]:
        """List what the processes logged as errors."""
        return [f"{count} × {name}" for name, count in self._fleet.logged("error", "critical", "raw").items()]

    async def leave(self) -> None:
        """End every process, and Postgres if a killed one left it behind."""
        await self._fleet.stop()
        postmaster = find_postmaster(self._stage.data_dir)
        if postmaster is not None and psutil.pid_exists(postmaster.pid):
            os.kill(postmaster.pid, signal.SIGINT)


@asynccontextmanager
async def open_crew(stage: Stage, roles: Sequence[tuple[str, str]], **changes: str) -> AsyncIterator[Crew]:
    """Start processes, each given as its name and its role, one after the other; end them after the block.

    *changes* are settings that differ from the stage's own.
    """
    crew = Crew(stage, **changes)
    try:
        for name, role in roles:
            await crew.join(name, role)
        await asyncio.sleep(1.0)  # what is done once after a start is over
        yield crew
        errors = crew.errors()  # read before they are asked to end: figures over failing turns mean nothing
    except BenchFailed as failed:
        raise BenchFailed(f"{failed}; logged as errors: {crew.errors() or 'nothing'}") from failed
    finally:
        await crew.leave()
    if errors:
        raise BenchFailed(f"the processes logged errors: {errors[:3]}")


def spent_since(now: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    """Give the seconds between two readings."""
    return {name: seconds - before.get(name, 0.0) for name, seconds in now.items()}
