"""Turns among people in the store: what lasts of them, where her lines lie, and what changes reach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.affect.appraisal import Appraisal
from bot.domain.ids import ChannelId
from bot.domain.message import Quote, Speaker
from bot.domain.turn import Intent, MessageAppraisal, NewPart, PartKind
from tests.fakes import ADA, BEN, DM, ROOM, START, dm_message, next_id
from tests.room_scene import (
    ASKED,
    JOINING,
    LISTEN,
    PICTURE,
    ROBOT,
    THREAD,
    UNSURE,
    claimed,
    close,
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


# the end of a turn


async def test_of_strangers_nothing_lasts(store: PostgresStore, rows: Rows):
    stranger, known = await hear(store, "huh", JOINING, BEN), await hear(store, "Mira?", ASKED, ADA)
    robot = await hear(store, "beep", ASKED, ROBOT, speaker=Speaker.BOT)
    claim = await claimed(store)
    felt = [MessageAppraisal(one.message_id, one.author.user_id, Appraisal(warmth=1)) for one in claim.messages]
    await store.finish(claim, close(*felt))
    states = {row["message_id"]: row["state"] for row in await rows("SELECT message_id, state FROM messages")}
    assert states == {stranger.message_id: "context", known.message_id: "answered", robot.message_id: "context"}
    assert [row["user_id"] for row in await rows("SELECT user_id FROM appraisals")] == [ADA.user_id]


async def test_a_line_is_appraised_as_its_authors_and_in_its_turn_only(store: PostgresStore, rows: Rows):
    over = await hear(store, "hm", LISTEN, ADA)
    message = await hear(store, "Mira?", ASKED, ADA)
    other = await hear(store, "Mira!", ASKED, BEN)
    claim = await claimed(store)
    wrong = [
        MessageAppraisal(over.message_id, ADA.user_id, Appraisal()),
        MessageAppraisal(message.message_id, BEN.user_id, Appraisal()),
    ]
    right = MessageAppraisal(other.message_id, BEN.user_id, Appraisal())
    await store.finish(claim, close(*wrong, right, overheard_ids=(over.message_id,)))
    kept = await rows("SELECT message_id, user_id FROM appraisals")
    assert kept == [{"message_id": other.message_id, "user_id": BEN.user_id}]


async def test_a_turn_takes_only_loose_lines_of_its_channel(store: PostgresStore, rows: Rows):
    here, there = await hear(store), await hear(store, channel=replace(ROOM, channel_id=ChannelId(399)))
    pending = await hear(store, "Mira?", ASKED)
    claim = await claimed(store)
    late = await hear(store, "Mira!", ASKED)
    ids = tuple(one.message_id for one in (here, there, pending, late))
    await store.finish(claim, close(overheard_ids=ids))
    turns = {row["message_id"]: row["turn_id"] for row in await rows("SELECT message_id, turn_id FROM messages")}
    assert turns == {
        here.message_id: claim.turn_id,
        there.message_id: None,
        pending.message_id: claim.turn_id,
        late.message_id: None,
    }


async def test_a_line_stays_with_the_turn_that_first_showed_it(store: PostgresStore, rows: Rows):
    over = await hear(store)
    first = await turn(store)
    await hear(store, "Mira?", ASKED)
    await store.finish(await claimed(store), close(overheard_ids=(over.message_id,)))
    kept = await rows(f"SELECT turn_id FROM messages WHERE message_id = {over.message_id}")
    assert kept == [{"turn_id": first.turn_id}]


async def test_where_files_lie_is_forgotten_with_the_answer(store: PostgresStore, rows: Rows):
    quote = Quote(BEN.user_id, "Ben", "look", attachments=(PICTURE,))
    await hear(store, "and?", ASKED, attachments=(PICTURE, replace(PICTURE, name="b.png")), quote=quote)
    await hear(store, "bare", ASKED)
    claim = await claimed(store)
    await store.finish(claim, close())
    kept = await rows("SELECT attachments::text AS files, quote::text AS quote FROM messages ORDER BY message_id")
    assert "cdn" not in kept[0]["files"] + kept[0]["quote"]
    assert kept[1] == {"files": "[]", "quote": None}
    await hear(store, "Mira?", ASKED)
    said = (await claimed(store)).history[0].message
    assert [one.name for one in said.attachments] == ["cat.png", "b.png"]
    assert {one.url for one in (*said.attachments, *said.quote.attachments)} == {None}


async def test_where_files_of_talk_between_others_lie_is_known_until_a_turn_showed_them(
    store: PostgresStore, rows: Rows
):
    over = await hear(store, "look", LISTEN, attachments=(PICTURE,))
    await hear(store, "Mira?", ASKED)
    claim = await claimed(store)
    assert claim.overheard[0].attachments == (PICTURE,)
    await store.finish(claim, close(overheard_ids=(over.message_id,)))
    (kept,) = await rows(f"SELECT attachments FROM messages WHERE message_id = {over.message_id}")
    assert [one["name"] for one in kept["attachments"]] == ["cat.png"]
    assert "url" not in kept["attachments"][0]


async def test_what_the_cheap_call_said_is_kept_with_what_it_was_asked_of(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    await hear(store, "one", UNSURE)
    await hear(store, "two", UNSURE)
    await hear(store, "three", JOINING)
    await store.finish(await claimed(store), close(is_hers=False, intent=Intent.SILENT, at=later(5)))
    kept = await rows("SELECT is_hers, considered_at FROM decisions ORDER BY message_id")
    assert [row["is_hers"] for row in kept] == [False, False, None]
    assert list(await rooms.considered_since(later(5))) == [(ROOM.channel_id, later(5))]
    assert list(await rooms.considered_since(later(6))) == []
    await hear(store, "four", UNSURE)
    await store.finish(await claimed(store), close())
    assert len(await rooms.considered_since(START)) == 1


async def test_a_crash_after_words_leaves_strangers_as_context(store: PostgresStore, rows: Rows):
    await hear(store, "huh", JOINING, BEN)
    await hear(store, "Mira?", ASKED, ADA)
    claim = await claimed(store)
    await store.commit_part(claim, NewPart(0, PartKind.TEXT, "Hm.", None), START)
    await store.recover(ROOM.channel_id, later(1))
    states = await rows("SELECT state, turn_id FROM messages ORDER BY message_id")
    assert [row["state"] for row in states] == ["context", "answered"]
    assert {row["turn_id"] for row in states} == {claim.turn_id}


# her own lines


async def test_a_thread_she_opens_is_hers_and_holds_what_she_says_there(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    message = await hear(store, "long story?", ASKED)
    claim = await claimed(store)
    place = ChannelId(message.message_id)
    opening = await store.commit_part(claim, NewPart(0, PartKind.THREAD, "A story", message.message_id), START)
    words = await store.commit_part(claim, NewPart(1, PartKind.TEXT, "Once.", None, place), START)
    assert list(await store.unsent(ROOM.channel_id)) == [opening, words]
    assert words.goes_to == place
    await store.mark_sent(opening, None, START)
    assert await rooms.own_threads([place, ROOM.channel_id]) == {place}
    said = next_id()
    await store.mark_sent(words, said, START)
    await store.finish(claim, close())
    thread = replace(THREAD, channel_id=place)
    line = (await rows("SELECT * FROM messages WHERE speaker = 'self'"))[0]
    assert (line["channel_id"], line["audience_kind"], line["audience_id"]) == (place, "channel", place)
    await hear(store, "nice", ASKED, channel=thread)
    claim = await claimed(store, thread)
    assert claim.channel == thread
    assert [said.message.content for said in claim.history] == ["long story?", "Once."]
    assert await rooms.own_threads([place]) == {place}


async def test_a_thread_heard_before_it_was_marked_is_hers_all_the_same(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    message = await hear(store, "long story?", ASKED)
    claim = await claimed(store)
    opening = await store.commit_part(claim, NewPart(0, PartKind.THREAD, "A story", message.message_id), START)
    await hear(store, "first!", channel=replace(THREAD, channel_id=ChannelId(message.message_id), parent_id=None))
    await store.mark_sent(opening, None, START)
    assert await rooms.own_threads([ChannelId(message.message_id)])
    kept = await rows("SELECT kind, parent_id FROM channels WHERE is_own")
    assert kept == [{"kind": "thread", "parent_id": ROOM.channel_id}]


async def test_words_for_a_thread_that_is_refused_are_said_in_the_channel(store: PostgresStore, rows: Rows):
    message = await hear(store, "long story?", ASKED)
    claim = await claimed(store)
    place = ChannelId(message.message_id)
    opening = await store.commit_part(claim, NewPart(0, PartKind.THREAD, "A story", message.message_id), START)
    await store.commit_part(claim, NewPart(1, PartKind.TEXT, "Once.", None, place), START)
    await store.mark_refused(opening, 50013, START, with_rest=False)
    left = await store.unsent(ROOM.channel_id)
    assert [(part.content, part.goes_to) for part in left] == [("Once.", ROOM.channel_id)]
    await store.mark_sent(left[0], next_id(), START)
    line = (await rows("SELECT channel_id, audience_id FROM messages WHERE speaker = 'self'"))[0]
    assert line == {"channel_id": ROOM.channel_id, "audience_id": ROOM.channel_id}


async def test_a_refused_text_leaves_what_goes_to_the_thread_where_it_goes(store: PostgresStore):
    await hear(store, "?", ASKED)
    claim = await claimed(store)
    first = await store.commit_part(claim, NewPart(0, PartKind.REACTION, "👍", None), START)
    await store.commit_part(claim, NewPart(1, PartKind.TEXT, "b", None, ChannelId(5)), START)
    await store.mark_refused(first, 50013, START, with_rest=False)
    assert [part.goes_to for part in await store.unsent(ROOM.channel_id)] == [5]


async def test_her_own_lines_are_the_newest_of_all_channels(store: PostgresStore):
    for number, channel in enumerate((DM, ROOM, DM)):
        message = dm_message("?", channel=channel)
        await store.hear(message, ASKED, START)
        claim = await claimed(store, channel)
        part = await store.commit_part(claim, NewPart(0, PartKind.TEXT, str(number), None), START)
        await store.mark_sent(part, next_id(), START)
        await store.finish(claim, close())
    assert list(await store.own_lines(2)) == ["2", "1"]
    assert list(await store.own_lines(9)) == ["2", "1", "0"]


# changes


async def test_a_deleted_line_between_others_is_gone(store: PostgresStore, rows: Rows):
    message = await hear(store, "oops")
    assert await store.withdraw([message.message_id], START) == []
    assert await rows("SELECT 1 FROM messages") == []
    assert await rows("SELECT 1 FROM message_changes") == []
    assert not await store.hear(message, LISTEN, START), "it came a second time, after its delete"


async def test_a_deleted_line_that_a_turn_showed_is_emptied(store: PostgresStore, rows: Rows):
    message = await hear(
        store, "oops", forwards=("x",), mentioned_ids=(BEN.user_id,), mentioned_names=((BEN.user_id, "Ben"),)
    )
    await turn(store)
    await store.withdraw([message.message_id], later(1))
    kept = (await rows(f"SELECT * FROM messages WHERE message_id = {message.message_id}"))[0]
    assert (kept["state"], kept["content"], kept["forwards"], kept["mentioned_ids"]) == ("withdrawn", "", [], [])
    assert kept["mentioned_names"] == {}
    assert await rows("SELECT 1 FROM message_changes") == []


async def test_quotes_go_with_what_they_quote(store: PostgresStore):
    quoted = await hear(store, "secret", LISTEN, BEN)
    edited = await hear(store, "typo", LISTEN, BEN)
    for one in (quoted, edited):
        quote = Quote(BEN.user_id, "Ben", one.content)
        await hear(store, "see", ASKED, reply_to_id=one.message_id, quote=quote)
    claim = await claimed(store)
    assert [message.quote.text for message in claim.messages] == ["secret", "typo"]
    await store.finish(claim, close())
    await store.withdraw([quoted.message_id], later(1))
    await store.edit(edited.message_id, "type", later(1))
    await hear(store, "Mira?", ASKED)
    said = [one.message for one in (await claimed(store)).history if one.message.content == "see"]
    assert [message.quote for message in said] == [None, None]
    assert all(message.reply_to_id for message in said)


async def test_an_edit_reaches_what_was_overheard(store: PostgresStore, rows: Rows):
    message = await hear(store, "one")
    robot = await hear(store, "1", author=ROBOT, speaker=Speaker.BOT)
    assert await store.edit(message.message_id, "two", later(1)) is None
    assert await store.edit(robot.message_id, "2", later(1)) is None
    await hear(store, "Mira?", ASKED)
    assert [one.content for one in (await claimed(store)).overheard] == ["two", "2"]
    assert await rows("SELECT 1 FROM message_changes") == []


async def test_a_draft_follows_what_was_overheard(store: PostgresStore):
    edited, deleted = await hear(store, "one"), await hear(store, "two")
    robot = await hear(store, "1", author=ROBOT, speaker=Speaker.BOT)
    await hear(store, "Mira?", ASKED)
    claim = await claimed(store, now=later(1))
    after = await hear(store, "three", now=later(2))
    assert await store.edit(edited.message_id, "One", later(3)) == ROOM.channel_id
    assert await store.edit(robot.message_id, "2", later(3)) is None
    assert await store.edit(after.message_id, "Three", later(3)) is None
    assert await store.withdraw([after.message_id], later(3)) == []
    assert await store.withdraw([deleted.message_id], later(3)) == [ROOM.channel_id]
    await store.commit_part(claim, NewPart(0, PartKind.TEXT, "Hm.", None), later(4))
    assert await store.edit(edited.message_id, "ONE", later(5)) is None


async def test_messages_that_quote_each_other_can_go_at_once(store: PostgresStore, rows: Rows):
    first = await hear(store, "a", ASKED)
    second = await hear(store, "b", ASKED, reply_to_id=first.message_id, quote=Quote(ADA.user_id, "Ada", "a"))
    assert list(await store.withdraw([first.message_id, second.message_id], START)) == []
    kept = await rows("SELECT state, quote FROM messages")
    assert kept == [{"state": "withdrawn", "quote": None}] * 2
