"""What is forgotten while something is being made of it elsewhere: in another process, or in one that dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.forget import PostgresForget
from bot.digest_ports import Merge
from bot.domain.ids import ChannelId, UserId
from bot.domain.memory import MemoryKind, NewMemory, Origin
from bot.domain.message import Audience, AudienceKind
from bot.memory_ports import Forgotten, SummaryTask
from tests.adapters.postgres.test_forget import ADA, CANARY, DM, SCENE, Scene
from tests.fakes import MIRA as HER
from tests.fakes import START

LATER = START + timedelta(minutes=5)
BEN, MIRA = 102, 900


@pytest_asyncio.fixture
async def scene(database_url, statements):
    plain = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    made = Scene(plain, PostgresForget(statements))
    await made.run(SCENE)
    yield made
    await plain.close()


async def test_who_dies_before_the_second_look_leaves_it_to_who_comes_next(scene, statements):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.run("INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'sending', 1030, $1)")
    await scene.messages(1010)
    await scene.line(1030, "and?", turn_id=7)
    await scene.line(1041, f"Feed {CANARY}", author_id=MIRA, turn_id=7)
    await scene.memory(f"Thinks of {CANARY}", 1030)
    await scene.run(f"""
    INSERT INTO outbox (turn_id, channel_id, part_no, kind, content, after_id, state, message_id, created_at, done_at)
    VALUES (7, 201, 0, 'text', 'Feed {CANARY}', 1030, 'sent', 1041, $1, $1);
    INSERT INTO timers (kind, channel_id, user_id, turn_id, due_at, text, audience_kind, audience_id, created_at)
    VALUES ('reminder', 201, 101, 7, $1, 'feed {CANARY}', 'person', 101, $1);
    UPDATE turns SET tail = '{{"memories": [{{"text": "{CANARY}"}}]}}' WHERE turn_id = 7;
    """)
    another = PostgresForget(statements)
    assert await another.settle(START + timedelta(minutes=1)) == Forgotten(), "who forgot it may yet look"
    assert await another.settle(LATER) == Forgotten(), "the turn may say more"
    await scene.run("UPDATE turns SET state = 'done', closed_at = $1 WHERE turn_id = 7")
    assert (await another.settle(LATER)).own_lines == 1
    assert await scene.left("quokka") == []
    assert await scene.texts("SELECT content FROM messages WHERE message_id = 1030") == ["and?"]
    assert await scene.texts("SELECT job FROM job_slots") == []


async def test_what_was_harmless_stays_where_its_process_lives(scene, statements):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.run("INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'sending', 1030, $1)")
    await scene.messages(1010)
    await scene.line(1041, "Soup, I think.", author_id=MIRA, turn_id=7)
    await scene.run("UPDATE turns SET state = 'done', closed_at = $1 WHERE turn_id = 7")
    assert await scene.forget.settle(LATER) == Forgotten()
    assert await PostgresForget(statements).settle(LATER) == Forgotten()
    assert await scene.texts("SELECT content FROM messages WHERE message_id = 1041") == ["Soup, I think."]
    assert await scene.texts("SELECT job FROM job_slots") == []


async def test_what_was_forgotten_while_its_answer_went_on_is_felt_no_more_by_who_comes_next(scene, statements):
    await scene.run("INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'sending', 1030, $1)")
    await scene.line(1030, f"my animal is {CANARY}", turn_id=7, state="claimed")
    await scene.messages(1030)
    await scene.run("""
    INSERT INTO appraisals SELECT (jsonb_populate_record(NULL::appraisals, (
        SELECT jsonb_object_agg(column_name, 1) FROM information_schema.columns
        WHERE table_name = 'appraisals' AND data_type = 'smallint')
        || '{"turn_id": 7, "message_id": 1030, "user_id": 101, "confidence": 1, "malformed": false, "similarity": 0,
            "stirred": {}}')).*;
    UPDATE turns SET state = 'done', closed_at = $1 WHERE turn_id = 7;
    """)
    await PostgresForget(statements).settle(LATER)
    assert await scene.texts("SELECT message_id FROM appraisals") == []


async def test_what_she_told_somebody_again_who_was_in_the_room_goes(scene):
    """Her answer to Ben in the room was his to be reminded of, in his own direct conversation too."""
    await scene.line(1010, f"my animal is {CANARY}", channel_id=301, turn_id=4)
    await scene.line(1012, "what is her animal?", channel_id=301, turn_id=4, author_id=BEN)
    await scene.run(
        "INSERT INTO turns (channel_id, state, after_id, started_at, closed_at) VALUES (202, 'done', 1030, $1, $1)"
    )
    await scene.line(1030, "who keeps what, again?", channel_id=202, turn_id=7, author_id=BEN)
    await scene.line(1031, f"Ada keeps {CANARY}.", channel_id=202, turn_id=7, author_id=MIRA)
    await scene.memory(f"Asked about {CANARY}", 1030, owner_id=BEN, audience_id=BEN)
    await scene.messages(1010)
    assert await scene.left("quokka") == []


async def test_what_somebody_who_was_in_the_room_says_themselves_is_theirs(scene):
    await scene.line(1010, f"my animal is {CANARY}", channel_id=301, turn_id=4)
    await scene.line(1012, "oh?", channel_id=301, turn_id=4, author_id=BEN)
    await scene.line(1015, "You and animals!", channel_id=301, turn_id=4, author_id=MIRA)
    await scene.line(1016, f"Yes, {CANARY}", channel_id=301, turn_id=4, author_id=MIRA)
    await scene.run(
        "INSERT INTO turns (channel_id, state, after_id, started_at, closed_at) VALUES (202, 'done', 1030, $1, $1)"
    )
    await scene.line(1030, f"I have {CANARY} too", channel_id=202, turn_id=7, author_id=BEN)
    await scene.line(1031, f"A {CANARY} of your own!", channel_id=202, turn_id=7, author_id=MIRA)
    await scene.messages(1010)
    theirs = await scene.texts("SELECT content FROM messages WHERE content <> '' ORDER BY message_id")
    assert theirs == ["oh?", f"I have {CANARY} too", f"A {CANARY} of your own!"]


async def test_a_draft_in_any_process_is_no_longer_its_own(scene):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.run("INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'drafting', 1030, $1)")
    await scene.line(1030, "and?", turn_id=7, state="claimed")
    await scene.messages(1010)
    assert await scene.texts("SELECT state FROM turns WHERE turn_id = 7") == ["released"]
    assert await scene.texts("SELECT state FROM messages WHERE message_id = 1030") == ["pending"]


async def test_an_answer_in_another_channel_of_the_server_goes_on(scene):
    """No prompt there can show what was said here: or who deletes much would keep her silent everywhere."""
    await scene.line(1010, f"my animal is {CANARY}", channel_id=301, turn_id=4)
    await scene.run("INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (302, 'drafting', 1030, $1)")
    await scene.messages(1010)
    assert await scene.texts("SELECT state FROM turns WHERE turn_id = 7") == ["drafting"]
    assert scene.forget.aftermath()[0] == ()


async def test_what_a_digest_had_read_before_is_not_kept(scene, statements):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.line(1020, "what do you think of it", turn_id=2)
    digest = PostgresDigest(statements, HER)
    proposal = f'{{"memories": [{{"text": "Loves {CANARY}"}}]}}'
    await scene.run(
        f"UPDATE turns SET digested_at = $1; UPDATE turns SET digested_at = NULL, tail = '{proposal}' WHERE turn_id = 2"
    )
    (turn,) = await digest.undigested(START, limit=5)
    await scene.messages(1010)
    audience = Audience(AudienceKind.PERSON, ADA)
    memory = NewMemory(
        owner_id=UserId(ADA),
        kind=MemoryKind.FACT,
        text=f"Loves {CANARY}",
        audience=audience,
        sources=(turn.lines[0].message.message_id,),
        salience=5,
        confidence=0.8,
        said_at=START,
        origin=Origin.TALK,
    )
    assert await digest.digest(turn, [Merge(memory)], {}, START)
    assert await scene.left("quokka") == []
    assert await scene.texts("SELECT message_id FROM recall_lines") == [1020], "the line itself is taken in"


async def test_a_summary_that_was_begun_with_the_record_so_far_is_not_kept(scene, statements):
    from bot.adapters.postgres.summaries import PostgresSummaries
    from bot.memory_ports import NewSummary

    await scene.line(1010, f"my animal is {CANARY}")
    held = START + timedelta(minutes=15)
    await scene.run("INSERT INTO contexts (channel_id, summary_due_at) VALUES (201, $1 + interval '15 minutes')")
    await scene.messages(1010)
    whole = NewSummary(
        channel_id=ChannelId(DM),
        person_id=None,
        level=0,
        audience=Audience(AudienceKind.PERSON, ADA),
        text=f"They have {CANARY}.",
        note="",
        from_turn=2,
        to_turn=2,
        said_from=START,
        said_to=START,
    )
    assert not await PostgresSummaries(statements).keep(SummaryTask(ChannelId(DM), held), [whole], START)
    assert await scene.left("quokka") == []


async def test_a_digest_that_has_its_lines_in_hand_does_not_keep_her_from_forgetting(scene, database_url):
    """Each waits for what the other holds: the database ends one of them, and that one begins anew."""
    await scene.line(1010, f"my animal is {CANARY}")
    digest = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    try:
        await digest.execute("SET deadlock_timeout = '20s'; BEGIN; UPDATE turns SET tail = '{}' WHERE turn_id = 1")
        forgetting = asyncio.create_task(scene.messages(1010))
        await asyncio.sleep(0.5)
        await digest.fetch("SELECT FROM messages WHERE message_id = 1010 FOR SHARE")
        await digest.execute("COMMIT")
        assert (await forgetting).messages == 1
    finally:
        await digest.close()
    assert await scene.left("quokka") == []
