"""Export and erasure of a person from the command line, beside a running Mira."""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg

from bot.adapters.postgres.address import parse_database_url
from tests.flows.conftest import Stage, outcome
from tests.flows.test_talk import saying
from tests.kept import everything

WORD = "quokka7731"


async def holding(url: str, word: str) -> list[str]:
    """Name the tables that hold *word*."""
    plain = await asyncpg.connect(**parse_database_url(url).asyncpg_arguments())
    try:
        kept = await everything(plain)
    finally:
        await plain.close()
    return [name for name, found in kept.items() if any(word in one.casefold() for one in found)]


async def author_of_a_line(url: str) -> int:
    plain = await asyncpg.connect(**parse_database_url(url).asyncpg_arguments())
    try:
        return await plain.fetchval("SELECT author_id FROM messages WHERE speaker = 'person' LIMIT 1")
    finally:
        await plain.close()


async def test_a_person_is_exported_and_erased_while_she_runs(stage: Stage, tmp_path: Path):
    stage.model.script(saying(f"A {WORD}, really?"), saying("Hello, stranger."))
    environment, file = stage.environment(), tmp_path / "person.json"
    async with stage.process(), stage.playground.person("juno") as juno:
        await juno.tell(f"my animal is a {WORD}")
        await juno.next_message_from_app(timeout=20)
        user = await author_of_a_line(stage.database_url)

        code, said = await outcome(f"data export {user} --to {file}", environment)
        assert code == 0, said
        assert file.stat().st_mode & 0o777 == 0o600
        export = json.loads(file.read_text(encoding="utf-8"))
        assert [line["content"] for line in export["tables"]["messages"]] == [f"my animal is a {WORD}"]
        assert "really" not in json.dumps(export)
        code, said = await outcome(f"data export {user} --to {file}", environment)
        assert code == 2 and "Traceback" not in said

        code, said = await outcome(f"data erase {user}", environment)
        assert code == 2 and "--yes" in said
        assert await holding(stage.database_url, WORD)
        code, said = await outcome(f"data erase {user} --yes", environment)
        assert code == 0, said
        assert WORD not in said
        assert await holding(stage.database_url, WORD) == []

        await juno.tell("hello")
        assert (await juno.next_message_from_app(timeout=20))["content"] == "Hello, stranger."
        assert WORD not in str(stage.model.requests[-1])


async def test_nobody_is_exported_or_erased_politely(stage: Stage):
    for command in ("data export 5", "data erase 5 --yes"):
        code, said = await outcome(command, stage.environment())
        assert code == 1 and "nothing is kept of 5" in said and "Traceback" not in said
