"""Timers through the engine: set by an answer, fired by the alarm, said once; and what people do with theirs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import pytest_asyncio

from bot.adapters.postgres.timers import PostgresTimers
from bot.domain.ids import MessageId, short_code
from bot.domain.message import Person
from bot.domain.snowflake import first_at
from bot.domain.timer import LINE_LIMIT, TimerId
from bot.engine.timers import LOOK_EVERY, OPEN_MOST, QUEUE_FIRST, Alarm, Remind, what_of
from bot.errors import StoreError, UserError
from bot.ports import TimerStore
from tests.engine.conftest import World
from tests.fakes import ADA, BEN, DM, START, Shown, answering, guild_message

SECOND = timedelta(seconds=1)


class Desk:
    """A world with timers in it."""

    def __init__(self, world: World, store: PostgresTimers) -> None:
        self.world = world
        self.store = store
        self.alarm = Alarm(store=store, wake=world.conversations.wake, clock=world.clock)
        self.remind = Remind(store=store, clock=world.clock, home_zone="UTC")

    async def set(self, when: str, line: str = "The oven.", owner: Person = ADA) -> None:
        due_at = await self.remind.plan(owner.user_id, when)
        await self.remind.set(owner, DM.channel_id, due_at, line)

    async def look(self) -> timedelta:
        wait = await self.alarm.look()
        await self.world.run()
        return wait

    async def pass_time(self, duration: timedelta) -> None:
        await self.world.clock.advance(duration)


@pytest_asyncio.fixture
async def desk(world: World, statements) -> Desk:
    return Desk(world, PostgresTimers(statements))


def setting(when: str, line: str, message: Any, **more: Any) -> list[Any]:
    item = {"message": short_code("m", message.message_id), "when": when, "what": "the oven", "line": line}
    return answering("Sure.", reminders=[item], **more)


async def test_an_answer_sets_a_reminder_and_the_alarm_says_it(desk: Desk):
    world = desk.world
    message = guild_message("remind me in an hour", mentions_self=True)
    world.model.script(setting("in 1 hour", "The oven!", message))
    await world.take(message)
    await world.run()
    assert world.delivery.texts == ["Sure."]
    await desk.pass_time(timedelta(minutes=59))
    await desk.look()
    assert world.delivery.texts == ["Sure."]
    await desk.pass_time(timedelta(minutes=2))
    await desk.look()
    assert world.delivery.texts == ["Sure.", "The oven!"]
    assert world.delivery.shown[-1].reply_to_id == message.message_id
    assert len(world.model.requests) == 1
    await desk.look()
    await world.sweep()
    assert len(world.delivery.texts) == 2


async def test_a_span_counts_from_when_she_was_asked(desk: Desk):
    world = desk.world
    message = await world.say("remind me in two minutes")
    gate = asyncio.Event()
    world.model.script([gate, *setting("in 2 minutes", "The oven!", message)])
    await desk.pass_time(timedelta(seconds=20))
    (turn,) = await world.rows("SELECT started_at FROM turns")
    gate.set()
    await world.run()
    (timer,) = await desk.remind.waiting(ADA.user_id)
    assert timer.due_at == turn["started_at"] + timedelta(minutes=2)


async def test_a_reminder_that_was_not_understood_is_among_the_reasons(desk: Desk):
    world = desk.world
    message = await world.say("remind me some day")
    world.model.script(setting("some day", "The oven!", message))
    await world.run()
    (turn,) = await world.rows("SELECT reasons FROM turns")
    assert turn["reasons"] == ["direct message", "reminder not understood"]
    assert await desk.remind.waiting(ADA.user_id) == []


async def test_each_ones_time_is_read_by_their_own_clock(desk: Desk):
    world = desk.world
    await desk.remind.choose_zone(ADA, "Asia/Tokyo")
    await desk.remind.choose_zone(BEN, "America/New_York")
    hers = guild_message("remind me at ten", mentions_self=True)
    his = guild_message("me too", author=BEN, mentions_self=True)
    asked = [
        {"message": short_code("m", one.message_id), "when": "2026-03-02T10:00", "what": "x", "line": "ten"}
        for one in (hers, his)
    ]
    world.model.script(answering("Sure.", reminders=asked))
    await world.take(hers)
    await world.take(his)
    await world.run()
    due = [(await desk.remind.waiting(one.user_id))[0].due_at for one in (ADA, BEN)]
    assert due == [datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC)]


async def test_a_reminder_goes_into_the_talk_that_follows(desk: Desk):
    world = desk.world
    message = await world.say("remind me in a minute")
    world.model.script(setting("in 1 minute", "The oven!", message))
    await world.run()
    await desk.pass_time(timedelta(minutes=2))
    await desk.look()
    await world.say("thanks")
    await world.run()
    assert world.asked() == ["remind me in a minute", "Sure.", "The oven!", "thanks"]


async def test_an_answer_put_off_is_asked_for_at_its_time_and_only_then(desk: Desk):
    world = desk.world
    world.model.script(answering("", intent="later", later="in 2 hours"), answering("Here is what I think."))
    await world.say("what do you think?")
    await world.run()
    assert (world.delivery.texts, await world.states()) == ([], ["answered"])
    await desk.pass_time(timedelta(hours=1))
    await desk.look()
    await world.sweep()
    assert world.delivery.texts == []
    await desk.pass_time(timedelta(hours=1, seconds=1))
    await desk.look()
    assert world.delivery.texts == ["Here is what I think."]
    (turn,) = await world.rows("SELECT reasons FROM turns WHERE 'put off' = ANY(reasons)")
    assert "direct message" in turn["reasons"]
    assert len(await world.rows("SELECT message_id FROM appraisals")) == 1, "what it meant was lived once"
    await desk.look()
    await world.sweep()
    assert len(world.model.requests) == 2


async def test_the_alarm_leaves_the_queue_the_first_go(desk: Desk):
    await desk.set("in 10 seconds")
    assert await desk.look() == LOOK_EVERY
    await desk.pass_time(timedelta(seconds=9))
    assert await desk.look() == SECOND + QUEUE_FIRST
    await desk.pass_time(SECOND)
    assert await desk.look() == QUEUE_FIRST
    assert desk.world.delivery.texts == []
    await desk.pass_time(QUEUE_FIRST)
    await desk.look()
    assert desk.world.delivery.texts == ["The oven."]


async def test_what_was_missed_is_made_up_for_in_order(desk: Desk):
    for minute in (3, 1, 2):
        await desk.set(f"in {minute} minutes", f"number {minute}")
    await desk.pass_time(timedelta(days=2))
    await desk.look()
    assert desk.world.delivery.texts == ["number 1", "number 2", "number 3"]


@pytest.mark.parametrize("was_said", [True, False])
async def test_what_may_have_been_said_before_a_restore_is_looked_for_since_it_was_due(desk: Desk, was_said: bool):
    await desk.set("in 1 minute")
    await desk.pass_time(timedelta(minutes=2))
    if was_said:  # by a life of which this database knows nothing
        said_at = MessageId(first_at(desk.world.clock.now()))
        desk.world.delivery.shown.append(Shown(said_at, DM.channel_id, "The oven.", None, "another nonce"))
    await desk.pass_time(timedelta(hours=10))
    await desk.look()
    assert desk.world.delivery.texts == ["The oven."]
    (part,) = await desk.world.rows("SELECT state FROM outbox")
    assert part["state"] == "sent"


async def test_a_clock_set_back_fires_nothing_twice(desk: Desk):
    await desk.set("in 1 minute")
    await desk.pass_time(timedelta(minutes=2))
    await desk.look()
    desk.world.clock._now = START
    for _ in range(3):
        await desk.pass_time(timedelta(minutes=1))
        await desk.look()
    assert desk.world.delivery.texts == ["The oven."]


async def test_two_processes_say_it_once(desk: Desk, database, statements):
    other = World(database, statements, beside=desk.world)
    alarm = Alarm(store=desk.store, wake=other.conversations.wake, clock=other.clock)
    await desk.set("in 1 minute")
    await desk.pass_time(timedelta(minutes=2))
    await alarm.look()
    await desk.look()
    assert desk.world.delivery.texts == ["The oven."]
    await other.conversations.drain(timedelta(0))


async def test_a_process_that_died_before_sending_loses_nothing(desk: Desk, database, statements):
    await desk.set("in 1 minute")
    await desk.pass_time(timedelta(minutes=2))
    (timer_id,) = await desk.store.upcoming(desk.world.clock.now(), 9)
    await desk.store.fire(timer_id, desk.world.clock.now())
    await desk.world.die()
    other = World(database, statements, beside=desk.world)
    await other.sweep()
    assert other.delivery.texts == ["The oven."]
    await other.sweep()
    assert len(other.delivery.texts) == 1
    await other.conversations.drain(timedelta(0))


async def test_a_closing_alarm_leaves_timers_to_others(desk: Desk):
    await desk.set("in 1 minute")
    await desk.pass_time(timedelta(minutes=2))
    desk.alarm.close()
    await desk.look()
    assert len(await desk.remind.waiting(ADA.user_id)) == 1


class Broken:
    """A store whose database is away for the first tries."""

    def __init__(self, store: PostgresTimers, tries: int) -> None:
        self._store, self._tries = store, tries

    def _fail(self) -> None:
        self._tries -= 1
        if self._tries >= 0:
            raise StoreError("away")

    async def upcoming(self, until: datetime, limit: int) -> Any:
        self._fail()
        return await self._store.upcoming(until, limit)

    async def fire(self, timer_id: TimerId, now: datetime) -> Any:
        self._fail()
        return await self._store.fire(timer_id, now)


async def test_database_trouble_is_waited_out(desk: Desk):
    await desk.set("in 1 second")
    await desk.pass_time(timedelta(seconds=5))
    (timer_id,) = await desk.store.upcoming(desk.world.clock.now(), 9)

    def troubled() -> Alarm:
        store = cast(TimerStore, Broken(desk.store, 1))
        return Alarm(store=store, wake=desk.world.conversations.wake, clock=desk.world.clock)

    assert not await troubled().fire(timer_id)
    alarm = troubled()
    with pytest.raises(StoreError):
        await alarm.look()
    await alarm.look()
    await desk.world.run()
    assert desk.world.delivery.texts == ["The oven."]


# what people do with their own


async def test_times_are_read_by_the_persons_clock(desk: Desk):
    assert await desk.remind.plan(ADA.user_id, "18:00") == datetime(2026, 3, 1, 18, tzinfo=UTC)
    assert await desk.remind.choose_zone(ADA, "america/new york") == (
        "America/New_York",
        desk.remind.time_in("America/New_York"),
    )
    assert await desk.remind.plan(ADA.user_id, "18:00") == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert await desk.remind.zone_in_use(BEN.user_id) == "UTC"


@pytest.mark.parametrize(
    ("phrase", "key"),
    [
        ("soon", "remind_when_unclear"),
        ("2026-02-01T10:00", "remind_when_over"),
        ("in 2 years", "remind_when_far"),
        ("2999-01-01", "remind_when_far"),
    ],
)
async def test_times_that_cannot_be_are_refused(desk: Desk, phrase: str, key: str):
    with pytest.raises(UserError) as refused:
        await desk.remind.plan(ADA.user_id, phrase)
    assert refused.value.key == key


async def test_there_are_bounds(desk: Desk):
    for minute in range(OPEN_MOST):
        await desk.set(f"in {minute + 1} minutes")
    with pytest.raises(UserError, match="remind_full"):
        await desk.set("in 1 hour")
    assert what_of(" the \u202e oven\n") == "the oven"
    with pytest.raises(UserError, match="remind_what_empty"):
        what_of("\u200b ")
    with pytest.raises(UserError, match="remind_what_long"):
        what_of("x" * (LINE_LIMIT + 1))
    with pytest.raises(UserError, match="zone_unknown"):
        await desk.remind.choose_zone(ADA, "Atlantis")


async def test_a_cancelled_reminder_is_not_said(desk: Desk):
    await desk.set("in 1 minute", "one")
    await desk.set("in 2 minutes", "two")
    first, _ = await desk.remind.waiting(ADA.user_id)
    assert await desk.remind.cancel(BEN.user_id, [first.timer_id]) == 0
    assert await desk.remind.cancel(ADA.user_id, [first.timer_id, first.timer_id]) == 1
    await desk.pass_time(timedelta(minutes=5))
    await desk.look()
    assert desk.world.delivery.texts == ["two"]
