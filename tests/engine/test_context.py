"""What a turn is shown of talk that left its prompt, and what it leaves of its channel's chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.domain.context_chain import COOLDOWN_TURNS, FIXED_TOKENS, Limits
from bot.domain.handoff import ContextStep, ContextView, Handoff
from bot.domain.ids import ChannelId, SummaryId, TurnId
from bot.domain.message import Audience, AudienceKind
from bot.domain.recalled import Summary
from bot.domain.turn import NO_CONTEXT, CallTrace, Claim, Gathered, Said
from bot.engine.context import TOKENS_MOST, Context
from bot.errors import StoreError
from bot.memory_ports import SummaryStore
from tests.fakes import DM, START, FakeClock, dm_message

LIMITS = Limits(soft=10_000, hard=20_000)
STANDS = ContextStep(turns_since=COOLDOWN_TURNS + 1, low_cache_turns=1, prompt_tokens=9_000)
HANDOFF = Handoff(TurnId(30))


class ChainOf:
    """A store in which a channel stands as told, or that is not there."""

    def __init__(self, handoff: Handoff | None = None, summaries: Sequence[Summary] = (), *, is_there: bool = True):
        self.told = (STANDS, summaries, handoff)
        self.is_there = is_there

    async def view(self, channel_id: ChannelId) -> tuple[ContextStep, Sequence[Summary], Handoff | None]:
        if not self.is_there:
            raise StoreError("away")
        return self.told


def context(store: ChainOf | None = None) -> Context:
    return Context(cast(SummaryStore, store or ChainOf()), FakeClock(), LIMITS)


def claim_of(*turns: int, letters: int = 400, **more: Any) -> Claim:
    history = tuple(Said(TurnId(turn), dm_message("x" * letters)) for turn in turns)
    return Claim(TurnId(90), DM, (dm_message("Mira?"),), START, history, **more)


def call(tokens: int | None, cached: int | None = None, purpose: str = "turn") -> CallTrace:
    return CallTrace(purpose, "m", "strict", "0", "1", 1, timedelta(1), "whole", tokens, 10, cached)


def shown(view: ContextView | None = None) -> Gathered:
    return Gathered((), context=view or ContextView(stands=STANDS))


def summary(to_turn: int) -> Summary:
    audience = Audience(AudienceKind.PERSON, 101)
    return Summary(SummaryId(to_turn), DM.channel_id, None, 0, audience, "So.", "", 1, to_turn, START, START)


async def test_a_turn_is_shown_what_stands_for_the_talk_before_its_history():
    seen = await context(ChainOf(HANDOFF, [summary(29)])).view(claim_of(30, 31))
    assert seen == ContextView((summary(29),), HANDOFF, STANDS)


async def test_a_cut_made_after_the_history_was_read_is_for_the_next_turn():
    seen = await context(ChainOf(HANDOFF, [summary(10), summary(29)])).view(claim_of(20, 31))
    assert seen == ContextView((summary(10),), None, STANDS)
    assert (await context(ChainOf(HANDOFF)).view(claim_of())).handoff == HANDOFF
    thread = claim_of(0, 30)  # the line that a thread was opened under belongs to no turn
    assert (await context(ChainOf(HANDOFF)).view(thread)).handoff == HANDOFF


async def test_without_the_store_a_turn_goes_on_and_counts_from_here():
    seen = await context(ChainOf(is_there=False)).view(claim_of(30))
    assert seen == NO_CONTEXT
    step = context().step(claim_of(30), shown(seen), [call(5_000, 0)])
    assert step == ContextStep(turns_since=1, prompt_tokens=5_000)


def test_a_turn_is_counted():
    step = context().step(claim_of(30), shown(), [call(5_000, 4_000)])
    assert step == ContextStep(STANDS.turns_since + 1, 0, 5_000)


def test_soft_asks_for_a_summary_and_cuts_nothing_itself():
    step = context().step(claim_of(*range(20, 60)), shown(), [call(12_000, 100)])
    assert step == ContextStep(STANDS.turns_since + 1, 2, 12_000, is_summary_due=True)
    with_cache = context().step(claim_of(*range(20, 60)), shown(), [call(12_000, 11_000)])
    assert not with_cache.is_summary_due and with_cache.low_cache_turns == 0


def test_hard_cuts_at_once_even_in_the_cooldown():
    view = ContextView((), HANDOFF, ContextStep(turns_since=1))
    step = context().step(claim_of(*range(30, 80)), shown(view), [call(21_000, 20_000)])
    assert step.context_from is not None and 30 < step.context_from <= 90
    assert (step.turns_since, step.low_cache_turns, step.is_summary_due) == (0, 0, True)
    assert step.shown_cut == HANDOFF.cut


def test_many_short_lines_are_cut_however_few_tokens_they_take():
    lines = LIMITS.lines
    step = context().step(claim_of(*range(1_000, 1_000 + lines), letters=3), shown(), [call(5_000, 4_900)])
    assert step.context_from is None and not step.is_summary_due
    step = context().step(claim_of(*range(1_000, 1_001 + lines), letters=3), shown(), [call(5_000, 4_900)])
    assert step.context_from is not None and step.is_summary_due
    assert lines // 4 <= 1_001 + lines - step.context_from <= lines // 2 + 10


def test_a_cut_keeps_about_half_of_the_soft_threshold_and_at_least_the_turn_itself():
    claim = claim_of(*range(30, 80))  # of 145 tokens each
    step = context().step(claim, shown(), [call(50 * 145 + 60 + 3_000 + 12_000, 0)])
    assert step.context_from is not None
    assert 2_000 <= 145 * (80 - step.context_from) <= LIMITS.soft // 2
    giant = context().step(replace(claim, messages=(dm_message("x" * 100_000),)), shown(), [call(60_000, 0)])
    assert giant.context_from == claim.turn_id


def test_where_nothing_can_go_nothing_is_due():
    step = context().step(claim_of(), shown(), [call(50_000, 0)])
    assert step.context_from is None and not step.is_summary_due


@pytest.mark.parametrize("tokens", [None, 0, -7, 3])
def test_what_a_server_does_not_count_is_estimated_and_still_bounded(tokens):
    claim = claim_of(*range(30, 90), letters=2_000)
    step = context().step(claim, shown(), [call(tokens, 10**9)])
    assert step.prompt_tokens > 60 * 500 + FIXED_TOKENS
    assert step.context_from is not None


def test_a_server_may_count_anything():
    step = context().step(claim_of(30), shown(), [call(10**40, 0)])
    assert step.prompt_tokens == TOKENS_MOST


def test_a_turn_that_nobody_read_counts_for_its_length_alone():
    silent = context().step(claim_of(30), None, [call(300, 0, "consider")])
    assert (silent.shown_cut, silent.is_summary_due) == (None, False)
    broken = context().step(claim_of(30), shown(ContextView((), HANDOFF, STANDS)), [])
    assert broken.shown_cut is None
    assert (broken.turns_since, broken.low_cache_turns) == (STANDS.turns_since, STANDS.low_cache_turns)
    long = context().step(claim_of(*range(30, 90), letters=2_000), None, [])
    assert long.context_from is not None


def test_the_first_call_of_a_turn_says_what_was_cached():
    calls = [call(300, 0, "consider"), call(5_000, 100), call(5_100, 5_000, "repair")]
    assert context().step(claim_of(30), shown(), calls).prompt_tokens == 5_000


def test_what_the_model_could_not_read_is_cut_whatever_the_chain_says():
    step = context().step(claim_of(*range(30, 40)), shown(), [call(3_000, 2_900)], cut_at=TurnId(35))
    assert (step.context_from, step.turns_since, step.is_summary_due) == (35, 0, True)
    # the chain may want to cut more than that, never less
    step = context().step(claim_of(*range(30, 90)), shown(), [call(30_000, 0)], cut_at=TurnId(31))
    assert step.context_from is not None and step.context_from > 31
