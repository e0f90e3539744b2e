"""What a person sees and does with their memories, with all of her running: told, found, corrected, forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from bot.adapters.postgres.address import parse_database_url
from playground.client import Person
from tests.cogs.test_commands import answer, said
from tests.cogs.test_memory import button, menu_of, press
from tests.flows.conftest import Stage
from tests.flows.test_commands import EPHEMERAL, commands_published

DIGESTED_WITHIN_S = 20.0
CANARY = "Quixote"


async def used(person: Person, name: str, channel: str, **options: object) -> dict[str, Any]:
    """Use a command and give its finished answer."""
    outcome = await person.slash(name, channel, **options)
    assert outcome["ok"], outcome
    return await shown(person, channel)


async def shown(person: Person, channel: str) -> dict[str, Any]:
    """Give the next private answer in a channel: she may be talking there as well."""
    while not (message := await answer(person, channel))["flags"] & EPHEMERAL:
        pass
    return message


async def count(stage: Stage, query: str) -> int:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def indexed(stage: Stage, least: int) -> None:
    """Wait until so many lines can be found."""
    async with asyncio.timeout(DIGESTED_WITHIN_S):
        while await count(stage, "SELECT count(*) FROM recall_lines") < least:
            await asyncio.sleep(0.2)


async def test_a_line_is_found_remembered_and_forgotten_with_all_that_was_made_of_it(stage: Stage):
    stage.model.script({"reply": "Noted."})
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        dm = await juno.dm()
        await commands_published(juno, dm)
        line = await juno.tell(f"I have a parrot named {CANARY} who steals pencils")
        await juno.next_message_from_app(dm)
        await indexed(stage, 1)
        found = said(await used(juno, "memory search", dm, query="parrot"))
        assert CANARY in found and f"/channels/@me/{dm}/{line['id']}" in found
        assert (await juno.menu("Remember this", dm, line["id"]))["ok"]
        kept = await shown(juno, dm)
        assert "Kept, as your line says it" in said(kept) and f"/channels/@me/{dm}/{line['id']}" in said(kept)
        others = await used(theo, "memory search", await theo.dm(), query="parrot")
        assert CANARY not in said(others)
        asked = await press(juno, kept, "Forget")
        assert "lines of your talk that it came from: 1" in said(asked)
        gone = said(await press(juno, asked, "Forget for good"))
        assert "Forgotten for good" in gone and "memories: 1" in gone
        assert CANARY not in said(await used(juno, "memory search", dm, query="parrot"))
        assert "Nothing is kept of you" in said(await used(juno, "memory list", dm))
    assert await count(stage, f"SELECT count(*) FROM messages WHERE content LIKE '%{CANARY}%'") == 0
    assert await count(stage, f"SELECT count(*) FROM memories WHERE text LIKE '%{CANARY}%'") == 0


async def test_a_card_of_an_earlier_run_still_works(stage: Stage):
    async with stage.playground.person("juno") as juno:
        dm = await juno.dm()
        async with stage.bot():
            await commands_published(juno, dm)
            for number in range(8):
                await used(juno, "remember", dm, text=f"my lucky number {number} is {number * 7}")
            card = await used(juno, "memory list", dm)
            asked = await used(juno, "remember", dm, text="I was diagnosed with diabetes last year")
        async with stage.bot():
            card = await press(juno, card, "Older")
            assert "Page 2 of 2" in said(card) and "number 0" in said(card)
            menu = menu_of(card)
            assert (await juno.choose(card, menu["custom_id"], menu["options"][0]["value"]))["ok"]
            card = await juno.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == card["id"])
            assert "Pinned" in said(await press(juno, card, "Pin"))
            assert (await juno.click(asked, button(asked, "Keep this one")))["ok"]
            assert "a while ago" in said(await shown(juno, dm)), "words that wait are not kept over a restart"
            assert "diabetes" not in said(await used(juno, "memory search", dm, query="diabetes last year"))[200:]


async def test_her_answer_to_somebody_is_forgotten_by_them_alone(stage: Stage):
    stage.model.script({"reply": "The lighthouse keeper is called Ambrosius."})
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        channel = str(stage.playground.channel("living-room").channel_id)
        await commands_published(juno, channel)
        await juno.mention(channel, "who keeps the lighthouse?")
        hers = await juno.next_message_from_app(channel)
        await theo.next_message_from_app(channel)
        assert (await theo.menu("Forget this", channel, hers["id"]))["ok"]
        assert "does not answer you" in said(await shown(theo, channel))
        await asyncio.sleep(0.5)  # until it is noted as sent
        assert (await juno.menu("Forget this", channel, hers["id"]))["ok"]
        asked = await shown(juno, channel)
        assert "Forget this line of Mira's" in said(asked) and "Ambrosius" in said(asked)
        assert "Forgotten for good" in said(await press(juno, asked, "Forget for good"))
    assert await count(stage, "SELECT count(*) FROM messages WHERE content LIKE '%Ambrosius%'") == 0


async def test_a_goal_given_by_a_command_is_hers_to_know_in_direct_talk_only(stage: Stage):
    async with stage.bot(), stage.playground.person("juno") as juno:
        channel = str(stage.playground.channel("living-room").channel_id)
        await commands_published(juno, channel)
        card = await used(juno, "goals add", channel, text=f"teach {CANARY} to whistle")
        assert "Kept as a goal" in said(card)
        for talk in (channel, await juno.dm()):
            say = juno.mention(talk, "hello there") if talk == channel else juno.tell("hello there")
            await say
            await juno.next_message_from_app(talk)
    prompts = [str(request) for request in stage.model.requests]
    direct = ["direct message with" in prompt for prompt in prompts]
    assert {*direct} == {True, False} and [CANARY in prompt for prompt in prompts] == direct
