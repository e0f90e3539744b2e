"""One chaos run from a plan to its verdict."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playground.core import Options
from playground.server import Playground
from tests.chaos.database import ChaosDatabase
from tests.chaos.diagnosis import explain
from tests.chaos.fleet import ROOT, Fleet
from tests.chaos.havoc import Havoc, Relays, Struck
from tests.chaos.model import ChaosModel
from tests.chaos.people import Crowd
from tests.chaos.plan import Plan
from tests.chaos.relay import Relay
from tests.chaos.verdict import Recovery, Verdict, judge, parts_of, recoveries, recovery_lines, unanswered

GREETED_WITHIN_S = 60.0
SETTLE_LOOK_S = 0.5
QUIET_S = 6.0  # three sweeps after the last reply: what comes twice has come by then
OWN_PREFIXES = ("MIRA_", "OPENAI_", "DISCORD_", "DATABASE_")
WINDOWS = 5


@dataclass(slots=True)
class Report:
    """A run and what came of it."""

    plan: Plan
    verdict: Verdict
    struck: list[Struck]
    recoveries: list[Recovery]
    drains_s: list[float]
    settled_s: float
    windows: list[str]
    endings: Counter[str]
    logged: Counter[str]
    explained: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Tell it."""
        kinds = Counter(one.kind for one in self.struck)
        drains = f"max {max(self.drains_s):.1f} s of {len(self.drains_s)}" if self.drains_s else "none"
        return [
            f"seed {self.plan.seed}, {self.plan.duration_s:.0f} s, {len(self.plan.lines)} messages planned, "
            f"one process from {self.plan.alone_from_s:.0f} s on",
            *self.verdict.lines(),
            f"{len(self.struck)} strikes: " + ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common()),
            *recovery_lines(self.recoveries),
            f"all answered {self.settled_s:.1f} s after the last strike; processes asked to end: {drains}",
            *self.windows,
            "ended by themselves: " + (", ".join(f"{c} × {name}" for name, c in self.endings.items()) or "none"),
            "logged as errors: " + (", ".join(f"{c} × {name}" for name, c in self.logged.most_common(12)) or "none"),
            *self.explained,
        ]


