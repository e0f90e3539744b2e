"""By words alone, in twelve languages: what was told is found, small talk brings up nothing, what is over says so."""

from __future__ import annotations

import pytest

from tests.comes_to_mind import HALVES, measure

# Both halves of the data stay on the right side of these; `python -m bench recalls` has the figures of the one that
# rules were not tuned on.
STRAY_MOST, HITS_LEAST = 0.03, 0.78


@pytest.mark.parametrize("half", HALVES)
async def test_what_answers_comes_and_what_does_not_stays_away(statements, half):
    figures = await measure(statements, half)
    for size in ("small", "large"):
        assert figures.stray[size].share <= STRAY_MOST, figures.misses
        assert figures.hits[size].share >= HITS_LEAST, figures.misses
    assert figures.held.share == 1, figures.misses
    assert figures.unmarked.count == 0, figures.misses
