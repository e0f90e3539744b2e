"""How long a message that one process heard takes to another that answers it."""

from __future__ import annotations

import asyncpg

from bench.cpu import find_postmaster
from bench.crew import open_crew
from bench.report import Row, Spread
from bench.stage import BenchFailed, Stage, open_stage
from bench.talk import Talker

TURNS, QUICK_TURNS = 300, 80
WARM_UP = 30
PAUSE_S = 0.05  # a person takes a breath; the last turn's bookkeeping is over
TARGET_MS = 10.0
SETS = {"gateway → worker": (("gateway", "gateway"), ("worker", "worker")), "one process": (("all", "all"),)}
# from the moment the event is taken in to the moment the turn is opened: the message's own statement, the wake-up,
# and taking the channel are all in it
TAKEN = (
    "SELECT 1000 * extract(epoch FROM turn.started_at - message.heard_at) FROM messages AS message "
    "JOIN turns AS turn USING (turn_id) WHERE message.state = 'answered' AND message.speaker = 'person' "
    "ORDER BY message.message_id DESC LIMIT $1"
)


async def run(*, is_quick: bool) -> list[Row]:
    """Measure across processes, and inside one for comparison."""
    turns = QUICK_TURNS if is_quick else TURNS
    found = {}
    for label, roles in SETS.items():
        async with open_stage() as stage, open_crew(stage, roles):
            talker = Talker(stage, "ana")
            await talker.talk(WARM_UP + turns, pause_s=PAUSE_S)
            found[label] = await _taken_ms(stage, turns)
    return [_row(label, samples, found) for label, samples in found.items()]


async def _taken_ms(stage: Stage, turns: int) -> list[float]:
    """Ask the database for the two moments of each of the last messages; both are of this machine's clock."""
    postmaster = find_postmaster(stage.data_dir)
    if postmaster is None:
        raise BenchFailed("there is no database to ask")
    connection = await asyncpg.connect(host=postmaster.socket_dir, user="postgres", database="postgres")
    try:
        return [float(row[0]) for row in await connection.fetch(TAKEN, turns)]
    finally:
        await connection.close()


def _row(label: str, samples: list[float], found: dict[str, list[float]]) -> Row:
    spread = Spread.of(samples)
    is_across = label != "one process"
    inside = Spread.of(found["one process"])
    return Row(
        figure=f"wake-up, {label}",
        target=f"p50 ≤ {TARGET_MS:.0f} ms" if is_across else "",
        measured=f"p50 {spread.p50:.1f}, p95 {spread.p95:.1f} ms",
        is_met=spread.p50 <= TARGET_MS if is_across else None,
        runs=f"{len(samples)} turns",
        how="event taken in → turn opened: the message's statement, the wake-up and taking the channel"
        + (f"; across processes it costs {spread.p50 - inside.p50:+.1f} ms" if is_across else " (control)"),
        values={"p50_ms": spread.p50, "p95_ms": spread.p95, "max_ms": max(samples)},
    )
