"""What comes to mind by words alone, in twelve languages: what answers, what must stay away, what holds no longer.

Measured on the half of the project's own data that no rule was tuned on: ``tests/data/comes_to_mind.toml``.
"""

from __future__ import annotations

from bench.recall import open_database
from bench.report import Row
from tests.comes_to_mind import Tally, measure

HOW = "tests/data/comes_to_mind.toml, held out; a turn's own threshold, by words alone"
STRAY_MOST, HITS_LEAST, HELD_LEAST = 0.03, 0.75, 0.95
SIZES = {"small": "lines of one language", "large": "lines of all twelve languages"}


async def run(*, is_quick: bool) -> list[Row]:
    """Let people talk and ask them; it takes seconds, so that a quick run is the same."""
    async with open_database() as (_, pool):
        figures = await measure(pool, "held")
    rows = [
        row
        for size, lines in SIZES.items()
        for row in (
            _row(f"small talk that brings something up, {lines}", figures.stray[size], most=STRAY_MOST),
            _row(f"answer among the first 5, {lines}", figures.hits[size], least=HITS_LEAST),
        )
    ]
    rows.append(_row("what holds now comes first", figures.held, least=HELD_LEAST))
    rows.append(_row("what was before comes up as if it held", figures.unmarked, most=0.0))
    return rows


def _row(figure: str, tally: Tally, *, least: float = 0.0, most: float = 1.0) -> Row:
    return Row(
        figure=figure,
        target=f"≥ {least:.0%}" if least else f"≤ {most:.0%}",
        measured=f"{tally.share:.1%}",
        is_met=least <= tally.share <= most,
        runs=str(tally.of),
        how=HOW,
        values={"share": tally.share},
    )
