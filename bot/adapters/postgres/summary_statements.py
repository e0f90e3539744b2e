"""What is kept of context chains and summaries: one statement each, as in `statements`.

A channel in hand is held by the moment until which it is: who keeps something names it, and whoever came later has set
another one.
"""

from __future__ import annotations

from bot.adapters.postgres.memory_rows import memory_columns
from bot.adapters.postgres.recall_statements import past_of
from bot.domain.handoff import DECISIONS_MOST, GOALS_MOST, PROMISES_MOST
from bot.domain.memory import MemoryKind, MemoryState
from bot.domain.message import AudienceKind, ChannelKind
from bot.domain.summary_text import LEVEL_MOST

SHOWN_MOST = 8  # of the talk; the newest are always among them
PEOPLE_SHOWN_MOST = 4  # newest lines of a person each, in a room
LINES_READ_MOST = 400  # in one call
HANDOFF_LINES_READ = 120  # the newest are carried over a cut; of the others some stand for what is in no summary yet
HANDOFF_PEOPLE_LINES = 60  # of the newest lines: who wrote them has goals and decisions to be carried on
MEMORIES_LOOKED_AT = 2_000  # of a person: the newest

_HELD = "interval '15 minutes'"
_LATEST = "interval '7 hours'"  # nothing waits as long: it was put off by a clock that was ahead


def _silent(line: str) -> str:
    """Give the condition that *line*, a row of ``messages``, is of who wants not to be heard, or answers them."""
    return f"""(EXISTS (SELECT FROM silences WHERE silences.user_id = {line}.author_id)
        OR {line}.speaker = 'self' AND EXISTS (
            SELECT FROM messages asked JOIN silences ON silences.user_id = asked.author_id
            WHERE asked.turn_id = {line}.turn_id AND asked.channel_id = {line}.channel_id
        ))"""


def _heard(summary: str) -> str:
    """Give the condition that nobody's words are in *summary* who does not want to be heard.

    Every summary of lines has a row for each person in it.
    """
    return f"""NOT EXISTS (
        SELECT FROM summaries of_them JOIN silences ON silences.user_id = of_them.person_id
        WHERE of_them.channel_id = {summary}.channel_id AND of_them.level = 0
            AND of_them.from_turn <= {summary}.to_turn AND of_them.to_turn >= {summary}.from_turn
    )"""


# $1 channel. Summaries of talk that the prompt still shows wait until it is cut. As long as one of who does not want to
# be heard stands among them, none is shown: `DROP_SILENCED` comes within the minute.
VIEW = f"""
WITH standing AS MATERIALIZED (
    SELECT * FROM summaries WHERE channel_id = $1 AND NOT is_condensed
), shown AS (
    SELECT standing.* FROM standing JOIN channels c ON c.channel_id = $1
    WHERE standing.text <> '' AND standing.to_turn < c.context_from_turn
        AND (standing.person_id IS NULL OR c.kind <> '{ChannelKind.DM}')
        AND NOT EXISTS (SELECT FROM standing JOIN silences ON silences.user_id = standing.person_id)
), told AS (
    (SELECT * FROM shown WHERE person_id IS NULL ORDER BY to_turn DESC LIMIT {SHOWN_MOST})
    UNION ALL
    (SELECT * FROM (
        SELECT DISTINCT ON (person_id) * FROM shown WHERE person_id IS NOT NULL ORDER BY person_id, to_turn DESC
    ) newest ORDER BY to_turn DESC, person_id LIMIT {PEOPLE_SHOWN_MOST})
)
SELECT coalesce(x.turns_since, 0) AS turns_since, coalesce(x.low_cache_turns, 0) AS low_cache_turns,
    coalesce(x.prompt_tokens, 0) AS prompt_tokens, x.handoff_before,
    coalesce(x.summary_due_at IS NOT NULL, false) AS is_summary_due, told.*
FROM (SELECT 1) AS one LEFT JOIN contexts x ON x.channel_id = $1 LEFT JOIN told ON true
ORDER BY told.to_turn, told.person_id NULLS FIRST
"""

# $1 channel $2 the cut
HANDOFF_LINES = f"""
SELECT read.*, {past_of("told")} AS past FROM (
    SELECT c.guild_id, c.kind, c.parent_id, m.* FROM messages m JOIN channels c USING (channel_id)
    WHERE m.channel_id = $1 AND m.turn_id < $2 AND m.state IN ('answered', 'context') AND m.content <> ''
        AND NOT {_silent("m")}
    ORDER BY m.turn_id DESC, m.speaker = 'self' DESC, m.message_id DESC LIMIT {HANDOFF_LINES_READ}
) AS read CROSS JOIN LATERAL (SELECT read.message_id AS id, read.author_id AS owner_id) AS told
ORDER BY turn_id DESC, speaker = 'self' DESC, message_id DESC
"""

