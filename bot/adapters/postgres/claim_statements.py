"""The statement that opens a turn: what waits in a channel, the talk before it, and what was said to others since."""

from __future__ import annotations

from bot.domain.message import ChannelKind, Reach
from bot.domain.room_policy import Hearing
from bot.domain.turn import PUT_OFF

# A step that a crash of the database may undo without harm need not wait for the disk: a lost claim leaves the
# messages waiting, a lost mark leaves a part in doubt, and both are looked at anew. Every other step is durable.
LAZY = "lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"

OVERHEARD_MOST = 40  # lines between others that come along with a turn
# What nobody asked her into is left as talk between others if it waited that long, as over a restart. Longer than
# `bot.domain.attention.LATE_S`: a slow model may be at work on it. Chosen by ear.
JOINED_WITHIN = "interval '5 minutes'"


def is_met(line: str) -> str:
    """Give the condition that the author of *line*, a row of ``messages``, has ever addressed her.

    A line that does so counts by itself: the version before this one notes nothing of the person.
    """
    return f"""({line}.speaker = 'person' AND (
        {line}.reach IN ('asked', 'called') AND {line}.state <> 'context'
        OR EXISTS (SELECT FROM people WHERE people.user_id = {line}.author_id AND people.met_at IS NOT NULL)
    ))"""


def without_urls(attachments: str) -> str:
    """Give *attachments*, a JSON array, without where their bytes are: that is known of a line until its answer."""
    return f"""CASE WHEN {attachments} = '[]' THEN {attachments} ELSE (
        SELECT jsonb_agg(one.item - 'url' ORDER BY one.place)
        FROM jsonb_array_elements({attachments}) WITH ORDINALITY AS one(item, place)
    ) END"""


PUT_AWAY = f"""attachments = {without_urls("attachments")}, quote = CASE WHEN quote IS NOT NULL
        THEN jsonb_set(quote, '{{attachments}}', {without_urls("(quote -> 'attachments')")}) END"""

_SILENT = "EXISTS (SELECT FROM silences WHERE silences.user_id = {line}.author_id)"
# Who wrote it wants not to be heard, or an admin restricted her: the process that heard it may not have known.
_UNWANTED = f"""({_SILENT.format(line="messages")} OR (SELECT hearing FROM here) = '{Hearing.IGNORE}'
        OR (SELECT hearing FROM here) = '{Hearing.MENTION_ONLY}' AND messages.reach <> '{Reach.ASKED}')"""
_FADED = f"""(messages.reach IN ('{Reach.JOINING}', '{Reach.UNSURE}')
        AND messages.sent_at < $2::timestamptz - {JOINED_WITHIN} AND NOT '{PUT_OFF}' = ANY(messages.reasons))"""
# Only lines newer than all that were shown, or they would come out of order.
_IN_ORDER = """m.sent_at >= $2::timestamptz - interval '1 day' AND m.message_id > coalesce((
            SELECT message_id FROM messages shown
            WHERE shown.channel_id = $1 AND shown.turn_id IS NOT NULL AND shown.speaker <> 'self'
            ORDER BY message_id DESC LIMIT 1
        ), 0) AND m.audience_kind = newest.audience_kind AND m.audience_id = newest.audience_id"""

