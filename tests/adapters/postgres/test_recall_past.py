"""A line that told what holds no longer says so, whatever else was told in it; on the real database."""

from __future__ import annotations

import pytest

from bot.domain.recalled import Past
from tests.adapters.postgres.test_recall import memory as memory
from tests.adapters.postgres.test_recall_of_oneself import replace
from tests.fakes import BEN

HOME = "I live in Rome with a parrot"
ASKED = "do I live in Rome?"


async def known(memory, text: str, *lines, **more) -> int:
    kept = await memory.memory(text, **more)
    for line in lines:
        await memory.pool.run("INSERT INTO memory_sources VALUES ($1, $2)", kept, line.message_id)
    return kept


async def past(memory) -> Past:
    (line,) = (await memory.ask(ASKED)).lines
    return line.past


@pytest.mark.parametrize("state", ["current", "candidate", "archived"])
async def test_what_nothing_replaced_holds(memory, state):
    line = await memory.line(HOME)
    assert await past(memory) is Past.NO
    await known(memory, "Ada lives in Rome.", line, state=state)
    assert await past(memory) is Past.NO


async def test_what_was_replaced_holds_no_longer(memory):
    line = await memory.line(HOME)
    old, new = await known(memory, "Ada lives in Rome.", line), await known(memory, "Ada moved to Berlin.")
    await replace(memory, old, new)
    assert await past(memory) is Past.ALL


async def test_what_else_was_told_in_it_still_holds(memory):
    line = await memory.line(HOME)
    old, new = await known(memory, "Ada lives in Rome.", line), await known(memory, "Ada moved to Berlin.")
    await known(memory, "Ada has a parrot.", line)
    await replace(memory, old, new)
    assert await past(memory) is Past.IN_PART


async def test_what_was_only_put_into_other_words_holds(memory):
    line = await memory.line(HOME)
    old, same = await known(memory, "Ada lives in Rome.", line), await known(memory, "Ada's home is Rome.", line)
    await replace(memory, old, same)
    assert await past(memory) is Past.NO
    await replace(memory, same, await known(memory, "Ada moved to Berlin."))
    assert await past(memory) is Past.ALL


async def test_what_others_told_of_the_same_line_changes_nothing(memory):
    line = await memory.line(HOME)
    old, new = [await known(memory, text, line, owner=BEN) for text in ("Ada lives in Rome.", "Ada lives in Bonn.")]
    await memory.pool.run("DELETE FROM memory_sources WHERE memory_id = $1", new)
    await replace(memory, old, new)
    assert await past(memory) is Past.NO


async def test_what_replaced_it_may_be_gone(memory):
    line = await memory.line(HOME)
    old, new = await known(memory, "Ada lives in Rome.", line), await known(memory, "Ada moved to Berlin.")
    await replace(memory, old, new)
    await memory.pool.run("UPDATE memories SET superseded_by = NULL WHERE memory_id = $1", old)
    assert await past(memory) is Past.ALL