_CARRIED = {MemoryKind.GOAL: GOALS_MOST, MemoryKind.DECISION: DECISIONS_MOST, MemoryKind.PROMISE: PROMISES_MOST}
_MOST = " ".join(f"WHEN '{kind}' THEN {most}" for kind, most in _CARRIED.items())

# What is still open, of who talks there: before one person's eyes all of theirs, in a room what was said in it, or to
# all of its server. $1 channel
HANDOFF_MEMORIES = f"""
WITH recent AS (
    SELECT author_id FROM messages
    WHERE channel_id = $1 AND speaker = 'person' AND state = 'answered'
    ORDER BY message_id DESC LIMIT {HANDOFF_PEOPLE_LINES}
), people AS (
    SELECT DISTINCT author_id FROM recent WHERE NOT EXISTS (SELECT FROM silences WHERE user_id = author_id)
), open AS (
    SELECT m.*, row_number() OVER (PARTITION BY m.kind ORDER BY m.is_pinned DESC, m.said_at DESC, m.memory_id DESC)
        AS nth
    FROM channels c, people, LATERAL (
        SELECT * FROM memories
        WHERE memories.owner_id = people.author_id AND memories.state = '{MemoryState.CURRENT}'
        ORDER BY memories.memory_id DESC LIMIT {MEMORIES_LOOKED_AT}
    ) m
    WHERE c.channel_id = $1 AND m.kind IN ({", ".join(f"'{kind}'" for kind in _CARRIED)})
        AND m.done_at IS NULL AND m.valid_to IS NULL AND (
            c.kind = '{ChannelKind.DM}'
            OR m.audience_kind = '{AudienceKind.CHANNEL}' AND m.audience_id = c.channel_id
            OR m.audience_kind = '{AudienceKind.GUILD}' AND m.audience_id = c.guild_id
        )
)
SELECT {memory_columns("open")} FROM open WHERE nth <= CASE kind {_MOST} END ORDER BY nth
"""

# $1 now $2 how many
DUE = f"""
UPDATE contexts SET summary_due_at = $1::timestamptz + {_HELD}
WHERE channel_id IN (
    SELECT channel_id FROM contexts WHERE summary_due_at <= $1 OR summary_due_at > $1::timestamptz + {_LATEST}
    ORDER BY summary_due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING channel_id, summary_due_at
"""

# $1 channel: what the next prompt shows
HISTORY = """
SELECT c.guild_id, c.kind, c.parent_id, m.* FROM messages m JOIN channels c USING (channel_id)
JOIN turns t ON t.turn_id = m.turn_id AND t.state = 'done'
WHERE m.channel_id = $1 AND m.turn_id >= c.context_from_turn AND m.state IN ('answered', 'context')
    AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = m.author_id)
ORDER BY m.turn_id, m.speaker = 'self', m.message_id
"""

# A line that lasts and is in no summary. Talk between others, and of who never addressed her, is 'context'.
_WAITS = f"""m.state = 'answered' AND NOT {_silent("m")} AND NOT EXISTS (
        SELECT FROM summaries s
        WHERE s.channel_id = m.channel_id AND s.level = 0 AND s.person_id IS NULL
            AND m.turn_id BETWEEN s.from_turn AND s.to_turn
    )"""

# $1 channel $2 the turn that the history is to start from, if it is to be cut. Up to where the next summary begins:
# one stretch is never round another.
UNSUMMARISED = f"""
WITH open AS (
    SELECT c.guild_id, c.kind, c.parent_id, m.* FROM messages m JOIN channels c USING (channel_id)
    WHERE m.channel_id = $1 AND m.turn_id < greatest($2::bigint, c.context_from_turn) AND {_WAITS}
    ORDER BY m.turn_id, m.speaker = 'self', m.message_id LIMIT {LINES_READ_MOST}
)
SELECT open.* FROM open
WHERE open.turn_id < coalesce((
    SELECT min(s.from_turn) FROM summaries s
    WHERE s.channel_id = $1 AND s.level = 0 AND s.person_id IS NULL
        AND s.from_turn > (SELECT min(turn_id) FROM open)
), {2**63 - 1})
ORDER BY open.turn_id, open.speaker = 'self', open.message_id
"""

