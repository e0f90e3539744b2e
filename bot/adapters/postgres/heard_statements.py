"""What is kept of messages when they come, change and go: one statement each, as in `statements`."""

from __future__ import annotations

WAKE_ENTRYPOINT = "wake"

# $1 message $2 channel $3 guild $4 kind $5 author $6 name $7 is_bot $8 speaker $9 content $10 attachments
# $11 reply_to $12 audience_kind $13 audience_id $14 reasons $15 is_hers $16 sent_at $17 heard_at $18 reach $19 quote
# $20 forwards $21 mentioned_ids $22 reply_to_user $23 mentions_all $24 parent $25 when the author is met, if they are
# $26 mentioned_names
_COLUMNS = """message_id, channel_id, author_id, speaker, author_name, content, attachments, reply_to_id, audience_kind,
    audience_id, reasons, state, wake_job_id, sent_at, heard_at, reach, quote, forwards, mentioned_ids,
    reply_to_user_id, mentions_all, mentioned_names"""

# Where another process answers, a message comes with a job that wakes it; the job goes with the answer. The queue's
# triggers tell every listener of each statement that touches it, were it without rows: who answers alone leaves it be.
_WAKE = f""", job AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)
    SELECT 0, '{WAKE_ENTRYPOINT}', convert_to($2::bigint::text, 'UTF8'), now(), 'queued'
    WHERE $15 AND NOT EXISTS (SELECT FROM known)
    RETURNING id
)"""
# who has sent it types no more, as far as others are told
_PLACE_TOLD = "DO UPDATE SET typing_until = NULL, parent_id = coalesce(channels.parent_id, excluded.parent_id)"
# a thread that the version before this one kept does not know its channel yet
_ADOPT = """, adopted AS (
    UPDATE channels SET parent_id = $24 WHERE $24::bigint IS NOT NULL AND channel_id = $2 AND parent_id IS NULL
)"""
# $27 version $28 outcome $29 reasons $30 score $31 bar $32 weights $33 features $34 policy
_DECIDED = """, noted AS (
    INSERT INTO decisions (message_id, channel_id, decided_at, version, outcome, reach, reasons, score, bar,
        weights, features, policy)
    SELECT message_id, $2, $17, $27, $28, $18, $29, $30, $31, $32::text::jsonb, $33::text::jsonb, $34::text::jsonb
    FROM heard ON CONFLICT (message_id) DO NOTHING
)"""


# Nothing is kept of who wants not to be heard, nor what others quote of them, nor how they are called.
def _hear(*, wakes_others: bool, is_decided: bool) -> str:
    job, job_id = (_WAKE, "(SELECT id FROM job)") if wakes_others else ("", "NULL::bigint")
    met_place, adopt = (_PLACE_TOLD, "") if wakes_others else ("DO NOTHING", _ADOPT)
    return f"""
WITH known AS (
    SELECT 1 FROM messages WHERE message_id = $1
    UNION ALL SELECT 1 FROM early_deletes WHERE message_id = $1
    UNION ALL SELECT 1 FROM silences WHERE user_id = $5
), person AS (
    INSERT INTO people AS p (user_id, display_name, is_bot, first_seen_at, last_seen_at, met_at)
    SELECT $5, $6, $7, $17::timestamptz, $17::timestamptz, $25::timestamptz WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (user_id) DO UPDATE
    SET display_name = excluded.display_name, last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at),
        met_at = coalesce(p.met_at, excluded.met_at)
), place AS (
    INSERT INTO channels (channel_id, guild_id, kind, parent_id)
    SELECT $2, $3, $4, $24::bigint WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (channel_id) {met_place}
){adopt}{job}, heard AS (
    INSERT INTO messages ({_COLUMNS})
    SELECT $1, $2, $5, $8, $6, $9, $10::text::jsonb, $11, $12, $13, $14,
        CASE WHEN $15 THEN 'pending' ELSE 'context' END, {job_id}, $16, $17, $18,
        CASE WHEN NOT EXISTS (
            SELECT FROM silences WHERE user_id = ($19::text::jsonb ->> 'author_id')::bigint
        ) THEN $19::text::jsonb END,
        $20::text::jsonb, $21::bigint[], $22::bigint, $23::boolean,
        $26::text::jsonb - ARRAY(SELECT user_id::text FROM silences WHERE user_id = ANY($21::bigint[]))
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (message_id) DO NOTHING
    RETURNING message_id
){_DECIDED if is_decided else ""}
SELECT message_id FROM heard
"""


HEAR, HEAR_DECIDED = (_hear(wakes_others=False, is_decided=is_decided) for is_decided in (False, True))
HEAR_AND_WAKE, HEAR_DECIDED_AND_WAKE = (_hear(wakes_others=True, is_decided=is_decided) for is_decided in (False, True))

