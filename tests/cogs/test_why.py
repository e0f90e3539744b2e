"""Why she spoke, or did not: who is told what, where; and what the card says. Over the loopback gateway."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attention import Outcome
from bot.domain.attention_weights import WEIGHTS
from bot.domain.ids import ChannelId, GuildId, MessageId, TurnId, UserId
from bot.domain.message import Channel, ChannelKind, Reach
from bot.domain.room_policy import USUAL
from bot.domain.snowflake import first_at
from bot.domain.turn import Intent
from bot.engine.explain import Explain, Explanation, Nothing, Question, strongest_of
from bot.engine.policies import Policies
from bot.engine.silence import Silences
from bot.engine.status import Status
from bot.errors import StoreError, UserError
from cogs.presenters.why import DID, NOTHING, OUTCOME, REACH, explanation_card
from cogs.presenters.why_words import WORDS
from cogs.why import WHY_MENU, Why, line_of
from playground.client import Person
from playground.permissions import Permission
from tests.cogs.conftest import Room
from tests.cogs.overseen import FakeStatus
from tests.cogs.rooms import HERE, LISTENING, NOW, MemoryRooms, recorded, turn
from tests.cogs.test_channel import forbid
from tests.cogs.test_commands import EPHEMERAL, answer, ask, living_room, said
from tests.cogs.views import components_of, words_of_card
from tests.docs.project import ROOT
from tests.fakes import FakeClock


@pytest.fixture
async def rooms(room: Room) -> AsyncIterator[MemoryRooms]:
    """Add command and menu to the client of the room."""
    kept, clock = MemoryRooms(), FakeClock(NOW)
    policies, silences = Policies(store=kept, clock=clock), Silences(store=kept, clock=clock)
    explain = Explain(store=kept, policies=policies, silences=silences, clock=clock)
    await room.client.add_cog(Why(room.client, cast(Status, FakeStatus()), explain))
    await room.client.publish_commands()
    yield kept


def at(room: Room) -> Channel:
    channel, guild_id = living_room(room)
    return Channel(ChannelId(int(channel)), ChannelKind.GUILD, GuildId(guild_id))


def card_of(told: Explanation) -> str:
    return words_of_card(explanation_card(told, name="Mira", colour=1))


def told_of(decision: object = None, **facts: object) -> Explanation:
    found = Explanation(HERE, MessageId(100), is_hers=False)
    if decision is not None:
        facts = {"decision": decision, "strongest": strongest_of(decision), **facts}  # type: ignore[arg-type]
    return replace(found, **facts)  # type: ignore[arg-type]


# asking


async def test_without_a_line_it_is_about_the_newest_decision_here(room: Room, juno: Person, rooms: MemoryRooms):
    here, channel = at(room), living_room(room)[0]
    rooms.decisions = [
        recorded(100, channel=here),
        recorded(101, channel=here, at=NOW + timedelta(seconds=5), outcome=Outcome.LISTEN, score=0.31),
        recorded(102, at=NOW + timedelta(minutes=1)),  # in another channel
    ]
    message = await ask(juno, "why", channel)
    assert message["flags"] & EPHEMERAL
    assert "took it for talk among others" in said(message) and "0.31; from 0.62 on she speaks" in said(message)


async def test_a_line_of_hers_is_told_by_what_it_answered(room: Room, juno: Person, rooms: MemoryRooms):
    here, channel = at(room), living_room(room)[0]
    assert here.guild_id is not None
    surer = recorded(98, channel=here, reach=Reach.CALLED, reasons=("called by name",), score=1.4)
    rooms.decisions = [recorded(99, channel=here), surer]
    rooms.turns = [turn(asked=(98, 99), said=(200, 201), channel=here)]
    message = said(await ask(juno, "why", channel, message="201"))
    for asked in (98, 99):
        assert f"https://discord.com/channels/{here.guild_id}/{here.channel_id}/{asked}" in message
    for part in ("Why Mira said this", "Mira answered", "called by name", "1.40; from 0.62 on", "chattiness 4 of 10"):
        assert part in message, part


async def test_a_link_is_taken_and_other_channels_are_not_told_of(room: Room, juno: Person, rooms: MemoryRooms):
    here, (channel, guild_id) = at(room), living_room(room)
    rooms.decisions = [recorded(100, channel=here), recorded(300)]
    link = f"https://discord.com/channels/{guild_id}/{channel}/100"
    assert "nobody in particular" in said(await ask(juno, "why", channel, message=link))
    elsewhere = said(await ask(juno, "why", channel, message=f"https://discord.com/channels/{guild_id}/10/300"))
    assert "from another channel" in elsewhere
    assert "nobody in particular" not in said(await ask(juno, "why", channel, message="300")), (
        "only this channel's lines"
    )
    assert "names no line" in said(await ask(juno, "why", channel, message="the last one"))


async def test_a_direct_conversation_tells_of_itself_only(room: Room, juno: Person, theo: Person, rooms: MemoryRooms):
    dm = await juno.dm()
    here = Channel(ChannelId(int(dm)), ChannelKind.DM)
    rooms.decisions = [recorded(100, channel=here, reach=Reach.ASKED, reasons=("direct message",), policy=USUAL)]
    message = said(await ask(juno, "why", dm))
    assert "She was asked" in message and "a direct message" in message and "Allowed here" not in message
    assert "Nothing is on record for this channel" in said(await ask(theo, "why", await theo.dm()))
    assert "longer ago than the record" in said(await ask(theo, "why", await theo.dm(), message="100"))
    assert "Nothing is on record for that line" in said(
        await ask(theo, "why", await theo.dm(), message=str(first_at(NOW)))
    )


async def test_the_menu_of_a_line_tells_who_wrote_it_what_they_may_know(
    room: Room, juno: Person, theo: Person, rooms: MemoryRooms
):
    channel = living_room(room)[0]
    line = await theo.say(channel, "so what now?")
    rooms.hushed = {UserId(int(theo.user_id))}
    for asker, words in ((theo, "You do not want to be heard"), (juno, "hears only mentions and replies")):
        assert (await asker.menu(WHY_MENU, channel, line["id"]))["ok"]
        message = await answer(asker, channel)
        assert message["flags"] & EPHEMERAL and words in said(message)
        assert "what now" not in said(message)


async def test_the_menu_of_a_card_says_that_it_is_the_apps(room: Room, juno: Person, rooms: MemoryRooms):
    channel = living_room(room)[0]
    card = await ask(juno, "vibe", channel)
    assert (await juno.menu(WHY_MENU, channel, card["id"]))["ok"]
    assert "the app's own voice" in said(await answer(juno, channel))


async def test_who_may_not_read_what_was_said_is_told_nothing(room: Room, theo: Person, rooms: MemoryRooms):
    rooms.decisions = [recorded(100, channel=at(room))]
    forbid(room, Permission.READ_MESSAGE_HISTORY)
    assert "You may not read" in said(await ask(theo, "why", living_room(room)[0]))


async def test_trouble_is_told(room: Room, juno: Person, rooms: MemoryRooms):
    rooms.trouble = StoreError("away")
    assert "Something broke in this app" in said(await ask(juno, "why", living_room(room)[0]))


async def test_it_is_where_she_is(room: Room, juno: Person, rooms: MemoryRooms):
    known = {one["name"]: one for one in await juno.commands(living_room(room)[0])}
    for name, kind in (("why", 1), (WHY_MENU, 3)):
        assert (known[name]["type"], known[name]["contexts"], known[name]["integration_types"]) == (
            kind,
            [0, 1],
            [0, 1],
        )
    assert WHY_MENU in {one["name"] for one in await juno.commands(await juno.dm())}


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("1234567890123456789", 1234567890123456789),
        (" https://discord.com/channels/@me/77/5 ", 5),
        ("<https://ptb.discord.com/channels/1/77/5>", 5),
        ("https://discordapp.com/channels/1/77/5", 5),
        ("1234567890123456789-5", None),
        ("https://discord.com/channels/1/78/5", None),
        ("https://example.org/channels/1/77/5", None),
        ("99999999999999999999", None),
        ("5 or so", None),
    ],
)
def test_links_and_ids_are_read(typed: str, line: int | None):
    if line is not None:
        assert line_of(typed, ChannelId(77)) == line
        return
    with pytest.raises(UserError):
        line_of(typed, ChannelId(77))


# the card


def test_the_whole_of_it():
    behind = recorded(reach=Reach.CALLED, reasons=("open question", "spoken of, asking", "grey zone"))
    seconds = int(NOW.timestamp())
    assert card_of(told_of(behind, turn=turn(), is_hers=True)).replace("\\", "").splitlines() == [
        "### Why Mira said this",
        "Mira answered [this line](https://discord.com/channels/1/10/100).",
        "She was spoken to: she is expected to say something, though nobody mentioned her.",
        "**Why:** too close to tell without asking the model",
        "**Score:** 0.90; from 0.62 on she speaks",
        "`+0.60` a question to nobody in particular",
        "`+0.40` a question that speaks of her",
        "`−0.25` the room is fast",
        "`+0.10` something new",
        "`+0.05` her mood",
        "**Allowed here at the time:** she listened, chattiness 4 of 10, quiet 23:00–07:00 (Europe/Berlin)",
        "**Language model:** gpt-5.4; calls: 2; tokens: 4,321 read, 57 written",
        "**Seconds since she took it up:** what she knows was gathered 0.01 and first words were ready 0.81",
        "**On the way:** joined in unasked and written anew once (assistant talk)",
        f"-# Decided <t:{seconds}:R>, by version 3 of the rules. Nobody's words are shown here.",
    ]


def test_what_was_said_above_is_not_said_again():
    asked = recorded(reach=Reach.ASKED, reasons=("mention",))
    both = turn(reasons=("mention", "rewritten: assistant talk"))
    for decision in (asked, None):
        shown = card_of(replace(told_of(asked, turn=both, is_hers=True), decision=decision))
        assert shown.count("a mention") == 1, shown
        assert ("On the way" in shown) is (decision is not None)


def test_silence_is_told_as_well():
    unsure = recorded(outcome=Outcome.CONSIDER, reach=Reach.UNSURE, is_hers=False)
    assert "said no, so she stayed out of it" in card_of(told_of(unsure))
    assert "said yes" in card_of(told_of(replace(unsure, is_hers=True)))
    assert "no question to the language model is on record" in card_of(told_of(replace(unsure, is_hers=None)))
    silent = turn(intent="silent", reasons=("mention", "held by the gate"), said=())
    assert "and said nothing" in card_of(told_of(turn=silent))
    assert "held back by the checks" in card_of(told_of(turn=silent))
    assert "at it right now" in card_of(told_of(turn=turn(intent=None, state="open", said=())))


def test_what_was_not_weighed_has_no_score():
    certain = recorded(reach=Reach.ASKED, reasons=("mention",), weights={}, score=0.0, bar=0.0)
    assert "Score" not in card_of(told_of(certain))
    assert "a mention" in card_of(told_of(certain))


@given(
    st.sampled_from(Outcome),
    st.sampled_from(Reach),
    st.lists(st.text(max_size=200), max_size=40),
    st.dictionaries(st.text(max_size=60), st.floats(-9, 9), max_size=40),
    st.none() | st.sampled_from([*Intent, "unheard of"]),
    st.integers(0, 300),
    st.none() | st.booleans(),
)
def test_a_card_of_anything_fits(outcome, reach, reasons, weights, intent, lines, is_hers):  # type: ignore[no-untyped-def]
    made = recorded(outcome=outcome, reach=reach, reasons=tuple(reasons), weights=weights, is_hers=is_hers)
    done = turn(
        asked=[2**62 + one for one in range(lines)],
        intent=intent,
        reasons=tuple(reasons),
        timings_ms={name: abs(ms) for name, ms in weights.items()},
        model="m" * 100,
    )
    for told in (told_of(made), told_of(made, turn=done), told_of(turn=done, is_hers=True)):
        card = explanation_card(told, name="M" * 32, colour=1)
        assert len(words_of_card(card)) <= 4_000
        assert json.dumps(components_of(card))


@pytest.mark.parametrize("nothing", Nothing)
def test_nothing_is_said_in_words(nothing: Nothing):
    assert len(card_of(told_of(nothing=nothing, policy=LISTENING)).splitlines()[1]) > 30


def test_every_sign_and_rule_has_words():
    assert {*WEIGHTS} - {*WORDS} == set()
    source = (ROOT / "bot/domain/attention.py").read_text(encoding="utf-8")
    barred = re.findall(r'return "([a-z -]+)"', source)
    assert len(barred) > 5 and {*barred} - {*WORDS} == set()


def test_everything_that_may_come_has_words():
    assert [*NOTHING] == [*Nothing] and {*REACH} == {*Reach} and {*OUTCOME} == {*Outcome} and {*DID} == {*Intent}


async def test_the_decision_behind_a_line_is_the_surest_of_those_it_answered():
    kept = MemoryRooms(
        decisions=[
            recorded(98, reach=Reach.JOINING),
            recorded(99, reach=Reach.ASKED),
            recorded(100, reach=Reach.ASKED),
            recorded(101, reach=Reach.UNSURE),
        ],
        turns=[turn(asked=(98, 99, 100, 101))],
    )
    clock = FakeClock(NOW)
    explain = Explain(
        store=kept,
        policies=Policies(store=kept, clock=clock),
        silences=Silences(store=kept, clock=clock),
        clock=clock,
    )
    told = await explain(Question(UserId(1), HERE, MessageId(200)))
    assert told.is_hers and told.decision is not None and told.decision.message_id == 100
    assert told.turn is not None and told.turn.turn_id == TurnId(7)
    told = await explain(Question(UserId(1), HERE, MessageId(98)))
    assert not told.is_hers and told.decision is not None and told.decision.message_id == 98
    assert [one.feature for one in told.strongest] == [
        "open question",
        "spoken of, asking",
        "room is fast",
        "something new",
        "mood",
    ]
    assert (await explain(Question(UserId(1), HERE, MessageId(5)))).nothing is Nothing.OLD
    assert not re.search("content", repr(told))


@pytest.mark.parametrize(
    ("about", "linked"), [(100, {100, 108, 109, 110, 111}), (104, {104, 108, 109, 110, 111}), (200, {*range(107, 112)})]
)
def test_of_many_lines_answered_at_once_the_one_asked_about_is_linked(about, linked):
    answered = turn(asked=range(100, 112))
    told = Explanation(answered.channel, MessageId(about), is_hers=about == 200, turn=answered)
    words = card_of(told)
    assert {one for one in range(100, 112) if f"/{one})" in words} == linked
    assert "7 more" in words
