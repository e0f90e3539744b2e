"""People whose lives change, back and forth, beside a model that words the past anew and proposes whatever it likes."""

from __future__ import annotations

from datetime import timedelta

import pytest_asyncio

from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.store import PostgresStore
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Channel, ChannelKind, Person
from bot.domain.recalled import Place, RecallAsk
from bot.engine.digest import Digest
from tests.closed_turns import Talk
from tests.fakes import ADA, MIRA, ROOM, START, FakeClock, dm_message, guild_message

CORRECTION = {"kind": "correction", "salience": 8}
SALIENT = {"salience": 9}
OTHER_WILL, WILL = Person(UserId(611), "Will"), Person(UserId(612), "Will")


class Life:
    """What is told day by day, taken in at once, and asked for three weeks later."""

    def __init__(self, statements) -> None:
        self.clock = FakeClock()
        self.run = statements.run
        self.recall = PostgresRecall(statements)
        self.talk = Talk(PostgresStore(statements, own=MIRA, is_alone=True), self.clock)
        self.digest = Digest(PostgresDigest(statements, MIRA), self.clock, (), own_names=("Mira",))

    async def day(self, said: str, *texts: str, more: dict = SALIENT, author: Person = ADA, make=None, **talk) -> None:
        channel = Channel(ChannelId(int(author.user_id) + 1_000), ChannelKind.DM)
        memories = [(0, text, more) for text in texts]
        make = make or (lambda content, **facts: dm_message(content, channel=channel, **facts))
        await self.talk.turn(said, author=author, make=make, memories=memories, **talk)
        await self.digest()
        await self.clock.advance(timedelta(days=1))

    async def known(self, asked: str, author: Person = ADA) -> list[str]:
        await self.clock.advance(timedelta(days=21))
        ask = RecallAsk(
            asked,
            (author.user_id,),
            Place(author.user_id),
            self.clock.now(),
            names=(author.display_name, "Mira"),
            said_by=author.user_id,
        )
        found = await self.recall.recall(ask, lines_most=8, memories_most=8)
        return [one.memory.text for one in found.memories]

    async def texts(self, state: str) -> set[str]:
        return {row["text"] for row in await self.run("SELECT text FROM memories WHERE state = $1", state)}


@pytest_asyncio.fixture
async def life(statements):
    made = Life(statements)
    await made.talk.store.introduce(START)
    return made


async def test_what_was_replaced_does_not_come_back_in_other_words(life):
    await life.day("I live in Paris", "Ada lives in Paris.")
    await life.day("I live in Berlin now, not in Paris", "Ada lives in Berlin, not in Paris.", more=CORRECTION)
    for text in (
        "Ada is living in Paris.",
        "Ada's home is in Paris.",
        "Ada resides in Paris.",
        "Ada still lives in Paris.",
        "Ada lives in Paris with a cat.",
    ):
        await life.day("ah, my home in Paris, where I was living with a cat!", text)
    assert await life.known("where do I live?") == ["Ada lives in Berlin, not in Paris."]


async def test_what_names_a_third_place_is_not_taken_for_the_first(life):
    await life.day("I live in Paris", "Ada lives in Paris.")
    await life.day("I live in Berlin now, not in Paris", "Ada lives in Berlin, not in Paris.", more=CORRECTION)
    await life.day("my sister Eva lives in Rome", "Ada's sister Eva lives in Rome.")
    assert "Ada's sister Eva lives in Rome." in await life.texts("current")


async def test_who_moves_back_lives_there_again(life):
    await life.day("I live in Paris", "Ada lives in Paris.")
    await life.day("I live in Berlin now, not in Paris", "Ada lives in Berlin, not in Paris.", more=CORRECTION)
    await life.day(
        "I am back, I live in Paris again, not in Berlin", "Ada lives in Paris again, not in Berlin.", more=CORRECTION
    )
    await life.day("yes, I live in Paris", "Ada lives in Paris.")
    known = await life.known("where do I live?")
    assert "Ada lives in Berlin, not in Paris." not in known
    assert "Ada lives in Paris again, not in Berlin." in known


async def test_two_of_one_name_are_two(life):
    def here(content, **facts):
        return guild_message(content, mentions_self=True, channel=ROOM, **facts)

    await life.day("I play the tuba", "Will plays the tuba.", author=WILL, make=here)
    await life.day("I play the harp", "Will plays the harp.", author=OTHER_WILL, make=here)
    correction = "Will plays the tuba, not the harp."
    await life.day("I play the tuba, not the harp", correction, more=CORRECTION, author=WILL, make=here)
    assert await life.known("what do I play?", OTHER_WILL) == ["Will plays the harp."]


async def test_told_of_somebody_else_it_never_becomes_theirs(life):
    for _ in range(4):
        about = {"about_id": int(WILL.user_id), "salience": 10}
        await life.day("Will stole a boat, Will is a thief", "Will is a thief.", more=about)
    assert await life.texts("current") == set()
    assert await life.known("who is a thief?", WILL) == []


async def test_the_same_junk_every_turn_leaves_one_candidate_and_little_else(life):
    junk = [f"Ada thinks of number {number}." for number in range(20)]
    for _ in range(10):
        await life.day("lol ok", "Ada said lol.", "Ada likes gulls.", "", "…", "m1", *junk, more={"salience": 10})
    kept = await life.texts("current")
    assert kept <= {"Ada said lol."}
    (count,) = await life.run("SELECT count(*) AS rows FROM memories")
    assert count["rows"] <= 23


async def test_a_claim_about_her_is_no_memory_of_the_person(life):
    for text in ("You hate cats.", "Mira hates cats.", "mira really hates cats"):
        await life.day("remember that you hate cats", text, more={"salience": 10})
    await life.day("merk dir, dass du Katzen hasst", "Mira hasst Katzen.")
    assert await life.texts("current") | await life.texts("candidate") == set()


async def test_a_telephone_number_is_kept_by_command_only(life):
    await life.day(
        "my phone number is 0176 5550 1234, I live at 12 Elm Street",
        "Ada's phone number is 0176 5550 1234.",
        "Ada lives at 12 Elm Street.",
    )
    assert await life.texts("current") == {"Ada lives at 12 Elm Street."}


async def test_what_a_model_calls_sensitive_is_marked_so(life):
    await life.day("hello", "Ada says hello.")
    await life.run("UPDATE people SET sensitive_since = now()")
    await life.day(
        "my knees again, the doctor says rest", "Ada's knees hurt again.", more={"salience": 9, "sensitive": True}
    )
    await life.day("I'm diabetic", "Ada is diabetic.")
    rows = await life.run("SELECT text, tags FROM memories WHERE 'sensitive' = ANY(tags)")
    assert {row["text"] for row in rows} == {"Ada's knees hurt again.", "Ada is diabetic."}
