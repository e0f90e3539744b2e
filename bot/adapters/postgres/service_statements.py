"""The statements behind `bot.adapters.postgres.service`.

A process's signs of life carry the database's time: no two machines' clocks are compared.
"""

from __future__ import annotations

PROCESS_KEPT = "1 day"  # how long the row of a process that was killed stays to be seen
FAILURES_MOST = 200
FAILURE_KEPT = "7 days"

ANSWERS = "SELECT 1"

# A sign of life may be lost with the database: nothing waits for the disk.
BEAT = f"""
WITH lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), forgotten AS (
    DELETE FROM processes WHERE seen_at < now() - interval '{PROCESS_KEPT}' AND process_id <> $1
)
INSERT INTO processes AS p (process_id, role, host, pid, version, state, facts, started_at, seen_at)
SELECT $1::text, $2::text, $3::text, $4::int, $5::text, $6::text, $7::text::jsonb, now(), now() FROM lazily
ON CONFLICT (process_id) DO UPDATE
SET state = excluded.state, facts = excluded.facts, seen_at = excluded.seen_at
"""

LEAVE = "DELETE FROM processes WHERE process_id = $1"

PROCESSES = """
SELECT process_id, role, host, pid, version, state, facts, started_at, seen_at, now() - seen_at AS unseen_for
FROM processes ORDER BY started_at, process_id
"""

# What was noted already is left out, so that it does no harm when the statement runs again.
NOTE = f"""
WITH noted AS (
    INSERT INTO failures (reference, owner, said, place, process_id, happened_at)
    SELECT f.reference, f.owner, f.said, f.place, f.process_id, f.happened_at
    FROM jsonb_to_recordset($1::text::jsonb) AS f(reference text, owner text, said text, place text,
        process_id text, happened_at timestamptz)
    WHERE NOT EXISTS (
        SELECT FROM failures k WHERE k.reference = f.reference AND k.happened_at = f.happened_at AND k.said = f.said
    )
    ORDER BY f.happened_at
)
DELETE FROM failures WHERE happened_at < now() - interval '{FAILURE_KEPT}' OR failure_id <= (
    SELECT failure_id FROM failures ORDER BY failure_id DESC
    OFFSET greatest({FAILURES_MOST} - jsonb_array_length($1::text::jsonb), 0) LIMIT 1
)
"""

FAILURES = """
SELECT reference, owner, said, place, process_id, happened_at FROM failures
ORDER BY happened_at DESC, failure_id DESC LIMIT $1
"""

# One pass over each partial index of open work; nothing here reads what is over.
BACKLOG = """
WITH waiting AS MATERIALIZED (
    SELECT m.heard_at, c.kind = 'dm' AS is_direct, c.retry_at > $1::timestamptz AS is_resting
    FROM messages m JOIN channels c USING (channel_id) WHERE m.state = 'pending'
), pending AS (
    SELECT count(*) FILTER (WHERE is_direct AND is_resting IS NOT TRUE) AS direct,
        count(*) FILTER (WHERE NOT is_direct AND is_resting IS NOT TRUE) AS on_servers,
        count(*) FILTER (WHERE is_resting) AS for_model, min(heard_at) AS since
    FROM waiting
), open_turn AS MATERIALIZED (
    SELECT turn_id FROM turns WHERE state IN ('drafting', 'sending')
), claimed AS (
    SELECT count(*) AS in_hand, min(heard_at) AS since
    FROM messages WHERE turn_id IN (SELECT turn_id FROM open_turn) AND state = 'claimed'
), part AS (
    SELECT count(*) AS unsent FROM outbox WHERE state = 'ready'
), timer AS (
    SELECT count(*) AS timers, count(*) FILTER (WHERE due_at <= $1::timestamptz) AS overdue_timers
    FROM timers WHERE state = 'waiting'
), resting AS (
    SELECT count(*) AS channels_resting, max(retry_at) AS rest_until FROM channels WHERE retry_at > $1::timestamptz
)
SELECT direct, on_servers, for_model, in_hand, unsent, overdue_timers, timers,
    (SELECT count(*) FROM message_changes) AS changes,
    (SELECT count(*) FROM affect_events WHERE seq IS NULL) AS feelings,
    (SELECT count(*) FROM pgqueuer WHERE status = 'failed') AS held_jobs,
    (SELECT count(*) FROM open_turn) AS open_turns,
    channels_resting, rest_until, least(pending.since, claimed.since) AS oldest
FROM pending, claimed, part, timer, resting
"""
