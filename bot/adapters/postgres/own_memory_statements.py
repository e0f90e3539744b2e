"""The statements by which a person sees and changes their own memories: each names the owner, and no other's row."""

from __future__ import annotations

from bot.adapters.postgres.memory_rows import keep_memories, memory_columns, new_memories
from bot.domain.message import AudienceKind, Speaker

# what makes two live memories of a person one
_TWINS = """other.owner_id = {row}.owner_id AND other.memory_id <> {row}.memory_id AND other.kind = {row}.kind
        AND other.state IN ('candidate', 'current')"""

# A command may be the first that is known of a person. $1 user $2 name $3 now
_KNOWN = """known AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at)
    VALUES ($1, $2, $3::timestamptz, $3::timestamptz) ON CONFLICT (user_id) DO NOTHING
)"""

# $1 owner $2 states $3 kinds, empty for all $4 offset $5 limit
PAGE = f"""
WITH mine AS (
    SELECT DISTINCT ON (kind, md5(text_key)) memory_id, is_pinned, said_at
    FROM memories
    WHERE owner_id = $1 AND state = ANY($2::text[]) AND (cardinality($3::text[]) = 0 OR kind = ANY($3::text[]))
    ORDER BY kind, md5(text_key), is_pinned DESC, state = 'current' DESC, said_at DESC, memory_id DESC
), page AS (
    SELECT memory_id FROM mine ORDER BY is_pinned DESC, said_at DESC, memory_id DESC OFFSET $4 LIMIT $5
)
SELECT (SELECT count(*) FROM mine) AS total, {memory_columns()}
FROM (SELECT) AS always LEFT JOIN page ON true LEFT JOIN memories ON memories.memory_id = page.memory_id
ORDER BY memories.is_pinned DESC, memories.said_at DESC, memories.memory_id DESC
"""

AFTER = f"""
SELECT {memory_columns()} FROM memories WHERE owner_id = $1 AND memory_id > $2 ORDER BY memory_id LIMIT $3
"""

GET = f"SELECT {memory_columns()} FROM memories WHERE owner_id = $1 AND memory_id = $2"

REPLACED_BY = f"""
SELECT {memory_columns()} FROM memories
WHERE owner_id = $1 AND superseded_by = $2 ORDER BY memory_id DESC LIMIT $3
"""

# $1 owner $2 what was typed, as a key $3 limit $4 kinds $5 states, both empty for all
SUGGEST = f"""
SELECT {memory_columns()} FROM memories
WHERE owner_id = $1 AND ($2 = '' OR strpos(text_key, $2) > 0)
    AND (cardinality($4::text[]) = 0 OR kind = ANY($4::text[]))
    AND (cardinality($5::text[]) = 0 OR state = ANY($5::text[]))
ORDER BY starts_with(text_key, $2) DESC, state = 'current' DESC, is_pinned DESC, said_at DESC, memory_id DESC LIMIT $3
"""

# $1 owner $2 name $3 now $4 memories
ADD = f"""
WITH {_KNOWN}, {new_memories("$4")}, {keep_memories("$3")}
SELECT memory_id FROM kept
"""

# Where the person has one of those words already, that one holds in place of this. What was worded in private is for
# their own eyes, wherever it was said first.
# $1 owner $2 memory $3 text $4 its key $5 language $6 its words $7 now
EDIT = f"""
WITH old AS (
    SELECT memories.*, (
        SELECT other.memory_id FROM memories other
        WHERE {_TWINS.format(row="memories")} AND other.text_key = $4
            AND other.audience_kind = '{AudienceKind.PERSON}' AND other.audience_id = $1
    ) AS twin
    FROM memories WHERE owner_id = $1 AND memory_id = $2 FOR UPDATE
), gave_way AS (
    UPDATE memories SET state = 'superseded', superseded_by = old.twin, valid_to = $7, is_pinned = false
    FROM old WHERE memories.memory_id = old.memory_id AND old.twin IS NOT NULL
), changed AS (
    UPDATE memories SET text = $3, text_key = $4, lexemes = to_tsvector($5::text::regconfig, $6), vector = NULL,
        embedder_id = NULL, origin = 'person', is_edited = true, reflected_at = $7,
        confidence = greatest(memories.confidence, 0.95), audience_kind = '{AudienceKind.PERSON}', audience_id = $1,
        state = CASE WHEN memories.state = 'candidate' THEN 'current' ELSE memories.state END
    FROM old WHERE memories.memory_id = old.memory_id AND old.twin IS NULL
)
SELECT coalesce(twin, memory_id) AS memory_id FROM old
"""

PIN = """
UPDATE memories SET is_pinned = $3 WHERE owner_id = $1 AND memory_id = $2 AND state <> 'superseded' RETURNING memory_id
"""

