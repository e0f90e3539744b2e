"""Decay in SQL: it equals the model in Python, however time is split, and gets in nobody's way."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.feeling_rows import COOL, is_hot, person_of
from bot.adapters.postgres.feeling_sql import MATERIALISE, NOTHING_LEFT, SENTIMENTS_NOW, segments_of
from bot.adapters.postgres.feeling_tables import AMOUNTS, LEVELS, SENTIMENTS
from bot.domain.affect.days import LONGEST_LEAP_H
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.habituation import REPETITION_HALF_LIFE_H
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import RULES, Sentiment
from bot.domain.affect.state import PersonState, new_person, new_soul, person_in_tier
from bot.domain.affect.timeline import Nature, person_until
from tests.domain.affect.states import OCEANS, TIERS, furthest, numbers, persons
from tests.fakes import START

EXACT = 1e-9
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(seconds=240)
SOUL, OTHER_SOUL = 1, 2
PEOPLE = 40
TEN_YEARS_H = 10 * 365.25 * 24

PARTS = {"": "value", "_earned": "earned", "_gained": "gained", "_lost": "lost"}
COLUMNS = (
    "directed",
    *(name + part for name in SENTIMENTS for part in PARTS),
    *LEVELS,
    *AMOUNTS,
    *("stage", "bond", "is_hot", "lived_until"),
)
CAST = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

MEET = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at)
SELECT n, 'p' || n, $1, $1 FROM generate_series(1, $2::bigint) n
"""
BEAR = """
INSERT INTO souls (soul_id, companion, tier, home, ocean, emotions, mood, mood_area, model_version, born_at,
    lived_until)
SELECT n, 'mira' || n, 'rich', zeros[:5], zeros[:5], zeros, zeros[:3], zeros[:3], 1, $1, $1
FROM generate_series(1, 2) n, (SELECT array_fill(0::float8, ARRAY[27]) AS zeros) AS z
"""
FEEL = f"""
INSERT INTO sentiments (soul_id, user_id, met_at, {", ".join(COLUMNS)})
VALUES ($1, $2, $3, {", ".join(f"${number + 4}" for number in range(len(COLUMNS)))})
"""
HOLD = """
SELECT *, lived_until AS person_lived_until FROM sentiments WHERE soul_id = $1 AND user_id = ANY($2::bigint[])
ORDER BY user_id FOR NO KEY UPDATE
"""

SAY = "UPDATE sentiments SET kind_repetition = $3, lived_until = $4 WHERE soul_id = $1 AND user_id = $2"


@pytest_asyncio.fixture
async def connect(database_url):
    """Open connections to one database, with two souls and some people in it."""
    address = parse_database_url(database_url)
    opened = []

    async def another():
        opened.append(await asyncpg.connect(**address.asyncpg_arguments()))
        return opened[-1]

    first = await another()
    await first.execute(MEET, START, PEOPLE)
    await first.execute(BEAR, START)
    yield another
    for connection in opened:
        await connection.close()


@pytest_asyncio.fixture
async def connection(connect):
    return await connect()


def values_of(person):
    found = {"directed": list(person.directed), "stage": person.stage, "bond": person.bond}
    for name in SENTIMENTS:
        found |= {name + part: getattr(getattr(person, name), field) for part, field in PARTS.items()}
    return found | {name: getattr(person, name) for name in (*LEVELS, *AMOUNTS)}


async def keep(connection, rows, *, hot=True, soul_id=SOUL):
    """Keep (person, lived until) as the only rows of a soul, for the users 1, 2, …"""
    await connection.execute("DELETE FROM sentiments WHERE soul_id = $1", soul_id)
    flat = [values_of(person) | {"is_hot": hot, "lived_until": lived} for person, lived in rows]
    found = [(soul_id, user, START, *(row[name] for name in COLUMNS)) for user, row in enumerate(flat, start=1)]
    await connection.executemany(FEEL, found)