class Run:
    """Everything that lives during a run."""

    def __init__(
        self, plan: Plan, playground: Playground, model: ChaosModel, database: ChaosDatabase, relays: Relays,
        folder: Path,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.model = model
        self.database = database
        self.fleet = Fleet()
        self.crowd = Crowd(playground, plan)
        self.havoc = Havoc(playground, model, self.fleet, database, relays)
        self._her = playground.world.app_user
        shared = _environment(playground, relays)
        spread = shared | {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{relays.database.port}/postgres?sslmode=disable",
            "MIRA_DATA_DIR": str(folder / "unused"),
        }
        self.spread = [
            self.fleet.add(name, role, spread, folder)
            for name, role in (("gateway", "gateway"), ("worker-a", "worker"), ("worker-b", "worker"))
        ]
        alone = shared | {"MIRA_DATA_DIR": str(folder / "data")}
        self.alone = self.fleet.add("alone", "all", alone, folder)

    async def begin(self) -> None:
        """Start the processes that share the work, and have every place greeted and answered."""
        for slot in self.spread:
            slot.start()
        await asyncio.gather(*(slot.ready() for slot in self.spread))
        self.crowd.greet()
        if not await self.settled(GREETED_WITHIN_S, quiet_s=0.0):
            raise RuntimeError("the greetings were not answered, before anything was struck")

    async def live(self) -> float:
        """Live through the plan; gives when the last strike was over."""
        acts = [self.crowd.talk(), self.havoc.run(self.plan), self._change_over()]
        await asyncio.gather(*acts)
        await self.havoc.end()
        return time.time()

    async def settled(self, within_s: float, *, quiet_s: float = QUIET_S) -> bool:
        """Wait until everything has its reply and nothing more comes; False if that takes too long."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            parts, _ = parts_of(self.crowd.channels, self._her)
            newest = max((part.at for part in parts), default=0.0)
            is_quiet = time.time() - newest >= quiet_s and not any(call.ended is None for call in self.model.calls)
            if not unanswered(self.crowd.said, parts) and is_quiet:
                return True
            await asyncio.sleep(SETTLE_LOOK_S)
        return False

    async def report(self, over_at: float) -> Report:
        """Judge what there is now."""
        parts, strange = parts_of(self.crowd.channels, self._her)
        struck, calls = self.havoc.struck, self.model.calls
        verdict = judge(self.crowd.said, parts, strange, calls, struck)
        newest = max((part.at for part in parts), default=over_at)
        explained = [] if verdict.is_good else await explain(verdict, self.crowd.said, calls, struck, self.database)
        return Report(
            plan=self.plan,
            verdict=verdict,
            struck=struck,
            recoveries=recoveries(struck, calls, parts),
            drains_s=[end.took_s for end in self.fleet.drains() if end.took_s is not None],
            settled_s=max(0.0, newest - over_at),
            windows=self._windows([part.at for part in parts]),
            endings=Counter(f"{end.name} with {end.code}" for end in self.fleet.unasked_endings()),
            logged=self.fleet.logged("error", "critical", "raw"),
            explained=explained,
        )

    async def _change_over(self) -> None:
        """Give the work of three processes to one, while people go on talking."""
        await asyncio.sleep(self.plan.alone_from_s)
        self.havoc.is_alone = True
        await asyncio.gather(*(slot.stop() for slot in self.spread))
        await self.database.start()
        self.alone.start()

    def _windows(self, answered: list[float]) -> list[str]:
        """Count said, answered and struck, window by window."""
        said = [one.at for one in self.crowd.said.values() if one.line.at]
        if not said:
            return []
        began = min(said)
        length = self.plan.duration_s / WINDOWS
        rows = []
        for window in range(WINDOWS + 1):
            low, high = began + window * length, began + (window + 1) * length
            label = f"{window * length:.0f}–{(window + 1) * length:.0f} s"
            if window == WINDOWS:
                high, label = float("inf"), "after"
            counts = [sum(low <= at < high for at in row) for row in (said, answered, self._struck_at)]
            rows.append(f"{label}: {counts[0]} said, {counts[1]} parts sent, {counts[2]} strikes")
        return rows

    @property
    def _struck_at(self) -> list[float]:
        return [one.at for one in self.havoc.struck]


@contextmanager
def run_folder() -> Iterator[Path]:
    """Give a folder for a run; it stays, with the logs in it, when the block fails.

    Not a folder of pytest's: those are closed to the user that Postgres runs as where we are root.
    """
    folder = Path(tempfile.mkdtemp(prefix="mira-chaos-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def open_run(plan: Plan, folder: Path) -> AsyncIterator[Run]:
    """Set everything up in *folder*; all of it is gone afterwards but the logs."""
    database = ChaosDatabase(folder / "data")
    playground = Playground(port=0, options=Options())
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # each cable that is cut is an error to it
    async with playground, ChaosModel(plan.seed) as model:
        run: Run | None = None
        await database.start()
        try:
            async with (
                Relay(database.reach) as to_database,
                Relay(lambda: asyncio.open_connection("127.0.0.1", _port(playground.rest_url))) as to_discord,
                Relay(lambda: asyncio.open_connection("127.0.0.1", _port(model.base_url))) as to_model,
            ):
                run = Run(plan, playground, model, database, Relays(to_database, to_discord, to_model), folder)
                try:
                    yield run
                finally:
                    await run.fleet.stop()
                    run.fleet.kill_left_over()
        finally:
            await database.stop()


async def chaos(plan: Plan, folder: Path, *, settle_within_s: float) -> Report:
    """Live through *plan* and judge it."""
    async with open_run(plan, folder) as run:
        await run.begin()
        over_at = await run.live()
        await run.settled(settle_within_s)
        report = await run.report(over_at)
        await run.fleet.stop()
        report.drains_s = [end.took_s for end in run.fleet.drains() if end.took_s is not None]
        return report


def _port(url: str) -> int:
    return int(url.split(":")[2].split("/")[0])


def _environment(playground: Playground, relays: Relays) -> dict[str, str]:
    """Give the settings that all processes share, free of the caller's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
    return inherited | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")]))),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": f"http://127.0.0.1:{relays.discord.port}/api/v10",
        "DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{relays.discord.port}/gateway",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{relays.model.port}/v1",
        "MIRA_MODEL": "scripted",
        "MIRA_SETTLE_S": "0.3",
        "MIRA_TYPING_WAIT_S": "2",
        "MIRA_PACE": "0",
        "MIRA_LOG_FORMAT": "json",
    }
