"""What is left in the database after something is forgotten: of the words nothing, of all else everything."""

from __future__ import annotations

import asyncpg
import pytest
import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.forget import PostgresForget
from bot.domain.ids import MemoryId, MessageId, UserId
from bot.memory_ports import Forgotten
from tests.fakes import START
from tests.kept import everything

ADA, BEN, MIRA = 101, 102, 900
DM, ROOM, OTHER_DM, GUILD = 201, 301, 202, 401
CANARY = "quokka-7731"

SCENE = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at, met_at)
SELECT id, name, $1, $1, $1 FROM unnest(ARRAY[101, 102, 900], ARRAY['Ada', 'Ben', 'Mira']) AS p(id, name);
INSERT INTO channels (channel_id, guild_id, kind) VALUES (201, NULL, 'dm'), (202, NULL, 'dm'), (301, 401, 'guild'),
    (302, 401, 'guild');
INSERT INTO turns (channel_id, state, after_id, intent, tail, started_at, closed_at)
SELECT CASE WHEN n = 4 THEN 301 ELSE 201 END, 'done', 1000 + n * 10, 'reply', '{}', $1, $1 FROM generate_series(1, 6) n;
"""


class Scene:
    """Rows as they come to be in a few turns, and the store that forgets."""

    def __init__(self, plain: asyncpg.Connection, forget: PostgresForget) -> None:
        self.plain = plain
        self.forget = forget

    async def run(self, script: str) -> None:
        """Run statements; $1 stands for the moment."""
        await self.plain.execute(script.replace("$1", f"'{START.isoformat()}'::timestamptz"))

    async def line(self, message_id: int, content: str, **more: object) -> None:
        """Keep a line: by default Ada's in her direct conversation."""
        row = {"channel_id": DM, "author_id": ADA, "turn_id": 1, "state": "answered", "forwards": "[]", "quote": None}
        row |= {"reply_to_id": None} | more
        is_own = row["author_id"] == MIRA
        kind, audience = ("person", ADA) if row["channel_id"] == DM else ("channel", row["channel_id"])
        await self.plain.execute(
            """INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind,
                   audience_id, state, turn_id, sent_at, heard_at, forwards, quote, reply_to_id)
               VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10, $10, $11::text::jsonb, $12::text::jsonb, $13)""",
            message_id,
            row["channel_id"],
            row["author_id"],
            "self" if is_own else "person",
            content,
            kind,
            audience,
            row["state"],
            row["turn_id"],
            START,
            row["forwards"],
            row["quote"],
            row["reply_to_id"],
        )

    async def memory(self, text: str, *sources: int, **more: object) -> int:
        """Keep a memory: by default a fact of Ada's, seen by her alone."""
        row = {"owner_id": ADA, "kind": "fact", "state": "current", "origin": "talk", "superseded_by": None}
        row |= {"audience_kind": "person", "audience_id": ADA} | more
        memory_id = await self.plain.fetchval(
            """INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin,
                   salience, confidence, said_at, created_at, lexemes, superseded_by)
               VALUES ($1, $2, $3, $3, $4, $5, $6, $7, 5, 0.5, $8, $8, to_tsvector('simple', $3), $9)
               RETURNING memory_id""",
            row["owner_id"],
            row["kind"],
            text,
            row["audience_kind"],
            row["audience_id"],
            row["state"],
            row["origin"],
            START,
            row["superseded_by"],
        )
        for source in sources:
            await self.plain.execute("INSERT INTO memory_sources VALUES ($1, $2)", memory_id, source)
        return memory_id

    async def messages(self, *ids: int) -> Forgotten:
        """Forget lines."""
        return await self.forget.forget_messages([MessageId(one) for one in ids], START)

    async def left(self, word: str) -> list[str]:
        """List what still holds *word*, as table names; upper and lower case are one."""
        kept = await everything(self.plain)
        return sorted(name for name, found in kept.items() if any(word.casefold() in one.casefold() for one in found))

    async def texts(self, query: str) -> list[object]:
        """Give the first column of a query."""
        return [row[0] for row in await self.plain.fetch(query)]


@pytest_asyncio.fixture
async def scene(database_url, statements):
    plain = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    made = Scene(plain, PostgresForget(statements))
    await made.run(SCENE)
    yield made
    await plain.close()


