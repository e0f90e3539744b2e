"""An answered message that changes: whoever made something of it is told, once it is sure, whatever crashes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.message import ChangeKind
from bot.engine.follow import Follow
from bot.errors import StoreError
from tests.fakes import DM, answering

from .conftest import World


class Diary:
    """A follower that writes down what it is told; fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.told: list[tuple[int, ChangeKind]] = []

    async def follow(self, changes):
        if self.failures:
            self.failures -= 1
            raise StoreError("away")
        self.told += [(change.message_id, change.kind) for change in changes]


async def _answered(world: World):
    message = await world.say("hey")
    await world.run()
    return message


async def test_an_edit_after_the_answer_is_told_once(world):
    message, diary = await _answered(world), Diary()
    await world.hear.edited(replace(message, content="hey there"))
    follow = Follow(store=world.store, followers=[diary])
    assert await follow() == 1
    assert await follow() == 0
    assert diary.told == [(message.message_id, ChangeKind.EDITED)]


async def test_a_delete_after_the_answer_is_told_once(world):
    message, diary = await _answered(world), Diary()
    for _ in range(2):
        await world.hear.deleted([message.message_id], DM.channel_id)
    assert await Follow(store=world.store, followers=[diary])() == 1
    assert diary.told == [(message.message_id, ChangeKind.WITHDRAWN)]


async def test_a_change_before_the_answer_is_nobodys_business(world):
    message = await world.say("hey")
    await world.hear.deleted([message.message_id], DM.channel_id)
    await world.run()
    assert await Follow(store=world.store, followers=[Diary()])() == 0
    assert world.model.requests == []


async def test_an_edit_while_the_answer_goes_out_is_told_though_it_changes_the_turn_no_more(world):

    gate = asyncio.Event()
    world.model.script(answering("One.\n\nTwo.", gates={"Two": gate}))
    message, diary = await world.say("hey"), Diary()
    await world.clock.advance(1)
    await world.hear.edited(replace(message, content="never mind"))
    gate.set()
    await world.run()
    assert world.delivery.texts == ["One.", "Two."]
    await Follow(store=world.store, followers=[diary])()
    assert diary.told == [(message.message_id, ChangeKind.EDITED)]


@pytest.mark.parametrize("failures", [1, 3])
async def test_a_follower_that_fails_is_told_again(world, failures):
    message, diary = await _answered(world), Diary(failures)
    await world.hear.deleted([message.message_id], DM.channel_id)
    follow = Follow(store=world.store, followers=[diary])
    for _ in range(failures):
        assert await follow() == 0
    assert await follow() == 1
    assert diary.told == [(message.message_id, ChangeKind.WITHDRAWN)]


async def test_changes_of_a_message_that_was_erased_are_gone_with_it(world):
    message = await _answered(world)
    await world.hear.deleted([message.message_id], DM.channel_id)
    await world.clock.advance(timedelta(seconds=1))
    async with world.database.begin() as connection:
        await connection.execute(text("DELETE FROM messages WHERE message_id = :id"), {"id": message.message_id})
    assert await Follow(store=world.store, followers=[Diary()])() == 0