async def kept(connection, soul_id=SOUL):
    query = "SELECT *, lived_until AS person_lived_until FROM sentiments WHERE soul_id = $1 ORDER BY user_id"
    return [person_of(row) for row in await connection.fetch(query, soul_id)]


async def everything(connection):
    return await connection.fetch("SELECT * FROM sentiments ORDER BY soul_id, user_id")


async def materialise(connection, natures, tier, until, soul_id=SOUL):
    segments = segments_of(natures, tier, until)
    return await connection.fetchrow(MATERIALISE[tier], soul_id, *segments.parameters)


async def read_now(connection, natures, tier, until):
    segments = segments_of(natures, tier, until)
    found = await connection.fetch(SENTIMENTS_NOW, SOUL, *segments.parameters)
    return sorted(found, key=lambda row: row["user_id"])


def in_python(person, natures, tier, start, end):
    return person_until(person, new_soul(tier, natures[-1].ocean), natures, start=start, end=end)


def someone(tier="rich", **changes):
    """Give a person towards whom everything is moving."""
    count = len(NAMES[tier])
    person = PersonState(
        directed=tuple((number * 7 % 10) / 10 for number in range(count)),
        trust=Sentiment(0.4, 0.3, 0.02, 0.1),
        affection=Sentiment(-0.3, 0.2, 0.1, 0.3),
        respect=Sentiment(0.9, -0.5, 0.05, 0.0),
        familiarity=Sentiment(0.6, 0.5, 0.04, 0.0),
        tension=0.7,
        need=0.2,
        share_used=0.8,
        kind_repetition=3.0,
        hurt_repetition=1.5,
        stage=Stage.STRAINED,
        bond="sibling",
    )
    return replace(person, **changes)