async def _told_in_every_way(scene: Scene) -> None:
    """Let the canary come up wherever something can be made of a line."""
    await scene.line(1010, f"my animal is {CANARY}, you know")
    await scene.line(1011, f"A {CANARY}! What a name", author_id=MIRA)
    await scene.line(1020, "what is for dinner", turn_id=2)
    await scene.line(1021, "No idea. Soup?", author_id=MIRA, turn_id=2)
    await scene.line(1030, "guess what", turn_id=3)
    await scene.line(1031, "Is it about QUOKKA 7731?", author_id=MIRA, turn_id=3)
    await scene.line(1032, "hm", turn_id=3, reply_to_id=1010, quote='{"author_id": 101, "name": "Ada", "text": "my"}')
    await scene.run(f"""
    INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at,
        sitting, lexemes)
    SELECT 101, id, 201, 101, 'person', 101, $1, 1010, to_tsvector('english', '{CANARY}') FROM unnest(ARRAY[1010, 1011,
        1031]::bigint[]) id;
    INSERT INTO outbox (turn_id, channel_id, part_no, kind, content, after_id, state, message_id, created_at, done_at)
    VALUES (1, 201, 0, 'text', 'A {CANARY}! What a name', 1010, 'sent', 1011, $1, $1),
        (3, 201, 0, 'text', 'Is it about QUOKKA 7731?', 1030, 'sent', 1031, $1, $1),
        (5, 201, 0, 'text', 'Remember {CANARY}', 1050, 'ready', NULL, $1, NULL);
    UPDATE turns SET tail = '{{"memories": [{{"text": "{CANARY}"}}]}}', persona_wish = '{CANARY}'
    WHERE turn_id IN (1, 5);
    INSERT INTO summaries (channel_id, level, audience_kind, audience_id, text, note, from_turn, to_turn, said_from,
        said_to, created_at, is_condensed)
    VALUES (201, 0, 'person', 101, 'an animal', '', 1, 3, $1, $1, $1, true),
        (201, 0, 'person', 101, 'nothing much', '', 4, 4, $1, $1, $1, true),
        (201, 1, 'person', 101, 'all of it', '{CANARY}', 1, 4, $1, $1, $1, false),
        (201, 0, 'person', 101, 'later', 'they spoke of {CANARY}', 5, 6, $1, $1, $1, false);
    INSERT INTO contexts (channel_id) VALUES (201);
    INSERT INTO timers (kind, channel_id, user_id, due_at, text, audience_kind, audience_id, created_at, source_id)
    VALUES ('reminder', 201, 101, $1, 'feed it', 'person', 101, $1, 1010),
        ('reminder', 201, 101, $1, 'feed {CANARY}', 'person', 101, $1, NULL),
        ('reminder', 201, 101, $1, 'buy bread', 'person', 101, $1, 1020);
    INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at)
    VALUES ('mira', 'taste', 'I like such animals', 'person', 101, 1, $1, $1),
        ('mira', 'opinion', 'Quokka is a fine word', NULL, NULL, 1, $1, $1), ('mira', 'opinion', 'Tea', NULL, NULL, 1,
        $1, $1);
    INSERT INTO self_note_sources VALUES (1, 1010);
    """)
    merged = await scene.memory(f"Loves {CANARY} most", origin="reflection")
    await scene.memory(f"Has {CANARY}", 1010, state="superseded", superseded_by=merged)
    await scene.memory("Keeps a strange animal", 1010, 1020)
    await scene.memory("Thinks of quokkas", 1030)
    await scene.memory("Is warm and odd", kind="portrait", origin="reflection")
    await scene.memory("Likes soup", 1020)


async def test_nothing_is_left_of_a_forgotten_line(scene):
    await _told_in_every_way(scene)
    assert len(await scene.left("quokka")) > 6, "or the test shows nothing"
    gone = await scene.messages(1010)
    assert await scene.left("quokka") == []
    assert await scene.left("7731") == []
    assert gone == Forgotten(messages=1, memories=5, summaries=3, own_lines=2, notes=2)


async def test_what_came_from_elsewhere_stays(scene):
    await _told_in_every_way(scene)
    await scene.messages(1010)
    said = await scene.texts("SELECT content FROM messages WHERE state <> 'withdrawn' ORDER BY message_id")
    assert said == ["what is for dinner", "No idea. Soup?", "guess what", "hm"]
    assert await scene.texts("SELECT text FROM memories") == ["Likes soup"]
    assert await scene.texts("SELECT text FROM timers") == ["buy bread"]
    assert await scene.texts("SELECT text FROM self_notes") == ["Tea"]
    assert await scene.texts("SELECT text FROM summaries WHERE NOT is_condensed") == ["nothing much"]
    assert await scene.texts("SELECT quote FROM messages WHERE message_id = 1032") == [None]


