"""The statement that finds what a question concerns among the lines and memories of a few people.

Whose and for whose eyes comes first; everything else is worked out exactly over what is left, without any index on
vectors. The weights were measured: docs/memory.md. A score of 1.6 is a line that means just what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.postgres.memory_rows import memory_columns
from bot.domain.languages import DEFAULT
from bot.domain.query_terms import WORDS_MOST
from bot.domain.recalled import Past

WINDOW = 2  # lines of the same sitting on either side that a line is read with
TUNED_EMBEDDER = "local:all-MiniLM-L6-v2"  # the weights of cosines were measured with it
TUNED_MEAN, TUNED_SPREAD = 0.12, 0.11  # of its cosines between a question and lines of one person
VECTORS_LEAST = 0.5  # share of rows with a vector from which on they count
SCORED_MOST = 20_000  # rows of one person that are all scored; of more, those with a word of it, and the newest
# Whether a line concerns the question at all is told by rare words more than by common ones, and one common word tells
# nothing: rarity counts to this power, and as much of it has to be there as this many words have that stand nowhere; of
# a question of many words no more is asked than of so many.
TELLING, ENOUGH, ASKED_MOST = 2.0, 1.25, 4.0
COMMON = 1.6  # rarity that a word which everybody uses has at most, when it comes to that
# Of a word, for one that may have been said instead: of the score, and of how much it says that a line concerns it.
NEAR_COUNTS, NEAR_TELLS = 0.25, 0.5
TALK = 50  # lines that a memory is taken to have more than it has, so that in a small one not every word is common
# Who asks about themselves is to be answered, so less of the question is enough.
OF_ONESELF = 0.5  # of the threshold; for a memory one word of the question
BESIDE = 1.5  # of it for a line that has no word of the question, and stands beside one that has
DATED = 0.9  # how much a named day says by itself that a line concerns the question
NEAR_MOST = 14  # words of a question that others may stand for; the mask of what is hit has bits for no more
NEWEST = 4_000  # of the newest, where not all are
HITS_MOST = 4_000  # of those with a word of it


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign counts; *speaker* is added where the right one speaks, and taken away otherwise."""

    cosine: float
    window_cosine: float
    words: float
    window_words: float
    speaker: float
    question: float
    date: float
    when: float
    threshold: float  # of the first four together: below it, a line does not concern the question


WITH_VECTORS = Weights(1.0, 0.6, 0.25, 0.9, 0.12, -0.2, 0.65, 0.2, 0.9)
BY_WORDS = Weights(0.0, 0.0, 1.0, 1.5, 0.2, -0.2, 0.7, 0.5, 0.9)

# $1 whose  $2 before the eyes of this person, or of everybody in channel $3 of guild $4
# $5 words  $6 languages  $7 vector $8 of embedder  $9 lines that are shown anyway  $10 said by
# $11 asks when  $12, $13, $14 stretches of time: from, to, weight  $15 now  $16, $17 most lines, memories
# $18 only above the threshold  $19 it is a question about who asks  $20 her mood, three axes
# $21 other words that may have been said for each of $5  $22 their language  $23 which of $5 alone concern nothing
VISIBLE = """(row.owner_id = $2 OR ($2::bigint IS NULL AND (
        (row.audience_kind = 'channel' AND row.audience_id = $3::bigint)
        OR (row.audience_kind = 'guild' AND row.audience_id = $4::bigint)
    ) AND NOT EXISTS (SELECT FROM silences WHERE silences.user_id = row.owner_id)))"""


def visible(alias: str) -> str:
    """Write who may see a row: see `bot.domain.recalled.Place`."""
    return VISIBLE.replace("row.", f"{alias}.")


def line_visible(alias: str) -> str:
    """Write who may see a line: what she said in a room stays there, for she may have repeated what others said."""
    return f"({visible(alias)} AND (NOT {alias}.is_own OR {alias}.audience_kind = 'person' OR $2::bigint IS NULL))"


