"""The hot statements, one per atomic step, in PostgreSQL's own words.

They run with autocommit: one round trip is one transaction. Parameters are positional and cast
where PostgreSQL cannot infer a type.
"""

from __future__ import annotations

from bot.domain.affect.appraisal import SIGNED_FIELDS, UNSIGNED_FIELDS
from bot.domain.message import AudienceKind, ChannelKind
from bot.domain.turn import PartKind

TIMER_ENTRYPOINT = "timer"
REMINDERS_OPEN_MOST = 25  # that a person can have waiting; as many as one menu shows

MEET = """
INSERT INTO people (user_id, display_name, is_bot, first_seen_at, last_seen_at, met_at)
VALUES ($1, $2, true, $3, $3, $3)
ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name, met_at = coalesce(people.met_at, $3)
"""

_WOKEN = """, woken AS (
    DELETE FROM pgqueuer WHERE status = 'queued' AND id IN (SELECT wake_job_id FROM heard)
)"""

# A step that a crash of the database may undo without harm need not wait for the disk: a lost claim leaves the
# messages waiting, a lost mark leaves a part in doubt, and both are looked at anew. Every other step is durable.
_LAZY = "lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"

OVERHEARD_MOST = 40  # lines between others that come along with a turn


def is_met(line: str) -> str:
    """Give the condition that the author of *line*, a row of ``messages``, has ever addressed her.

    A line that does so counts by itself: the version before this one notes nothing of the person.
    """
    return f"""({line}.speaker = 'person' AND (
        {line}.reach IN ('asked', 'called') AND {line}.state <> 'context'
        OR EXISTS (SELECT FROM people WHERE people.user_id = {line}.author_id AND people.met_at IS NOT NULL)
    ))"""


_SILENT = "EXISTS (SELECT FROM silences WHERE silences.user_id = {line}.author_id)"

# What the model declined is asked again by itself, so that others' lines do not share its fate.
# The talk so far comes along, newest lines last: of the same audience, in turns that are over. $4: somebody has just
# written, so that the channel does not wait for its next try.
# Of what others said among themselves only lines newer than all that were shown come, or they would come out of order.
# A thread begins with the line it was opened under. Nothing comes of who wants not to be heard: what waits is emptied.
CLAIM = f"""
WITH {_LAZY}, due AS (
    SELECT channel_id, guild_id, kind, parent_id, retry_count, declined_count, declined_until, seen_ids,
        context_from_turn
    FROM channels
    WHERE channel_id = $1 AND ($4 OR retry_at IS NULL OR retry_at <= $2::timestamptz)
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.channel_id = $1 AND state = 'ready')
), hushed AS (
    UPDATE messages SET state = 'withdrawn', content = '', attachments = '[]', forwards = '[]', quote = NULL,
        mentioned_ids = '{{}}'
    WHERE channel_id = $1 AND state = 'pending' AND {_SILENT.format(line="messages")}
), waiting AS (
    SELECT message_id, author_id, audience_kind, audience_id FROM messages
    WHERE channel_id = (SELECT channel_id FROM due) AND state = 'pending'
        AND NOT {_SILENT.format(line="messages")}
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
    SELECT m.* FROM messages m, due, newest
    WHERE due.kind <> '{ChannelKind.DM}' AND m.channel_id = $1 AND m.state = 'context' AND m.turn_id IS NULL
        AND m.sent_at >= $2::timestamptz - interval '1 day'
        AND m.message_id > coalesce((
            SELECT message_id FROM messages shown
            WHERE shown.channel_id = $1 AND shown.turn_id IS NOT NULL AND shown.speaker <> 'self'
            ORDER BY message_id DESC LIMIT 1
        ), 0)
        AND m.audience_kind = newest.audience_kind AND m.audience_id = newest.audience_id
        AND NOT {_SILENT.format(line="m")}
    ORDER BY m.message_id DESC LIMIT {OVERHEARD_MOST}
), talk AS (
    SELECT m.*, m.turn_id AS told_in FROM messages m, due, newest
    WHERE m.channel_id = $1 AND m.state IN ('answered', 'context') AND m.turn_id >= due.context_from_turn
        AND m.audience_kind = newest.audience_kind AND m.audience_id = newest.audience_id
        AND NOT {_SILENT.format(line="m")}
    UNION ALL SELECT claimed.*, turn_id FROM claimed
    UNION ALL SELECT overheard.*, NULL FROM overheard
    UNION ALL
    SELECT m.*, 0 FROM messages m, due
    WHERE due.kind = '{ChannelKind.THREAD}' AND m.message_id = due.channel_id AND m.channel_id <> due.channel_id
        AND m.state NOT IN ('declined', 'withdrawn') AND NOT {_SILENT.format(line="m")}
)
SELECT due.guild_id, due.kind, due.parent_id, due.retry_count, due.declined_count, due.seen_ids, (
    SELECT jsonb_object_agg(user_id, time_zone) FROM people
    WHERE user_id IN (SELECT author_id FROM waiting) AND time_zone IS NOT NULL
) AS time_zones, turn.opened, talk.*,
    CASE WHEN told_in IS NULL OR told_in = turn.opened THEN {is_met("talk")} END AS is_met
FROM lazily, due, turn, newest, talk ORDER BY talk.told_in NULLS LAST, talk.speaker = 'self', talk.message_id
"""

