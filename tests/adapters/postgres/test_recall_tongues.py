"""What was said in one of many languages is found by a question in that language, by its words alone."""

from __future__ import annotations

import pytest

from bot.evaluation import Evaluation
from tests.data.many_tongues import TALKS


@pytest.mark.parametrize("tongue", TALKS)
async def test_the_line_that_answers_comes_first(database_url, tongue):
    lines, questions = TALKS[tongue]
    async with Evaluation(database_url=database_url) as memory:
        for day, line in enumerate(lines, 1):
            await memory.remember("u", "Ada", line, f"2026-02-{day:02}", source=day - 1)
        found = [(await memory.recall("u", question, 1))[0] for question, _ in questions]
    assert found == [str(answer) for _, answer in questions]


async def test_all_of_them_in_one_memory(database_url):
    """Whatever language the others of the same person are in, most answers stay among the first three."""
    async with Evaluation(database_url=database_url) as memory:
        for tongue, (lines, _) in TALKS.items():
            for number, line in enumerate(lines):
                await memory.remember("u", "Ada", line, "2026-02-01", source=f"{tongue} {number}")
        asked = [(q, f"{tongue} {answer}") for tongue, (_, questions) in TALKS.items() for q, answer in questions]
        hits = [answer in await memory.recall("u", question, 3) for question, answer in asked]
    assert sum(hits) >= 0.95 * len(hits)
