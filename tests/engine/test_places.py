"""Many channels at once, and several processes: places at the model, servers by turns, who hears and who answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.locks import PostgresChannelLocks
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.timers import PostgresTimers
from bot.domain.attention import attend
from bot.domain.ids import ChannelId, GuildId
from bot.domain.prompt import AnswerForm
from bot.domain.timer import NewTimer, TimerKind
from bot.domain.turn import Intent, TurnClose
from bot.errors import ProviderError
from tests.fakes import ADA, BEN, DM, MIRA, OTHER_DM, ROOM, START, answering, dm_message, guild_message

from .conftest import TYPING_WAIT, World


async def test_with_one_place_a_busy_server_does_not_keep_another_from_being_answered(world):
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    busy = [replace(ROOM, channel_id=ChannelId(ROOM.channel_id + number)) for number in range(4)]
    quiet = replace(ROOM, channel_id=ChannelId(9_001), guild_id=GuildId(999))
    for channel in (*busy, quiet):
        await world.take(guild_message("hey", mentions_self=True, channel=channel))
        await world.clock.advance(0.1)
    assert world.model.under_way == 1
    gate.set()
    await world.run()
    assert world.model.most_under_way == 1
    order = [one.channel_id for one in world.delivery.shown]
    assert sorted(order) == sorted(channel.channel_id for channel in (*busy, quiet))
    assert order.index(quiet.channel_id) <= 2


async def test_what_is_written_while_she_waits_for_a_place_is_in_the_same_turn(world):
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    await world.say("one", channel=OTHER_DM)
    await world.clock.advance(0.1)
    await world.say("two")
    await world.clock.advance(5)
    await world.say("three")
    gate.set()
    await world.run()
    assert world.asked() == ["two", "three"]
    assert len(world.model.requests) == 2


async def test_a_drain_sends_away_who_waits_for_a_place_and_loses_nothing(world, database, statements):
    world.wire(settle=timedelta(0), places=1)
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("one", channel=OTHER_DM)
    await world.clock.advance(0.1)
    await world.say("two")
    await world.clock.advance(0.1)
    await world.conversations.drain(timedelta(0))
    assert await world.states() == ["pending", "pending"]
    after = World(database, statements, beside=world)
    await after.sweep()
    assert world.delivery.texts == ["Mhm.", "Mhm."]


async def test_more_channels_than_may_be_under_way_wait_in_the_database(world, monkeypatch):
    monkeypatch.setattr("bot.engine.conversations.CHANNELS_SENDING", 2)
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    for number in range(8):
        await world.say("hey", channel=replace(DM, channel_id=ChannelId(5_000 + number)), author=ADA)
    await world.clock.advance(0.1)
    assert world.conversations.under_way == 3
    gate.set()
    await world.run()
    while await world.sweep():
        pass
    assert len(world.delivery.texts) == 8
    assert world.conversations.under_way == 0


def _hearer(world: World, database, statements) -> World:
    """A process that hears and leaves the answers to *world*."""
    made = World(database, statements, beside=world)
    made.store = PostgresStore(statements, own=MIRA, is_alone=False)
    made.wire()
    made.conversations.is_working = False
    return made


async def test_where_another_process_hears_she_waits_for_them_to_stop_typing(world, database, statements):
    world.wire(is_shared=True)
    hearer = _hearer(world, database, statements)
    first = await hearer.take(dm_message("one"))
    world.conversations.heard_elsewhere(DM.channel_id)
    await hearer.hear.typing(DM.channel_id, ADA.user_id)
    await world.clock.advance(3)
    assert world.model.requests == []
    await hearer.take(dm_message("two"))
    await world.run()
    assert world.asked() == ["one", "two"]
    assert world.delivery.sent_at[0] - first.sent_at < timedelta(seconds=5)


async def test_who_types_on_for_ever_elsewhere_is_answered_after_the_longest_wait(world, database, statements):
    world.wire(is_shared=True)
    hearer = _hearer(world, database, statements)
    first = await hearer.take(dm_message("one"))
    world.conversations.heard_elsewhere(DM.channel_id)
    for _ in range(4):
        await hearer.hear.typing(DM.channel_id, ADA.user_id)
        await world.clock.advance(3)
    assert world.delivery.texts == ["Mhm."]
    assert world.delivery.sent_at[0] - first.sent_at < TYPING_WAIT + timedelta(seconds=1)


async def test_a_process_that_only_hears_forgets_quiet_rooms(world):
    world.conversations.is_working = False
    await world.say("one")
    await world.sweeper.tidy()
    assert len(world.conversations._rooms) == 1
    await world.clock.advance(61)
    await world.sweeper.tidy()
    assert world.conversations._rooms == {}


async def test_a_burst_that_two_workers_are_told_of_in_turn_is_one_answer(world, database, statements):
    workers = [world, World(database, statements, beside=world)]
    for worker in workers:
        worker.real_store = worker.store = PostgresStore(statements, own=MIRA, is_alone=False)
        worker.wire(is_shared=True)
    for number in range(5):
        message = dm_message(f"line {number}")
        await world.real_store.hear(message, attend(message), world.clock.now())
        workers[number % 2].conversations.heard_elsewhere(DM.channel_id)
        await world.clock.advance(0.4)
    await world.run()
    asked = [worker.asked(call) for worker in workers for call in range(len(worker.model.requests))]
    assert asked == [[f"line {number}" for number in range(5)]]
    assert world.delivery.texts == ["Mhm."]


async def test_what_another_process_hears_before_the_first_words_starts_the_turn_anew(world, statements):
    world.wire(is_shared=True, settle=timedelta(0))
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}), answering("Both."))
    for line in ("one", "two"):
        message = dm_message(line)
        await world.real_store.hear(message, attend(message), world.clock.now())
        if line == "one":
            world.conversations.heard_elsewhere(DM.channel_id)
            await world.clock.advance(1)
    gate.set()
    await world.run()
    assert world.delivery.texts == ["Both."]
    assert world.asked() == ["one", "two"]


async def test_what_is_deleted_while_its_turn_is_being_opened_is_not_answered(world):
    opening, opened = asyncio.Event(), asyncio.Event()

    class Slow:
        def __getattr__(self, name: str):
            return getattr(world.real_store, name)

        async def claim(self, *values, **options):
            claim = await world.real_store.claim(*values, **options)
            opened.set()
            await opening.wait()
            return claim

    world.conversations._store = Slow()
    message = await world.say("take this back")
    moving = asyncio.create_task(world.clock.advance(1))
    await opened.wait()
    await world.hear.deleted([message.message_id], DM.channel_id)
    opening.set()
    await moving
    await world.run()
    assert world.delivery.texts == []
    assert world.model.requests == []


async def test_who_types_on_does_not_keep_a_place_at_the_model_from_others(world):
    world.wire(places=1)
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}), answering("For Ada."))
    await world.say("one", channel=OTHER_DM, author=BEN)
    await world.clock.advance(1)
    await world.say("from another")
    await world.say("two", channel=OTHER_DM, author=BEN)
    await world.hear.typing(OTHER_DM.channel_id, BEN.user_id)
    await world.clock.advance(2)
    assert world.delivery.texts == ["For Ada."]


async def test_a_reminder_goes_out_while_every_place_at_the_model_is_taken(world, statements, monkeypatch):
    monkeypatch.setattr("bot.engine.conversations.CHANNELS_SENDING", 0)
    world.wire(settle=timedelta(0), places=1)
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("hey")
    await world.clock.advance(0.1)
    timers = PostgresTimers(statements)
    due_at = world.clock.now() + timedelta(seconds=5)
    oven = NewTimer(TimerKind.REMINDER, BEN.user_id, due_at, "The oven.")
    await timers.set(oven, BEN, ChannelId(9_999), now=world.clock.now(), most=25)
    await world.clock.advance(5)
    (timer,) = await timers.waiting(BEN.user_id, 5)
    fired_in = await timers.fire(timer.timer_id, world.clock.now())
    assert fired_in is not None
    world.conversations.deliver(fired_in)
    await world.clock.idle()
    assert world.delivery.texts == ["The oven."]


async def test_what_the_model_declines_does_not_take_others_lines_along(world):
    world.wire(settle=timedelta(0))

    def answer(request):
        lines = [line.content for line in request.messages_for(AnswerForm.JSON)]
        return [_declined()] if any("vile" in line for line in lines) else answering("It is noon.")

    world.model.answers_by = answer
    await world.take(guild_message("vile words", mentions_self=True, author=BEN))
    await world.clock.advance(0.5)
    await world.take(guild_message("what time is it?", mentions_self=True))
    await world.clock.advance(0.5)
    for _ in range(4):
        await world.clock.advance(60)
        await world.sweep()
    assert world.delivery.texts == ["It is noon."]
    assert [key for key, _ in world.delivery.cards] == ["unanswerable"]
    turns = await world.rows("SELECT intent FROM turns WHERE state = 'done' ORDER BY turn_id")
    assert [turn["intent"] for turn in turns] == ["silent", "reply"]


def _declined() -> ProviderError:
    return ProviderError("no", kind="refused", retryable=False)


async def test_channels_in_the_hands_of_others_do_not_hide_those_that_wait(statements, database_url):
    store = PostgresStore(statements, own=MIRA, is_alone=False)
    await store.introduce(START)
    channels = [replace(DM, channel_id=ChannelId(5_000 + number)) for number in range(4)]
    for channel in channels:
        message = dm_message("hey", channel=channel)
        await store.hear(message, attend(message), START)
    other = PostgresChannelLocks(parse_database_url(database_url))
    try:
        for channel in channels[:3]:
            assert await other.try_hold(channel.channel_id)
        found = await store.waiting_channels(START, quiet_for=timedelta(0), limit=3)
        assert list(found) == [channels[3].channel_id]
    finally:
        await other.close()
    assert len(await store.waiting_channels(START, quiet_for=timedelta(0), limit=9)) == 4


async def test_a_person_has_so_many_reminders_at_most_however_they_are_asked_for(world, statements):
    for number in range(8):
        message = dm_message(f"line {number}")
        await world.real_store.hear(message, attend(message), START)
        claim = await world.real_store.claim(DM.channel_id, START)
        assert claim is not None
        due = [START + timedelta(hours=1, minutes=10 * number + nth) for nth in range(5)]
        new = tuple(NewTimer(TimerKind.REMINDER, ADA.user_id, at, "x", message.message_id) for at in due)
        close = TurnClose(Intent.SILENT, "default", (), (), (), START, timers=new)
        await world.real_store.finish(claim, close)
    assert len(await PostgresTimers(statements).waiting(ADA.user_id, 100)) == 25
