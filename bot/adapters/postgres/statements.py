"""The hot statements, one per atomic step, in PostgreSQL's own words.

They run with autocommit: one round trip is one transaction. Parameters are positional and cast
where PostgreSQL cannot infer a type.
"""

from __future__ import annotations

from bot.adapters.postgres.claim_statements import LAZY, PUT_AWAY, is_met, without_urls
from bot.domain.affect.appraisal import SIGNED_FIELDS, UNSIGNED_FIELDS
from bot.domain.message import AudienceKind, ChannelKind, Reach
from bot.domain.turn import THREAD_REFUSED, Intent, PartKind

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

_WAITED_FOR = f"reach IN ('{Reach.ASKED}', '{Reach.CALLED}')"

# $7: not where somebody has written again meanwhile, as another process may have heard; what nobody asked for makes no
# answer begin anew that somebody waits for
COMMIT_PART = f"""
WITH ours AS (
    SELECT turn_id, $7 AND EXISTS (
        SELECT FROM messages m
        WHERE m.channel_id = turns.channel_id AND m.state = 'pending' AND (m.{_WAITED_FOR} OR NOT EXISTS (
            SELECT FROM messages own
            WHERE own.turn_id = turns.turn_id AND own.state = 'claimed' AND own.{_WAITED_FOR}
        ))
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
WITH {LAZY}, done AS (
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
REFUSE = f"""
WITH refused AS (
    UPDATE outbox SET state = 'refused', refused_code = $3, done_at = $4
    WHERE turn_id = $1 AND state = 'ready' AND (part_no = $2 OR ($5 AND part_no > $2))
    RETURNING turn_id, kind
), stays AS (
    UPDATE outbox SET place_id = NULL
    WHERE turn_id = $1 AND state = 'ready' AND part_no > $2 AND NOT $5 AND place_id IS NOT NULL
        AND EXISTS (SELECT FROM refused WHERE refused.kind = '{PartKind.THREAD}')
)
UPDATE turns SET reasons = reasons || format('refused by Discord: %s', $3::int) || array(
    SELECT '{THREAD_REFUSED}' FROM refused WHERE refused.kind = '{PartKind.THREAD}'
)
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
        FROM jsonb_to_recordset($25::text::jsonb) AS new(kind text, user_id bigint, due_at timestamptz, text text,
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

# A cut makes a handoff due, showing it ends that. What was cut while the turn ran, as by a summary, it has not seen:
# that handoff stays due, and the counters begin at that cut.
_CHAINED = """, chained AS (
    INSERT INTO contexts AS c (channel_id, turns_since, low_cache_turns, prompt_tokens, handoff_before, summary_due_at)
    SELECT channel_id, $20::int, $21, $22, $6::bigint, CASE WHEN $23::boolean THEN $2::timestamptz END
    FROM over WHERE $20::int IS NOT NULL
    ON CONFLICT (channel_id) DO UPDATE SET
        turns_since = CASE WHEN nullif(c.handoff_before, $24::bigint) IS NULL
            THEN excluded.turns_since ELSE c.turns_since END,
        low_cache_turns = CASE WHEN nullif(c.handoff_before, $24) IS NULL
            THEN excluded.low_cache_turns ELSE c.low_cache_turns END,
        prompt_tokens = excluded.prompt_tokens,
        handoff_before = greatest(excluded.handoff_before, nullif(c.handoff_before, $24)),
        summary_due_at = coalesce(c.summary_due_at, excluded.summary_due_at)
)"""

_APPRAISED = (*SIGNED_FIELDS, *UNSIGNED_FIELDS)


# Of people who never addressed her nothing lasts, nor does talk that she stayed out of without making anything of it:
# what they said goes back to what was overheard.
_ANSWERED = f"""state = CASE WHEN {is_met("messages")} AND NOT (
        $3 = '{Intent.SILENT}' AND $11::text = '[]' AND reach IN ('{Reach.JOINING}', '{Reach.UNSURE}')
    ) THEN 'answered' ELSE 'context' END"""


# $1 turn $2 closed_at $3 intent $4 persona $5 reasons $6 context_from $7 expression $8 wish $9 tail
# $10 timings $11 appraisals $12 calls $13 soul $14 model_version $15 leak $16 overheard $17 is_hers
# $18 recalled lines $19 recalled memories $20 turns_since, NULL where it leaves nothing of a context chain
# $21 low_cache_turns $22 prompt_tokens $23 is_summary_due $24 shown_cut and $25 timers where there are any
def _finish(*, has_jobs: bool, has_timers: bool) -> str:
    return f"""
WITH over AS (
    UPDATE turns SET state = 'done', closed_at = $2, intent = $3, persona = $4, reasons = reasons || $5::text[],
        expression = $7, persona_wish = $8, tail = $9::text::jsonb, timings_ms = $10::text::jsonb,
        recalled_lines = $18, recalled_memories = $19
    WHERE turn_id = $1 AND state IN ('drafting', 'sending')
    RETURNING turn_id, channel_id, after_id
), heard AS (
    UPDATE messages SET {_ANSWERED}, {PUT_AWAY}
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
    RETURNING wake_job_id
), shown AS (
    UPDATE messages SET turn_id = over.turn_id, {PUT_AWAY} FROM over
    WHERE messages.message_id = ANY($16::bigint[]) AND messages.channel_id = over.channel_id
        AND messages.state = 'context' AND messages.turn_id IS NULL
), considered AS (
    UPDATE decisions SET is_hers = $17, considered_at = $2
    FROM over JOIN messages m ON m.turn_id = over.turn_id
    WHERE $17::boolean IS NOT NULL AND m.state = 'claimed' AND m.reach = 'unsure'
        AND decisions.message_id = m.message_id
){_WOKEN if has_jobs else ""}{_SET_TIMERS if has_timers else ""}{_CHAINED}, place AS (
    UPDATE channels SET retry_at = NULL, retry_count = 0, declined_count = 0, declined_until = NULL,
        context_from_turn = greatest($6::bigint, context_from_turn)
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
    UPDATE messages SET state = 'declined', {PUT_AWAY}
    WHERE turn_id IN (SELECT turn_id FROM over) AND state = 'claimed'
)
UPDATE channels SET retry_at = NULL, retry_count = 0, declined_count = 0, declined_until = NULL
FROM over WHERE channels.channel_id = over.channel_id
RETURNING channels.channel_id
"""

# What a crash left: a turn with parts is closed as it is, one without gives its messages back. A thread that was opened
# for words is no answer without them.
RECOVER = f"""
WITH broken AS (
    SELECT turn_id, state = 'sending' AND (
        EXISTS (SELECT FROM outbox WHERE outbox.turn_id = turns.turn_id AND kind <> '{PartKind.THREAD}')
        OR NOT EXISTS (SELECT FROM outbox WHERE outbox.turn_id = turns.turn_id) -- one that came just now is not seen
    ) AS has_parts
    FROM turns WHERE channel_id = $1 AND state IN ('drafting', 'sending') FOR UPDATE
), unopened AS (
    DELETE FROM outbox USING broken WHERE outbox.turn_id = broken.turn_id AND NOT has_parts
), over AS (
    UPDATE turns SET state = CASE WHEN has_parts THEN 'done' ELSE 'lost' END, closed_at = $2,
        intent = CASE WHEN has_parts THEN 'reply' END, reasons = ARRAY['broken off by a crash']
    FROM broken WHERE turns.turn_id = broken.turn_id
)
UPDATE messages SET state = CASE WHEN NOT has_parts THEN 'pending' WHEN {is_met("messages")} THEN 'answered'
        ELSE 'context' END,
    turn_id = CASE WHEN has_parts THEN messages.turn_id END,
    attachments = CASE WHEN has_parts THEN {without_urls("attachments")} ELSE attachments END,
    quote = CASE WHEN has_parts AND quote IS NOT NULL
        THEN jsonb_set(quote, '{{attachments}}', {without_urls("(quote -> 'attachments')")}) ELSE quote END
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
