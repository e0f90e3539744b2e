"""What turns do to her feelings, over a real store: once each, in order, and to be lived again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.personas import read_companion
from bot.domain.ids import UserId, short_code
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.decay import Decay, slot_of
from bot.engine.feel import Feel, Temper
from bot.engine.look import Look
from bot.engine.mind import Mind
from bot.engine.replay import Replay
from bot.engine.tend import Tend
from bot.errors import UserError
from tests.fakes import ADA, BEN, ROOM, answering, dm_message, guild_message

INSULT = {"desirability": -3, "praiseworthiness": -3, "warmth": -3, "respect": -2, "confidence": 1.0}
KINDNESS = {"desirability": 2, "praiseworthiness": 2, "warmth": 3, "confidence": 1.0}
TOLERANCE = 1e-9


def meaning(message, **fields):
    return {"message": short_code("m", message.message_id), **fields}


async def tell(world, message, **fields):
    """Let a message be heard and understood so."""
    world.model.script(answering("hm", appraisals=[meaning(message, **fields)]))
    await world.take(message)
    await world.run()


def look_of(world, **changes):
    """Look at Mira's feelings; *changes* are to her as a companion."""
    mira = replace(read_companion("mira"), **changes)
    mind = Mind(Being(mira), Blocks(), own_id=UserId(900))
    return Look(feel=world.feel, store=world.feelings, mind=mind, traits="rich")


async def differs(world, guild_id=None):
    soul_id = await world.feel.soul_of(guild_id)
    found = await Replay(store=world.feelings, clock=world.clock)(soul_id)
    return found.largest.size


async def test_an_insult_hurts_and_is_kept_as_an_event(world):
    message = dm_message("you are worthless")
    await tell(world, message, **INSULT)
    looked = (await world.feel.look(None, (ADA.user_id,))).feelings
    person = looked.persons[ADA.user_id]
    assert person.trust.value < 0 and person.tension > 0.2
    events = await world.rows("SELECT kind, seq, applied_at FROM affect_events ORDER BY seq")
    assert [(row["kind"], row["seq"]) for row in events] == [("birth", 1), ("burst", 2)]
    stirred = (await world.rows("SELECT stirred FROM appraisals"))[0]["stirred"]
    assert stirred["anger"] > 0.05 and "joy" not in stirred
    assert await differs(world) <= TOLERANCE


