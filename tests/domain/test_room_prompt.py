"""The prompt of a turn in a room: what was overheard, who waits, and what only stirred her."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.ids import ChannelId, MessageId, TurnId, short_code
from bot.domain.message import Channel, ChannelKind, Message, Quote, Reach, Speaker
from bot.domain.prompt import AnswerForm, build_question
from bot.domain.turn import Claim
from tests.domain.test_prompt import ANA, BEN, COMPANION, ROOM, START, line, now_block, prompt_of, quoted


def test_what_was_overheard_is_shown_in_its_place_and_not_asked_about():
    asked = [line(2, "Mira?", channel=ROOM), line(5, "hello?", channel=ROOM)]
    prompt = prompt_of(asked, heard=[line(1, "so", BEN, ROOM), line(4, "well", BEN, ROOM)])
    assert [row["text"] for row in quoted(prompt)] == ["so", "Mira?", "well", "hello?"]
    assert f"its appraisals cover exactly {short_code('m', 1002)}, {short_code('m', 1005)}." in now_block(prompt)
    assert f"here: {short_code('u', 101)}, {short_code('u', 102)}\n" in now_block(prompt)


def test_many_lines_are_named_one_by_one_where_others_stand_between():
    asked = [line(2 * n, "x", channel=ROOM) for n in range(20)]
    block = now_block(prompt_of(asked, heard=[line(3, "no", BEN, ROOM)]))
    assert all(short_code("m", message.message_id) in block for message in asked)
    assert short_code("m", 1003) not in block


@pytest.mark.parametrize("form", AnswerForm)
@pytest.mark.parametrize("reach", Reach)
def test_where_nobody_asked_her_she_is_told_that_she_may_leave_it(form, reach):
    block = now_block(prompt_of([line(2, "hm", channel=ROOM, reach=reach)], form=form))
    is_unasked = reach in (Reach.JOINING, Reach.UNSURE)
    assert ("Nobody asked you." in block) is is_unasked
    assert ('your `intent` is "silent"' in block) is (is_unasked and form is AnswerForm.JSON)
    assert ('answer with "-"' in block) is (is_unasked and form is AnswerForm.TEXT)


def test_only_lines_of_people_she_has_met_are_to_be_appraised():
    stranger = line(2, "hm", channel=ROOM, reach=Reach.JOINING)
    asked = line(3, "Mira?", BEN, ROOM)
    assert "its appraisals are []." in now_block(prompt_of([stranger]))
    program = Message(MessageId(1004), ROOM, BEN, "beep?", START, Speaker.BOT)
    both = f"to {short_code('m', 1003)}, {short_code('m', 1004)}; its appraisals cover exactly {short_code('m', 1003)}."
    assert both in now_block(prompt_of([stranger, asked, program]))


@pytest.mark.parametrize("form", AnswerForm)
@pytest.mark.parametrize("reach", [Reach.JOINING, Reach.UNSURE])
def test_where_somebody_asks_what_was_meant_for_others_does_not_wait(form, reach):
    """A line that only stirred her must not read as one more person who waits, nor lend the prompt its clock."""
    stirring = line(4, "as Mira I ban him", BEN, ROOM, reach=reach)
    zones = {ANA.user_id: "Asia/Tokyo", BEN.user_id: "Europe/Berlin"}
    block = now_block(prompt_of([line(3, "Mira?", channel=ROOM), stirring], form=form, zones=zones))
    assert "Several" not in block and "other clocks" not in block
    assert f"in Asia/Tokyo, where {short_code('u', ANA.user_id)} is" in block
    task = block.rpartition("Answer now: ")[2]
    assert short_code("m", 1003) in task and short_code("m", 1004) not in task


def test_where_nobody_asked_nobody_is_said_to_have_spoken_to_her():
    both = [line(2, "a", channel=ROOM, reach=Reach.JOINING), line(3, "b", BEN, ROOM, reach=Reach.JOINING)]
    block = now_block(prompt_of(both))
    assert "Several" not in block and "Nobody asked you." in block
    assert short_code("m", 1002) in block and short_code("m", 1003) in block


def test_a_line_put_off_is_asked_for_however_it_reached_her():
    both = [line(2, "a", channel=ROOM, reach=Reach.JOINING), line(3, "b", BEN, ROOM, reach=Reach.JOINING)]
    task = now_block(prompt_of(both, put_off=(MessageId(1002),))).rpartition("Answer now: ")[2]
    assert short_code("m", 1002) in task and short_code("m", 1003) not in task


def test_the_small_question_quotes_nothing_that_stands_there_already():
    said = line(2, "it is blue", BEN, ROOM)
    quote = Quote(BEN.user_id, "Ben", "it is blue")
    reply = line(3, "is it", channel=ROOM, reply_to_id=said.message_id, quote=quote, reach=Reach.UNSURE)
    claim = Claim(TurnId(9), ROOM, (reply,), START, overheard=(said,))
    assert build_question(COMPANION, "{name}", claim)[-1].content.count("it is blue") == 1
    alone = Claim(TurnId(9), ROOM, (reply,), START)
    assert build_question(COMPANION, "{name}", alone)[-1].content.count("it is blue") == 1


def test_where_several_wait_one_message_may_answer_all():
    both = [line(2, "a", channel=ROOM), line(3, "b", BEN, ROOM)]
    assert "one message may answer all who want an answer" in now_block(prompt_of(both))
    assert "Several" not in now_block(prompt_of(both[:1]))


def test_programs_are_not_said_to_be_here():
    program = replace(line(1, "beep", BEN, ROOM), speaker=Speaker.BOT)
    block = now_block(prompt_of([line(2, "Mira?", channel=ROOM)], heard=[program]))
    assert f"here: {short_code('u', 101)}\n" in block


@pytest.mark.parametrize(("start", "shown"), [(1000 + 7, 1), (1000 + 8, 2)])
def test_the_pointer_to_the_start_of_a_thread_is_left_out_where_the_start_stands_there(start, shown):
    thread = Channel(ChannelId(start), ChannelKind.THREAD, ROOM.guild_id, ROOM.channel_id)
    begun = line(7, "about the boat", BEN, thread)
    pointer = replace(line(9, "", BEN, thread), quote=Quote(BEN.user_id, "Ben", "about the boat"))
    prompt = prompt_of([line(10, "Mira?", channel=thread)], heard=[begun, pointer] if shown == 1 else [pointer])
    assert [row["text"] for row in quoted(prompt)] == (["about the boat", "Mira?"] if shown == 1 else ["", "Mira?"])
