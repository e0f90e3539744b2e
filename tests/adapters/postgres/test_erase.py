"""Nothing of an erased person is left in any column, and everything of theirs is in an export before.

The columns are taken from the tables as they are: one that comes to be later has to be filled here, or named below.
"""

from __future__ import annotations

import json

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import ARRAY, Column, Text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.export import EXPORTED, LEFT_OUT, PostgresExport, count_rows
from bot.adapters.postgres.forget import PostgresForget
from bot.adapters.postgres.schema import metadata
from bot.domain.ids import UserId
from bot.memory_ports import Forgotten
from tests.fakes import START
from tests.kept import everything

ADA, BEN, CLEO, MIRA = (910_000_000_000_000_000 + n for n in (1, 2, 3, 9))
WORD, OTHER = "quokka7731", "ferret5520"  # Ada's, and Ben's
OF_A_PERSON = {"user_id", "author_id", "owner_id", "speaker_id", "about_id", "person_id", "set_by", "mentioned_ids"}
OF_A_PERSON |= {"reply_to_user_id", "audience_id"}

# Columns that can hold text, or an id, and never hold anything of a person.
NEVER = {
    **dict.fromkeys(("souls", "natures", "mood_history"), "her own state"),
    **dict.fromkeys(("model_rungs", "gateway_holders", "gateway_marks", "identify_slots"), "about servers"),
    **dict.fromkeys(("processes", "failures", "job_slots", "embedders"), "about the running of it"),
    **dict.fromkeys(("model_calls", "voice_counts"), "figures, names of models"),
    **{f"turns.{name}": "short words of ours" for name in ("persona", "reasons", "timings_ms")},
    **{f"decisions.{name}": "short words of ours, figures" for name in ("reasons", "weights", "features", "policy")},
    "messages.reasons": "short words of ours",
    "people.time_zone": "the name of a zone",
    "channel_policies.quiet_zone": "the name of a zone",
    "channel_policies.persona": "the name of a persona",
    "sentiments.bond": "a word an admin chose; goes with the row, which is looked for by its person",
    "appraisals.stirred": "figures by emotion",
    "affect_events.detail": "figures, and the bond an admin chose",
    "self_notes.companion": "her name",
    "people.locale": "the name of a language",
    **{f"person_manners.{name}": "names of personas" for name in ("persona", "opted_into")},
    **{f"channel_manners.{name}": "a short word of ours" for name in ("slipped", "came_from", "because")},
    **{f"guild_settings.{name}": "what holds on a server" for name in ("house_rules", "profile")},
}

