"""Whose turn it is: settling, superseding, one answer at a time, draining, recovery."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.engine.conversations import SUPERSEDE_LIMIT
from bot.engine.deliver import TRIES
from tests.fakes import (
    ADA,
    BEN,
    DM,
    OTHER_DM,
    ROOM,
    Lost,
    answering,
    dm_message,
    guild_message,
    not_through,
    refused,
)

from .conftest import SETTLE, TYPING_WAIT, World


async def test_a_burst_is_one_turn(world):
    for line in ("hey", "are you", "there?"):
        await world.say(line)
        await world.clock.advance(0.3)
    assert world.model.requests == []
    await world.run()
    assert world.asked() == ["hey", "are you", "there?"]
    assert world.delivery.texts == ["Mhm."]
    assert await world.states() == ["answered"] * 3


async def test_she_waits_a_short_quiet(world):
    await world.say("hey")
    await world.clock.advance(SETTLE - timedelta(milliseconds=10))
    assert world.model.requests == []
    await world.clock.advance(timedelta(milliseconds=20))
    assert len(world.model.requests) == 1


async def test_typing_holds_her_back_but_not_for_ever(world):
    await world.say("hey")
    for _ in range(7):
        world.conversations.typing(DM.channel_id, ADA.user_id)
        await world.clock.advance(1)
    assert world.model.requests == []
    world.conversations.typing(DM.channel_id, ADA.user_id)
    await world.clock.advance(TYPING_WAIT - timedelta(seconds=7))
    assert world.delivery.texts == ["Mhm."]


async def test_a_message_ends_the_typing_before_it(world):
    await world.say("hey")
    world.conversations.typing(DM.channel_id, ADA.user_id)
    await world.clock.advance(1)
    await world.say("you")
    await world.clock.advance(1)
    assert world.asked() == ["hey", "you"]


async def test_typing_of_somebody_else_does_not_hold_her_back(world):
    await world.take(guild_message("hey", mentions_self=True))
    world.conversations.typing(ROOM.channel_id, BEN.user_id)
    await world.clock.advance(1)
    assert world.delivery.texts == ["Mhm."]


async def test_a_message_before_the_first_words_supersedes_the_draft(world):
    gate = asyncio.Event()
    world.model.script(answering("Old news.", gates={"Old": gate}), answering("Both then."))
    await world.say("one")
    await world.clock.advance(1)
    assert world.model.under_way == 1
    await world.say("two")
    await world.run()
    assert world.model.cancelled == 1
    assert world.asked() == ["one", "two"]
    assert world.delivery.texts == ["Both then."]
    assert await world.states() == ["answered", "answered"]
    assert [row["state"] for row in await world.rows("SELECT state FROM turns ORDER BY turn_id")] == [
        "released",
        "done",
    ]


async def test_a_message_after_the_first_paragraph_opens_the_next_turn(world):
    gate = asyncio.Event()
    world.model.script(answering("First.\n\nSecond.", gates={"Second": gate}), answering("Third."))
    await world.say("one")
    await world.clock.advance(1)
    assert world.delivery.texts == ["First."]
    await world.say("two")
    await world.clock.advance(2)
    assert world.model.cancelled == 0
    gate.set()
    await world.run()
    assert world.delivery.texts == ["First.", "Second.", "Third."]
    assert world.asked() == ["one", "First.", "Second.", "two"]


async def test_a_burst_cannot_starve_itself(world):
    held = [asyncio.Event() for _ in range(SUPERSEDE_LIMIT + 1)]
    world.model.script(*(answering("Enough.", gates={"Enough": gate}) for gate in held))
    for number in range(SUPERSEDE_LIMIT + 2):
        await world.say(str(number))
        await world.clock.advance(1)
    assert len(world.model.requests) == SUPERSEDE_LIMIT + 1
    held[-1].set()
    await world.run()
    assert world.delivery.texts == ["Enough.", "Mhm."]


async def test_channels_run_side_by_side_and_one_at_a_time_each(world):
    gates = [asyncio.Event(), asyncio.Event()]
    world.model.script(answering("A.", gates={"A": gates[0]}), answering("B.", gates={"B": gates[1]}))
    await world.say("one")
    await world.say("two", channel=OTHER_DM, author=BEN)
    await world.clock.advance(1)
    assert world.model.most_under_way == 2
    assert world.conversations.under_way == 2
    for gate in gates:
        gate.set()
    await world.run()
    assert sorted(world.delivery.texts) == ["A.", "B."]
    assert world.conversations.under_way == 0


async def test_in_one_channel_two_people_get_one_turn_at_a_time(world):
    gate = asyncio.Event()
    world.model.script(answering("One.\n\nTwo.", gates={"Two": gate}))
    await world.take(guild_message("hey", mentions_self=True))
    await world.clock.advance(1)
    await world.take(guild_message("ho", author=BEN, mentions_self=True))
    await world.clock.advance(5)
    assert world.model.most_under_way == 1
    gate.set()
    await world.run()
    assert world.model.most_under_way == 1
    assert world.delivery.texts == ["One.", "Two.", "Mhm."]


async def test_a_delete_before_the_answer_withdraws_it(world):
    gate = asyncio.Event()
    world.model.script(answering("Hm.", gates={"Hm": gate}))
    message = await world.say("never mind")
    await world.clock.advance(1)
    await world.hear.deleted([message.message_id], message.channel.channel_id)
    await world.run()
    assert world.delivery.texts == []
    assert await world.states() == ["withdrawn"]
    assert world.model.cancelled == 1


async def test_a_delete_of_one_of_two_leaves_the_other_to_answer(world):
    gate = asyncio.Event()
    world.model.script(answering("Hm.", gates={"Hm": gate}))
    gone, _ = await world.say("oops"), await world.say("hello")
    await world.clock.advance(1)
    await world.hear.deleted([gone.message_id], gone.channel.channel_id)
    await world.run()
    assert world.asked() == ["hello"]
    assert world.delivery.texts == ["Mhm."]


async def test_an_edit_before_the_answer_changes_the_turn(world):
    gate = asyncio.Event()
    world.model.script(answering("Hm.", gates={"Hm": gate}))
    message = await world.say("hlelo")
    await world.clock.advance(1)
    await world.hear.edited(replace(message, content="hello"))
    await world.run()
    assert world.asked() == ["hello"]
    assert world.delivery.texts == ["Mhm."]


async def test_an_edit_while_she_settles_is_in_the_turn(world):
    message = await world.say("hlelo")
    await world.hear.edited(replace(message, content="hello"))
    await world.run()
    assert world.asked() == ["hello"]
    assert len(world.model.requests) == 1


async def test_an_edit_after_the_answer_changes_the_history_only(world):
    message = await world.say("hlelo")
    await world.run()
    await world.hear.edited(replace(message, content="hello"))
    await world.run()
    assert len(world.model.requests) == 1
    await world.say("next")
    await world.run()
    assert world.asked() == ["hello", "Mhm.", "next"]


async def test_a_delete_after_the_answer_is_out_of_the_history(world):
    message = await world.say("secret")
    await world.run()
    await world.hear.deleted([message.message_id], message.channel.channel_id)
    await world.say("next")
    await world.run()
    assert world.asked() == ["Mhm.", "next"]


async def test_a_drain_lets_a_turn_end(world):
    gate = asyncio.Event()
    world.model.script(answering("Done.", gates={"Done": gate}))
    await world.say("hey")
    await world.clock.advance(1)
    asyncio.get_running_loop().call_later(0.02, gate.set)
    await world.conversations.drain(timedelta(seconds=2))
    assert world.delivery.texts == ["Done."]
    assert await world.states() == ["answered"]


async def test_a_drain_gives_back_what_is_not_out(world):
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("hey")
    await world.clock.advance(1)
    await world.conversations.drain(timedelta(seconds=0.02))
    assert world.delivery.texts == []
    assert await world.states() == ["pending"]
    assert world.locks.holders == {}
    assert world.model.under_way == 0


async def test_a_drain_while_she_settles_gives_nothing_up(world):
    await world.say("hey")
    await world.clock.idle()
    await world.conversations.drain(timedelta(seconds=0.02))
    assert await world.states() == ["pending"]
    assert world.locks.holders == {}


async def test_what_a_stopped_process_left_is_answered_by_the_next(world, database, statements):
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("hey")
    await world.clock.advance(1)
    await world.conversations.drain(timedelta(0))
    after = World(database, statements, beside=world)
    assert await after.sweep() == 1
    assert world.delivery.texts == ["Mhm."]


async def test_a_killed_draft_is_answered_once_after_the_restart(world, database, statements):
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("hey")
    await world.clock.advance(1)
    await world.die()
    assert await world.states() == ["claimed"]
    after = World(database, statements, beside=world)
    await after.sweep()
    await after.sweep()
    assert world.delivery.texts == ["Mhm."]
    assert await after.states() == ["answered"]


async def test_after_a_kill_with_parts_out_the_turn_is_closed_as_it_is(world, database, statements):
    world.model.script(answering("Half.\n\nRest.", gates={"Rest": asyncio.Event()}))
    await world.say("hey")
    await world.clock.advance(1)
    await world.die()
    after = World(database, statements, beside=world)
    await after.sweep()
    assert world.delivery.texts == ["Half."]
    assert await after.states() == ["answered"]
    assert after.model.requests == []


async def test_a_part_that_arrived_though_the_answer_did_not_is_not_sent_twice(world):
    world.delivery.faults.append(Lost("answer"))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Mhm."]
    assert world.delivery.tries == 1
    assert [part["state"] for part in await world.rows("SELECT state FROM outbox")] == ["sent"]


async def test_a_part_that_did_not_get_through_is_sent_again_in_order(world):
    world.model.script(answering("One.\n\nTwo.\n\nThree."))
    world.delivery.faults.extend([None, not_through(), not_through()])
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["One.", "Two.", "Three."]


async def test_what_cannot_be_sent_for_long_is_left_to_the_sweep_in_order_and_less_and_less_often(world):
    world.model.script(answering("One.\n\nTwo.\n\nThree."))
    world.delivery.faults.extend([None, *[not_through()] * (TRIES + 2)])
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["One."]
    await world.sweep()
    tried = world.delivery.tries
    await world.sweep()
    assert world.delivery.tries == tried  # it rests
    await world.clock.advance(6)
    await world.sweep()
    await world.clock.advance(11)
    await world.sweep()
    assert world.delivery.texts == ["One.", "Two.", "Three."]


async def test_what_could_not_be_sent_for_half_a_day_is_given_up_with_its_turn(world):
    world.model.script(answering("One.\n\nTwo."))
    world.delivery.faults.extend([not_through()] * TRIES)
    await world.say("hey")
    await world.run()
    await world.clock.advance(timedelta(hours=13))
    await world.sweep()
    assert world.delivery.texts == []
    assert [part["state"] for part in await world.rows("SELECT state FROM outbox")] == ["refused"] * 2
    assert await world.sweep() == 0


async def test_twin_parts_are_both_sent_and_neither_twice(world):
    world.model.script(answering("No.\n\nNo.\n\nNo."))
    world.delivery.faults.extend([None, Lost("answer"), *[not_through()] * TRIES])
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["No.", "No."]
    await world.sweep()
    await world.sweep()
    assert world.delivery.texts == ["No."] * 3


async def test_a_message_while_parts_are_unsent_comes_after_them(world):
    world.model.script(answering("One.\n\nTwo."), answering("Three."))
    world.delivery.faults.extend([None, *[not_through()] * TRIES])
    await world.say("hey")
    await world.run()
    await world.say("ho")
    await world.run()
    await world.sweep()
    assert world.delivery.texts == ["One.", "Two.", "Three."]


async def test_a_channel_held_elsewhere_is_left_to_its_holder(world, database, statements):
    gate = asyncio.Event()
    world.model.script(answering("Mine.\n\nAll mine.", gates={"All": gate}))
    await world.say("hey")
    await world.clock.advance(1)
    other = World(database, statements, beside=world)
    await other.sweep()
    assert other.model.requests == []
    gate.set()
    await world.run()
    assert world.delivery.texts == ["Mine.", "All mine."]


async def test_a_message_heard_elsewhere_is_answered_in_the_end(world, database, statements):
    gate = asyncio.Event()
    world.model.script(answering("Mine.\n\nEnd.", gates={"End": gate}))
    other = World(database, statements, beside=world)
    await world.say("hey")
    await world.clock.advance(1)
    await other.hear(dm_message("ho"))
    await world.clock.advance(3)
    gate.set()
    await world.run()
    await other.sweep()
    assert world.delivery.texts == ["Mine.", "End.", "Mhm."]
    assert await world.states() == ["answered", "answered"]


async def test_a_turn_taken_over_ends_without_a_word(world):
    gate = asyncio.Event()
    world.model.script(answering("Late.", gates={"Late": gate}))
    await world.say("hey")
    await world.clock.advance(1)
    await world.real_store.recover(DM.channel_id, world.clock.now())
    gate.set()
    await world.run()
    assert world.delivery.texts == []
    assert await world.states() == ["pending"]
    await world.sweep()
    assert world.delivery.texts == ["Mhm."]


async def test_where_she_may_not_speak_the_turn_ends_with_the_reason_and_nothing_is_tried_again(world):
    gate = asyncio.Event()
    world.model.script(answering("One.\n\nTwo.\n\nThree.", gates={"Two": gate}))
    world.delivery.faults.append(refused(50013))
    await world.say("hey")
    await world.clock.advance(1)
    gate.set()
    await world.run()
    turn = (await world.rows("SELECT * FROM turns"))[0]
    assert turn["state"] == "done"
    assert "refused by Discord: 50013" in turn["reasons"]
    assert await world.sweep() == 0
    assert (world.delivery.tries, world.delivery.texts) == (1, [])


async def test_a_room_with_nothing_to_do_is_forgotten(world):
    await world.say("hey")
    await world.run()
    assert world.conversations._rooms == {}


async def test_overheard_rooms_do_not_pile_up(world):
    for number in range(50):
        channel = replace(ROOM, channel_id=ROOM.channel_id + number)
        await world.take(guild_message("chatter", channel=channel))
    await world.clock.advance(120)
    await world.sweep()
    assert world.conversations._rooms == {}
