"""CPU seconds and memory of each process on the stage, read from the operating system."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil

PID_LINE, PORT_LINE, SOCKET_LINE = 0, 3, 4  # of postmaster.pid; Postgres, pidfile.h


@dataclass(frozen=True, slots=True)
class CpuUse:
    """CPU seconds spent, user and system together, by each part and by the whole machine, over *seconds*."""

    bot: float
    postgres: float
    discord: float
    model: float
    machine: float
    seconds: float

    def since(self, earlier: CpuUse) -> CpuUse:
        """Give what was spent after *earlier*."""
        pairs = zip(astuple(self), astuple(earlier), strict=True)
        return CpuUse(*(now - before for now, before in pairs))

    def ms_a_turn(self, turns: int) -> dict[str, float]:
        """Share out over *turns* what each part spent, in milliseconds."""
        return {name: round(1000 * seconds / turns, 2) for name, seconds in self._parts().items()}

    def cores(self) -> dict[str, float]:
        """Give how many cores each part kept busy, and what else the machine did meanwhile."""
        others = self.machine - sum(self._parts().values())
        spent = self._parts() | {"others": max(0.0, others)}
        return {name: round(seconds / self.seconds, 2) for name, seconds in spent.items()}

    def _parts(self) -> dict[str, float]:
        return {"bot": self.bot, "postgres": self.postgres, "discord": self.discord, "model": self.model}


def total(stretches: Iterable[CpuUse]) -> CpuUse:
    """Add up what was spent in several stretches."""
    return CpuUse(*(sum(column) for column in zip(*map(astuple, stretches), strict=True)))


def read_cpu(bot_pid: int, model_pid: int, data_dir: Path) -> CpuUse:
    """Read all parts now; the loopback Discord and the people live in this process."""
    return CpuUse(
        bot=process_seconds(psutil.Process(bot_pid)),
        postgres=postgres_seconds(data_dir),
        discord=process_seconds(psutil.Process(os.getpid())),
        model=process_seconds(psutil.Process(model_pid)),
        machine=_machine_seconds(),
        seconds=time.monotonic(),
    )


def listed(parts: dict[str, float]) -> str:
    """Write figures by name, for a row's last column."""
    return ", ".join(f"{name} {value:g}" for name, value in parts.items())


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The embedded Postgres as its pid file describes it."""

    pid: int
    port: int
    socket_dir: str


def find_postmaster(data_dir: Path) -> Postmaster | None:
    """Find the embedded Postgres below *data_dir*; None while there is none."""
    for path in data_dir.rglob("postmaster.pid"):
        lines = path.read_text(encoding="utf-8").splitlines()
        return Postmaster(int(lines[PID_LINE]), int(lines[PORT_LINE]), lines[SOCKET_LINE])
    return None


def rss_mb(pid: int) -> float:
    """Give a process's resident memory in MB (10⁶ bytes)."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def process_seconds(process: psutil.Process) -> float:
    """Give the CPU seconds of one process, user and system together."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _machine_seconds() -> float:
    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - getattr(spent, "iowait", 0.0))


def postgres_seconds(data_dir: Path) -> float:
    """Add up the server, its living backends, and those that have ended."""
    postmaster = find_postmaster(data_dir)
    if postmaster is None:
        return 0.0
    server = psutil.Process(postmaster.pid)
    ended = server.cpu_times()
    total = process_seconds(server) + float(ended.children_user + ended.children_system)
    for backend in server.children(recursive=True):
        try:
            total += process_seconds(backend)
        except psutil.NoSuchProcess:
            continue
    return total