def _weighed(name: str) -> str:
    """Write one weight: the statement knows only then whether there are vectors to go by."""
    return f"CASE WHEN f.by_vectors THEN {getattr(WITH_VECTORS, name)} ELSE {getattr(BY_WORDS, name)} END"


_QUOTED = r"""'''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''"""
BEGUN_LEAST = 4  # letters of a stem that stands for all words that begin so, where the rules of a language fall short
_LOOKED_FOR = f"""{_QUOTED} || CASE
        WHEN place = 1 AND language NOT IN ('english', 'simple') AND length(lexeme) >= {BEGUN_LEAST} THEN ':*'
        ELSE '' END"""

# What is asked. Everything that is parsed, such as the vector, is parsed once here: inside the scan it would be for
# each row. A word that is too small to count in the first language is none; words of one stem are one. Where all that
# is kept of them stands in the talk anyway, nothing is asked.
_ASKED = f"""
lexed AS MATERIALIZED (
    SELECT w.n, w.is_common, l.place, l.language, t.lexeme, t.is_near
    FROM unnest($5::text[], $21::text[], $22::text[], $23::boolean[]) WITH ORDINALITY
            AS w(word, near, near_language, is_common, n),
        unnest($6::text[]) WITH ORDINALITY AS l(language, place), LATERAL (
            SELECT lexeme, false AS is_near FROM unnest(to_tsvector(l.language::regconfig, w.word))
            UNION ALL SELECT lexeme, true FROM unnest(to_tsvector(l.language::regconfig, w.near))
            WHERE l.language IN (w.near_language, '{DEFAULT}')
        ) AS t
), stems AS (
    SELECT n, min(lexeme) FILTER (WHERE place = 1 AND NOT is_near) AS stem FROM lexed GROUP BY n
), worded AS (
    SELECT stem, bool_and(is_common) AS is_common,
        string_agg(DISTINCT {_LOOKED_FOR}, ' | ') FILTER (WHERE NOT is_near)::tsquery AS query,
        string_agg(DISTINCT {_LOOKED_FOR}, ' | ') FILTER (WHERE is_near)::tsquery AS near
    FROM stems JOIN lexed USING (n) WHERE stem IS NOT NULL GROUP BY stem
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY stem) - 1 AS nth,
        row_number() OVER (PARTITION BY near IS NULL ORDER BY stem) - 1 AS near_nth
    FROM worded
), asked_for AS MATERIALIZED (
    SELECT 1::bigint << nth::int AS bit, query, is_common, near,
        CASE WHEN near IS NULL OR near_nth >= {NEAR_MOST} THEN 0 ELSE 1::bigint << ({WORDS_MOST} + near_nth)::int END
        AS near_bit
    FROM numbered
), terms AS MATERIALIZED (
    SELECT bit, query FROM asked_for UNION ALL SELECT near_bit, near FROM asked_for WHERE near_bit <> 0
), asked AS MATERIALIZED (
    SELECT (SELECT string_agg(query::text, ' | ')::tsquery FROM terms) AS words, e.embedder_id, v.vector
    FROM (SELECT $7::text::halfvec AS vector) AS v
    LEFT JOIN embedders e ON e.name = $8::text AND e.dimension = vector_dims(v.vector)
    WHERE EXISTS (
        SELECT FROM recall_lines WHERE owner_id = ANY($1::bigint[]) AND message_id <> ALL($9::bigint[])
    ) OR EXISTS (SELECT FROM memories WHERE owner_id = ANY($1::bigint[]) AND state = 'current')
)"""

_HIT = """CASE WHEN row.lexemes @@ asked.words
        THEN (SELECT bit_or(t.bit) FROM terms t WHERE row.lexemes @@ t.query) ELSE 0 END AS hit"""
_COSINE = "CASE WHEN row.embedder_id = asked.embedder_id THEN -(row.vector <#> asked.vector) END AS cosine"

_LINE_FIELDS = f"""row.message_id AS id, false AS is_memory, row.owner_id, row.sitting, row.speaker_id, row.said_at,
        row.is_question, row.has_time, 0::float8 AS nearly, {_COSINE}, {_HIT}""".replace("row.", "l.")
