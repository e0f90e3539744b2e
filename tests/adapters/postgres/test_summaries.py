"""Summaries and context chains in the store: what is told of, what is carried on, and what is dropped again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.postgres.memory_rows import keep_memories, new_memories, new_memories_json
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.extract import NOT_KEPT
from bot.domain.handoff import ContextStep
from bot.domain.ids import ChannelId, TurnId
from bot.domain.memory import MemoryKind, MemoryState, NewMemory
from bot.domain.message import Audience, AudienceKind, Person
from bot.domain.turn import Claim, NewPart, PartKind
from bot.memory_ports import NewSummary, Stretch, SummaryTask
from tests.fakes import ADA, BEN, ROOM, START, next_id
from tests.room_scene import ASKED, LISTEN, claimed, close, hear, later, turn

Rows = Callable[[str], Awaitable[list[Mapping[str, Any]]]]
HERE = Audience(AudienceKind.CHANNEL, int(ROOM.channel_id))
LETTERS = 24_000


@pytest.fixture
def store(lone_store: PostgresStore) -> PostgresStore:
    return lone_store


@pytest.fixture
def rows(ask: Rows) -> Rows:
    return ask


@pytest.fixture
def kept(statements: StatementPool) -> PostgresSummaries:
    return PostgresSummaries(statements)


async def talked(store: PostgresStore, content: str = "Mira?", author: Person = ADA, reply: str = "Yes.") -> Claim:
    """Let her answer a line in words."""
    await hear(store, content, ASKED, author)
    claim = await claimed(store)
    part = await store.commit_part(claim, NewPart(0, PartKind.TEXT, reply, claim.last.message_id), START)
    await store.finish(claim, close())
    await store.mark_sent(part, next_id(), START)
    return claim


async def cut(rows: Rows, turn_id: int) -> None:
    """Let the history start there, and talk wait to be summarised."""
    await rows(f"UPDATE channels SET context_from_turn = {turn_id}")
    await rows(
        f"INSERT INTO contexts (channel_id, handoff_before, summary_due_at) "
        f"VALUES ({ROOM.channel_id}, {turn_id}, '{START.isoformat()}') ON CONFLICT (channel_id) DO UPDATE "
        f"SET handoff_before = excluded.handoff_before, summary_due_at = excluded.summary_due_at"
    )


async def due(kept: PostgresSummaries) -> SummaryTask:
    """Take hold of the room."""
    tasks = await kept.due(START, limit=5)
    assert [task.channel_id for task in tasks] == [ROOM.channel_id]
    return tasks[0]


async def waiting(kept: PostgresSummaries, before: int | None = None, letters: int = LETTERS) -> Stretch | None:
    return await kept.unsummarised(
        ROOM.channel_id, before=None if before is None else TurnId(before), letters_most=letters
    )


async def texts(kept: PostgresSummaries) -> list[str]:
    """List what waits to be summarised."""
    stretch = await waiting(kept)
    return [] if stretch is None else [said.message.content for said in stretch.lines]


def told(stretch: Stretch, text: str = "They talked.", **more: Any) -> list[NewSummary]:
    """Make the summary of a stretch, and a row for each person in it."""
    lines = stretch.lines
    whole = NewSummary(
        channel_id=stretch.channel_id,
        person_id=None,
        level=0,
        audience=stretch.audience,
        text=text,
        note="It was late.",
        from_turn=lines[0].turn_id,
        to_turn=lines[-1].turn_id,
        said_from=START,
        said_to=later(60),
    )
    people = dict.fromkeys(said.message.author for said in lines if not said.message.author.is_bot)
    return [
        replace(whole, **more),
        *(replace(whole, person_id=one.user_id, text=f"By {one.user_id}.") for one in people),
    ]


async def summarised(kept: PostgresSummaries, letters: int = 1) -> int:
    """Summarise what waits, turn by turn; gives how many there were."""
    task, count = await due(kept), 0
    while (stretch := await waiting(kept, letters=letters)) is not None:
        lines = [said.message for said in stretch.lines]
        assert await kept.keep(task, told(stretch, f"They talked {stretch.lines[0].turn_id}."), START, of=lines)
        count += 1
    await kept.done(task)
    return count


# what is told of


async def test_of_a_channel_nobody_knows_there_is_nothing(kept: PostgresSummaries):
    assert await kept.view(ChannelId(5)) == (ContextStep(), [], None)
    assert await waiting(kept) is None


async def test_only_what_lasts_is_told_of(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, rooms: PostgresRooms
):
    stranger = await hear(store, "psst", LISTEN, BEN)
    await talked(store, "keep this")
    gone, declined = await talked(store, "gone"), await talked(store, "declined")
    await store.withdraw([gone.last.message_id], START)
    await rows(f"UPDATE messages SET state = 'declined' WHERE message_id = {declined.last.message_id}")
    await talked(store, "of Ben", BEN, reply="Oh, of Ben!")
    last = await talked(store, "still shown")
    await cut(rows, last.turn_id)
    assert "psst" not in await texts(kept) and stranger.author == BEN
    assert await texts(kept) == ["keep this", "Yes.", "Yes.", "Yes.", "of Ben", "Oh, of Ben!"]
    await rooms.set_silent(BEN.user_id, is_silent=True, now=START)
    assert await texts(kept) == ["keep this", "Yes.", "Yes.", "Yes."]


async def test_talk_that_is_to_leave_the_prompt_is_told_of_before(store: PostgresStore, kept: PostgresSummaries):
    first, second = await turn(store, "one"), await turn(store, "two")
    assert await waiting(kept) is None
    stretch = await waiting(kept, before=second.turn_id)
    assert stretch is not None and {said.turn_id for said in stretch.lines} == {first.turn_id}
    assert stretch.audience == HERE


async def test_a_stretch_is_whole_turns_and_ends_where_a_summary_begins(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows
):
    claims = [await talked(store, f"{number} " + "x" * 100) for number in range(5)]
    await cut(rows, claims[4].turn_id + 1)
    stretch = await waiting(kept, letters=250)
    assert stretch is not None
    assert [said.turn_id for said in stretch.lines] == [claims[0].turn_id] * 2 + [claims[1].turn_id] * 2
    task = await due(kept)
    middle = replace(stretch, lines=tuple(replace(said, turn_id=claims[2].turn_id) for said in stretch.lines))
    assert await kept.keep(task, told(middle), START)
    stretch = await waiting(kept)
    assert stretch is not None and {said.turn_id for said in stretch.lines} == {one.turn_id for one in claims[:2]}


# keeping


async def test_nothing_is_kept_of_a_line_that_changed_meanwhile(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, rooms: PostgresRooms
):
    claim = await turn(store, "my secret")
    await cut(rows, claim.turn_id + 1)
    task, stretch = await due(kept), await waiting(kept)
    assert stretch is not None
    lines = [said.message for said in stretch.lines]
    await store.edit(claim.last.message_id, "no secret", later(1))
    assert not await kept.keep(task, told(stretch), START, of=lines)
    stretch = await waiting(kept)
    assert stretch is not None
    lines = [said.message for said in stretch.lines]
    await rooms.set_silent(ADA.user_id, is_silent=True, now=START)
    assert not await kept.keep(task, told(stretch), START, of=lines)
    await rooms.set_silent(ADA.user_id, is_silent=False, now=START)
    await store.withdraw([claim.last.message_id], START)
    assert not await kept.keep(task, told(stretch), START, of=lines)
    assert await rows("SELECT 1 FROM summaries") == []


async def test_a_channel_in_hand_is_not_due_and_who_lost_it_keeps_nothing(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows
):
    claim = await turn(store, "one")
    await cut(rows, claim.turn_id + 1)
    slow, stretch = await due(kept), await waiting(kept)
    assert stretch is not None
    assert await kept.due(later(899), limit=5) == []
    quick = (await kept.due(later(901), limit=5))[0]
    lines = [said.message for said in stretch.lines]
    assert not await kept.keep(slow, told(stretch), START, of=lines)
    assert await kept.keep(quick, told(stretch), START, of=lines)
    await kept.done(slow)
    assert (await rows("SELECT summary_due_at FROM contexts"))[0]["summary_due_at"] == quick.held_until
    await kept.done(quick, later(2_000))
    assert await kept.due(later(1_999), limit=5) == [] and await kept.due(later(2_000), limit=5)


async def test_of_two_that_keep_at_once_one_does(store: PostgresStore, kept: PostgresSummaries, rows: Rows):
    claim = await turn(store, "one")
    await cut(rows, claim.turn_id + 1)
    slow, stretch = await due(kept), await waiting(kept)
    quick = (await kept.due(later(901), limit=5))[0]
    assert stretch is not None
    lines = [said.message for said in stretch.lines]
    took = await asyncio.gather(
        *(kept.keep(task, told(stretch), START, of=lines) for task in (slow, slow, quick, slow, slow))
    )
    assert took == [False, False, True, False, False]
    assert await kept.keep(quick, told(stretch), START, of=lines)  # its answer was lost, and it was sent again
    assert len(await rows("SELECT 1 FROM summaries WHERE person_id IS NULL")) == 1


async def test_a_delete_beside_a_summary_leaves_nothing_of_the_line(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows
):
    for number in range(25):
        claim = await turn(store, f"secret {number}")
        await cut(rows, claim.turn_id + 1)
        task, stretch = await due(kept), await waiting(kept)
        assert stretch is not None
        lines = [said.message for said in stretch.lines]
        taken = kept.keep(task, told(stretch, f"secret {number}"), START, of=lines)
        await asyncio.gather(taken, store.withdraw([claim.last.message_id], START))
        changes = await store.changes(10)
        await kept.drop_covering([change.message_id for change in changes], START)
        await store.followed(changes)
        assert await rows("SELECT 1 FROM summaries") == []


async def test_a_cut_moves_forward_only_and_begins_a_cooldown(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows
):
    first, second = await turn(store, "one"), await turn(store, "two")
    await cut(rows, first.turn_id)
    await rows("UPDATE contexts SET turns_since = 9, low_cache_turns = 3, handoff_before = NULL")
    task = await due(kept)
    assert await kept.keep(task, (), START, cut_at=second.turn_id)
    found = (await rows("SELECT x.*, c.context_from_turn FROM contexts x JOIN channels c USING (channel_id)"))[0]
    assert (found["turns_since"], found["low_cache_turns"]) == (0, 0)
    assert found["handoff_before"] == found["context_from_turn"] == second.turn_id
    await rows("UPDATE contexts SET turns_since = 9, handoff_before = NULL")
    assert await kept.keep(task, (), START, cut_at=first.turn_id)  # it was cut further on meanwhile
    found = (await rows("SELECT x.*, c.context_from_turn FROM contexts x JOIN channels c USING (channel_id)"))[0]
    assert (found["turns_since"], found["handoff_before"], found["context_from_turn"]) == (9, None, second.turn_id)


# what is shown


async def test_a_summary_of_talk_that_is_still_shown_waits(store: PostgresStore, kept: PostgresSummaries, rows: Rows):
    first, second = await turn(store, "one"), await turn(store, "two", BEN)
    await cut(rows, first.turn_id)
    stretch = await waiting(kept, before=second.turn_id + 1)
    assert stretch is not None
    assert await kept.keep(await due(kept), told(stretch), START, of=[said.message for said in stretch.lines])
    assert (await kept.view(ROOM.channel_id))[1] == []
    await rows(f"UPDATE channels SET context_from_turn = {second.turn_id + 1}")
    shown = (await kept.view(ROOM.channel_id))[1]
    assert [(one.person_id, one.text) for one in shown] == [(None, "They talked."), (101, "By 101."), (102, "By 102.")]
    assert {one.audience for one in shown} == {HERE}


async def test_a_handoff_is_put_into_words_when_it_is_shown(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, rooms: PostgresRooms
):
    for number in range(5):
        await talked(store, f"{number} " + "x" * 900)
    gone, of_ben = await talked(store, "gone"), await talked(store, "Ben's", BEN, reply="Ben!")
    last = await talked(store, "still shown")
    await cut(rows, last.turn_id)
    await store.withdraw([gone.last.message_id], START)
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None and handoff.summary is not None and handoff.cut == last.turn_id
    assert handoff.summary.summary_id == NOT_KEPT and "“0 xx" in handoff.summary.text, "none was made: its own lines"
    assert handoff.note.endswith("said last: “Ben's” You answered: “Ben!”")
    assert "gone" not in handoff.summary.text + handoff.note
    assert [line.content[:4] for line in handoff.lines] == ["Yes.", "4 xx", "Yes.", "Yes.", "Ben'", "Ben!"]
    assert all(len(line.content) <= 500 for line in handoff.lines)
    assert handoff.lines[-2].author == BEN and of_ben.turn_id < last.turn_id
    await rooms.set_silent(BEN.user_id, is_silent=True, now=START)
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None and [line.content[:4] for line in handoff.lines][-2:] == ["Yes.", "Yes."]
    assert not [line for line in handoff.lines if "Ben" in line.content]
    assert handoff.summary is not None and "Ben" not in handoff.summary.text + handoff.note
    await summarised(kept, letters=LETTERS)
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None and handoff.summary is not None and handoff.note == "It was late."


async def test_what_holds_no_longer_stands_for_no_talk(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, statements: StatementPool
):
    moved = await talked(store, "I live in Porto near the river")
    await cut(rows, [await talked(store, f"{number} " + "x" * 900) for number in range(5)][-1].turn_id)
    told_of = replace(memory(MemoryKind.FACT, "Ada lives in Porto."), sources=(moved.last.message_id,))
    await remember(statements, told_of, memory(MemoryKind.FACT, "Ada lives in Bergen."))
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None and handoff.summary is not None and "Porto" in handoff.summary.text
    await rows(
        "UPDATE memories SET state = 'superseded', superseded_by = newer.memory_id FROM memories newer "
        "WHERE memories.text LIKE '%Porto.' AND newer.text LIKE '%Bergen.'"
    )
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None and handoff.summary is not None and "Porto" not in handoff.summary.text


async def remember(statements: StatementPool, *memories: NewMemory) -> None:
    sql = f"WITH {new_memories('$1')}, {keep_memories('$2')} SELECT count(*) FROM kept"
    await statements.run(sql, new_memories_json(memories), START)


def memory(kind: MemoryKind, text: str, audience: Audience = HERE, **more: Any) -> NewMemory:
    fields = {"salience": 5, "confidence": 0.8, "said_at": START, "state": MemoryState.CURRENT} | more
    return NewMemory(fields.pop("owner_id", ADA.user_id), kind, text, audience, (), **fields)


async def test_what_is_open_is_carried_on_within_its_audience(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, statements: StatementPool
):
    first = await turn(store, "one")
    private, server = Audience(AudienceKind.PERSON, 101), Audience(AudienceKind.GUILD, int(ROOM.guild_id or 0))
    await remember(
        statements,
        *(memory(MemoryKind.GOAL, f"goal {number}", said_at=later(number)) for number in range(5)),
        *(memory(MemoryKind.DECISION, f"decision {number}", said_at=later(number)) for number in range(7)),
        memory(MemoryKind.PROMISE, "to call", server),
        memory(MemoryKind.PROMISE, "a secret", private),
        memory(MemoryKind.PROMISE, "elsewhere", Audience(AudienceKind.CHANNEL, 999)),
        memory(MemoryKind.PROMISE, "other server", Audience(AudienceKind.GUILD, 999)),
        memory(MemoryKind.PROMISE, "maybe", state=MemoryState.CANDIDATE),
        memory(MemoryKind.FACT, "a fact"),
        memory(MemoryKind.PROMISE, "kept", said_at=later(9)),
    )
    await rows("UPDATE memories SET done_at = now() WHERE text = 'kept'")
    await cut(rows, first.turn_id + 1)
    handoff = (await kept.view(ROOM.channel_id))[2]
    assert handoff is not None
    assert [one.text for one in handoff.goals] == ["goal 4", "goal 3", "goal 2"]
    assert [one.text for one in handoff.decisions] == [f"decision {number}" for number in (6, 5, 4, 3, 2)]
    assert [one.text for one in handoff.promises] == ["to call"]


# what goes again


async def test_with_a_line_every_summary_of_it_goes_and_the_rest_is_told_of_anew(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows
):
    claims = [await turn(store, f"line {number}") for number in range(8)]
    await cut(rows, claims[-1].turn_id + 1)
    assert await summarised(kept) == 8
    await rows(f"UPDATE contexts SET summary_due_at = '{START.isoformat()}'")
    task = await due(kept)
    while parts := await kept.to_condense(ROOM.channel_id):
        whole = NewSummary(
            ROOM.channel_id, parts[0].person_id, parts[0].level + 1, HERE, "All of it.", "",
            parts[0].from_turn, parts[-1].to_turn, START, START,
        )  # fmt: skip
        assert await kept.condense(task, [part.summary_id for part in parts], whole, START)
        assert not await kept.condense(task, [part.summary_id for part in parts], whole, START)
    await kept.done(task)
    levels = [one.level for one in (await kept.view(ROOM.channel_id))[1] if one.person_id is None]
    assert levels == [1, 1, 0, 0]
    gone = claims[1]
    await store.withdraw([gone.last.message_id], START)
    assert await kept.drop_covering([gone.last.message_id], START) == 4  # of the talk and of Ada, two each
    shown = [one for one in (await kept.view(ROOM.channel_id))[1] if one.person_id is None]
    assert [(one.level, one.from_turn) for one in shown] == [
        (0, claims[0].turn_id), (0, claims[2].turn_id), (1, claims[3].turn_id),
        (0, claims[6].turn_id), (0, claims[7].turn_id),
    ]  # fmt: skip
    assert await kept.due(START, limit=5) != []
    assert await waiting(kept) is None  # of that turn nothing is left


async def test_a_gap_is_found_whoever_made_it(store: PostgresStore, kept: PostgresSummaries, rows: Rows):
    claims = [await turn(store, f"line {number}") for number in range(4)]
    await cut(rows, claims[-1].turn_id + 1)
    await summarised(kept)
    assert await kept.mend(START, limit=10) == 0
    await rows(f"DELETE FROM summaries WHERE from_turn = {claims[1].turn_id}")
    assert await kept.mend(START, limit=10) in (0, 1)  # the round may just have ended
    await kept.mend(START, limit=10)
    assert await summarised(kept) == 1
    await rows(f"DELETE FROM summaries WHERE from_turn = {claims[3].turn_id}")
    for _ in range(2):
        await kept.mend(START, limit=10)
    assert await texts(kept) == ["line 3"]


async def test_who_does_not_want_to_be_heard_is_in_no_summary(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, rooms: PostgresRooms
):
    await turn(store, "Ada's", ADA)
    last = await turn(store, "Ben's", BEN)
    await cut(rows, last.turn_id + 1)
    await summarised(kept, letters=LETTERS)
    await rooms.set_silent(BEN.user_id, is_silent=True, now=START)
    assert (await kept.view(ROOM.channel_id))[1] == []  # at once
    await kept.mend(START, limit=10)
    assert await rows("SELECT 1 FROM summaries") == []
    assert await texts(kept) == ["Ada's"]
    await summarised(kept, letters=LETTERS)
    assert [one.text for one in (await kept.view(ROOM.channel_id))[1]][1:] == ["By 101."]


async def test_views_and_cuts_from_several_processes_agree(
    store: PostgresStore, kept: PostgresSummaries, rows: Rows, statements: StatementPool
):
    claims = [await turn(store, f"line {number}") for number in range(6)]
    await cut(rows, 0)
    other = PostgresSummaries(statements)
    task = await due(kept)
    await asyncio.gather(
        *(one.keep(task, (), START, cut_at=claims[3].turn_id) for one in (kept, other) for _ in range(3))
    )
    found = await rows("SELECT handoff_before FROM contexts")
    assert found == [{"handoff_before": claims[3].turn_id}]
    assert await kept.view(ROOM.channel_id) == await other.view(ROOM.channel_id)
