"""Her presence: said once for each change, and trouble with it is nobody's."""

from __future__ import annotations

from typing import Any, cast

import discord

from bot.adapters.discord.client import CompanionClient
from bot.adapters.discord.presence import DiscordPresence


class Gateway:
    """A client that notes what it was asked to show."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.is_up = True
        self.failure: Exception | None = None
        self.activity: discord.CustomActivity | None = None  # what a new session begins with

    def is_ready(self) -> bool:
        return self.is_up

    async def change_presence(self, *, activity: discord.CustomActivity | None) -> None:
        if self.failure is not None:
            raise self.failure
        self.shown.append(None if activity is None else activity.name)


async def test_presence_follows_and_says_nothing_twice():
    gateway = Gateway()
    presence = DiscordPresence(cast(CompanionClient, gateway))
    for words in (None, "a bit flat", "a bit flat", "rather lively" * 20, None):
        await presence.show(words)
        assert (None if gateway.activity is None else gateway.activity.name) == (words and words[:128])
    assert gateway.shown == ["a bit flat", ("rather lively" * 20)[:128], None]


async def test_what_was_not_shown_is_tried_again():
    gateway = Gateway()
    presence = DiscordPresence(cast(CompanionClient, gateway))
    gateway.is_up = False
    await presence.show("mild")
    gateway.is_up, gateway.failure = True, OSError("gone")
    await presence.show("mild")
    gateway.failure = None
    await presence.show("mild")
    assert gateway.shown == ["mild"]
