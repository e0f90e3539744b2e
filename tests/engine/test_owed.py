"""What is owed to whom: who asked sees at least a sign, each of them; who did not is neither waited for nor named."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.postgres.pool import StatementPool
from bot.domain.ids import UserId
from bot.domain.message import Person, Reach
from bot.domain.turn import Claim, NewPart, OutboxPart, PartKind
from bot.engine.lately import Lately
from bot.errors import ProviderError
from tests.fakes import BEN, ROOM, answering, finished, not_through, refused

from .conftest import World
from .test_among_people import considering, hear, say, threaded, turn_of

UNKNOWN_EMOJI = 10014
DOWN = ProviderError("down", kind="unreachable", retryable=True)
DECLINED = ProviderError("no", kind="refused", retryable=False)


async def test_a_line_that_came_between_her_words_is_no_answered_line(world: World) -> None:
    """Her second paragraph, sent after it, answered somebody else."""
    await world.conversations.drain(timedelta(0))
    world.wire(pace=1.0)
    world.model.script(answering("One.\n\nTwo, a while later."))
    await hear(world, "Mira, one?", Reach.ASKED, BEN)
    while not world.delivery.texts:
        await world.clock.advance(0.1)
    between = await hear(world, "Mira, and me?", Reach.ASKED)
    world.model.script(answering(intent="silent"))
    await world.run()
    assert world.delivery.texts == ["One.", "Two, a while later."]
    assert [one for one, _ in world.delivery.reactions] == [between.message_id]


async def test_everybody_who_asked_gets_a_sign_however_many(world: World) -> None:
    world.model.script(answering(intent="silent"))
    asked = [await hear(world, "Mira?", Reach.ASKED, Person(UserId(500 + n), f"P{n}")) for n in range(9)]
    await world.run()
    assert sorted(one for one, _ in world.delivery.reactions) == [line.message_id for line in asked]


async def test_who_is_put_off_without_a_word_sees_that_they_were_heard(world: World) -> None:
    world.model.script([finished({"appraisals": [], "intent": "later", "reply": "", "later": "in 2 hours"})])
    asked = await hear(world, "Mira, what do you think?", Reach.ASKED)
    await world.run()
    assert (await turn_of(world))["intent"] == "later"
    assert [one for one, _ in world.delivery.reactions] == [asked.message_id]


async def test_an_emoji_that_discord_does_not_know_gives_way_to_one_it_knows(world: World) -> None:
    world.model.script(answering(intent="react", reaction="<:gone:123456789012345678>"))
    asked = await hear(world, "Mira, look", Reach.ASKED)
    world.delivery.faults.append(refused(UNKNOWN_EMOJI))
    await world.run()
    assert world.delivery.reactions == [(asked.message_id, "👀")]


async def test_the_apps_voice_answers_who_asked_not_who_spoke_last(world: World) -> None:
    world.model.script(*[DECLINED] * 3)
    asked = await hear(world, "Mira, how?", Reach.ASKED)
    await hear(world, "nice weather", Reach.JOINING, BEN)
    await world.run()
    for _ in range(3):
        await world.clock.advance(timedelta(minutes=2))
        await world.sweep()
    assert world.delivery.cards == [("unanswerable", asked.message_id)]


@pytest.mark.parametrize("reach", [Reach.JOINING, Reach.UNSURE])
async def test_what_nobody_asked_for_is_left_once_the_talk_has_gone_on(world: World, reach: Reach) -> None:
    """As after a model, or every worker, was away: who asked took the line back meanwhile."""
    cheap = considering(world, say(True))
    world.model.script(DOWN)
    asked = await hear(world, "Mira?", Reach.ASKED)
    await hear(world, "hm, trains", reach, BEN)
    await world.run()
    await world.store.withdraw([asked.message_id], world.clock.now())
    await world.clock.advance(timedelta(minutes=30))
    await world.sweep()
    assert (len(world.model.requests), cheap.requests, world.delivery.texts) == (1, [], [])
    assert await world.states() == ["withdrawn", "context"]
    assert await world.sweep() == 0


@pytest.mark.parametrize(("is_for_adults", "worn"), [(True, "forbidden"), (False, "default")])
async def test_a_persona_for_adults_is_worn_where_discord_restricts_the_channel(
    world: World, is_for_adults: bool, worn: str
) -> None:
    """What is kept of a channel does not say so: it may change at any time."""
    world.dress("forbidden")
    world.delivery.for_adults = {ROOM.channel_id} if is_for_adults else set()
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert (await turn_of(world))["persona"] == worn
    world.delivery.faults.append(not_through())
    await hear(world, "Mira?", Reach.ASKED)
    await world.run()
    assert ((await turn_of(world))["persona"], len(world.delivery.texts)) == ("default", 2)


async def test_a_thread_that_was_opened_for_words_that_never_came_is_no_answer(
    database: AsyncEngine, statements: StatementPool, world: World
) -> None:
    """As after a kill between the two: the thread is there already, and what was asked is answered in it."""
    keep = world.real_store.commit_part

    async def killed_before_words(claim: Claim, part: NewPart, now: datetime, *, unless_behind: bool) -> OutboxPart:
        if part.kind is PartKind.TEXT:
            await asyncio.Event().wait()
        return await keep(claim, part, now, unless_behind=unless_behind)

    world.real_store.commit_part = killed_before_words  # type: ignore[method-assign]
    world.model.script(threaded("It is long.", "How it works"))
    asked = await hear(world, "Mira, how does it work?", Reach.ASKED)
    await world.clock.advance(3)
    assert (world.delivery.threads, world.delivery.texts) == ({asked.message_id: "How it works"}, [])
    await world.die()
    after = World(database, statements, beside=world)
    after.model.script(threaded("It is long.", "How it works"))
    await after.sweep()
    assert [(one.channel_id, one.content) for one in world.delivery.shown] == [(asked.message_id, "It is long.")]
    assert await after.states() == ["answered"]
    assert await after.sweep() == 0


@pytest.mark.parametrize("is_left_alone", [False, True])
async def test_a_model_that_goes_round_in_circles_is_heard_once(world: World, is_left_alone: bool) -> None:
    lately = world.conversations._respond._ask._lately = Lately(store=world.store, clock=world.clock)
    if is_left_alone:
        lately.has_no_other_words()
    circle = "The ferry was late, so we learned to whistle on the pier."
    world.model.script(answering(f"Listen to this.\n\n{circle}\n\n{circle}\n\n{circle.upper()}\n\nGood night."))
    await hear(world, "Mira, a story?", Reach.ASKED)
    await world.run()
    assert world.delivery.texts == ["Listen to this.", circle, "Good night."]