# $7: not where somebody has written again meanwhile, as another process may have heard
COMMIT_PART = """
WITH ours AS (
    SELECT turn_id, $7 AND EXISTS (
        SELECT FROM messages WHERE messages.channel_id = turns.channel_id AND messages.state = 'pending'
    ) AS is_behind
    FROM turns WHERE turn_id = $1 AND state IN ('drafting', 'sending')
), mine AS (
    UPDATE turns SET state = 'sending' FROM ours
    WHERE turns.turn_id = ours.turn_id AND state IN ('drafting', 'sending') AND NOT is_behind
    RETURNING turns.turn_id, channel_id, after_id
), part AS (
    INSERT INTO outbox (turn_id, channel_id, after_id, part_no, kind, content, reply_to_id, created_at, place_id)
    SELECT turn_id, channel_id, after_id, $2, $3, $4, $5, $6, $8::bigint FROM mine
    RETURNING part_id, channel_id, after_id
)
SELECT is_behind, part.* FROM ours LEFT JOIN part ON true
"""


# A sent text becomes one of her lines: of her own lines the person answered is the audience, in a thread whoever is
# there. A thread that she opened is known as hers from then on. $6 and only there: where it really went
def _mark_sent(*, is_elsewhere: bool) -> str:
    place, audience, opened = "done.channel_id", "asked.audience_kind", ""
    audience_id = "asked.audience_id"
    if is_elsewhere:
        place, audience, audience_id = "done.goes_to", f"'{AudienceKind.CHANNEL}'", "done.goes_to"
        opened = f""", place AS (
    INSERT INTO channels (channel_id, guild_id, kind, parent_id, is_own)
    SELECT done.goes_to, home.guild_id, '{ChannelKind.THREAD}', home.channel_id, done.kind = '{PartKind.THREAD}'
    FROM done JOIN channels home ON home.channel_id = done.channel_id AND home.channel_id <> done.goes_to
    ON CONFLICT (channel_id) DO UPDATE
    SET is_own = channels.is_own OR excluded.is_own, parent_id = coalesce(channels.parent_id, excluded.parent_id)
)"""
    return f"""
WITH {_LAZY}, done AS (
    UPDATE outbox SET state = 'sent', message_id = $2, done_at = $3{", place_id = $6::bigint" if is_elsewhere else ""}
    WHERE part_id = $1 AND state <> 'sent'
    RETURNING turn_id, channel_id, after_id, kind, content, reply_to_id, audience_kind, audience_id,
        coalesce(place_id, CASE WHEN kind = '{PartKind.THREAD}' THEN reply_to_id END) AS goes_to
){opened}
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, reply_to_id,
    audience_kind, audience_id, state, turn_id, sent_at, heard_at)
SELECT $2, {place}, $4, 'self', $5, done.content, done.reply_to_id,
    coalesce(done.audience_kind, {audience}), coalesce(done.audience_id, {audience_id}),
    'answered', done.turn_id, $3, $3
FROM lazily, done LEFT JOIN messages asked ON asked.message_id = done.after_id
WHERE done.kind = 'text' AND coalesce(done.audience_kind, {audience}) IS NOT NULL
ON CONFLICT (message_id) DO NOTHING
"""


