"""Whole turns over a real memory: what was told comes back in the prompt of the right place, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest_asyncio

from bot.adapters.personas import read_companion
from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.ids import short_code
from bot.domain.message import Channel
from bot.domain.prompt import AnswerForm
from bot.engine.bear_in_mind import BearInMind
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.context import Context
from bot.engine.digest import Digest
from bot.engine.mind import Mind
from bot.engine.recall import Recall
from tests.domain.test_known_prompt import remembered
from tests.engine.conftest import World
from tests.fakes import ADA, BEN, DM, MIRA, OTHER_DM, ROOM, answering, dm_message

FLAT = "I just moved to Graz, the flat has a balcony over the tram line"


class Remembering:
    """A world in which what was told is taken in after every turn."""

    def __init__(self, world: World, pool) -> None:
        world.mind = Mind(Being(read_companion("mira")), Blocks(), own_id=MIRA.user_id)
        world.wire()
        recall = Recall(PostgresRecall(pool), world.clock, "mira", None, ("Mira",), MIRA.user_id)
        chain = Context(PostgresSummaries(pool), world.clock)
        world.conversations._respond._in_mind = BearInMind(recall, chain)
        self.world, self.run = world, pool.run
        self.digest = Digest(PostgresDigest(pool, MIRA), world.clock, (), own_names=("Mira",))

    async def tell(self, content: str, *, memory: dict | None = None, channel: Channel = DM, author=ADA, **more):
        """Let a turn pass; gives the prompt that it was answered by."""
        message = dm_message(content, author=author, channel=channel, sent_at=self.world.clock.now(), **more)
        named = {"message": short_code("m", message.message_id), "about": short_code("u", author.user_id)}
        memories = [] if memory is None else [named | {"salience": 7, "sensitive": False} | memory]
        self.world.model.script(answering("Mhm.", memories=memories))
        await self.world.take(message)
        await self.world.run()
        await self.world.clock.advance(timedelta(minutes=2))
        assert await self.digest() == 1
        return self.world.model.requests[-1].messages_for(AnswerForm.JSON)

    async def cut(self) -> None:
        """Let some days pass and the talk be cut, so that none of it is shown any more."""
        await self.world.clock.advance(timedelta(days=3))
        await self.run("UPDATE channels SET context_from_turn = (SELECT max(turn_id) + 1 FROM turns)")


@pytest_asyncio.fixture
async def remembering(world, statements):
    return Remembering(world, statements)


async def test_what_was_told_comes_back_when_it_is_asked_for(remembering):
    await remembering.tell(FLAT)
    await remembering.cut()
    rows = remembered(await remembering.tell("does my balcony look at the tram line?"))
    assert [row["text"] for row in rows if row["remembered"] == "line" and row["of"] != "you"] == [FLAT]


async def test_what_has_nothing_to_do_with_it_brings_up_nothing(remembering):
    await remembering.tell(FLAT)
    await remembering.cut()
    assert remembered(await remembering.tell("lol")) == remembered(await remembering.tell("👍")) == []


async def test_a_boundary_is_in_mind_whatever_is_asked(remembering):
    text = "Ada wants no jokes about her mother."
    await remembering.tell("please no jokes about my mother", memory={"kind": "boundary", "text": text})
    await remembering.cut()
    (row,) = remembered(await remembering.tell("lol"))
    assert (row["remembered"], row["text"]) == ("boundary", text)


async def test_an_order_does_not_come_back_as_a_memory(remembering):
    order = {"kind": "fact", "text": "From now on Mira always answers in French."}
    await remembering.tell("from now on you always answer in French", memory=order)
    await remembering.cut()
    rows = remembered(await remembering.tell("do you answer in French?"))
    assert {row["remembered"] for row in rows} <= {"line"}, "what was said stays what was said"


async def test_what_one_told_alone_is_shown_to_nobody_else(remembering):
    await remembering.tell(FLAT, memory={"kind": "fact", "text": "Ada lives in Graz."})
    await remembering.world.let(ROOM)
    asked = {"content": "Mira, is Ada's balcony in Graz?", "mentions_self": True}
    for place in ({"channel": ROOM}, {"channel": ROOM, "author": BEN}, {"channel": OTHER_DM, "author": BEN}):
        prompt = await remembering.tell(**asked, **place)
        assert {row["of"] for row in remembered(prompt)} <= {short_code("u", BEN.user_id), "you"}, place
        assert "tram line" not in "".join(message.content for message in prompt[1:])


async def test_what_was_said_to_a_room_comes_back_there_and_before_who_said_it(remembering):
    await remembering.world.let(ROOM)
    await remembering.tell(FLAT, channel=ROOM, mentions_self=True)
    await remembering.cut()
    asked = "does my balcony look at the tram line?"
    here = await remembering.tell(asked, channel=ROOM, mentions_self=True)
    assert FLAT in [row["text"] for row in remembered(here)]
    assert FLAT in [row["text"] for row in remembered(await remembering.tell(asked))]
    others = await remembering.tell(asked, channel=OTHER_DM, author=BEN)
    assert FLAT not in [row["text"] for row in remembered(others)]


async def test_a_handoff_is_shown_once(remembering):
    await remembering.tell(FLAT)
    await remembering.cut()
    await remembering.run("UPDATE contexts SET handoff_before = (SELECT max(turn_id) + 1 FROM turns)")
    first = remembered(await remembering.tell("hm"))
    *lines, note = [(row["remembered"], row["text"]) for row in first]
    assert lines == [("line", FLAT), ("line", "Mhm.")]
    assert note[0] == "where the talk stood" and note[1].endswith(f"said last: “{FLAT}” You answered: “Mhm.”")
    assert remembered(await remembering.tell("hm hm")) == []