# What the model declined is asked again by itself, so that others' lines do not share its fate.
# The talk so far comes along, newest lines last: of the same audience, in turns that are over. $4: somebody has just
# written, so that the channel does not wait for its next try.
# A thread begins with the line it was opened under. What is unwanted is emptied. Where nothing was ever set for a
# channel, what waits there was let in by rule. $5: lines whose words are known; as long as nobody edits one, only its
# id comes along. How the context chain stands comes along too, and whether anything stands for talk before it.
CLAIM = f"""
WITH {LAZY}, here AS (
    SELECT c.channel_id, c.guild_id, c.kind, c.parent_id, c.retry_at, c.retry_count, c.declined_count,
        c.declined_until, c.seen_ids, c.context_from_turn, coalesce(own.hearing, CASE
            WHEN c.is_own AND parents.hearing = '{Hearing.MENTION_ONLY}' THEN '{Hearing.LISTEN}' ELSE parents.hearing
        END, '') AS hearing, coalesce(x.turns_since, 0) AS turns_since,
        coalesce(x.low_cache_turns, 0) AS low_cache_turns, coalesce(x.prompt_tokens, 0) AS prompt_tokens,
        x.summary_due_at IS NOT NULL AS is_summary_due,
        x.handoff_before IS NOT NULL OR EXISTS (
            SELECT FROM summaries s WHERE s.channel_id = c.channel_id AND NOT s.is_condensed
        ) AS has_earlier
    FROM channels c
    LEFT JOIN contexts x ON x.channel_id = c.channel_id
    LEFT JOIN channel_policies own ON own.channel_id = c.channel_id AND c.kind <> '{ChannelKind.DM}'
    LEFT JOIN channel_policies parents ON parents.channel_id = c.parent_id
    WHERE c.channel_id = $1
), due AS (
    SELECT * FROM here
    WHERE ($4 OR retry_at IS NULL OR retry_at <= $2::timestamptz)
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.channel_id = $1 AND state = 'ready')
), hushed AS (
    UPDATE messages SET state = 'withdrawn', content = '', attachments = '[]', forwards = '[]', quote = NULL,
        mentioned_ids = '{{}}', mentioned_names = '{{}}'
    WHERE channel_id = $1 AND state = 'pending' AND {_UNWANTED}
), faded AS (
    UPDATE messages SET state = 'context', {PUT_AWAY}
    WHERE channel_id = $1 AND state = 'pending' AND {_FADED} AND NOT {_UNWANTED}
    RETURNING messages.*
), waiting AS (
    SELECT message_id, author_id, audience_kind, audience_id FROM messages
    WHERE channel_id = (SELECT channel_id FROM due) AND state = 'pending' AND NOT {_UNWANTED} AND NOT {_FADED}
        AND (message_id <= (SELECT declined_until FROM due) OR NOT EXISTS (
            SELECT FROM messages declined, due
            WHERE declined.channel_id = $1 AND declined.state = 'pending' AND declined.message_id <= due.declined_until
        ))
    ORDER BY message_id LIMIT $3 FOR UPDATE
), newest AS (
    SELECT message_id, audience_kind, audience_id FROM waiting ORDER BY message_id DESC LIMIT 1
), turn AS (
    INSERT INTO turns (channel_id, state, after_id, started_at)
    SELECT $1, 'drafting', message_id, $2::timestamptz FROM newest
    RETURNING turn_id AS opened
), claimed AS (
    UPDATE messages SET state = 'claimed', turn_id = turn.opened
    FROM turn, waiting WHERE messages.message_id = waiting.message_id
    RETURNING messages.*
), overheard AS (
    SELECT * FROM (
        (SELECT m.* FROM messages m, due, newest
        WHERE due.kind <> '{ChannelKind.DM}' AND due.hearing IN ('', '{Hearing.LISTEN}')
            AND m.channel_id = $1 AND m.state = 'context' AND m.turn_id IS NULL
            AND {_IN_ORDER} AND NOT {_SILENT.format(line="m")}
        ORDER BY m.message_id DESC LIMIT {OVERHEARD_MOST})
        UNION ALL SELECT m.* FROM faded m, newest WHERE {_IN_ORDER}
    ) lines ORDER BY message_id DESC LIMIT {OVERHEARD_MOST}
), talk AS (
    SELECT m.*, m.turn_id AS told_in, m.edited_at IS NULL AND m.message_id IN (SELECT unnest($5::bigint[])) AS is_known
    FROM messages m, due, newest
    WHERE m.channel_id = $1 AND m.state IN ('answered', 'context') AND m.turn_id >= due.context_from_turn
        AND m.audience_kind = newest.audience_kind AND m.audience_id = newest.audience_id
        AND NOT {_SILENT.format(line="m")}
    UNION ALL SELECT claimed.*, turn_id, false FROM claimed
    UNION ALL SELECT overheard.*, NULL, false FROM overheard
    UNION ALL
    SELECT m.*, 0, false FROM messages m, due
    WHERE due.kind = '{ChannelKind.THREAD}' AND m.message_id = due.channel_id AND m.channel_id <> due.channel_id
        AND m.state NOT IN ('declined', 'withdrawn') AND NOT {_SILENT.format(line="m")}
)
SELECT due.guild_id, due.kind, due.parent_id, due.retry_count, due.declined_count, due.seen_ids,
    due.turns_since, due.low_cache_turns, due.prompt_tokens, due.is_summary_due, due.has_earlier, (
    SELECT jsonb_object_agg(user_id, time_zone) FROM people
    WHERE user_id IN (SELECT author_id FROM waiting) AND time_zone IS NOT NULL
) AS time_zones, ARRAY(SELECT message_id FROM talk WHERE is_known) AS known, turn.opened, talk.*,
    CASE WHEN told_in IS NULL OR told_in = turn.opened THEN {is_met("talk")} END AS is_met,
    CASE WHEN talk.quote IS NOT NULL THEN EXISTS (
        SELECT FROM silences WHERE silences.user_id = (talk.quote ->> 'author_id')::bigint
    ) END AS quotes_silent
FROM lazily, due, turn, newest, talk
WHERE NOT talk.is_known
ORDER BY talk.told_in NULLS LAST, talk.speaker = 'self', talk.message_id
"""
