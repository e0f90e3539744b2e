"""A history is read once: later claims bring what is new in it, and nothing that is no longer to be shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.postgres.claim_statements import CLAIM
from bot.adapters.postgres.claims import KnownTalk
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.handoff import ContextStep
from bot.domain.ids import ChannelId, TurnId
from bot.domain.message import Quote
from bot.domain.turn import Claim, Said
from tests.adapters.postgres.test_room_turns import ASKED, PICTURE, claimed, hear
from tests.adapters.postgres.test_store import answered, close, heard, later
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, dm_message

STEP = ContextStep(turns_since=3, low_cache_turns=1, prompt_tokens=900)


@pytest.fixture
async def store(statements: StatementPool) -> PostgresStore:
    made = PostgresStore(statements, own=MIRA, is_alone=True)
    await made.introduce(START)
    return made


async def both(store: PostgresStore, statements: StatementPool, channel: ChannelId = DM.channel_id) -> Claim:
    """Claim as a process that knows the talk and as one that does not; gives what both read."""
    claim = await store.claim(channel, later(9), is_fresh=True)
    assert claim is not None
    await store.release(claim, "superseded", now=later(9), retry_at=None)
    newcomer = PostgresStore(statements, own=MIRA, is_alone=True)
    anew = await newcomer.claim(channel, later(9), is_fresh=True)
    assert anew == replace(claim, turn_id=anew.turn_id)
    await store.release(anew, "superseded", now=later(9), retry_at=None)
    return claim


async def talk(store: PostgresStore, lines: int) -> None:
    for number in range(lines):
        await answered(store, f"line {number}", f"answer {number}")


async def test_only_new_lines_come_along(store: PostgresStore, statements: StatementPool, monkeypatch) -> None:
    counts: list[int] = []
    run = statements.run

    async def counted(statement: str, *values: Any) -> Any:
        rows = await run(statement, *values)
        if statement == CLAIM:
            counts.append(len(rows))
        return rows

    monkeypatch.setattr(statements, "run", counted)
    await talk(store, 8)
    await heard(store)
    claim = await store.claim(DM.channel_id, later(9))
    assert [said.message.content for said in claim.history[-2:]] == ["line 7", "answer 7"]
    assert len(claim.history) == 16
    assert counts == [1] + [3] * 8  # what waits, and the line and the answer before


async def test_what_was_read_before_is_as_if_it_were_read_anew(store: PostgresStore, statements: StatementPool) -> None:
    await talk(store, 3)
    await heard(store, "now")

    assert len((await both(store, statements)).history) == 6
    assert len((await both(store, statements)).history) == 6


async def test_an_edited_line_is_read_anew(store: PostgresStore, statements: StatementPool) -> None:
    await talk(store, 2)
    await heard(store, "now")
    before = await both(store, statements)
    await store.edit(before.history[0].message.message_id, "something else", later(20))

    assert (await both(store, statements)).history[0].message.content == "something else"

    await store.edit(before.history[0].message.message_id, "and again", later(30))
    assert (await both(store, statements)).history[0].message.content == "and again"


async def test_a_deleted_line_is_gone(store: PostgresStore, statements: StatementPool) -> None:
    await talk(store, 2)
    await heard(store, "now")
    gone = (await both(store, statements)).history[0].message.message_id
    elsewhere = PostgresStore(statements, own=MIRA, is_alone=True)
    await elsewhere.withdraw([gone], later(20))

    left = await both(store, statements)

    assert gone not in {said.message.message_id for said in left.history}
    assert len(left.history) == 3


async def test_who_is_not_to_be_heard_is_gone_and_comes_back(store: PostgresStore, statements: StatementPool) -> None:
    for person in (ADA, BEN):
        await hear(store, f"Mira, it is {person.display_name}", ASKED, person)
        await store.finish(await claimed(store), close())
    await hear(store, "Mira?", ASKED, ADA)
    assert len((await both(store, statements, ROOM.channel_id)).history) == 2

    await statements.run("INSERT INTO silences (user_id, since) VALUES ($1, $2)", BEN.user_id, later(10))
    assert len((await both(store, statements, ROOM.channel_id)).history) == 1
    await statements.run("DELETE FROM silences")
    assert len((await both(store, statements, ROOM.channel_id)).history) == 2


async def test_lines_that_bring_something_are_read_each_time(store: PostgresStore, statements: StatementPool) -> None:
    quote = Quote(BEN.user_id, "Ben", "look")
    await hear(store, "Mira, see", ASKED, attachments=(PICTURE,))
    await hear(store, "and that", ASKED, quote=quote)
    await store.finish(await claimed(store), close())
    await hear(store, "Mira?", ASKED)
    first, second = (await both(store, statements, ROOM.channel_id)).history
    assert first.message.attachments
    assert second.message.quote is not None

    await statements.run("INSERT INTO silences (user_id, since) VALUES ($1, $2)", BEN.user_id, later(10))
    assert (await both(store, statements, ROOM.channel_id)).history[1].message.quote is None
    await statements.run("DELETE FROM silences")
    assert (await both(store, statements, ROOM.channel_id)).history[1].message.quote is not None


async def test_what_was_cut_off_is_gone(store: PostgresStore, statements: StatementPool) -> None:
    await talk(store, 4)
    await heard(store, "now")
    turns = [said.turn_id for said in (await both(store, statements)).history]
    await statements.run("UPDATE channels SET context_from_turn = $1", turns[-1])

    assert [said.turn_id for said in (await both(store, statements)).history] == turns[-2:]


async def test_a_claim_tells_how_the_chain_stands(store: PostgresStore, statements: StatementPool) -> None:
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    assert claim.chain == ContextStep()
    await store.finish(claim, close(context=replace(STEP, is_summary_due=True)))
    await heard(store)

    claim = await store.claim(DM.channel_id, START)

    assert claim.chain == (await PostgresSummaries(statements).view(DM.channel_id))[0]
    assert claim.chain == replace(STEP, is_summary_due=True)


async def test_where_something_stands_for_earlier_talk_it_has_to_be_asked_for(
    store: PostgresStore, statements: StatementPool
) -> None:
    await heard(store)
    claim = await store.claim(DM.channel_id, START)
    await store.finish(claim, close(context=STEP))
    await statements.run("UPDATE contexts SET handoff_before = $1", claim.turn_id)
    await heard(store)

    claim = await store.claim(DM.channel_id, START)

    assert claim.chain is None


def test_no_more_lines_are_known_than_there_is_room_for() -> None:
    known = KnownTalk(size=10)
    for channel in range(5):
        known.keep(ChannelId(channel), {number: Said(TurnId(1), dm_message(f"{number}")) for number in range(4)})

    assert [len(known.of(ChannelId(channel))) for channel in range(5)] == [0, 0, 0, 4, 4]


def test_a_forgotten_line_is_known_no_more() -> None:
    known = KnownTalk()
    known.keep(DM.channel_id, {number: Said(TurnId(1), dm_message(f"{number}")) for number in range(3)})
    known.forget([1])

    assert not known.of(DM.channel_id)
