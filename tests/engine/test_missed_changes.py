"""What was deleted or edited while nobody listened, of lines that were answered before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.postgres.forget import PostgresForget
from bot.domain.message import ChangeKind, Channel
from bot.engine.gaps import GONE_MOST
from tests.engine.conftest import World
from tests.engine.street import HALL, Ears, Street
from tests.fakes import BEN, DM, OTHER_DM

LONG_AFTER = timedelta(minutes=30)  # what was answered stands well before where the gap begins


@pytest.fixture
def street(world: World) -> Street:
    return Street(world)


async def told(street: Street, *lines: str) -> Ears:
    """Have lines said and answered, one after the other, and let her go."""
    ears = await street.met()
    for line in lines:
        await ears.listen(street.message(line))
        await street.world.run()
    await street.pass_time(LONG_AFTER)
    await ears.listen(street.message("and good night"))
    await street.world.run()
    await ears.catch_up.close()
    await street.pass_time(timedelta(hours=1))
    return ears


async def back(street: Street) -> None:
    await (await street.open()).begin()


def delete(street: Street, *lines: str) -> None:
    """Delete lines on Discord; nobody hears of it."""
    for one in [one for one, past in street.history.said.items() if past.message.content in lines]:
        del street.history.said[one]


async def test_an_answered_line_that_was_deleted_meanwhile_is_withdrawn_and_followed(street: Street):
    await told(street, "my sister is called Runa")
    delete(street, "my sister is called Runa")
    await back(street)
    assert await street.kept() == ["hello", "", "and good night"]
    changes = await street.world.real_store.changes(10)
    assert [one.kind for one in changes] == [ChangeKind.WITHDRAWN]


async def test_an_answered_line_that_was_edited_meanwhile_is_read_anew(street: Street):
    await told(street, "my sister is called Runa")
    said = next(past.message for past in street.history.said.values() if "Runa" in past.message.content)
    street.history.keep(replace(said, content="my sister is called Rune"), was_edited=True)
    await back(street)
    assert await street.kept() == ["hello", "my sister is called Rune", "and good night"]
    assert [one.kind for one in await street.world.real_store.changes(10)] == [ChangeKind.EDITED]


async def test_a_channel_that_was_cleared_is_forgotten_without_asking_for_each_line(street: Street, monkeypatch):
    lines = [f"line {number}" for number in range(GONE_MOST * 2)]
    await told(street, *lines)
    delete(street, *lines)
    asked = []
    is_gone = street.history.is_gone

    async def counted(channel, message_id, *, within):
        asked.append(message_id)
        return await is_gone(channel, message_id, within=within)

    monkeypatch.setattr(street.history, "is_gone", counted)
    await back(street)
    assert await street.kept() == ["hello", *[""] * len(lines), "and good night"]
    assert len(asked) == GONE_MOST


async def test_a_history_that_may_not_be_read_is_no_delete(street: Street, monkeypatch):
    await told(street, "one", "two")
    street.history.said.clear()  # what Discord gives where the permission is missing
    asked = []

    async def barred(*_: object, **__: object) -> bool:
        asked.append(1)
        return False

    monkeypatch.setattr(street.history, "is_gone", barred)
    await back(street)
    assert await street.kept() == ["hello", "one", "two", "and good night"]
    assert len(asked) == 1


async def test_a_line_deleted_on_a_server_where_nothing_new_was_said_is_found(street: Street):
    ears = await street.met()
    await ears.listen(street.message("Mira, my house number is 4711", HALL, author=BEN, mentions_self=True))
    await street.world.run()
    ears = await street.away(ears, LONG_AFTER)
    delete(street, "Mira, my house number is 4711")
    await ears.begin()
    assert await street.kept() == ["hello", ""]


async def test_nothing_is_forgotten_where_all_is_still_there(street: Street):
    await told(street, "one", "two")
    await back(street)
    assert await street.kept() == ["hello", "one", "two", "and good night"]
    assert await street.world.real_store.changes(10) == []
    assert {channel for channel, _ in street.history.reads} == {DM.channel_id}


async def forgotten(street: Street, line: str, channel: Channel, wish: str) -> Ears:
    """Have a line heard, and forgotten while it still stands on Discord; a new session begins within the minute."""
    ears = await street.met()
    message = street.message(line, channel, author=BEN)
    await ears.listen(message)
    street.world.conversations.is_working = False
    await ears.catch_up.write_marks()
    await street.pass_time(timedelta(seconds=20))
    forget = PostgresForget(street.world.real_store._pool)
    now = street.world.clock.now()
    await (forget.erase(BEN.user_id, now) if wish == "erase" else forget.forget_messages([message.message_id], now))
    await street.world.real_store.forget_early_deletes(now + timedelta(minutes=5))
    ears = await street.away(ears, timedelta(seconds=10))
    await ears.begin()
    return ears


@pytest.mark.parametrize(("wish", "channel"), [("erase", OTHER_DM), ("erase", HALL), ("forget", HALL)])
async def test_what_was_forgotten_a_moment_ago_is_not_read_again(street: Street, wish: str, channel: Channel):
    await street.world.let(HALL)
    ears = await forgotten(street, "we talk about quokkas", channel, wish)
    await ears.listen(street.message("oh", channel, author=BEN))  # their channel is looked at by then
    assert [one for one in await street.kept() if one] == ["hello", "oh"]
    assert street.history.read_of(channel) > 0, "else nothing is shown by it"


async def test_the_number_of_an_erased_line_goes_once_no_session_reads_it_again(street: Street):
    await street.world.let(HALL)
    await forgotten(street, "we talk about quokkas", HALL, "erase")
    noted = "SELECT message_id FROM early_deletes"
    assert len(await street.world.rows(noted)) == 1
    ears = await street.open()
    await ears.begin()
    await street.pass_time(timedelta(minutes=5))
    await ears.listen(street.message("later", OTHER_DM))
    await ears.catch_up.write_marks()
    await street.world.real_store.forget_early_deletes(street.world.clock.now())
    assert await street.world.rows(noted) == []