def wobbling(days, until, *, begin=NEUTRAL_OCEAN):
    """Give a nature for each midnight of the last *days*, as drift makes them, and one preset mid-day."""
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    natures = [
        Nature(
            midnight - DAY * ago,
            Ocean(*(value + 0.01 * ((ago * 13 + axis) % 11 - 5) for axis, value in enumerate(begin))),
        )
        for ago in range(days, -1, -1)
    ]
    preset = Nature(midnight - DAY * (days // 2) + 7.3 * HOUR, Ocean(0.9, -0.8, -0.9, 0.8, 0.9))
    return sorted([*natures, preset], key=lambda nature: nature.since)


AGES = st.floats(0, 2000) | st.floats(0, 3) | st.sampled_from((0.0, -1.0, 1e-9, 24.0, TEN_YEARS_H, 2 * LONGEST_LEAP_H))


@st.composite
def histories(draw):
    """Draw a tier, natures up to START and after it, and people with the time that they were brought up to."""
    tier = draw(TIERS)
    begun = sorted(draw(st.lists(st.floats(-48, 3000), min_size=1, max_size=6, unique=True)), reverse=True)
    natures = [Nature(START - ago * HOUR, draw(OCEANS)) for ago in begun]
    count = draw(st.integers(1, 5))
    return tier, natures, [(draw(persons(tier)), START - draw(AGES) * HOUR) for _ in range(count)]


@CAST
@given(history=histories())
async def test_reading_equals_the_model(connection, history):
    tier, natures, rows = history
    await keep(connection, rows)
    found = await read_now(connection, natures, tier, START)
    assert len(found) == len(rows)
    for row, (person, lived) in zip(found, rows, strict=True):
        now = in_python(person, natures, tier, lived, START)
        expected = [
            now.trust.value,
            now.affection.value,
            now.respect.value,
            now.familiarity.value,
            now.tension,
            now.need,
        ]
        assert list(row.values())[1:] == pytest.approx(expected, abs=EXACT, rel=0)


@CAST
@given(history=histories())
@example(history=("rich", wobbling(3650, START), [(someone(), START - TEN_YEARS_H * HOUR), (someone(), START - DAY)]))
@example(history=("lite", wobbling(20, START), [(someone("lite"), START - ago * HOUR) for ago in range(1, 500, 20)]))
async def test_materialising_equals_the_model(connection, history):
    tier, natures, rows = history
    await keep(connection, rows)
    before = await everything(connection)
    result = await materialise(connection, natures, tier, START)
    assert result["moved"] == sum(lived < START for _, lived in rows)
    found = await everything(connection)
    for was, row, record, (person, lived) in zip(before, found, await kept(connection), rows, strict=True):
        if lived >= START:
            assert row == was
            continue
        now = in_python(person, natures, tier, lived, START)
        assert furthest(record.state, now) <= EXACT
        assert record.lived_until == START
        assert (record.state.stage, record.state.bond, row["met_at"]) == (person.stage, person.bond, was["met_at"])
        assert row["is_hot"] == is_hot(record.state)


async def test_a_moment_already_lived_changes_nothing(connection):
    natures = wobbling(5, START)
    await keep(connection, [(someone(), START - HOUR), (someone(), START + HOUR)])
    assert (await materialise(connection, natures, "rich", START))["moved"] == 1
    once = await everything(connection)
    for until in (START, START - HOUR, START - 100 * DAY):
        assert (await materialise(connection, natures, "rich", until))["moved"] == 0
    assert await everything(connection) == once


async def test_only_hot_rows_of_that_soul_move(connection):
    await keep(connection, [(someone(), START - DAY)] * 3)
    await keep(connection, [(someone(), START - DAY)] * 2, soul_id=OTHER_SOUL)
    await connection.execute("UPDATE sentiments SET is_hot = false WHERE soul_id = $1 AND user_id = 2", SOUL)
    before = await everything(connection)
    await materialise(connection, wobbling(3, START), "rich", START)
    after = await everything(connection)
    changed = [(row["soul_id"], row["user_id"]) for was, row in zip(before, after, strict=True) if row != was]
    assert changed == [(SOUL, 1), (SOUL, 3)]


async def test_a_row_cools_when_nothing_moves_quickly_any_more(connection):
    # anger of a neutral person halves in half an hour: rest is reached within a day, tension and caps move on
    angry = replace(new_person("lite"), directed=(0.0,) * 5 + (0.9, 0.0, 0.0), trust=Sentiment(0.5, 0.2, 0.05, 0.1))
    tense, used = replace(angry, tension=2 * COOL), replace(angry, share_used=8 * COOL)
    natures = [Nature(START - 9 * DAY, NEUTRAL_OCEAN)]
    await keep(connection, [(person, START - 22 * HOUR) for person in (angry, tense, used)])
    assert tuple((await materialise(connection, natures, "lite", START - 12 * HOUR)).values()) == (3, 0)
    assert tuple((await materialise(connection, natures, "lite", START)).values()) == (3, 1)
    assert (await kept(connection))[0].state.directed == (0.0,) * 8
    assert [row["is_hot"] for row in await everything(connection)] == [False, True, True]
    assert tuple((await materialise(connection, natures, "lite", START + 2 * DAY)).values()) == (2, 2)


async def test_numbers_near_nothing_are_rest_and_never_an_error(connection):
    least = 5e-324
    tiny = someone(
        directed=(least, 1e-300, 1e-13, 1.1e-12) + (1e-200,) * 23,
        trust=Sentiment(least, -least, least, 1e-310),
        affection=Sentiment(-1e-250, 1e-290, 1e-280, 0.0),
        respect=Sentiment(0.0, 1e-300, 0.0, 1e-300),
        familiarity=Sentiment(1e-300, least, least, least),
        tension=1e-305,
        need=least,
        share_used=1e-290,
        kind_repetition=1e-290,
        hurt_repetition=least,
    )
    full = Sentiment(1.0, 1.0, 1e6, 1e6)
    most = someone(
        directed=(1.0,) * 27, trust=full, affection=full, respect=full, familiarity=full, tension=1.0, need=1.0
    )
    ages = [1e-9, 1e-6, 1e-3, 1.0, 20.0, 1e3, 1e4, 1e5, LONGEST_LEAP_H]
    natures = wobbling(400, START)
    for person in (tiny, most):
        rows = [(person, START - age * HOUR) for age in ages]
        await keep(connection, rows)
        await read_now(connection, natures, "rich", START)
        await materialise(connection, natures, "rich", START)
        for record, (_, lived) in zip(await kept(connection), rows, strict=True):
            assert furthest(record.state, in_python(person, natures, "rich", lived, START)) <= EXACT
            if person is tiny:
                assert set(numbers(replace(record.state, need=0.0, directed=record.state.directed[:3]))) == {0.0}


async def test_a_row_that_somebody_holds_is_left_to_the_next_time(connect, connection):
    natures = wobbling(3, START)
    await keep(connection, [(someone(), START - DAY)] * 3)
    mine = await connect()
    async with mine.transaction():
        await mine.execute("SELECT FROM souls WHERE soul_id = $1 FOR UPDATE", SOUL)
        await mine.fetch(HOLD, SOUL, [2])
        async with asyncio.timeout(10):
            assert (await materialise(connection, natures, "rich", START))["moved"] == 2
        await mine.execute(SAY, SOUL, 2, 7.0, START - HOUR)
    assert [record.lived_until for record in await kept(connection)] == [START, START - HOUR, START]
    assert (await materialise(connection, natures, "rich", START + HOUR))["moved"] == 3
    repetition = (await kept(connection))[1].state.kind_repetition
    assert repetition == pytest.approx(7.0 * 0.5 ** (2 / REPETITION_HALF_LIFE_H), abs=EXACT)


async def test_a_row_of_the_other_set_of_emotions_is_brought_into_this_one(connection):
    natures = wobbling(2, START)
    for tier, other in (("rich", "lite"), ("lite", "rich")):
        await keep(connection, [(someone(other), START - HOUR)])
        await materialise(connection, natures, tier, START)
        expected = in_python(person_in_tier(someone(other), tier), natures, tier, START - HOUR, START)
        assert furthest((await kept(connection))[0].state, expected) <= EXACT


@pytest.mark.parametrize("tier", ["lite", "rich"])
async def test_seven_days_of_ticks_are_one_jump(connection, tier):
    dice = random.Random(7)
    natures = wobbling(8, START + 7 * DAY, begin=Ocean(0.2, -0.1, 0.4, 0.3, -0.2))
    rows = [(scattered(dice, tier), START - dice.uniform(0, 24) * HOUR) for _ in range(24)]
    await keep(connection, rows)
    ticks = [START + TICK * number for number in range(1, 7 * DAY // TICK + 1)]
    assert len(ticks) == 2520
    ticked = [person for person, _ in rows]
    reached = [lived for _, lived in rows]
    statement = await connection.prepare(MATERIALISE[tier])
    for tick in ticks:
        await statement.fetch(SOUL, *segments_of(natures, tier, tick).parameters)
        ticked = [in_python(one, natures, tier, at, tick) for one, at in zip(ticked, reached, strict=True)]
        reached = [tick] * len(rows)
    end = ticks[-1]
    by_sql = [in_python(one.state, natures, tier, one.lived_until, end) for one in await kept(connection)]
    jumped = [in_python(person, natures, tier, lived, end) for person, lived in rows]
    await keep(connection, rows)
    await materialise(connection, natures, tier, end)
    jumped_by_sql = [record.state for record in await kept(connection)]
    for states in (by_sql, ticked, jumped_by_sql):
        assert max(map(furthest, states, jumped)) <= EXACT


def scattered(dice, tier):
    """Give a person with every number drawn."""

    def sentiment(low):
        return Sentiment(dice.uniform(low, 1), dice.uniform(low, 1), dice.uniform(0, 0.15), dice.uniform(0, 0.5))

    return PersonState(
        directed=tuple(dice.choice((0.0, dice.random())) for _ in NAMES[tier]),
        **{rule.name: sentiment(rule.least) for rule in RULES},
        **{name: dice.random() for name in LEVELS},
        share_used=dice.uniform(0, 2),
        kind_repetition=dice.uniform(0, 30),
        hurt_repetition=dice.uniform(0, 30),
    )


async def test_the_hot_rows_are_found_by_their_index(connection):
    await connection.execute(
        "INSERT INTO people SELECT n, 'p', false, $1, $1 FROM generate_series(1000, 20999) n", START
    )
    await connection.execute(
        """
        INSERT INTO sentiments (soul_id, user_id, directed, stage, is_hot, met_at, lived_until)
        SELECT $1, user_id, array_fill(0.5::float8, ARRAY[27]), 'friend', user_id % 100 = 0, $2, $2
        FROM people WHERE user_id >= 1000
        """,
        SOUL,
        START,
    )
    await connection.execute("VACUUM ANALYZE sentiments")
    segments = segments_of([Nature(START, NEUTRAL_OCEAN)], "rich", START + HOUR)
    plan = await connection.fetch("EXPLAIN " + MATERIALISE["rich"], SOUL, *segments.parameters)
    lines = "\n".join(row[0] for row in plan)
    assert "Index Scan using ix_sentiments_hot" in lines
    assert "Tid Scan" in lines
    assert "Seq Scan" not in lines


async def test_turns_and_materialising_get_in_nobodys_way(connect, connection):
    """Turns hold some rows while all are materialised over and over: every word counts, and nobody waits in a ring."""
    natures = [Nature(START, NEUTRAL_OCEAN)]
    await keep(connection, [(someone("lite", kind_repetition=0.0), START)] * PEOPLE)
    clock = itertools.count(1)
    words: list[tuple[int, object]] = []
    skipped = 0

    def now():
        return START + timedelta(seconds=next(clock))

    async def talk(number):
        mine, dice = await connect(), random.Random(number)
        for _ in range(25):
            users = sorted(dice.sample(range(1, PEOPLE + 1), 6))
            async with mine.transaction():
                await mine.execute("SELECT FROM souls WHERE soul_id = $1 FOR UPDATE", SOUL + number % 2)
                rows = await mine.fetch(HOLD, SOUL, users)
                await asyncio.sleep(0.002)
                for row in rows:
                    record = person_of(row)
                    at = max(now(), record.lived_until)
                    state = in_python(record.state, natures, "lite", record.lived_until, at)
                    await mine.execute(
                        SAY,
                        *(SOUL, row["user_id"], state.kind_repetition + 1.0, at),
                    )
                    words.append((row["user_id"], at))

    async def tend(stop):
        nonlocal skipped
        mine = await connect()
        while not stop.is_set():
            result = await materialise(mine, natures, "lite", now())
            skipped += 0 < result["moved"] < PEOPLE

    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        tenders = [group.create_task(tend(stop)) for _ in range(2)]
        async with asyncio.TaskGroup() as talkers:
            for number in range(4):
                talkers.create_task(talk(number))
        stop.set()
        await asyncio.gather(*tenders)

    end = now()
    await materialise(connection, natures, "lite", end)
    assert len(words) == 4 * 25 * 6
    assert skipped
    for user_id, record in enumerate(await kept(connection), start=1):
        ages = [(end - at) / HOUR for speaker, at in words if speaker == user_id]
        expected = sum(math.pow(2.0, -age / REPETITION_HALF_LIFE_H) for age in ages)
        assert record.state.kind_repetition == pytest.approx(expected, abs=EXACT)


def test_a_soul_has_a_nature():
    with pytest.raises(ValueError, match="at least"):
        segments_of([], "lite", START)


def test_natures_that_left_nothing_are_left_out():
    segments = segments_of(wobbling(3650, START), "rich", START)
    assert len(segments.edges_h) + 1 == len(segments.rates) == len(segments.offsets) < 300
    oldest = [
        offset + rate * segments.edges_h[0] for offset, rate in zip(segments.offsets[0], segments.rates[0], strict=True)
    ]
    assert max(oldest) > NOTHING_LEFT


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_sentiment_and_what_it_fades_towards_have_rates_far_apart(rule):
    # the statements subtract two exponentials and divide by the difference of the rates: no digits are lost
    assert rule.rate > 10 * rule.earned_rate
