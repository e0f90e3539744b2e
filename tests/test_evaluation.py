"""Memory by itself, as a stranger would call it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import evaluation
from bot.evaluation import Evaluation


async def test_what_is_remembered_is_recalled_by_its_source(database_url):
    async with Evaluation(database_url=database_url) as memory:
        given = await memory.remember(7, "Ada", "I adopted two kittens.", datetime(2026, 1, 1), 42)  # noqa: DTZ001
        made = await memory.remember(7, "Ben", "My car is red.", "2026-01-02T10:00:00+02:00")
        assert given == "42"
        assert await memory.recall(7, "Which kitten?", 1) == ["42"]
        assert await memory.recall("7", "What colour is the car?", 1) == [made]
        assert await memory.recall("somebody else", "Which kitten?") == []


async def test_k_lines_come_even_where_nothing_matches(database_url):
    async with Evaluation(database_url=database_url) as memory:
        for number in range(5):
            await memory.remember("u", "Ada", f"line number {number}", date(2026, 1, 1), number)
        assert len(await memory.recall("u", "xylophone?", 3)) == 3
        assert len(set(await memory.recall("u", "😀", 9))) == 5
        assert await memory.recall("u", "line", 0) == []


async def test_the_same_source_again_is_an_edit(database_url):
    async with Evaluation(database_url=database_url) as memory:
        for text in ("I live in Paris.", "I live in Rome."):
            await memory.remember("u", "Ada", text, 1_700_000_000, "s")
        assert await memory.recall("u", "Rome?") == ["s"]


async def test_another_process_finds_what_was_kept(database_url):
    async with Evaluation(database_url=database_url) as memory:
        await memory.remember("u", "Ada", "I live in Paris.", "2026-01-01", "s")
    async with Evaluation(database_url=database_url) as memory:
        await memory.remember("u", "Ada", "I like tea.", "2026-01-01", "t")
        assert await memory.recall("u", "Where do I live?", 1) == ["s"]


async def test_two_with_the_same_moment_do_not_meet(database_url):
    async with Evaluation(database_url=database_url) as memory:
        for user in ("a", "b"):
            await memory.remember(user, "Ada", f"The secret of {user} is blue.", "2026-01-01", "same")
        assert await memory.recall("a", "secret") == ["same"]


@pytest.mark.parametrize("when", ["soon", "", "2026-02-30", None, float("inf"), float("nan"), 10**30])
async def test_what_is_no_time_is_refused(database_url, when):
    async with Evaluation(database_url=database_url) as memory:
        with pytest.raises(ValueError, match="time"):
            await memory.remember("u", "Ada", "x", when)


@pytest.mark.parametrize("k", [None, "many", float("nan"), float("inf")])
async def test_what_is_no_number_of_lines_is_refused(database_url, k):
    async with Evaluation(database_url=database_url) as memory:
        await memory.remember("u", "Ada", "I keep bees.", "2026-03-01T12:00")
        with pytest.raises(ValueError, match="k has to be a whole number"):
            await memory.recall("u", "bees", k)


async def test_it_asks_the_embedder_for_what_is_new(database_url):
    class Embedder:
        name = "test:letters"
        asked = 0

        async def embed(self, texts):
            self.asked += len(texts)
            return [[1.0, 0.0] if "tyre" in text or "bicycle" in text else [0.0, 1.0] for text in texts]

    embedder = Embedder()
    async with Evaluation(database_url=database_url, embedder=embedder) as memory:
        for number, text in enumerate(["My sister sings.", "A flat tyre.", "It rained."]):
            await memory.remember("u", "Ada", text, f"2026-01-0{number + 1}", number)
        assert await memory.recall("u", "bicycle trouble", 1) == ["1"]
        assert await memory.recall("u", "bicycle trouble", 1) == ["1"]
    assert embedder.asked == 3 + 2


def test_the_plain_functions_open_what_they_need(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    try:
        source = evaluation.remember("u", "Ada", "My cat is called Lovelace.", datetime.now(UTC))
        assert evaluation.recall("u", "What is the cat called?") == [source]
    finally:
        evaluation.close()


def test_a_script_that_closes_nothing_ends_well(tmp_path):
    script = (
        "from bot.evaluation import recall, remember\n"
        "source = remember('u', 'Ada', 'My cat is called Lovelace.', '2026-01-01')\n"
        "assert recall('u', 'What is the cat called?') == [source]\n"
    )
    tmp_path.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent.parent,
        env=environment | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert (ended.stdout, ended.stderr) == ("", ""), "standard output is the caller's"
    assert list(tmp_path.glob("mira-evaluation-*")) == []


async def test_it_is_called_from_a_running_loop_and_from_many_threads(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def talk(number: int) -> list[bool]:
        said = [f"my {number}th unicorn{number}x{line} is asleep" for line in range(5)]
        kept = [evaluation.remember("u", f"speaker {number}", text, datetime.now(UTC)) for text in said]
        return [evaluation.recall("u", text, 1) == [source] for text, source in zip(said, kept, strict=True)]

    try:
        assert all(talk(0))
        for found in await asyncio.gather(*(asyncio.to_thread(talk, number) for number in range(1, 6))):
            assert all(found)
    finally:
        evaluation.close()


async def test_any_user_and_any_text_will_do(database_url):
    async with Evaluation(database_url=database_url) as memory:
        for user in (None, 7, ("a", 1), b"x", "名前", "a\x00b"):
            source = await memory.remember(user, None, "the tyre is flat", 0)
            assert await memory.recall(user, "tyre?", 1) == [source]
        for number, text in enumerate(["", "\x00", "\ud800", "x" * 4_000, "😀", "的"]):
            await memory.remember("odd", "Ada", text, "2026-01-01", number)
        for query in ("", "   ", "the of and", "😀", "的", "' & | ! :* <-> ( \\ \x00 \ud800", "y " * 2_000, "\u200b"):
            assert len(await memory.recall("odd", query, 99)) == 6


async def test_lines_may_come_in_any_order_of_time(database_url):
    async with Evaluation(database_url=database_url) as memory:
        days = (3, 1, 2)
        for day in days:
            await memory.remember("u", "Ada", f"on that day I baked bread number {day}", date(2026, 1, day), day)
        assert await memory.recall("u", "What did I bake on 2 January 2026?", 1) == ["2"]
        twice = [await memory.remember("u", "Ada", "the very same words", date(2026, 1, 5)) for _ in range(2)]
        assert sorted(await memory.recall("u", "very same words", 2)) == sorted(twice)
