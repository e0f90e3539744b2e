"""Another companion than the usual one lives in the same house, by one setting."""

from __future__ import annotations

import asyncio

from tests.flows.conftest import END_TIMEOUT_S, Stage, outcome, start_command
from tests.flows.test_cli import without_discord
from tests.flows.test_talk import FIRST


async def test_jasmine_talks_in_the_terminal_as_herself(stage: Stage):
    environment = without_discord(stage, MIRA_COMPANION="jasmine")
    process = await start_command("chat", environment, stdin=asyncio.subprocess.PIPE)
    async with asyncio.timeout(END_TIMEOUT_S):
        out, err = await process.communicate(b"my basil is dying\n")
    assert process.returncode == 0, err.decode()
    assert "Jasmine" in out.decode() and FIRST in out.decode()
    system = stage.model.requests[0]["messages"][0]["content"]
    assert "You are Jasmine." in system and "Mira" not in system
    assert "a manner you'd rather slip into: dusk (for distress), greenhouse; or null" in system
    assert "You can hear the same story ten times and still listen." in system, "a trait of her own"


async def test_jasmine_is_well(stage: Stage):
    assert await outcome("persona check jasmine", without_discord(stage)) == (0, "jasmine: all well\n")
