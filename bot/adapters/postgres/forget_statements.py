"""The statements of forgetting: what there is of some lines, what may repeat them, and one that takes it all away.

There may be a hundred thousand lines. Where every row of a table is held against them, that is by a list that Postgres
can hash (``IN (SELECT unnest(…))``): ``= ANY(…)`` of a parameter goes through the whole array for each row, unless an
index is asked.
"""

from __future__ import annotations

EMPTIED = """state = 'withdrawn', content = '', attachments = '[]', forwards = '[]', quote = NULL,
        mentioned_ids = '{}', mentioned_names = '{}'"""

# Where the row of a line goes while its text stands on Discord, the next session of a gateway would read it there once
# more if it is younger than what is looked at anew (`bot.engine.gaps.MARGIN`): its number is kept until that is past.
_KEPT_OUT = """
    INSERT INTO early_deletes (message_id, deleted_at)
    SELECT message_id, {now}::timestamptz FROM {gone}
    WHERE sent_at > (SELECT min(heard_until) FROM gateway_marks) - interval '2 minutes'
    ON CONFLICT (message_id) DO UPDATE SET deleted_at = excluded.deleted_at
    RETURNING message_id"""

# $1 lines; of one that was emptied already its search terms still say what was in it
LINES = """
SELECT m.message_id, m.channel_id, m.author_id, m.speaker, m.state, m.turn_id, m.sent_at, m.content,
    m.forwards::text AS forwards, m.attachments::text AS attachments, c.guild_id,
    array(SELECT DISTINCT term FROM recall_lines r, unnest(tsvector_to_array(r.lexemes)) term
          WHERE r.message_id = m.message_id) AS lexemes
FROM messages m JOIN channels c USING (channel_id) WHERE m.message_id = ANY($1::bigint[])
"""

# $1 lines: memories that rest on them, what reflection made of those, and portrait lines that name no line at all
DERIVED = """
WITH RECURSIVE derived AS (
    SELECT m.memory_id, m.superseded_by, m.text, m.tags, m.milestones, m.owner_id, m.audience_kind, m.audience_id
    FROM memory_sources s JOIN memories m USING (memory_id) WHERE s.message_id = ANY($1::bigint[])
    UNION
    SELECT m.memory_id, m.superseded_by, m.text, m.tags, m.milestones, m.owner_id, m.audience_kind, m.audience_id
    FROM derived d JOIN memories m ON m.memory_id = d.superseded_by WHERE m.origin = 'reflection'
)
SELECT memory_id, text FROM derived
UNION
SELECT m.memory_id, m.text FROM memories m
WHERE m.kind = 'portrait' AND m.origin = 'reflection'
    AND NOT EXISTS (SELECT FROM memory_sources s WHERE s.memory_id = m.memory_id)
    AND EXISTS (
        SELECT FROM messages line WHERE line.message_id = ANY($1::bigint[]) AND line.author_id = m.owner_id
            AND line.audience_kind = m.audience_kind AND line.audience_id = m.audience_id
    )
"""

# $1 lines that are empty: what she said when she answered them
ANSWERS = """
SELECT own.content AS said FROM messages line JOIN messages own ON own.turn_id = line.turn_id
WHERE line.message_id = ANY($1::bigint[]) AND own.speaker = 'self'
"""

# $1 owner $2 memories
OWNED = """
SELECT memory_id, text, said_at, origin FROM memories WHERE owner_id = $1 AND memory_id = ANY($2::bigint[])
"""
SOURCES = """
SELECT DISTINCT s.message_id FROM memory_sources s JOIN memories m USING (memory_id)
WHERE m.owner_id = $1 AND m.memory_id = ANY($2::bigint[]) ORDER BY s.message_id
"""

# $1 channels $2 servers $3 people: where what they said may have come up again; *is_near* where a prompt can show it
PLACES = """
SELECT channel_id, channel_id = ANY($1::bigint[]) OR coalesce(parent_id = ANY($1::bigint[]), false) AS is_near
FROM channels
WHERE channel_id = ANY($1::bigint[]) OR guild_id = ANY($2::bigint[]) OR parent_id = ANY($1::bigint[])
UNION
SELECT m.channel_id, true FROM messages m JOIN channels c USING (channel_id)
WHERE m.author_id = ANY($3::bigint[]) AND c.kind = 'dm'
"""