_ROW = """channel_id bigint, person_id bigint, level smallint, audience_kind text, audience_id bigint, text text,
    note text, from_turn bigint, to_turn bigint, said_from timestamptz, said_to timestamptz"""
_COLUMNS = (
    "channel_id, person_id, level, audience_kind, audience_id, text, note, from_turn, to_turn, said_from, said_to"
)

# $1 channel $2 until when it is held $3 now $4 the lines that are told of $5 summaries $6 where the history is to start
# Whoever changes one of the lines waits for this, or this for them: then it is no longer as it was read. It may have
# run already, and only its answer was lost: what it kept then is not kept twice.
KEEP = f"""
WITH read AS (
    SELECT * FROM jsonb_to_recordset($4::text::jsonb) AS r(message_id bigint, content text)
), lines AS (
    SELECT m.message_id FROM read JOIN messages m USING (message_id)
    WHERE m.state = 'answered' AND m.content = read.content AND NOT {_silent("m")}
    ORDER BY m.message_id FOR SHARE OF m
), place AS (
    SELECT channel_id, context_from_turn < $6::bigint AS is_cut FROM channels WHERE channel_id = $1 FOR NO KEY UPDATE
), held AS (
    UPDATE contexts SET
        turns_since = CASE WHEN place.is_cut THEN 0 ELSE turns_since END,
        low_cache_turns = CASE WHEN place.is_cut THEN 0 ELSE low_cache_turns END,
        handoff_before = CASE WHEN place.is_cut THEN $6 ELSE handoff_before END
    FROM place
    WHERE contexts.channel_id = place.channel_id AND contexts.summary_due_at = $2
        AND (SELECT count(*) FROM lines) = (SELECT count(*) FROM read)
    RETURNING contexts.channel_id, place.is_cut
), cut AS (
    UPDATE channels SET context_from_turn = $6 FROM held
    WHERE channels.channel_id = held.channel_id AND held.is_cut
), kept AS (
    INSERT INTO summaries ({_COLUMNS}, created_at)
    SELECT {", ".join("new." + name.strip() for name in _COLUMNS.split(","))}, $3::timestamptz
    FROM held, jsonb_to_recordset($5::text::jsonb) AS new({_ROW})
    WHERE NOT EXISTS (
        SELECT FROM summaries s
        WHERE s.channel_id = new.channel_id AND s.person_id IS NOT DISTINCT FROM new.person_id AND s.level = new.level
            AND s.audience_kind = new.audience_kind AND s.audience_id = new.audience_id
            AND s.from_turn = new.from_turn AND s.to_turn = new.to_turn
    )
)
SELECT channel_id FROM held
"""

# $1 channel. What was made anew, between others that were made one already, is not put together over those.
TO_CONDENSE = f"""
WITH standing AS (
    SELECT s.*, (
        SELECT count(*) FROM summaries higher
        WHERE higher.channel_id = s.channel_id AND higher.person_id IS NOT DISTINCT FROM s.person_id
            AND higher.level > s.level AND higher.to_turn < s.from_turn
    ) AS island
    FROM summaries s WHERE s.channel_id = $1 AND NOT s.is_condensed AND s.text <> '' AND {_heard("s")}
), waiting AS (
    SELECT standing.*, count(*) OVER series AS waiting,
        row_number() OVER (PARTITION BY person_id, level, island ORDER BY to_turn) AS nth
    FROM standing WINDOW series AS (PARTITION BY person_id, level, island)
), chosen AS (
    SELECT person_id, level, island FROM waiting WHERE waiting > {LEVEL_MOST}
    ORDER BY person_id NULLS FIRST, level, island LIMIT 1
)
SELECT waiting.* FROM waiting, chosen
WHERE waiting.person_id IS NOT DISTINCT FROM chosen.person_id AND waiting.level = chosen.level
    AND waiting.island = chosen.island AND nth <= {LEVEL_MOST}
ORDER BY to_turn
"""

