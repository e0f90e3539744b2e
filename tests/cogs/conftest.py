"""The cogs on a real client over a loopback Discord, with stand-ins for the engine behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from bot.adapters.discord.client import CompanionClient, point_at
from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span
from bot.engine.look import Look
from bot.engine.oversee import Oversee
from bot.engine.status import Status
from bot.engine.tend import Tend
from cogs.errors import report_command_error
from cogs.mood import Mood
from cogs.soul import Soul
from cogs.status import Running
from playground.client import Person
from playground.core import Options
from playground.server import Playground
from tests.cogs.overseen import FakeOversee, FakeStatus
from tests.cogs.views import FakeLook, FakeTend

READY_S = 10.0
PNG = (Path(__file__).parents[2] / "docs/images/playground-light.png").read_bytes()


@dataclass
class Room:
    """A client with the cogs on it, and what stands behind them."""

    playground: Playground
    client: CompanionClient
    look: FakeLook
    tend: FakeTend
    pictures: dict[str, bytes]
    oversee: FakeOversee = field(default_factory=FakeOversee)
    drawn: list[Span] = field(default_factory=list)

    async def draw(self, history: Sequence[MoodPoint], *, span: Span) -> bytes:
        """Draw the same picture for every history."""
        self.drawn.append(span)
        return PNG


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Connect a client with her commands; its people are Juno, who owns app and server, and three others."""
    async with Playground(port=0, options=Options(rate_limits=False)) as playground:
        point_at(playground.rest_url, playground.gateway_url)
        client = CompanionClient(message_content=False)
        found = Room(playground, client, FakeLook(), FakeTend(), {})
        client._connection.guild_ready_timeout = 0.0  # there is one guild; nobody waits two seconds for a second
        await client.add_cog(Mood(cast(Look, found.look), found.draw, found.pictures))
        await client.add_cog(Soul(client, cast(Look, found.look), cast(Tend, found.tend)))
        await client.add_cog(Running(client, cast(Status, FakeStatus()), cast(Oversee, found.oversee)))
        client.tree.error(report_command_error)
        await client.sign_in(playground.token)
        running = asyncio.create_task(client.stay())
        try:
            async with asyncio.timeout(READY_S):
                await client.wait_until_ready()
            await client.publish_commands()
            yield found
        finally:
            await client.close()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def juno(room: Room) -> AsyncIterator[Person]:
    """Give the owner."""
    async with room.playground.person("juno") as person:
        yield person


@pytest.fixture
async def theo(room: Room) -> AsyncIterator[Person]:
    """Give somebody without rights."""
    async with room.playground.person("theo") as person:
        yield person
