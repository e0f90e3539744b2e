"""Lines that nobody meant for her: they wait behind those who asked, and never make them wait longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.attention import Attention, Decision, Outcome
from bot.domain.message import Message, Reach, Speaker
from bot.domain.turn import TALK_WENT_ON
from bot.engine.speak import PASSED_BY_MOST
from bot.errors import ProviderError
from tests.fakes import ADA, BEN, ROOM, answering, guild_message

DOWN = ProviderError("down", kind="unreachable", retryable=True)


class ByWord:
    """Decides by the first word of a line: ``asked``, ``called``, ``joining``, ``unsure``; else it listens."""

    def __init__(self, attend: Any) -> None:
        self._attend = attend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attend, name)

    async def __call__(self, message: Message, **_: Any) -> Attention:
        word = message.content.split()[0]
        if word not in list(Reach):
            return Attention(False, ("said",), Decision(Outcome.LISTEN, Reach.UNSURE, ("said",)))
        outcome = Outcome.CONSIDER if word == Reach.UNSURE else Outcome.ANSWER
        return Attention(True, (word,), Decision(outcome, Reach(word), (word,)))


@pytest.fixture
async def room(world):
    await world.let(ROOM)
    world.hear._attend = ByWord(world.attend)
    return world


async def say(room, content: str, author=ADA) -> Message:
    return await room.take(guild_message(content, author=author, sent_at=room.clock.now()))


@pytest.mark.parametrize("word", ["called", "joining"])
async def test_what_is_hers_is_answered(room, word):
    await say(room, f"{word} to speak")
    await room.run()
    assert room.delivery.texts == ["Mhm."]


async def test_overheard_lines_wake_nothing_and_leave_a_draft_alone(room):
    gate = asyncio.Event()
    room.model.script(answering("Yes.", gates={"Yes.": gate}))
    await say(room, "asked something")
    await room.clock.advance(2)
    for number in range(5):
        await say(room, f"other talk {number}", BEN)
    await room.clock.advance(2)
    gate.set()
    await room.run()
    assert (room.model.cancelled, len(room.model.requests)) == (0, 1)
    assert room.delivery.texts == ["Yes."]


async def test_overheard_lines_make_a_room_busy(room):
    await say(room, "other talk", BEN)
    asked = await say(room, "asked something")
    await room.run()
    assert room.delivery.shown[0].reply_to_id == asked.message_id


@pytest.mark.parametrize(("word", "drafts"), [("joining", 1), ("unsure", 1), ("called", 2), ("asked", 2)])
async def test_only_who_asks_makes_an_answer_to_somebody_begin_anew(room, word, drafts):
    gate = asyncio.Event()
    room.model.script(answering("Yes.", gates={"Yes.": gate}))
    await say(room, "asked something")
    await room.clock.advance(2)
    await say(room, f"{word} more", BEN)
    await room.clock.advance(0.1)
    assert room.model.cancelled == drafts - 1
    gate.set()
    await room.run()
    assert "Yes." in room.delivery.texts or drafts == 2
    assert "pending" not in await room.states()


async def test_an_unasked_answer_begins_anew_for_whatever_comes(room):
    gate = asyncio.Event()
    room.model.script(answering("Yes.", gates={"Yes.": gate}))
    await say(room, "joining in")
    await room.clock.advance(2)
    await say(room, "joining more", BEN)
    await room.clock.advance(0.1)
    assert room.model.cancelled == 1
    gate.set()
    await room.run()


@pytest.mark.parametrize(("word", "calls"), [("joining", 1), ("unsure", 1), ("asked", 2), ("called", 2)])
async def test_a_model_that_is_away_is_tried_again_only_for_who_asks(room, word, calls):
    room.model.script(DOWN)
    await say(room, "asked something")
    await room.clock.advance(2)
    assert len(room.model.requests) == 1
    await say(room, f"{word} more", BEN)
    await room.clock.advance(1.5)
    assert len(room.model.requests) == calls
    await room.clock.advance(timedelta(minutes=1))
    await room.sweep()
    assert room.delivery.texts == ["Mhm."]
    assert "pending" not in await room.states()


async def test_a_bot_that_is_answered_by_rule_gets_a_turn(room):
    await room.take(guild_message("called by a bot", author=BEN, speaker=Speaker.BOT, sent_at=room.clock.now()))
    await room.run()
    assert room.delivery.texts == ["Mhm."]


@pytest.mark.parametrize(("lines", "said"), [(PASSED_BY_MOST - 1, ["Mhm."]), (PASSED_BY_MOST, [])])
async def test_what_nobody_asked_for_is_left_unsaid_where_the_talk_went_on(room, lines, said):
    gate = asyncio.Event()
    room.model.script(answering("Mhm.", gates={"Mhm.": gate}))
    await say(room, "joining in")
    await room.clock.advance(2)
    for number in range(lines):
        await say(room, f"talk {number}", BEN)
    gate.set()
    await room.run()
    assert room.delivery.texts == said
    (turn,) = await room.rows("SELECT state, intent, reasons FROM turns")
    assert turn["state"] == "done"
    assert (TALK_WENT_ON in turn["reasons"]) is not bool(said)


async def test_what_somebody_asked_for_is_said_however_far_the_talk_went_on(room):
    gate = asyncio.Event()
    room.model.script(answering("Mhm.", gates={"Mhm.": gate}))
    asked = await say(room, "called by name")
    await room.clock.advance(2)
    for number in range(PASSED_BY_MOST + 1):
        await say(room, f"talk {number}", ADA)
    gate.set()
    await room.run()
    assert [part.reply_to_id for part in room.delivery.shown] == [asked.message_id], "it says what it answers"