# $1 channel $2 until when it is held $3 now $4 ids of the parts $5 what takes their place
CONDENSE = f"""
WITH held AS (
    SELECT channel_id FROM contexts WHERE channel_id = $1 AND summary_due_at = $2 FOR UPDATE
), parts AS (
    SELECT summary_id FROM summaries
    WHERE summary_id = ANY($4::bigint[]) AND NOT is_condensed ORDER BY summary_id FOR UPDATE
), whole AS (
    INSERT INTO summaries ({_COLUMNS}, created_at)
    SELECT {", ".join("new." + name.strip() for name in _COLUMNS.split(","))}, $3::timestamptz
    FROM held, jsonb_to_recordset($5::text::jsonb) AS new({_ROW})
    WHERE (SELECT count(*) FROM parts) = cardinality($4)
    RETURNING channel_id
), marked AS (
    UPDATE summaries SET is_condensed = true FROM whole WHERE summaries.summary_id = ANY($4)
)
SELECT channel_id FROM whole
"""

# $1 channel $2 until when it is held $3 until when it waits; NULL: nothing does
DONE = "UPDATE contexts SET summary_due_at = $3::timestamptz WHERE channel_id = $1 AND summary_due_at = $2"

# With a summary goes every other one of the same talk, be it of more of it. What a dropped one had taken the place of
# stands for itself again, and what is left without a summary is due anew: whoever holds the channel keeps nothing then.
_AFTERMATH = """, again AS (
    UPDATE summaries SET is_condensed = false
    WHERE summary_id IN (
        SELECT part.summary_id FROM gone, LATERAL (
            SELECT summary_id FROM summaries
            WHERE channel_id = gone.channel_id AND to_turn BETWEEN gone.from_turn AND gone.to_turn
                AND from_turn >= gone.from_turn AND level = gone.level - 1
                AND person_id IS NOT DISTINCT FROM gone.person_id AND is_condensed
            OFFSET 0
        ) part
    ) AND summary_id NOT IN (SELECT summary_id FROM gone)
), due AS (
    UPDATE contexts SET summary_due_at = $1::timestamptz WHERE channel_id IN (SELECT channel_id FROM gone)
)
SELECT summary_id FROM gone
"""
_GONE = "RETURNING s.summary_id, s.channel_id, s.person_id, s.level, s.from_turn, s.to_turn"

# $1 now $2 ids of lines
DROP_COVERING = f"""
WITH gone AS (
    DELETE FROM summaries s USING messages m
    WHERE m.message_id = ANY($2::bigint[]) AND s.channel_id = m.channel_id
        AND m.turn_id BETWEEN s.from_turn AND s.to_turn
    {_GONE}
){_AFTERMATH}"""

# $1 now: what holds words of who does not want to be heard
DROP_SILENCED = f"""
WITH gone AS (
    DELETE FROM summaries s USING silences, LATERAL (
        SELECT channel_id, from_turn, to_turn FROM summaries
        WHERE summaries.person_id = silences.user_id AND summaries.level = 0
        OFFSET 0 -- one look by their id each: nearly all summaries are of others
    ) of_them
    WHERE s.channel_id = of_them.channel_id
        AND of_them.from_turn <= s.to_turn AND of_them.to_turn >= s.from_turn
    {_GONE}
){_AFTERMATH}"""

# $1 now $2 the last channel that was looked through $3 how many. Between two summaries, and after the last, there may
# be lines that are in none: their summary was dropped, or a process died before it was made.
MEND = f"""
WITH batch AS (
    SELECT x.channel_id, c.context_from_turn, x.summary_due_at FROM contexts x JOIN channels c USING (channel_id)
    WHERE x.channel_id > $2 ORDER BY x.channel_id LIMIT $3
), told AS (
    SELECT batch.channel_id, s.from_turn, s.to_turn FROM batch JOIN summaries s USING (channel_id)
    WHERE s.level = 0 AND s.person_id IS NULL
    UNION ALL SELECT channel_id, context_from_turn, context_from_turn FROM batch
    UNION ALL SELECT channel_id, -1, -1 FROM batch
), gaps AS (
    SELECT channel_id, to_turn AS after, lead(from_turn) OVER (PARTITION BY channel_id ORDER BY from_turn) AS before
    FROM told
), due AS (
    UPDATE contexts SET summary_due_at = $1::timestamptz
    WHERE summary_due_at IS NULL AND channel_id IN (
        SELECT gaps.channel_id FROM gaps JOIN batch USING (channel_id)
        WHERE batch.summary_due_at IS NULL AND gaps.before > gaps.after + 1 AND EXISTS (
            SELECT FROM messages m
            WHERE m.channel_id = gaps.channel_id AND m.turn_id > gaps.after AND m.turn_id < gaps.before
                AND m.state = 'answered' AND NOT {_silent("m")}
        )
    )
    RETURNING channel_id
)
SELECT (SELECT max(channel_id) FROM batch) AS last, (SELECT count(*) FROM due) AS due
"""
