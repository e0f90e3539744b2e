"""The statements of her feelings, one per atomic step.

A change is written only onto the very state it was computed from: the soul's row is locked first, by its version and
its time, then people's rows in the order of their ids. Who comes second reads again.
"""

from __future__ import annotations

from bot.adapters.postgres.feeling_tables import AMOUNTS, LEVELS, SENTIMENTS
from bot.domain.affect.appraisal import FIELD_NAMES

_NUMBERS = (*(name + part for name in SENTIMENTS for part in ("", "_earned", "_gained", "_lost")), *LEVELS, *AMOUNTS)
_PERSON = ("directed", *_NUMBERS, "stage", "bond", "is_hot", "lived_until")
_DAY = (*SENTIMENTS, "tension", "stage")
_SOUL = (
    "soul_id",
    "tier",
    "home",
    "ocean",
    "emotions",
    "mood",
    "mood_area",
    "day_h",
    "is_drift_frozen",
    "preset",
    "version",
    "model_version",
    "born_at",
    "lived_until",
)


def _of(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


FIND_SOUL = "SELECT soul_id FROM souls WHERE companion = $1 AND guild_id IS NOT DISTINCT FROM $2"

# $1 companion $2 guild $3 tier $4 home $5 emotions $6 mood $7 mood_area $8 day_h $9 model_version $10 born_at
BEAR = """
WITH born AS (
    INSERT INTO souls (companion, guild_id, tier, home, ocean, emotions, mood, mood_area, day_h, model_version,
        version, born_at, lived_until)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, 1, $10, $10)
    ON CONFLICT (companion, guild_id) DO NOTHING RETURNING soul_id
), nature AS (
    INSERT INTO natures (soul_id, since, ocean) SELECT soul_id, $10, $4 FROM born
), event AS (
    INSERT INTO affect_events (soul_id, kind, detail, model_version, happened_at, applied_at, seq)
    SELECT soul_id, 'birth', jsonb_build_object('tier', $3::text, 'home', to_jsonb($4::float8[])), $9, $10, $10, 1
    FROM born
)
SELECT soul_id FROM born
"""

# The nature in force at the earliest moment anything here was brought up to, and all that came after it.
_NATURES = """
    SELECT array_agg(since ORDER BY since) AS nature_since, array_agg(ocean ORDER BY since) AS nature_ocean
    FROM natures WHERE soul_id = $1 AND since >= coalesce((
        SELECT max(since) FROM natures WHERE soul_id = $1 AND since <= earliest.moment
    ), '-infinity')
"""

# $1 soul $2 people $3 since when their words count as recent $4 how many of them; a row for each person, at least one
LOOK = f"""
WITH them AS (
    SELECT ids.user_id AS asked_id, s.* FROM unnest($2::bigint[]) AS ids(user_id)
    LEFT JOIN sentiments s ON s.soul_id = $1 AND s.user_id = ids.user_id
), earliest AS (
    SELECT least(souls.lived_until, (SELECT min(lived_until) FROM them)) AS moment FROM souls WHERE soul_id = $1
)
SELECT {_of("souls", _SOUL)}, nature.*, them.asked_id, them.met_at, them.lived_until AS person_lived_until,
    {_of("them", tuple(name for name in _PERSON if name != "lived_until"))},
    CASE WHEN them.asked_id IS NULL OR $4 = 0 THEN '{{}}' ELSE array(
        SELECT content FROM messages
        WHERE author_id = them.asked_id AND state = 'answered' AND sent_at >= $3
        ORDER BY message_id DESC LIMIT $4
    ) END AS said
FROM souls CROSS JOIN earliest CROSS JOIN LATERAL ({_NATURES}) nature LEFT JOIN them ON true
WHERE souls.soul_id = $1
"""

_EVENT = f"""
    e.event_id, e.kind, e.happened_at, e.applied_at, e.seq, e.model_version, e.user_id AS event_user_id,
    e.detail::text AS detail, a.message_id, a.user_id, a.similarity, {_of("a", FIELD_NAMES)}
"""

# $1 soul $2 how many events
WAITING = f"""
SELECT {_EVENT} FROM (
    SELECT * FROM affect_events WHERE soul_id = $1 AND seq IS NULL ORDER BY happened_at, event_id LIMIT $2
) e LEFT JOIN appraisals a USING (turn_id) ORDER BY e.happened_at, e.event_id, a.message_id
"""

# $1 soul $2 after which event of the soul $3 how many
LIVED = f"""
SELECT {_EVENT} FROM (
    SELECT * FROM affect_events WHERE soul_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
) e LEFT JOIN appraisals a USING (turn_id) ORDER BY e.seq, a.message_id
"""

SOULS_WAITING = "SELECT DISTINCT soul_id FROM affect_events WHERE seq IS NULL AND happened_at <= $1"

# $1 soul $2 version and $3 time it was computed from $4–$15 the soul $16 people $17 events $18 stirred
# $19 natures $20 is_reset $21 people to forget
# An event that another process lived between our two reads would be lived twice, and a person it moved would be moved
# back: then nothing is kept either.
APPLY = f"""
WITH mine AS (
    SELECT l.event_id, l.applied_at, l.seq
    FROM jsonb_to_recordset($17::text::jsonb) AS l(event_id bigint, applied_at timestamptz, seq bigint)
), them AS (
    SELECT p.* FROM jsonb_to_recordset($16::text::jsonb) AS p(user_id bigint, was timestamptz, met_at timestamptz,
        directed float8[], {", ".join(name + " float8" for name in _NUMBERS)}, stage text, bond text, is_hot boolean,
        lived_until timestamptz)
), soul AS (
    UPDATE souls SET tier = $4, home = $5, ocean = $6, emotions = $7, mood = $8, mood_area = $9, day_h = $10,
        is_drift_frozen = $11, preset = $12, version = $13, model_version = $14, lived_until = $15
    WHERE soul_id = $1 AND version = $2 AND lived_until = $3
        AND NOT EXISTS (SELECT FROM mine JOIN affect_events e USING (event_id) WHERE e.seq IS NOT NULL)
        AND ($20 OR NOT EXISTS (
            SELECT FROM them LEFT JOIN sentiments s ON s.soul_id = $1 AND s.user_id = them.user_id
            WHERE s.lived_until IS DISTINCT FROM them.was
        ))
    RETURNING soul_id, lived_until
), gone AS (
    DELETE FROM sentiments USING soul
    WHERE sentiments.soul_id = soul.soul_id AND ($20 OR user_id = ANY($21::bigint[]))
), met AS (
    INSERT INTO sentiments AS old (soul_id, user_id, met_at, {", ".join(_PERSON)})
    SELECT soul.soul_id, p.user_id, p.met_at, {_of("p", _PERSON)} FROM soul, them p
    WHERE EXISTS (SELECT FROM people WHERE people.user_id = p.user_id) ORDER BY p.user_id
    ON CONFLICT (soul_id, user_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _PERSON)}
    RETURNING soul_id, user_id, lived_until, {", ".join(_DAY)}
), day AS (
    INSERT INTO sentiment_days (soul_id, user_id, day, {", ".join(_DAY)})
    SELECT soul_id, user_id, (lived_until AT TIME ZONE 'UTC')::date, {", ".join(_DAY)} FROM met
    ON CONFLICT (soul_id, user_id, day) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _DAY)}
), lived AS (
    UPDATE affect_events e SET applied_at = mine.applied_at, seq = mine.seq
    FROM soul, mine WHERE e.event_id = mine.event_id
), stirred AS (
    UPDATE appraisals a SET stirred = s.stirred
    FROM soul, jsonb_to_recordset($18::text::jsonb) AS s(message_id bigint, stirred jsonb)
    WHERE a.message_id = s.message_id
), undone AS (
    DELETE FROM natures USING soul WHERE natures.soul_id = soul.soul_id AND natures.since > soul.lived_until
), begun AS (
    INSERT INTO natures (soul_id, since, ocean, displacement)
    SELECT soul.soul_id, n.since, n.ocean, n.displacement
    FROM soul, jsonb_to_recordset($19::text::jsonb) AS n(since timestamptz, ocean float8[], displacement float8[])
    WHERE n.since <= soul.lived_until
    ON CONFLICT (soul_id, since) DO UPDATE SET ocean = excluded.ocean, displacement = excluded.displacement
)
SELECT soul_id FROM soul
"""

# $1 soul $2 kind $3 user $4 detail $5 model_version $6 happened_at
ADD_EVENT = """
INSERT INTO affect_events (soul_id, kind, user_id, detail, model_version, happened_at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)
"""

# $1 soul $2 points as JSON $3 drop what is older than this, but for the first of each hour
RECORD_MOOD = """
WITH point AS (
    INSERT INTO mood_history (soul_id, slot, pleasure, arousal, dominance)
    SELECT $1, p.slot, p.pleasure, p.arousal, p.dominance
    FROM jsonb_to_recordset($2::text::jsonb) AS p(slot timestamptz, pleasure float8, arousal float8, dominance float8)
    ON CONFLICT (soul_id, slot) DO NOTHING
)
DELETE FROM mood_history WHERE soul_id = $1 AND slot < $3 AND date_trunc('hour', slot) <> slot
"""

LAST_MOOD = "SELECT max(slot) AS slot FROM mood_history WHERE soul_id = $1 AND slot <= $2"

MOOD_HISTORY = """
SELECT slot, pleasure, arousal, dominance FROM mood_history
WHERE soul_id = $1 AND slot BETWEEN $2 AND $3 ORDER BY slot
"""

# $1 soul $2 person $3 since which day
STANDING_DAYS = f"""
SELECT day, {", ".join(_DAY)} FROM sentiment_days
WHERE soul_id = $1 AND user_id = $2 AND day >= $3 ORDER BY day
"""

# $1 soul $2 since when $3 now
CAUSES = """
SELECT e.kind, e.applied_at, e.detail::text AS detail,
    CASE WHEN m.state <> 'withdrawn' THEN a.message_id END AS message_id, a.user_id, a.stirred::text AS stirred,
    m.audience_kind, m.audience_id, m.channel_id, channels.guild_id
FROM affect_events e
LEFT JOIN appraisals a USING (turn_id) LEFT JOIN messages m USING (message_id) LEFT JOIN channels
    ON channels.channel_id = m.channel_id
WHERE e.soul_id = $1 AND e.applied_at BETWEEN $2 AND $3
    AND e.seq > coalesce((SELECT max(seq) FROM affect_events WHERE soul_id = $1 AND kind = 'reset'), 0)
    AND (e.kind = 'inner' OR a.stirred <> '{}')
ORDER BY e.seq DESC LIMIT 2000
"""

# $1 job $2 slot $3 now; nothing is given back where another process has the slot
TAKE_SLOT = """
INSERT INTO job_slots (job, slot, taken_at) VALUES ($1, $2, $3) ON CONFLICT (job, slot) DO NOTHING RETURNING slot
"""
# Without a time of their own stand works that are still to be done, however long ago they came to be.
FORGET_SLOTS = "DELETE FROM job_slots WHERE taken_at < $1 AND slot > '-infinity'"

SOULS = "SELECT soul_id FROM souls WHERE companion = $1 ORDER BY soul_id"
EVERYBODY = "SELECT user_id FROM sentiments WHERE soul_id = $1 ORDER BY user_id"

HOT_NATURES = f"""
WITH earliest AS (SELECT min(lived_until) AS moment FROM sentiments WHERE soul_id = $1 AND is_hot)
SELECT souls.tier, souls.model_version, earliest.moment IS NOT NULL AS is_any_hot, nature.*
FROM souls CROSS JOIN earliest CROSS JOIN LATERAL ({_NATURES}) nature WHERE souls.soul_id = $1
"""

# $1 person $2 now; the name comes with their first message
KNOW = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, '', $2, $2)
ON CONFLICT (user_id) DO NOTHING
"""