SCENE = f"""
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at, met_at)
VALUES ({ADA}, '{WORD} ada', now(), now(), now()), ({BEN}, 'Ben', now(), now(), now()),
    ({CLEO}, 'Cleo', now(), now(), now()), ({MIRA}, 'Mira', now(), now(), now());
INSERT INTO silences VALUES ({ADA}, now());
INSERT INTO channels (channel_id, guild_id, kind, seen_ids) VALUES (201, NULL, 'dm', '{{}}'), (202, NULL, 'dm', '{{}}'),
    (301, 401, 'guild', '{{1400000000000000301}}');
INSERT INTO channel_policies (channel_id, guild_id, hearing, chattiness, set_by, set_at)
VALUES (301, 401, 'listen', 1, {ADA}, now());
INSERT INTO person_manners (user_id, persona) VALUES ({ADA}, 'haven'), ({BEN}, 'haven');
INSERT INTO channel_manners (channel_id, changed_at) VALUES (201, now()), (301, now());
INSERT INTO guild_settings (guild_id, house_rules, set_by) VALUES (401, 'be kind', {ADA});
INSERT INTO turns (channel_id, state, after_id, intent, expression, persona_wish, tail, started_at, closed_at,
    recalled_lines, recalled_memories)
VALUES (201, 'done', 1400000000000000201, 'reply', '{WORD}', '{WORD}', '{{"memories": ["{WORD}"]}}', now(), now(),
        '{{}}', '{{}}'),
    (301, 'done', 1400000000000000301, 'reply', NULL, NULL, '{{"memories": ["{WORD}", "{OTHER}"]}}', now(), now(),
        '{{}}', '{{}}'),
    (301, 'done', 1400000000000000305, 'reply', NULL, NULL, '{{"memories": ["{OTHER}"]}}', now(), now(),
     '{{1400000000000000301, 1400000000000000302}}', '{{1, 3}}'),
    (202, 'done', 1400000000000000401, 'reply', NULL, NULL, '{{"memories": ["{OTHER}"]}}', now(), now(), '{{}}',
        '{{}}');
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, attachments, reply_to_id,
    audience_kind, audience_id, state, turn_id, quote, mentioned_ids, mentioned_names, reply_to_user_id, forwards,
        sent_at, heard_at)
VALUES (1400000000000000201, 201, {ADA}, 'person', '{WORD} ada', 'I have a {WORD}', '[{{"name": "{WORD}.png"}}]', NULL,
        'person', {ADA}, 'answered', 1, NULL, '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000202, 201, {MIRA}, 'self', 'Mira', 'A {WORD}!', '[]', 1400000000000000201, 'person', {ADA},
        'answered', 1,
        NULL, '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000301, 301, {ADA}, 'person', '{WORD} ada', 'it is a {WORD}', '[]', NULL, 'channel', 301,
        'answered', 2,
        NULL, '{{}}', '{{}}', NULL, '["{WORD}"]', now(), now()),
    (1400000000000000302, 301, {BEN}, 'person', 'Ben', 'mine is a {OTHER}', '[]', 1400000000000000301, 'channel', 301,
        'answered', 2, '{{"author_id": {ADA}, "name": "{WORD} ada", "text": "it is a {WORD}"}}', '{{{ADA}, {CLEO}}}',
        '{{"{ADA}": "{WORD} ada", "{CLEO}": "Cleo"}}', {ADA}, '[]', now(), now()),
    (1400000000000000303, 301, {MIRA}, 'self', 'Mira', 'Both are fine, {OTHER} and {WORD}', '[]', 1400000000000000302,
        'channel', 301, 'answered', 2, NULL, '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000305, 301, {BEN}, 'person', 'Ben', 'my {OTHER} sleeps', '[]', NULL, 'channel', 301, 'answered', 3,
        NULL,
        '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000306, 301, {MIRA}, 'self', 'Mira', 'Sleep well, {OTHER}', '[]', NULL, 'channel', 301, 'answered',
        3, NULL,
        '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000307, 301, {MIRA}, 'self', 'Mira', 'Unlike the {WORD}', '[]', NULL, 'channel', 301, 'answered', 3,
        NULL,
        '{{}}', '{{}}', NULL, '[]', now(), now()),
    (1400000000000000401, 202, {BEN}, 'person', 'Ben', 'psst: {OTHER}', '[]', NULL, 'person', {BEN}, 'answered', 4,
        NULL,
        '{{}}', '{{}}', NULL, '[]', now(), now());
INSERT INTO outbox (turn_id, channel_id, part_no, kind, content, reply_to_id, after_id, state, message_id, created_at,
    done_at, audience_kind, audience_id)
VALUES (1, 201, 0, 'text', 'A {WORD}!', NULL, 1400000000000000201, 'sent', 1400000000000000202, now(), now(),
        'person', {ADA}),
    (2, 301, 0, 'text', 'Both are fine, {OTHER} and {WORD}', 1400000000000000302, 1400000000000000301, 'sent',
     1400000000000000303, now(), now(), NULL, NULL),
    (3, 301, 0, 'text', 'Sleep well, {OTHER}', NULL, 1400000000000000305, 'sent', 1400000000000000306, now(), now(),
        NULL, NULL);
INSERT INTO decisions (message_id, channel_id, decided_at, version, outcome, reach, score, bar)
SELECT id, 301, now(), 1, 'answer', 'asked', 1, 1 FROM unnest(ARRAY[1400000000000000301, 1400000000000000305]) id;
INSERT INTO message_changes (message_id, kind, happened_at) VALUES (1400000000000000301, 'edited', now());
INSERT INTO early_deletes VALUES (1400000000000000301, '2020-01-01');
INSERT INTO timers (kind, channel_id, user_id, due_at, text, audience_kind, audience_id, created_at, source_id)
VALUES ('reminder', 201, {ADA}, now(), 'feed {WORD}', 'person', {ADA}, now(), 1400000000000000201),
    ('reminder', 202, {BEN}, now(), 'feed {OTHER}', 'person', {BEN}, now(), 1400000000000000401);
INSERT INTO appraisals SELECT (jsonb_populate_record(NULL::appraisals, (
    SELECT jsonb_object_agg(column_name, 1) FROM information_schema.columns
     WHERE table_name = 'appraisals' AND data_type = 'smallint')
    || jsonb_build_object('turn_id', turn, 'message_id', line, 'user_id', person, 'confidence', 1, 'malformed', false,
        'similarity', 0, 'stirred', '{{}}'::jsonb))).*
FROM (VALUES (1, 1400000000000000201, {ADA}), (2, 1400000000000000301, {ADA}), (2, 1400000000000000302, {BEN}),
    (3, 1400000000000000305, {BEN})) felt(turn, line, person);
INSERT INTO souls (companion, guild_id, tier, home, ocean, emotions, mood, mood_area, model_version, born_at,
        lived_until)
VALUES ('mira', NULL, 'rich', array_fill(0.1::float8, '{{5}}'), array_fill(0.1::float8, '{{5}}'),
        array_fill(0::float8, '{{27}}'), '{{0,0,0}}', '{{0,0,0}}', 1, now(), now());
INSERT INTO affect_events (soul_id, kind, turn_id, user_id, model_version, happened_at)
VALUES (1, 'burst', 1, NULL, 1, now()), (1, 'burst', 2, NULL, 1, now()), (1, 'burst', 3, NULL, 1, now()),
    (1, 'bond', NULL, {ADA}, 1, now());
INSERT INTO sentiments (soul_id, user_id, directed, stage, bond, met_at, lived_until)
VALUES (1, {ADA}, '{{}}', 'friend', 'x', now(), now()), (1, {BEN}, '{{}}', 'friend', 'x', now(), now());
INSERT INTO sentiment_days (soul_id, user_id, day, stage) VALUES (1, {ADA}, '2026-01-01', 'friend'),
    (1, {BEN}, '2026-01-01', 'friend');
INSERT INTO embedders (name, dimension) VALUES ('m', 2);
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
    lexemes)
SELECT owner, line, place, speaker, CASE place WHEN 301 THEN 'channel' ELSE 'person' END,
    CASE place WHEN 301 THEN 301 ELSE owner END, now(), sitting, to_tsvector('simple', words)
FROM (VALUES ({ADA}, 1400000000000000201, 201, {ADA}, 1400000000000000201, '{WORD}'),
    ({ADA}, 1400000000000000202, 201, {MIRA}, 1400000000000000201, '{WORD}'),
    ({ADA}, 1400000000000000301, 301, {ADA}, 1400000000000000301, '{WORD}'),
    ({BEN}, 1400000000000000302, 301, {BEN}, 1400000000000000301, '{OTHER}'),
    ({BEN}, 1400000000000000305, 301, {BEN}, 1400000000000000301, '{OTHER}'),
    ({BEN}, 1400000000000000306, 301, {MIRA}, 1400000000000000301, '{OTHER}')) r(owner, line, place, speaker, sitting,
        words);
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, about_id, salience,
    confidence, tags, said_at, created_at, milestones, lexemes)
SELECT owner, kind, words, words, 'person', owner, 'current', 'talk', about, 5, 1, ARRAY[words], now(), now(),
    jsonb_build_array(jsonb_build_object('text', words)), to_tsvector('simple', words)
FROM (VALUES ({ADA}, 'fact', '{WORD}', NULL::bigint), ({ADA}, 'portrait', 'warm', NULL), ({BEN}, 'fact', '{OTHER}',
        {ADA})) m(owner, kind, words, about);
INSERT INTO memory_sources VALUES (1, 1400000000000000201), (3, 1400000000000000401);
INSERT INTO reflections (owner_id, audience_kind, audience_id, waits_since, due_at, reread_ids)
VALUES ({ADA}, 'person', {ADA}, now(), now(), '{{1400000000000000201}}'), ({BEN}, 'person', {BEN}, now(), now(),
        '{{}}');
INSERT INTO memory_refusals VALUES ({ADA}, 'secret', 1, now()), ({BEN}, 'secret', 1, now());
INSERT INTO contexts (channel_id) VALUES (201), (301);
INSERT INTO summaries (channel_id, person_id, level, audience_kind, audience_id, text, note, from_turn, to_turn,
    said_from, said_to, created_at)
VALUES (201, NULL, 0, 'person', {ADA}, '{WORD}', '{WORD}', 1, 1, now(), now(), now()),
    (301, {ADA}, 0, 'channel', 301, '{WORD}', '', 2, 2, now(), now(), now()),
    (301, {BEN}, 0, 'channel', 301, '{OTHER}', '', 4, 4, now(), now(), now());
INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at)
VALUES ('mira', 'taste', '{WORD}', 'person', {ADA}, 1, now(), now()), ('mira', 'taste', '{OTHER}', 'person', {BEN}, 1,
        now(), now());
INSERT INTO self_note_sources VALUES (1, 1400000000000000201);
INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)
VALUES (0, 'wake', convert_to('201', 'UTF8'), now(), 'queued'), (0, 'wake', convert_to('301', 'UTF8'), now(), 'queued');
"""


