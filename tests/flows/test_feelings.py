"""What she feels, over the loopback gateway: hurt, time, an apology, what the cards say, and a crash in the middle."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import asyncpg

from bot.adapters.postgres.address import parse_database_url
from playground.posting import Draft, create_message
from tests.flows.conftest import ShiftedClock, Stage, outcome
from tests.scripted_model import refs_of

INSULT = {"desirability": -3, "praiseworthiness": -3, "warmth": -3, "respect": -2, "confidence": 1.0}
APOLOGY = {"desirability": 1, "warmth": 2, "apology": 3, "praiseworthiness": 1, "confidence": 1.0}
KINDNESS = {"desirability": 2, "praiseworthiness": 2, "warmth": 3, "confidence": 1.0}
EPHEMERAL = 64
PEOPLE = 100


def understood(**meaning: Any):
    """Answer every request with the same understanding of every line that waits."""

    def answer(body: Mapping[str, Any]) -> dict[str, Any]:
        appraisals = [{"message": ref, **meaning} for ref in refs_of(body)]
        return {"appraisals": appraisals, "intent": "reply", "reply": "Mm."}

    return answer


async def ask(person, name: str, channel: str, **options: object) -> str:
    """Run a command; gives the text of its card."""
    person.forget()
    assert (await person.slash(name, channel, **options))["ok"]
    answer = await person.wait_for("MESSAGE_UPDATE", lambda one: bool(one.get("components")))
    assert answer["flags"] & EPHEMERAL
    return "\n".join(words_of(answer["components"]))


def words_of(part: Any) -> list[str]:
    """Collect every text of a card, and what its pictures say to who cannot see them."""
    if isinstance(part, list):
        return [words for one in part for words in words_of(one)]
    if not isinstance(part, dict):
        return []
    own = [part[key] for key in ("content", "description") if isinstance(part.get(key), str)]
    return own + [words for value in part.values() for words in words_of(value)]


async def published(person, channel: str) -> None:
    async with asyncio.timeout(10):
        while not await person.commands(channel):
            await asyncio.sleep(0.05)


async def column(stage: Stage, query: str) -> list[Any]:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def lived(stage: Stage, events: int) -> None:
    """Wait until so many turns have moved her."""
    query = "SELECT count(*) FROM affect_events WHERE kind = 'burst' AND seq IS NOT NULL"
    async with asyncio.timeout(30):
        while (await column(stage, query))[0] < events:
            await asyncio.sleep(0.05)


async def test_insult_time_apology_and_what_the_cards_say(stage: Stage):
    clock = ShiftedClock()
    async with stage.bot(clock), stage.playground.person("juno") as juno:
        dm = await juno.dm()
        await published(juno, dm)
        calm = await ask(juno, "mood", dm)
        stage.model.default = understood(**INSULT)
        await juno.say(dm, "you are a useless pile of code")
        await juno.next_message_from_app(dm)
        await lived(stage, 1)
        hurt = await ask(juno, "mood", dm)
        why = await ask(juno, "mood", dm, why=True)
        tense = await ask(juno, "relationship", dm)
        clock.ahead = timedelta(hours=5)
        later = await ask(juno, "mood", dm)
        stage.model.default = understood(**APOLOGY)
        await juno.say(dm, "I am sorry. That was unfair of me")
        await juno.next_message_from_app(dm)
        await lived(stage, 2)
        sorry = await ask(juno, "mood", dm, why=True)
        mended = await ask(juno, "relationship", dm)
    assert "Nothing stands out" in calm
    assert "anger" in hurt and "tenderness" not in hurt
    assert "It stung: [something you wrote](" in why and "Still fresh" in why
    assert "tension: noticeable" in tense and "anger" in tense
    assert "anger" not in later  # five hours on; what it drained into is the mood
    assert "It warmed her: [something you wrote](" in sorry and "It stung" not in sorry
    assert "tension: a little" in mended and "anger (" not in mended and "tenderness" in mended
    assert not any(
        word in card for card in (calm, hurt, why, tense, later, sorry, mended) for word in ("because you", "needs you")
    )


async def test_a_hundred_people_at_once_and_a_kill_in_the_middle(stage: Stage):
    stage.model.default = understood(**KINDNESS)
    world, core = stage.playground.world, stage.playground.core
    users = [world.add_user(f"person{number}", f"Person {number}") for number in range(PEOPLE)]
    channels = [world.dm_between(user, world.app_user)[0] for user in users]

    def everybody_writes(word: str) -> None:
        for user, channel in zip(users, channels, strict=True):
            create_message(core, channel, user, Draft({"content": f"{word}, {user.username}!"}))

    async with stage.process() as first:
        everybody_writes("hello")
        await lived(stage, 20)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    async with stage.process():
        everybody_writes("hello again")
        answered = "SELECT count(*) FROM messages WHERE state = 'answered' AND content LIKE 'hello again%'"
        async with asyncio.timeout(60):
            while await column(stage, answered) != [PEOPLE]:
                await asyncio.sleep(0.2)
        turns = (await column(stage, "SELECT count(*) FROM affect_events WHERE kind = 'burst'"))[0]
        await lived(stage, turns)
    assert turns >= PEOPLE
    code, said = await outcome("data replay", stage.environment())
    assert code == 0, said
    assert f"{PEOPLE} people" in said
    assert float(re.search(r"largest difference ([\d.e+-]+)", said).group(1)) <= 1e-9
    # a turn that the kill broke off after its words were out has no meaning kept; every other moved her, once
    moved = "SELECT count(DISTINCT turn_id) FROM appraisals"
    assert await column(stage, moved) == [turns]
