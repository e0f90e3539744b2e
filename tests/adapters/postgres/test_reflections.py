"""Reflection in the database: what a group holds, that it is claimed once, and that nothing is kept of what changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.adapters.postgres.memory_rows import keep_memories, new_memories, new_memories_json
from bot.adapters.postgres.reflections import PostgresReflections
from bot.domain.attention import Attention
from bot.domain.memory import MemoryKind, MemoryState, NewMemory, NoteKind, Origin, Refusal
from bot.domain.message import Audience, AudienceKind
from bot.domain.reflection import Kept, NewNote, Reflected
from bot.domain.settling import new_of
from tests.fakes import ADA, BEN, OTHER_DM, ROOM, START, dm_message, guild_message

MIRA = "mira"
LATER = START + timedelta(hours=7)
ADAS = Audience(AudienceKind.PERSON, int(ADA.user_id))
ROOMS = Audience(AudienceKind.CHANNEL, int(ROOM.channel_id))
KEEP = f"WITH {new_memories('$1')}, {keep_memories('$2')} SELECT memory_id FROM kept"


@pytest.fixture
def reflections(statements):
    return PostgresReflections(statements)


@pytest.fixture
def tell(statements, lone_store):
    """Let somebody say a line, and note something of it that is to be thought over."""

    async def run(text, *, author=ADA, said=None, room=False, kind=MemoryKind.FACT, waits=True, **more):
        made = guild_message if room else dm_message
        place = {} if room or author is ADA else {"channel": OTHER_DM}
        line = made(said or text, author=author, sent_at=more.pop("said_at", START), **place)
        await lone_store.hear(line, Attention(True, ("dm",)), START)
        memory = NewMemory(
            author.user_id,
            kind,
            text,
            line.audience(),
            (line.message_id,),
            more.pop("salience", 4),
            0.6,
            line.sent_at,
            **more,
        )
        rows = await statements.run(KEEP, new_memories_json([memory]), START)
        audience = line.audience()
        if waits:
            await statements.run(
                "INSERT INTO reflections VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
                author.user_id,
                audience.kind,
                audience.audience_id,
                START,
            )
        return rows[0]["memory_id"], line

    return run


@pytest_asyncio.fixture
async def group(tell, reflections):
    """Claim a group of two candidates and a memory."""
    await tell("has a cat called Miso", state=MemoryState.CURRENT, waits=False)
    await tell("the cat's name is Miso")
    await tell("works nights at the harbour", said_at=START + timedelta(minutes=30))
    return await reflections.claim_group(LATER, companion=MIRA)


async def memory_rows(ask):
    return {row["text"]: row for row in await ask("SELECT * FROM memories ORDER BY memory_id")}


async def test_nothing_due_is_nothing_to_claim(reflections, tell):
    assert await reflections.claim_group(LATER, companion=MIRA) is None
    await tell("likes tea")
    assert await reflections.claim_group(START - timedelta(seconds=1), companion=MIRA) is None


async def test_group_is_claimed_once_until_the_lease_is_over(reflections, group):
    assert [one.text for one in group.candidates] == ["works nights at the harbour", "the cat's name is Miso"]
    assert [one.text for one in group.current] == ["has a cat called Miso"]
    assert len(group.lines) == 2 and group.name == "Ada" and group.audience == ADAS
    assert await reflections.claim_group(LATER + timedelta(minutes=14), companion=MIRA) is None
    assert await reflections.claim_group(LATER + timedelta(minutes=15), companion=MIRA) is not None


async def test_of_many_processes_each_claims_another_group(reflections, tell, statements):
    await tell("likes tea")
    await tell("likes rum", author=BEN)
    await tell("likes the room", room=True)
    others = [PostgresReflections(statements) for _ in range(6)]
    claimed = await asyncio.gather(*(one.claim_group(LATER, companion=MIRA) for one in others))
    groups = [(one.owner_id, one.audience) for one in claimed if one is not None]
    assert len(groups) == 3 and len(set(groups)) == 3


async def test_group_holds_one_owner_and_one_audience(reflections, tell, statements):
    await tell("secret of the bed", said="the canary is azure")
    await tell("spoke of the room", said="hello room", room=True)
    await tell("ben's own matter", said="ben here", room=True, author=BEN)
    for audience in (ADAS, ROOMS):
        await statements.run(
            "INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at,"
            " revised_at) VALUES ('mira', 'opinion', $1, $2, $3, .5, $4, $4)",
            f"I note {audience.kind}",
            audience.kind,
            audience.audience_id,
            START,
        )
    groups = [await reflections.claim_group(LATER, companion=MIRA) for _ in range(3)]
    for group in groups:
        every = (*group.candidates, *group.current)
        assert all((one.owner_id, one.audience) == (group.owner_id, group.audience) for one in every)
        assert all(line.audience() == group.audience and line.author.user_id == group.owner_id for line in group.lines)
        assert all(note.audience == group.audience for note in group.notes)
    shown = {(one.owner_id, one.audience): [line.content for line in one.lines] for one in groups}
    assert shown == {
        (ADA.user_id, ADAS): ["the canary is azure"],
        (ADA.user_id, ROOMS): ["hello room"],
        (BEN.user_id, ROOMS): ["ben here"],
    }


async def test_who_wants_not_to_be_heard_is_not_thought_over(reflections, tell, statements):
    await tell("likes tea")
    await statements.run("INSERT INTO silences (user_id, since) VALUES ($1, $2)", ADA.user_id, START)
    assert await reflections.claim_group(LATER, companion=MIRA) is None


async def test_what_came_of_it_is_kept(reflections, group, ask):
    night, cat = group.candidates
    known = group.current[0]
    again = Kept(new_of(known), known.memory_id, (cat.memory_id,))
    worded = Kept(new_of(night), night.memory_id)
    again = replace(again, memory=replace(again.memory, sources=(*known.sources, *cat.sources), confidence=0.8))
    new_words = replace(
        worded.memory, text="Works night shifts at the harbour.", salience=7, tags=("work",), origin=Origin.REFLECTION
    )
    result = Reflected(
        kept=(again, replace(worded, memory=new_words)),
        notes=(
            NewNote(NoteKind.OPINION, "I think nights are long.", 0.4, tuple(one.message_id for one in group.lines)),
        ),
        refused={Refusal.INSTRUCTION: 2},
    )
    assert await reflections.reflected(group, result, LATER, companion=MIRA)
    rows = await memory_rows(ask)
    assert rows["has a cat called Miso"]["seen_count"] == 2 and rows["has a cat called Miso"]["confidence"] == 0.8
    assert rows["the cat's name is Miso"]["state"] == "superseded"
    assert rows["the cat's name is Miso"]["superseded_by"] == known.memory_id
    night_row = rows["Works night shifts at the harbour."]
    assert (night_row["state"], night_row["salience"], night_row["tags"]) == ("current", 7, ["work"])
    assert night_row["origin"] == "reflection" and night_row["text_key"] == "works night shifts at the harbour"
    found = await ask("SELECT 1 FROM memories WHERE lexemes @@ to_tsquery('simple', 'shift | shifts')")
    assert len(found) == 1
    assert len(await ask(f"SELECT 1 FROM memory_sources WHERE memory_id = {known.memory_id}")) == 2
    assert [row["count"] for row in await ask("SELECT count FROM memory_refusals")] == [2]
    assert len(await ask("SELECT 1 FROM self_note_sources")) == 2
    assert await ask("SELECT 1 FROM reflections") == []
    # once more, as on a connection that broke, changes nothing
    assert not await reflections.reflected(group, result, LATER, companion=MIRA)
    assert (await memory_rows(ask))["has a cat called Miso"]["seen_count"] == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET state = 'withdrawn', content = '' WHERE content LIKE 'the cat%'",
        "UPDATE messages SET content = 'the dog is Miso' WHERE content LIKE 'the cat%'",
        "DELETE FROM memories WHERE text LIKE 'has a cat%'",
        "UPDATE memories SET text = 'mine', is_edited = true WHERE text LIKE 'has a cat%'",
        "UPDATE memories SET state = 'archived' WHERE text LIKE 'the cat%'",
        "INSERT INTO silences (user_id, since) VALUES (101, now())",
        "DELETE FROM reflections",
    ],
)
async def test_nothing_is_kept_where_something_of_it_changed_meanwhile(reflections, group, ask, change):
    await ask(change)
    before = await ask("SELECT * FROM memories ORDER BY memory_id")
    night = group.candidates[0]
    result = Reflected(
        kept=(Kept(replace(new_of(night), text="quite other words"), night.memory_id),),
        dropped=(group.candidates[1].memory_id,),
        notes=(NewNote(NoteKind.OPINION, "I think so.", 0.4, (group.lines[0].message_id,)),),
        refused={Refusal.SECRET: 1},
    )
    assert not await reflections.reflected(group, result, LATER, companion=MIRA)
    assert await ask("SELECT * FROM memories ORDER BY memory_id") == before
    for table in ("self_notes", "memory_refusals"):
        assert await ask(f"SELECT 1 FROM {table}") == []


async def test_dropped_ones_are_archived_and_looked_at_no_more(reflections, group, ask):
    dropped = tuple(one.memory_id for one in group.candidates)
    assert await reflections.reflected(group, Reflected(dropped=dropped), LATER, companion=MIRA)
    states = [row["state"] for row in await ask("SELECT state FROM memories ORDER BY memory_id")]
    assert states == ["current", "archived", "archived"]


async def test_what_is_left_waits_on(reflections, group, tell, ask):
    await tell("a newer matter")
    assert await reflections.reflected(group, Reflected(), LATER, companion=MIRA)
    (row,) = await ask("SELECT due_at FROM reflections")
    assert row["due_at"] > LATER
    again = await reflections.claim_group(LATER + timedelta(hours=7), companion=MIRA)
    assert [one.text for one in again.candidates] == [
        "a newer matter",
        "works nights at the harbour",
        "the cat's name is Miso",
    ] or again.candidates[0].text == "a newer matter"


async def test_words_that_another_memory_has_are_not_taken(reflections, group, tell, ask):
    await tell("works by night", state=MemoryState.CURRENT, waits=False)
    night = group.candidates[0]
    kept = Kept(replace(new_of(night), text="Works by night"), night.memory_id)
    assert await reflections.reflected(group, Reflected(kept=(kept,)), LATER, companion=MIRA)
    assert (await memory_rows(ask))["works nights at the harbour"]["state"] == "current"


async def test_edited_lines_come_with_what_was_made_of_them(reflections, tell, statements, ask):
    _, line = await tell("lives in Rome", state=MemoryState.CURRENT, said="I live in Oslo")
    await statements.run("UPDATE reflections SET reread_ids = ARRAY[$1::bigint]", line.message_id)
    group = await reflections.claim_group(LATER, companion=MIRA)
    assert group.reread == {line.message_id} and [one.content for one in group.lines] == ["I live in Oslo"]
    new = NewMemory(
        ADA.user_id,
        MemoryKind.FACT,
        "lives in Oslo",
        ADAS,
        (line.message_id,),
        7,
        0.6,
        START,
        Origin.REFLECTION,
        MemoryState.CURRENT,
    )
    result = Reflected(kept=(Kept(new),), dropped=(group.current[0].memory_id,))
    assert await reflections.reflected(group, result, LATER, companion=MIRA)
    rows = await memory_rows(ask)
    assert (rows["lives in Rome"]["state"], rows["lives in Oslo"]["state"]) == ("archived", "current")
    assert await ask("SELECT 1 FROM reflections") == []


async def test_line_edited_during_the_call_is_read_again(reflections, group, statements, ask):
    extra = group.lines[0].message_id
    await statements.run("UPDATE reflections SET reread_ids = ARRAY[$1::bigint]", extra)
    assert await reflections.reflected(group, Reflected(), LATER, companion=MIRA)
    (row,) = await ask("SELECT reread_ids, due_at FROM reflections")
    assert row["reread_ids"] == [extra] and row["due_at"] == LATER


async def test_candidate_that_stands_in_no_list_is_found(reflections, tell, ask):
    await tell("likes tea", waits=False)
    assert await reflections.claim_group(LATER, companion=MIRA) is None
    assert await reflections.claim_group(LATER, companion=MIRA) is not None


async def test_revised_note_keeps_the_sources_it_had(reflections, group, tell, ask):
    lines = [line.message_id for line in group.lines]
    first = NewNote(NoteKind.NARRATIVE, "I sat up with them.", 0.3, (lines[0],))
    assert await reflections.reflected(group, Reflected(notes=(first,)), LATER, companion=MIRA)
    await tell("a newer matter")
    again = await reflections.claim_group(LATER + timedelta(days=1), companion=MIRA)
    (note,) = again.notes
    better = NewNote(
        NoteKind.NARRATIVE, "I sat up with them for a week.", 0.5, (again.lines[-1].message_id,), note.note_id
    )
    assert await reflections.reflected(again, Reflected(notes=(better,)), LATER, companion=MIRA)
    assert [row["text"] for row in await ask("SELECT text FROM self_notes")] == ["I sat up with them for a week."]
    assert len(await ask("SELECT 1 FROM self_note_sources")) == 2


async def test_tastes_are_settled_and_their_reasons_counted(reflections, group, ask):
    lines = tuple(line.message_id for line in group.lines)
    note = NewNote(NoteKind.TASTE, "You have come to like tea.", 0.3, lines)
    assert await reflections.reflected(group, Reflected(notes=(note,)), LATER, companion=MIRA)
    (reason,) = await reflections.taste_reasons(MIRA)
    assert (reason.text, reason.author, reason.days) == ("You have come to like tea.", ADA.user_id, 1)
    await reflections.settle_tastes(
        MIRA, {"You have come to like tea.": 0.1, "You have come to like rain.": 0.2}, START
    )
    await reflections.settle_tastes(MIRA, {"You have come to like tea.": 0.2}, LATER)
    assert await reflections.tastes(MIRA) == {"You have come to like tea.": (0.2, LATER)}
    assert len(await ask("SELECT 1 FROM self_notes WHERE audience_kind IS NULL")) == 1
    assert await reflections.tastes("jasmine") == {}


async def test_hundred_memories_are_bounded_to_a_group(reflections, tell, statements):
    await tell("cats and dogs and tea")
    await statements.run(
        "INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience,"
        " confidence, said_at, created_at, lexemes) SELECT $1, 'fact', 'matter ' || n, 'matter ' || n, 'person', $2,"
        " CASE WHEN n % 2 = 0 THEN 'current' ELSE 'candidate' END, 'talk', 3, .5, $3, $3,"
        " to_tsvector('english', CASE WHEN n = 2 THEN 'cats' ELSE 'other' END) FROM generate_series(1, 400) n",
        ADA.user_id,
        int(ADA.user_id),
        START - timedelta(days=3),
    )
    group = await reflections.claim_group(LATER, companion=MIRA)
    assert len(group.candidates) <= 20 and len(group.current) <= 40
    assert group.current[0].text == "matter 2"