def speaks(column: Column) -> bool:
    """Say whether a column can hold something of a person: words, or who they are."""
    if column.name in OF_A_PERSON or any(key.column.table.name == "people" for key in column.foreign_keys):
        return True
    if isinstance(column.type, Text):
        return f"{column.name}_known" not in "".join(str(one.name) for one in column.table.constraints)
    if isinstance(column.type, ARRAY):
        return isinstance(column.type.item_type, Text)
    return isinstance(column.type, JSONB | TSVECTOR)


SPEAKING = sorted(
    (table.name, column.name)
    for table in metadata.tables.values()
    for column in table.columns
    if speaks(column) and table.name not in NEVER and f"{table.name}.{column.name}" not in NEVER
)


@pytest_asyncio.fixture
async def plain(database_url):
    connection = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    await connection.execute(SCENE)
    yield connection
    await connection.close()


async def _holds(plain, table: str, column: str, *words: str) -> bool:
    found = await plain.fetch(f'SELECT "{column}"::text AS held FROM "{table}" WHERE "{column}" IS NOT NULL')
    return any(word in row["held"] for row in found for word in words)


@pytest.mark.parametrize(("table", "column"), SPEAKING, ids=lambda name: name)
def test_every_column_that_can_hold_a_person_is_exported_or_left_out_with_a_reason(table, column):
    is_exported = table in EXPORTED and column not in EXPORTED[table].but
    reason = LEFT_OUT.get(table) or LEFT_OUT.get(f"{table}.{column}")
    assert is_exported != bool(reason), f"{table}.{column}"