# Of memories that tie, the one that matters more, is used more, or was made in a mood like hers now comes first.
_NEARLY = """row.salience / 15.0 + least(1, ln(1 + row.used_count) / 3) / 6 + CASE
            WHEN row.mood IS NULL OR $20::float8[] IS NULL THEN 0
            ELSE (1 - (abs(row.mood[1] - $20[1]) + abs(row.mood[2] - $20[2]) + abs(row.mood[3] - $20[3])) / 6) / 6
        END"""
_MEMORY_FIELDS = f"""row.memory_id AS id, true AS is_memory, row.owner_id, -row.memory_id AS sitting,
        coalesce(row.about_id, row.owner_id) AS speaker_id, row.said_at, false AS is_question,
        row.due_at IS NOT NULL AS has_time, {_NEARLY} AS nearly,
        {_COSINE}, {_HIT}""".replace("row.", "m.")

_RECALLED_STATES = "m.state = 'current' AND m.superseded_by IS NULL AND m.kind <> 'portrait'"
_VALID = "(m.valid_from IS NULL OR m.valid_from <= $15) AND (m.valid_to IS NULL OR m.valid_to > $15)"

# Of a person with very many lines, or memories, only some are scored: the newest, and those with most words of the
# question.
_CHOSEN = f"""
crowd AS MATERIALIZED (
    SELECT count(*) > {SCORED_MOST} AS is_large
    FROM (SELECT FROM recall_lines WHERE owner_id = ANY($1::bigint[]) LIMIT {SCORED_MOST} + 1) AS counted
), chosen AS MATERIALIZED (
    (
        SELECT l.owner_id, l.message_id FROM recall_lines l
        WHERE (SELECT is_large FROM crowd) AND l.owner_id = ANY($1::bigint[]) AND {line_visible("l")}
        ORDER BY l.message_id DESC LIMIT {NEWEST}
    ) UNION (
        SELECT l.owner_id, l.message_id FROM asked, recall_lines l
        WHERE (SELECT is_large FROM crowd) AND l.owner_id = ANY($1::bigint[]) AND {line_visible("l")}
            AND l.lexemes @@ asked.words
        ORDER BY (SELECT count(*) FROM terms t WHERE l.lexemes @@ t.query) DESC, l.message_id DESC LIMIT {HITS_MOST}
    )
), many AS MATERIALIZED (
    SELECT count(*) > {SCORED_MOST} AS is_large
    FROM (
        SELECT FROM memories WHERE owner_id = ANY($1::bigint[]) AND state = 'current' LIMIT {SCORED_MOST} + 1
    ) AS counted
), picked AS MATERIALIZED (
    (
        SELECT m.memory_id FROM memories m
        WHERE (SELECT is_large FROM many) AND m.owner_id = ANY($1::bigint[]) AND {visible("m")}
            AND {_RECALLED_STATES}
        ORDER BY m.memory_id DESC LIMIT {NEWEST}
    ) UNION (
        SELECT m.memory_id FROM asked, memories m
        WHERE (SELECT is_large FROM many) AND m.owner_id = ANY($1::bigint[]) AND {visible("m")}
            AND {_RECALLED_STATES} AND m.lexemes @@ asked.words
        ORDER BY (SELECT count(*) FROM terms t WHERE m.lexemes @@ t.query) DESC, m.memory_id DESC LIMIT {HITS_MOST}
    )
)"""

