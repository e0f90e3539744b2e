"""Forgetting, from a talk to the last byte: what was said, what was made of it, and what she felt by it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.forget import PostgresForget
from bot.adapters.postgres.pool import StatementPool
from bot.domain.ids import short_code
from bot.domain.message import Channel, ChannelKind
from bot.engine.follow import Follow
from bot.engine.forget import Forget
from bot.engine.replay import Replay
from tests.engine.conftest import World
from tests.fakes import ADA, BEN, DM, ROOM, answering, dm_message, guild_message
from tests.kept import everything

CANARY = "quokka-7731"
TOLERANCE = 1e-9
CRUEL = {"desirability": -3, "praiseworthiness": -3, "warmth": -3, "respect": -2, "confidence": 1.0}
KIND = {"desirability": 2, "praiseworthiness": 2, "warmth": 3, "confidence": 1.0}


class Told:
    """A world in which something is told and forgotten."""

    def __init__(self, world: World, forget: Forget, plain: asyncpg.Connection) -> None:
        self.world = world
        self.forget = forget
        self.plain = plain

    async def tell(self, *messages, answer="hm", **feelings):
        """Let lines be heard as one turn, each moving her so."""
        meant = [{"message": short_code("m", one.message_id), **feelings} for one in messages]
        self.world.model.script(answering(answer, appraisals=meant if feelings else []))
        for one in messages:
            await self.world.take(one)
        await self.world.run()
        await self.world.clock.advance(timedelta(minutes=10))

    async def left(self, word: str) -> list[str]:
        """Name the tables that still hold *word*."""
        kept = await everything(self.plain)
        return [name for name, found in kept.items() if any(word in one.casefold() for one in found)]

    async def feelings(self):
        """Give what she feels, as it is kept, with people by id."""
        looked = await self.world.feel.look(None, (ADA.user_id, BEN.user_id))
        return looked.feelings.soul, looked.feelings.persons

    async def differs(self) -> float:
        """Say how far what is kept is from her history lived again."""
        soul_id = await self.world.feel.soul_of(None)
        return (await Replay(store=self.world.feelings, clock=self.world.clock)(soul_id)).largest.size


@pytest_asyncio.fixture
async def told(database, database_url, statements):
    world = World(database, statements)
    await world.real_store.introduce(world.clock.now())
    store = PostgresForget(statements)
    forget = Forget(store=store, mend=world.feel.live_again, clock=world.clock, supersede=world.conversations.changed)
    plain = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    yield Told(world, forget, plain)
    await plain.close()
    await world.conversations.drain(timedelta(0))


async def test_a_line_and_her_answer_to_it_leave_no_byte(told):
    secret = dm_message(f"my animal is {CANARY}")
    await told.tell(secret, answer=f"A {CANARY}!", **KIND)
    await told.tell(dm_message("guess"), answer=f"Your {CANARY}?")
    assert "messages" in await told.left("quokka") and "outbox" in await told.left("quokka")
    gone = await told.forget.messages([secret.message_id])
    assert (gone.messages, gone.own_lines) == (1, 2)
    assert await told.left("quokka") == []


async def test_a_line_deleted_on_discord_is_forgotten_by_itself(told):
    secret = dm_message(f"my animal is {CANARY}")
    await told.tell(secret, answer=f"A {CANARY}!")
    await told.tell(dm_message("guess"), answer=f"Your {CANARY}?")
    await told.world.hear.deleted([secret.message_id], DM.channel_id)
    follow = Follow(store=told.world.store, followers=(told.forget,))
    assert await follow() == 1
    assert await told.left("quokka") == []


async def test_a_line_that_was_never_indexed_is_forgotten_as_well_when_it_is_deleted_on_discord(told):
    """Such as one that holds a password: her answer to it does not repeat it, and a later one does."""
    secret = dm_message(f"my password is {CANARY}")
    await told.tell(secret, answer="I will not write that down.")
    await told.tell(dm_message("guess"), answer=f"Was it {CANARY}?")
    await told.world.hear.deleted([secret.message_id], DM.channel_id)
    await Follow(store=told.world.store, followers=(told.forget,))()
    assert await told.left("quokka") == []
    assert await told.left("7731") == []


async def test_an_answer_that_is_being_made_is_made_anew_without_it(told):
    world = told.world
    secret = dm_message(f"my animal is {CANARY}")
    await told.tell(secret, answer="I see.")
    world.model.script(answering(f"About {CANARY}: fine."), answering("Fine."))
    await world.say("and?")
    await world.clock.advance(0.3)
    await told.forget.messages([secret.message_id])
    await world.run()
    assert world.delivery.texts[-1] == "Fine." or CANARY not in " ".join(world.asked())
    assert all(CANARY not in line for line in world.asked())


@pytest.mark.parametrize("held_at", ["About", "Your"])
@pytest.mark.parametrize("wish", ["line", "person"])
async def test_what_goes_elsewhere_while_she_answers_is_gone(told, statements, held_at, wish):
    """As `mira data erase` does it: what is in the memory of the process that answers knows nothing of it."""
    world, held = told.world, asyncio.Event()
    secret = dm_message(f"my animal is {CANARY}")
    await told.tell(secret, answer=f"A {CANARY}!", **KIND)
    world.model.script(
        answering(f"About {CANARY}.\n\nYour {CANARY}.", gates={held_at: held}), answering("Hm."), answering("Hm.")
    )
    await world.say("and?")
    await world.clock.advance(2)
    elsewhere = Forget(store=PostgresForget(statements), mend=world.feel.live_again, clock=world.clock)
    await (elsewhere.erase(ADA.user_id) if wish == "person" else elsewhere.messages([secret.message_id]))
    await elsewhere()
    held.set()
    await world.run()
    await world.sweep()
    await world.clock.advance(timedelta(minutes=4))
    await told.forget()
    assert await told.left("quokka") == []
    if wish == "person":
        assert await told.world.rows(f"SELECT 1 FROM people WHERE user_id = {ADA.user_id}") == []
    assert await told.differs() <= TOLERANCE


async def test_a_waiting_line_that_is_forgotten_is_not_answered(told):
    secret = await told.world.say(f"my animal is {CANARY}")
    await told.forget.messages([secret.message_id])
    await told.world.run()
    assert told.world.model.requests == []
    assert await told.left("quokka") == []


DAY = (
    (timedelta(0), lambda: dm_message("you are lovely"), KIND),
    (timedelta(minutes=20), lambda: guild_message("hello Mira", author=BEN, mentions_self=True), KIND),
    (timedelta(minutes=40), lambda: dm_message("you are worthless"), CRUEL),
    (timedelta(hours=30), lambda: guild_message("good to see you", author=BEN, mentions_self=True), KIND),
)
CRUELTY = 2  # its place in the day


async def _history(told, *, without=()):
    """Let two days pass, but for what is said at some places; gives what was said, by place."""
    said, begun = {}, told.world.clock.now()
    for place, (after, make, meant) in enumerate(DAY):
        await told.world.clock.advance(begun + after - told.world.clock.now())
        if place not in without:
            said[place] = make()
            await told.tell(said[place], **meant)
    await told.world.clock.advance(begun + timedelta(hours=40) - told.world.clock.now())
    return said


async def test_feelings_are_as_if_it_had_never_been_said(told):
    cruel = (await _history(told))[CRUELTY]
    before = await told.feelings()
    await told.forget.messages([cruel.message_id])
    assert await told.forget() == 1
    assert await told.forget() == 0, "once is enough"
    _, persons = await told.feelings()
    assert persons[ADA.user_id] != before[1][ADA.user_id]
    assert await told.differs() <= TOLERANCE
    assert persons[ADA.user_id].tension == 0.0 and persons[ADA.user_id].trust.lost == 0.0
    assert await told.world.rows("SELECT 1 FROM appraisals WHERE warmth < 0") == []
    await told.tell(dm_message("hello again"), **KIND)
    assert await told.differs() <= TOLERANCE


async def test_of_one_event_only_what_the_line_did_goes(told):
    kind, cruel = (
        guild_message("you are lovely", mentions_self=True),
        guild_message("shut up", author=BEN, mentions_self=True),
    )
    meant = [
        {"message": short_code("m", kind.message_id), **KIND},
        {"message": short_code("m", cruel.message_id), **CRUEL},
    ]
    told.world.model.script(answering("hm", appraisals=meant))
    await told.world.take(kind)
    await told.world.take(cruel)
    await told.world.run()
    await told.forget.messages([cruel.message_id])
    await told.forget()
    _, persons = await told.feelings()
    assert persons[BEN.user_id].tension == 0.0 and persons[ADA.user_id].affection.value > 0
    assert len(await told.world.rows("SELECT 1 FROM affect_events WHERE kind = 'burst'")) == 1
    assert await told.differs() <= TOLERANCE


async def test_feelings_are_worked_out_once_for_many_lines(told):
    lines = [dm_message(f"you are number {n}") for n in range(4)]
    for line in lines:
        await told.tell(line, **CRUEL)
    for line in lines:
        await told.forget.messages([line.message_id])
    assert await told.forget() == 1
    assert await told.world.rows("SELECT 1 FROM affect_events WHERE kind = 'burst'") == []
    assert await told.differs() <= TOLERANCE


async def test_what_was_told_in_a_room_goes_from_its_threads(told):
    thread = Channel(type(ROOM.channel_id)(777), ChannelKind.THREAD, ROOM.guild_id, ROOM.channel_id)
    secret = guild_message(f"my animal is {CANARY}", mentions_self=True)
    await told.tell(secret, answer="Lovely.")
    await told.tell(guild_message("and now?", author=BEN, channel=thread, mentions_self=True), answer=f"{CANARY}!")
    await told.forget.messages([secret.message_id])
    assert await told.left("quokka") == []


@pytest.mark.parametrize(("wish", "places"), [("line", {CRUELTY}), ("person", {0, CRUELTY})])
async def test_feelings_equal_a_world_in_which_it_was_never_said(told, database_server, wish, places):
    said = await _history(told)
    if wish == "person":
        await told.forget.erase(ADA.user_id)
    else:
        await told.forget.messages([said[CRUELTY].message_id])
    assert await told.forget() == 1
    forgot = await told.feelings()
    async with database_server.fresh() as url, _world(url) as other:
        await _history(Told(other, told.forget, told.plain), without=places)
        never = await Told(other, told.forget, told.plain).feelings()
    assert list(_numbers(forgot)) == pytest.approx(list(_numbers(never)), abs=TOLERANCE)


@asynccontextmanager
async def _world(url):
    address = parse_database_url(url)
    engine, pool = open_engine(address), await StatementPool.open(address, size=4)
    world = World(engine, pool)
    try:
        await world.real_store.introduce(world.clock.now())
        yield world
        await world.conversations.drain(timedelta(0))
    finally:
        await pool.close()
        await engine.dispose()


def _numbers(value):
    """Give every number in a value, in its order."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _numbers(value[key])
    elif isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _numbers(getattr(value, one.name))