def test_what_is_left_out_is_there():
    columns = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    assert {*LEFT_OUT, *NEVER} <= columns | {*metadata.tables}
    assert {*EXPORTED} | {*LEFT_OUT} >= {*metadata.tables}
    for name, exported in EXPORTED.items():
        assert {f"{name}.{one}" for one in exported.but} <= {*LEFT_OUT}


async def test_nothing_of_an_erased_person_is_left_in_any_column(plain, statements):
    for table, column in SPEAKING:
        assert await _holds(plain, table, column, WORD, str(ADA)), f"{table}.{column} is not tried here"
    gone = await PostgresForget(statements).erase(UserId(ADA), START)
    left = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if await _holds(plain, table.name, column.name, WORD, str(ADA))
    }
    assert left == {("silences", "user_id")}
    assert (gone.messages, gone.memories, gone.souls) == (2, 2, (1,))


async def test_no_number_of_a_line_of_theirs_is_left(plain, statements):
    ids = [row[0] for row in await plain.fetch("SELECT message_id FROM messages WHERE author_id = $1", ADA)]
    await PostgresForget(statements).erase(UserId(ADA), START)
    kept = await everything(plain)
    for line in ids:
        assert {name for name, found in kept.items() if any(str(line) in one for one in found)} == set()
    assert await plain.fetchval("SELECT count(*) FROM pgqueuer WHERE payload = '201'") == 0


