"""The statements that erase a person: everything with them in it, in every table, but their wish not to be heard.

What was made of their lines is taken away before (`forget_statements.FORGET`); here the rows themselves go, and every
place that still names them.
"""

from __future__ import annotations

from bot.adapters.postgres.forget_statements import kept_out, mend

# $1 person
KEPT_OF = """
SELECT EXISTS (SELECT FROM people WHERE user_id = $1) AS is_known,
    array(SELECT message_id FROM messages WHERE author_id = $1 ORDER BY message_id) AS message_ids,
    array(
        SELECT display_name FROM people WHERE user_id = $1
        UNION SELECT author_name FROM messages WHERE author_id = $1
    ) AS names,
    (SELECT count(*) FROM memories WHERE owner_id = $1) AS memories
"""

# $1 person: their direct conversations, as their lines, hers to them and reminders show them
_HOMES = """
    SELECT c.channel_id FROM channels c WHERE c.kind = 'dm' AND c.channel_id IN (
        SELECT channel_id FROM messages WHERE author_id = $1
        UNION ALL SELECT channel_id FROM timers WHERE user_id = $1
        UNION ALL SELECT channel_id FROM messages WHERE audience_kind = 'person' AND audience_id = $1
        UNION ALL SELECT channel_id FROM outbox WHERE audience_kind = 'person' AND audience_id = $1
    )"""