# One that holds already in these words stays the one. $1 owner $2 memory $3 now
RESTORE = f"""
WITH old AS (
    SELECT memories.*, (
        SELECT other.memory_id FROM memories other
        WHERE {_TWINS.format(row="memories")} AND other.text_key = memories.text_key
            AND other.audience_kind = memories.audience_kind AND other.audience_id = memories.audience_id
    ) AS twin
    FROM memories WHERE owner_id = $1 AND memory_id = $2 FOR UPDATE
), back AS (
    UPDATE memories SET state = 'current', superseded_by = NULL, valid_to = NULL, used_at = $3, done_at = CASE
        WHEN memories.state = 'superseded' THEN memories.done_at END
    FROM old WHERE memories.memory_id = old.memory_id AND old.twin IS NULL AND old.state IN ('archived', 'superseded')
)
SELECT coalesce(twin, memory_id) AS memory_id FROM old
"""

ARCHIVE = """
UPDATE memories SET state = 'archived', is_pinned = false
WHERE owner_id = $1 AND memory_id = $2 AND state <> 'superseded' RETURNING memory_id
"""

# $1 owner $2 memories $3 now $4 the newer one; of the same words, it is told again and nothing gives way
SUPERSEDE = f"""
WITH old AS (
    SELECT memory_id FROM memories
    WHERE owner_id = $1 AND memory_id = ANY($2::bigint[]) ORDER BY memory_id FOR UPDATE
), {new_memories("$4")}, {keep_memories("$3")}, gave_way AS (
    UPDATE memories SET state = 'superseded', superseded_by = kept.memory_id, is_pinned = false,
        valid_to = coalesce(memories.valid_to, $3::timestamptz)
    FROM old, kept WHERE memories.memory_id = old.memory_id AND kept.memory_id <> old.memory_id
)
SELECT memory_id FROM kept
"""

SET_GOAL = """
UPDATE memories SET milestones = $3::text::jsonb, done_at = $4::timestamptz
WHERE owner_id = $1 AND memory_id = $2 AND kind IN ('goal', 'promise') RETURNING memory_id
"""

HEALTH = """
SELECT 'kind' AS what, kind AS name, count(*) AS amount FROM memories WHERE owner_id = $1 GROUP BY kind
UNION ALL SELECT 'state', state, count(*) FROM memories WHERE owner_id = $1 GROUP BY state
UNION ALL SELECT 'vector', '', count(vector) FROM memories WHERE owner_id = $1
UNION ALL SELECT 'line', '', count(*) FROM recall_lines WHERE owner_id = $1
UNION ALL SELECT 'vector', '', count(vector) FROM recall_lines WHERE owner_id = $1
UNION ALL SELECT 'refused', reason, count FROM memory_refusals WHERE owner_id = $1
"""
OLDEST = """
SELECT least(
    (SELECT min(said_at) FROM memories WHERE owner_id = $1),
    (SELECT said_at FROM recall_lines WHERE owner_id = $1 ORDER BY message_id LIMIT 1)
) AS oldest_at, (SELECT sensitive_since FROM people WHERE user_id = $1) AS sensitive_since
"""

# $1 user $2 name $3 now $4 whether
ALLOW_SENSITIVE = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at, sensitive_since)
VALUES ($1, $2, $3::timestamptz, $3::timestamptz, CASE WHEN $4 THEN $3::timestamptz END)
ON CONFLICT (user_id) DO UPDATE
SET sensitive_since = CASE WHEN $4 THEN coalesce(people.sensitive_since, excluded.sensitive_since) END
"""
KEEPS_SENSITIVE = "SELECT sensitive_since FROM people WHERE user_id = $1"

_LINE = """
SELECT m.*, c.guild_id, c.kind, c.parent_id FROM messages m JOIN channels c USING (channel_id)
"""
OWN_LINE = f"""{_LINE}
WHERE m.message_id = $2 AND m.author_id = $1 AND m.speaker = '{Speaker.PERSON}' AND m.state <> 'withdrawn'
"""

# of her lines, those that were said to this person
LINES = f"""{_LINE}
LEFT JOIN turns t ON t.turn_id = m.turn_id AND m.speaker = '{Speaker.SELF}'
LEFT JOIN messages asked ON asked.message_id = coalesce(m.reply_to_id, t.after_id)
WHERE m.message_id = ANY($2::bigint[]) AND m.state <> 'withdrawn' AND (
    (m.author_id = $1 AND m.speaker = '{Speaker.PERSON}')
    OR (m.speaker = '{Speaker.SELF}' AND (
        asked.author_id = $1 OR (m.audience_kind = '{AudienceKind.PERSON}' AND m.audience_id = $1)
    ))
)
ORDER BY m.message_id
"""

# $1 user $2 name $3 now $4 why
COUNT_REFUSAL = f"""
WITH {_KNOWN}
INSERT INTO memory_refusals (owner_id, reason, count, last_at) VALUES ($1, $4, 1, $3)
ON CONFLICT (owner_id, reason) DO UPDATE SET count = memory_refusals.count + 1, last_at = excluded.last_at
"""
