"""What every test may ask for."""

from __future__ import annotations

import discord
import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.database",)

# a loaded machine must not fail a property: time is measured in bench/
settings.register_profile("mira", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mira")


@pytest.fixture(autouse=True)
def _discord_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what a test sets in discord.py's globals, so that the next one's client finds the library as it is."""
    socket = discord.gateway.DiscordWebSocket
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(socket, "DEFAULT_GATEWAY", socket.DEFAULT_GATEWAY)
    monkeypatch.setattr(socket, "from_client", socket.from_client)
