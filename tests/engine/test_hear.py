"""Taking in events: what is kept, what is overheard, and a database that is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.message import Speaker
from bot.engine.hear import PATIENCE
from bot.errors import StoreError
from tests.fakes import BEN, MIRA, dm_message, guild_message


class Flaky:
    """A store that fails the next *failures* calls of one method, then works."""

    def __init__(self, store: Any, method: str, failures: int) -> None:
        self._store, self._method, self.failures = store, method, failures

    def __getattr__(self, name: str) -> Any:
        return self._fail if name == self._method and self.failures > 0 else getattr(self._store, name)

    async def _fail(self, *_: object, **__: object) -> None:
        self.failures -= 1
        raise StoreError("away")


async def test_a_duplicate_event_is_a_no_op(world):
    message = dm_message("hey")
    assert await world.hear(message)
    assert not await world.hear(message)
    await world.run()
    assert not await world.hear(message)
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_talk_between_others_is_not_kept(world):
    assert not await world.hear(guild_message("chatter", author=BEN))
    await world.run()
    assert await world.rows("SELECT * FROM messages") == []
    assert world.model.requests == []


async def test_her_own_echo_and_other_bots_are_not_answered(world):
    await world.hear(dm_message("Mhm.", author=MIRA, speaker=Speaker.SELF))
    await world.hear(guild_message("beep", mentions_self=True, speaker=Speaker.BOT))
    await world.run()
    assert world.model.requests == []


async def test_withheld_text_gets_the_apps_voice(world):
    message = guild_message("", replies_to_self=True)
    assert not await world.hear(message, is_withheld=True)
    await world.run()
    assert world.delivery.cards == [("withheld", message.message_id)]
    assert world.model.requests == []


@pytest.mark.parametrize("failures", [1, 4])
async def test_a_message_is_held_while_the_database_is_away(world, failures):
    world.store = Flaky(world.real_store, "hear", failures)
    world.wire()
    hearing = asyncio.create_task(world.hear(dm_message("hey")))
    await world.clock.advance(10)
    assert hearing.result()
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_after_long_enough_the_failure_is_told(world):
    world.store = Flaky(world.real_store, "hear", 10_000)
    world.wire()
    hearing = asyncio.create_task(world.hear(dm_message("hey")))
    await world.clock.run(timedelta(minutes=20))
    with pytest.raises(StoreError):
        await hearing


async def test_events_of_one_line_are_not_held_one_after_the_other(world):
    world.store = Flaky(world.real_store, "hear", 10_000)
    world.wire()
    hearing = [asyncio.create_task(world.hear(dm_message(f"line {number}"))) for number in range(20)]
    await world.clock.advance(PATIENCE + timedelta(seconds=1))
    assert all(isinstance(one.exception(), StoreError) for one in hearing)


@pytest.mark.parametrize("method", ["claim", "commit_part", "finish", "mark_sent"])
async def test_a_database_that_fails_mid_turn_costs_nothing_said_twice(world, method):
    world.store = Flaky(world.real_store, method, 1)
    world.wire()
    await world.say("hey")
    await world.run()
    await world.sweep()
    await world.sweep()
    assert world.delivery.texts == ["Mhm."]
    assert await world.states() == ["answered"]
    assert world.locks.holders == {}


async def test_an_edit_of_an_unknown_message_changes_nothing(world):
    await world.hear.edited(dm_message("hello"))
    await world.run()
    assert await world.rows("SELECT * FROM messages") == []


async def test_a_delete_that_overtakes_its_message_wins(world):
    message = dm_message("oops")
    await world.hear.deleted([message.message_id], message.channel.channel_id)
    assert not await world.hear(message)
    await world.run()
    assert world.model.requests == []


async def test_an_empty_direct_message_is_answered(world):
    await world.say("")
    await world.run()
    assert world.delivery.texts == ["Mhm."]
