"""What a figure looks like, the table that shows it, and the file that keeps it."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure; *is_met* is None where nothing was promised."""

    figure: str
    measured: str
    runs: str
    how: str
    target: str = ""
    is_met: bool | None = None
    values: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of samples, in the samples' own unit."""

    p50: float
    p95: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Take both from *samples*; raises ValueError when there are none."""
        if not samples:
            raise ValueError("nothing was measured")
        ordered = sorted(samples)
        return cls(median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])


def machine() -> dict[str, object]:
    """Describe where the figures were taken; the load says how quiet it was."""
    load = [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else []
    return {
        "cores": os.cpu_count(),
        "load_average": load,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def show(rows: Sequence[Row]) -> None:
    """Print one table; what it measured and how stands beside each figure."""
    marks = {None: "", True: "met", False: "MISSED"}
    table = [("figure", "target", "measured", "", "runs", "how")]
    table += [(row.figure, row.target, row.measured, marks[row.is_met], row.runs, row.how) for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]) - 1)]
    for number, line in enumerate(table):
        cells = [cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=True)]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in [*widths, 3]))


def keep(rows: Sequence[Row], notes: Sequence[str], before: dict[str, object]) -> Path:
    """Write figures, notes and the machine's state before and after to a new JSON file; give its path."""
    RESULTS.mkdir(exist_ok=True)
    after = machine()
    path = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    found = {
        "command": sys.argv[1:],
        "machine_before": before,
        "machine_after": after,
        "rows": [asdict(row) for row in rows],
        "notes": list(notes),
    }
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return path
