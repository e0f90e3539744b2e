"""What holds in a channel: defaults, threads, what is set, and how seldom the database is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.ids import ChannelId, GuildId
from bot.domain.message import Channel, ChannelKind
from bot.domain.room_policy import USUAL, Hearing, QuietHours, RoomPolicy
from bot.engine.policies import FRESH_FOR, Policies
from bot.errors import StoreError, UserError
from tests.engine.conftest import ADMIN
from tests.fakes import DM, ROOM

THREAD = Channel(ChannelId(311), ChannelKind.THREAD, GuildId(401), parent_id=ROOM.channel_id)
LISTEN = RoomPolicy(Hearing.LISTEN, chattiness=7)


class Counted:
    """A store of rooms that counts what it is asked; while *is_away* it answers nothing."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: list[str] = []
        self.own: set[ChannelId] = set()
        self.is_away = False

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any, **more: Any) -> Any:
            self.asked.append(name)
            if self.is_away:
                raise StoreError("away")
            if name == "own_threads":
                return self.own & set(args[0])
            return await getattr(self._store, name)(*args, **more)

        return ask


@pytest.fixture
def store(world):
    return Counted(world.rooms)


@pytest.fixture
def policies(world, store):
    return Policies(store=store, clock=world.clock, personas=("default", "haven"))


async def put(policies: Policies, channel: Channel, policy: RoomPolicy) -> None:
    assert channel.guild_id is not None
    await policies.set(channel.channel_id, channel.guild_id, policy, by=ADMIN)


async def test_only_mentions_are_heard_until_an_admin_says_more(policies):
    assert await policies.of(ROOM) == USUAL
    assert USUAL.hearing is Hearing.MENTION_ONLY


async def test_what_is_set_holds_at_once(policies):
    await policies.of(ROOM)
    await put(policies, ROOM, LISTEN)
    assert await policies.of(ROOM) == LISTEN


async def test_the_database_is_asked_once_in_ten_seconds(world, policies, store):
    for _ in range(50):
        await policies.of(ROOM)
    assert store.asked == ["policies"]
    await world.clock.advance(FRESH_FOR)
    await policies.of(ROOM)
    assert store.asked == ["policies"] * 2


async def test_many_at_once_ask_once(policies, store):
    found = await asyncio.gather(*(policies.of(ROOM) for _ in range(20)))
    assert set(found) == {USUAL}
    assert store.asked == ["policies"]


async def test_direct_messages_ask_nothing(policies, store):
    assert await policies.of(DM) == USUAL
    assert policies.known(DM) == USUAL
    assert store.asked == []


async def test_what_is_known_needs_no_look_and_goes_stale(world, policies):
    assert policies.known(ROOM) is None
    await policies.of(ROOM)
    assert policies.known(ROOM) == USUAL
    await world.clock.advance(FRESH_FOR)
    assert policies.known(ROOM) is None


async def test_another_process_follows_within_ten_seconds(world, policies):
    there = Policies(store=world.rooms, clock=world.clock)
    await there.of(ROOM)
    await put(policies, ROOM, LISTEN)
    await world.clock.advance(FRESH_FOR)
    assert await there.of(ROOM) == LISTEN


async def test_a_thread_follows_its_channel(policies):
    await policies.of(THREAD)
    await put(policies, ROOM, LISTEN)
    assert await policies.of(THREAD) == LISTEN


async def test_a_thread_may_have_a_setting_of_its_own(policies):
    await put(policies, ROOM, LISTEN)
    await put(policies, THREAD, RoomPolicy(Hearing.IGNORE))
    assert (await policies.of(THREAD)).hearing is Hearing.IGNORE
    assert await policies.of(ROOM) == LISTEN


async def test_she_listens_in_a_thread_she_opened(policies, store):
    store.own = {THREAD.channel_id}
    assert (await policies.of(THREAD)).hearing is Hearing.LISTEN
    assert await policies.is_own(THREAD)
    assert not await policies.is_own(ROOM)


@pytest.mark.parametrize("place", [ROOM, THREAD])
async def test_a_thread_she_opened_is_left_where_an_admin_wants_it_so(policies, store, place):
    store.own = {THREAD.channel_id}
    await put(policies, place, RoomPolicy(Hearing.IGNORE))
    assert (await policies.of(THREAD)).hearing is Hearing.IGNORE


async def test_what_was_known_holds_while_the_database_is_away(world, policies, store):
    await put(policies, ROOM, LISTEN)
    await policies.of(ROOM)
    store.is_away = True
    await world.clock.advance(timedelta(minutes=3))
    assert await policies.of(ROOM) == LISTEN


async def test_an_unknown_channel_is_not_guessed(world, policies, store):
    store.is_away = True
    for _ in range(10):
        with pytest.raises(StoreError):
            await policies.of(ROOM)
    assert store.asked == ["policies"]  # not asked for each line while it gives no answer
    store.is_away = False
    await world.clock.advance(3)
    assert await policies.of(ROOM) == USUAL


@pytest.mark.parametrize(
    ("policy", "key"),
    [
        (replace(LISTEN, chattiness=11), "room_chattiness"),
        (replace(LISTEN, chattiness=-1), "room_chattiness"),
        (replace(LISTEN, persona="nobody"), "room_persona_unknown"),
        (replace(LISTEN, quiet=QuietHours(60, 60, "UTC")), "room_quiet_hours"),
        (replace(LISTEN, quiet=QuietHours(0, 1440, "UTC")), "room_quiet_hours"),
        (replace(LISTEN, quiet=QuietHours(0, 60, "Mars/Base")), "zone_unknown"),
    ],
)
async def test_what_cannot_be_is_refused(policies, store, policy, key):
    with pytest.raises(UserError) as caught:
        await put(policies, ROOM, policy)
    assert caught.value.key == key
    assert store.asked == []


async def test_everything_that_is_set_comes_back(world, policies):
    policy = RoomPolicy(Hearing.LISTEN, 0, QuietHours(23 * 60, 7 * 60 + 30, "Europe/Berlin"), "haven")
    await put(policies, ROOM, policy)
    assert await Policies(store=world.rooms, clock=world.clock).of(ROOM) == policy
