"""``python -m bench [name…] [--quick]``: measure, print one table, keep it as JSON.

``python -m bench locomo PATH [--embedder local]`` measures recall on a file of long conversations.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from bench.report import Row, keep, machine, show
from bench.stage import BenchFailed


class Figure(Protocol):
    """Measures one thing; gives its rows."""

    def __call__(self, *, is_quick: bool) -> Awaitable[list[Row]]:
        """Measure; *is_quick* takes fewer samples."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says: *minutes* and *seed* are for chaos, *path* and *embedder* for LoCoMo."""

    is_quick: bool
    minutes: float | None = None
    seed: int | None = None
    path: Path | None = None
    embedder: str | None = None


# Modules of this package; each is imported when it is asked for, so that none can keep the others from running.
FIGURES = (
    "latency",
    "throughput",
    "memory",
    "start",
    "model_calls",
    "prefix",
    "affect",
    "attention",
    "gate",
    "voice",
    "feelings_sql",
    "recall",
    "recalls",
    "chart",
    "embed",
    "switch",
    "wake",
    "idle",
    "workers",
    "takeover",
    "backlog",
    "chaos",
)
LOCOMO = "locomo"  # only where it is asked for by name: it needs a file that does not come with this project
NOTES = (
    "each figure has a fresh database (embedded Postgres, durable commits), settle and pace 0, log level warning",
    "the bot is `mira run` in a process of its own, so is the model server; the loopback Discord and the people "
    "share one, with its rate limits off (Discord's own would cap one channel at a message a second)",
    "cores busy: others is the rest of the machine; where it and the parts fill all cores, times are too long",
    "a model answer is one JSON object streamed in pieces of 24 characters",
)


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Mira against loopback servers.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of: {', '.join(FIGURES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer turns and shorter windows")
    parser.add_argument("--minutes", type=float, help="how long chaos lasts; 5 by default")
    parser.add_argument("--seed", type=int, help="what chaos is made from; a new one by default, printed")
    parser.add_argument("--embedder", choices=("local",), help="for locomo: measure with vectors as well")
    given = parser.parse_args(arguments)
    given.path = None
    if LOCOMO in given.names[:1]:
        given.names, given.path = given.names[:1], Path(given.names[1]) if given.names[1:] else None
        return given
    for name in given.names:
        if name not in FIGURES:
            parser.error(f"no figure is called {name!r}; there are {', '.join(FIGURES)}")
    return given


def figure(name: str, wishes: Wishes) -> Figure:
    """Give what measures *name*; raises BenchFailed when its module cannot be imported."""
    try:
        run: Figure = importlib.import_module(f"bench.{name}").run
    except ImportError as error:
        raise BenchFailed(f"it cannot be imported: {error}") from error
    if name == "chaos":
        return partial(run, minutes=wishes.minutes, seed=wishes.seed)
    return partial(run, path=wishes.path, embedder=wishes.embedder) if name == LOCOMO else run


async def measure(names: Sequence[str], wishes: Wishes) -> tuple[list[Row], list[str]]:
    """Measure one figure after another; one that fails does not keep the rest."""
    rows: list[Row] = []
    failures: list[str] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            rows += await figure(name, wishes)(is_quick=wishes.is_quick)
        except BenchFailed as failed:
            failures.append(f"{name} failed: {failed}")
    return rows, failures


def main() -> int:
    """Run; 1 when a figure could not be measured, whatever the figures are."""
    given = read_arguments()
    before = machine()
    wishes = Wishes(given.quick, given.minutes, given.seed, given.path, given.embedder)
    rows, failures = asyncio.run(measure(given.names or list(FIGURES), wishes))
    print()
    show(rows)
    print()
    for note in (*failures, *NOTES):
        print(f"- {note}")
    after = machine()
    print(f"- {before['cores']} cores, load before {before['load_average']}, after {after['load_average']}")
    print(f"- kept in {keep(rows, [*failures, *NOTES], before)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
