"""What changes while lines wait for her: what an admin allows, who wants to be heard, and the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.adapters.postgres import room_statements
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.message import Channel, ChannelKind, Quote
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.turn import PUT_OFF, Intent, NewPart, PartKind
from bot.errors import TurnBehind
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, dm_message
from tests.room_scene import (
    ASKED,
    CALLED,
    JOINING,
    LISTENING,
    PICTURE,
    THREAD,
    UNSURE,
    claimed,
    close,
    hear,
    later,
    turn,
)

ADMIN = UserId(777)
GUILD = GuildId(401)
ALL_REACHES = {"asked": ASKED, "called": CALLED, "joining": JOINING, "unsure": UNSURE}

BLOCKED_FOR_S = 0.3  # long enough to see that a statement waits for a row

Rows = Callable[[str], Awaitable[list[Mapping[str, Any]]]]


@pytest.fixture
def store(lone_store: PostgresStore) -> PostgresStore:
    return lone_store


class Lent:
    """Runs statements on one connection, in whatever transaction it is."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def run(self, statement: str, *values: object) -> Any:
        return await self._connection.fetch(statement, *values)


async def let(rooms: PostgresRooms, hearing: Hearing, channel: Channel = ROOM) -> None:
    await rooms.set_policy(channel.channel_id, GUILD, RoomPolicy(hearing), by=ADMIN, now=START)


async def texts(store: PostgresStore, channel: Channel = ROOM, after: float = 0) -> list[str]:
    """Claim, and give what is to be answered."""
    claim = await store.claim(channel.channel_id, later(after))
    return [] if claim is None else [message.content for message in claim.messages]


# what an admin allows


@pytest.mark.parametrize("channel", [ROOM, THREAD])
@pytest.mark.parametrize(
    ("hearing", "left"),
    [
        (Hearing.LISTEN, ["asked", "called", "joining", "unsure"]),
        (Hearing.MENTION_ONLY, ["asked"]),
        (Hearing.IGNORE, []),
    ],
)
async def test_what_waits_goes_by_what_an_admin_allows_now(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows, hearing: Hearing, left: list[str], channel: Channel
):
    await let(rooms, Hearing.LISTEN)
    for content, attention in ALL_REACHES.items():
        await hear(store, content, attention, channel=channel)
    await let(rooms, hearing)
    assert await texts(store, channel) == left
    kept = await ask("SELECT content FROM messages WHERE content <> ''")
    assert sorted(row["content"] for row in kept) == sorted(left)
    assert list(await store.waiting_channels(later(90), quiet_for=timedelta(0), limit=9)) in ([], [channel.channel_id])


async def test_what_waits_in_an_ignored_channel_is_not_looked_for_again_and_again(
    store: PostgresStore, rooms: PostgresRooms
):
    await let(rooms, Hearing.LISTEN)
    await hear(store, "asked", ASKED)
    await let(rooms, Hearing.IGNORE)
    assert await texts(store) == []
    assert list(await store.waiting_channels(later(90), quiet_for=timedelta(0), limit=9)) == []


async def test_a_thread_of_hers_is_heard_where_she_answers_only_mentions(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows
):
    await let(rooms, Hearing.MENTION_ONLY)
    await hear(store, "joining", JOINING, channel=THREAD)
    await ask(f"UPDATE channels SET is_own = true WHERE channel_id = {THREAD.channel_id}")
    assert await texts(store, THREAD) == ["joining"]


async def test_a_thread_with_a_setting_of_its_own_goes_by_it(store: PostgresStore, rooms: PostgresRooms):
    await let(rooms, Hearing.IGNORE)
    await let(rooms, Hearing.LISTEN, THREAD)
    await hear(store, "joining", JOINING, channel=THREAD)
    assert await texts(store, THREAD) == ["joining"]


async def test_direct_messages_are_nobodys_to_restrict(store: PostgresStore, rooms: PostgresRooms):
    await let(rooms, Hearing.IGNORE, DM)
    assert await store.hear(dm_message("hello"), ASKED, START)
    assert await texts(store, DM) == ["hello"]