MARK_SENT, MARK_SENT_ELSEWHERE = (_mark_sent(is_elsewhere=is_elsewhere) for is_elsewhere in (False, True))

# $5: what comes after the part in its turn goes with it. Where no thread may be opened she says it in the channel.
REFUSE = """
WITH refused AS (
    UPDATE outbox SET state = 'refused', refused_code = $3, done_at = $4
    WHERE turn_id = $1 AND state = 'ready' AND (part_no = $2 OR ($5 AND part_no > $2))
    RETURNING turn_id, kind
), stays AS (
    UPDATE outbox SET place_id = NULL
    WHERE turn_id = $1 AND state = 'ready' AND part_no > $2 AND NOT $5 AND place_id IS NOT NULL
        AND EXISTS (SELECT FROM refused WHERE refused.kind = 'thread')
)
UPDATE turns SET reasons = reasons || format('refused by Discord: %s', $3::int)
WHERE turn_id IN (SELECT turn_id FROM refused)
"""

# The alarm of a timer counts from the database's own clock, which need not be ours to the second.
_SET_TIMERS = f""", set_timers AS (
    INSERT INTO timers (kind, channel_id, user_id, due_at, text, source_id, turn_id,
        audience_kind, audience_id, created_at)
    SELECT t.kind, over.channel_id, t.user_id, t.due_at, t.text, t.source_id, over.turn_id,
        asked.audience_kind, asked.audience_id, $2
    FROM over JOIN messages asked ON asked.message_id = over.after_id, (
        SELECT new.*, row_number() OVER (PARTITION BY user_id, kind ORDER BY due_at) AS nth
        FROM jsonb_to_recordset($18::text::jsonb) AS new(kind text, user_id bigint, due_at timestamptz, text text,
            source_id bigint)
    ) AS t
    WHERE t.kind = 'later' OR t.nth + (
        SELECT count(*) FROM timers open WHERE open.user_id = t.user_id AND open.state = 'waiting'
    ) <= {REMINDERS_OPEN_MOST}
    RETURNING timer_id, due_at
), alarms AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)
    SELECT 0, '{TIMER_ENTRYPOINT}', convert_to(timer_id::text, 'UTF8'), now() + (due_at - $2::timestamptz), 'queued'
    FROM set_timers
)"""

_APPRAISED = (*SIGNED_FIELDS, *UNSIGNED_FIELDS)


# Where the bytes of its attachments are is known of a line until it was answered.
def _without_urls(attachments: str) -> str:
    return f"""CASE WHEN {attachments} = '[]' THEN {attachments} ELSE (
        SELECT jsonb_agg(one.item - 'url' ORDER BY one.place)
        FROM jsonb_array_elements({attachments}) WITH ORDINALITY AS one(item, place)
    ) END"""


# Of people who never addressed her nothing lasts: what they said goes back to what was overheard.
_ANSWERED = f"""state = CASE WHEN {is_met("messages")} THEN 'answered' ELSE 'context' END"""
_PUT_AWAY = f"""attachments = {_without_urls("attachments")}, quote = CASE WHEN quote IS NOT NULL
        THEN jsonb_set(quote, '{{attachments}}', {_without_urls("(quote -> 'attachments')")}) END"""