# $1 rooms $2 since which line: who was answered there may have been told again in their own direct conversation
HEARERS = """
SELECT author_id, home.channel_id FROM (
    SELECT DISTINCT author_id FROM messages
    WHERE channel_id = ANY($1::bigint[]) AND message_id > $2 AND speaker = 'person' AND state = 'answered'
) hearers, LATERAL (
    SELECT channel_id FROM messages m JOIN channels c USING (channel_id)
    WHERE m.author_id = hearers.author_id AND c.kind = 'dm' LIMIT 1
) home
"""

# A word that some language leaves out of a search says nothing of where it comes from.
COMMON = r"""
SELECT word FROM unnest($1::text[]) AS word WHERE EXISTS (
    SELECT FROM pg_ts_dict d WHERE d.dictname LIKE '%\_stem' AND ts_lexize(d.oid::regdictionary, word) = '{}'
)
"""

# What can hold the words: a text of ASCII alone is looked at here, any other by who asks. {0} is the text, $1 the words
_HOLDS = "(octet_length({0}) <> char_length({0}) OR {0} ~* $1)"

# $1 pattern $2 channels $3 people $4 lines to be forgotten $5 after which line $6 how many: what else was said there,
# or by them
REMAINING = f"""
SELECT message_id, content AS said FROM messages m
WHERE (m.channel_id = ANY($2::bigint[]) OR m.author_id = ANY($3::bigint[])) AND m.speaker <> 'self'
    AND m.state <> 'withdrawn' AND m.message_id > $5 AND m.message_id NOT IN (SELECT unnest($4::bigint[]))
    AND {_HOLDS.format("m.content")}
ORDER BY m.message_id LIMIT $6
"""
# $1 pattern $2 people $3 memories that go: what they told her by a command
TOLD = f"""
SELECT text AS said FROM memories m
WHERE m.owner_id = ANY($2::bigint[]) AND m.origin = 'person' AND m.memory_id <> ALL($3::bigint[])
    AND NOT EXISTS (SELECT FROM memory_sources s WHERE s.memory_id = m.memory_id) AND {_HOLDS.format("m.text")}
"""
# $1 pattern $2 before which line $3 how many: what she said herself before
SAID_BEFORE = f"""
SELECT said FROM (
    SELECT content AS said FROM messages WHERE speaker = 'self' AND state <> 'withdrawn' AND message_id < $2
    ORDER BY message_id DESC LIMIT $3
) own WHERE {_HOLDS.format("said")}
"""
# $1 pattern $2 channels that do not count $3 how many: what others say elsewhere
ELSEWHERE = f"""
SELECT author_id, said FROM (
    SELECT author_id, content AS said, channel_id, speaker FROM messages ORDER BY message_id DESC LIMIT $3
) others WHERE speaker = 'person' AND channel_id <> ALL($2::bigint[]) AND {_HOLDS.format("said")}
"""

_SEEN = """(audience_kind = 'channel' AND audience_id = ANY($2::bigint[])
        OR audience_kind = 'guild' AND audience_id = ANY($3::bigint[])
        OR audience_kind = 'person' AND audience_id = ANY($4::bigint[]))"""

# $1 pattern $2 channels $3 servers $4 people $5 since when $6 from which line on: texts that may repeat the words
REPEATS = f"""
SELECT * FROM (
    SELECT 'line' AS what, message_id AS id, content AS said FROM messages
    WHERE channel_id = ANY($2::bigint[]) AND speaker = 'self' AND state <> 'withdrawn' AND message_id > $6
    UNION ALL
    SELECT 'quote', message_id, quote::text FROM messages
    WHERE channel_id = ANY($2) AND quote IS NOT NULL AND message_id > $6
    UNION ALL
    SELECT 'forward', message_id, forwards::text FROM messages
    WHERE channel_id = ANY($2) AND forwards <> '[]' AND message_id > $6
    UNION ALL
    SELECT 'part', part_id, content FROM outbox WHERE channel_id = ANY($2) AND content <> '' AND created_at >= $5
    UNION ALL
    SELECT 'tail', turn_id, concat_ws(' ', tail::text, expression, persona_wish) FROM turns
    WHERE channel_id = ANY($2) AND started_at >= $5
    UNION ALL
    SELECT 'timer', timer_id, text FROM timers
    WHERE (channel_id = ANY($2) OR user_id = ANY($4::bigint[])) AND created_at >= $5
    UNION ALL
    SELECT 'summary', summary_id, concat_ws(' ', text, note) FROM summaries
    WHERE channel_id = ANY($2) AND created_at >= $5
    UNION ALL
    SELECT 'memory', memory_id, concat_ws(' ', text, tags::text, milestones::text) FROM memories m
    WHERE (owner_id = ANY($4) OR {_SEEN}) AND created_at >= $5 AND (
        origin <> 'person' OR EXISTS (SELECT FROM memory_sources s WHERE s.memory_id = m.memory_id)
    )
    UNION ALL
    SELECT 'note', note_id, text FROM self_notes WHERE (audience_kind IS NULL OR {_SEEN}) AND revised_at >= $5
) texts WHERE {_HOLDS.format("said")}
"""

