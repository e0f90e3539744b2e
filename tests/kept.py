"""Rows in every table, with all the signs that a file format could trip over."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import asyncpg
from sqlalchemy.pool import NullPool

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.cluster import INCLUDE_LINE, Cluster
from bot.adapters.postgres.embedded import address_of
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.revisions import bring_to
from bot.adapters.postgres.server_user import choose_server_user, hand_over, open_tree, open_way

NASTY = "tab\there, line\nbreak, cr\r, back\\slash, \\N, \\., \"quotes\", 'one', naïve 🫧 العربية \u200f \x7f"
PEOPLE = 3
MESSAGES = 40

# what a database at revision 0002 holds, in the order of its foreign keys
_OLD = """
INSERT INTO people (user_id, display_name, is_bot, first_seen_at, last_seen_at)
SELECT 900000000000000000 + n, $1 || n, n = 3, '2026-01-01 00:00:00.000001+00', 'infinity' FROM generate_series(1, 3) n;
INSERT INTO channels (channel_id, guild_id, kind, context_from_turn, retry_at, retry_count)
VALUES (11, NULL, 'dm', 2, '2026-11-01 12:34:56.123456+02', 3), (12, 5, 'guild', 0, NULL, 0);
INSERT INTO turns (channel_id, state, after_id, intent, reasons, tail, timings_ms, started_at, closed_at)
SELECT 11, 'done', n, 'reply', ARRAY[$1, '', NULL, 'NULL', '{}'], jsonb_build_object('said', $1, 'n', 0.1 + n),
       '{"ask": 1e-7}', now(), now() FROM generate_series(1, 6) n;
DELETE FROM turns WHERE turn_id = 6;
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
                      state, turn_id, wake_job_id, sent_at, heard_at)
SELECT 1400000000000000000 + n, 11, 900000000000000001, 'person', 'juno', $1 || repeat('x', n * 10), 'person',
       900000000000000001, CASE WHEN n > 38 THEN 'pending' ELSE 'answered' END,
       CASE WHEN n > 38 THEN NULL ELSE 1 + n % 5 END, n, now(), now() FROM generate_series(1, 40) n;
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
                      state, sent_at, heard_at)
