"""Statements of life among people: policies, silences, and the record of decisions."""

from __future__ import annotations

from datetime import timedelta

from bot.adapters.postgres.claim_statements import is_met
from bot.domain.attention import Outcome
from bot.domain.message import ChannelKind, Speaker
from bot.domain.room_policy import Hearing

OVERHEARD_KEPT = 200  # lines between others that a channel keeps at most
OVERHEARD_LASTS = timedelta(days=1)
DECISIONS_LAST = timedelta(days=30)
DECISIONS_KEPT = 20_000  # of one channel, some 40 MB; beyond that those that came to nothing go

POLICIES = "SELECT * FROM channel_policies WHERE channel_id = ANY($1::bigint[])"
LISTENING = f"SELECT channel_id FROM channel_policies WHERE hearing = '{Hearing.LISTEN}' ORDER BY channel_id"
OWN_THREADS = "SELECT channel_id FROM channels WHERE channel_id = ANY($1::bigint[]) AND is_own"

# Nobody may be left as context where she no longer listens. A thread follows its channel unless it has a policy itself;
# one that she opened herself is only left where everything is ignored.
_UNHEARD = f"""
    m.state = 'context' AND m.turn_id IS NULL AND m.channel_id = c.channel_id AND (
        own.hearing <> '{Hearing.LISTEN}'
        OR own.channel_id IS NULL AND (
            parents.hearing = '{Hearing.IGNORE}' OR parents.hearing = '{Hearing.MENTION_ONLY}' AND NOT c.is_own
        )
    )"""

# $1 channel $2 guild $3 hearing $4 chattiness $5 quiet_begins $6 quiet_ends $7 quiet_zone $8 persona $9 by $10 now
SET_POLICY = """
INSERT INTO channel_policies (channel_id, guild_id, hearing, chattiness, quiet_begins, quiet_ends, quiet_zone, persona,
    set_by, set_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (channel_id) DO UPDATE
SET guild_id = excluded.guild_id, hearing = excluded.hearing, chattiness = excluded.chattiness,
    quiet_begins = excluded.quiet_begins, quiet_ends = excluded.quiet_ends, quiet_zone = excluded.quiet_zone,
    persona = excluded.persona, set_by = excluded.set_by, set_at = excluded.set_at
"""

# $1: a channel, with its threads; null is everywhere
DROP_UNHEARD = f"""
WITH dropped AS (
    DELETE FROM messages m USING channels c
        LEFT JOIN channel_policies own ON own.channel_id = c.channel_id
        LEFT JOIN channel_policies parents ON parents.channel_id = c.parent_id
    WHERE ($1::bigint IS NULL OR c.channel_id = $1 OR c.parent_id = $1) AND {_UNHEARD}
    RETURNING m.message_id
)
SELECT count(*) AS dropped FROM dropped
"""

SILENT = "SELECT user_id FROM silences ORDER BY user_id"
IS_SILENT = "SELECT user_id FROM silences WHERE user_id = $1"
SILENCE = "INSERT INTO silences (user_id, since) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING"
# Lines of theirs that are just being kept hold this row: once they are, they are there to be dropped.
AWAIT_LINES = "SELECT user_id FROM people WHERE user_id = $1 FOR UPDATE"
UNSILENCE = "DELETE FROM silences WHERE user_id = $1"

# Of who wants not to be heard: what was overheard goes, with what was decided of it; what waits is emptied and not
# answered; nobody quotes or names them. $1: one of them, null is all
HUSH = """
WITH them AS (
    SELECT array_agg(user_id) AS ids FROM silences WHERE $1::bigint IS NULL OR user_id = $1
), dropped AS (
    DELETE FROM messages WHERE author_id = ANY((SELECT ids FROM them)::bigint[]) AND state = 'context'
    RETURNING message_id
), undecided AS (
    DELETE FROM decisions USING dropped WHERE decisions.message_id = dropped.message_id
), emptied AS (
    UPDATE messages SET state = 'withdrawn', content = '', attachments = '[]', forwards = '[]', quote = NULL,
        mentioned_ids = '{}', mentioned_names = '{}'
    WHERE author_id = ANY((SELECT ids FROM them)::bigint[]) AND state = 'pending'
), unquoted AS (
    UPDATE messages SET quote = NULL, mentioned_names = mentioned_names - (SELECT ids FROM them)::text[]
    WHERE quote IS NOT NULL AND (quote ->> 'author_id')::bigint = ANY((SELECT ids FROM them)::bigint[])
        AND author_id <> ALL((SELECT ids FROM them)::bigint[])
), unnamed AS (
    UPDATE messages SET mentioned_names = mentioned_names - $1::bigint::text
    WHERE $1::bigint IS NOT NULL AND mentioned_ids @> ARRAY[$1::bigint]
        AND coalesce((quote ->> 'author_id')::bigint <> $1, true)
        AND author_id <> ALL((SELECT ids FROM them)::bigint[])
)
SELECT count(*) AS dropped FROM dropped
"""

# $1 channel $2 since when $3 how many; ids rise with time, so nothing older than the newest lines is looked at
RECENT = """
SELECT * FROM (
    SELECT m.*, c.guild_id, c.kind, c.parent_id FROM messages m JOIN channels c USING (channel_id)
    WHERE m.channel_id = $1 AND m.state <> 'withdrawn'
        AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = m.author_id)
    ORDER BY m.message_id DESC LIMIT $3
) newest WHERE sent_at >= $2 ORDER BY message_id
"""

