"""The statements that take turns into memory, one per atomic step; parameters are positional."""

from __future__ import annotations

from bot.adapters.postgres.fade_statements import counts_anew_sql, used_sql
from bot.adapters.postgres.line_index import index_lines
from bot.adapters.postgres.memory_rows import ASKED, KEY, keep_memories, memory_columns, new_memories
from bot.domain.memory_merge import ASKED_AFTER, DOUBTED, LOOKED_AT_AFTER, WAITING_MOST

OWN_LINES_MOST = 40  # of hers that a candidate is held against: said there lately, or to those people
MOOD_WITHIN = "interval '1 hour'"  # an older mark says nothing of a moment's mood

_SILENT = "EXISTS (SELECT FROM silences WHERE silences.user_id = {user})"
_REFLECT_AFTER, _ASKED_AFTER = (
    f"interval '{int(after.total_seconds())} seconds'" for after in (LOOKED_AT_AFTER, ASKED_AFTER)
)

# What is unsent will be one of her lines, so the turn waits for it. $1 how many $2 turns that cannot be taken in now
UNDIGESTED = f"""
SELECT t.turn_id, t.channel_id, t.tail, t.closed_at, t.recalled_memories AS used,
    c.kind, c.guild_id, c.parent_id, ARRAY(
        SELECT text FROM memories WHERE memory_id = ANY(t.recalled_memories)
        UNION ALL SELECT content FROM messages WHERE message_id = ANY(t.recalled_lines)
    ) AS shown, (
        SELECT ARRAY[h.pleasure, h.arousal, h.dominance] FROM affect_events e JOIN mood_history h USING (soul_id)
        WHERE e.turn_id = t.turn_id AND h.slot BETWEEN t.closed_at - {MOOD_WITHIN} AND t.closed_at
        ORDER BY h.slot DESC LIMIT 1
    ) AS mood, ARRAY(
        SELECT content FROM messages own
        WHERE own.channel_id = t.channel_id AND own.turn_id <= t.turn_id AND own.speaker = 'self'
        ORDER BY own.turn_id DESC, own.message_id DESC LIMIT {OWN_LINES_MOST}
    ) || ARRAY(
        SELECT own.content FROM messages asked CROSS JOIN LATERAL (
            SELECT line.message_id FROM recall_lines line WHERE line.owner_id = asked.author_id AND line.is_own
            ORDER BY line.message_id DESC LIMIT {OWN_LINES_MOST}
        ) line JOIN messages own ON own.message_id = line.message_id
        WHERE asked.turn_id = t.turn_id AND asked.speaker = 'person'
    ) AS own_lines
FROM turns t JOIN channels c USING (channel_id)
WHERE t.digested_at IS NULL AND t.state = 'done' AND t.turn_id <> ALL($2::bigint[])
    AND NOT EXISTS (SELECT FROM outbox WHERE outbox.turn_id = t.turn_id AND outbox.state = 'ready')
ORDER BY t.turn_id LIMIT $1
"""

# Hers belongs to whom it answers: the line it replies to, else the newest that the turn answered.
_OWNED = """SELECT m.*, CASE WHEN m.speaker = 'person' THEN m.author_id ELSE coalesce((
        SELECT asked.author_id FROM messages asked
        WHERE asked.message_id = m.reply_to_id AND asked.speaker = 'person' AND asked.state = 'answered'
    ), (
        SELECT asked.author_id FROM messages asked
        WHERE asked.turn_id = m.turn_id AND asked.speaker = 'person' AND asked.state = 'answered'
        ORDER BY asked.message_id DESC LIMIT 1
    ), CASE WHEN m.audience_kind = 'person' THEN m.audience_id END) END AS owner_id
    FROM messages m
    WHERE {of} AND m.state = 'answered' AND m.speaker IN ('person', 'self')"""


def _owned_lines(of: str) -> str:
    return f"""
SELECT m.*, c.kind, c.guild_id, c.parent_id, p.sensitive_since IS NOT NULL AS consents
FROM ({_OWNED.format(of=of)}) m JOIN channels c USING (channel_id)
JOIN people p ON p.user_id = m.owner_id AND NOT p.is_bot
WHERE NOT {_SILENT.format(user="m.owner_id")} ORDER BY m.turn_id, m.message_id
"""


# Of people who never addressed her, and who want not to be heard, nothing is kept: their lines are no 'answered' ones.
# $1 turns, or messages
LINES_OF_TURNS, LINES = _owned_lines("m.turn_id = ANY($1::bigint[])"), _owned_lines("m.message_id = ANY($1::bigint[])")


