"""A talk of three hundred turns over a real store: what leaves the prompts, when, and what stands for it then."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, cast

import pytest
import pytest_asyncio

from bot.adapters.personas import read_companion
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.context_chain import COOLDOWN_TURNS, Limits, text_tokens
from bot.domain.handoff import LINE_LETTERS_MOST, LINES_MOST, ContextView
from bot.domain.prompt import AnswerForm
from bot.domain.turn import Claim
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.context import Context
from bot.engine.mind import Mind
from bot.engine.respond import Respond
from bot.engine.slots import Slots
from bot.engine.summarise import Summarise
from bot.errors import ProviderError
from bot.ports import AnswerRequest
from tests.engine.conftest import World
from tests.fakes import MIRA, answering, finished

TURNS = 300
LIMITS = Limits(soft=9_000, hard=12_000)
WORD = re.compile(r"\bword\d+x\b")
PADDING = "and then I told you about the garden, the rain and the neighbours' dog, which is old by now. " * 3


@dataclass
class Talk:
    """A world whose turns follow a context chain, and a model whose server caches prompts, or does not."""

    world: World
    store: PostgresSummaries
    summarise: Summarise
    views: list[tuple[Claim, ContextView]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    is_cached: bool = True
    summary_error: ProviderError | None = None
    gate: asyncio.Event | None = None  # that summaries wait for
    inflated: int = 0  # tokens that the server counts on top
    summarised: set[str] = field(default_factory=set)

    def answers(self, request: AnswerRequest) -> Any:
        """Answer as a server would that counts what it reads and knows the prompt before."""
        prompt = "\n".join(message.content for message in request.messages_for(AnswerForm.JSON))
        if request.purpose == "summary":
            waits = [] if self.gate is None else [self.gate]
            return [*waits, self._summed_up(prompt) if self.summary_error is None else self.summary_error]
        before = self.prompts[-1] if self.prompts else ""
        self.prompts.append(prompt)
        size = text_tokens(prompt) + self.inflated
        self.sizes.append(size)
        cached = text_tokens(_common_start(before, prompt)) if self.is_cached else 0
        *steps, last = answering("I hear you.")
        return [*steps, finished(last.fields, tokens_in=size, tokens_cached=cached)]

    def _summed_up(self, prompt: str) -> Any:
        words = sorted(set(WORD.findall(prompt)), key=_number)
        self.summarised |= set(words)
        people = re.findall(r'"from": "(u\w+)"', prompt)
        told = [{"person": one, "said": f"They told of {' '.join(words[:2])}."} for one in dict.fromkeys(people)]
        return finished(
            {"summary": f"They spoke of {' '.join(words[:3])}.", "people": told, "note": f"Now {words[-1]}."}
        )

    async def say(self, number: int, *, summarises: bool = True, length: int = 1, seconds: int = 60) -> None:
        """Let one turn happen, and what follows it in the background."""
        await self.world.say(f"word{number}x {PADDING * length}")
        await self.world.run()
        if summarises:
            await self.summarise()
        self.world.clock._now += timedelta(seconds=seconds)

    async def chain(self) -> Mapping[str, Any]:
        """Read how the chain stands."""
        found = await self.world.rows(
            "SELECT x.*, c.context_from_turn FROM contexts x JOIN channels c USING (channel_id)"
        )
        return found[0]


def _number(word: str) -> int:
    return int(word[4:-1])


def _common_start(one: str, other: str) -> str:
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return one[:same]


class _Watched(Context):
    """A context whose views are written down."""

    talk: Talk

    async def view(self, claim: Claim) -> ContextView:
        seen = await super().view(claim)
        self.talk.views.append((claim, seen))
        return seen


def _talk_in(world: World, pool: Any, limits: Limits = LIMITS) -> Talk:
    companion = read_companion("mira")
    world.mind = cast(Any, Mind(Being(companion), Blocks(), own_id=MIRA.user_id))
    world.wire()
    store = PostgresSummaries(pool)
    summarise = Summarise(
        store=store,
        model=world.model,
        slots=Slots(1),
        clock=world.clock,
        name=companion.name,
        own_id=MIRA.user_id,
        limits=limits,
    )
    talk = Talk(world, store, summarise)
    context = _Watched(store, world.clock, limits)
    context.talk = talk
    old = world.conversations._respond
    world.conversations._respond = Respond(
        store=world.store,
        ask=old._ask,
        delivery=world.delivery,
        deliver=world.deliver,
        mind=cast(Mind, world.mind),
        feel=world.feel,
        clock=world.clock,
        pace=0.0,
        context=context,
    )
    world.model.answers_by = talk.answers
    return talk


@pytest_asyncio.fixture
async def talk(database, statements) -> AsyncIterator[Talk]:
    world = World(database, statements)
    await world.real_store.introduce(world.clock.now())
    yield _talk_in(world, statements)
    await world.conversations.drain(timedelta(0))


def _cuts(talk: Talk) -> list[int]:
    """Number the turns whose prompt began later in the talk than the one before."""
    starts = [next((said.turn_id for said in claim.history), claim.turn_id) for claim, _ in talk.views]
    return [number for number in range(1, len(starts)) if starts[number] > starts[number - 1]]


def _handoffs(talk: Talk) -> list[int]:
    return [number for number, (_, view) in enumerate(talk.views) if view.handoff is not None]


@pytest.mark.timeout(600)
async def test_three_hundred_turns(talk: Talk):
    for number in range(TURNS):
        # the cache fails for stretches, as where a server forgets quickly
        talk.is_cached = number % 60 < 30
        await talk.say(number, length=3)
    assert len(talk.views) == len(talk.prompts) == TURNS
    cuts = _cuts(talk)
    assert len(cuts) >= 8
    # cooldown: with nothing over the hard ceiling, cuts are further apart than that
    gaps = [later - earlier for earlier, later in pairwise(cuts)]
    assert min(gaps) > COOLDOWN_TURNS
    # the prompt is bounded: what one turn brings may come on top of the ceiling, once
    assert max(talk.sizes) <= LIMITS.hard + 700
    # each cut has its handoff, in the turn after it and in no other
    assert _handoffs(talk) == cuts
    for number in cuts:
        _check_handoff(talk, number)
    _check_what_was_cut(talk)
    await _check_rows(talk)


def _check_handoff(talk: Talk, number: int) -> None:
    claim, view = talk.views[number]
    assert view.handoff is not None
    lines = view.handoff.lines
    assert len(lines) == LINES_MOST
    assert all(len(line.content) <= LINE_LETTERS_MOST for line in lines)
    shown = {said.message.message_id for said in claim.history}
    assert not shown & {line.message_id for line in lines}
    assert view.handoff.cut == claim.history[0].turn_id
    assert lines[-1].content[:20] in talk.prompts[number].replace("\\n", "\n")


def _check_what_was_cut(talk: Talk) -> None:
    """Hold what a prompt no longer shows to what was summarised, and the record to what later prompts are given."""
    last, view = talk.views[-1]
    shown = set(WORD.findall(" ".join(said.message.content for said in last.history)))
    gone = {f"word{number}x" for number in range(TURNS - 1)} - shown
    assert len(gone) > TURNS // 2
    assert gone <= talk.summarised
    assert view.summaries and view.summaries[0].from_turn == 1
    assert {one.level for one in view.summaries} > {0}
    tiles = [(one.from_turn, one.to_turn) for one in view.summaries]
    assert all(after[0] == before[1] + 1 for before, after in pairwise(tiles))
    assert view.summaries[-1].to_turn + 1 == last.history[0].turn_id
    for one in view.summaries[-3:]:
        assert json.dumps(one.text)[1:-1] in talk.prompts[-1]


async def _check_rows(talk: Talk) -> None:
    found = await talk.world.rows("SELECT level, person_id, is_condensed, text FROM summaries")
    assert {row["person_id"] for row in found} == {None, 101}
    standing = [row for row in found if not row["is_condensed"] and row["person_id"] is None]
    assert len(standing) <= 3 * (1 + max(row["level"] for row in found))
    lines = await talk.world.rows("SELECT count(*) AS kept FROM messages WHERE speaker = 'person' AND content <> ''")
    assert lines[0]["kept"] == TURNS  # raw lines stay


def _check_fast_handoffs(talk: Talk) -> None:
    """Hold each cut of a talk that went too fast for summaries to what is carried over it."""
    assert len(talk.views) == TURNS and len(_cuts(talk)) >= 4
    assert _handoffs(talk) == _cuts(talk)
    for number in _cuts(talk):
        _check_handoff(talk, number)
        handoff = talk.views[number][1].handoff
        assert handoff is not None and handoff.summary is not None and handoff.note
        for text in (handoff.summary.text, handoff.note):
            assert json.dumps(text, ensure_ascii=False)[1:-1] in talk.prompts[number]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("is_cached", [True, False])
async def test_in_fast_talk_a_dead_model_leaves_no_handoff_without_summary_and_note(talk: Talk, is_cached: bool):
    talk.is_cached, talk.summary_error = is_cached, ProviderError("away", kind="unreachable", retryable=True)
    for number in range(TURNS):
        await talk.say(number, length=3, summarises=number % 10 == 0, seconds=1)
    assert await talk.world.rows("SELECT 1 FROM summaries") == []
    _check_fast_handoffs(talk)


@pytest.mark.timeout(600)
async def test_in_fast_talk_a_slow_model_has_told_of_most_when_the_ceiling_comes(talk: Talk, statements):
    talk = _talk_in(talk.world, statements, Limits.of(LIMITS.soft, None))
    talk.gate = asyncio.Event()
    at_work = asyncio.create_task(talk.summarise())
    for number in range(TURNS):
        await talk.say(number, length=3, summarises=False, seconds=4)
        if number % 6 == 5:  # an answer takes as long as six turns do
            talk.gate.set()
            await at_work
            talk.gate = asyncio.Event()
            at_work = asyncio.create_task(talk.summarise())
    talk.gate.set()
    await at_work
    _check_fast_handoffs(talk)
    in_time = [number for number in _cuts(talk) if talk.views[number][1].summaries]
    assert len(in_time) >= len(_cuts(talk)) - 1
    for number in in_time:
        claim, view = talk.views[number]
        cut_now = claim.history[0].turn_id - talk.views[number - 1][0].history[0].turn_id
        assert claim.history[0].turn_id - 1 - view.summaries[-1].to_turn <= cut_now // 2


async def test_that_a_talk_is_long_is_logged_once_while_its_summary_waits(talk: Talk, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO", logger="bot.engine.context")
    talk.is_cached = False
    number = 0
    while not (number and (await talk.chain())["summary_due_at"]):
        await talk.say(number, summarises=False)
        number += 1
    for more in range(5):
        await talk.say(number + more, summarises=False)
    assert caplog.text.count("the talk is long") == 1


async def test_while_the_cache_holds_talk_grows_to_the_hard_ceiling_and_a_summary_comes_after(talk: Talk):
    number = 0
    while not _cuts(talk):
        await talk.say(number)
        number += 1
    assert max(talk.sizes[:-1]) > LIMITS.hard  # no soft cut on the way
    assert (await talk.chain())["turns_since"] == 1
    claim, view = talk.views[-1]
    assert view.handoff is not None and view.summaries
    assert view.handoff.note == f"Now word{claim.history[0].turn_id - 2}x."


async def test_the_hard_ceiling_compacts_in_the_cooldown(talk: Talk):
    for number in range(4):
        await talk.say(number, length=8)
    talk.inflated = LIMITS.hard
    for number in range(4, 8):
        await talk.say(number, length=8)
    # each was over the ceiling, and each made a cut that the next one shows: three in a row
    assert _cuts(talk) == _handoffs(talk) == [5, 6, 7]
    assert (await talk.chain())["turns_since"] == 0
    talk.inflated, talk.is_cached = 0, False
    for number in range(8, 12):
        await talk.say(number)
    assert _cuts(talk) == _handoffs(talk) == [5, 6, 7, 8]


async def test_without_a_model_for_summaries_the_hard_ceiling_goes_on(talk: Talk):
    talk.is_cached, talk.summary_error = False, ProviderError("away", kind="unreachable", retryable=True)
    for number in range(40):
        await talk.say(number, length=6)
    assert max(talk.sizes) <= LIMITS.hard + 700
    assert _handoffs(talk) == _cuts(talk) != []
    assert await talk.world.rows("SELECT 1 FROM summaries") == []
    asked = [request for request in talk.world.model.requests if request.purpose == "summary"]
    assert 2 <= len(asked) <= 6  # put off for longer each time
    talk.summary_error = None
    talk.world.clock._now += timedelta(hours=7)
    await talk.summarise()
    first, last = talk.views[-1][0].history[0].turn_id, max(map(_number, talk.summarised))
    assert last == first - 2


async def test_a_soft_cut_waits_for_its_summary_and_shows_it_at_once(talk: Talk):
    talk.is_cached = False
    number = 0
    while not (number and (await talk.chain())["summary_due_at"]):
        await talk.say(number, summarises=False)
        number += 1
    before = talk.views[-1][0].history[0].turn_id
    await talk.say(number, summarises=False)  # not made yet: nothing moves
    assert talk.views[-1][0].history[0].turn_id == before
    assert await talk.summarise() >= 1
    chain = await talk.chain()
    assert chain["context_from_turn"] > before and chain["handoff_before"] == chain["context_from_turn"]
    assert (chain["turns_since"], chain["low_cache_turns"], chain["summary_due_at"]) == (0, 0, None)
    await talk.say(number + 1, summarises=False)
    claim, view = talk.views[-1]
    assert claim.history[0].turn_id == chain["context_from_turn"]
    assert view.handoff is not None and view.handoff.summary == view.summaries[-1] and view.handoff.note
    assert view.summaries[-1].to_turn == chain["context_from_turn"] - 1
    assert (await talk.chain())["handoff_before"] is None