# $1 turn $2 closed_at $3 intent $4 persona $5 reasons $6 context_from $7 expression $8 wish $9 tail
# $10 timings $11 appraisals $12 calls $13 soul $14 model_version $15 leak $16 overheard $17 is_hers
# and $18 timers where there are any
def _finish(*, has_jobs: bool, has_timers: bool) -> str:
    return f"""
WITH over AS (
    UPDATE turns SET state = 'done', closed_at = $2, intent = $3, persona = $4, reasons = reasons || $5::text[],
        expression = $7, persona_wish = $8, tail = $9::text::jsonb, timings_ms = $10::text::jsonb
    WHERE turn_id = $1 AND state IN ('drafting', 'sending')
    RETURNING turn_id, channel_id, after_id
), heard AS (
    UPDATE messages SET {_ANSWERED}, {_PUT_AWAY}
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
    RETURNING wake_job_id
), shown AS (
    UPDATE messages SET turn_id = over.turn_id FROM over
    WHERE messages.message_id = ANY($16::bigint[]) AND messages.channel_id = over.channel_id
        AND messages.state = 'context' AND messages.turn_id IS NULL
), considered AS (
    UPDATE decisions SET is_hers = $17, considered_at = $2
    FROM over JOIN messages m ON m.turn_id = over.turn_id
    WHERE $17::boolean IS NOT NULL AND m.state = 'claimed' AND m.reach = 'unsure'
        AND decisions.message_id = m.message_id
){_WOKEN if has_jobs else ""}{_SET_TIMERS if has_timers else ""}, place AS (
    UPDATE channels SET retry_at = NULL, retry_count = 0, declined_count = 0, declined_until = NULL,
        context_from_turn = coalesce($6::bigint, context_from_turn)
    WHERE channel_id IN (SELECT channel_id FROM over)
        AND (retry_count > 0 OR $6::bigint IS NOT NULL)
), felt AS (
    INSERT INTO appraisals (turn_id, message_id, user_id, {", ".join(_APPRAISED)}, confidence, malformed, similarity)
    SELECT over.turn_id, a.message_id, a.user_id, {", ".join("a." + name for name in _APPRAISED)},
        a.confidence, a.malformed, a.similarity
    FROM over, jsonb_to_recordset($11::text::jsonb) AS a(message_id bigint, user_id bigint,
        {", ".join(name + " smallint" for name in _APPRAISED)}, confidence float8, malformed boolean,
        similarity float8)
    WHERE EXISTS (
        SELECT FROM messages m
        WHERE m.message_id = a.message_id AND m.author_id = a.user_id AND m.turn_id = over.turn_id AND {is_met("m")}
    )
        AND NOT EXISTS (SELECT FROM appraisals earlier WHERE earlier.message_id = a.message_id)
    RETURNING message_id
), event AS (
    INSERT INTO affect_events (soul_id, kind, turn_id, detail, model_version, happened_at)
    SELECT $13::bigint, 'burst', over.turn_id, jsonb_build_object('leak', $15::float8), $14, $2
    FROM over WHERE $13::bigint IS NOT NULL AND EXISTS (SELECT FROM felt)
    RETURNING event_id
), traced AS (
    INSERT INTO model_calls (turn_id, purpose, model, rung, prompt_hash, persona_version, attempts,
        duration_ms, outcome, tokens_in, tokens_out, tokens_cached, called_at)
    SELECT over.turn_id, c.purpose, c.model, c.rung, c.prompt_hash, c.persona_version, c.attempts,
        c.duration_ms, c.outcome, c.tokens_in, c.tokens_out, c.tokens_cached, $2
    FROM over, jsonb_to_recordset($12::text::jsonb) AS c(purpose text, model text, rung text, prompt_hash text,
        persona_version text, attempts smallint, duration_ms float8, outcome text, tokens_in int,
        tokens_out int, tokens_cached int)
)
SELECT (SELECT event_id FROM event) AS event_id, array(SELECT message_id FROM felt) AS felt FROM over
"""


FINISH, FINISH_AND_UNWAKE = (_finish(has_jobs=has_jobs, has_timers=False) for has_jobs in (False, True))
FINISH_AND_SET, FINISH_UNWAKE_AND_SET = (_finish(has_jobs=has_jobs, has_timers=True) for has_jobs in (False, True))

RELEASE = """
WITH over AS (
    UPDATE turns SET state = 'released', closed_at = $2, reasons = ARRAY[$3::text]
    WHERE turn_id = $1 AND state = 'drafting' RETURNING turn_id, channel_id
), heard AS (
    UPDATE messages SET state = 'pending', turn_id = NULL
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
)
UPDATE channels SET retry_at = $4::timestamptz,
    retry_count = CASE WHEN $4::timestamptz IS NULL THEN retry_count ELSE retry_count + 1 END,
    declined_count = declined_count + CASE WHEN $6 THEN 1 ELSE 0 END,
    declined_until = coalesce(declined_until, $7::bigint), seen_ids = seen_ids || $5::bigint[]
FROM over WHERE channels.channel_id = over.channel_id
RETURNING channels.channel_id
"""

