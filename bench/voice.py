"""The voice guard: what it finds of assistant talk, what it finds wrongly, and how long one paragraph takes.

Two halves of lines in `tests/data`, all written without knowledge of the phrases and parted by a hash of their text:
those that were seen while the phrases were written down, and those that were not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from bench.report import Row, Spread
from bot.domain.safety import judge
from bot.domain.voice import sound_of

DATA = Path(__file__).parents[1] / "tests" / "data"
HALVES = {"seen": "voice_seen.jsonl", "held out": "voice_held_out.jsonl"}
ASSISTANT, HERS = "assistant", "hers"
TARGET_MS = 0.5  # for one paragraph


@dataclass(frozen=True, slots=True)
class Line:
    """A line, whether an assistant or she might have said it, and its language."""

    text: str
    label: str
    language: str


def read_lines(half: str) -> list[Line]:
    """Give the lines of one of HALVES."""
    lines = (DATA / HALVES[half]).read_text(encoding="utf-8").splitlines()
    return [Line(one["text"], one["class"], one["language"]) for one in map(json.loads, lines)]


def shares(lines: Sequence[Line]) -> dict[tuple[str, str], tuple[int, int]]:
    """Give for each class and language how many are flagged, of how many."""
    every = Counter((line.label, line.language) for line in lines)
    flagged = Counter((line.label, line.language) for line in lines if sound_of(line.text).is_flagged)
    return {key: (flagged[key], count) for key, count in sorted(every.items())}


def share(lines: Sequence[Line], label: str) -> tuple[int, int]:
    """Give how many lines of a class are flagged, of how many, in all languages."""
    found = [counts for (of, _), counts in shares(lines).items() if of == label]
    return sum(flagged for flagged, _ in found), sum(count for _, count in found)


async def run(*, is_quick: bool) -> list[Row]:
    """Measure both halves, and how long one paragraph takes."""
    rows = []
    for half in HALVES:
        lines = read_lines(half)
        rows += [_row(f"{label}, all languages, {half}", *share(lines, label)) for label in (ASSISTANT, HERS)]
        rows += [_row(f"{label}, {language}, {half}", *found) for (label, language), found in shares(lines).items()]
    return [*rows, _pace()]


def _row(figure: str, flagged: int, count: int) -> Row:
    return Row(
        figure=f"flagged of {figure}",
        measured=f"{flagged} of {count} ({flagged / count:.0%})",
        runs=f"{count} lines",
        how="score of one plain phrase or two faint ones",
        values={"flagged": flagged, "lines": count},
    )


def _pace() -> Row:
    """Measure one line after another."""
    lines = read_lines("held out")
    judge(lines[0].text)  # phrases are read at the first
    taken = []
    for line in lines:
        begun = process_time()
        judge(line.text)
        taken.append((process_time() - begun) * 1000)
    spread = Spread.of(taken)
    return Row(
        figure="judge one paragraph",
        target=f"≤ {TARGET_MS} ms",
        measured=f"p50 {spread.p50:.2f} ms, p95 {spread.p95:.2f} ms",
        is_met=spread.p50 <= TARGET_MS,
        runs=f"{len(taken)} lines",
        how="time of the processor",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95},
    )
