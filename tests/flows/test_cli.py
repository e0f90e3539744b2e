"""The command line, as a person or a script uses it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
from pathlib import Path

import aiohttp

from playground.client import Person
from tests.flows.conftest import END_TIMEOUT_S, ROOT, Stage, outcome, start_command
from tests.flows.test_talk import FIRST


def without_discord(stage: Stage, **changes: str) -> dict[str, str]:
    kept = stage.environment(**changes)
    return {name: value for name, value in kept.items() if not name.startswith("DISCORD") and value}


async def test_chat_answers_in_the_terminal_and_remembers_the_talk(stage: Stage):
    process = await start_command("chat", without_discord(stage), stdin=asyncio.subprocess.PIPE)
    async with asyncio.timeout(END_TIMEOUT_S):
        out, err = await process.communicate(b"my cat is called Biscuit\nwho is Biscuit?\n")
    assert process.returncode == 0, err.decode()
    assert out.decode().count(FIRST) == 2
    assert "Biscuit" in str(stage.model.requests[1]["messages"][:-1])


async def test_playground_command_leads_to_a_page_on_which_she_answers(stage: Stage, tmp_path: Path):
    environment = without_discord(stage, DATABASE_URL="", MIRA_DATA_DIR=str(tmp_path / "data"))
    process = await start_command("playground --port 0", environment)
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(END_TIMEOUT_S):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
                said += (await process.stdout.readline()).decode()
        origin = found.group()
        async with aiohttp.ClientSession() as http:
            page = await (await http.get(origin)).text()
            people = (await (await http.get(f"{origin}/play/state")).json())["people"]
        juno = next(user for user in people if user["username"] == "juno")
        async with Person(origin, juno["id"]) as person:
            await person.tell("hello")
            assert (await person.next_message_from_app(timeout=20))["content"] == FIRST
            await listening_can_be_tried(person)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            _, err = await process.communicate()
    assert "<title>" in page
    assert process.returncode == 0, err.decode()
    assert "Traceback" not in err.decode()


async def listening_can_be_tried(person: Person) -> None:
    """Nobody has to approve the message-content intent on one's own machine."""
    guilds = (await person.state())["guilds"]
    room = next(one["id"] for guild in guilds for one in guild["channels"] if one["name"] == "living-room")
    assert (await person.slash("channel listen", room))["ok"]
    assert "mention her, or reply" not in str(await person.next_message_from_app(room, timeout=20))
    await person.say(room, "Mira, are you there?")
    assert (await person.next_message_from_app(room, timeout=20))["content"]


async def test_persona_check_names_file_and_key(stage: Stage, tmp_path: Path):
    folder = tmp_path / "broken"
    shutil.copytree(ROOT / "personas" / "mira", folder)
    manifest = folder / "companion.toml"
    manifest.write_text("unknown_key = 1\n" + manifest.read_text())
    code, said = await outcome(f"persona check {folder}", without_discord(stage))
    assert code == 2
    assert "companion.toml" in said
    assert "unknown_key" in said
    assert await outcome("persona check mira", without_discord(stage)) == (0, "mira: all well\n")


async def test_nothing_people_write_reaches_a_log_even_at_debug(stage: Stage):
    secret = "the-canary-in-my-words"
    stage.model.script(500, {"response": secret}, "not json {")
    process = await start_command("run", stage.environment(MIRA_LOG_LEVEL="debug", MIRA_LOG_FORMAT="json"))
    async with stage.playground.person("juno") as juno:
        async with asyncio.timeout(END_TIMEOUT_S):
            while not (await juno.state())["app"]["online"]:
                await asyncio.sleep(0.1)
        await juno.tell(secret)
        await juno.next_message_from_app(timeout=30)
        process.terminate()
        out, err = await process.communicate()
    logged = (out + err).decode()
    assert '"turn over"' in logged
    assert all(isinstance(json.loads(line), dict) for line in err.decode().splitlines() if line.startswith("{"))
    assert secret not in logged
    assert "test-key" not in logged
    assert stage.playground.token not in logged