# What was only overheard was shown in a turn, perhaps, but no turn followed from it.
_DECISION = """
SELECT d.*, CASE WHEN d.outcome IN ('answer', 'consider') THEN m.turn_id END AS turn_id
FROM decisions d LEFT JOIN messages m USING (message_id)
"""
DECISION_OF = f"{_DECISION} WHERE d.channel_id = $1 AND d.message_id = $2"
LATEST = f"{_DECISION} WHERE d.channel_id = $1 ORDER BY d.message_id DESC LIMIT 1"
# $3: of one channel, null is all
DECISIONS = f"""{_DECISION}
WHERE d.decided_at >= $1 AND d.decided_at < $2 AND ($3::bigint IS NULL OR d.channel_id = $3)
ORDER BY d.decided_at, d.message_id
"""
# one call may have been about several lines
CONSIDERED = """
SELECT DISTINCT considered_at, channel_id FROM decisions WHERE considered_at >= $1 ORDER BY considered_at, channel_id
"""

# Whether a line was answered in its turn, and not only shown there.
_ASKED = """(m.speaker <> 'self' AND (
        m.state IN ('claimed', 'answered', 'declined') OR m.state = 'context' AND EXISTS (
            SELECT FROM decisions d WHERE d.message_id = m.message_id AND d.outcome IN ('answer', 'consider')
        )
    ))"""

# $1 channel $2 message
TURN_OF = f"""
SELECT t.turn_id, t.channel_id, t.state, t.intent, t.persona, t.reasons, t.timings_ms, t.started_at,
    c.guild_id, c.kind, c.parent_id, calls.*,
    array(
        SELECT m.message_id FROM messages m WHERE m.turn_id = t.turn_id AND {_ASKED} ORDER BY m.message_id
    ) AS asked_ids,
    array(
        SELECT o.message_id FROM outbox o
        WHERE o.turn_id = t.turn_id AND o.state = 'sent' AND o.kind = 'text' AND o.message_id IS NOT NULL
        ORDER BY o.part_no
    ) AS said_ids
FROM messages m JOIN turns t USING (turn_id) JOIN channels c ON c.channel_id = t.channel_id
CROSS JOIN LATERAL (
    SELECT count(*) AS calls, sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out,
        (array_agg(model ORDER BY call_id DESC))[1] AS model
    FROM model_calls WHERE model_calls.turn_id = t.turn_id
) calls
WHERE m.channel_id = $1 AND m.message_id = $2 AND (m.speaker = 'self' OR {_ASKED})
"""

# What is past its time: all context, and what is left of lines of people who never addressed her. $1: older than that
FORGET_LINES = f"""
WITH old AS (
    DELETE FROM messages m WHERE m.sent_at < $1 AND m.state IN ('context', 'declined', 'withdrawn')
        AND m.speaker <> '{Speaker.SELF}'
        AND (m.state = 'context' OR NOT {is_met("m")})
    RETURNING m.message_id
), crowded AS (
    DELETE FROM messages USING (
        SELECT message_id, row_number() OVER (PARTITION BY channel_id ORDER BY message_id DESC) AS nth
        FROM messages WHERE state = 'context' AND turn_id IS NULL AND sent_at >= $1
    ) ranked
    WHERE messages.message_id = ranked.message_id AND ranked.nth > {OVERHEARD_KEPT}
    RETURNING messages.message_id
), unquoted AS (
    UPDATE messages SET quote = NULL WHERE quote IS NOT NULL AND sent_at < $1 AND state <> 'context'
)
SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM crowded) AS dropped
"""
FORGET_DECISIONS = "DELETE FROM decisions WHERE decided_at < $1"
# Of lines between others, which are most, only the newest are kept. $1: so many decisions in a channel
FORGET_CROWDED = f"""
DELETE FROM decisions USING (
    SELECT channels.channel_id, (
        SELECT message_id FROM decisions d WHERE d.channel_id = channels.channel_id
        ORDER BY message_id DESC OFFSET $1 LIMIT 1
    ) AS newest_gone
    FROM channels WHERE kind <> '{ChannelKind.DM}'
) far
WHERE decisions.channel_id = far.channel_id AND decisions.message_id <= far.newest_gone
    AND decisions.outcome = '{Outcome.LISTEN}'
"""

# Who addressed her is kept, as is anybody of whom something else is. $1: not seen since then
FORGET_STRANGERS = """
DELETE FROM people p WHERE p.met_at IS NULL AND p.last_seen_at < $1 AND p.time_zone IS NULL
    AND NOT EXISTS (SELECT FROM messages WHERE author_id = p.user_id)
    AND NOT EXISTS (SELECT FROM timers WHERE user_id = p.user_id)
    AND NOT EXISTS (SELECT FROM appraisals WHERE user_id = p.user_id)
    AND NOT EXISTS (SELECT FROM affect_events WHERE user_id = p.user_id)
    AND NOT EXISTS (SELECT FROM sentiments WHERE user_id = p.user_id)
    AND NOT EXISTS (SELECT FROM sentiment_days WHERE user_id = p.user_id)
"""