_SCORED = f"""
known AS MATERIALIZED (
    SELECT {_LINE_FIELDS}
    FROM asked, recall_lines l
    WHERE NOT (SELECT is_large FROM crowd) AND (asked.words IS NOT NULL OR NOT $18)
        AND l.owner_id = ANY($1::bigint[]) AND {line_visible("l")}
    UNION ALL
    SELECT {_LINE_FIELDS}
    FROM asked, chosen JOIN recall_lines l USING (owner_id, message_id)
    WHERE asked.words IS NOT NULL OR NOT $18
    UNION ALL
    SELECT {_MEMORY_FIELDS}
    FROM asked, memories m
    WHERE NOT (SELECT is_large FROM many) AND (asked.words IS NOT NULL OR NOT $18)
        AND m.owner_id = ANY($1::bigint[]) AND {visible("m")} AND {_RECALLED_STATES} AND {_VALID}
    UNION ALL
    SELECT {_MEMORY_FIELDS}
    FROM asked, picked JOIN memories m USING (memory_id)
    WHERE (asked.words IS NOT NULL OR NOT $18) AND {_VALID}
), figures AS MATERIALIZED (
    SELECT count(*) AS every, avg(cosine) AS mean, nullif(stddev_pop(cosine), 0) AS spread,
        count(cosine) >= {VECTORS_LEAST} * count(*) AND count(cosine) > 0 AS by_vectors,
        ln(1 + {TALK} + count(*))::float8 ^ {TELLING} AS telling,
        $8::text IS DISTINCT FROM '{TUNED_EMBEDDER}' AS is_other
    FROM known
), hits AS MATERIALIZED (
    SELECT hit, count(*) AS often FROM known WHERE hit <> 0 GROUP BY hit
), rare AS MATERIALIZED (
    SELECT t.bit, ln(1 + (f.every + {TALK}.5) / (greatest(1, coalesce(sum(h.often), 0)) + 0.5)) AS weight
    FROM figures f, terms t LEFT JOIN hits h ON h.hit & t.bit <> 0
    GROUP BY t.bit, f.every
), rarity AS MATERIALIZED (
    SELECT a.bit, a.near_bit, r.weight, CASE WHEN a.is_common THEN least({COMMON}, r.weight) ELSE r.weight END AS tells,
        {NEAR_COUNTS} * least(r.weight, n.weight) AS near_weight,
        {NEAR_TELLS} * least(r.weight, n.weight) ^ {TELLING} AS near_tells
    FROM asked_for a JOIN rare r USING (bit) LEFT JOIN rare n ON n.bit = a.near_bit
), windowed AS MATERIALIZED (
    SELECT k.*, avg(cosine) OVER near AS window_cosine, bit_or(hit) OVER near AS window_hit
    FROM known k
    WINDOW near AS (PARTITION BY owner_id, sitting ORDER BY id ROWS BETWEEN {WINDOW} PRECEDING AND {WINDOW} FOLLOWING)
), covered AS MATERIALIZED (
    SELECT mask, coalesce(sum(CASE
            WHEN mask & r.bit <> 0 THEN r.weight WHEN mask & r.near_bit <> 0 THEN r.near_weight END
        ) / sum(r.weight), 0)::float8 AS share,
        coalesce(sum(CASE
            WHEN mask & r.bit <> 0 THEN r.tells ^ {TELLING} WHEN mask & r.near_bit <> 0 THEN r.near_tells END
        ) / greatest(least(sum(r.tells ^ {TELLING}), {ASKED_MOST} * max(f.telling)), {ENOUGH} * max(f.telling)), 0
        )::float8 AS telling
    FROM figures f, (SELECT hit AS mask FROM windowed UNION SELECT window_hit FROM windowed) AS masks
        LEFT JOIN rarity r ON true
    GROUP BY mask
), dated AS (
    SELECT w.*, coalesce((
        SELECT max(d.weight)
        FROM unnest($12::timestamptz[], $13::timestamptz[], $14::float8[]) AS d(starts, ends, weight)
        WHERE w.said_at >= d.starts AND w.said_at < d.ends
    ), 0) AS dated
    FROM windowed w
), rated AS (
    SELECT w.id, w.owner_id, w.is_memory, w.hit, w.said_at, w.nearly, w.speaker_id, w.is_question, w.has_time,
        ({_weighed("cosine")}) * at_scale(w.cosine) + ({_weighed("window_cosine")}) * at_scale(w.window_cosine) AS near,
        ({_weighed("words")}) * c.share + ({_weighed("window_words")}) * wc.share AS worded,
        ({_weighed("words")}) * c.telling + ({_weighed("window_words")}) * wc.telling
        + {DATED} * w.dated AS telling,
        ({_weighed("speaker")}) * CASE WHEN $10::bigint IS NULL THEN 0 WHEN w.speaker_id = $10 THEN 1 ELSE -1 END
        + CASE WHEN w.is_question THEN ({_weighed("question")}) ELSE 0 END
        + ({_weighed("date")}) * w.dated
        + CASE WHEN $11 AND w.has_time AND (w.window_hit <> 0 OR f.by_vectors)
            THEN ({_weighed("when")}) ELSE 0 END AS fit,
        NOT w.is_memory AND w.id = ANY($9::bigint[]) AS is_shown
    FROM figures f, dated w JOIN covered c ON c.mask = w.hit JOIN covered wc ON wc.mask = w.window_hit
)"""


