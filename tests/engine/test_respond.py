"""One turn: gate, repair, rewrite, pace, reply references, and a model that is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.ids import short_code
from bot.engine.deliver import TRIES
from bot.engine.do_without import LONGEST_RETRY, PROMPT_TRIES, SEEN_EMOJI
from bot.engine.respond import AT_LEAST
from bot.errors import ProviderError
from bot.ports import Partial
from tests.fakes import BEN, DM, OTHER_DM, ROOM, answering, finished, guild_message, not_through, refused

from .conftest import World


def _down(kind: str = "timeout", retry_after_s: float | None = None) -> ProviderError:
    return ProviderError("down", kind=kind, retryable=True, retry_after_s=retry_after_s)


def _stream(reply: str, *, whole: bool = True):
    fields = {"intent": "reply", "reply": reply}
    return [Partial(fields, "reply"), finished(fields, whole=whole)]


async def _turn(world: World) -> dict:
    return (await world.rows("SELECT * FROM turns ORDER BY turn_id DESC LIMIT 1"))[0]


async def test_an_unexceptional_turn_is_one_call_with_its_record(world):
    message = await world.say("hey")
    world.model.script(
        answering(
            "Hey you.",
            appraisals=[{"message": short_code("m", message.message_id), "warmth": 2, "confidence": 0.9}],
            expression="smirk",
            persona="hallow",
        )
    )
    await world.run()
    turn = await _turn(world)
    assert world.model.purposes == ["turn"]
    assert (turn["state"], turn["intent"], turn["persona"]) == ("done", "reply", "default")
    assert (turn["expression"], turn["persona_wish"]) == ("smirk", "hallow")
    assert turn["reasons"] == ["direct message"]
    felt = (await world.rows("SELECT * FROM appraisals"))[0]
    assert (felt["message_id"], felt["warmth"], felt["confidence"]) == (message.message_id, 2, 0.9)
    call = (await world.rows("SELECT * FROM model_calls"))[0]
    assert (call["purpose"], call["model"], call["outcome"], call["tokens_in"]) == ("turn", "scripted", "whole", 100)
    assert await world.rows("SELECT 1 FROM pgqueuer") == []


async def test_a_model_that_is_down_leaves_the_message_waiting_with_one_reaction(world):
    world.model.script(*[_down()] * 6)
    message = await world.say("hey")
    await world.run()
    for _ in range(5):
        await world.clock.advance(LONGEST_RETRY)
        await world.sweep()
    assert len(world.model.requests) == 6
    assert world.delivery.reactions == [(message.message_id, SEEN_EMOJI)]
    assert world.delivery.texts == []
    await world.clock.advance(LONGEST_RETRY)
    await world.sweep()
    assert world.delivery.texts == ["Mhm."]
    assert await world.states() == ["answered"]
    channel = (await world.rows("SELECT * FROM channels"))[0]
    assert (channel["retry_at"], channel["retry_count"]) == (None, 0)


async def test_she_does_not_ask_again_before_the_wait_is_over(world):
    world.model.script(_down(retry_after_s=30))
    await world.say("hey")
    await world.run()
    await world.clock.advance(29)
    assert await world.sweep() == 0
    await world.clock.advance(2)
    assert await world.sweep() == 1
    assert world.delivery.texts == ["Mhm."]


async def test_waits_grow_with_each_failure_up_to_a_limit(world):
    world.model.script(*[_down()] * 12)
    await world.say("hey")
    await world.run()
    waits = []
    for _ in range(11):
        retry_at = (await world.rows("SELECT retry_at FROM channels"))[0]["retry_at"]
        waits.append((retry_at - world.clock.now()).total_seconds())
        await world.clock.advance(retry_at - world.clock.now())
        await world.sweep()
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == LONGEST_RETRY.total_seconds()


async def test_a_message_while_the_model_is_down_is_tried_at_once_and_answered_with_the_first(world):
    world.model.script(_down(), _down())
    first = await world.say("one")
    await world.run()
    await world.say("two")
    await world.run()
    assert world.asked() == ["one", "two"]
    assert [message_id for message_id, _ in world.delivery.reactions] == [first.message_id]
    await world.clock.advance(20)
    await world.sweep()
    assert world.asked() == ["one", "two"]
    assert world.delivery.texts == ["Mhm."]


async def test_everybody_who_waits_is_shown_so_once_and_it_is_taken_back_with_the_answer(world):
    world.model.script(*[_down()] * 3)
    first = await world.take(guild_message("hey", mentions_self=True))
    await world.run()
    second = await world.take(guild_message("ho", mentions_self=True, author=BEN))
    await world.run()
    await world.take(guild_message("still there?", mentions_self=True))
    await world.run()
    assert [message_id for message_id, _ in world.delivery.reactions] == [first.message_id, second.message_id]
    await world.clock.advance(LONGEST_RETRY)
    await world.sweep()
    assert world.delivery.texts == ["Mhm."]
    assert world.delivery.reactions == []
    assert world.delivery.unreacted == [first.message_id, second.message_id]
    assert (await world.rows("SELECT seen_ids FROM channels"))[0]["seen_ids"] == []


async def test_a_model_that_is_back_is_asked_at_once_for_all_who_wait(world):
    world.model.script(*[_down(retry_after_s=600)] * 2)
    await world.say("one")
    await world.run()
    await world.say("two", channel=OTHER_DM, author=BEN)
    await world.run()
    world.sweeper.model_is_back()
    await world.run()
    assert {one.channel_id for one in world.delivery.shown} == {DM.channel_id, OTHER_DM.channel_id}


@pytest.mark.parametrize("kind", ["refused", "empty", "broken"])
async def test_what_the_model_will_not_answer_is_given_up_in_the_apps_voice(world, kind):
    tries = PROMPT_TRIES[kind]
    world.model.script(*[_down(kind)] * tries)
    message = await world.say("hey")
    await world.run()
    for _ in range(tries + 2):
        await world.clock.advance(LONGEST_RETRY)
        await world.sweep()
    assert len(world.model.requests) == tries
    assert world.delivery.texts == []
    assert world.delivery.cards == [("unanswerable", message.message_id)]
    assert world.delivery.reactions == []
    turn = await _turn(world)
    assert (turn["state"], turn["intent"]) == ("done", "silent")
    assert {f"model: {kind}", "given up"} <= set(turn["reasons"])
    await world.say("again")
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_a_long_outage_does_not_use_up_the_tries_of_a_message_that_is_declined_once(world):
    world.model.script(*[_down()] * 5, _down("refused"))
    await world.say("hey")
    await world.run()
    for _ in range(6):
        await world.clock.advance(LONGEST_RETRY)
        await world.sweep()
    assert (world.delivery.texts, world.delivery.cards) == (["Mhm."], [])


async def test_a_prompt_too_long_for_the_model_is_asked_with_less_of_the_talk_and_stays_shorter(world):
    for number in range(4):
        await world.say(f"line {number}")
        await world.run()
    too_long = ProviderError("long", kind="too_long", retryable=False)
    world.model.script(too_long, too_long, answering("Got it."), answering("And on."))
    await world.say("newest")
    await world.run()
    assert [len(world.asked(call)) for call in range(-3, 0)] == [9, 5, 3]
    assert world.delivery.texts[-1] == "Got it."
    await world.say("next")
    await world.run()
    assert world.asked()[0] == "line 3"


async def test_a_prompt_too_long_without_any_talk_is_given_up(world):
    tries = PROMPT_TRIES["too_long"]
    world.model.script(*[ProviderError("long", kind="too_long", retryable=False)] * tries)
    await world.say("x" * 4000)
    await world.run()
    for _ in range(tries):
        await world.clock.advance(LONGEST_RETRY)
        await world.sweep()
    assert [key for key, _ in world.delivery.cards] == ["unanswerable"]


async def test_an_app_reaction_that_is_refused_harms_nothing(world):
    world.model.script(_down())
    world.delivery.faults.append(refused())
    await world.say("hey")
    await world.run()
    assert await world.states() == ["pending"]
    await world.clock.advance(6)
    await world.sweep()
    assert world.delivery.texts == ["Mhm."]


@pytest.mark.parametrize("first", [{}, {"intent": "reply", "reply": ""}, {"reply": 3}, {"intent": "react"}])
async def test_an_unreadable_answer_is_repaired_once(world, first):
    world.model.script([finished(first)], answering("Better."))
    await world.say("hey")
    await world.run()
    assert world.model.purposes == ["turn", "repair"]
    assert world.asked()[-1] == "repair"
    assert world.delivery.texts == ["Better."]


async def test_two_unreadable_answers_leave_the_message_waiting(world):
    world.model.script([finished({})], [finished({})])
    await world.say("hey")
    await world.run()
    assert world.model.purposes == ["turn", "repair"]
    assert await world.states() == ["pending"]
    assert world.delivery.texts == []


async def test_a_stream_without_an_end_leaves_the_message_waiting(world):
    world.model.script([Partial({"intent": "reply", "reply": "Hal"}, "reply")])
    await world.say("hey")
    await world.run()
    assert await world.states() == ["pending"]


async def test_assistant_talk_is_rewritten_once(world):
    world.model.script(answering("How can I help you today?"), answering("You again."))
    await world.say("hey")
    await world.run()
    assert world.model.purposes == ["turn", "rewrite"]
    assert "assistant talk" in world.asked()[-1]
    assert world.delivery.texts == ["You again."]
    assert world.model.cancelled <= 1


async def test_the_call_that_was_cut_short_is_in_the_ledger_as_well(world):
    world.model.script(answering("As an AI, I can help you with that!"), answering("Sure, let's see."))
    await world.say("hey")
    await world.run()
    calls = await world.rows("SELECT purpose, outcome, model FROM model_calls ORDER BY call_id")
    assert [(one["purpose"], one["outcome"]) for one in calls] == [("turn", "cut short"), ("rewrite", "whole")]
    assert {one["model"] for one in calls} == {"scripted"}


async def test_when_the_rewrite_is_no_better_the_least_bad_line_goes_out(world):
    world.model.script(answering("How can I help you today?"), answering("How may I assist you?"))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["How may I assist you?"]


async def test_when_the_rewrite_fails_a_soft_line_goes_out_as_it_is(world):
    world.model.script(answering("How can I help you today?"), _down())
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["How can I help you today?"]
    assert await world.states() == ["answered"]


async def test_a_soft_line_is_not_replaced_by_a_held_one(world):
    world.model.script(answering("How can I help you today?"), answering("I'm a real human."))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["How can I help you today?"]


async def test_a_rewrite_that_is_worse_gives_way_to_the_first_line(world):
    worse = "Great question! How can I help you today?\n\nAnd more of it."
    world.model.script(answering("How can I help you today?"), answering(worse))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["How can I help you today?"]
    assert world.model.purposes == ["turn", "rewrite"]


async def test_a_later_paragraph_is_sent_though_flagged_unless_it_is_mere_courtesy(world):
    world.model.script(answering("Fine.\n\nAs an AI, I can't feel that.\n\nHave a wonderful day!"))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Fine.", "As an AI, I can't feel that."]
    assert world.model.purposes == ["turn"]


async def test_a_human_claim_is_held_when_the_rewrite_repeats_it(world):
    world.model.script(answering("I'm a real human."), answering("I am not a bot."))
    await world.say("hey")
    await world.run()
    turn = await _turn(world)
    assert world.delivery.texts == []
    assert (turn["state"], turn["intent"]) == ("done", "silent")
    assert "held by the gate" in turn["reasons"]


async def test_a_held_line_waits_when_the_rewrite_cannot_be_had(world):
    world.model.script(answering("I'm a real human."), _down())
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == []
    assert await world.states() == ["pending"]


async def test_a_rewrite_that_chooses_silence_is_silence_not_the_claim(world):
    world.model.script(answering("I'm a real human."), answering(intent="silent"))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == []


async def test_a_later_paragraph_that_breaks_a_rule_is_dropped(world):
    world.model.script(answering("Fine.\n\nI'm a real human.\n\nSo there."))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Fine.", "So there."]
    assert world.model.purposes == ["turn"]


async def test_a_stream_cut_after_a_paragraph_keeps_what_was_shown(world):
    world.model.script(_stream("Whole.\n\nTorn in the mid", whole=False))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Whole."]
    assert world.model.purposes == ["turn"]
    assert "the answer broke off" in (await _turn(world))["reasons"]


async def test_a_stream_cut_before_a_paragraph_is_asked_once_more(world):
    world.model.script(_stream("Torn in the mid", whole=False), answering("Again."))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["Again."]


async def test_a_stream_cut_twice_says_its_whole_sentences(world):
    world.model.script(_stream("Torn", whole=False), _stream("I heard you. And the", whole=False))
    await world.say("hey")
    await world.run()
    assert world.delivery.texts == ["I heard you."]


async def test_paragraphs_are_paced_like_typing(world):
    world.wire(pace=1.0)
    world.model.script(answering("One.\n\n" + "x" * 90 + "\n\nThree."))
    await world.say("hey")
    await world.run()
    first, second, third = world.delivery.sent_at
    assert second - first == timedelta(seconds=2)
    assert third - second == timedelta(seconds=0.6)


async def test_the_first_paragraph_goes_out_while_the_rest_arrives(world):
    gate = asyncio.Event()
    world.model.script(answering("First.\n\nSecond.", gates={"Second": gate}))
    await world.say("hey")
    await world.clock.advance(1)
    assert world.delivery.texts == ["First."]
    assert world.delivery.typing_in
    gate.set()
    await world.run()
    assert world.delivery.texts == ["First.", "Second."]
    assert world.delivery.typing_in == []


async def test_a_long_paragraph_is_several_messages_each_committed(world):
    world.model.script(answering("word " * 900))
    await world.say("hey")
    await world.run()
    assert len(world.delivery.texts) == 3
    assert len({one.nonce for one in world.delivery.shown}) == 3


async def test_a_reaction_is_an_answer(world):
    message = await world.say("look")
    world.model.script(answering(intent="react", reaction="🔥"))
    await world.run()
    assert world.delivery.reactions == [(message.message_id, "🔥")]
    assert world.delivery.texts == []
    assert ((await _turn(world))["intent"], await world.states()) == ("react", ["answered"])


@pytest.mark.parametrize("intent", ["silent", "later"])
async def test_chosen_silence_is_stored_with_its_reasons(world, intent):
    world.model.script(answering(intent=intent))
    await world.say("hey")
    await world.run()
    turn = await _turn(world)
    assert (turn["intent"], turn["reasons"]) == (intent, ["direct message", AT_LEAST])
    assert (world.delivery.texts, world.model.purposes) == ([], ["turn"])


async def test_in_a_direct_message_nothing_is_referenced(world):
    await world.say("hey")
    await world.run()
    assert world.delivery.shown[0].reply_to_id is None


async def test_alone_in_a_channel_nothing_is_referenced(world):
    await world.take(guild_message("hey", mentions_self=True))
    await world.run()
    assert world.delivery.shown[0].reply_to_id is None


async def test_where_others_talk_the_first_part_names_the_message(world):
    await world.take(guild_message("chatter", author=BEN))
    message = await world.take(guild_message("hey", mentions_self=True))
    world.model.script(answering("One.\n\nTwo."))
    await world.run()
    assert [one.reply_to_id for one in world.delivery.shown] == [message.message_id, None]


async def test_chatter_a_minute_ago_is_over(world):
    await world.take(guild_message("chatter", author=BEN))
    await world.clock.advance(61)
    await world.take(guild_message("hey", mentions_self=True))
    await world.run()
    assert world.delivery.shown[0].reply_to_id is None


async def test_two_people_in_one_turn_reference_the_newest(world):
    await world.take(guild_message("hey", mentions_self=True))
    newest = await world.take(guild_message("ho", author=BEN, mentions_self=True))
    await world.run()
    assert world.delivery.shown[0].reply_to_id == newest.message_id


async def test_a_refused_part_is_done_with(world):
    world.delivery.faults.append(refused(50007))
    await world.say("hey")
    await world.run()
    part = (await world.rows("SELECT * FROM outbox"))[0]
    assert (part["state"], part["refused_code"]) == ("refused", 50007)
    assert await world.states() == ["answered"]
    assert await world.sweep() == 0
    await world.say("again")
    await world.run()
    assert world.delivery.texts == ["Mhm."]


async def test_a_reaction_that_did_not_get_through_is_tried_again(world):
    world.model.script(answering(intent="react", reaction="🔥"))
    world.delivery.faults.extend([not_through()] * TRIES)
    await world.say("look")
    await world.run()
    assert world.delivery.reactions == []
    await world.sweep()
    assert [emoji for _, emoji in world.delivery.reactions] == ["🔥"]


async def test_another_channels_lines_are_not_in_the_prompt(world):
    await world.say("private")
    await world.run()
    await world.take(guild_message("public", mentions_self=True, channel=ROOM))
    await world.run()
    assert world.asked() == ["public"]


async def test_a_long_history_is_cut_and_stays_cut(world):
    for number in range(9):
        world.model.script(answering("y" * 1990))
        await world.say(f"{number} " + "x" * 1900)
        await world.run()
    starts = [len(world.asked(call)) for call in range(9)]
    assert max(starts) > starts[-1]
    assert world.asked()[-1].startswith("8 ")
