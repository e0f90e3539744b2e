"""Whatever a model answers in the background, no more is kept than may be, and the next run goes on."""

from __future__ import annotations

import pytest

from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.message import Person
from tests.engine.conftest import World
from tests.engine.test_reflect import DUE, EMPTY, Study, entry, lines_of
from tests.engine.test_summarise import TOLD, Desk
from tests.fakes import ADA, BEN, MIRA, ROOM, START, finished

HUGE = "I like tea. " * 850_000  # ten megabytes
PAGE = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
ODD = [None, 7, True, [], {}, [[]], [None], [{}], [{"ref": {}}], "c1", PAGE, HUGE, [{"ref": "c1", "verdict": ["keep"]}]]
KEPT_MOST = 4_000  # letters of anything that is kept


@pytest.fixture
async def study(statements, database):
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await store.introduce(START)
    return Study(statements, store, database)


@pytest.mark.parametrize("odd", ODD, ids=[str(one)[:20] for one in ODD])
async def test_a_reflection_of_odd_parts_breaks_nothing(study, odd):
    await study.tell("likes tea", "I like tea", salience=6)
    await study.clock.advance(DUE)
    for key in EMPTY:
        study.answers(**({"candidates": [entry("c1", salience=6)]} | {key: odd}))
        await study.reflect()
        study.clock._now += DUE * 5
    rows = await study.rows("SELECT text FROM memories UNION ALL SELECT text FROM self_notes")
    assert rows and all(len(row["text"]) <= KEPT_MOST for row in rows)


@pytest.mark.parametrize("field", ["text", "tags", "valid_until", "kind", "supersedes", "of", "salience"])
@pytest.mark.parametrize("odd", [HUGE, {}], ids=["huge", "object"])
async def test_an_odd_field_of_a_verdict_breaks_nothing(study, field, odd):
    await study.tell("likes tea", "I like tea", salience=6)
    await study.clock.advance(DUE)
    study.answers(candidates=[entry("c1", salience=6) | {field: odd}])
    await study.reflect()
    (row,) = await study.rows("SELECT text, tags FROM memories")
    assert row["text"] == "likes tea" and sum(map(len, row["tags"])) <= KEPT_MOST


async def test_of_two_people_of_one_name_in_one_room_each_is_thought_over_alone(study):
    other = Person(BEN.user_id, ADA.display_name)
    await study.tell("keeps bees", "I keep bees", author=ADA, channel=ROOM, salience=6)
    await study.tell("fears bees", "I fear bees", author=other, channel=ROOM, salience=6)
    await study.clock.advance(DUE)
    study.model.answers_by = lambda request: [finished(EMPTY | {"candidates": [entry("c1", salience=7)]})]
    assert await study.reflect() == 2
    shown = [[one["text"] for one in lines_of(request, "c")] for request in study.model.requests]
    assert sorted(shown) == [["fears bees"], ["keeps bees"]]
    said = [[one["text"] for one in lines_of(request, "m")] for request in study.model.requests]
    assert sorted(said) == [["I fear bees"], ["I keep bees"]]
    rows = await study.rows("SELECT owner_id, text FROM memories WHERE state = 'current' ORDER BY owner_id")
    assert [(row["owner_id"], row["text"]) for row in rows] == [
        (ADA.user_id, "keeps bees"),
        (BEN.user_id, "fears bees"),
    ]


SUMMARIES = [{}, {"summary": None}, {"summary": ""}, {"summary": [HUGE]}, {"summary": HUGE}, {"summary": PAGE}]
SUMMARIES += [TOLD | {"people": HUGE}, TOLD | {"people": [HUGE, {}, {"person": {}, "said": 1}]}, TOLD | {"note": HUGE}]


@pytest.mark.parametrize("fields", SUMMARIES, ids=[str(one)[:40] for one in SUMMARIES])
async def test_an_odd_summary_breaks_nothing_and_is_short(world: World, statements, fields):
    desk = Desk(world, PostgresSummaries(statements))
    await desk.talk("I row on Sundays", "and you?")
    desk.model.answers_by = lambda request: [finished(fields)]
    for _ in range(3):
        await desk.summarise()
        desk.pass_time(hours=7)
    kept = await desk.kept()
    assert all(len(row["text"]) <= KEPT_MOST and len(row["note"]) <= KEPT_MOST for row in kept)
