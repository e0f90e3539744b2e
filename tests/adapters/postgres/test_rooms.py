"""Policies, silences and the record of decisions on a real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.adapters.postgres import heard_statements as heard
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.room_statements import DECISIONS_LAST, OVERHEARD_KEPT, OVERHEARD_LASTS
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import Attention
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Quote, Reach, Speaker
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.timer import NewTimer, TimerKind
from bot.domain.turn import PUT_OFF, CallTrace, NewPart, PartKind
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, dm_message, guild_message, next_id
from tests.room_scene import ASKED, CLEO, JOINING, LISTENING, ROBOT, THREAD, UNSURE, claimed, close, hear, later

ADMIN = UserId(777)
GUILD = GuildId(401)
OWN_THREAD = Channel(ChannelId(303), ChannelKind.THREAD, GUILD, ROOM.channel_id)
SET_THREAD = Channel(ChannelId(304), ChannelKind.THREAD, GUILD, ROOM.channel_id)
BLOCKED_FOR_S = 0.3  # long enough to see that a statement waits for a row

Rows = Callable[[str], Awaitable[list[Mapping[str, Any]]]]


@pytest.fixture
def store(lone_store: PostgresStore) -> PostgresStore:
    return lone_store


@pytest.fixture
def rows(ask: Rows) -> Rows:
    return ask


async def contents(rows: Rows) -> list[str]:
    return [row["content"] for row in await rows("SELECT content FROM messages ORDER BY message_id")]


# policies


@pytest.mark.parametrize("policy", [LISTENING, RoomPolicy(), RoomPolicy(Hearing.IGNORE, 0)])
async def test_a_policy_comes_back_as_it_was_set(rooms: PostgresRooms, policy: RoomPolicy):
    await rooms.set_policy(ROOM.channel_id, GUILD, LISTENING, by=ADMIN, now=START)
    await rooms.set_policy(ROOM.channel_id, GUILD, policy, by=ADMIN, now=later(1))
    assert await rooms.policies([ROOM.channel_id, ChannelId(5)]) == {ROOM.channel_id: policy}


async def test_where_she_listens_is_listed(rooms: PostgresRooms):
    for number, hearing in enumerate((Hearing.LISTEN, Hearing.IGNORE, Hearing.LISTEN, Hearing.MENTION_ONLY)):
        await rooms.set_policy(ChannelId(number + 1), GUILD, RoomPolicy(hearing), by=ADMIN, now=START)
    assert list(await rooms.listening()) == [1, 3]


@pytest.mark.parametrize(
    ("hearing", "left"),
    [
        (Hearing.LISTEN, ["room", "thread", "own", "set", "asked", "elsewhere"]),
        (Hearing.MENTION_ONLY, ["own", "set", "asked", "elsewhere"]),
        (Hearing.IGNORE, ["set", "asked", "elsewhere"]),
    ],
)
async def test_where_she_no_longer_listens_nothing_overheard_is_left(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows, hearing: Hearing, left: list[str]
):
    await rooms.set_policy(SET_THREAD.channel_id, GUILD, LISTENING, by=ADMIN, now=START)
    await hear(store, "room")
    await hear(store, "thread", channel=THREAD)
    await hear(store, "own", channel=OWN_THREAD)
    await hear(store, "set", channel=SET_THREAD)
    await hear(store, "asked", ASKED)
    await hear(store, "elsewhere", channel=replace(ROOM, channel_id=ChannelId(399)))
    await rows("UPDATE channels SET is_own = true WHERE channel_id = 303")
    await rooms.set_policy(ROOM.channel_id, GUILD, RoomPolicy(hearing), by=ADMIN, now=START)
    assert await contents(rows) == left


async def test_a_line_that_came_after_the_policy_changed_goes_with_the_next_round(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    await rooms.set_policy(ROOM.channel_id, GUILD, RoomPolicy(), by=ADMIN, now=START)
    await hear(store, "late")
    await hear(store, "late too", channel=THREAD)
    assert await rooms.forget_overheard(START) == 2
    assert await contents(rows) == []


# silences


async def test_a_wish_is_kept_until_it_is_taken_back(rooms: PostgresRooms):
    for _ in range(2):
        await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    await rooms.set_silent(BEN.user_id, is_silent=True, now=START)
    assert await rooms.silent() == {ADA.user_id, BEN.user_id}
    await rooms.set_silent(BEN.user_id, is_silent=False, now=START)
    assert [await rooms.is_silent(one.user_id) for one in (ADA, BEN)] == [True, False]


async def test_what_was_overheard_of_them_is_gone_at_once(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    said = await hear(store, "overheard")
    await hear(store, "to her", ASKED)
    await store.finish(await claimed(store), close(overheard_ids=(said.message_id,)))
    loose = await hear(store, "loose")
    quoting = {"quote": Quote(ADA.user_id, "Ada", "loose"), "reply_to_id": loose.message_id}
    await hear(store, "ha", author=BEN, **quoting)
    await hear(store, "hey", ASKED, BEN, quote=Quote(BEN.user_id, "Ben", "ha"))
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    assert await contents(rows) == ["to her", "ha", "hey"]
    quotes = await rows("SELECT content FROM messages WHERE quote IS NOT NULL")
    assert quotes == [{"content": "hey"}]
    kept = {row["message_id"] for row in await rows("SELECT message_id FROM decisions")}
    assert not {said.message_id, loose.message_id} & kept
    claim = await claimed(store)
    assert [message.content for message in (*claim.overheard, *claim.messages)] == ["ha", "hey"]
    assert claim.history == ()


async def test_their_name_goes_where_others_mention_them(store: PostgresStore, rooms: PostgresRooms):
    both = {"mentioned_ids": (ADA.user_id, CLEO.user_id), "mentioned_names": ((ADA.user_id, "A"), (CLEO.user_id, "C"))}
    await hear(store, "before", author=BEN, **both)
    await hear(store, "yes", ASKED, BEN, quote=Quote(ADA.user_id, "Ada", "x"), reply_to_id=MessageId(5), **both)
    assert [len(one.mentioned_names) for one in await rooms.recent(ROOM.channel_id, since=START, limit=9)] == [2, 2]
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    await hear(store, "after", ASKED, BEN, **both)
    claim = await claimed(store)
    found = (*claim.overheard, *claim.messages)
    assert [one.content for one in found] == ["before", "yes", "after"]
    assert [one.mentioned_names for one in found] == [((CLEO.user_id, "C"),)] * 3
    assert {one.mentioned_ids for one in found} == {(ADA.user_id, CLEO.user_id)}
    await rooms.forget_overheard(START)


async def test_what_waits_of_them_is_emptied_and_not_answered(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    await hear(store, "answer me", ASKED, attachments=(Attachment("a.png", "image/png", 1),))
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    assert await store.claim(ROOM.channel_id, START) is None
    assert await rows("SELECT state, content, attachments FROM messages") == [
        {"state": "withdrawn", "content": "", "attachments": []}
    ]
    assert list(await store.waiting_channels(later(60), quiet_for=timedelta(0), limit=9)) == []


async def test_a_draft_given_back_does_not_wait_for_who_fell_silent(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    await hear(store, "answer me", ASKED)
    await hear(store, "me too", ASKED, BEN)
    claim = await claimed(store)
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    await store.release(claim, "superseded", now=START, retry_at=None)
    again = await claimed(store)
    assert [message.content for message in again.messages] == ["me too"]
    await store.finish(again, close())
    assert await contents(rows) == ["", "me too"]
    assert await store.claim(ROOM.channel_id, START) is None


async def test_what_was_put_off_is_not_answered_to_who_fell_silent(
    store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    await hear(store, "later?", ASKED)
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    await rows(f"UPDATE messages SET state = 'pending', content = 'later?', reasons = ARRAY['{PUT_OFF}']")
    assert await store.claim(ROOM.channel_id, START) is None
    assert list(await store.waiting_channels(later(60), quiet_for=timedelta(0), limit=9)) == []


async def test_a_line_heard_while_the_wish_is_kept_never_comes_along(
    statements: StatementPool, store: PostgresStore, rooms: PostgresRooms, rows: Rows
):
    """Two processes at once: one hears with a look at the wishes from before."""
    await hear(store, "before")
    async with statements._pool.acquire() as late:
        hearing = late.transaction(isolation="repeatable_read")
        await hearing.start()
        await late.fetch("SELECT 1 FROM messages")  # from here on it sees no later wish
        await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
        message = guild_message("between", author=ADA)
        values = _values(message, START)
        await late.fetch(heard.HEAR, *values)
        await hearing.commit()
    assert await contents(rows) == ["between"]
    await hear(store, "Mira?", ASKED, BEN)
    claim = await claimed(store)
    assert claim.overheard == ()
    assert [one.content for one in await rooms.recent(ROOM.channel_id, since=START, limit=9)] == ["Mira?"]
    await store.finish(claim, close())
    assert await rooms.forget_overheard(START) == 1
    assert await contents(rows) == ["Mira?"]


def _values(message: Message, now: datetime) -> tuple[object, ...]:
    """Give what `PostgresStore.hear` gives for a plain line between others."""
    audience = message.audience()
    place, author = message.channel, message.author
    return (
        *(message.message_id, place.channel_id, place.guild_id, place.kind, author.user_id, author.display_name),
        *(False, message.speaker, message.content, "[]", None, audience.kind, audience.audience_id, [], False),
        *(message.sent_at, now, Reach.JOINING, None, "[]", [], None, False, None, None, "{}"),
    )


async def test_a_delete_that_meets_the_end_of_a_turn_leaves_no_word(
    statements: StatementPool, store: PostgresStore, rows: Rows
):
    message = await hear(store, "oops")
    await hear(store, "Mira?", ASKED, BEN)
    claim = await claimed(store)
    async with statements._pool.acquire() as finishing:
        end = finishing.transaction()
        await end.start()
        await finishing.execute(
            "UPDATE messages SET turn_id = $1 WHERE message_id = $2", claim.turn_id, message.message_id
        )
        deleting = asyncio.create_task(store.withdraw([message.message_id], START))
        await asyncio.sleep(BLOCKED_FOR_S)
        assert not deleting.done()
        await end.commit()
        await deleting
    kept = await rows(f"SELECT state, content FROM messages WHERE message_id = {message.message_id}")
    assert kept == [{"state": "withdrawn", "content": ""}]


# the record


async def test_a_decision_comes_back_as_it_was_made(store: PostgresStore, rooms: PostgresRooms):
    message = await hear(store, "Mira?", UNSURE, now=later(2))
    found = await rooms.of_message(ROOM.channel_id, message.message_id)
    assert found is not None
    assert found.decision == UNSURE.decision
    assert (found.policy, found.decided_at, found.is_hers, found.turn_id) == (LISTENING, later(2), None, None)
    claim = await claimed(store)
    await store.finish(claim, close(is_hers=True))
    found = await rooms.of_message(ROOM.channel_id, message.message_id)
    assert found is not None
    assert (found.is_hers, found.turn_id) == (True, claim.turn_id)
    assert await rooms.of_message(ChannelId(399), message.message_id) is None
    assert await rooms.of_message(ROOM.channel_id, MessageId(1)) is None


async def test_no_turn_followed_from_what_was_only_overheard(store: PostgresStore, rooms: PostgresRooms):
    over = await hear(store, "hm")
    await hear(store, "Mira?", ASKED)
    await store.finish(await claimed(store), close(overheard_ids=(over.message_id,)))
    found = await rooms.of_message(ROOM.channel_id, over.message_id)
    assert found is not None
    assert found.turn_id is None
    assert await rooms.turn_of(ROOM.channel_id, over.message_id) is None


async def test_the_newest_decision_of_a_channel_is_found(store: PostgresStore, rooms: PostgresRooms):
    assert await rooms.latest(ROOM.channel_id) is None
    await hear(store)
    newest = await hear(store)
    await hear(store, channel=THREAD)
    found = await rooms.latest(ROOM.channel_id)
    assert found is not None
    assert found.message_id == newest.message_id


async def test_a_span_holds_its_begin_and_not_its_end(store: PostgresStore, rooms: PostgresRooms):
    lines = [await hear(store, now=later(number)) for number in range(4)]
    other = await hear(store, channel=THREAD, now=later(1))
    found = await rooms.since(later(1), later(3))
    assert [one.message_id for one in found] == [lines[1].message_id, other.message_id, lines[2].message_id]
    found = await rooms.since(later(1), later(3), channel_id=THREAD.channel_id)
    assert [one.message_id for one in found] == [other.message_id]


async def test_a_turn_is_found_by_what_was_asked_and_what_she_said(store: PostgresStore, rooms: PostgresRooms):
    over = await hear(store, "hm")
    asked = await hear(store, "Mira?", ASKED)
    joined = await hear(store, "huh", JOINING, BEN)
    claim = await claimed(store)
    sent = []
    for number, kind in enumerate((PartKind.REACTION, PartKind.TEXT, PartKind.TEXT)):
        part = await store.commit_part(claim, NewPart(number, kind, "x", None), START)
        sent.append(None if kind is PartKind.REACTION else next_id())
        await store.mark_sent(part, sent[-1], START)
    calls = tuple(
        CallTrace(purpose, model, "strict", "0", "1", 1, timedelta(seconds=1), "whole", 10, None)
        for purpose, model in (("consider", "small"), ("turn", "big"))
    )
    ids = (over.message_id,)
    await store.finish(claim, close(calls=calls, timings_ms={"sent": 5.0}, overheard_ids=ids))
    for message_id in (asked.message_id, joined.message_id, sent[1], sent[2]):
        found = await rooms.turn_of(ROOM.channel_id, message_id)
        assert found is not None
        assert (found.turn_id, found.channel, found.state, found.intent) == (claim.turn_id, ROOM, "done", "reply")
        assert (found.asked_ids, found.said_ids) == ((asked.message_id, joined.message_id), tuple(sent[1:]))
        assert (found.model, found.calls, found.tokens_in, found.tokens_out) == ("big", 2, 20, None)
        assert (found.persona, found.reasons, found.timings_ms) == ("default", ("so",), {"sent": 5.0})
        assert await rooms.turn_of(THREAD.channel_id, message_id) is None


async def test_a_turn_under_way_and_one_without_a_decision_are_found(store: PostgresStore, rooms: PostgresRooms):
    message = dm_message("hi")
    await store.hear(message, Attention(True, ("direct message",)), START)
    assert await rooms.turn_of(DM.channel_id, message.message_id) is None
    await claimed(store, DM)
    found = await rooms.turn_of(DM.channel_id, message.message_id)
    assert found is not None
    assert (found.state, found.intent, found.model, found.calls) == ("drafting", None, None, 0)
    assert found.asked_ids == (message.message_id,)


async def test_the_room_is_known_again_after_a_start(store: PostgresStore, rooms: PostgresRooms):
    await hear(store, "long ago", sent_at=later(-1))
    await hear(store, "one", author=BEN, mentioned_ids=(ADA.user_id,), quote=Quote(ADA.user_id, "Ada", "x"))
    await hear(store, "two", ASKED)
    claim = await claimed(store)
    part = await store.commit_part(claim, NewPart(0, PartKind.TEXT, "Hm.", None), START)
    await store.mark_sent(part, next_id(), START)
    await store.finish(claim, close())
    gone = await hear(store, "gone")
    await store.withdraw([gone.message_id], START)
    await hear(store, "elsewhere", channel=THREAD)
    found = await rooms.recent(ROOM.channel_id, since=START, limit=9)
    assert [message.content for message in found] == ["one", "two", "Hm."]
    assert [message.reach for message in found[:2]] == [Reach.JOINING, Reach.ASKED]
    assert [message.speaker for message in found] == [Speaker.PERSON, Speaker.PERSON, Speaker.SELF]
    assert (found[0].mentioned_ids, found[0].channel) == ((ADA.user_id,), ROOM)
    assert [one.content for one in await rooms.recent(ROOM.channel_id, since=START, limit=2)] == ["two", "Hm."]


# forgetting

DAY = OVERHEARD_LASTS + timedelta(seconds=1)


async def test_overheard_lines_are_gone_after_a_day(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    over = await hear(store, "shown")
    await hear(store, "joined", JOINING, BEN)
    await hear(store, "asked", ASKED, quote=Quote(BEN.user_id, "Ben", "x"))
    await store.finish(await claimed(store), close(overheard_ids=(over.message_id,)))
    await hear(store, "loose")
    assert await rooms.forget_overheard(START + OVERHEARD_LASTS) == 0
    assert await rooms.forget_overheard(START + DAY) == 3
    assert await rows("SELECT content, quote FROM messages") == [{"content": "asked", "quote": None}]


async def test_a_channel_keeps_a_bounded_number(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    for number in range(OVERHEARD_KEPT + 3):
        await hear(store, str(number))
    await hear(store, "elsewhere", channel=THREAD)
    assert await rooms.forget_overheard(START) == 3
    assert (await contents(rows))[0] == "3"
    assert len(await contents(rows)) == OVERHEARD_KEPT + 1


async def test_what_is_left_of_strangers_is_gone_after_a_day(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    withdrawn = await hear(store, "oops", JOINING, BEN)
    await hear(store, "declined", JOINING, ROBOT, speaker=Speaker.BOT)
    await hear(store, "hm", author=Person(UserId(103), "Cleo"))
    mine = await hear(store, "Mira?", ASKED, ADA)
    claim = await claimed(store)
    await store.withdraw([withdrawn.message_id, mine.message_id], START)
    await store.give_up(claim, "default", (), START)
    await rooms.forget_overheard(START + DAY)
    kept = await rows("SELECT message_id, state FROM messages")
    assert kept == [{"message_id": mine.message_id, "state": "withdrawn"}]
    people = {row["user_id"] for row in await rows("SELECT user_id FROM people")}
    assert people == {MIRA.user_id, ADA.user_id}


@pytest.mark.parametrize("kept", ["line", "timer", "zone", "sight", "bond"])
async def test_strangers_of_whom_something_is_left_stay(
    store: PostgresStore, rooms: PostgresRooms, statements: StatementPool, rows: Rows, kept: str
):
    await hear(store, author=BEN)
    if kept == "line":
        await hear(store, "newer", author=BEN, sent_at=START + DAY)
    if kept == "sight":
        await rows(f"UPDATE people SET last_seen_at = '{START + DAY}'")
    if kept == "zone":
        await rows("UPDATE people SET time_zone = 'Europe/Berlin'")
    if kept == "bond":
        await rows(
            "INSERT INTO souls (companion, tier, home, ocean, emotions, mood, mood_area, model_version, born_at, "
            "lived_until) VALUES ('m', 'rich', array_fill(0, '{5}'), array_fill(0, '{5}'), array_fill(0, '{27}'), "
            "'{0,0,0}', '{0,0,0}', 1, now(), now())"
        )
        await rows(
            "INSERT INTO affect_events (soul_id, kind, user_id, model_version, happened_at) "
            "SELECT soul_id, 'bond', 102, 1, now() FROM souls"
        )
    if kept == "timer":
        from bot.adapters.postgres.timers import PostgresTimers

        timer = NewTimer(TimerKind.REMINDER, BEN.user_id, later(60), "tea", None)
        assert await PostgresTimers(statements).set(timer, BEN, DM.channel_id, now=START, most=9)
    await rooms.forget_overheard(START + DAY)
    assert await rows("SELECT 1 FROM people WHERE user_id = 102")


async def test_decisions_are_gone_after_their_time(store: PostgresStore, rooms: PostgresRooms, rows: Rows):
    await hear(store, "Mira?", ASKED)
    await rooms.forget_overheard(START + DECISIONS_LAST)
    assert len(await rows("SELECT 1 FROM decisions")) == 1
    await rooms.forget_overheard(START + DECISIONS_LAST + timedelta(seconds=1))
    assert await rows("SELECT 1 FROM decisions") == []
    assert await contents(rows) == ["Mira?"]


BAD_ROWS = {
    "hearing": "UPDATE channel_policies SET hearing = 'maybe'",
    "chattiness": "UPDATE channel_policies SET chattiness = 11",
    "quiet": "UPDATE channel_policies SET quiet_ends = 1440",
    "half quiet": "UPDATE channel_policies SET quiet_zone = NULL",
    "outcome": "UPDATE decisions SET outcome = 'sing'",
    "decided reach": "UPDATE decisions SET reach = 'far'",
    "reach": "UPDATE messages SET reach = 'far'",
    "part": "UPDATE outbox SET kind = 'song'",
}


async def test_ranges_and_words_are_held_by_the_database(store: PostgresStore, rooms: PostgresRooms, database):
    await rooms.set_policy(ROOM.channel_id, GUILD, LISTENING, by=ADMIN, now=START)
    message = await hear(store, "Mira?", ASKED)
    await store.commit_part(await claimed(store), NewPart(0, PartKind.THREAD, "x", message.message_id), START)
    for name, statement in BAD_ROWS.items():
        with pytest.raises(IntegrityError):
            async with database.begin() as connection:
                await connection.execute(text(statement))
            pytest.fail(f"taken: {name}")
