"""What the end of a turn keeps of memory: what its prompt recalled, and how the channel's context chain stands."""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.adapters.postgres.rows import LARGEST_INTEGER
from bot.adapters.postgres.store import PostgresStore
from bot.domain.handoff import ContextStep
from bot.domain.ids import MemoryId, MessageId, TurnId
from bot.domain.timer import NewTimer, TimerKind
from bot.errors import TurnLost
from tests.adapters.postgres.test_store import close, heard, later
from tests.fakes import DM, MIRA, START


@pytest_asyncio.fixture
async def store(statements):
    made = PostgresStore(statements, own=MIRA, is_alone=False)
    await made.introduce(START)
    return made


@pytest.fixture
def ask(statements):
    async def run(query: str, *values: object):
        return [dict(row) for row in await statements.run(query, *values)]

    return run


async def finished(store, step: ContextStep | None, **more):
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.finish(claim, close(context=step, **more))
    return claim


async def cut(ask, turn_id: int) -> None:
    """Cut softly, as a summary does, beside whatever turn is under way."""
    await ask(
        "INSERT INTO contexts (channel_id, turns_since, handoff_before) VALUES ($1, 0, $2)"
        " ON CONFLICT (channel_id) DO UPDATE SET turns_since = 0, low_cache_turns = 0, handoff_before = $2",
        DM.channel_id,
        turn_id,
    )


CONTEXT = "SELECT turns_since, low_cache_turns, prompt_tokens, handoff_before, summary_due_at FROM contexts"


async def test_a_turn_keeps_what_it_recalled(store, ask):
    await finished(store, None, recalled_lines=(MessageId(3), MessageId(2)), recalled_memories=(MemoryId(9),))
    assert await ask("SELECT recalled_lines, recalled_memories, digested_at FROM turns") == [
        {"recalled_lines": [3, 2], "recalled_memories": [9], "digested_at": None}
    ]


async def test_a_turn_without_a_step_leaves_no_context(store, ask):
    await finished(store, None, context_from_turn=TurnId(1))
    assert await ask(CONTEXT) == []


async def test_each_step_takes_the_place_of_the_one_before(store, ask):
    for step in (ContextStep(1, 1, 500), ContextStep(2, 0, 700)):
        await finished(store, step)
    assert await ask(CONTEXT) == [
        {
            "turns_since": 2,
            "low_cache_turns": 0,
            "prompt_tokens": 700,
            "handoff_before": None,
            "summary_due_at": None,
        }
    ]


async def test_whatever_number_of_tokens_a_server_names_can_be_kept(store, ask):
    for tokens in (10**30, -5):
        await finished(store, ContextStep(prompt_tokens=tokens))
        (row,) = await ask(CONTEXT)
        assert row["prompt_tokens"] in (LARGEST_INTEGER, 0)


async def test_a_cut_makes_a_handoff_due_and_showing_it_ends_that(store, ask):
    claim = await finished(store, ContextStep(7, 2, 900))
    await finished(store, ContextStep(0, 0, 900, context_from=claim.turn_id))
    assert (await ask(CONTEXT))[0]["handoff_before"] == claim.turn_id
    assert (await ask("SELECT context_from_turn FROM channels"))[0]["context_from_turn"] == claim.turn_id
    await finished(store, ContextStep(1, 0, 500, shown_cut=claim.turn_id))
    (row,) = await ask(CONTEXT)
    assert (row["handoff_before"], row["turns_since"]) == (None, 1)


async def test_a_handoff_that_was_not_shown_stays_due(store, ask):
    await finished(store, ContextStep(0, context_from=TurnId(1)))
    claim = await finished(store, ContextStep(1))
    assert (await ask(CONTEXT))[0]["handoff_before"] == 1
    await finished(store, ContextStep(1, shown_cut=claim.turn_id))
    assert (await ask(CONTEXT))[0]["handoff_before"] == 1, "another cut was shown than the one that is due"


async def test_a_cut_made_while_a_turn_ran_is_not_undone_by_its_end(store, ask):
    await finished(store, ContextStep(0, context_from=TurnId(1)))
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await cut(ask, claim.turn_id)
    await store.finish(claim, close(context=ContextStep(6, 2, 800, shown_cut=TurnId(1))))
    (row,) = await ask(CONTEXT)
    assert (row["handoff_before"], row["turns_since"], row["low_cache_turns"]) == (claim.turn_id, 0, 0)
    assert row["prompt_tokens"] == 800


async def test_of_two_cuts_the_later_holds(store, ask):
    first = await finished(store, None)
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await cut(ask, claim.turn_id)
    await ask("UPDATE channels SET context_from_turn = $1", claim.turn_id)
    await store.finish(claim, close(context=ContextStep(context_from=first.turn_id)))
    assert (await ask(CONTEXT))[0]["handoff_before"] == claim.turn_id
    assert (await ask("SELECT context_from_turn FROM channels"))[0]["context_from_turn"] == claim.turn_id


async def test_a_turn_can_show_one_handoff_and_make_another_due(store, ask):
    first = await finished(store, ContextStep(context_from=TurnId(1)))
    await finished(store, ContextStep(context_from=first.turn_id, shown_cut=TurnId(1)))
    assert (await ask(CONTEXT))[0]["handoff_before"] == first.turn_id


async def test_a_summary_that_is_due_stays_due_from_when_it_was(store, ask):
    await finished(store, ContextStep(is_summary_due=True))
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.finish(claim, close(context=ContextStep()))
    assert (await ask(CONTEXT))[0]["summary_due_at"] == later(9)
    await ask("UPDATE contexts SET summary_due_at = $1", later(900))
    await finished(store, ContextStep(is_summary_due=True))
    assert (await ask(CONTEXT))[0]["summary_due_at"] == later(900), "it is in hand"


async def test_a_turn_that_is_no_longer_ours_leaves_nothing(store, ask):
    claim = await finished(store, None)
    with pytest.raises(TurnLost):
        await store.finish(claim, close(context=ContextStep(9), recalled_lines=(MessageId(3),)))
    assert await ask(CONTEXT) == []


async def test_a_turn_with_reminders_keeps_its_context_too(store, ask):
    message = await heard(store)
    claim = await store.claim(DM.channel_id, START)
    timer = NewTimer(TimerKind.REMINDER, message.author.user_id, later(90), "tea", message.message_id)
    await store.finish(claim, close(context=ContextStep(4), timers=(timer,)))
    assert (await ask(CONTEXT))[0]["turns_since"] == 4 and len(await ask("SELECT 1 FROM timers")) == 1