VALUES (7, 12, 900000000000000002, 'person', '', '', 'channel', 12, 'withdrawn', '-infinity', '0044-03-15 BC');
INSERT INTO early_deletes VALUES (5, now());
INSERT INTO outbox (turn_id, channel_id, part_no, kind, content, after_id, state, done_at, created_at)
SELECT 1 + n % 5, 11, n, 'text', $1, 1, 'sent', now(), now() FROM generate_series(0, 9) n;
INSERT INTO appraisals SELECT (jsonb_populate_record(NULL::appraisals, (
    SELECT jsonb_object_agg(column_name, 1) FROM information_schema.columns
     WHERE table_name = 'appraisals' AND data_type = 'smallint')
    || '{"turn_id": 1, "message_id": 1400000000000000005, "user_id": 900000000000000001, "confidence": 0.1,
         "malformed": false, "similarity": 0.30000000000000004, "stirred": {"joy": 0.25}}')).*;
INSERT INTO model_calls (turn_id, purpose, model, rung, prompt_hash, persona_version, attempts, duration_ms, outcome,
                         called_at)
VALUES (1, 'answer', $1, 'schema', 'abc', '1', 1, 'NaN', 'ok', now()), (NULL, 'probe', 'm', 'r', '', '', 1, 5e-324,
        'ok', now());
INSERT INTO model_rungs (endpoint, model, rung, dropped, learned_at)
VALUES ('http://one', 'é', 'schema', '{}', now()), ('http://One', 'Z', 'text', ARRAY['a,b', '"'], now());
INSERT INTO souls (companion, guild_id, tier, home, ocean, emotions, mood, mood_area, model_version, born_at,
                   lived_until)
VALUES ('mira', NULL, 'rich', array_fill(1/3::float8, '{5}'), array_fill(0.1::float8, '{5}'),
        array_fill(2/3::float8, '{27}'), '{1,2,3}', '{1e308,-1e-308,0}', 1, now(), now());
INSERT INTO sentiments (soul_id, user_id, directed, stage, bond, trust, met_at, lived_until)
VALUES (1, 900000000000000001, '{0.1,0.2}', 'friend', $1, 1/3::float8, now(), now());
INSERT INTO sentiment_days (soul_id, user_id, day, stage) VALUES (1, 900000000000000001, '2026-11-20', 'friend');
INSERT INTO affect_events (soul_id, kind, user_id, detail, model_version, happened_at)
VALUES (1, 'bond', 900000000000000001, jsonb_build_object('bond', $1), 1, now());
INSERT INTO natures (soul_id, since, ocean) VALUES (1, now(), array_fill(0.7::float8, '{5}'));
INSERT INTO mood_history (soul_id, slot, pleasure) VALUES (1, now(), 0.1);
INSERT INTO job_slots VALUES ('decay', '2026-11-20 10:00+00', now()), ('Ärger', '2026-11-20 10:00+00', now());
INSERT INTO gateway_holders VALUES (1, 0, 1, 'host-of-yesterday, pid 1', now());
"""
# and what comes to it at 0003
_THIRD = """
UPDATE people SET time_zone = 'Europe/Berlin' WHERE user_id = 900000000000000002;
UPDATE channels SET seen_ids = '{1,2,3}' WHERE channel_id = 11;
INSERT INTO timers (kind, channel_id, user_id, due_at, text, audience_kind, audience_id, created_at, state, over_at)
SELECT 'reminder', 11, 900000000000000001, now() + interval '1 hour', $1, 'person', 900000000000000001, now(),
       CASE n WHEN 1 THEN 'waiting' ELSE 'fired' END, CASE n WHEN 1 THEN NULL ELSE now() END
  FROM generate_series(1, 2) n;
INSERT INTO message_changes (message_id, kind, happened_at) VALUES (1400000000000000001, 'edited', now());
INSERT INTO failures (reference, owner, said, place, process_id, happened_at)
VALUES ('deadbeef', 'store', 'trouble', 'here', 'p', now());
INSERT INTO gateway_marks VALUES (1, 0, now());
"""
_NEW = """
INSERT INTO channels (channel_id, guild_id, kind, parent_id, is_own) VALUES (13, 5, 'thread', 12, true);
UPDATE messages
   SET state = 'context', author_name = $1, content = $1, reach = 'unsure', mentioned_ids = '{1,2}',
       mentioned_names = jsonb_build_object('1', $1, '2', ''),
       mentions_all = true, reply_to_user_id = 900000000000000002, forwards = jsonb_build_array($1, ''),
       quote = jsonb_build_object('author_id', 900000000000000002, 'name', $1, 'text', $1, 'speaker', 'person',
                                  'attachments', '[]'::jsonb)
 WHERE message_id = 7;
UPDATE outbox SET kind = 'thread', state = 'ready', done_at = NULL, place_id = 7 WHERE part_no = 9;
INSERT INTO channel_policies (channel_id, guild_id, hearing, chattiness, quiet_begins, quiet_ends, quiet_zone, persona,
                              set_by, set_at)
VALUES (12, 5, 'listen', 10, 1380, 0, 'Europe/Berlin', $1, 900000000000000001, now()),
       (14, 5, 'ignore', 0, NULL, NULL, NULL, NULL, 900000000000000001, now());
INSERT INTO silences (user_id, since) VALUES (900000000000000009, now());
INSERT INTO decisions (message_id, channel_id, decided_at, version, outcome, reach, reasons, score, bar, weights,
                       features, policy, is_hers, considered_at)
VALUES (7, 12, now(), 1, 'consider', 'unsure', ARRAY[$1, ''], 1/3::float8, 5e-324, '{"name": 0.1}',
        jsonb_build_object('said', $1), '{"hearing": "listen"}', false, now());
UPDATE people SET sensitive_since = now() WHERE user_id = 900000000000000001;
UPDATE turns SET recalled_lines = '{7}', recalled_memories = '{1}', digested_at = now() WHERE turn_id = 1;
INSERT INTO embedders (name, dimension) VALUES ($1, 3), ('other', 2);
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
                          is_own, is_question, has_time, lexemes, vector, embedder_id)
SELECT 900000000000000001, 1400000000000000000 + n, 11, 900000000000000001, 'person', 900000000000000001, now(), 1,
       n = 2, true, false, to_tsvector('simple', $1), CASE n WHEN 1 THEN '[0.1,-1e-7,65504]'::halfvec END,
       CASE n WHEN 1 THEN 1 END FROM generate_series(1, 2) n;
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, about_id, salience,
                      confidence, tags, mood, said_at, created_at, valid_to, milestones, lexemes, vector, embedder_id,
                      superseded_by)
VALUES (900000000000000001, 'fact', $1, $1, 'person', 900000000000000001, 'current', 'talk', NULL, 10, 1/3::float8,
        ARRAY[$1, ''], '{0.1,-0.2,1}', now(), now(), 'infinity', '[]', to_tsvector('simple', $1), '[1,0]', 2, NULL),
       (900000000000000001, 'goal', $1, 'before', 'channel', 12, 'superseded', 'person', 900000000000000002, 1, 0, '{}',
        NULL, now(), now(), NULL, jsonb_build_array(jsonb_build_object('text', $1)), '', NULL, NULL, 1);
INSERT INTO memory_sources VALUES (1, 1400000000000000001), (1, 1400000000000000002), (2, 7);
INSERT INTO reflections (owner_id, audience_kind, audience_id, waits_since, due_at, reread_ids)
VALUES (900000000000000001, 'person', 900000000000000001, now(), now(), '{1400000000000000001}');
INSERT INTO memory_refusals VALUES (900000000000000001, 'own line', 3, now());
INSERT INTO summaries (channel_id, person_id, level, audience_kind, audience_id, text, note, from_turn, to_turn,
                       said_from, said_to, created_at)
