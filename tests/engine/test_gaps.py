"""Looking for what was missed while much else goes on: another session, a slow Discord, a database that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.ids import ChannelId, MessageId
from bot.domain.message import Channel
from bot.engine import gaps as gaps_module
from bot.engine import hear as hear_module
from bot.engine.catch_up import TRY_AGAIN
from bot.engine.gaps import HOLD
from bot.errors import StoreError
from bot.history_ports import Stretch
from tests.engine.conftest import World
from tests.engine.street import NOT_NOW, Ears, Street, hers
from tests.engine.test_hear import Flaky
from tests.fakes import BEN, DM, OTHER_DM


class Slow:
    """A store whose `hear` goes through *before* first, and that remembers in which order it took what."""

    def __init__(self, store: Any, before: Callable[[], Awaitable[object]]) -> None:
        self._store, self._before = store, before
        self.order: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def hear(self, message: Any, *rest: Any) -> bool:
        await self._before()
        self.order.append(message.content)
        return await self._store.hear(message, *rest)


@pytest.fixture
def street(world: World) -> Street:
    return Street(world)


async def back_with(street: Street, store: Any, *, is_met: bool = True) -> Ears:
    """Give a process that listens again after ten minutes, over *store*."""
    if is_met:
        await (await street.met()).catch_up.close()
    await street.pass_time(timedelta(minutes=10))
    return await street.open(store=store)


async def test_a_look_closes_only_the_gap_it_looked_into(street: Street):
    gate = asyncio.Event()
    ears = await back_with(street, Slow(street.world.real_store, gate.wait))
    ears.catch_up.began(0)
    street.missed("before the second session")
    live = asyncio.create_task(ears.listen(street.message("live in the second")))
    await street.pass_time(timedelta(seconds=1))
    street.missed("between the second and the third")
    await street.pass_time(timedelta(seconds=1))
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    gate.set()
    await street.pass_time(timedelta(seconds=60))
    await street.world.run()
    assert live.done()
    assert (await street.kept())[-1] == "between the second and the third"
    assert len(await street.kept()) == 4


async def test_one_look_has_one_limit_for_all_its_requests(street: Street):
    await street.met()
    street.world.conversations.is_working = False
    for number in range(12):
        message = street.message(f"deleted {number}")  # in no history any more
        await street.world.real_store.hear(message, hers(), street.world.clock.now())

    async def is_gone(_: Channel, __: MessageId, *, within: timedelta) -> bool:
        await street.world.clock.sleep(min(within, HOLD * 0.6))
        return False

    street.history.is_gone = is_gone  # type: ignore[method-assign]
    ears = await back_with(street, None, is_met=False)
    ears.catch_up.began(0)
    live = asyncio.create_task(ears.listen(street.message("live")))
    await street.pass_time(HOLD + timedelta(seconds=1))
    assert live.done()


async def test_what_makes_progress_is_not_given_up(street: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gaps_module, "LOOK_MOST", 5)
    ears = await street.away(await street.met())
    for number in range(30):
        street.missed(f"line {number}")
    read, seen = street.history.read, set()

    async def stubborn(channel: Channel, *, after: MessageId, **more: Any) -> Stretch:
        if after not in seen and len(street.history.faults) == 0:
            seen.add(after)
            street.history.faults = [NOT_NOW] * (len(TRY_AGAIN) - 2)
        return await read(channel, after=after, **more)

    street.history.read = stubborn  # type: ignore[method-assign]
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.world.clock.run(timedelta(hours=2))
    assert await street.kept() == ["hello", *(f"line {number}" for number in range(30))]


async def test_a_look_that_took_too_long_is_a_shorter_one_the_next_time(street: Street):
    limits = []
    ears = await street.away(await street.met())
    street.missed("one")
    read = street.history.read

    async def noted(channel: Channel, *, limit: int, **more: Any) -> Stretch:
        limits.append(limit)
        return await read(channel, limit=limit, **more)

    street.history.read = noted  # type: ignore[method-assign]
    street.history.faults = [NOT_NOW]
    await ears.begin()
    assert limits == [gaps_module.LOOK_MOST, gaps_module.LOOK_LEAST]
    assert await street.kept() == ["hello", "one"]


async def test_a_live_message_waits_until_its_channel_is_whole(street: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gaps_module, "LOOK_MOST", 5)
    store = Slow(street.world.real_store, lambda: asyncio.sleep(0))
    ears = await back_with(street, store)
    lines = [street.missed(f"line {number}").content for number in range(12)]
    ears.catch_up.began(0)
    live = asyncio.create_task(ears.listen(street.message("live")))
    ears.catch_up.everything_here(0)
    await street.world.run()
    assert live.done()
    assert list(dict.fromkeys(store.order)) == ["hello", *lines, "live"]


async def test_but_not_for_ever(street: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gaps_module, "LOOK_MOST", 1)
    slow = hear_module.FILL_MOST / 3
    store = Slow(street.world.real_store, lambda: street.world.clock.sleep(slow))
    ears = await back_with(street, store)
    lines = [street.missed(f"line {number}").content for number in range(9)]
    ears.catch_up.began(0)
    live = asyncio.create_task(ears.listen(street.message("live")))
    await street.pass_time(hear_module.FILL_MOST + slow * 3)
    assert live.done()
    ears.catch_up.everything_here(0)
    await street.world.run()
    assert await street.kept() == ["hello", *lines, "live"]


async def test_an_edit_told_during_a_look_wins_over_what_the_look_read(street: Street):
    ears = await street.met()
    street.world.conversations.is_working = False
    message, gone = street.message("first"), street.message("deleted")
    for one in (message, gone):
        await street.world.real_store.hear(one, hers(), street.world.clock.now())
    street.history.keep(replace(message, content="second"), was_edited=True)

    async def is_gone(*_: object, **__: object) -> bool:
        await street.world.clock.sleep(timedelta(seconds=2))
        return True

    street.history.is_gone = is_gone  # type: ignore[method-assign]
    ears = await street.away(ears)
    ears.catch_up.began(0)
    look = asyncio.create_task(ears.hear.fill(DM))
    await street.pass_time(timedelta(seconds=1))
    edit = asyncio.create_task(ears.hear.edited(replace(message, content="third")))
    await street.pass_time(timedelta(seconds=5))
    await asyncio.gather(look, edit)
    assert "third" in await street.kept() and "second" not in await street.kept()


@pytest.mark.parametrize("outage", [timedelta(minutes=9), timedelta(minutes=45)])
async def test_what_was_missed_outlasts_a_database_that_is_away(street: Street, outage: timedelta):
    flaky = Flaky(street.world.real_store, "hear", 0)
    ears = await back_with(street, flaky)
    street.missed("missed")
    flaky.failures = 10_000
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.pass_time(outage)
    assert await street.kept() == ["hello"]
    flaky.failures = 0
    await ears.catch_up.write_marks()
    await street.world.run()
    assert await street.kept() == ["hello", "missed"]


async def test_a_database_that_is_away_uses_up_no_try(street: Street, monkeypatch: pytest.MonkeyPatch):
    ears = await street.away(await street.met())
    street.missed("missed")
    flaky = Flaky(ears.marks, "waiting", 25)
    monkeypatch.setattr(ears.gaps, "_marks", flaky)
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.world.clock.run(timedelta(minutes=30))
    assert flaky.failures == 0
    assert await street.kept() == ["hello", "missed"]


async def test_when_too_much_is_held_the_oldest_line_is_left_to_be_looked_for(
    street: Street, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(hear_module, "HELD_MOST", 6)
    monkeypatch.setattr(hear_module, "HELD_AGAIN", 5)
    flaky = Flaky(street.world.real_store, "hear", 0)
    ears = await back_with(street, flaky)
    await ears.begin()
    flaky.failures = 10_000
    oldest = [asyncio.create_task(ears.listen(street.message(f"line {number}"))) for number in range(5)]
    other = asyncio.create_task(ears.listen(street.message("other", OTHER_DM, author=BEN)))
    await street.world.clock.idle()
    third = Channel(ChannelId(204), OTHER_DM.kind)
    newest = asyncio.create_task(ears.listen(street.message("newest", third, author=BEN)))
    await street.world.clock.idle()
    assert all(isinstance(one.exception(), StoreError) for one in oldest)
    assert not other.done() and not newest.done()
    assert caplog.text.count("too much is held in memory;") == 1
    flaky.failures = 0
    await street.pass_time(timedelta(seconds=15))
    assert other.done() and newest.done()
    await ears.catch_up.write_marks()
    await street.world.run()
    assert sorted(await street.kept()) == sorted(["hello", *(f"line {n}" for n in range(5)), "other", "newest"])
    assert ears.hear._held == 0 and ears.hear._lines == {}


async def test_an_edit_the_database_never_took_is_looked_for(street: Street):
    flaky = Flaky(street.world.real_store, "edit", 0)
    ears = await back_with(street, flaky)
    await ears.begin()
    street.world.conversations.is_working = False
    message = street.message("as it was")
    await ears.listen(message)
    flaky.failures = 10_000
    changed = street.history.keep(replace(message, content="as it is"), was_edited=True)
    edit = asyncio.create_task(ears.hear.edited(changed))
    await street.pass_time(timedelta(minutes=20))
    assert isinstance(edit.exception(), StoreError)
    flaky.failures = 0
    await ears.catch_up.write_marks()
    await street.world.run()
    assert await street.kept() == ["hello", "as it is"]
