"""Where choices of personas and what she slipped into are kept: one read a turn, and no write that loses another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.postgres.manners import PostgresManners
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import Attention
from bot.domain.ids import ChannelId, UserId
from bot.domain.wardrobe import AS_USUAL, NO_LEAVE, Because, Leave, Wearing
from bot.persona_ports import Manners
from tests.fakes import ADA, BEN, DM, START, dm_message

HAVEN = Wearing("haven", 3, 1, "default", Because.SHELTER, 2, START)
LATER = START + timedelta(minutes=5)
NOBODY = UserId(404)


@pytest.fixture
async def manners(statements: StatementPool, lone_store: PostgresStore) -> PostgresManners:
    """Give the store, with one direct conversation known."""
    await lone_store.hear(dm_message("hello"), Attention(is_hers=True, reasons=("direct message",)), START)
    return PostgresManners(statements)


async def test_who_never_chose_and_a_channel_without_a_slip_are_as_usual(manners: PostgresManners):
    assert await manners.manners(DM.channel_id, ADA.user_id) == Manners()
    assert await manners.manners(ChannelId(999), NOBODY) == Manners(AS_USUAL, None, NO_LEAVE)
    assert await manners.manners(None, None) == Manners()


async def test_what_was_chosen_and_slipped_into_is_read_in_one_statement(manners: PostgresManners, monkeypatch):
    await manners.choose(ADA.user_id, "haven", START)
    await manners.opt_in(ADA.user_id, "forbidden", START, is_adult=True)
    assert await manners.keep(DM.channel_id, HAVEN, was=AS_USUAL)
    ran: list[str] = []
    run = manners._pool.run

    async def counted(statement: str, *values: object):
        ran.append(statement)
        return await run(statement, *values)

    monkeypatch.setattr(manners._pool, "run", counted)
    leave = Leave(is_adult=True, opted_into=frozenset({"forbidden"}))
    assert await manners.manners(DM.channel_id, ADA.user_id) == Manners(HAVEN, "haven", leave)
    assert await manners.manners(DM.channel_id, None) == Manners(HAVEN)
    assert await manners.manners(None, ADA.user_id) == Manners(AS_USUAL, "haven", leave)
    assert len(ran) == 3


async def test_what_somebody_chose_meanwhile_is_not_overwritten(manners: PostgresManners):
    chosen = Wearing(came_from="default", because=Because.CHOSEN, bridges=2, changed_at=LATER)
    assert await manners.keep(DM.channel_id, HAVEN, was=AS_USUAL)
    assert await manners.keep(DM.channel_id, chosen, was=None)
    assert not await manners.keep(DM.channel_id, replace(HAVEN, changed_at=LATER + timedelta(1)), was=HAVEN)
    assert (await manners.manners(DM.channel_id, None)).wearing == chosen
    back = Wearing(changed_at=LATER + timedelta(1))
    assert await manners.keep(DM.channel_id, back, was=chosen)
    assert await manners.keep(DM.channel_id, back, was=chosen), "a statement may run again"
    assert (await manners.manners(DM.channel_id, None)).wearing == back


async def test_a_channel_that_is_not_known_keeps_nothing(manners: PostgresManners):
    assert not await manners.keep(ChannelId(999), HAVEN, was=None)
    assert await manners.manners(ChannelId(999), None) == Manners()


async def test_people_who_never_wrote_may_choose(manners: PostgresManners):
    await manners.choose(NOBODY, "hallow", START)
    await manners.opt_in(BEN.user_id, "forbidden", START, is_adult=False)
    assert (await manners.manners(None, NOBODY)).choice == "hallow"
    assert (await manners.manners(None, BEN.user_id)).leave == Leave(opted_into=frozenset({"forbidden"}))


async def test_a_choice_is_let_go_only_if_it_is_still_that_one(manners: PostgresManners):
    await manners.choose(ADA.user_id, "haven", START)
    await manners.let_go(ADA.user_id, "forbidden")
    assert (await manners.manners(None, ADA.user_id)).choice == "haven"
    await manners.let_go(ADA.user_id, "haven")
    assert (await manners.manners(None, ADA.user_id)).choice is None


async def test_what_was_said_of_oneself_can_be_taken_back(manners: PostgresManners):
    for _ in range(2):
        await manners.opt_in(ADA.user_id, "forbidden", START, is_adult=True)
    await manners.opt_in(ADA.user_id, "bold", LATER, is_adult=False)
    await manners.choose(ADA.user_id, "forbidden", START)
    kept = await manners.manners(None, ADA.user_id)
    assert kept.leave == Leave(is_adult=True, opted_into=frozenset({"forbidden", "bold"}))
    await manners.take_back(ADA.user_id, ["forbidden", "bold"])
    assert await manners.manners(None, ADA.user_id) == Manners()
    await manners.choose(ADA.user_id, "haven", START)
    await manners.take_back(ADA.user_id, ["forbidden"])
    assert (await manners.manners(None, ADA.user_id)).choice == "haven"


async def test_the_same_at_once_is_the_same_once(manners: PostgresManners, ask):
    await asyncio.gather(
        *(manners.opt_in(BEN.user_id, "forbidden", START, is_adult=True) for _ in range(8)),
        *(manners.choose(BEN.user_id, "forbidden", START) for _ in range(8)),
    )
    (row,) = await ask(f"SELECT persona, adult_at, opted_into FROM person_manners WHERE user_id = {BEN.user_id}")
    assert (row["persona"], row["adult_at"], row["opted_into"]) == ("forbidden", START, ["forbidden"])
