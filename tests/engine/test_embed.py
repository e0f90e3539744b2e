"""Vectors in the background: newest first, whatever the embedder does, and never in anybody's way."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.vectors import PostgresVectors
from bot.domain.recalled import Vector
from bot.engine.embed import BATCH_MOST, BATCHES_MOST, FIRST_REST, LONGEST_REST, SHORTER, Embed
from bot.errors import ProviderError
from tests.fakes import ADA, DM, START, FakeClock

FIRST_LINE = 1_000
ROOM_FOR_LINES = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES (101, 'Ada', $1, $1);
"""
SAY = """
WITH said AS (
    INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
        state, sent_at, heard_at)
    SELECT $1, 201, 101, 'person', 'Ada', $2, 'person', 101, 'answered', $3, $3 RETURNING *
)
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
    lexemes)
SELECT 101, message_id, 201, 101, 'person', 101, $3, message_id, to_tsvector('simple', content) FROM said
"""
KNOW = """
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience, confidence,
    said_at, created_at, lexemes)
VALUES (101, 'fact', $1, $1, 'person', 101, 'current', 'talk', 5, .8, $2, $2, to_tsvector('simple', $1))
"""
HAVE = """
SELECT (SELECT content FROM messages WHERE messages.message_id = recall_lines.message_id) AS text, vector::text, name
FROM recall_lines JOIN embedders USING (embedder_id)
UNION ALL SELECT text, vector::text, name FROM memories JOIN embedders USING (embedder_id)
"""

Refusing = Callable[[Sequence[str]], None]


class FakeEmbedder:
    """Gives each text a direction of its own; *refuses* may raise for what it is asked."""

    def __init__(self, name: str = "fake:one", dimension: int = 4) -> None:
        self.name = name
        self.dimension = dimension
        self.asked: list[tuple[str, ...]] = []
        self.refuses: Refusing = lambda texts: None

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked.append(tuple(texts))
        self.refuses(texts)
        return [direction(text, self.dimension) for text in texts]


def direction(text: str, dimension: int = 4) -> list[float]:
    return [1.0 + byte for byte in hashlib.sha256(text.encode()).digest()[:dimension]]


def failing(kind: str, *, retryable: bool = True, retry_after_s: float | None = None) -> Refusing:
    def refuse(texts: Sequence[str]) -> None:
        raise ProviderError("no", kind=kind, retryable=retryable, retry_after_s=retry_after_s)

    return refuse


class Desk:
    """A database with a person in it, and what embeds what she said."""

    def __init__(self, pool: StatementPool) -> None:
        self.pool = pool
        self.clock = FakeClock()
        self.embedder = FakeEmbedder()
        self.store = PostgresVectors(pool)
        self.embed = Embed(self.store, self.embedder, self.clock, names=("Mira",))
        self._lines = 0

    async def open(self) -> None:
        await self.pool.run(ROOM_FOR_LINES, START)
        await self.pool.run("INSERT INTO channels (channel_id, kind) VALUES ($1, 'dm')", DM.channel_id)

    async def say(self, *texts: str) -> None:
        for text in texts:
            self._lines += 1
            await self.pool.run(SAY, FIRST_LINE + self._lines, text, START + timedelta(seconds=self._lines))

    async def have(self) -> dict[str, str]:
        return {row["text"]: row["name"] for row in await self.pool.run(HAVE)}

    def use(self, embedder: FakeEmbedder) -> Embed:
        return Embed(PostgresVectors(self.pool), embedder, self.clock)


@pytest.fixture
async def desk(statements: StatementPool) -> Desk:
    made = Desk(statements)
    await made.open()
    return made


async def test_lines_and_memories_get_vectors_of_unit_length(desk: Desk):
    await desk.say("I climb on Fridays", "My sister is a baker")
    await desk.pool.run(KNOW, "Climbs on Fridays.", START)
    assert await desk.embed() == 3
    assert set(await desk.have()) == {"I climb on Fridays", "My sister is a baker", "Climbs on Fridays."}
    rows = await desk.pool.run("SELECT l2_norm(vector) AS length FROM recall_lines")
    assert [row["length"] for row in rows] == pytest.approx([1, 1], abs=1e-2)


async def test_when_all_have_one_nothing_is_asked_of_anybody(desk: Desk):
    await desk.say("I climb on Fridays")
    await desk.embed()
    assert await desk.embed() == 0
    assert len(desk.embedder.asked) == 1