# What the model will not answer is left out of the talk from now on, or it would decline that as well.
GIVE_UP = f"""
WITH over AS (
    UPDATE turns SET state = 'done', closed_at = $2, intent = 'silent', persona = $3, reasons = reasons || $4::text[]
    WHERE turn_id = $1 AND state = 'drafting' RETURNING turn_id, channel_id
), left_out AS (
    UPDATE messages SET state = 'declined', {_PUT_AWAY}
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
)
UPDATE channels SET retry_at = NULL, retry_count = 0, declined_count = 0, declined_until = NULL
FROM over WHERE channels.channel_id = over.channel_id
RETURNING channels.channel_id
"""

# What a crash left: a turn with parts is closed as it is, one without gives its messages back.
RECOVER = f"""
WITH broken AS (
    SELECT turn_id, state = 'sending' AS has_parts
    FROM turns WHERE channel_id = $1 AND state IN ('drafting', 'sending') FOR UPDATE
), over AS (
    UPDATE turns SET state = CASE WHEN has_parts THEN 'done' ELSE 'lost' END, closed_at = $2,
        intent = CASE WHEN has_parts THEN 'reply' END, reasons = ARRAY['broken off by a crash']
    FROM broken WHERE turns.turn_id = broken.turn_id
)
UPDATE messages SET state = CASE WHEN NOT has_parts THEN 'pending' WHEN {is_met("messages")} THEN 'answered'
        ELSE 'context' END,
    turn_id = CASE WHEN has_parts THEN messages.turn_id END
FROM broken WHERE messages.turn_id = broken.turn_id AND messages.state = 'claimed'
"""

UNSENT = """
SELECT part_id, turn_id, part_no, channel_id, kind, content, reply_to_id, after_id, created_at, pings, place_id
FROM outbox WHERE channel_id = $1 AND state = 'ready' ORDER BY part_id
"""

# What is ready to be sent comes first: that needs no model. $4: channels that are in hand here, or rest. $5: leave out
# those in the hands of other processes, as their locks tell: else the oldest of them would hide all the others.
WAITING = """
WITH held AS MATERIALIZED (
    SELECT (classid::bigint << 32) | objid::bigint AS channel_id FROM pg_locks
    WHERE $5 AND locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT channel_id FROM (
    SELECT messages.channel_id, false AS is_ready, min(heard_at) AS since FROM messages JOIN channels USING (channel_id)
    WHERE messages.state = 'pending' AND heard_at <= $1::timestamptz - $3::interval
        AND (retry_at IS NULL OR retry_at <= $1) AND messages.channel_id <> ALL($4::bigint[])
        AND NOT EXISTS (SELECT FROM held WHERE held.channel_id = messages.channel_id)
    GROUP BY messages.channel_id
    UNION ALL
    SELECT channel_id, false, min(started_at) FROM turns
    WHERE state IN ('drafting', 'sending') AND channel_id <> ALL($4)
        AND NOT EXISTS (SELECT FROM held WHERE held.channel_id = turns.channel_id)
    GROUP BY channel_id
    UNION ALL
    SELECT channel_id, true, min(created_at) FROM outbox
    WHERE state = 'ready' AND channel_id <> ALL($4) GROUP BY channel_id
) AS work GROUP BY channel_id ORDER BY bool_or(is_ready) DESC, min(since) LIMIT $2
"""

NOTE_TYPING = "UPDATE channels SET typing_until = $2 WHERE channel_id = $1"
TYPING = """
SELECT typing_until, (
    SELECT max(heard_at) FROM messages WHERE messages.channel_id = channels.channel_id AND state = 'pending'
) AS last_heard
FROM channels WHERE channel_id = $1
"""

# only those: others may have been shown since
SEEN_GONE = """
UPDATE channels SET seen_ids = array(SELECT unnest(seen_ids) EXCEPT SELECT unnest($2::bigint[])) WHERE channel_id = $1
"""

RETRY_NOW = "UPDATE channels SET retry_at = $1 WHERE retry_at > $1"