async def test_what_is_left_is_thought_over_and_summed_up_again(scene):
    await _told_in_every_way(scene)
    await scene.messages(1010)
    assert await scene.texts("SELECT summary_due_at FROM contexts") == [START]
    waiting = await scene.plain.fetch("SELECT owner_id, audience_kind, audience_id FROM reflections")
    assert [tuple(row) for row in waiting] == [(ADA, "person", ADA)]


async def test_twice_is_as_once(scene):
    await _told_in_every_way(scene)
    await scene.messages(1010)
    before = await everything(scene.plain)
    assert await scene.messages(1010) == Forgotten()
    assert await everything(scene.plain) == before


async def test_a_word_that_is_said_elsewhere_too_takes_nothing_along(scene):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.line(1020, f"{CANARY} is asleep", turn_id=2)
    await scene.line(1021, f"Sleep well, {CANARY}", author_id=MIRA, turn_id=2)
    await scene.messages(1010)
    assert await scene.texts("SELECT content FROM messages WHERE message_id = 1021") == [f"Sleep well, {CANARY}"]
    await scene.messages(1020)
    assert await scene.left("quokka") == []


async def test_a_word_that_she_used_before_takes_nothing_along(scene):
    await scene.line(1001, "I am reading about marmalade", author_id=MIRA, turn_id=None)
    await scene.line(1010, "I hate marmalade")
    await scene.line(1031, "Marmalade again", author_id=MIRA, turn_id=3)
    await scene.messages(1010)
    assert await scene.texts("SELECT content FROM messages WHERE message_id = 1031") == ["Marmalade again"]


async def test_everyday_words_take_nothing_along(scene, statements):
    for n in range(3):
        await scene.plain.execute(
            "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, '', now(), now())",
            110 + n,
        )
        await scene.line(1001 + n, "nothing beats breakfast", author_id=110 + n, channel_id=ROOM, turn_id=None)
    await scene.line(1010, f"before breakfast there was {CANARY} in the wardrobe")
    await scene.line(1031, "Breakfast is on the table", author_id=MIRA, turn_id=3)
    await scene.line(1041, "The wardrobe is full", author_id=MIRA, turn_id=5)
    scene.forget = PostgresForget(statements, vocabulary=("I live in an old wardrobe.",))
    await scene.messages(1010)
    left = await scene.texts("SELECT content FROM messages WHERE speaker = 'self' ORDER BY message_id")
    assert left == ["Breakfast is on the table", "The wardrobe is full"]


async def test_others_talk_stays(scene):
    await scene.line(1010, f"my animal is {CANARY}", channel_id=ROOM, turn_id=4)
    await scene.line(1012, "so is mine: quokka", channel_id=OTHER_DM, author_id=BEN, turn_id=None)
    await scene.line(1013, "Quokkas are nice, Ben", channel_id=OTHER_DM, author_id=MIRA, turn_id=None)
    await scene.memory("Ben has a quokka", 1012, owner_id=BEN, audience_id=BEN)
    await scene.messages(1010)
    assert await scene.left("quokka") == ["memories", "messages"]
    assert await scene.texts("SELECT content FROM messages WHERE state <> 'withdrawn' ORDER BY message_id") == [
        "so is mine: quokka",
        "Quokkas are nice, Ben",
    ]


async def test_what_was_said_in_a_room_is_not_repeated_in_a_direct_conversation(scene):
    await scene.line(1010, f"my animal is {CANARY}", channel_id=ROOM, turn_id=4)
    await scene.line(1020, "hello", turn_id=2)
    await scene.line(1021, f"How is {CANARY}?", author_id=MIRA, turn_id=2)
    await scene.messages(1010)
    assert await scene.left("quokka") == []