async def test_feelings_are_lived_before_the_next_turn_asks(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    await tell(world, dm_message("hello?"))
    before = (await world.rows("SELECT applied_at FROM affect_events WHERE kind = 'burst' ORDER BY seq"))[0]
    assert before["applied_at"] is not None
    assert len(world.mind.drafts) == 2


async def test_each_moves_only_by_their_own_lines(world):
    kind, cruel = (
        guild_message("you are lovely", author=ADA, mentions_self=True),
        guild_message("shut up", author=BEN, mentions_self=True),
    )
    world.model.script(answering("hm", appraisals=[meaning(kind, **KINDNESS), meaning(cruel, **INSULT)]))
    await world.take(kind)
    await world.take(cruel)
    await world.run()
    persons = (await world.feel.look(ROOM.guild_id, (ADA.user_id, BEN.user_id))).feelings.persons
    assert persons[ADA.user_id].affection.value > 0 and persons[ADA.user_id].tension == 0
    assert persons[BEN.user_id].affection.value < 0 and persons[BEN.user_id].tension > 0
    assert await differs(world) <= TOLERANCE


async def test_saying_the_same_again_counts_less_and_the_engine_sees_it_itself(world):
    for _ in range(3):
        await tell(world, dm_message("I love you so much, Mira"), **KINDNESS)
    rows = await world.rows("SELECT similarity FROM appraisals ORDER BY message_id")
    assert [row["similarity"] for row in rows] == pytest.approx([0.0, 1.0, 1.0])


async def test_a_hundred_turns_at_once_lose_nothing(world):
    soul_id = await world.feel.soul_of(None)
    messages = [guild_message("hi", author=ADA if number % 2 else BEN, mentions_self=True) for number in range(20)]
    for message in messages:
        await tell(world, message, **KINDNESS)
    await asyncio.gather(*(world.feel.live_waiting(soul_id) for _ in range(20)))
    seqs = [row["seq"] for row in await world.rows("SELECT seq FROM affect_events ORDER BY seq")]
    assert seqs == list(range(1, 22))
    assert await differs(world) <= TOLERANCE


async def test_two_processes_that_live_the_same_events_live_each_once(world):
    other = Feel(store=world.feelings, clock=world.clock, companion="mira", temper=world.feel.temper)
    soul_id = await world.feel.soul_of(None)
    tend, also = Tend(world.feel), Tend(other)
    changes = [one.set_bond(ADA.user_id, f"friend {n}", guild_id=None) for n in range(10) for one in (tend, also)]
    running = asyncio.gather(*changes)
    await world.run()
    await running
    seqs = [row["seq"] for row in await world.rows("SELECT seq FROM affect_events ORDER BY seq")]
    assert seqs == list(range(1, 22))
    assert await other.soul_of(None) == soul_id
    assert await differs(world) <= TOLERANCE


async def test_an_event_whose_process_died_is_lived_by_the_next_tick(world):
    message = dm_message("you are worthless")
    await tell(world, message, **INSULT)
    await world.rows("SELECT 1")
    async with world.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE affect_events SET seq = NULL, applied_at = NULL WHERE kind = 'burst'")
        await connection.exec_driver_sql("UPDATE souls SET version = 1")
    await world.feel.live_left_over()
    assert len(await world.rows("SELECT 1 FROM affect_events WHERE seq IS NULL")) == 1  # may be in hand elsewhere
    await world.clock.advance(timedelta(seconds=6))
    await decay_of(world).tick()
    assert await world.rows("SELECT 1 FROM affect_events WHERE seq IS NULL") == []


def decay_of(world, every=timedelta(seconds=240)):
    return Decay(feel=world.feel, store=world.feelings, people=world.feelings, clock=world.clock, every=every)


async def test_a_slot_is_done_once_and_the_history_has_a_point_for_it(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    decay = decay_of(world)
    await world.clock.advance(timedelta(minutes=30))
    assert await decay.tick()
    assert not await decay.tick()
    points = await world.rows("SELECT slot, pleasure FROM mood_history ORDER BY slot")
    assert len(points) == 7
    assert all(row["slot"] == slot_of(row["slot"], timedelta(seconds=240)) for row in points)
    assert await differs(world) <= TOLERANCE


async def test_a_week_of_ticks_is_a_week_of_downtime(world, statements):
    await tell(world, dm_message("you are worthless"), **INSULT)
    decay = decay_of(world, timedelta(hours=1))
    for _ in range(24 * 7):
        await world.clock.advance(timedelta(hours=1))
        await decay.tick()
    assert len(await world.rows("SELECT 1 FROM natures")) == 8  # birth and seven midnights
    assert await differs(world) <= TOLERANCE


async def test_a_clock_that_leapt_ten_years_and_came_back_does_not_freeze_her(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    start = world.clock.now()
    await world.clock.advance(timedelta(days=3653))
    await tell(world, dm_message("you are worthless"), **INSULT)
    world.clock._now = start + timedelta(hours=2)
    await tell(world, dm_message("hello"), **KINDNESS)
    first = (await world.feel.look(None, (ADA.user_id,))).feelings
    await world.clock.advance(timedelta(hours=5))
    later = (await world.feel.look(None, (ADA.user_id,))).feelings
    assert later.persons[ADA.user_id].tension < first.persons[ADA.user_id].tension
    assert await differs(world) <= TOLERANCE


async def test_what_an_admin_sets_is_an_event_and_can_be_lived_again(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    tend = Tend(world.feel)
    await tend.set_preset("enfp", guild_id=None)
    kept = await tend.set_bond(ADA.user_id, "\u202e best \u200b\n \u2066friend\u061c ", guild_id=None)
    assert kept == "best friend"
    await tend.freeze(True, guild_id=None)
    await world.clock.advance(timedelta(days=3))
    assert await differs(world) <= TOLERANCE
    look = look_of(world)
    view = await look.personality(None)
    assert (view.preset, view.is_drift_frozen) == ("ENFP", True)
    assert all(abs(value) < 1e-12 for value in view.drift.values())
    assert (await look.relationship(ADA.user_id, guild_id=None)).state.bond == "best friend"
    with pytest.raises(UserError):
        await tend.set_bond(ADA.user_id, "x" * 41, guild_id=None)
    with pytest.raises(UserError):
        await tend.set_preset("XXXX", guild_id=None)


async def test_traits_of_her_own_hold_whatever_temperament_she_is_given(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    look = look_of(world, traits=(("patience", -0.9), ("calm", 0.4)))
    await Tend(world.feel).set_preset("enfp", guild_id=None)
    traits = {name: (band, value) for name, band, value in (await look.personality(None)).traits}
    assert (traits["patience"], traits["calm"]) == (("very low", -0.9), ("high", 0.4))
    assert traits["imagination"][0] == "very high"


async def test_a_reset_forgets_everybody_and_keeps_the_history(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    await Tend(world.feel).reset(guild_id=None)
    assert await world.rows("SELECT 1 FROM sentiments") == []
    assert (await look_of(world).relationship(ADA.user_id, guild_id=None)).met_at is None
    await tell(world, dm_message("hi again"), **KINDNESS)
    assert len(await world.rows("SELECT 1 FROM affect_events")) == 4
    assert await differs(world) <= TOLERANCE


async def test_another_set_of_emotions_is_an_event_too(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    lite = Temper("lite", world.feel.temper.home, world.feel.temper.leak, is_shared=True)
    world.feel = Feel(store=world.feelings, clock=world.clock, companion="mira", temper=lite)
    looked = (await world.feel.look(None, (ADA.user_id,))).feelings
    assert len(looked.soul.emotions) == len(looked.persons[ADA.user_id].directed) == 8
    assert await world.rows("SELECT 1 FROM affect_events WHERE kind = 'tier'") != []
    assert await differs(world) <= TOLERANCE


async def test_sets_of_emotions_may_be_changed_to_and_fro_over_strong_feelings(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    for tier in ("lite", "rich", "lite"):
        temper = Temper(tier, world.feel.temper.home, world.feel.temper.leak, is_shared=True)
        world.wire_feel(Feel(store=world.feelings, clock=world.clock, companion="mira", temper=temper))
        await tell(world, dm_message(f"still here, {tier}"), **KINDNESS)
        assert await differs(world) <= TOLERANCE
    assert len(world.mind.drafts) == 4


async def test_a_wrong_clock_and_a_tick_take_nothing_away(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    before = (await world.feel.look(None, (ADA.user_id,))).feelings
    right = world.clock.now()
    for leap in (timedelta(hours=30), timedelta(days=3653)):
        world.clock._now = right + leap
        await decay_of(world).tick()
        world.clock._now = right + timedelta(seconds=300)
        await decay_of(world, timedelta(seconds=60)).tick()
        after = (await world.feel.look(None, (ADA.user_id,))).feelings
        assert after.persons[ADA.user_id].tension == pytest.approx(before.persons[ADA.user_id].tension, rel=0.01)
        assert await differs(world) <= TOLERANCE
    world.clock._now = right + timedelta(days=2)
    await decay_of(world).tick()
    world.clock._now = right + timedelta(seconds=600)
    await tell(world, dm_message("hm"))
    after = (await world.feel.look(None, (ADA.user_id,))).feelings
    assert after.persons[ADA.user_id].tension == pytest.approx(before.persons[ADA.user_id].tension, rel=0.01)
    assert await differs(world) <= TOLERANCE


async def test_who_was_erased_is_forgotten_by_a_replay_that_writes_and_stays_so(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    await tell(world, dm_message("hello", author=BEN), **KINDNESS)
    async with world.database.begin() as connection:
        await connection.exec_driver_sql(f"DELETE FROM messages WHERE author_id = {ADA.user_id}")
    soul_id = await world.feel.soul_of(None)
    replay = Replay(store=world.feelings, clock=world.clock)
    await replay(soul_id, is_writing=True)
    assert [row["user_id"] for row in await world.rows("SELECT user_id FROM sentiments")] == [BEN.user_id]
    await tell(world, dm_message("me again", author=BEN), **KINDNESS)  # she must not go on from what she remembers
    assert (await replay(soul_id)).largest.size <= TOLERANCE


async def test_causes_from_before_a_reset_are_told_no_more(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    await Tend(world.feel).reset(guild_id=None)
    assert await look_of(world).causes(ADA.user_id, guild_id=None, channel_id=ROOM.channel_id) == ()


async def test_a_soul_for_each_server_keeps_servers_apart(world):
    apart = Temper("rich", world.feel.temper.home, world.feel.temper.leak, is_shared=False)
    world.feel = Feel(store=world.feelings, clock=world.clock, companion="mira", temper=apart)
    world.wire_feel(world.feel)
    await tell(world, guild_message("shut up", mentions_self=True), **INSULT)
    there = (await world.feel.look(ROOM.guild_id, (ADA.user_id,))).feelings
    here = (await world.feel.look(None, (ADA.user_id,))).feelings
    assert there.soul_id != here.soul_id
    assert here.persons[ADA.user_id].tension == 0 < there.persons[ADA.user_id].tension


async def test_a_snapshot_that_went_wrong_is_mended_by_its_events(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    async with world.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE sentiments SET trust = 0.9")
    soul_id = await world.feel.soul_of(None)
    replay = Replay(store=world.feelings, clock=world.clock)
    found = await replay(soul_id, is_writing=True)
    assert found.largest.size > 0.8 and "trust" in found.largest.where and found.is_written
    assert (await replay(soul_id)).largest.size <= TOLERANCE


async def test_junk_from_the_model_never_amplifies_and_is_counted(world):
    message = dm_message("hey")
    junk = {"desirability": float("nan"), "warmth": True, "respect": "3", "prospect": 1e308, "humor": [1]}
    world.model.script(answering("hm", appraisals=[meaning(message, **junk)]))
    await world.take(message)
    await world.run()
    row = (await world.rows("SELECT confidence, malformed FROM appraisals"))[0]
    assert row["malformed"] and row["confidence"] < 0.25
    assert await differs(world) <= TOLERANCE


async def test_an_event_of_somebody_erased_moves_nobody(world):
    await tell(world, dm_message("hi"), **KINDNESS)
    soul_id = await world.feel.soul_of(None)
    async with world.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE affect_events SET seq = NULL, applied_at = NULL WHERE kind = 'burst'")
        await connection.exec_driver_sql("UPDATE souls SET version = 1")
        await connection.exec_driver_sql(f"DELETE FROM people WHERE user_id = {ADA.user_id}")
    await world.feel.live_waiting(soul_id)
    assert await world.rows("SELECT 1 FROM sentiments") == []
    assert await world.rows("SELECT 1 FROM affect_events WHERE seq IS NULL") == []


async def test_causes_are_told_only_as_far_as_the_asker_may_know(world):
    await tell(world, dm_message("you are worthless"), **INSULT)
    await tell(world, guild_message("you are great", author=BEN, mentions_self=True), **KINDNESS)
    look = look_of(world)
    mine = await look.causes(ADA.user_id, guild_id=None, channel_id=dm_message("x").channel.channel_id)
    assert {cause.kind.value for cause in mine} == {"yours", "private"}
    assert all(cause.message_id is None for cause in mine if cause.kind.value == "private")
    theirs = await look.causes(ADA.user_id, guild_id=ROOM.guild_id, channel_id=ROOM.channel_id)
    assert {cause.kind.value for cause in theirs} == {"yours", "here"}
