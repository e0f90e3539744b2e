"""``python -m tests.mutants``: change the affect model in every small way and see that its tests notice.

Each mutant is tried in a copy, at the lowest priority, one process a core. What was found is kept, and a second run
goes on where the first ended. Survivors that docs/affect-mutants.md proves to be equivalent are expected; any other
makes the run fail.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tests.mutants.sites import Mutant, mutants_of
from tests.mutants.trial import AFFECT, KILLED, ROOT, SURVIVED, start, take_snapshot

FOUND = ROOT / "dist" / "mutants.jsonl"
PROOFS = ROOT / "docs" / "affect-mutants.md"
NICENESS = 15
POLL_S = 0.02
# A mutant may use this many times the processor time of the model itself before it counts as hanging.
PATIENCE = 2.5
OUTCOMES = {SURVIVED: "survived", **dict.fromkeys(KILLED, "killed"), -signal.SIGXCPU: "hung"}
GOLDEN_RATIO = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant: killed (and by which test), survived, hung, or broken.

    *code* says what its module was, *world* what all modules and tests were.
    """

    name: str
    code: str
    outcome: str
    killer: str
    seconds: float
    world: str = ""


def say(text: str) -> None:
    """Write a line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutate the affect model.")
    parser.add_argument("names", nargs="*", help="modules (burst) or mutants (burst._sound#3); all by default")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th only, spread over all modules")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no more after so long")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    parser.add_argument("--list", action="store_true", help="list the mutants and what is known of them")
    return parser.parse_args(arguments)


def proven() -> dict[str, str]:
    """Give the mutants that the document proves to be equivalent, with the change as it is written there."""
    rows = re.findall(r"^\| `([^`]+#\d+)` \| (`.+?` → `.+?`) \|", PROOFS.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: change.replace("\\|", "|") for name, change in rows}


def change_of(mutant: Mutant) -> str:
    """Write a mutant's change as the document does."""
    return f"`{mutant.before}` → `{mutant.after}`"


def chosen(mutants: Sequence[Mutant], names: Iterable[str], every: int) -> list[Mutant]:
    """Give the mutants asked for, so ordered that any beginning is spread evenly over all modules."""
    wanted = set(names)
    some = [one for one in mutants if not wanted or {one.module, one.name} & wanted]
    return [some[number] for number in sorted(range(0, len(some), every), key=lambda at: at * GOLDEN_RATIO % 1.0)]