def _at_scale(text: str) -> str:
    """Put the tuned embedder's scale in place of another one's; a row without a vector is taken for an average one."""
    for name in ("w.cosine", "w.window_cosine"):
        value = (
            f"CASE WHEN NOT f.by_vectors THEN 0 WHEN {name} IS NULL THEN "
            f"CASE WHEN f.is_other THEN {TUNED_MEAN} ELSE f.mean END "
            f"WHEN f.is_other THEN {TUNED_MEAN} + {TUNED_SPREAD} * coalesce(({name} - f.mean) / f.spread, 0) "
            f"ELSE {name} END"
        )
        text = text.replace(f"at_scale({name})", f"({value})")
    return text


NEARLY = 0.02  # as much of a score as salience, recency and use may move: they decide near ties only
RECENT = 30.0  # days in which recency falls to half

REPLACED_MOST = 8  # times in a row that something was replaced


def _replaced(memory_id: str) -> str:
    """Write a look-up of one memory of those asked about, if another holds in its place."""
    return f"""(
        SELECT superseded_by FROM memories
        WHERE memory_id = {memory_id} AND state = 'superseded' AND superseded_by IS NOT NULL
            AND owner_id = ANY($1::bigint[]) LIMIT 1
    )"""


def _holding(memory_id: str) -> str:
    """Write a look-up of what holds in place of what a line told: another memory, or the same in a person's words."""
    return f"""(
        SELECT CASE WHEN state = 'superseded' THEN superseded_by ELSE memory_id END AS holding FROM memories
        WHERE memory_id = {memory_id} AND owner_id = ANY($1::bigint[])
            AND ((state = 'superseded' AND superseded_by IS NOT NULL) OR (state = 'current' AND is_edited)) LIMIT 1
    )"""


KNOWN_MOST = 16  # memories of one line that are looked at


def past_of(line: str) -> str:
    """Write a look-up of how much of what *line*, a row with ``id`` and ``owner_id``, told is past.

    What another memory of the same line stands for is neither: that one tells, or the same told elsewhere. What the
    person put into other words is no longer what the line says.
    """
    return f"""(
    SELECT CASE WHEN bool_or(known.is_past) IS NOT TRUE THEN '{Past.NO}' WHEN bool_and(known.is_past) THEN '{Past.ALL}'
        ELSE '{Past.IN_PART}' END AS past
    FROM (SELECT memory_id FROM memory_sources WHERE message_id = {line}.id LIMIT {KNOWN_MOST}) AS s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN NOT EXISTS (
            SELECT FROM (SELECT memory_id FROM memory_sources WHERE message_id = {line}.id LIMIT {KNOWN_MOST}) AS same
            CROSS JOIN LATERAL (SELECT text_key FROM memories WHERE memory_id = same.memory_id LIMIT 1) AS tells
            WHERE tells.text_key = (SELECT newer.text_key FROM memories newer WHERE newer.memory_id = m.superseded_by)
        ) THEN state = 'superseded' OR is_edited END AS is_past
        FROM memories m WHERE m.memory_id = s.memory_id AND m.owner_id = {line}.owner_id LIMIT 1
    ) AS known
)"""


