"""What is recalled, and before whose eyes: on the real database, by the statements that a turn runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio

from bot.adapters.postgres.line_index import INDEX_LINES, line_rows
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.recall_statements import TUNED_EMBEDDER
from bot.adapters.postgres.rows import json_text
from bot.domain.ids import UserId
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message, Person, Speaker
from bot.domain.recalled import Found, Place, RecallAsk, Vector
from bot.domain.searchable import searchable
from bot.memory_ports import IndexedLine
from tests.fakes import ADA, BEN, DM, MIRA, ROOM, START, next_id

BOTH = (ADA.user_id, BEN.user_id)
ADAS_EYES, BENS_EYES = Place(ADA.user_id), Place(BEN.user_id)
IN_ROOM = Place.of(ROOM, ADA.user_id)
KEEP_LINE = """
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
    state, sent_at, heard_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'answered', $9, $9)
"""
KEEP_MEMORY = """
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience, confidence,
    said_at, created_at, valid_to, done_at, is_pinned, lexemes)
VALUES ($1, $2, $3, $3, $4, $5, $6, 'talk', $7, 0.7, $8, $8, $9, $10, $11, to_tsvector($12::regconfig, $13))
RETURNING memory_id
"""


class Memory:
    """A little of what she knows, and questions to it."""

    def __init__(self, pool: StatementPool) -> None:
        self.pool = pool
        self.recall = PostgresRecall(pool)

    async def line(
        self,
        text: str,
        *,
        author: Person = ADA,
        owner: UserId | None = None,
        channel: Channel = DM,
        guild: bool = False,
        after: timedelta = timedelta(0),
        names: tuple[str, ...] = ("Ada", "Mira"),
    ) -> Message:
        """Keep a line; *owner* is its author unless it says otherwise."""
        whose = owner or author.user_id
        audience = Audience(AudienceKind.CHANNEL, channel.channel_id)
        if channel.kind is ChannelKind.DM:
            audience = Audience(AudienceKind.PERSON, whose)
        if guild:
            audience = Audience(AudienceKind.GUILD, channel.guild_id)
        speaker = Speaker.SELF if author == MIRA else Speaker.PERSON
        message = Message(next_id(), channel, author, text, START + after, speaker)
        await self.pool.run(
            KEEP_LINE,
            *(message.message_id, channel.channel_id, author.user_id, speaker, author.display_name, text),
            *(audience.kind, audience.audience_id, message.sent_at),
        )
        await self.index(IndexedLine(message, whose, audience), names=names)
        return message

    async def index(self, *lines: IndexedLine, names: tuple[str, ...] = ()) -> None:
        """Put lines into the index in one go."""
        await self.pool.run(INDEX_LINES, json_text(line_rows(lines, names)))

    async def memory(self, text: str, kind: str = "fact", *, owner: Person = ADA, **more: object) -> int:
        """Keep a memory, of their direct talk unless *audience* says otherwise."""
        kind_of, whose = more.get("audience", ("person", owner.user_id))
        found = searchable(text)
        rows = await self.pool.run(
            KEEP_MEMORY,
            *(owner.user_id, kind, text, kind_of, whose, more.get("state", "current"), more.get("salience", 5)),
            *(START, more.get("valid_to"), more.get("done_at"), more.get("is_pinned", False)),
            *(found.language, found.text),
        )
        return rows[0]["memory_id"]

    async def ask(self, text: str, place: Place = ADAS_EYES, **more: object) -> Found:
        """Ask, for Ada unless told otherwise."""
        asked = RecallAsk(
            text, more.pop("owners", BOTH), place, more.pop("now", START + timedelta(days=9)), ("Ada", "Mira"), **more
        )
        return await self.recall.recall(asked, lines_most=5, memories_most=5)

    async def texts(self, text: str, place: Place = ADAS_EYES, **more: object) -> list[str]:
        """Ask, and give the lines that come to mind."""
        return [line.text for line in (await self.ask(text, place, **more)).lines]


@pytest_asyncio.fixture
async def memory(statements):
    for who in (ADA, BEN, MIRA):
        await statements.run(
            "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3)",
            *(who.user_id, who.display_name, START),
        )
    for channel in (DM, ROOM):
        await statements.run(
            "INSERT INTO channels (channel_id, kind, guild_id) VALUES ($1, $2, $3)",
            *(channel.channel_id, channel.kind, channel.guild_id),
        )
    return Memory(statements)


async def test_a_line_is_found_by_another_form_of_its_words(memory):
    await memory.line("I adopted two kittens last week.")
    assert await memory.texts("Which kitten did I adopt?") == ["I adopted two kittens last week."]


async def test_of_a_direct_talk_others_see_nothing(memory):
    await memory.line("My secret garden is in Kreuzberg.")
    assert await memory.texts("Where is the secret garden?")
    for place in (BENS_EYES, IN_ROOM, Place(None, DM.channel_id, ROOM.guild_id)):
        assert await memory.ask("Where is the secret garden?", place) == Found()


async def test_what_was_said_in_a_room_stays_there_and_with_who_said_it(memory):
    await memory.line("I keep bees on the roof.", channel=ROOM)
    assert await memory.texts("Who keeps bees?", IN_ROOM)
    assert await memory.texts("Do I keep bees?", ADAS_EYES)
    assert not await memory.texts("Who keeps bees?", BENS_EYES)
    assert not await memory.texts("Who keeps bees?", Place(None, DM.channel_id, ROOM.guild_id))


async def test_what_everybody_on_a_server_may_see_is_seen_in_its_channels_only(memory):
    await memory.line("I keep bees on the roof.", channel=ROOM, guild=True)
    assert await memory.texts("Who keeps bees?", Place(None, DM.channel_id, ROOM.guild_id))
    assert not await memory.texts("Who keeps bees?", Place(None, DM.channel_id, None))


async def test_memories_follow_the_same_eyes(memory):
    await memory.memory("Ada is afraid of spiders.")
    await memory.memory("Ada plays the cello.", audience=("channel", ROOM.channel_id))
    assert [one.memory.text for one in (await memory.ask("spiders and a cello?")).memories] != []
    in_room = await memory.ask("spiders and a cello?", IN_ROOM)
    assert [one.memory.text for one in in_room.memories] == ["Ada plays the cello."]
    assert (await memory.ask("spiders and a cello?", BENS_EYES)).memories == ()


async def standing_of(memory, place):
    held = await memory.recall.held(BOTH, place, companion="mira", now=START, most=9, notes_most=9)
    return held.standing


async def notes_of(memory, place, companion="mira"):
    held = await memory.recall.held(BOTH, place, companion=companion, now=START, most=9, notes_most=9)
    return held.notes


async def test_who_is_not_to_be_heard_is_not_recalled_among_others(memory):
    await memory.line("I keep bees on the roof.", channel=ROOM)
    await memory.pool.run("INSERT INTO silences (user_id, since) VALUES ($1, $2)", ADA.user_id, START)
    assert await memory.ask("Who keeps bees?", IN_ROOM) == Found()


@pytest.mark.parametrize("state", ["candidate", "superseded", "archived"])
async def test_only_what_holds_is_recalled(memory, state):
    await memory.memory("Ada lives in Paris.", state=state, is_pinned=True)
    assert await memory.ask("Does she live in Paris?") == Found()
    assert not await standing_of(memory, ADAS_EYES)


async def test_what_is_over_is_not_recalled(memory):
    await memory.memory("Ada lives in Paris.", valid_to=START + timedelta(days=1))
    assert (await memory.ask("live in Paris?", now=START)).memories
    assert not (await memory.ask("live in Paris?")).memories


async def test_lines_that_are_shown_anyway_are_left_out(memory):
    line = await memory.line("I adopted two kittens.")
    assert await memory.texts("kittens?", shown=frozenset({line.message_id})) == []


@pytest.mark.parametrize("text", ["the and of it?", "😀🎉", "", "   ", "\x00", "wie ist das denn?", "?!"])
async def test_a_question_without_a_word_that_counts_brings_nothing(memory, text):
    await memory.line("It is the end of the world, and that is that.")
    vector = await with_vectors(memory)
    assert await memory.ask(text) == Found()
    assert await memory.ask(text, vector=vector) == Found()


async def test_what_has_nothing_to_do_with_it_does_not_come_up(memory):
    for text in ("I adopted two kittens.", "My sister works in Lyon.", "The bike has a flat tyre again."):
        await memory.line(text)
    assert await memory.ask("What is the capital of Peru?") == Found()


async def test_neighbours_of_the_same_sitting_lead_to_a_line(memory):
    await memory.line("My aunt sold the bakery.")
    await memory.line("She moved to Portugal after that.", after=timedelta(minutes=1))
    await memory.line("A lot of rain there.", after=timedelta(days=2))
    found = await memory.texts("Where did my aunt with the bakery move to?")
    assert set(found[:2]) == {"My aunt sold the bakery.", "She moved to Portugal after that."}


async def test_her_own_line_yields_to_that_of_who_is_asked_about(memory):
    await memory.line("You told me the lighthouse was green.", author=MIRA, owner=ADA.user_id)
    await memory.line("I painted the lighthouse green.", after=timedelta(days=1))
    assert (await memory.texts("Who painted what lighthouse?", said_by=ADA.user_id))[0].startswith("I painted")


async def test_a_date_in_the_question_leads_to_that_day(memory):
    await memory.line("We went swimming in the lake.", after=timedelta(days=-40))
    await memory.line("We went swimming in the lake, too.", after=timedelta(days=-5))
    assert (await memory.texts("Did we go swimming in January 2026?"))[0] == "We went swimming in the lake."
    assert (await memory.texts("Did we go swimming on 24 February?"))[0] == "We went swimming in the lake, too."


async def with_vectors(memory: Memory, name: str = TUNED_EMBEDDER, size: int = 3) -> Vector:
    """Give every line a vector, the last one another than the others; give that one."""
    await memory.pool.run("INSERT INTO embedders (name, dimension) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, size)
    rows = await memory.pool.run("SELECT message_id FROM recall_lines ORDER BY message_id")
    for row in rows:
        point = [1.0] + [0.0] * (size - 1) if row == rows[-1] else [0.0] * (size - 1) + [1.0]
        await memory.pool.run(
            "UPDATE recall_lines SET vector = $2::text::halfvec, embedder_id = e.embedder_id FROM embedders e "
            "WHERE message_id = $1 AND e.name = $3",
            *(row["message_id"], str(point), name),
        )
    return Vector(name, [1.0] + [0.0] * (size - 1))


@pytest.mark.parametrize("name", [TUNED_EMBEDDER, "provider:other"])
async def test_meaning_finds_what_words_do_not(memory, name):
    for number in range(20):
        await memory.line(f"My sister has {number} jobs in Lyon.", after=timedelta(days=number))
    await memory.line("The bike has a flat tyre.", after=timedelta(days=40))
    vector = await with_vectors(memory, name)
    assert (await memory.texts("bicycle trouble", vector=vector))[0] == "The bike has a flat tyre."


@pytest.mark.parametrize("asked", [Vector(TUNED_EMBEDDER, [1.0, 0.0]), Vector("never:seen", [1.0, 0.0, 0.0])])
async def test_vectors_of_another_kind_are_not_compared(memory, asked):
    await memory.line("I adopted two kittens.")
    await with_vectors(memory)
    assert await memory.texts("kittens?", vector=asked) == ["I adopted two kittens."]


async def test_a_line_without_a_vector_is_found_beside_those_with_one(memory):
    for number in range(4):
        await memory.line(f"My sister number {number} works in Lyon.", after=timedelta(days=number))
    await with_vectors(memory)
    await memory.line("The bike has a flat tyre.", after=timedelta(days=9))
    vector = Vector(TUNED_EMBEDDER, [0.3, 0.9, 0.3])
    assert (await memory.texts("Which tyre of the bike is flat?", vector=vector))[0] == "The bike has a flat tyre."


async def test_of_two_that_tie_the_one_that_matters_more_comes_first(memory):
    await memory.memory("Ada likes green tea a lot.", salience=2)
    await memory.memory("Ada likes black tea a lot.", salience=9)
    found = await memory.ask("What tea?")
    assert [one.memory.salience for one in found.memories] == [9, 2]


async def test_what_holds_always_is_there_whatever_is_asked(memory):
    await memory.memory("Never call Ada sweetie.", "boundary")
    await memory.memory("Ada answers best to short sentences.", "portrait")
    await memory.memory("Mira will ask about the exam.", "promise")
    await memory.memory("Ada wrote the letter.", "promise", done_at=START)
    await memory.memory("Ada was born in Gent.", is_pinned=True)
    await memory.memory("Ada likes tea.")
    standing = await standing_of(memory, ADAS_EYES)
    assert [one.text for one in standing] == [
        "Ada was born in Gent.",
        "Never call Ada sweetie.",
        "Mira will ask about the exam.",
        "Ada answers best to short sentences.",
    ]
    assert not await standing_of(memory, IN_ROOM)


async def test_her_notes_stand_only_where_they_came_from(memory):
    for text, kind, whose in (
        ("I like rain.", None, None),
        ("Ada taught me chess.", "person", ADA.user_id),
        ("The room is loud on Fridays.", "channel", ROOM.channel_id),
    ):
        await memory.pool.run(
            "INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, "
            "revised_at) VALUES ('mira', 'narrative', $1, $2, $3, 0.5, $4, $4)",
            *(text, kind, whose, START),
        )
    seen = {
        place: {note.text for note in await notes_of(memory, place, "mira")}
        for place in (ADAS_EYES, BENS_EYES, IN_ROOM)
    }
    assert seen[ADAS_EYES] == {"I like rain.", "Ada taught me chess."}
    assert seen[BENS_EYES] == {"I like rain."}
    assert seen[IN_ROOM] == {"I like rain.", "The room is loud on Fridays."}
    assert not await notes_of(memory, ADAS_EYES, "other")


async def sittings(memory: Memory) -> dict[int, int]:
    rows = await memory.pool.run("SELECT message_id, sitting FROM recall_lines ORDER BY message_id")
    return {row["message_id"]: row["sitting"] for row in rows}


async def test_half_an_hour_without_a_line_begins_a_new_sitting(memory):
    first = await memory.line("one")
    await memory.line("two", after=timedelta(minutes=30))
    last = await memory.line("three", after=timedelta(minutes=61))
    assert list((await sittings(memory)).values()) == [first.message_id, first.message_id, last.message_id]


async def test_lines_that_come_together_or_in_any_order_sit_together(memory):
    kept = [await memory.line(f"line {n}", after=timedelta(minutes=[0, 20, 40, 90, 100][n])) for n in range(5)]
    whole = await sittings(memory)
    audience = Audience(AudienceKind.PERSON, ADA.user_id)
    lines = [IndexedLine(line, ADA.user_id, audience) for line in kept]
    await memory.pool.run("DELETE FROM recall_lines")
    await memory.index(*reversed(lines))
    assert await sittings(memory) == whole
    await memory.pool.run("DELETE FROM recall_lines")
    for number in (1, 0, 2, 4, 3):
        await memory.index(lines[number])
    assert len(set((await sittings(memory)).values())) == 2


async def test_another_channel_is_another_sitting(memory):
    await memory.line("one")
    await memory.line("two", channel=ROOM)
    assert len(set((await sittings(memory)).values())) == 2


async def test_an_edited_line_loses_its_old_words_and_its_vector(memory):
    line = await memory.line("I adopted two kittens.")
    await with_vectors(memory)
    edited = Message(line.message_id, DM, ADA, "I bought a bicycle.", START)
    await memory.pool.run("UPDATE messages SET content = $2 WHERE message_id = $1", line.message_id, edited.content)
    await memory.index(IndexedLine(edited, ADA.user_id, Audience(AudienceKind.PERSON, ADA.user_id)))
    assert not await memory.texts("kittens?")
    assert await memory.texts("bicycles?")
    rows = await memory.pool.run("SELECT vector IS NULL AS gone FROM recall_lines")
    assert [row["gone"] for row in rows] == [True]


async def test_a_line_that_is_gone_is_not_put_into_the_index(memory):
    line = await memory.line("I adopted two kittens.")
    await memory.pool.run("UPDATE messages SET state = 'withdrawn', content = ''")
    await memory.pool.run("DELETE FROM recall_lines")
    await memory.index(IndexedLine(line, ADA.user_id, Audience(AudienceKind.PERSON, ADA.user_id)))
    assert await sittings(memory) == {}


@pytest.mark.parametrize("text", ["x" * 4_000, "wort " * 800, "😀" * 2_000, "a'b\\c \" | & ! <-> (", "日本" * 2_000])
async def test_any_text_can_be_kept_and_asked(memory, text):
    await memory.line(text)
    assert len((await memory.ask(text)).lines) <= 1


async def test_what_she_said_in_a_room_is_not_said_again_elsewhere(memory):
    """She may have repeated what others said there, before somebody who is no longer let in."""
    await memory.line("Hm. Juno's boat is called Wren.", author=MIRA, owner=ADA.user_id, channel=ROOM)
    await memory.line("I told you of my boat, did I?", author=MIRA, owner=ADA.user_id)
    assert await memory.texts("what is the boat called?", IN_ROOM) == ["Hm. Juno's boat is called Wren."]
    assert "Hm. Juno's boat is called Wren." not in await memory.texts("what is the boat called?")
