"""Memory of the bot process while a hundred people talk, and whether it still grows at the end."""

from __future__ import annotations

import asyncio
from statistics import linear_regression

from bench.cpu import rss_mb
from bench.report import Row
from bench.stage import open_stage
from bench.talk import people

PEOPLE = 100
ROUNDS = 10  # of one turn for each person
MARKS = (200, 500, 1000)  # turns
LIMIT_MB = 150.0
FLAT_MB = 1.5  # growth from turn 500 to 1,000 that still counts as flat: 1 % of the limit
QUIET_S = 0.5  # lets the last turns' bookkeeping end before memory is read


async def run(*, is_quick: bool) -> list[Row]:
    """Read memory after each round of turns; quick and full runs are the same."""
    at: dict[int, float] = {}
    async with open_stage() as stage, stage.bot() as bot:
        everybody = people(stage, PEOPLE)
        for number in range(1, ROUNDS + 1):
            await asyncio.gather(*(one.exchange() for one in everybody))
            await asyncio.sleep(QUIET_S)
            at[number * PEOPLE] = rss_mb(bot.pid)
    late = [turns for turns in at if turns >= MARKS[1]]
    slope = linear_regression(late, [at[turns] for turns in late]).slope
    growth = slope * (MARKS[2] - MARKS[1])
    shown = ", ".join(f"{turns}: {at[turns]:.1f}" for turns in MARKS)
    values = {f"rss_mb_{turns}": value for turns, value in at.items()}
    return [
        Row(
            figure="memory after 1,000 turns",
            target=f"≤ {LIMIT_MB:.0f} MB",
            measured=f"{at[MARKS[2]]:.1f} MB",
            is_met=at[MARKS[2]] <= LIMIT_MB,
            runs="1 run",
            how=f"resident memory of the bot process, {PEOPLE} people at once; {shown}",
            values=values,
        ),
        Row(
            figure="memory, turn 500 to 1,000",
            target="flat",
            measured=f"{growth:+.2f} MB",
            is_met=growth <= FLAT_MB,
            runs=f"{len(late)} readings",
            how=f"regression over a reading each {PEOPLE} turns; flat is up to {FLAT_MB} MB",
            values={"growth_mb": growth},
        ),
    ]