# $1 person $2 the same as text $3 their lines $4 now
ERASE = f"""
WITH homes AS ({_HOMES}
), lines AS (
    SELECT unnest($3::bigint[]) AS message_id
), turned AS (
    SELECT DISTINCT turn_id FROM messages WHERE message_id = ANY($3::bigint[]) AND turn_id IS NOT NULL
), shared AS (
    -- turns that answered others as well stay theirs
    SELECT turn_id, max(message_id) AS newest FROM messages
    WHERE turn_id IN (SELECT turn_id FROM turned) AND author_id <> $1 AND speaker <> 'self' GROUP BY turn_id
), hers AS (
    SELECT message_id FROM messages WHERE speaker = 'self' AND (
        turn_id IN (SELECT turn_id FROM turned) OR reply_to_id IN (TABLE lines) OR reply_to_user_id = $1
        OR audience_kind = 'person' AND audience_id = $1
    )
), gone AS (
    TABLE lines UNION SELECT message_id FROM hers
), asleep AS (
    DELETE FROM pgqueuer WHERE entrypoint = 'wake' AND payload IN (
        SELECT convert_to(channel_id::text, 'UTF8') FROM homes
    )
), unsent AS (
    DELETE FROM outbox WHERE turn_id IN (SELECT turn_id FROM turned)
        OR after_id IN (TABLE lines) OR reply_to_id IN (TABLE lines) OR audience_kind = 'person' AND audience_id = $1
), unsaid AS (
    DELETE FROM messages WHERE message_id IN (SELECT message_id FROM gone)
), undecided AS (
    DELETE FROM decisions WHERE message_id IN (SELECT message_id FROM gone)
), theirs AS (
    SELECT message_id, sent_at FROM messages WHERE message_id = ANY($3)
), kept_out AS ({kept_out("theirs", "$4")}
), undeleted AS (
    DELETE FROM early_deletes
    WHERE message_id IN (SELECT message_id FROM gone) AND message_id NOT IN (SELECT message_id FROM kept_out)
        AND deleted_at < $4 -- what was put there a moment ago, as their lines were forgotten, stays
), moved AS (
    SELECT soul_id FROM affect_events WHERE user_id = $1
    UNION SELECT e.soul_id FROM affect_events e JOIN appraisals a USING (turn_id) WHERE a.user_id = $1
), unhappened AS (
    DELETE FROM affect_events e WHERE turn_id IN (SELECT turn_id FROM appraisals WHERE user_id = $1) AND NOT EXISTS (
        SELECT FROM appraisals a WHERE a.turn_id = e.turn_id AND a.user_id <> $1
    )
), to_mend AS ({mend("moved", "$4")}
), untold AS (
    UPDATE memories SET about_id = NULL WHERE about_id = $1 AND owner_id <> $1
), unsummed AS (
    DELETE FROM summaries WHERE audience_kind = 'person' AND audience_id = $1 OR person_id = $1
    RETURNING summary_id
), unnoted AS (
    DELETE FROM self_notes WHERE audience_kind = 'person' AND audience_id = $1
), over AS (
    DELETE FROM turns WHERE turn_id IN (SELECT turn_id FROM turned) AND turn_id NOT IN (SELECT turn_id FROM shared)
), recalling AS (
    SELECT turn_id FROM turns t, unnest(t.recalled_lines) one WHERE one IN (TABLE gone)
    UNION SELECT turn_id FROM turns t, unnest(t.recalled_memories) one
    WHERE one IN (SELECT memory_id FROM memories WHERE owner_id = $1)
), going_on AS (
    UPDATE turns SET after_id = CASE WHEN shared.newest IS NULL THEN turns.after_id ELSE shared.newest END,
        tail = CASE WHEN shared.newest IS NULL THEN turns.tail ELSE '{{}}' END,
        recalled_lines = array(SELECT one FROM unnest(turns.recalled_lines) one WHERE one NOT IN (TABLE gone)),
        recalled_memories = array(
            SELECT one FROM unnest(turns.recalled_memories) one
            WHERE one NOT IN (SELECT memory_id FROM memories WHERE owner_id = $1)
        )
    FROM turns same LEFT JOIN shared USING (turn_id)
    WHERE same.turn_id = turns.turn_id AND (
        shared.turn_id IS NOT NULL
        OR same.turn_id NOT IN (SELECT turn_id FROM turned) AND same.turn_id IN (SELECT turn_id FROM recalling)
    )
), unnamed AS (
    UPDATE messages SET quote = CASE WHEN quote ->> 'author_id' = $2 OR reply_to_id IN (TABLE gone) THEN NULL
            ELSE quote END,
        content = regexp_replace(content, '<@!?' || $2::text || '>', '@…', 'g'),
        mentioned_ids = array_remove(mentioned_ids, $1::bigint), mentioned_names = mentioned_names - $2::text,
        reply_to_user_id = nullif(reply_to_user_id, $1),
        reply_to_id = CASE WHEN reply_to_id IN (TABLE gone) THEN NULL ELSE reply_to_id END
    WHERE message_id NOT IN (TABLE gone) AND (
        quote ->> 'author_id' = $2 OR mentioned_ids @> ARRAY[$1::bigint] OR reply_to_user_id = $1
        OR mentioned_names ? $2 OR reply_to_id IN (TABLE gone)
        OR content LIKE '%<@' || $2 || '>%' OR content LIKE '%<@!' || $2 || '>%'
    )
), resat AS (
    -- the sitting goes on under the number of the first line that is left of it
    UPDATE recall_lines r SET sitting = first.line FROM (
        SELECT channel_id, sitting, min(message_id) AS line FROM recall_lines
        WHERE sitting IN (TABLE gone) AND message_id NOT IN (TABLE gone) AND owner_id <> $1
        GROUP BY channel_id, sitting
    ) first
    WHERE r.channel_id = first.channel_id AND r.sitting = first.sitting
        AND r.message_id NOT IN (TABLE gone) AND r.owner_id <> $1
), rooms AS (
    UPDATE channels SET seen_ids = array(SELECT one FROM unnest(seen_ids) one WHERE one NOT IN (TABLE gone)),
        declined_until = CASE WHEN declined_until IN (TABLE gone) THEN NULL ELSE declined_until END
    WHERE channel_id NOT IN (TABLE homes) AND (
        channel_id IN (SELECT c.channel_id FROM channels c, unnest(c.seen_ids) one WHERE one IN (TABLE gone))
        OR declined_until IN (TABLE gone)
    )
), policies AS (
    UPDATE channel_policies SET set_by = 0 WHERE set_by = $1 -- what they set for others holds
), closed AS (
    DELETE FROM channels WHERE channel_id IN (TABLE homes)
), person AS (
    DELETE FROM people WHERE user_id = $1
)
SELECT array(TABLE hers) AS her_lines, (SELECT count(*) FROM unsummed) AS summaries,
    array(SELECT soul_id FROM moved ORDER BY soul_id) AS souls
"""