async def test_names_of_who_takes_part_become_you(desk: Desk):
    await desk.say("Mira, it is me, Ada. <@900> <:wave:12345>")
    await desk.embed()
    assert desk.embedder.asked == [("you, it is me, you. you wave",)]


async def test_the_newest_come_first_and_a_run_ends(desk: Desk):
    await desk.say(*(f"Line {place}" for place in range(1, BATCH_MOST + 9)))
    await desk.embed()
    assert desk.embedder.asked[0][0] == f"Line {BATCH_MOST + 8}"
    assert [len(texts) for texts in desk.embedder.asked] == [BATCH_MOST, 8]
    assert len(await desk.have()) == BATCH_MOST + 8


async def test_another_embedder_sees_everything_anew_and_the_old_vectors_stay_until_then(desk: Desk):
    await desk.say("One", "Two")
    await desk.embed()
    other = FakeEmbedder("fake:two", dimension=7)
    other.refuses = failing("unreachable")
    assert await desk.use(other)() == 0
    assert set((await desk.have()).values()) == {"fake:one"}
    assert await desk.use(FakeEmbedder("fake:two", dimension=7))() == 2
    assert set((await desk.have()).values()) == {"fake:two"}
    assert await desk.embed() == 2  # and back


@pytest.mark.parametrize("kind", ["unreachable", "rate_limit", "quota", "server", "timeout", "broken", "auth"])
async def test_what_was_said_while_the_embedder_was_down_is_embedded_afterwards(desk: Desk, kind: str):
    await desk.say("Before")
    desk.embedder.refuses = failing(kind, retryable=kind != "auth")
    assert await desk.embed() == 0
    await desk.say("While it was down")
    assert await desk.embed() == 0
    desk.embedder.refuses = lambda texts: None
    await desk.clock.advance(LONGEST_REST)
    assert await desk.embed() == 2
    assert set(await desk.have()) == {"Before", "While it was down"}


async def test_an_embedder_that_is_down_is_asked_ever_more_seldom(desk: Desk):
    await desk.say("Hello")
    desk.embedder.refuses = failing("unreachable")
    for _ in range(3_600):
        await desk.embed()
        desk.clock._now += timedelta(seconds=1)
    assert 7 < len(desk.embedder.asked) < 20


async def test_the_wait_that_a_server_asks_for_is_kept(desk: Desk):
    await desk.say("Hello")
    desk.embedder.refuses = failing("rate_limit", retry_after_s=90)
    await desk.embed()
    desk.embedder.refuses = lambda texts: None
    await desk.clock.advance(89)
    assert await desk.embed() == 0
    await desk.clock.advance(2)
    assert await desk.embed() == 1


async def test_a_text_that_no_embedder_takes_keeps_none_of_the_others_from_theirs(desk: Desk):
    def refuse(texts: Sequence[str]) -> None:
        if any("poison" in text for text in texts):
            failing("server")(texts)

    desk.embedder.refuses = refuse
    await desk.say("One", "poison", "Two")
    assert await desk.embed() == 2
    assert set(await desk.have()) == {"One", "Two"}
    desk.embedder.asked.clear()
    await desk.say("Three")
    assert await desk.embed() == 1
    assert desk.embedder.asked == [("Three",)]  # what it did not take is not asked again


async def test_what_is_too_long_for_the_model_is_embedded_by_its_beginning(desk: Desk):
    def refuse(texts: Sequence[str]) -> None:
        if any(len(text) > SHORTER[0] for text in texts):
            failing("too_long", retryable=False)(texts)

    desk.embedder.refuses = refuse
    await desk.say("word " * 790)
    assert await desk.embed() == 1
    assert len(desk.embedder.asked[-1][0]) <= SHORTER[0]


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [[1.0, 2.0, 3.0, 4.0], [1.0]],
        [[math.nan, 0.0, 0.0, 0.0]],
        [[math.inf, 0.0, 0.0, 0.0]],
        [[0.0, 0.0, 0.0, 0.0]],
        [["a", "b", "c", "d"]],
        [None],
        None,
        [[]],
    ],
)
async def test_an_answer_that_is_none_is_kept_nowhere_and_the_text_waits(desk: Desk, answer: object):
    await desk.say("Hello")

    class Odd(FakeEmbedder):
        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            self.asked.append(tuple(texts))
            return answer  # type: ignore[return-value]

    assert await desk.use(Odd())() == 0
    assert await desk.have() == {}
    assert await desk.embed() == 1


