"""The statement that gives what holds whatever is asked, and her notes of herself."""

from __future__ import annotations

from bot.adapters.postgres.memory_rows import memory_columns
from bot.adapters.postgres.recall_statements import visible
from bot.domain.handoff import GOALS_MOST

PROMISED_FOR = "interval '30 days'"  # a promise without a day stands so long; later it comes up if it is asked for
_KINDS = "{boundary,promise,goal,portrait}"
# What holds whatever is asked, and her notes of herself, in one round trip: each row is one or the other.
# Of notes: what names nobody, and what came of talk before the same eyes. A taste of somewhere is not hers yet:
# it is what one person gave her for one.
# $1 whose  $2, $3, $4 as above  $5 now  $6 most of each kind and person  $7 companion  $8 most notes
HELD = f"""
WITH standing AS (
    SELECT {memory_columns("m")}, array_position('{_KINDS}'::text[], one.kind) AS nth FROM (
        SELECT memory_id, kind, is_pinned, row_number() OVER (
            PARTITION BY is_pinned, kind, owner_id ORDER BY salience DESC, said_at DESC, memory_id DESC
        ) AS place
        FROM memories WHERE owner_id = ANY($1::bigint[]) AND {visible("memories")}
            AND state = 'current' AND superseded_by IS NULL
            AND (valid_from IS NULL OR valid_from <= $5::timestamptz) AND (valid_to IS NULL OR valid_to > $5)
            AND (is_pinned OR kind = ANY('{_KINDS}'::text[]))
            AND (done_at IS NULL OR kind NOT IN ('promise', 'goal'))
            AND (kind <> 'promise' OR due_at IS NOT NULL OR is_pinned OR said_at > $5 - {PROMISED_FOR})
    ) AS one JOIN memories m USING (memory_id)
    WHERE one.place <= CASE WHEN one.kind = 'goal' THEN least($6::int, {GOALS_MOST}) ELSE $6 END
), noted AS (
    SELECT note_id, kind AS note_kind, text AS note_text, audience_kind AS note_audience_kind,
        audience_id AS note_audience_id, confidence AS note_confidence, revised_at AS note_revised_at
    FROM self_notes
    WHERE companion = $7 AND (kind <> 'taste' OR audience_kind IS NULL) AND (
        audience_kind IS NULL
        OR (audience_kind = 'person' AND audience_id = $2::bigint)
        OR (audience_kind = 'channel' AND audience_id = $3::bigint)
        OR (audience_kind = 'guild' AND audience_id = $4::bigint)
    ) AND NOT EXISTS (
        SELECT FROM self_note_sources s JOIN messages m USING (message_id)
            JOIN silences ON silences.user_id = m.author_id
        WHERE s.note_id = self_notes.note_id
    )
    ORDER BY confidence DESC, revised_at DESC, note_id LIMIT $8::int
)
SELECT * FROM standing FULL JOIN noted ON noted.note_id = -standing.memory_id
ORDER BY is_pinned DESC, nth, said_at DESC, memory_id, note_confidence DESC, note_revised_at DESC, note_id
"""
