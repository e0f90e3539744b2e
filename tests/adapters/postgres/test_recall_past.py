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


async def test_what_the_person_put_into_other_words_is_no_longer_what_the_line_says(memory):
    line = await memory.line(HOME)
    kept = await known(memory, "Ada lives in Bonn.", line)
    await memory.pool.run("UPDATE memories SET is_edited = true, origin = 'person' WHERE memory_id = $1", kept)
    assert await past(memory) is Past.ALL
    await known(memory, "Ada has a parrot.", line)
    assert await past(memory) is Past.IN_PART


async def test_new_words_come_along_with_the_line_that_told_the_old_ones(memory):
    line = await memory.line("I collect stamps")
    kept = await known(memory, "Ada gathers coins.", line)
    assert not (await memory.ask("who keeps stamps?")).memories
    await memory.pool.run("UPDATE memories SET is_edited = true WHERE memory_id = $1", kept)
    for shown in (frozenset(), frozenset({line.message_id})):  # the talk shows the line as it was said
        found = await memory.ask("who keeps stamps?", shown=shown)
        assert [one.memory.text for one in found.memories] == ["Ada gathers coins."]
        assert bool(found.lines) is not bool(shown)


async def test_what_holds_in_place_of_a_line_of_the_talk_says_so(memory):
    first, second = await memory.line("I collect stamps"), await memory.line("no stamps any more, I collect coins")
    old, new = await known(memory, "Ada has stamps.", first), await known(memory, "Ada gathers coins.", second)
    other = await known(memory, "Ada has coins of Rome.", second)
    await replace(memory, old, new)
    both = frozenset({first.message_id, second.message_id})
    found = {
        shown: {one.memory.memory_id: one.is_newer for one in (await memory.ask("my coins?", shown=shown)).memories}
        for shown in (both, frozenset({second.message_id}))
    }
    assert found == {both: {new: True, other: False}, frozenset({second.message_id}): {new: False, other: False}}
