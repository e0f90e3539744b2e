"""The statements of reflection: claim a person's memories of one audience, read them, keep what came of it.

Each reads one owner and one audience and nothing else. What came of a group is kept by one statement, or not at all:
it holds every memory, line and note that the group was made of to what it was then.
"""

from __future__ import annotations

from bot.adapters.postgres.memory_rows import ASKED, keep_memories, memory_columns, new_memories
from bot.domain.memory_merge import LOOKED_AT_AFTER, WAITING_MOST

LEASE = "interval '15 minutes'"
LATEST = "interval '25 hours'"  # nothing waits as long: it was put off by a clock that was ahead
CANDIDATES_MOST = 12  # new ones in one group
WAITING_SHOWN = 8  # candidates looked at before, which a new one may confirm
CURRENT_MOST = 40
COMPARED_MOST = 5_000  # memories among which the most alike are looked for: the newest
LINES_MOST = 60
RECENT_LINES = 400  # lines among which those of different days are taken
LINES_A_DAY = 4
NOTES_MOST = 20
LOST_AFTER = "interval '1 hour'"

_GROUP = "owner_id = $1 AND audience_kind = $2 AND audience_id = $3"
_WORDS = "unnest(tsvector_to_array({}.lexemes))"

# Who wants not to be heard is not thought over. $1 now
CLAIM = f"""
WITH next AS (
    SELECT owner_id, audience_kind, audience_id FROM reflections r
    WHERE (due_at <= $1::timestamptz OR due_at > $1::timestamptz + {LATEST})
        AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = r.owner_id)
    ORDER BY waits_since LIMIT 1 FOR UPDATE OF r SKIP LOCKED
)
UPDATE reflections r SET due_at = $1::timestamptz + {LEASE} FROM next, people p
WHERE r.owner_id = next.owner_id AND r.audience_kind = next.audience_kind AND r.audience_id = next.audience_id
    AND p.user_id = next.owner_id
RETURNING r.owner_id, r.audience_kind, r.audience_id, r.reread_ids, p.display_name AS name,
    p.sensitive_since IS NOT NULL AS keeps_sensitive
"""

# What waits and stands in no list, whatever lost it there. $1 now
ENLIST = f"""
INSERT INTO reflections (owner_id, audience_kind, audience_id, waits_since, due_at)
SELECT owner_id, audience_kind, audience_id, min(created_at), $1::timestamptz FROM memories
WHERE state = 'candidate' AND reflected_at IS NULL AND created_at < $1::timestamptz - {LOST_AFTER}
GROUP BY owner_id, audience_kind, audience_id
ON CONFLICT DO NOTHING
"""

# What waits, and what holds and is to be looked at all the same.
_UNSETTLED = f"((state = 'candidate' AND reflected_at IS NULL) OR (state = 'current' AND reflected_at = {ASKED}))"

# $1-$3 group
CANDIDATES = f"""
SELECT {memory_columns("m")} FROM memories m
WHERE {_GROUP} AND {_UNSETTLED}
ORDER BY created_at DESC, memory_id DESC LIMIT {CANDIDATES_MOST}
"""


def _alike(condition: str, first: str, most: int) -> str:
    return f"""
WITH words AS MATERIALIZED (
    SELECT coalesce(array_agg(DISTINCT word), '{{}}') AS list
    FROM memories c, {_WORDS.format("c")} word WHERE c.memory_id = ANY($4::bigint[])
), nearest AS (
    SELECT m.*, (SELECT count(*) FROM {_WORDS.format("m")} word WHERE word = ANY(words.list)) AS shared
    FROM words, (SELECT * FROM memories WHERE {_GROUP} AND {condition} ORDER BY memory_id DESC LIMIT {COMPARED_MOST}) m
)
SELECT {memory_columns("m")} FROM nearest m
ORDER BY {first}shared DESC, salience DESC, memory_id DESC LIMIT {most}
"""


# Candidates looked at before that share words with the new ones. $1-$3 group $4 new candidates
WAITING = _alike("state = 'candidate' AND reflected_at IS NOT NULL AND memory_id <> ALL($4)", "", WAITING_SHOWN)
# Her picture of them and what edited lines said come first. $1-$3 group $4 candidates $5 edited lines
CURRENT = _alike(
    "state = 'current' AND memory_id <> ALL($4)",
    """(kind = 'portrait') DESC, EXISTS (
        SELECT FROM memory_sources s WHERE s.memory_id = m.memory_id AND s.message_id = ANY($5::bigint[])
    ) DESC, """,
    CURRENT_MOST,
)