# What is being made in a place may know what is forgotten. An answer of which nothing is out begins anew, whichever
# process makes it: its next commit finds that the turn is no longer its own. $1 channels $2 now
INTERRUPT = """
WITH over AS (
    UPDATE turns SET state = 'released', closed_at = $2, reasons = ARRAY['something was forgotten']
    WHERE state = 'drafting' AND channel_id = ANY($1::bigint[]) RETURNING turn_id, channel_id
), heard AS (
    UPDATE messages SET state = 'pending', turn_id = NULL
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
)
SELECT turn_id, channel_id, false AS may_say_more FROM over
UNION ALL SELECT turn_id, channel_id, true FROM turns WHERE state = 'sending' AND channel_id = ANY($1)
"""
STILL_UNDER_WAY = "SELECT turn_id FROM turns WHERE turn_id = ANY($1::bigint[]) AND state IN ('drafting', 'sending')"

# Turns that went on while something was forgotten wait in the ledger of jobs until somebody looked at them again. Words
# are kept nowhere: if the process that has them in memory dies, everything that such a turn made goes.
LOOK = "second look: turn "
LOOKED = f"""
DELETE FROM job_slots
WHERE job IN (SELECT '{LOOK}' || one FROM unnest($1::bigint[]) one) AND slot = '-infinity' AND taken_at <= $2
"""
# $1 before when it was forgotten $2 before when a turn that never ends was begun to be waited for
LEFT_TO_LOOK_AT = f"""
SELECT l.turn_id, l.taken_at FROM (
    SELECT replace(job, '{LOOK}', '')::bigint AS turn_id, taken_at FROM job_slots
    WHERE job LIKE '{LOOK}%' AND slot = '-infinity' AND taken_at <= $1
) l LEFT JOIN turns t USING (turn_id)
WHERE (t.state IS NULL OR t.state NOT IN ('drafting', 'sending') OR l.taken_at <= $2)
"""
# $1 turns: what they made, and which of their lines went meanwhile
MADE = """
SELECT 'gone' AS what, message_id AS id FROM messages
WHERE turn_id = ANY($1::bigint[]) AND speaker <> 'self' AND state = 'withdrawn'
UNION ALL
SELECT 'line', message_id FROM messages WHERE turn_id = ANY($1) AND speaker = 'self'
UNION ALL SELECT 'part', part_id FROM outbox WHERE turn_id = ANY($1) AND kind <> 'reaction'
UNION ALL SELECT 'tail', turn_id FROM turns WHERE turn_id = ANY($1)
UNION ALL SELECT 'timer', timer_id FROM timers WHERE turn_id = ANY($1)
UNION ALL SELECT 'memory', m.memory_id FROM memories m JOIN memory_sources s USING (memory_id)
    JOIN messages line USING (message_id) JOIN turns t ON t.turn_id = line.turn_id
WHERE t.turn_id = ANY($1) AND m.origin = 'talk' AND m.created_at >= t.started_at
"""

# A soul is worked out anew once for however much was forgotten: that it has to be is kept in the ledger of jobs.
MEND = "feelings anew: soul "
_MEND = f"""
    INSERT INTO job_slots (job, slot, taken_at)
    SELECT DISTINCT '{MEND}' || soul_id, '-infinity'::timestamptz, {{now}}::timestamptz FROM {{moved}}
    ON CONFLICT (job, slot) DO UPDATE SET taken_at = excluded.taken_at"""