def _near(where: str) -> str:
    return f"""
WITH asked AS MATERIALIZED (
    SELECT array_agg(word) AS words, string_agg(
        '''' || replace(replace(word, E'\\\\', E'\\\\\\\\'), '''', '''''') || '''', ' | '
    )::tsquery AS query
    FROM unnest(tsvector_to_array(to_tsvector($4::text::regconfig, $5::text))) AS word
), near AS MATERIALIZED (
    SELECT m.memory_id, m.superseded_by, row_number() OVER (
        ORDER BY m.text_key = $7 DESC, cardinality(ARRAY(
            SELECT unnest(tsvector_to_array(m.lexemes)) INTERSECT SELECT unnest(asked.words)
        )) DESC, m.memory_id DESC
    ) AS place
    FROM memories m, asked
    WHERE m.owner_id = $1 AND {where}
        AND m.state IN ('candidate', 'current', 'superseded') AND (m.lexemes @@ asked.query OR m.text_key = $7)
    ORDER BY place LIMIT $6
)
SELECT {memory_columns("m")} FROM memories m, near
WHERE m.memory_id = near.memory_id OR (
    m.memory_id = near.superseded_by AND NOT EXISTS (SELECT FROM near other WHERE other.memory_id = m.memory_id)
)
ORDER BY near.place
"""


# What holds in place of one of them belongs to them, whatever its words.
# $1 owner $2 audience_kind $3 audience_id $4 language $5 text $6 how many $7 text_key
NEAR, NEAR_ELSEWHERE = (
    _near(f"(m.audience_kind, m.audience_id) {sign} ($2::text, $3::bigint)") for sign in ("=", "<>")
)

_SAME_KEY = " AND ".join(f"{{one}}.{name} = {{other}}.{name}" for name in KEY)
_CHANGES = """jsonb_to_recordset($5::text::jsonb) AS c(what text, memory_id bigint, confidence float8,
        salience smallint, state text, said_at timestamptz, due_at timestamptz, sources bigint[], by_id bigint,
        owner_id bigint, audience_kind text, audience_id bigint, kind text, text_key text)"""
_ASKS = f"c.what = 'asks' AND {_SAME_KEY.format(one='c', other='{new}')}"
_IF_ASKED = f"CASE WHEN EXISTS (SELECT FROM changes c WHERE {_ASKS.format(new='new')}) THEN {ASKED} END"
_AUDIENCE = "owner_id, audience_kind, audience_id"
# What stands in every prompt, whatever is asked, is of no use by that.
_CAME_UP = """m.memory_id = ANY(taken.recalled_memories) AND NOT m.is_pinned
        AND m.kind NOT IN ('boundary', 'portrait', 'promise', 'goal')"""
_IS_USED = f"{_CAME_UP} AND {counts_anew_sql('$2', 'm')}"

_BORNE_OUT = """EXISTS (SELECT FROM present WHERE present.message_id = ANY(n.sources))
        AND EXISTS (SELECT FROM taken WHERE proposes)"""