def code_of(mutant: Mutant, sources: dict[str, str]) -> str:
    """Give a hash of the mutant's module and change: what a verdict was about."""
    text = f"{sources[mutant.module]}\0{mutant.name}\0{change_of(mutant)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def world_of(snapshot: Path) -> str:
    """Give a hash of the model and its tests together."""
    found = hashlib.sha256()
    for path in sorted(snapshot.rglob("*.py")) + sorted(snapshot.rglob("*.json")):
        found.update(f"{path.relative_to(snapshot)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def known(codes: dict[str, str], world: str) -> dict[str, Verdict]:
    """Give what earlier runs found: kills hold while the module is the same, the rest while everything is."""
    if not FOUND.exists():
        return {}
    verdicts = [Verdict(**json.loads(line)) for line in FOUND.read_text(encoding="utf-8").splitlines()]
    mine = [one for one in verdicts if codes.get(one.name) == one.code]
    return {one.name: one for one in mine if one.outcome == "killed" or one.world == world}


class Bench:
    """Tries mutants, several at a time."""

    def __init__(self, snapshot: Path, workers: int, codes: dict[str, str]) -> None:
        self.snapshot, self.workers, self.codes, self.world = snapshot, workers, codes, world_of(snapshot)
        self.longest_cpu_s = 0
        self.running: dict[int, tuple[Mutant, float]] = {}

    def measure(self) -> float:
        """Run the tests against the model itself, which must pass; sets how long a mutant may take."""
        _, status, used = os.wait4(start(self.snapshot, None, self._paper(None)), 0)
        if os.waitstatus_to_exitcode(status) != SURVIVED:
            raise SystemExit(f"the tests fail without any mutant: {self._paper(None).read_text(encoding='utf-8')}")
        took = used.ru_utime + used.ru_stime
        self.longest_cpu_s = ceil(PATIENCE * took)
        return took

    def try_all(self, mutants: Iterable[Mutant], until: float, tell: Callable[[Verdict, Mutant], None]) -> None:
        """Try *mutants* until the time is up; *tell* hears of each."""
        waiting = iter(mutants)
        try:
            while self._fill(waiting, until) or self.running:
                self._collect(tell)
                time.sleep(POLL_S)
        finally:
            for pid in self.running:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _fill(self, waiting: Iterable[Mutant], until: float) -> bool:
        while len(self.running) < self.workers and time.monotonic() < until:
            mutant = next(iter(waiting), None)
            if mutant is None:
                return False
            pid = start(self.snapshot, mutant, self._paper(mutant), self.longest_cpu_s)
            self.running[pid] = mutant, time.monotonic()
        return time.monotonic() < until

    def _collect(self, tell: Callable[[Verdict, Mutant], None]) -> None:
        for pid, (mutant, began) in list(self.running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            took = time.monotonic() - began
            if done:
                del self.running[pid]
                tell(self._verdict(mutant, OUTCOMES.get(os.waitstatus_to_exitcode(status), "broken"), took), mutant)

    def _verdict(self, mutant: Mutant, outcome: str, took: float) -> Verdict:
        paper = self._paper(mutant)
        killer = paper.read_text(encoding="utf-8") if paper.exists() else ""
        return Verdict(mutant.name, self.codes[mutant.name], outcome, killer, round(took, 2), self.world)

    def _paper(self, mutant: Mutant | None) -> Path:
        return self.snapshot / f"{mutant.name if mutant else 'none'}.verdict"


def run(given: argparse.Namespace) -> int:
    """Try what is asked for; 1 when a mutant survives that is not proven equivalent."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        snapshot = Path(folder).resolve()
        take_snapshot(snapshot)
        paths = sorted((snapshot / AFFECT).glob("*.py"))
        sources = {path.stem: path.read_text(encoding="utf-8") for path in paths}
        everything = [mutant for path in paths for mutant in mutants_of(path)]
        codes = {one.name: code_of(one, sources) for one in everything}
        if given.fresh:
            FOUND.unlink(missing_ok=True)
        old = known(codes, world_of(snapshot))
        mutants = chosen(everything, given.names, given.every)
        if given.list:
            for one in mutants:
                state = (old[one.name].killer or old[one.name].outcome) if one.name in old else "not tried"
                say(f"{one.name}\t{one.line}\t{one.kind}\t{change_of(one)}\t{state}")
            return 0
        return _try(given, snapshot, mutants, old, codes)


def _try(
    given: argparse.Namespace, snapshot: Path, mutants: list[Mutant], old: dict[str, Verdict], codes: dict[str, str]
) -> int:
    equivalent = proven()
    verdicts = {one.name: old[one.name] for one in mutants if one.name in old}
    bench = Bench(snapshot, given.workers, codes)
    os.nice(NICENESS)
    took = bench.measure()
    say(
        f"{len(mutants)} mutants, {len(verdicts)} known already; without any, the tests use {took:.1f} s of a processor"
    )
    FOUND.parent.mkdir(exist_ok=True)
    with FOUND.open("a", encoding="utf-8") as paper:

        def tell(verdict: Verdict, mutant: Mutant) -> None:
            verdicts[verdict.name] = verdict
            paper.write(json.dumps({field: getattr(verdict, field) for field in Verdict.__slots__}) + "\n")
            paper.flush()
            if (verdict.outcome == "killed") is (mutant.name in equivalent):
                say(f"{verdict.outcome}: {mutant.name}, line {mutant.line}: {change_of(mutant)}")

        waiting = (one for one in mutants if one.name not in old)
        bench.try_all(waiting, time.monotonic() + given.seconds, tell)
    return _report(mutants, verdicts, equivalent)


def _report(mutants: list[Mutant], verdicts: dict[str, Verdict], equivalent: dict[str, str]) -> int:
    """Count by module and in all."""
    unproven = 0
    for module in [*sorted({one.module for one in mutants}), "all"]:
        mine = [one for one in mutants if module in ("all", one.module)]
        found = Counter(verdicts[one.name].outcome for one in mine if one.name in verdicts)
        left = [one for one in mine if one.name in verdicts and verdicts[one.name].outcome in ("survived", "broken")]
        unproven = sum(one.name not in equivalent for one in left)
        say(
            f"{module:14} {len(mine):5} mutants  {found['killed']:5} killed  {found['hung']:2} hung  "
            f"{len(left) - unproven:3} equivalent  {unproven:3} survived  {len(mine) - found.total():5} not tried"
        )
    return 1 if unproven else 0


if __name__ == "__main__":
    sys.exit(run(read_arguments()))