VALUES (11, 900000000000000001, 0, 'person', 900000000000000001, $1, $1, 1, 3, now(), now(), now());
INSERT INTO contexts (channel_id, turns_since, handoff_before, summary_due_at) VALUES (11, 4, 3, now());
INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at)
VALUES ('mira', 'taste', $1, NULL, NULL, 0.5, now(), now()), ('mira', 'opinion', '', 'channel', 12, 1, now(), now());
INSERT INTO self_note_sources VALUES (1, 1400000000000000001);
UPDATE people SET locale = 'pt-BR' WHERE user_id = 900000000000000001;
INSERT INTO person_manners (user_id, persona, chosen_at, adult_at, opted_into)
VALUES (900000000000000001, $1, now(), now(), ARRAY[$1, 'forbidden']);
INSERT INTO channel_manners (channel_id, slipped, pressure, calm, came_from, because, bridges, changed_at)
VALUES (11, $1, 3, 1, $1, 'shelter', 2, now()), (12, NULL, 0, 0, NULL, NULL, 0, now());
INSERT INTO guild_settings (guild_id, house_rules, set_by, set_at, greeted_at, profile)
VALUES (5, $1, 900000000000000001, now(), now(), $1);
INSERT INTO voice_counts VALUES ('é', $1, 7, 2, 1);
"""
LAST_TURN = 6  # counted, and deleted again: its number must not come twice


async def fill_old(connection: asyncpg.Connection) -> None:
    """Fill the tables of revision 0002."""
    await _run(connection, _OLD)


async def fill_third(connection: asyncpg.Connection) -> None:
    """Fill the tables of revision 0003."""
    await _run(connection, _OLD + _THIRD)


async def fill(connection: asyncpg.Connection) -> None:
    """Fill every table of the newest revision."""
    await _run(connection, _OLD + _THIRD + _NEW)


async def _run(connection: asyncpg.Connection, script: str) -> None:
    quoted = await connection.fetchval("SELECT quote_literal($1::text)", NASTY)
    await connection.execute(script.replace("$1", f"{quoted}::text"))


async def contents(connection: asyncpg.Connection, *but: str) -> dict[str, list[str]]:
    """Give all rows of all of Mira's tables as text, in an order of their own."""
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND relname !~ '^(pgqueuer|alembic)'"
    )
    rows = {
        name: [row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t')]
        for name in (row["relname"] for row in names)
        if name not in but
    }
    return {name: sorted(found) for name, found in rows.items()}


async def everything(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Give all rows of every table there is as text, the queue's among them: what a dump would hold."""
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    kept = {}
    for name in (row["relname"] for row in names):
        kept[name] = sorted(row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t'))
        # bytes are shown as figures
        kept[name] += [
            one.decode("utf-8", "replace")
            for column in await connection.fetch(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND atttypid = 'bytea'::regtype", name
            )
            for one in await _bytes(connection, name, column["attname"])
        ]
    return kept


async def _bytes(connection: asyncpg.Connection, table: str, column: str) -> list[bytes]:
    found = await connection.fetch(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
    return sorted(row[0] for row in found)


async def old_cluster(
    folder: Path, programs: Path, major: str, *, is_left_running: bool = False
) -> dict[str, list[str]]:
    """Make a data folder as an older Mira on Postgres *major* would leave it; gives what is in it."""
    cluster = Cluster(folder, programs=programs, major=major)
    await asyncio.to_thread(_init, cluster, programs)
    address = address_of(cluster, await asyncio.to_thread(cluster.launch))
    try:
        await at_revision(address, "0002")
        connection = await asyncpg.connect(**address.asyncpg_arguments())
        try:
            await fill_old(connection)
            return await contents(connection)
        finally:
            await connection.close()
    finally:
        if not is_left_running:
            await asyncio.to_thread(cluster.stop)


def _init(cluster: Cluster, programs: Path) -> None:
    cluster.folder.mkdir(parents=True)
    user = choose_server_user(cluster.folder)
    cluster.pgdata.mkdir(mode=0o700)
    hand_over(cluster.pgdata, user)
    for place in (cluster.folder, programs):
        open_way(place, user)
    open_tree(programs.parent, user)
    subprocess.run(
        [programs / "initdb", "-U", "postgres", "-D", cluster.pgdata, "--encoding=UTF8", "--locale=C", "--auth=trust"],
        check=True,
        capture_output=True,
        cwd="/",
        **({} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}),
    )
    with (cluster.pgdata / "postgresql.conf").open("a") as conf:
        conf.write(INCLUDE_LINE)


async def at_revision(address: DatabaseAddress, revision: str) -> None:
    """Bring an empty database to the tables of an older version."""
    engine = open_engine(address, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await bring_to(connection, revision)
    finally:
        await engine.dispose()