# $1 turn $2 now $3 lines $4 new memories $5 what becomes of those that are there $6 refusals $7 lines it is made of
# What was shown in the prompt was used; a row changes once only, so those that change otherwise are counted there.
# Where the proposals were emptied since they were read, something was forgotten: then nothing new is kept.
DIGEST = f"""
WITH before AS MATERIALIZED (
    SELECT tail ?| '{{memories,promises}}'::text[] AS proposes FROM turns
    WHERE turn_id = $1 AND digested_at IS NULL AND state = 'done' FOR UPDATE
), taken AS (
    UPDATE turns SET digested_at = $2::timestamptz, tail = tail - '{{memories,promises}}'::text[] FROM before
    WHERE turn_id = $1 AND digested_at IS NULL AND state = 'done' RETURNING recalled_memories, before.proposes
), present AS MATERIALIZED (
    SELECT m.message_id FROM messages m, taken
    WHERE m.message_id = ANY($7::bigint[]) AND m.state = 'answered' FOR SHARE OF m
), indexed AS ({index_lines("$3", "kept.message_id IN (SELECT message_id FROM present)")}
), changes AS MATERIALIZED (
    SELECT c.* FROM {_CHANGES}, taken
), {new_memories("$4", _BORNE_OUT)}
, {keep_memories("$2", _IF_ASKED)}
, again AS (
    UPDATE memories m SET
        seen_count = m.seen_count + 1, confidence = c.confidence, salience = greatest(m.salience, c.salience),
        state = CASE WHEN c.state = 'current' THEN 'current' ELSE m.state END,
        said_at = greatest(m.said_at, c.said_at), due_at = coalesce(c.due_at, m.due_at),
        reflected_at = CASE WHEN EXISTS (
            SELECT FROM changes asking WHERE asking.what = 'asks' AND asking.memory_id = m.memory_id
        ) THEN {ASKED} ELSE m.reflected_at END,
        used_count = m.used_count + CASE WHEN {_IS_USED} THEN 1 ELSE 0 END,
        used_at = CASE WHEN {_IS_USED} THEN $2 ELSE m.used_at END
    FROM changes c, taken
    WHERE c.what = 'again' AND m.memory_id = c.memory_id AND m.state IN ('candidate', 'current') AND EXISTS (
        SELECT FROM present WHERE present.message_id = ANY(c.sources) AND NOT EXISTS (
            SELECT FROM memory_sources s WHERE s.memory_id = m.memory_id AND s.message_id = present.message_id
        )
    )
    RETURNING m.memory_id, m.owner_id, m.audience_kind, m.audience_id, m.state
), again_sourced AS (
    INSERT INTO memory_sources (memory_id, message_id)
    SELECT DISTINCT again.memory_id, present.message_id
    FROM again JOIN changes c ON c.what = 'again' AND c.memory_id = again.memory_id
    JOIN present ON present.message_id = ANY(c.sources)
    ON CONFLICT DO NOTHING
), replaced AS (
    UPDATE memories m SET state = 'superseded', valid_to = coalesce(m.valid_to, c.said_at), superseded_by = by.memory_id
    FROM changes c JOIN (
        SELECT memory_id, {", ".join(KEY)} FROM kept UNION ALL
        SELECT again.memory_id, c.owner_id, c.audience_kind, c.audience_id, c.kind, c.text_key
        FROM again JOIN changes c ON c.what = 'replaced' AND c.by_id = again.memory_id
    ) by ON {_SAME_KEY.format(one="by", other="c")}
    WHERE c.what = 'replaced' AND m.memory_id = c.memory_id AND m.memory_id <> by.memory_id
        AND m.state IN ('candidate', 'current') AND NOT m.is_edited AND m.owner_id = c.owner_id
), doubted AS (
    UPDATE memories m SET confidence = m.confidence * {DOUBTED} FROM changes c
    WHERE c.what = 'doubted' AND m.memory_id = c.memory_id
), used AS (
    UPDATE memories m SET {used_sql("$2", "m")} FROM taken
    WHERE {_CAME_UP}
        AND NOT EXISTS (SELECT FROM changes WHERE changes.memory_id = m.memory_id)
        AND NOT EXISTS (SELECT FROM new WHERE {_SAME_KEY.format(one="new", other="m")})
), counted AS (
    INSERT INTO memory_refusals (owner_id, reason, count, last_at)
    SELECT r.owner_id, r.reason, r.count, $2
    FROM jsonb_to_recordset($6::text::jsonb) AS r(owner_id bigint, reason text, count int), taken
    WHERE EXISTS (SELECT FROM people WHERE people.user_id = r.owner_id)
    ON CONFLICT (owner_id, reason) DO UPDATE SET count = memory_refusals.count + excluded.count, last_at = $2
), waiting AS (
    SELECT {_AUDIENCE}, sum(waits) AS more, bool_or(asks) AS asks FROM (
        SELECT {_AUDIENCE}, 1 AS waits, false AS asks FROM kept WHERE is_new AND state = 'candidate'
        UNION ALL SELECT kept.owner_id, kept.audience_kind, kept.audience_id, 0, true
        FROM kept JOIN changes c ON {_ASKS.format(new="kept")}
        UNION ALL SELECT again.owner_id, again.audience_kind, again.audience_id, 0, true
        FROM again JOIN changes c ON c.what = 'asks' AND c.memory_id = again.memory_id
    ) AS fresh GROUP BY {_AUDIENCE}
), thought_over AS (
    INSERT INTO reflections ({_AUDIENCE}, waits_since, due_at)
    SELECT {_AUDIENCE}, $2, $2 + CASE WHEN asks THEN {_ASKED_AFTER} ELSE {_REFLECT_AFTER} END FROM waiting
    ON CONFLICT ({_AUDIENCE}) DO UPDATE SET due_at = CASE
        WHEN reflections.due_at = reflections.waits_since + {_REFLECT_AFTER} AND {WAITING_MOST} <= (
            SELECT count(*) FROM memories m
            WHERE m.owner_id = excluded.owner_id AND m.audience_kind = excluded.audience_kind
                AND m.audience_id = excluded.audience_id AND m.state = 'candidate' AND m.reflected_at IS NULL
        ) + (SELECT more FROM waiting w WHERE w.owner_id = excluded.owner_id
            AND w.audience_kind = excluded.audience_kind AND w.audience_id = excluded.audience_id)
        THEN least(reflections.due_at, $2)
        WHEN reflections.due_at = reflections.waits_since + {_REFLECT_AFTER}
        THEN least(reflections.due_at, excluded.due_at) ELSE reflections.due_at END
)
SELECT FROM taken
"""

