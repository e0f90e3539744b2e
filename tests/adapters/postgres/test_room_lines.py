"""Lines among people in the store: what is kept, and what comes along with a turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.postgres.claim_statements import OVERHEARD_MOST
from bot.adapters.postgres.claims import OVERHEARD_LETTERS
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.affect.appraisal import Appraisal
from bot.domain.attention import Attention, Outcome
from bot.domain.ids import ChannelId, MessageId, TurnId
from bot.domain.message import Attachment, Quote, Reach, Speaker
from bot.domain.turn import MessageAppraisal, NewPart, PartKind
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, dm_message, guild_message, next_id
from tests.room_scene import (
    ASKED,
    CALLED,
    CLEO,
    JOINING,
    LISTEN,
    PICTURE,
    ROBOT,
    THREAD,
    claimed,
    close,
    decided,
    hear,
    later,
    turn,
)

Rows = Callable[[str], Awaitable[list[Mapping[str, Any]]]]


@pytest.fixture
def store(lone_store: PostgresStore) -> PostgresStore:
    return lone_store


@pytest.fixture
def rows(ask: Rows) -> Rows:
    return ask


# hearing


async def test_all_that_is_known_of_a_message_comes_back(store: PostgresStore):
    quote = Quote(BEN.user_id, "Ben", "look", Speaker.PERSON, (PICTURE,))
    voice = Attachment("v.ogg", "audio/ogg", 9, "voice", "https://cdn.discordapp.com/v.ogg", 2.5)
    message = replace(
        guild_message("and?", channel=THREAD, mentions_self=True, reply_to_id=MessageId(7), replies_to_self=True),
        attachments=(PICTURE, voice),
        reply_to_user_id=BEN.user_id,
        mentioned_ids=(CLEO.user_id, BEN.user_id),
        mentioned_names=((CLEO.user_id, "Cleo"), (BEN.user_id, 'B"en \u2028')),
        mentions_all=True,
        forwards=("one", "tw\x00o \ud800"),
        quote=quote,
    )
    assert await store.hear(message, CALLED, START)
    claim = await claimed(store, THREAD)
    assert claim.messages == (replace(message, forwards=("one", "two ?"), reach=Reach.CALLED),)
    assert claim.channel == THREAD
    assert claim.reach is Reach.CALLED


async def test_what_is_not_hers_is_context_and_wakes_nobody(store: PostgresStore, rows: Rows):
    await hear(store, attachments=(PICTURE,), quote=Quote(BEN.user_id, "Ben", "x", attachments=(PICTURE,)))
    kept = (await rows("SELECT state, reach, attachments, quote FROM messages"))[0]
    assert (kept["state"], kept["reach"]) == ("context", "joining")
    assert kept["attachments"][0]["url"] == PICTURE.url  # its author may ask about it a moment later
    assert "url" not in kept["quote"]["attachments"][0]
    assert await store.claim(ROOM.channel_id, START) is None
    assert list(await store.waiting_channels(later(60), quiet_for=timedelta(0), limit=9)) == []


async def test_context_heard_again_changes_nothing(store: PostgresStore, rows: Rows):
    message = await hear(store)
    assert not await store.hear(message, ASKED, later(1))
    assert [row["state"] for row in await rows("SELECT state FROM messages")] == ["context"]
    assert [row["outcome"] for row in await rows("SELECT outcome FROM decisions")] == ["listen"]


@pytest.mark.parametrize("is_alone", [True, False])
async def test_a_decision_is_recorded_with_its_message(statements: StatementPool, rows: Rows, is_alone: bool):
    store = PostgresStore(statements, own=MIRA, is_alone=is_alone)
    message = await hear(store, attention=decided(Outcome.CONSIDER, Reach.UNSURE, version=3), channel=THREAD)
    kept = (await rows("SELECT * FROM decisions"))[0]
    assert (kept["message_id"], kept["channel_id"]) == (message.message_id, THREAD.channel_id)
    assert (kept["outcome"], kept["reach"], kept["version"]) == ("consider", "unsure", 3)
    assert (kept["score"], kept["bar"], kept["reasons"]) == (0.25, 0.5, ["why"])
    assert kept["features"] == {"speed": 3, "is_quiet": False}
    assert kept["policy"]["quiet"] == {"begins": 60, "ends": 30, "zone": "Europe/Berlin"}
    assert len(await rows("SELECT 1 FROM pgqueuer")) == (0 if is_alone else 1)
    assert (await rows("SELECT parent_id FROM channels"))[0]["parent_id"] == ROOM.channel_id


@pytest.mark.parametrize("is_alone", [True, False])
async def test_a_thread_kept_by_the_version_before_learns_its_channel(
    statements: StatementPool, rows: Rows, is_alone: bool
):
    store = PostgresStore(statements, own=MIRA, is_alone=is_alone)
    await rows("INSERT INTO channels (channel_id, guild_id, kind) VALUES (302, 401, 'thread')")
    await hear(store, channel=THREAD)
    await hear(store, channel=replace(THREAD, parent_id=None))
    assert (await rows("SELECT parent_id FROM channels"))[0]["parent_id"] == ROOM.channel_id


async def test_who_addresses_her_is_met_from_then_on(store: PostgresStore, rows: Rows):
    await hear(store, attention=JOINING, author=ADA)
    await hear(store, attention=LISTEN, author=BEN)
    await hear(store, attention=CALLED, author=CLEO, now=later(1))
    await hear(store, attention=ASKED, author=ROBOT, speaker=Speaker.BOT)
    met = {row["user_id"]: row["met_at"] for row in await rows("SELECT user_id, met_at FROM people")}
    assert met == {MIRA.user_id: START, ADA.user_id: None, BEN.user_id: None, CLEO.user_id: later(1), 950: None}
    await hear(store, attention=ASKED, author=ADA, now=later(2))
    await hear(store, attention=ASKED, author=CLEO, now=later(3))
    met = {row["user_id"]: row["met_at"] for row in await rows("SELECT user_id, met_at FROM people")}
    assert (met[ADA.user_id], met[CLEO.user_id]) == (later(2), later(1))


async def test_nothing_is_kept_of_who_wants_not_to_be_heard(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    for attention in (ASKED, LISTEN):
        assert not await store.hear(guild_message("psst"), attention, START)
    assert not await store.hear(dm_message("psst"), ASKED, START)
    for table in ("messages", "channels", "decisions"):
        assert await rows(f"SELECT 1 FROM {table}") == []
    assert [row["user_id"] for row in await rows("SELECT user_id FROM people")] == [MIRA.user_id]
    await rooms.set_silent(ADA.user_id, is_silent=False, now=START)
    await hear(store)


async def test_nobody_is_quoted_who_wants_not_to_be_heard(store: PostgresStore, rooms: PostgresRooms):
    await rooms.set_silent(BEN.user_id, is_silent=True, now=START)
    await hear(store, "yes", ASKED, quote=Quote(BEN.user_id, "Ben", "secret"), reply_to_id=MessageId(5))
    await hear(store, "no", ASKED, quote=Quote(CLEO.user_id, "Cleo", "open"), reply_to_id=MessageId(6))
    quotes = [message.quote for message in (await claimed(store)).messages]
    assert quotes == [None, Quote(CLEO.user_id, "Cleo", "open")]


async def test_that_it_mentions_her_is_known_of_context_too(store: PostgresStore, rooms: PostgresRooms):
    await hear(store, author=ROBOT, speaker=Speaker.BOT, mentions_self=True, replies_to_self=True)
    found = (await rooms.recent(ROOM.channel_id, since=START, limit=9))[0]
    assert (found.mentions_self, found.replies_to_self) == (True, True)


# claiming


async def test_what_was_said_to_others_comes_along_once(store: PostgresStore):
    first, second = await hear(store, "one"), await hear(store, "two", author=BEN)
    await hear(store, "Mira?", ASKED, CLEO)
    third = await hear(store, "three")
    claim = await claimed(store)
    assert [message.content for message in claim.messages] == ["Mira?"]
    assert [message.message_id for message in claim.overheard] == [
        first.message_id,
        second.message_id,
        third.message_id,
    ]
    await store.finish(claim, close(overheard_ids=tuple(message.message_id for message in claim.overheard)))
    await hear(store, "four")
    await hear(store, "again", ASKED, CLEO)
    again = await claimed(store)
    assert [message.content for message in again.overheard] == ["four"]
    assert [said.message.content for said in again.history] == ["one", "two", "Mira?", "three"]
    assert {said.turn_id for said in again.history} == {claim.turn_id}


async def test_lines_between_others_are_bounded_in_number_length_and_age(store: PostgresStore):
    await hear(store, "yesterday", sent_at=START - timedelta(days=1, seconds=1))
    for number in range(OVERHEARD_MOST + 5):
        await hear(store, str(number))
    await hear(store, "Mira?", ASKED)
    claim = await claimed(store)
    assert [message.content for message in claim.overheard] == [str(number) for number in range(5, OVERHEARD_MOST + 5)]
    await store.finish(claim, close(overheard_ids=tuple(message.message_id for message in claim.overheard)))
    for letter in "abcde":
        await hear(store, letter * (OVERHEARD_LETTERS // 3))
    await hear(store, "Mira?", ASKED)
    claim = await claimed(store)
    assert [message.content[0] for message in claim.overheard] == ["c", "d", "e"]


async def test_lines_older_than_what_was_shown_never_come_later(store: PostgresStore):
    for number in range(OVERHEARD_MOST + 5):
        await hear(store, str(number))
    await turn(store)
    await hear(store, "Mira?", ASKED)
    assert (await claimed(store)).overheard == ()


async def test_lines_said_while_she_answers_come_with_the_next_turn(store: PostgresStore):
    await hear(store, "Mira?", ASKED)
    claim = await claimed(store)
    between = await hear(store, "meanwhile", author=BEN)
    kept = await store.commit_part(claim, NewPart(0, PartKind.TEXT, "Hm.", None), START)
    await store.mark_sent(kept, next_id(), START)
    await store.finish(claim, close())
    await hear(store, "Mira?", ASKED)
    assert [message.message_id for message in (await claimed(store)).overheard] == [between.message_id]


async def test_another_audience_is_not_overheard(store: PostgresStore):
    await hear(store, "elsewhere", channel=replace(ROOM, channel_id=ChannelId(399)))
    await hear(store, "in a thread", channel=THREAD)
    await hear(store, "Mira?", ASKED)
    assert (await claimed(store)).overheard == ()


async def test_who_was_met_is_told(store: PostgresStore):
    await hear(store, "one", LISTEN, BEN)
    await hear(store, "two", JOINING, ADA)
    await hear(store, "Mira?", CALLED, CLEO)
    claim = await claimed(store)
    assert claim.met == {CLEO.user_id}
    assert [message.reach for message in claim.messages] == [Reach.JOINING, Reach.CALLED]
    await store.finish(claim, close())
    await hear(store, "Mira?", ASKED, BEN)
    await hear(store, "three", LISTEN, CLEO)
    assert (await claimed(store)).met == {BEN.user_id, CLEO.user_id}


async def test_who_the_version_before_heard_counts_as_met(store: PostgresStore, rows: Rows):
    message = dm_message("hi")
    await store.hear(message, Attention(True, ("direct message",)), START)
    await rows("UPDATE people SET met_at = NULL")
    claim = await claimed(store, DM)
    assert claim.met == {ADA.user_id}
    await store.finish(claim, close(MessageAppraisal(message.message_id, ADA.user_id, Appraisal())))
    assert (await rows("SELECT state FROM messages"))[0]["state"] == "answered"
    assert len(await rows("SELECT 1 FROM appraisals")) == 1


async def test_a_thread_begins_with_the_line_it_was_opened_under(store: PostgresStore, rooms: PostgresRooms):
    starter = await hear(store, "what a topic")
    thread = replace(THREAD, channel_id=ChannelId(starter.message_id))
    await hear(store, "so?", ASKED, BEN, channel=thread)
    claim = await claimed(store, thread)
    assert [(said.turn_id, said.message.content) for said in claim.history] == [(TurnId(0), "what a topic")]
    assert claim.history[0].message.channel == ROOM
    assert claim.channel == thread
    await store.finish(claim, close(context_from_turn=claim.turn_id))
    await hear(store, "and?", ASKED, BEN, channel=thread)
    claim = await claimed(store, thread)
    assert [said.message.content for said in claim.history] == ["what a topic", "so?"]
    await store.finish(claim, close())
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    await hear(store, "well?", ASKED, BEN, channel=thread)
    assert [said.message.content for said in (await claimed(store, thread)).history] == ["so?", "and?"]


async def test_who_only_spoke_to_others_is_not_met_whatever_was_recorded(store: PostgresStore):
    await hear(store, "hm", decided(Outcome.LISTEN, Reach.ASKED), BEN)
    await hear(store, "Mira?", ASKED, CLEO)
    assert (await claimed(store)).met == {CLEO.user_id}
