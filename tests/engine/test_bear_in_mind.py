"""A turn with a memory: what it is shown and keeps, and that no trouble of memory costs anybody an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.handoff import ContextStep, ContextView
from bot.domain.ids import MemoryId, MessageId, SummaryId, TurnId, UserId, short_code
from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin
from bot.domain.message import Audience, AudienceKind, Reach
from bot.domain.recalled import Found, Known, RecalledLine, Summary
from bot.domain.turn import NO_CONTEXT, NOTHING_KNOWN, CallTrace, Claim, Gathered
from bot.engine import bear_in_mind
from bot.engine.bear_in_mind import BearInMind
from bot.errors import ProviderError, StoreError
from tests.engine.conftest import World
from tests.fakes import ADA, DM, ROOM, START, answering, guild_message

CLEO = UserId(77)
FLAT = Memory(
    MemoryId(4),
    ADA.user_id,
    MemoryKind.FACT,
    "Ada lives in Graz.",
    Audience(AudienceKind.PERSON, ADA.user_id),
    (MessageId(5),),
    salience=5,
    confidence=0.8,
    said_at=START,
    origin=Origin.TALK,
    state=MemoryState.CURRENT,
    created_at=START,
)
LINE = RecalledLine(MessageId(5), ADA.user_id, CLEO, "Cleo", "graz it is", START, is_own=False, score=1.0)
KNOWN = Known(Found((LINE,)), standing=(FLAT,))
EARLIER = Summary(SummaryId(1), DM.channel_id, None, 0, FLAT.audience, "They talked of flats.", "", 1, 2, START, START)
VIEW = ContextView((EARLIER,))
TOO_LONG = ProviderError("long", kind="too_long", retryable=False)


@dataclass
class ScriptedChain:
    """A context chain that gives what a test wrote down, and keeps what it was told."""

    view_of: Callable[[Claim], Awaitable[ContextView]]
    leaves: ContextStep | None = None
    told: list[tuple[Gathered | None, list[str], TurnId | None]] = field(default_factory=list)

    async def view(self, claim: Claim) -> ContextView:
        return await self.view_of(claim)

    def step(
        self, claim: Claim, gathered: Gathered | None, calls: Sequence[CallTrace], *, cut_at: TurnId | None
    ) -> ContextStep | None:
        self.told.append((gathered, [call.purpose for call in calls], cut_at))
        return self.leaves


async def known(claim: Claim) -> Known:
    return KNOWN


async def viewed(claim: Claim) -> ContextView:
    return VIEW


async def never(claim: Claim) -> Known:
    await asyncio.Event().wait()
    raise AssertionError


def failing(error: Exception) -> Callable[[Claim], Awaitable[Known]]:
    async def fail(claim: Claim) -> Known:
        raise error

    return fail


def give(world: World, recall, chain=None) -> ScriptedChain | None:
    """Let turns have a memory."""
    world.conversations._respond._in_mind = BearInMind(recall, chain)
    return chain


async def kept(world: World) -> list[tuple[list[int], list[int]]]:
    rows = await world.rows("SELECT recalled_lines, recalled_memories FROM turns WHERE state = 'done' ORDER BY turn_id")
    return [(row["recalled_lines"], row["recalled_memories"]) for row in rows]


async def test_a_turn_is_shown_what_comes_to_mind_and_keeps_that_it_was(world):
    leaves = ContextStep(turns_since=3, low_cache_turns=1, prompt_tokens=900)
    chain = give(world, known, ScriptedChain(viewed, leaves))
    await world.say("where do I live?")
    await world.run()
    gathered = world.mind.drafts[-1].gathered
    assert (gathered.known, gathered.context) == (KNOWN, VIEW)
    assert await kept(world) == [([5], [4])]
    assert chain.told == [(gathered, ["turn"], None)]
    (row,) = await world.rows("SELECT turns_since, low_cache_turns, prompt_tokens FROM contexts")
    assert dict(row) == {"turns_since": 3, "low_cache_turns": 1, "prompt_tokens": 900}


async def test_without_a_memory_nothing_is_asked_or_kept(world):
    await world.say("hey")
    await world.run()
    gathered = world.mind.drafts[-1].gathered
    assert (gathered.known, gathered.context) == (NOTHING_KNOWN, NO_CONTEXT)
    assert await kept(world) == [([], [])] and await world.rows("SELECT 1 FROM contexts") == []


@pytest.mark.parametrize("error", [StoreError("gone"), ValueError("a mistake of ours"), TimeoutError()])
@pytest.mark.parametrize("is_chain", [False, True])
async def test_trouble_of_memory_costs_no_answer(world, error, is_chain):
    chain = ScriptedChain(failing(error) if is_chain else viewed)
    give(world, known if is_chain else failing(error), chain)
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Mhm."]
    gathered = world.mind.drafts[-1].gathered
    assert (gathered.known, gathered.context) == ((KNOWN, NO_CONTEXT) if is_chain else (NOTHING_KNOWN, VIEW))


async def test_what_takes_too_long_to_come_to_mind_is_gone_on_without(world, monkeypatch):
    monkeypatch.setattr(bear_in_mind, "DEADLINE_S", 0.05)
    give(world, never, ScriptedChain(viewed))
    await world.say("hey")
    await world.clock.advance(1)
    async with asyncio.timeout(5):
        while not world.delivery.texts:
            await asyncio.sleep(0.01)
            await world.run()
    assert await kept(world) == [([], [])]


async def test_a_mistake_in_the_chain_leaves_the_turn_to_end(world):
    chain = ScriptedChain(viewed)
    chain.step = lambda *_, **__: 1 / 0
    give(world, None, chain)
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Mhm."] and await world.states() == ["answered"]


async def test_everything_is_read_at_once(world):
    """Each waits until the others have begun: one after the other would never end."""
    begun, all_begun = [], asyncio.Event()

    def meeting(result):
        async def meet(*_):
            begun.append(result)
            if len(begun) == 3:
                all_begun.set()
            await all_begun.wait()
            return result

        return meet

    look, looked = world.feel.look, meeting(None)

    async def met(*asked):
        await looked()
        return await look(*asked)

    world.feel.look = met
    give(world, meeting(KNOWN), ScriptedChain(meeting(VIEW)))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_a_prompt_too_long_without_talk_is_asked_without_memory(world):
    chain = give(world, known, ScriptedChain(viewed))
    world.model.script(TOO_LONG, answering("Got it."))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Got it."]
    ((gathered, _, cut_at),) = chain.told
    assert (gathered.known, gathered.context, cut_at) == (NOTHING_KNOWN, NO_CONTEXT, None)
    assert await kept(world) == [([], [])], "what no model read was not shown"


async def test_the_chain_is_told_where_the_talk_had_to_be_cut(world):
    chain = give(world, known, ScriptedChain(viewed))
    for number in range(4):
        await world.say(f"line {number}")
        await world.run()
    world.model.script(TOO_LONG, answering("Got it."))
    await world.say("newest")
    await world.run()
    gathered, _, cut_at = chain.told[-1]
    assert cut_at == gathered.history[0].turn_id and gathered.known == KNOWN
    (row,) = await world.rows("SELECT context_from_turn FROM channels")
    assert row["context_from_turn"] == cut_at, "also where the chain has nothing to say"


async def test_a_cut_of_the_chain_is_where_the_next_prompt_begins(world):
    chain = give(world, None, ScriptedChain(viewed))
    await world.say("old")
    await world.run()
    (row,) = await world.rows("SELECT max(turn_id) + 1 AS next FROM turns")
    chain.leaves = ContextStep(context_from=TurnId(row["next"]))
    await world.say("new")
    await world.run()
    await world.say("next")
    await world.run()
    assert world.asked() == ["new", "Mhm.", "next"]


async def test_a_turn_that_no_model_answered_has_shown_nothing(world):
    chain = give(world, known, ScriptedChain(viewed))
    await world.let(ROOM, chattiness=5)
    world.model.script(ProviderError("down", kind="down", retryable=True))
    await world.take(guild_message("hm", reach=Reach.JOINING))
    await world.say("hey")
    world.model.script(ProviderError("down", kind="down", retryable=True))
    await world.run()
    assert all(gathered is None for gathered, _, _ in chain.told)
    assert all(lines == [] for lines, _ in await kept(world))


async def test_a_name_that_only_memory_shows_stands_in_place_of_its_code(world):
    give(world, known)
    world.model.script(answering(f"{short_code('u', CLEO)} said so."))
    await world.say("who said graz?")
    await world.run()
    assert world.delivery.texts == ["Cleo said so."]


async def test_a_turn_that_is_overtaken_has_used_nothing(world):
    chain = give(world, known, ScriptedChain(viewed))
    gate = asyncio.Event()
    world.model.script([gate, *answering("Late.")])
    await world.say("hey")
    await world.clock.advance(2)
    await world.say("and")
    await world.clock.advance(timedelta(seconds=5))
    gate.set()
    await world.run()
    assert world.delivery.texts == ["Mhm."]
    assert len(chain.told) == 1 and len(await kept(world)) == 1