async def test_vectors_of_another_length_are_refused_until_the_right_ones_come_again(desk: Desk):
    await desk.say("Before")
    await desk.embed()
    await desk.say("After")
    desk.embedder.dimension = 6
    assert await desk.embed() == 0
    assert set(await desk.have()) == {"Before"}
    desk.embedder.dimension = 4
    await desk.clock.advance(FIRST_REST)
    assert await desk.embed() == 1


async def test_a_vector_longer_than_the_database_holds_is_refused(desk: Desk):
    await desk.say("Hello")

    class Long(FakeEmbedder):
        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            return [[1.0] * 20_000 for _ in texts]

    assert await desk.use(Long("fake:long"))() == 0


async def test_a_slow_embedder_is_asked_for_fewer_at_once(desk: Desk):
    await desk.say(*(f"Line {place}" for place in range(BATCH_MOST)))

    def refuse(texts: Sequence[str]) -> None:
        if len(texts) > 4:
            failing("timeout")(texts)

    desk.embedder.refuses = refuse
    for _ in range(200):
        await desk.embed()
        desk.clock._now += timedelta(seconds=60)
    assert len(await desk.have()) == BATCH_MOST


async def test_what_was_forgotten_or_edited_meanwhile_gets_no_vector(desk: Desk):
    await desk.say("Stays", "Goes", "Was said otherwise")

    class Meanwhile(FakeEmbedder):
        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            await desk.pool.run("DELETE FROM messages WHERE content = 'Goes'")
            await desk.pool.run("UPDATE messages SET content = 'Says now' WHERE content = 'Was said otherwise'")
            return await super().embed(texts)

    await desk.use(Meanwhile())()
    await desk.embed()
    rows = await desk.pool.run("SELECT content, vector::text AS v FROM recall_lines JOIN messages USING (message_id)")
    assert {row["content"] for row in rows} == {"Stays", "Says now"}
    for row in rows:
        values, wanted = json.loads(row["v"]), direction(row["content"])
        assert values == pytest.approx([one / math.hypot(*wanted) for one in wanted], abs=1e-3)


async def test_what_holds_no_words_is_left_and_keeps_nothing_back(desk: Desk):
    await desk.say("One", "   ", "\n")
    assert await desk.embed() == 1
    assert desk.embedder.asked == [("One",)]
    assert await desk.embed() == 0
    assert desk.embedder.asked == [("One",)]


async def test_emoji_and_scripts_without_spaces_are_embedded(desk: Desk):
    texts = ("🎉🎉🎉", "昨日は映画を見ました", "สวัสดีครับ", "a\u200bb")
    await desk.say(*texts)
    assert await desk.embed() == len(texts)


async def test_two_processes_at_once_embed_everything_and_break_nothing(desk: Desk):
    await desk.say(*(f"Line {place}" for place in range(60)))
    one, two = desk.use(FakeEmbedder()), desk.use(FakeEmbedder())
    await asyncio.gather(one(), two())
    await one()
    assert len(await desk.have()) == 60


async def test_asking_for_a_known_embedder_uses_up_no_numbers(desk: Desk):
    for _ in range(50):
        await PostgresVectors(desk.pool).use("fake:one", 4)
    assert await PostgresVectors(desk.pool).use("fake:other", 4) == await desk.store.use("fake:one", 4) + 1


async def test_a_run_does_not_go_on_for_ever(desk: Desk):
    await desk.pool.run(
        "INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, "
        "audience_id, state, sent_at, heard_at) SELECT n, 201, 101, 'person', 'Ada', 'Line ' || n, 'person', 101, "
        "'answered', $1, $1 FROM generate_series(1, $2) n",
        START,
        BATCH_MOST * BATCHES_MOST + 5,
    )
    await desk.pool.run(
        "INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, "
        "sitting, lexemes) SELECT 101, message_id, 201, 101, 'person', 101, sent_at, 1, '' FROM messages"
    )
    assert await desk.embed() == BATCH_MOST * BATCHES_MOST
    assert await desk.embed() == 5


async def test_the_store_holds_only_vectors_of_the_length_it_knows(desk: Desk):
    await desk.say("Hello")
    (line,) = await desk.store.without_vector("fake:one", limit=5)
    await desk.store.use("fake:one", 4)
    assert await desk.store.put("fake:one", [(line, Vector("fake:one", (0.6, 0.8)))]) == 0
    assert await desk.store.put("fake:unknown", [(line, Vector("fake:unknown", (0.6, 0.8, 0, 0)))]) == 0
    assert await desk.store.put("fake:one", [(line, Vector("fake:one", (0.6, 0.8, 0, 0)))]) == 1
    assert ADA.user_id == line.owner_id
