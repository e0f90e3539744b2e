"""The stage of a flow: a loopback Discord, a scripted model, a real database, and the real bot between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.app import App
from bot.settings import Settings, read_settings
from playground.server import Playground
from tests.scripted_model import ScriptedModelServer

READY_TIMEOUT_S = 15.0


@dataclass
class Stage:
    """What a flow can move: people and channels, the model's lines, the bot's settings."""

    playground: Playground
    model: ScriptedModelServer
    database_url: str

    def environment(self, **changes: str) -> dict[str, str]:
        """Give the settings of a bot on this stage, as an environment."""
        return {
            "DISCORD_TOKEN": self.playground.token,
            "DISCORD_API_URL": self.playground.rest_url,
            "DISCORD_GATEWAY_URL": self.playground.gateway_url,
            "DATABASE_URL": self.database_url,
            "OPENAI_BASE_URL": self.model.base_url,
            "OPENAI_API_KEY": "test-key",
            "MIRA_MODEL": "scripted",
            "MIRA_SETTLE_S": "0",
            "MIRA_PACE": "0",
            **changes,
        }

    def settings(self, **changes: str) -> Settings:
        """Read those settings as the command would."""
        return read_settings(self.environment(**changes), env_file=None)

    @asynccontextmanager
    async def bot(self, **changes: str) -> AsyncIterator[App]:
        """Run the bot in this process until the block ends."""
        app = App(self.settings(**changes))
        ready = asyncio.Event()
        running = asyncio.create_task(app.run(on_ready=ready.set))
        waiting = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait((running, waiting), timeout=READY_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            assert ready.is_set(), "the bot did not get ready"
            yield app
        finally:
            waiting.cancel()
            app.stop()
            await running


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    """Set a stage without a bot on it."""
    async with Playground(port=0) as playground, ScriptedModelServer() as model:
        yield Stage(playground, model, database_url)
