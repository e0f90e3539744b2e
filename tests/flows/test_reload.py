"""A companion's files change while she runs: what reads holds from the next answer on, the rest changes nothing."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from personas import __path__ as shipped
from playground.client import Person
from playground.completions import text_of
from tests.cogs.test_commands import ask, said
from tests.flows.conftest import Stage, outcome
from tests.flows.test_evening import LIGHT, Evening, Reader
from tests.flows.test_feelings import published

NEWER = "You hum while you think, and it shows."
WITHIN_S = 15.0  # a look comes every two seconds


async def says(stage: Stage, person: Person, evening: Evening, words: str) -> str:
    """Say something and give the system message of the prompt."""
    await evening.say(words, LIGHT)
    return text_of(stage.model.requests[-1]["messages"][0])


async def test_a_change_holds_and_a_broken_file_is_told_of(stage: Stage, tmp_path: Path):
    folder = Path(shutil.copytree(Path(shipped[0]) / "mira", tmp_path / "nora"))
    voice, good = folder / "default.md", (folder / "default.md").read_text("utf-8")
    settings = {"MIRA_COMPANION": "nora", "MIRA_COMPANIONS": str(tmp_path)}
    reader = stage.model.default = Reader()
    async with stage.bot(**settings) as app, stage.playground.person("juno") as juno:
        dm = await juno.dm()
        await published(juno, dm)
        evening = Evening(stage, juno, dm, reader)
        before = await says(stage, juno, evening, "hey")
        voice.write_text(f"{good}\n\n{NEWER}\n", "utf-8")
        shutil.copy(folder / "hallow.md", folder / "quiet.md")
        async with asyncio.timeout(WITHIN_S):
            while "quiet" not in said(await listed(juno, dm)):
                await asyncio.sleep(0.5)
        after = await says(stage, juno, evening, "well?")
        voice.write_text("no front matter", "utf-8")
        async with asyncio.timeout(WITHIN_S):
            while "default.md" not in said(await ask(juno, "status", dm)):
                await asyncio.sleep(0.5)
        broken = await says(stage, juno, evening, "still you?")
        code, told = await outcome("doctor", stage.environment(**settings))
    assert app is not None
    assert NEWER not in before and NEWER in after and NEWER in broken
    assert code != 0 and "default.md: must begin with TOML" in told


async def listed(person: Person, channel: str) -> dict[str, object]:
    """Ask which personas there are, while they are typed: it has no limit on how often."""
    return {"content": "", "components": await person.complete("persona wear", channel, "persona", persona="q")}