# Whether a memory holds in place of what a line that is shown anyway says.
_NEWER = f"""EXISTS (
    SELECT FROM (SELECT memory_id FROM memories WHERE superseded_by = b.id LIMIT {KNOWN_MOST}) AS old
    CROSS JOIN LATERAL (
        SELECT FROM memory_sources WHERE memory_id = old.memory_id AND message_id = ANY($9::bigint[]) LIMIT 1
    ) AS told
)"""

# Where a line told what holds no longer, what holds in its place comes along: the talk may show that line, too.
# The few that are left are looked up one by one: a planner that does not know how few would read the whole table.
RECALL = f"""
WITH RECURSIVE {_ASKED}, {_CHOSEN}, {_at_scale(_SCORED)}, best AS (
    SELECT *, row_number() OVER (PARTITION BY is_memory, is_shown ORDER BY score DESC, id DESC) AS place
    FROM (
        SELECT id, owner_id, is_memory, is_shown, hit, near + telling AS concern, near + worded + fit + {NEARLY} / 2 * (
            least(1, nearly) + {RECENT} / ({RECENT} + greatest(0, extract(epoch FROM $15 - said_at) / 86400))
        ) AS score
        FROM rated
    ) AS scored
    WHERE NOT $18 OR ($19 AND is_memory AND hit <> 0) OR concern >= (
        SELECT ({_weighed("threshold")}) * CASE
            WHEN hit = 0 AND NOT f.by_vectors THEN {BESIDE} WHEN $19 THEN {OF_ONESELF} ELSE 1 END
        FROM figures f
    )
), outdated AS (
    SELECT old.holding AS id, b.owner_id, b.score, b.concern, 1 AS step
    FROM best b CROSS JOIN LATERAL (
        SELECT memory_id FROM memory_sources WHERE message_id = b.id LIMIT {REPLACED_MOST}
    ) AS s CROSS JOIN LATERAL {_holding("s.memory_id")} AS old
    WHERE NOT b.is_memory AND b.place <= $16::int AND $17::int > 0
    UNION
    SELECT old.superseded_by, o.owner_id, o.score, o.concern, o.step + 1
    FROM outdated o CROSS JOIN LATERAL {_replaced("o.id")} AS old
    WHERE o.step < {REPLACED_MOST}
), given AS (
    SELECT id, owner_id, is_memory, score, concern FROM best
    WHERE place <= CASE WHEN is_memory THEN $17::int ELSE $16::int END AND NOT is_shown
    UNION ALL (
        SELECT DISTINCT ON (m.memory_id) m.memory_id, m.owner_id, true, o.score, o.concern
        FROM outdated o CROSS JOIN LATERAL (SELECT * FROM memories WHERE memory_id = o.id LIMIT 1) AS m
        WHERE {_RECALLED_STATES} AND {_VALID} AND m.owner_id = ANY($1::bigint[]) AND {visible("m")}
            AND NOT EXISTS (SELECT FROM best WHERE is_memory AND best.id = m.memory_id AND place <= $17::int)
        ORDER BY m.memory_id, o.score DESC
    )
)
SELECT b.is_memory, b.score, b.concern, b.owner_id AS line_owner, line.message_id, line.author_id, line.author_name,
    line.content, line.sent_at, line.speaker, coalesce(aged.past, '{Past.NO}') AS past,
    b.is_memory AND {_NEWER} AS is_newer, {memory_columns("m")}
FROM given b
LEFT JOIN LATERAL (SELECT * FROM messages WHERE message_id = b.id LIMIT 1) AS line ON NOT b.is_memory
LEFT JOIN LATERAL {past_of("b")} AS aged ON NOT b.is_memory
LEFT JOIN LATERAL (SELECT * FROM memories WHERE memory_id = b.id LIMIT 1) AS m ON b.is_memory
WHERE b.is_memory OR line.state <> 'withdrawn'
ORDER BY b.score DESC
"""