TO_MEND = f"SELECT job, taken_at FROM job_slots WHERE job LIKE '{MEND}%' ORDER BY job"
MENDED = "DELETE FROM job_slots WHERE job = $1 AND slot = '-infinity' AND taken_at <= $2"


def mend(moved: str, now: str) -> str:
    """Give the statement that notes the souls in the CTE *moved* to be worked out anew."""
    return _MEND.format(moved=moved, now=now)


def kept_out(gone: str, now: str) -> str:
    """Give the statement that keeps lines of the CTE *gone* from coming back out of Discord's history."""
    return _KEPT_OUT.format(gone=gone, now=now)


# $1 lines $2 now $3 her lines $4 memories $5 summaries $6 notes $7 timers $8 parts $9 turns whose tail goes
# $10 lines whose quote goes $11 lines whose forwards go $12 where a prompt can show them
FORGET = f"""
WITH there AS (
    SELECT message_id, channel_id, author_id, state, speaker, turn_id, audience_kind, audience_id, sent_at,
        state = 'context' AND turn_id IS NULL AS is_loose
    FROM messages WHERE message_id = ANY($1::bigint[]) ORDER BY message_id FOR UPDATE
), answered AS (
    -- what answered them; where one was only shown, nothing of the turn is about it
    SELECT DISTINCT turn_id FROM there
    WHERE turn_id IS NOT NULL AND speaker <> 'self' AND (state <> 'context' OR EXISTS (
        SELECT FROM appraisals a WHERE a.message_id = there.message_id
    ))
), own AS (
    SELECT message_id, turn_id, state FROM messages
    WHERE speaker = 'self' AND (
        turn_id IN (SELECT turn_id FROM answered) OR message_id IN (SELECT unnest($3::bigint[]))
    )
), gone AS (
    SELECT message_id FROM there UNION SELECT message_id FROM own
), dropped AS (
    DELETE FROM messages USING there WHERE messages.message_id = there.message_id AND there.is_loose
), loose AS (
    SELECT message_id, sent_at FROM there WHERE is_loose
), kept_out AS ({kept_out("loose", "$2")}
), emptied AS (
    UPDATE messages SET {EMPTIED}, edited_at = coalesce(edited_at, $2)
    WHERE message_id IN (
        SELECT message_id FROM there WHERE NOT is_loose UNION SELECT message_id FROM own
    )
), unquoted AS (
    UPDATE messages SET quote = NULL
    WHERE quote IS NOT NULL AND message_id NOT IN (SELECT message_id FROM gone)
        AND (reply_to_id IN (SELECT message_id FROM gone) OR message_id IN (SELECT unnest($10::bigint[])))
), unforwarded AS (
    UPDATE messages SET forwards = '[]' -- one that is quoted as well is done again by who looks a second time
    WHERE message_id = ANY($11::bigint[]) AND message_id NOT IN (SELECT unnest($10))
        AND message_id NOT IN (SELECT message_id FROM gone)
        AND (reply_to_id IS NULL OR reply_to_id NOT IN (SELECT message_id FROM gone))
), unindexed AS (
    DELETE FROM recall_lines WHERE message_id IN (SELECT message_id FROM gone)
), forgotten AS (
    DELETE FROM memories m WHERE m.memory_id IN (
        SELECT unnest($4::bigint[]) UNION SELECT memory_id FROM memory_sources s WHERE s.message_id = ANY($1)
    )
    RETURNING m.memory_id, m.owner_id, m.audience_kind, m.audience_id, m.state
), thought_over AS (
    -- what is left of them is looked at again: the picture of them was made from all
    INSERT INTO reflections (owner_id, audience_kind, audience_id, waits_since, due_at)
    SELECT DISTINCT owner_id, audience_kind, audience_id, $2::timestamptz, $2::timestamptz FROM forgotten
    ON CONFLICT (owner_id, audience_kind, audience_id) DO UPDATE SET reread_ids = array(
        SELECT one FROM unnest(reflections.reread_ids) one WHERE one NOT IN (SELECT unnest($1))
    ), due_at = least(reflections.due_at, $2)
), unsummed AS (
    DELETE FROM summaries s WHERE s.summary_id = ANY($5::bigint[]) OR EXISTS (
        SELECT FROM there JOIN turns t ON t.turn_id = there.turn_id
        WHERE s.channel_id IN (t.channel_id, there.channel_id) AND there.turn_id BETWEEN s.from_turn AND s.to_turn
    ) OR EXISTS (
        SELECT FROM messages line JOIN own USING (message_id)
        WHERE s.channel_id = line.channel_id AND own.turn_id BETWEEN s.from_turn AND s.to_turn
    ) OR EXISTS (
        -- and what was made of one that repeats it, or beside it of the same talk
        SELECT FROM summaries one WHERE one.summary_id = ANY($5) AND one.channel_id = s.channel_id
            AND one.level <= s.level AND one.from_turn <= s.to_turn AND one.to_turn >= s.from_turn
    )
    RETURNING s.summary_id, s.channel_id, s.person_id, s.level, s.from_turn, s.to_turn
), uncondensed AS (
    -- parts of a summary of summaries that goes stand for themselves again
    UPDATE summaries part SET is_condensed = false FROM unsummed whole
    WHERE part.is_condensed AND part.channel_id = whole.channel_id AND part.level = whole.level - 1
        AND part.person_id IS NOT DISTINCT FROM whole.person_id
        AND part.from_turn >= whole.from_turn AND part.to_turn <= whole.to_turn
        AND part.summary_id NOT IN (SELECT summary_id FROM unsummed)
), summed_anew AS (
    -- who makes a summary there just now was shown the record so far: they hold the channel no longer
    UPDATE contexts SET summary_due_at = least(coalesce(summary_due_at, $2), $2)
    WHERE channel_id IN (SELECT channel_id FROM unsummed) OR channel_id = ANY($12::bigint[]) AND summary_due_at > $2
), unnoted AS (
    DELETE FROM self_notes n WHERE n.note_id = ANY($6::bigint[]) OR EXISTS (
        SELECT FROM self_note_sources s WHERE s.note_id = n.note_id AND s.message_id IN (SELECT message_id FROM gone)
    )
    RETURNING n.note_id
), unset AS (
    DELETE FROM timers WHERE timer_id = ANY($7::bigint[]) OR source_id IN (SELECT unnest($1))
), unsaid AS (
    UPDATE outbox SET content = '', state = CASE WHEN state = 'ready' THEN 'refused' ELSE state END,
        done_at = coalesce(done_at, $2)
    WHERE part_id IN (SELECT unnest($8::bigint[])) OR message_id IN (SELECT message_id FROM gone)
        OR turn_id IN (SELECT turn_id FROM answered) AND kind <> 'reaction'
), unproposed AS (
    UPDATE turns SET tail = '{{}}', expression = NULL, persona_wish = NULL
    WHERE turn_id IN (SELECT unnest($9::bigint[]) UNION SELECT turn_id FROM there)
        AND state NOT IN ('drafting', 'sending')
), unfelt AS (
    DELETE FROM appraisals WHERE message_id = ANY($1) RETURNING turn_id
), moved AS (
    SELECT e.soul_id FROM affect_events e WHERE e.turn_id IN (SELECT turn_id FROM unfelt)
), unhappened AS (
    DELETE FROM affect_events e WHERE e.turn_id IN (SELECT turn_id FROM unfelt) AND NOT EXISTS (
        SELECT FROM appraisals a WHERE a.turn_id = e.turn_id AND a.message_id NOT IN (SELECT message_id FROM there)
    )
), to_mend AS ({mend("moved", "$2")}
), to_look_at AS (
    INSERT INTO job_slots (job, slot, taken_at)
    SELECT '{LOOK}' || turn_id, '-infinity'::timestamptz, $2::timestamptz FROM turns
    WHERE channel_id = ANY($12) AND state IN ('drafting', 'sending')
    ON CONFLICT (job, slot) DO UPDATE SET taken_at = excluded.taken_at
)
SELECT (SELECT count(*) FROM there WHERE state <> 'withdrawn') AS messages,
    (SELECT count(*) FROM forgotten) AS memories,
    (SELECT count(*) FROM unsummed) AS summaries, (SELECT count(*) FROM own WHERE state <> 'withdrawn') AS own_lines,
    (SELECT count(*) FROM unnoted) AS notes, array(SELECT message_id FROM own) AS her_lines,
    array(SELECT DISTINCT soul_id FROM moved ORDER BY soul_id) AS souls
"""
