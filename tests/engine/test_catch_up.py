"""Catching up after a lost session, over a real database and a made-up history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.postgres.marks import PostgresMarks
from bot.domain.ids import ChannelId, GuildId
from bot.domain.message import Channel, ChannelKind, Message, Speaker
from bot.domain.shards import Shards
from bot.domain.snowflake import first_at
from bot.engine import gaps as gaps_module
from bot.engine.gaps import HOLD, MARGIN
from bot.errors import StoreError
from tests.engine.conftest import World
from tests.engine.street import HALL, NEVER, NOT_NOW, WITHIN, Ears, Street, hers
from tests.engine.test_hear import Flaky
from tests.fakes import BEN, DM, MIRA, OTHER_DM, ROOM


@pytest.fixture
def street(world: World) -> Street:
    return Street(world)


async def test_a_fresh_database_looks_for_nothing(street: Street):
    street.missed("long ago")
    ears = await street.open()
    await ears.begin()
    assert street.history.reads == []
    assert await street.kept() == []


async def test_what_was_missed_is_one_turn(street: Street):
    ears = await street.met()
    ears_again = street.away(ears)
    for words in ("one", "two", "three"):
        street.missed(words)
    await (await ears_again).begin()
    assert await street.kept() == ["hello", "one", "two", "three"]
    assert street.world.asked()[-3:] == ["one", "two", "three"]
    assert street.world.delivery.texts == ["Mhm.", "Mhm."]


async def test_a_second_start_finds_nothing_new(street: Street):
    ears = await street.met()
    street.missed("one")
    ears = await street.away(ears)
    await ears.begin()
    ears = await street.away(ears)
    await ears.begin()
    assert street.world.delivery.texts == ["Mhm.", "Mhm."]
    assert street.history.reads[-1][1] > street.history.reads[0][1], "it looks no further back than it must"


async def without_marks(street: Street) -> Ears:
    """Start on a database as a release left it that wrote no marks."""
    async with street.world.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM gateway_marks")
    return await street.open()


async def test_messages_without_a_mark_tell_how_far_was_heard(street: Street):
    await street.met()
    await street.pass_time(timedelta(minutes=10))
    street.missed("while it was updated")
    ears = await without_marks(street)
    await ears.begin()
    assert await street.kept() == ["hello", "while it was updated"]
    assert street.world.delivery.texts == ["Mhm.", "Mhm."]


async def test_messages_without_a_mark_reach_no_further_back_than_the_setting(street: Street):
    await street.met()
    street.missed("too long ago")
    await street.pass_time(WITHIN * 2)
    street.missed("lately")
    ears = await without_marks(street)
    await ears.begin()
    assert await street.kept() == ["hello", "lately"]


async def test_how_far_was_heard_is_not_moved_while_something_is_missed(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    before = await ears.marks.read()
    street.missed("one")
    street.history.faults = [NOT_NOW]
    ears.catch_up.began(0)
    live = asyncio.create_task(ears.listen(street.message("elsewhere", OTHER_DM, author=BEN)))
    await street.pass_time(HOLD * 2)
    assert live.result()
    await ears.catch_up.write_marks()
    assert await ears.marks.read() == before
    ears.catch_up.everything_here(0)
    await street.world.run()
    await ears.catch_up.write_marks()
    assert (await ears.marks.read())[0] > before[0]


async def test_a_message_that_is_not_kept_yet_holds_the_mark(street: Street):
    flaky = Flaky(street.world.real_store, "hear", 3)
    ears = await street.met()
    ears = await street.away(ears)
    ears = await street.open(store=flaky)
    await ears.begin()
    earlier = ears.gaps.mark(0)
    await street.pass_time(timedelta(minutes=1))
    message = street.message("hold on")
    hearing = asyncio.create_task(ears.listen(message))
    await street.world.clock.idle()
    await ears.listen(street.message("nothing for her", ROOM))
    assert ears.gaps.mark(0) == message.sent_at
    assert earlier is not None
    await street.world.run()
    assert hearing.result()
    assert ears.gaps.mark(0) is not None


async def test_what_the_database_never_took_is_looked_for(street: Street):
    flaky = Flaky(street.world.real_store, "hear", 0)
    ears = await street.met()
    ears = await street.open(store=flaky)
    await ears.begin()
    flaky.failures = 10_000
    hearing = asyncio.create_task(ears.listen(street.message("did you get this?")))
    await street.pass_time(timedelta(minutes=20))
    assert isinstance(hearing.exception(), StoreError)
    flaky.failures = 0
    await ears.listen(street.message("and this?", OTHER_DM, author=BEN))
    await ears.catch_up.write_marks()
    await street.world.run()
    assert await street.kept() == ["hello", "did you get this?", "and this?"]


async def test_a_live_message_waits_but_not_for_ever(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("before")
    street.history.faults = [NOT_NOW]
    ears.catch_up.began(0)
    live = asyncio.create_task(ears.listen(street.message("now")))
    await street.pass_time(HOLD - timedelta(seconds=1))
    assert not live.done()
    await street.pass_time(timedelta(seconds=2))
    assert live.result()
    ears.catch_up.everything_here(0)
    await street.world.run()
    assert await street.kept() == ["hello", "before", "now"]
    assert ears.gaps.mark(0) is not None


async def test_what_cannot_be_read_at_all_is_left_at_once(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("nobody knows")
    street.history.faults = [NEVER]
    await ears.begin()
    assert street.history.read_of(DM) == 1
    assert ears.gaps.mark(0) is not None


async def test_trouble_without_end_is_given_up(street: Street, caplog: pytest.LogCaptureFixture):
    ears = await street.met()
    ears = await street.away(ears)
    street.history.faults = [NOT_NOW] * 50
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.world.clock.run(timedelta(minutes=30))
    assert street.history.read_of(DM) < 10
    assert "missed history given up" in caplog.text
    assert await ears.listen(street.message("still here"))


async def test_a_long_absence_is_read_piece_by_piece_and_not_without_end(
    street: Street, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(gaps_module, "LOOK_MOST", 5)
    monkeypatch.setattr(gaps_module, "MISSED_MOST", 15)
    ears = await street.met()
    ears = await street.away(ears)
    for number in range(12):
        street.missed(f"line {number}")
    for number in range(40):
        street.missed(f"other {number}", OTHER_DM, author=BEN)
    await street.world.real_store.hear(street.message("x", OTHER_DM, author=BEN), hers(), street.world.clock.now())
    await ears.begin()
    kept = await street.kept()
    assert [one for one in kept if one.startswith("line")] == [f"line {number}" for number in range(12)]
    assert sum(1 for one in kept if one.startswith("other")) == 15
    assert "missed history given up" in caplog.text


async def test_only_what_is_hers_is_kept_and_withheld_lines_stay_unsaid(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("chatter", ROOM, author=BEN)
    street.missed("hey", ROOM, author=BEN, mentions_self=True)
    street.missed("beep", ROOM, mentions_self=True, speaker=Speaker.BOT)
    street.history.keep(street.message("", ROOM, replies_to_self=True), is_withheld=True)
    await ears.begin()
    assert await street.kept() == ["hello", "hey"]
    assert street.world.delivery.cards == []


async def waiting_message(street: Street) -> Message:
    """Have a message wait, and nobody there to answer it."""
    message = street.missed("as it was")
    await street.world.real_store.hear(message, hers(), street.world.clock.now())
    return message


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_waiting_message_that_was_deleted_is_withdrawn(street: Street, is_old: bool):
    ears = await street.met()
    message = await waiting_message(street)
    if is_old:
        await street.pass_time(timedelta(minutes=5))
        await ears.listen(street.message("chatter", ROOM))
    ears = await street.away(ears)
    del street.history.said[message.message_id]
    ears.catch_up.began(0)
    looked = ears.catch_up.looked()
    await street.world.run()
    await looked
    assert await street.world.states() == ["answered", "withdrawn"]


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_waiting_message_that_was_edited_changes(street: Street, is_old: bool):
    ears = await street.met()
    message = await waiting_message(street)
    if is_old:
        await street.pass_time(timedelta(minutes=5))
        await ears.listen(street.message("chatter", ROOM))
    ears = await street.away(ears)
    street.history.keep(replace(message, content="as it is"), was_edited=True)
    await ears.begin()
    assert await street.kept() == ["hello", "as it is"]


async def test_a_message_beyond_what_was_read_is_not_taken_for_deleted(street: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gaps_module, "LOOK_MOST", 3)
    ears = await street.met()
    message = await waiting_message(street)
    del street.history.said[message.message_id]
    street.history.faults = [NEVER]
    ears = await street.away(ears)
    await ears.begin()
    assert await street.world.states() == ["answered", "pending"]


async def test_what_she_answered_in_another_life_is_not_answered_again(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("asked then")
    street.missed("answered then", author=MIRA, speaker=Speaker.SELF)
    street.missed("asked since")
    await ears.begin()
    assert await street.kept() == ["hello", "asked since"]


async def test_a_line_of_hers_that_is_still_on_its_way_out_answers_nothing_else(street: Street):
    ears = await street.met()
    await street.world.rows("SELECT 1")
    async with street.world.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE outbox SET state = 'ready', done_at = NULL, message_id = NULL")
    ears = await street.away(ears)
    street.missed("asked then")
    street.missed("on its way", author=MIRA, speaker=Speaker.SELF)
    await ears.begin()
    assert await street.kept() == ["hello", "asked then"]


async def test_a_stranger_is_looked_up_once_and_not_for_ever(street: Street):
    ears = await street.met()
    street.missed("is anybody there?", OTHER_DM, author=BEN)
    ears = await street.away(ears)
    await ears.begin()
    assert street.history.read_of(OTHER_DM) == 0
    await ears.listen(street.message("hello?", OTHER_DM, author=BEN))
    await ears.listen(street.message("hello??", OTHER_DM, author=BEN))
    assert street.history.read_of(OTHER_DM) == 1
    assert (await street.kept())[1:] == ["is anybody there?", "hello?", "hello??"]
    await street.pass_time(WITHIN)
    third = Channel(ChannelId(203), ChannelKind.DM)
    await ears.listen(street.message("new here", third, author=BEN))
    assert street.history.read_of(third) == 0


async def test_servers_are_read_only_where_something_is_new(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("hey", ROOM, mentions_self=True)
    ears.catch_up.began(0)
    ears.catch_up.guild_here(GuildId(401))
    ears.catch_up.everything_here(0)
    await street.world.run()
    await ears.listen(street.message("and here", HALL, mentions_self=True))
    assert street.history.read_of(ROOM) == 1
    assert street.history.read_of(HALL) == 0


async def test_a_server_she_has_just_come_to_is_not_read(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    elsewhere = Channel(ChannelId(303), ChannelKind.GUILD, GuildId(402))
    street.missed("before she came", elsewhere, mentions_self=True)
    await ears.begin()
    ears.catch_up.guild_joined(GuildId(402))
    await ears.listen(street.message("welcome", elsewhere, mentions_self=True))
    assert street.history.read_of(elsewhere) == 0


async def test_nothing_older_than_the_setting_is_asked_for(street: Street):
    ears = await street.met()
    street.missed("too long ago")
    ears = await street.away(ears, WITHIN * 2)
    street.missed("lately")
    await ears.begin()
    assert await street.kept() == ["hello", "lately"]


async def test_a_session_that_ends_while_she_catches_up_loses_nothing(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("one")
    street.history.faults = [NOT_NOW]
    ears.catch_up.began(0)
    await street.pass_time(timedelta(seconds=1))
    await ears.listen(street.message("chatter", ROOM))
    await street.pass_time(MARGIN * 2)
    await ears.begin()
    assert await street.kept() == ["hello", "one"]


async def test_a_storm_of_sessions_reads_little(street: Street):
    ears = await street.met()
    ears = await street.away(ears)
    street.history.reads.clear()
    for _ in range(10):
        ears.catch_up.began(0)
        await street.pass_time(timedelta(seconds=0.5))
    ears.catch_up.everything_here(0)
    await street.world.run()
    assert street.history.read_of(DM) <= 3
    assert ears.gaps.mark(0) is not None


async def test_each_shard_hears_its_own(street: Street):
    two = Shards((0, 1), 2)
    far = Channel(ChannelId(304), ChannelKind.GUILD, GuildId(1 << 22))
    street.history.guild_ids = []
    ears = await street.open(shards=two)
    await ears.begin(0, 1)
    await ears.listen(street.message("hello"))
    await street.world.run()
    await ears.listen(street.message("hello", far, mentions_self=True))
    await street.world.run()
    await ears.catch_up.write_marks()
    assert set(await ears.marks.read()) == {0, 1}
    ears = await street.open(shards=two)
    await street.pass_time(timedelta(minutes=10))
    street.history.reads.clear()
    await ears.begin(1)
    assert {channel_id for channel_id, _ in street.history.reads} == {far.channel_id}
    await ears.begin(0)
    assert street.history.read_of(DM) == 1


async def test_a_shard_that_is_new_starts_from_the_earliest_mark(street: Street):
    await street.met()
    marks = PostgresMarks(street.world.real_store._pool, MIRA.user_id)
    early = street.world.clock.now() - timedelta(hours=1)
    await marks.write(0, early)
    ears = await street.open(shards=Shards((3,), 4))
    gap = ears.gaps.begin(3)
    assert gap is not None
    assert gap.after == first_at(early - MARGIN)


async def test_ids_that_do_not_tell_time_are_counted_instead(street: Street):
    street.first_id = 10**18  # a count, as another server may hand it out; by Discord's rules it is years old
    ears = await street.met()
    ears = await street.away(ears)
    street.missed("one")
    ears.catch_up.began(0)
    ears.catch_up.everything_here(0)
    await street.world.run()
    assert await street.kept() == ["hello", "one"]
    street.missed("two", ROOM, mentions_self=True)
    await ears.begin()
    assert await street.kept() == ["hello", "one", "two"]