# Where candidates come from, what was edited, and lines of the latest days. $1-$3 group $4 candidates $5 edited lines
LINES = f"""
WITH recent AS (
    SELECT message_id, said_at, row_number() OVER (PARTITION BY said_at::date ORDER BY message_id DESC) AS nth
    FROM (
        SELECT message_id, said_at FROM recall_lines WHERE {_GROUP} AND NOT is_own
        ORDER BY message_id DESC LIMIT {RECENT_LINES}
    ) newest
), wanted AS (
    SELECT message_id, 0 AS place FROM memory_sources WHERE memory_id = ANY($4::bigint[])
    UNION ALL SELECT unnest($5::bigint[]), 0
    UNION ALL SELECT message_id, nth FROM recent WHERE nth <= {LINES_A_DAY}
), chosen AS (
    SELECT message_id, min(place) AS place FROM wanted GROUP BY message_id
)
SELECT m.*, c.kind, c.guild_id, c.parent_id
FROM chosen JOIN messages m USING (message_id) JOIN channels c USING (channel_id)
WHERE m.author_id = $1 AND m.audience_kind = $2 AND m.audience_id = $3 AND m.speaker = 'person'
    AND m.state <> 'withdrawn' AND m.content <> ''
ORDER BY (chosen.place = 0) DESC, m.message_id DESC LIMIT {LINES_MOST}
"""

# $1 companion $2 audience kind $3 audience
NOTES = f"""
SELECT note_id, kind, text, audience_kind, audience_id, confidence, revised_at FROM self_notes
WHERE companion = $1 AND audience_kind = $2 AND audience_id = $3
ORDER BY revised_at DESC, note_id DESC LIMIT {NOTES_MOST}
"""

# $1-$3 group $4 when
PUT_OFF = f"UPDATE reflections SET due_at = $4 WHERE {_GROUP}"

_FATE = """memory_id bigint, state text, kind text, text text, text_key text, language text, lookup text,
        origin text, salience smallint, confidence float8, tags text[], said_at timestamptz, valid_to timestamptz,
        superseded_by bigint, told integer, sources bigint[]"""
_WORDED = "f.text IS NOT NULL AND f.is_free"

# $1-$3 group $4 its memories, $5 lines and $6 notes as they were $7 what becomes of memories $8 new memories $9 notes
# $10 notes that go $11 refusals $12 now $13 companion $14 edited lines that were read
REFLECTED = f"""
WITH waiting AS MATERIALIZED (
    SELECT reread_ids FROM reflections WHERE {_GROUP} FOR UPDATE
), given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($4::text::jsonb) AS g(memory_id bigint, state text, mark text)
), held AS MATERIALIZED (
    SELECT m.memory_id FROM memories m JOIN given USING (memory_id)
    WHERE m.owner_id = $1 AND m.audience_kind = $2 AND m.audience_id = $3
        AND m.state = given.state AND md5(m.text) = given.mark
    FOR UPDATE OF m
), lines AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($5::text::jsonb) AS l(message_id bigint, mark text)
), said AS MATERIALIZED (
    SELECT m.message_id FROM messages m JOIN lines USING (message_id)
    WHERE m.state <> 'withdrawn' AND md5(m.content) = lines.mark
    FOR SHARE OF m
), noted AS MATERIALIZED (
    SELECT note_id FROM self_notes WHERE note_id = ANY($6::bigint[]) FOR UPDATE
), fence AS MATERIALIZED (
    SELECT waiting.reread_ids FROM waiting
    WHERE (SELECT count(*) FROM held) = (SELECT count(*) FROM given)
        AND (SELECT count(*) FROM said) = (SELECT count(*) FROM lines)
        AND (SELECT count(*) FROM noted) = cardinality($6::bigint[])
        AND NOT EXISTS (SELECT FROM silences WHERE user_id = $1)
), fates AS MATERIALIZED (
    SELECT f.*, NOT EXISTS (
        SELECT FROM memories o
        WHERE o.owner_id = $1 AND o.audience_kind = $2 AND o.audience_id = $3 AND o.kind = f.kind
            AND md5(o.text_key) = md5(f.text_key) AND o.state IN ('candidate', 'current') AND o.memory_id <> f.memory_id
    ) AS is_free
    FROM fence, jsonb_to_recordset($7::text::jsonb) AS f({_FATE})
), {new_memories("(CASE WHEN EXISTS (SELECT FROM fence) THEN $8::text ELSE '[]' END)")}, {
    keep_memories("$12")
}, changed AS (
    UPDATE memories m SET
        state = coalesce(f.state, m.state),
        kind = CASE WHEN {_WORDED} THEN f.kind ELSE m.kind END,
        text = CASE WHEN {_WORDED} THEN f.text ELSE m.text END,
        text_key = CASE WHEN {_WORDED} THEN f.text_key ELSE m.text_key END,
        lexemes = CASE WHEN {_WORDED} THEN to_tsvector(f.language::regconfig, f.lookup) ELSE m.lexemes END,
        vector = CASE WHEN {_WORDED} THEN NULL ELSE m.vector END,
        embedder_id = CASE WHEN {_WORDED} THEN NULL ELSE m.embedder_id END,
        origin = CASE WHEN {_WORDED} THEN f.origin ELSE m.origin END,
        salience = coalesce(f.salience, m.salience),
        confidence = coalesce(f.confidence, m.confidence),
        tags = coalesce(f.tags, m.tags),
        said_at = coalesce(f.said_at, m.said_at),
        valid_to = coalesce(f.valid_to, m.valid_to),
        superseded_by = coalesce(f.superseded_by, m.superseded_by),
        seen_count = m.seen_count + coalesce(f.told, 0),
        reflected_at = $12::timestamptz
    FROM fates f JOIN held USING (memory_id) WHERE m.memory_id = f.memory_id
), resourced AS (
    INSERT INTO memory_sources (memory_id, message_id)
    SELECT DISTINCT f.memory_id, m.message_id FROM fates f JOIN held USING (memory_id), unnest(f.sources) AS source
    JOIN messages m ON m.message_id = source AND m.state <> 'withdrawn'
    ON CONFLICT DO NOTHING
), notes AS MATERIALIZED (
    SELECT coalesce(n.replaces, nextval(pg_get_serial_sequence('self_notes', 'note_id'))) AS note_id, n.*
    FROM fence, jsonb_to_recordset($9::text::jsonb) AS n(
        kind text, text text, confidence float8, replaces bigint, sources bigint[]
    )
), revised AS (
    UPDATE self_notes o SET kind = n.kind, text = n.text, confidence = n.confidence, revised_at = $12
    FROM notes n WHERE o.note_id = n.replaces AND o.companion = $13 AND o.audience_kind = $2 AND o.audience_id = $3
), written AS (
    INSERT INTO self_notes (
        note_id, companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at
    )
    SELECT note_id, $13, kind, text, $2, $3, confidence, $12, $12 FROM notes WHERE replaces IS NULL
), borne_out AS (
    INSERT INTO self_note_sources (note_id, message_id)
    SELECT DISTINCT n.note_id, said.message_id FROM notes n, unnest(n.sources) AS source
    JOIN said ON said.message_id = source
    ON CONFLICT DO NOTHING
), gone AS (
    DELETE FROM self_notes USING fence
    WHERE note_id = ANY($10::bigint[]) AND companion = $13 AND audience_kind = $2 AND audience_id = $3
), counted AS (
    INSERT INTO memory_refusals (owner_id, reason, count, last_at)
    SELECT $1, r.key, r.value::integer, $12 FROM fence, jsonb_each_text($11::text::jsonb) r
    ON CONFLICT (owner_id, reason) DO UPDATE SET count = memory_refusals.count + excluded.count, last_at = $12
), rest AS MATERIALIZED (
    SELECT count(*) AS waits FROM memories
    WHERE {_GROUP} AND {_UNSETTLED}
        AND memory_id <> ALL(ARRAY(SELECT memory_id FROM given))
), left_open AS MATERIALIZED (
    SELECT ARRAY(SELECT unnest(fence.reread_ids) EXCEPT SELECT unnest($14::bigint[])) AS reread_ids, rest.waits
    FROM fence, rest
), over AS (
    DELETE FROM reflections USING left_open WHERE {_GROUP} AND waits = 0 AND cardinality(left_open.reread_ids) = 0
), again AS (
    UPDATE reflections SET reread_ids = left_open.reread_ids, waits_since = $12, due_at = CASE
        WHEN waits >= {WAITING_MOST} OR cardinality(left_open.reread_ids) > 0 THEN $12::timestamptz
        ELSE $12::timestamptz + interval '{LOOKED_AT_AFTER.total_seconds():.0f} s' END
    FROM left_open WHERE {_GROUP} AND (waits > 0 OR cardinality(left_open.reread_ids) > 0)
)
SELECT EXISTS (SELECT FROM fence) AS is_kept
"""

