"""How a line is put into the index that it is recalled by: whose it is, which sitting it belongs to, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.adapters.postgres.rows import storable
from bot.domain.line_traits import has_time, is_question
from bot.domain.message import Speaker
from bot.domain.searchable import searchable
from bot.memory_ports import IndexedLine

SITTING_GAP = timedelta(minutes=30)  # without a line, and a new sitting begins; docs/memory.md
_NEAR = 50  # lines of the same person that are looked through for the one before in the same channel


def line_rows(lines: Sequence[IndexedLine], names: Sequence[str]) -> list[dict[str, object]]:
    """Give *lines* as `INDEX_LINES` takes them, once written as JSON; *names* are those of who takes part in the talk.

    Words that a line passes on from others are not its writer's, and are not in the index.
    """
    return [_row(line, names) for line in lines]


def _row(line: IndexedLine, names: Sequence[str]) -> dict[str, object]:
    message = line.message
    found = searchable(storable(message.content), names)
    return {
        "owner_id": int(line.owner_id),
        "message_id": int(message.message_id),
        "channel_id": int(message.channel.channel_id),
        "speaker_id": int(message.author.user_id),
        "audience_kind": str(line.audience.kind),
        "audience_id": int(line.audience.audience_id),
        "said_at": message.sent_at.isoformat(),
        "is_own": message.speaker is Speaker.SELF,
        "is_question": is_question(message.content),
        "has_time": has_time(message.content),
        "language": found.language,
        "text": found.text,
    }


def _neighbour(*, is_before: bool) -> str:
    side, order = ("<", "DESC") if is_before else (">", "ASC")
    gap = "new.said_at - near.said_at" if is_before else "near.said_at - new.said_at"
    return f"""(
        SELECT near.sitting FROM (
            SELECT sitting, said_at, channel_id, message_id FROM recall_lines old
            WHERE old.owner_id = new.owner_id AND old.message_id {side} new.message_id
            ORDER BY old.message_id {order} LIMIT {_NEAR}
        ) AS near
        WHERE near.channel_id = new.channel_id AND {gap} <= interval '{SITTING_GAP.seconds} s'
        ORDER BY near.message_id {order} LIMIT 1
    )"""


def index_lines(rows: str, condition: str = "true") -> str:
    """Write the statement that puts lines into the index, or into it anew when their text has changed.

    *rows* is the SQL of a JSON text as `line_rows` gives it, *condition* what has to hold besides. It may stand in a
    WITH clause. Lines that are gone meanwhile are left out. A line keeps its sitting; its vector goes with its words.
    """
    return f"""
WITH new AS (
    SELECT given.* FROM jsonb_to_recordset({rows}::text::jsonb) AS given(owner_id bigint, message_id bigint,
        channel_id bigint, speaker_id bigint, audience_kind text, audience_id bigint, said_at timestamptz,
        is_own boolean, is_question boolean, has_time boolean, language text, text text)
    JOIN messages kept USING (message_id)
    WHERE kept.state <> 'withdrawn' AND ({condition})
), placed AS (
    SELECT new.owner_id, new.message_id,
        coalesce({_neighbour(is_before=True)}, {_neighbour(is_before=False)}) AS sitting,
        sum(new.is_first) OVER (PARTITION BY new.owner_id, new.channel_id ORDER BY new.message_id) AS island
    FROM (
        SELECT *, CASE WHEN said_at - lag(said_at) OVER (PARTITION BY owner_id, channel_id ORDER BY message_id)
            <= interval '{SITTING_GAP.seconds} s' THEN 0 ELSE 1 END AS is_first
        FROM new
    ) AS new
)
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
    is_own, is_question, has_time, lexemes)
SELECT new.owner_id, new.message_id, new.channel_id, new.speaker_id, new.audience_kind, new.audience_id, new.said_at,
    coalesce(
        min(placed.sitting) OVER (PARTITION BY new.owner_id, new.channel_id, placed.island),
        min(new.message_id) OVER (PARTITION BY new.owner_id, new.channel_id, placed.island)
    ),
    new.is_own, new.is_question, new.has_time, strip(to_tsvector(new.language::regconfig, new.text))
FROM new JOIN placed USING (owner_id, message_id)
ON CONFLICT (owner_id, message_id) DO UPDATE SET is_question = excluded.is_question, has_time = excluded.has_time,
    lexemes = excluded.lexemes, vector = NULL, embedder_id = NULL
"""


INDEX_LINES = index_lines("$1")  # $1 rows as JSON
