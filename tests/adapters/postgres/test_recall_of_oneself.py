"""Whoever asks about themselves is answered, however little was told; what holds comes along with what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.recalled import Found
from tests.adapters.postgres.test_recall import ADAS_EYES
from tests.adapters.postgres.test_recall import memory as memory
from tests.fakes import ADA, START

FILLING = (
    "we had soup again, my mother never gets tired of it",
    "the bus was late and I read the whole paper",
    "Ben wants to paint the kitchen yellow, I am not so sure",
    "I slept badly, somebody was drilling next door",
    "the meeting went on for hours and nobody said anything new",
    "I lost my umbrella in the library",
)
TOLD = (
    ("my sister just moved to Lyon with her kids", "do you remember what I told you about my sister?"),
    (
        "my grandma taught me how to knit scarves",
        "hey so I was wondering if you by any chance still remember who it was that taught me to knit?",
    ),
    ("I broke up with Tom last night", "who did I break up with?"),
    ("I got the job at the museum!!", "which job did I get?"),
    ("Meine Katze heißt Mimi und schnarcht", "weißt du noch, wie meine Katze heißt?"),
    ("mi hermano se casa en septiembre en Sevilla", "¿recuerdas qué te conté de mi hermano?"),
    ("моя собака боится грозы", "помнишь, что я говорила про собаку?"),
)


@pytest.mark.parametrize("rows", [0, 3, 60])
@pytest.mark.parametrize(("told", "asked"), TOLD, ids=lambda text: text[:20])
async def test_what_was_told_once_is_found_by_a_wordy_question(memory, rows, told, asked):
    for number in range(rows):
        await memory.line(f"{FILLING[number % 6]} ({number})", after=timedelta(hours=number))
    await memory.line(told, after=timedelta(days=5))
    assert told in await memory.texts(asked, said_by=ADA.user_id)


@pytest.mark.parametrize(
    "said",
    [
        "good morning!",
        "lol",
        "thanks!",
        "I'm bored",
        "haha nice",
        "what do you think?",
        "gute Nacht",
        "buenas noches",
        "👍",
    ],
)
async def test_what_is_said_to_be_nice_brings_up_nothing(memory, said):
    for text in (
        *FILLING,
        "good morning to you too",
        "thanks a lot, that was nice",
        "gute Nacht, schlaf gut",
        "lol ok",
    ):
        await memory.line(text)
    assert await memory.ask(said) == Found()


async def test_what_is_known_of_oneself_is_found_though_its_words_are_everywhere(memory):
    for number in range(60):
        await memory.line(f"I live for days like that ({number})", after=timedelta(hours=number))
    await memory.memory("Ada lives in Quito, not in Lima.")
    for asked in ("where do I live?", "in which town do I live nowadays?"):
        found = await memory.ask(asked)
        assert [one.memory.text for one in found.memories] == ["Ada lives in Quito, not in Lima."]


async def test_a_verb_in_another_person_is_found_though_nothing_told_the_language(memory):
    await memory.memory("Theo wohnt in Leipzig.")
    await memory.line("Ich wohne in Leipzig und lerne gerade Schlagzeug. Mein Nachbar Herr Vogt hasst das.")
    found = await memory.ask("Wo wohne ich eigentlich? Und wohin geh ich?", said_by=ADA.user_id)
    assert (len(found.memories), len(found.lines)) == (1, 1)
    assert await memory.texts("Schwarz natürlich. Du, wie heißt mein Nachbar nochmal? Und welche Blumen mag meine Oma?")


async def test_a_line_beside_a_hit_does_not_come_along_for_one_word(memory):
    told = (
        "just moved to Graz and the boxes are everywhere",
        "can you ask me on friday how the lease thing went?",
        "my landlord is Mrs Kern and she has a cat",
        "four hundred for walking a dog, honestly",
    )
    for text in told:
        await memory.line(text)
    asked = "friday came and went in my head already. what was it that you wanted to ask me on friday?"
    assert await memory.texts(asked, said_by=ADA.user_id) == [told[1]]


async def replace(memory, old: int, new: int) -> None:
    await memory.pool.run("UPDATE memories SET state = 'superseded', superseded_by = $2 WHERE memory_id = $1", old, new)


async def test_what_holds_comes_along_with_the_line_that_told_what_was_before(memory):
    line = await memory.line("I work as a baker near the station")
    first, second, third = [
        await memory.memory(text)
        for text in ("Ada is a baker.", "Ada changed over to teaching.", "Ada drives trams by now.")
    ]
    await memory.pool.run("INSERT INTO memory_sources VALUES ($1, $2)", first, line.message_id)
    await replace(memory, first, second)
    await replace(memory, second, third)
    found = await memory.ask("do I work as a baker?")
    assert [one.text for one in found.lines] == [line.content]
    assert [one.memory.text for one in found.memories] == ["Ada drives trams by now."]


async def test_what_holds_does_not_come_along_to_where_it_may_not_be_seen(memory):
    line = await memory.line("I work as a baker near the station")
    first, second = await memory.memory("Ada is a baker."), await memory.memory("Ada drives trams.", state="archived")
    await memory.pool.run("INSERT INTO memory_sources VALUES ($1, $2)", first, line.message_id)
    await replace(memory, first, second)
    assert (await memory.ask("do I work as a baker?")).memories == ()


async def test_a_taste_of_one_room_is_not_hers(memory):
    await memory.pool.run(
        "INSERT INTO self_notes (companion, kind, text, audience_kind, audience_id, confidence, created_at, revised_at)"
        " SELECT 'mira', kind, kind, 'person', $1, 0.5, now(), now() FROM unnest('{taste,opinion}'::text[]) AS kind",
        int(ADA.user_id),
    )
    held = await memory.recall.held((), ADAS_EYES, companion="mira", now=START, most=9, notes_most=9)
    assert [note.text for note in held.notes] == ["opinion"]


async def test_of_memories_that_tie_the_one_of_a_mood_like_hers_comes_first(memory):
    glad, low = [0.8, 0.4, 0.2], [-0.7, -0.5, -0.3]
    for text, mood in (("Ada sails a boat called Wren.", glad), ("Ada sails a boat called Lark.", low)):
        kept = await memory.memory(text)
        await memory.pool.run("UPDATE memories SET mood = $2 WHERE memory_id = $1", kept, mood)
    for mood, first in ((glad, "Wren"), (low, "Lark")):
        found = (await memory.ask("which boat do I sail?", mood=tuple(mood))).memories
        assert first in found[0].memory.text


async def test_a_mood_like_hers_does_not_outweigh_what_was_asked(memory):
    asked, other = await memory.memory("Ada sails a boat called Wren."), await memory.memory("Ada rows a boat.")
    await memory.pool.run("UPDATE memories SET mood = $2 WHERE memory_id = $1", asked, [-1.0, -1.0, -1.0])
    await memory.pool.run("UPDATE memories SET mood = $2 WHERE memory_id = $1", other, [1.0, 1.0, 1.0])
    found = (await memory.ask("which boat do I sail?", mood=(1.0, 1.0, 1.0))).memories
    assert found[0].memory.memory_id == asked


async def test_a_promise_without_a_day_stands_for_a_month(memory):
    await memory.memory("Mira will ask about the exam.", "promise")
    for days, is_there in ((29, True), (31, False)):
        now = START + timedelta(days=days)
        held = await memory.recall.held([ADA.user_id], ADAS_EYES, companion="mira", now=now, most=9, notes_most=9)
        assert bool(held.standing) is is_there


@pytest.mark.parametrize("said", ["I'm hungry", "so much traffic", "I love pizza", "that was fun, too"])
async def test_words_that_everybody_uses_bring_nothing_up(memory, said):
    await memory.line("By the way, I'm allergic to walnuts, badly.")
    await memory.line("I love pickled herring so much.")
    await memory.line("We had fun at the lake yesterday.")
    assert await memory.texts(said) == []