@pytest.mark.parametrize(
    ("line", "repeat", "word"),
    [
        ("мой секрет — Капибара", "капибару не забыть", "капибар"),
        ("私の秘密はカナリア七号", "カナリア、元気?", "カナリア"),
        ("我的秘密是金丝雀", "那只金丝雀呢", "金丝雀"),
        ("Mein Vogel heißt Grünfink", "GRUNFINK singt", "grunfink"),
        ("el código es ñandú", "Nandu!", "nandu"),
        ("내 비밀은 카나리아", "카나리아는 잘 있어?", "카나리아"),
        ("code zebra4711", "Is it Zebra-4711s?", "zebra"),
        ("my pin is 48213", "48213", "48213"),
        ("his name is Max", "And Max?", "max"),
    ],
)
async def test_a_word_is_found_in_any_script(scene, line, repeat, word):
    await scene.line(1010, line)
    await scene.line(1020, "ok", turn_id=2)
    await scene.line(1021, repeat, author_id=MIRA, turn_id=2)
    await scene.line(1022, "tea?", author_id=MIRA, turn_id=2)
    await scene.messages(1010)
    assert await scene.left(word) == []
    assert await scene.texts("SELECT content FROM messages WHERE message_id = 1022") == ["tea?"]


async def test_a_line_that_was_emptied_before_is_known_by_its_search_terms(scene):
    await _told_in_every_way(scene)
    await scene.run("UPDATE messages SET content = '', state = 'withdrawn' WHERE message_id = 1010")
    await scene.messages(1010)
    assert await scene.left("quokka") == []


async def test_a_line_that_was_emptied_before_anything_was_made_of_it_is_known_by_its_answer(scene):
    await scene.line(1010, "", state="withdrawn")
    await scene.line(1011, f"A {CANARY}! What a name", author_id=MIRA)
    await scene.line(1020, "ok", turn_id=2)
    await scene.line(1021, f"Feed {CANARY}", author_id=MIRA, turn_id=2)
    await scene.messages(1010)
    assert await scene.left("quokka") == []


async def test_what_a_turn_repeats_that_went_on_meanwhile_goes_with_a_second_look(scene):
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.run("""INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (201, 'sending', 1030, $1);
        INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (302, 'drafting', 1030, $1)""")
    await scene.messages(1010)
    channels, lines = scene.forget.aftermath()
    assert channels == (DM,) and lines == (1010,)
    assert scene.forget.aftermath() == ((), ())
    await scene.line(1041, f"Feed {CANARY}", author_id=MIRA, turn_id=7)
    later = START.replace(hour=START.hour + 0, minute=START.minute + 5)
    assert await scene.forget.settle(later) == Forgotten(), "the turn may say more"
    await scene.run("UPDATE turns SET state = 'done', closed_at = $1 WHERE turn_id = 7")
    assert (await scene.forget.settle(later)).own_lines == 1
    assert await scene.left("quokka") == []
    assert await scene.forget.settle(later) == Forgotten()


async def test_a_memory_goes_with_its_lines_and_nobody_elses(scene):
    await _told_in_every_way(scene)
    theirs = await scene.memory("Ben plays chess", owner_id=BEN, audience_id=BEN)
    mine = (await scene.texts("SELECT memory_id FROM memories WHERE text = 'Keeps a strange animal'"))[0]
    assert await scene.forget.sources_of(UserId(ADA), [MemoryId(mine)]) == [1010, 1020]
    assert await scene.forget.forget_memories(UserId(ADA), [MemoryId(theirs)], START) == Forgotten()
    gone = await scene.forget.forget_memories(UserId(ADA), [MemoryId(mine)], START)
    assert gone.messages == 2
    assert await scene.left("quokka") == []
    assert await scene.texts("SELECT text FROM memories") == ["Ben plays chess"]


async def test_a_memory_by_command_goes_alone_with_what_repeats_it(scene):
    told = await scene.memory(f"Her animal is {CANARY}", origin="person")
    await scene.line(1020, "ok", turn_id=2)
    await scene.line(1021, f"Feed {CANARY}", author_id=MIRA, turn_id=2)
    gone = await scene.forget.forget_memories(UserId(ADA), [MemoryId(told)], START)
    assert (gone.messages, gone.memories, gone.own_lines) == (0, 1, 1)
    assert await scene.left("quokka") == []


async def test_a_memory_by_command_explains_a_word(scene):
    await scene.memory(f"Her animal is {CANARY}", origin="person")
    await scene.line(1010, f"my animal is {CANARY}")
    await scene.line(1031, f"Feed {CANARY}", author_id=MIRA, turn_id=3)
    await scene.messages(1010)
    assert await scene.left("quokka") == ["memories", "messages"]