# A line that others said while an answer is being made may stand in its prompt. $3: when it changed
_IN_DRAFT = """EXISTS (
    SELECT FROM turns WHERE turns.channel_id = {line}.channel_id AND turns.state = 'drafting'
        AND turns.started_at >= {line}.heard_at
)"""
# made of nothing but the words of whom she answered: what was overheard leaves no trace to follow
_LEFT_TRACES = "NOT IN ('pending', 'context')"

# What an answer was made from already has to follow the message: that is noted beside it.
EDIT = f"""
WITH changed AS (
    UPDATE messages SET content = $2, edited_at = $3
    WHERE message_id = $1 AND speaker <> 'self' AND state <> 'withdrawn' AND content <> $2
        AND (edited_at IS NULL OR edited_at <= $3)
        AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = messages.author_id)
    RETURNING message_id, channel_id, state, turn_id, speaker, heard_at
), noted AS (
    INSERT INTO message_changes (message_id, kind, happened_at)
    SELECT message_id, 'edited', $3 FROM changed WHERE state {_LEFT_TRACES}
), unquoted AS (
    UPDATE messages SET quote = NULL WHERE reply_to_id = (SELECT message_id FROM changed) AND quote IS NOT NULL
)
SELECT channel_id, state = 'claimed' OR (
    state = 'context' AND turn_id IS NULL AND speaker = 'person' AND {_IN_DRAFT.format(line="changed")}
) AS is_touched
FROM changed
"""

# $3: ids young enough that their message may still be on its way, or come a second time. Who forgets what was made of a
# line has to know what it said: until then its words are left as search terms, of one that was not indexed as well.
WITHDRAW = f"""
WITH there AS (
    SELECT *, state = 'context' AND turn_id IS NULL AS is_loose
    FROM messages WHERE message_id = ANY($1::bigint[]) AND state <> 'withdrawn' ORDER BY message_id FOR UPDATE
), dropped AS (
    DELETE FROM messages USING there WHERE messages.message_id = there.message_id AND there.is_loose
), emptied AS (
    UPDATE messages SET state = 'withdrawn', content = '', attachments = '[]', forwards = '[]', quote = NULL,
        mentioned_ids = '{{}}', mentioned_names = '{{}}', edited_at = $2
    FROM there WHERE messages.message_id = there.message_id AND NOT there.is_loose
    RETURNING messages.message_id
), unquoted AS (
    UPDATE messages SET quote = NULL
    WHERE reply_to_id = ANY($1) AND quote IS NOT NULL AND message_id <> ALL($1)
), noted AS (
    INSERT INTO message_changes (message_id, kind, happened_at)
    SELECT message_id, 'withdrawn', $2 FROM there WHERE state {_LEFT_TRACES}
), known_by AS (
    INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at,
        sitting, is_own, is_question, has_time, lexemes)
    SELECT author_id, message_id, channel_id, author_id, audience_kind, audience_id, sent_at, message_id, false, false,
        false, to_tsvector('simple', concat_ws(' ', content, forwards::text,
            jsonb_path_query_array(attachments, '$[*].name')::text))
    FROM there WHERE state {_LEFT_TRACES} AND speaker <> 'self'
        AND NOT EXISTS (SELECT FROM recall_lines r WHERE r.message_id = there.message_id)
    ON CONFLICT DO NOTHING
), early AS (
    INSERT INTO early_deletes (message_id, deleted_at)
    SELECT young, $2 FROM unnest($3::bigint[]) young
    WHERE NOT EXISTS (SELECT FROM emptied WHERE emptied.message_id = young)
    ON CONFLICT (message_id) DO NOTHING
)
SELECT DISTINCT channel_id FROM there WHERE state = 'claimed' OR is_loose AND {_IN_DRAFT.format(line="there")}
"""

KNOWN = "SELECT message_id FROM messages WHERE message_id = ANY($1::bigint[])"
# A session that begins reads once more what was said shortly before the last one was heard; nobody looks back further
# than 14 days.
FORGET_EARLY_DELETES = """
DELETE FROM early_deletes WHERE deleted_at < $1 AND (deleted_at < $1 - interval '14 days' OR NOT EXISTS (
    SELECT FROM gateway_marks WHERE heard_until < early_deletes.deleted_at + interval '2 minutes'
))
"""

CHANGES = "SELECT change_id, message_id, kind FROM message_changes ORDER BY change_id LIMIT $1"
FOLLOWED = "DELETE FROM message_changes WHERE change_id = ANY($1::bigint[])"

OWN_LINES = """
SELECT content FROM messages WHERE speaker = 'self' AND state <> 'withdrawn' ORDER BY message_id DESC LIMIT $1
"""