async def test_what_was_overheard_as_an_admin_said_no_is_not_shown(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows
):
    await let(rooms, Hearing.MENTION_ONLY)
    await hear(store, "overheard by a process that did not know yet", author=BEN)
    await hear(store, "Mira?", ASKED)
    assert (await claimed(store)).overheard == ()


@pytest.mark.parametrize(
    ("answered", "more", "is_behind"),
    [
        (ASKED, JOINING, False),
        (CALLED, UNSURE, False),
        (ASKED, ASKED, True),
        (ASKED, CALLED, True),
        (JOINING, UNSURE, True),
        (JOINING, ASKED, True),
    ],
)
async def test_an_answer_somebody_waits_for_begins_anew_only_for_who_asks(
    store: PostgresStore, answered: Any, more: Any, is_behind: bool
):
    await hear(store, "first", answered)
    claim = await claimed(store)
    await hear(store, "more", more, BEN)
    part = NewPart(0, PartKind.TEXT, "Oh.", None)
    with pytest.raises(TurnBehind) if is_behind else nullcontext():
        await store.commit_part(claim, part, START, unless_behind=True)


# time


@pytest.mark.parametrize(
    ("reach", "is_answered"), [("asked", True), ("called", True), ("joining", False), ("unsure", False)]
)
async def test_talk_that_nobody_asked_her_into_is_not_joined_late(
    store: PostgresStore, rooms: PostgresRooms, reach: str, is_answered: bool
):
    await let(rooms, Hearing.LISTEN)
    await hear(store, reach, ALL_REACHES[reach])
    assert await texts(store, after=3600) == [reach] * is_answered
    assert (
        list(await store.waiting_channels(later(7200), quiet_for=timedelta(0), limit=9))
        == [ROOM.channel_id] * is_answered
    )


async def test_talk_that_it_is_too_late_to_join_is_context_of_the_next_turn(store: PostgresStore, rooms: PostgresRooms):
    await let(rooms, Hearing.LISTEN)
    await hear(store, "before", author=BEN)
    await hear(store, "might join", JOINING)
    await hear(store, "Mira?", ASKED, BEN)
    claim = await claimed(store, now=later(3600))
    assert [message.content for message in claim.messages] == ["Mira?"]
    assert [message.content for message in claim.overheard] == ["before", "might join"]
    await store.finish(claim, close(overheard_ids=tuple(message.message_id for message in claim.overheard)))
    await hear(store, "Mira!", ASKED, BEN)
    history = (await claimed(store, now=later(3700))).history
    assert [said.message.content for said in history] == ["before", "might join", "Mira?"]


async def test_what_she_put_off_herself_is_never_too_late(store: PostgresStore, rooms: PostgresRooms, ask: Rows):
    await let(rooms, Hearing.LISTEN)
    await hear(store, "later?", JOINING)
    await ask(f"UPDATE messages SET reasons = ARRAY['{PUT_OFF}']")
    assert await texts(store, after=3600) == ["later?"]


# who wants to be heard


async def test_an_edit_of_who_wants_not_to_be_heard_is_not_kept(store: PostgresStore, rooms: PostgresRooms, ask: Rows):
    said = await hear(store, "Mira?", ASKED)
    await store.finish(await claimed(store), close())
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    assert await store.edit(said.message_id, "a secret", later(60)) is None
    assert await ask("SELECT content, edited_at FROM messages") == [{"content": "Mira?", "edited_at": None}]


async def test_a_line_that_is_just_being_kept_goes_with_the_wish_not_to_be_heard(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows, statements: StatementPool
):
    await hear(store, "first")
    async with statements._pool.acquire() as hearing, hearing.transaction():
        late = PostgresStore(cast(StatementPool, Lent(hearing)), own=MIRA, is_alone=True)
        await hear(late, "on its way")
        wishing = asyncio.create_task(rooms.set_silent(ADA.user_id, is_silent=True, now=START))
        await asyncio.sleep(BLOCKED_FOR_S)
        assert not wishing.done()
    await wishing
    assert await ask("SELECT content FROM messages") == []


