"""Her presence on Discord: a custom status that says how she feels."""

from __future__ import annotations

import logging

import discord

from bot.adapters.discord.client import CompanionClient
from bot.adapters.discord.trouble import NO_ANSWER

log = logging.getLogger(__name__)

STATUS_LIMIT = 128  # characters; Discord's own limit


class DiscordPresence:
    """Implements `bot.ports.Presence`; says nothing twice, for Discord allows few changes."""

    def __init__(self, client: CompanionClient) -> None:
        self._client = client
        self._shown: str | None = None

    async def show(self, words: str | None) -> None:
        """See `bot.ports.Presence.show`."""
        if words == self._shown or not self._client.is_ready():
            return
        activity = None if words is None else discord.CustomActivity(words[:STATUS_LIMIT])
        try:
            await self._client.change_presence(activity=activity)
        except (discord.DiscordException, *NO_ANSWER) as exc:
            log.info("presence not shown", extra={"cause": type(exc).__name__})
            return
        self._shown = words
        # a new session begins with it, else it would be gone until her mood changes
        self._client.activity, self._client.status = activity, discord.Status.online