async def test_everybody_elses_is_left(plain, statements):
    before = {table: await plain.fetchval(f'SELECT count(*) FROM "{table}"') for table in metadata.tables}
    await PostgresForget(statements).erase(UserId(ADA), START)
    said = await plain.fetch("SELECT content FROM messages WHERE content <> '' ORDER BY message_id")
    assert [row["content"] for row in said] == [
        f"mine is a {OTHER}",
        f"my {OTHER} sleeps",
        f"Sleep well, {OTHER}",
        f"psst: {OTHER}",
    ]
    assert await plain.fetchval("SELECT text FROM memories") == OTHER
    assert await plain.fetchval("SELECT tail::text FROM turns WHERE turn_id = 3") == f'{{"memories": ["{OTHER}"]}}'
    assert await plain.fetchval(
        "SELECT mentioned_names::text FROM messages WHERE message_id = 1400000000000000302"
    ) == (f'{{"{CLEO}": "Cleo"}}')
    for table in (
        "sentiments",
        "sentiment_days",
        "timers",
        "memory_refusals",
        "reflections",
        "summaries",
        "self_notes",
    ):
        assert await plain.fetchval(f"SELECT count(*) FROM {table}") >= 1, table
    assert await plain.fetchval("SELECT count(*) FROM affect_events") == 2
    assert await plain.fetchval("SELECT count(*) FROM channel_policies") == before["channel_policies"]
    sittings = await plain.fetch("SELECT DISTINCT sitting FROM recall_lines WHERE channel_id = 301")
    assert [row[0] for row in sittings] == [1400000000000000302]


async def test_erasing_twice_or_somebody_unknown_is_no_error(plain, statements):
    forget = PostgresForget(statements)
    await forget.erase(UserId(ADA), START)
    before = await everything(plain)
    assert await forget.erase(UserId(ADA), START) == Forgotten()
    assert await forget.erase(UserId(5), START) == Forgotten()
    assert await everything(plain) == before


async def test_who_is_only_named_by_others_is_named_no_more(plain, statements):
    await plain.execute("DELETE FROM people WHERE user_id = $1", CLEO)
    await PostgresForget(statements).erase(UserId(CLEO), START)
    assert not await _holds(plain, "messages", "mentioned_names", str(CLEO), "Cleo")
    assert not await _holds(plain, "messages", "mentioned_ids", str(CLEO))


async def test_an_export_holds_all_of_a_person_and_no_other_words(plain, statements):
    export = await PostgresExport(statements)(UserId(ADA), START)
    text = json.dumps(export)
    assert OTHER not in text and "Cleo" not in text and "Both are fine" not in text
    assert set(count_rows(export)) == {*EXPORTED}
    for table, column in SPEAKING:
        if table in EXPORTED and column not in EXPORTED[table].but:
            held = json.dumps([row[column] for row in export["tables"][table]])
            is_of_another = (table, column) in {("memories", "about_id"), ("messages", "reply_to_user_id")}
            assert WORD in held or str(ADA) in held or is_of_another or column in ("mentioned_ids",), (table, column)
    assert export["user_id"] == str(ADA) and export["format"] == "mira-export"


async def test_an_export_of_nobody_is_empty(plain, statements):
    assert count_rows(await PostgresExport(statements)(UserId(5), START)) == {}
