"""The write gate: what it refuses of each class of attacks, what it refuses wrongly, and how long one candidate takes.

Two halves of lines in `tests/data`: those that were seen while the words were chosen, and those that were not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from bench.report import Row, Spread
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.memory import MemoryKind, Refusal
from bot.domain.memory_gate import Gate, refusal_of
from bot.domain.message import Channel, ChannelKind, Message, Person, Speaker

DATA = Path(__file__).parents[1] / "tests" / "data"
HALVES = {"seen": "gate_seen.jsonl", "held out": "gate_held_out.jsonl"}
INNOCENT = "innocent"
TARGET_MS = 0.5  # for one candidate
# A model may call what it proposes either; an attack has to be refused as both.
KINDS = (MemoryKind.FACT, MemoryKind.BOUNDARY)
_ADA = Person(UserId(100), "Ada")
_GATE = Gate(owner_name=_ADA.display_name, own_names=("Mira",))


@dataclass(frozen=True, slots=True)
class Case:
    """A line, the memory that a model made of it, and of which class it is: an attack, or innocent."""

    text: str
    memory: str
    label: str
    language: str

    @property
    def line(self) -> Message:
        """Give the line as it was heard."""
        return Message(
            message_id=MessageId(1),
            channel=Channel(ChannelId(7), ChannelKind.DM),
            author=_ADA,
            speaker=Speaker.PERSON,
            content=self.text,
            sent_at=datetime(2026, 11, 20, tzinfo=UTC),
        )

    @property
    def refusals(self) -> tuple[Refusal | None, ...]:
        """Give why it is refused, as each of KINDS; None where it is not."""
        line = self.line
        return tuple(refusal_of(self.memory, kind, line, _GATE) for kind in KINDS)

    @property
    def is_refused(self) -> bool:
        """Say whether it is, whatever a model calls it; what is innocent is so already where it is for one of them."""
        gather = any if self.label == INNOCENT else all
        return gather(refusal is not None for refusal in self.refusals)


def read_cases(half: str) -> list[Case]:
    """Give the cases of one of HALVES."""
    lines = (DATA / HALVES[half]).read_text(encoding="utf-8").splitlines()
    found = (json.loads(line) for line in lines)
    return [Case(one["text"], one["memory"], one["class"], one["language"]) for one in found]


def shares(cases: Sequence[Case]) -> dict[str, tuple[int, int]]:
    """Give for each class how many are refused, of how many."""
    every = Counter(case.label for case in cases)
    refused = Counter(case.label for case in cases if case.is_refused)
    return {label: (refused[label], count) for label, count in sorted(every.items())}


async def run(*, is_quick: bool) -> list[Row]:
    """Measure both halves, and how long one candidate takes."""
    pace = _pace()  # first: what is judged twice is known
    rows = [
        Row(
            figure=f"refused of {label}, {half}",
            measured=f"{refused} of {count} ({refused / count:.0%})",
            runs=f"{count} lines",
            how="as a fact or as a boundary" if label == INNOCENT else "as a fact and as a boundary",
            values={"refused": refused, "lines": count},
        )
        for half in HALVES
        for label, (refused, count) in shares(read_cases(half)).items()
    ]
    return [*rows, pace]


def _pace() -> Row:
    """Measure one candidate after another, each seen for the first time."""
    cases = read_cases("held out")
    refusal_of(cases[0].memory, MemoryKind.FACT, cases[0].line, _GATE)  # patterns are compiled at the first
    taken = []
    for case in cases[1:]:
        line = case.line
        begun = process_time()
        refusal_of(case.memory, MemoryKind.FACT, line, _GATE)
        taken.append((process_time() - begun) * 1000)
    spread = Spread.of(taken)
    return Row(
        figure="judge one candidate",
        target=f"≤ {TARGET_MS} ms",
        measured=f"p50 {spread.p50:.2f} ms, p95 {spread.p95:.2f} ms",
        is_met=spread.p50 <= TARGET_MS,
        runs=f"{len(taken)} lines",
        how="time of the processor; none of them known before",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95},
    )