# A day of somebody who does not want to be heard counts for nothing. $1 companion
TASTE_REASONS = """
SELECT n.text, m.author_id, count(DISTINCT (m.sent_at AT TIME ZONE 'UTC')::date)::integer AS days
FROM self_notes n JOIN self_note_sources USING (note_id) JOIN messages m USING (message_id)
WHERE n.companion = $1 AND n.kind = 'taste' AND n.audience_kind IS NOT NULL AND m.state <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = m.author_id)
GROUP BY n.text, m.author_id
"""

# $1 companion
TASTES = """
SELECT text, confidence, revised_at FROM self_notes
WHERE companion = $1 AND kind = 'taste' AND audience_kind IS NULL
"""

# $1 companion $2 texts $3 how sure she is of each $4 now
SETTLE_TASTES = """
WITH one_at_a_time AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtext('tastes of ' || $1)) AS locked
), given AS MATERIALIZED (
    SELECT * FROM one_at_a_time, unnest($2::text[], $3::float8[]) AS g(text, confidence)
), gone AS (
    DELETE FROM self_notes WHERE companion = $1 AND kind = 'taste' AND audience_kind IS NULL
        AND NOT text = ANY($2::text[])
), revised AS (
    UPDATE self_notes n SET confidence = given.confidence, revised_at = $4 FROM given
    WHERE n.companion = $1 AND n.kind = 'taste' AND n.audience_kind IS NULL AND n.text = given.text
        AND n.confidence <> given.confidence
)
INSERT INTO self_notes (companion, kind, text, confidence, created_at, revised_at)
SELECT $1, 'taste', given.text, given.confidence, $4, $4 FROM given
WHERE NOT EXISTS (
    SELECT FROM self_notes n
    WHERE n.companion = $1 AND n.kind = 'taste' AND n.audience_kind IS NULL AND n.text = given.text
)
"""