# $1 turns $2 now $3 lines $4 ids of lines
DIGEST_PLAIN = f"""
WITH before AS MATERIALIZED (
    SELECT turn_id FROM turns
    WHERE turn_id = ANY($1::bigint[]) AND digested_at IS NULL AND state = 'done' ORDER BY turn_id FOR UPDATE
), taken AS (
    UPDATE turns SET digested_at = $2::timestamptz, tail = tail - '{{memories,promises}}'::text[] FROM before
    WHERE turns.turn_id = before.turn_id RETURNING turns.turn_id
), present AS MATERIALIZED (
    SELECT m.message_id FROM messages m JOIN taken USING (turn_id)
    WHERE m.message_id = ANY($4::bigint[]) AND m.state = 'answered' FOR SHARE OF m
), indexed AS ({index_lines("$3", "kept.message_id IN (SELECT message_id FROM present)")}
)
SELECT turn_id FROM taken
"""

# $1 lines as JSON
REINDEX = index_lines("$1")

# $1 messages
UNINDEX = "DELETE FROM recall_lines WHERE message_id = ANY($1::bigint[])"

# $1 messages
RESTING_ON = f"""
SELECT {memory_columns("m")} FROM memories m
WHERE m.state = 'current' AND m.memory_id IN (SELECT memory_id FROM memory_sources WHERE message_id = ANY($1::bigint[]))
"""

# $1 messages
SOURCES = """
SELECT c.guild_id, c.kind, c.parent_id, m.* FROM messages m JOIN channels c USING (channel_id)
WHERE m.message_id = ANY($1::bigint[]) AND m.state <> 'withdrawn'
"""

# What was made of a line that says something else now: a candidate of it alone goes, what holds is looked at again, and
# what is doubtful waits for that: a line of the portrait is put away, it is drawn anew. What waits already goes on.
# $1 messages $2 now $3 doubtful memories
EDITED = f"""
WITH touched AS (
    SELECT m.memory_id, {_AUDIENCE}, m.state, bool_and(s.message_id = ANY($1::bigint[])) AS is_alone
    FROM memories m JOIN memory_sources s USING (memory_id)
    WHERE m.memory_id IN (SELECT memory_id FROM memory_sources WHERE message_id = ANY($1))
    GROUP BY m.memory_id
), dropped AS (
    DELETE FROM memories USING touched
    WHERE memories.memory_id = touched.memory_id AND touched.is_alone AND touched.state = 'candidate'
        AND NOT memories.is_edited AND memories.origin <> 'person' AND NOT EXISTS (
            SELECT FROM reflections r
            WHERE r.owner_id = memories.owner_id AND r.audience_kind = memories.audience_kind
                AND r.audience_id = memories.audience_id AND r.reread_ids && $1::bigint[]
        )
), looked_at AS (
    UPDATE memories SET reflected_at = NULL, state = CASE
        WHEN memories.state <> 'current' OR memories.memory_id <> ALL($3::bigint[]) THEN memories.state
        WHEN memories.kind = 'portrait' THEN 'archived' ELSE 'candidate' END
    FROM touched
    WHERE memories.memory_id = touched.memory_id AND NOT (touched.is_alone AND touched.state = 'candidate')
), lines AS (
    SELECT m.author_id AS owner_id, m.audience_kind, m.audience_id, array_agg(m.message_id) AS ids
    FROM messages m
    WHERE m.message_id = ANY($1) AND m.state = 'answered' AND m.speaker = 'person'
        AND NOT {_SILENT.format(user="m.author_id")}
    GROUP BY m.author_id, m.audience_kind, m.audience_id
)
INSERT INTO reflections ({_AUDIENCE}, waits_since, due_at, reread_ids)
SELECT {_AUDIENCE}, $2::timestamptz, $2, ids FROM lines
ON CONFLICT ({_AUDIENCE}) DO UPDATE SET due_at = least(reflections.due_at, $2), reread_ids = ARRAY(
    SELECT DISTINCT one FROM unnest(reflections.reread_ids || excluded.reread_ids) one
)
"""