async def test_who_wants_not_to_be_heard_is_not_quoted_though_the_quote_came_at_the_same_moment(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows
):
    await hear(store, "overheard", author=BEN, quote=Quote(ADA.user_id, "Ada", "mine"))
    await hear(store, "Mira, see?", ASKED, BEN, quote=Quote(ADA.user_id, "Ada", "mine"))
    await ask(f"INSERT INTO silences VALUES ({ADA.user_id}, now())")  # as if both had come in the moment of the wish
    claim = await claimed(store)
    assert [message.quote for message in (*claim.overheard, *claim.messages)] == [None, None]
    await store.finish(claim, close(overheard_ids=tuple(message.message_id for message in claim.overheard)))
    await hear(store, "Mira?", ASKED, BEN)
    assert {said.message.quote for said in (await claimed(store)).history} == {None}


# what becomes of talk that was not hers


@pytest.mark.parametrize(
    ("attention", "end", "state"),
    [
        (UNSURE, {"intent": Intent.SILENT, "is_hers": False}, "context"),
        (UNSURE, {"intent": Intent.SILENT, "is_hers": True}, "context"),
        (JOINING, {"intent": Intent.SILENT}, "context"),
        (JOINING, {"intent": Intent.REACT}, "answered"),
        (JOINING, {}, "answered"),
        (UNSURE, {"is_hers": True}, "answered"),
        (CALLED, {"intent": Intent.SILENT}, "answered"),
        (ASKED, {"intent": Intent.SILENT}, "answered"),
    ],
)
async def test_talk_she_stayed_out_of_lasts_no_longer_than_other_talk(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows, attention: Any, end: dict[str, Any], state: str
):
    await let(rooms, Hearing.LISTEN)
    await turn(store)  # she knows Ada
    said = await hear(store, "between others", attention)
    await store.finish(await claimed(store), close(**end))
    assert await ask(f"SELECT state FROM messages WHERE message_id = {said.message_id}") == [{"state": state}]


async def test_after_a_crash_it_is_not_kept_where_the_files_are(store: PostgresStore, ask: Rows):
    quote = Quote(BEN.user_id, "Ben", "look", attachments=(PICTURE,))
    await hear(store, "see?", ASKED, attachments=(PICTURE,), quote=quote)
    claim = await claimed(store)
    await store.commit_part(claim, NewPart(0, PartKind.TEXT, "Oh.", None), START)
    await store.recover(ROOM.channel_id, later(5))
    kept = await ask("SELECT attachments::text || quote::text AS all FROM messages WHERE content = 'see?'")
    assert "cdn.discordapp.com" not in kept[0]["all"]


async def test_after_a_crash_what_waits_again_still_has_its_files(store: PostgresStore):
    await hear(store, "see?", ASKED, attachments=(PICTURE,))
    await claimed(store)
    await store.recover(ROOM.channel_id, later(5))
    assert (await claimed(store)).messages[0].attachments == (PICTURE,)


async def test_of_lines_she_left_alone_only_the_newest_decisions_are_kept(
    store: PostgresStore, rooms: PostgresRooms, ask: Rows, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(room_statements, "DECISIONS_KEPT", 3)
    other = replace(ROOM, channel_id=ChannelId(399))
    await hear(store, "Mira?", ASKED)
    lines = [await hear(store, f"line {number}") for number in range(5)]
    elsewhere = [await hear(store, f"there {number}", channel=other) for number in range(3)]
    await rooms.forget_overheard(START)
    left = [row["message_id"] for row in await ask("SELECT message_id FROM decisions ORDER BY message_id")]
    assert left[1:] == [message.message_id for message in (*lines[2:], *elsewhere)]
    assert await ask(f"SELECT outcome FROM decisions WHERE message_id = {left[0]}") == [{"outcome": "answer"}]


async def test_no_statement_is_planned_anew_each_time(statements: StatementPool):
    assert (await statements.run("SELECT current_setting('plan_cache_mode') AS mode"))[0][
        "mode"
    ] == "force_generic_plan"


async def test_the_policies_of_other_channels_do_not_matter(store: PostgresStore, rooms: PostgresRooms):
    other = replace(ROOM, channel_id=ChannelId(399), kind=ChannelKind.GUILD)
    await let(rooms, Hearing.LISTEN)
    await let(rooms, Hearing.IGNORE, other)
    await hear(store, "joining", JOINING)
    assert LISTENING.hearing is Hearing.LISTEN
    assert await texts(store) == ["joining"]
