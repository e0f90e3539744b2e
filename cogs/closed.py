"""Tells the engine which channels, threads and servers the gateway says are gone; whether they are is the engine's."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from bot.domain.ids import ChannelId, GuildId
from bot.engine.closed_places import ClosedPlaces
from bot.errors import CompanionError

log = logging.getLogger(__name__)


class ClosedByGateway(commands.Cog):
    """Follows channels and servers that go.

    Of a server that is only unavailable discord.py dispatches ``guild_unavailable``, and that is not listened to.
    """

    def __init__(self, closed: ClosedPlaces) -> None:
        self._closed = closed

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Note a deleted channel, and the threads that go with it."""
        await self._compare(channel.guild)
        self._closed.closed(ChannelId(channel.id))

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Note a deleted thread."""
        self._closed.closed(ChannelId(payload.thread_id))

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Compare what is kept of a server with what it has: it may have changed while nobody listened."""
        await self._compare(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that she is no longer on a server."""
        try:
            await self._closed.server_gone(GuildId(guild.id))
        except CompanionError as exc:
            log.error("a server that is gone is not looked at", extra={"guild_id": guild.id, "cause": str(exc)})

    async def _compare(self, guild: discord.Guild) -> None:
        try:
            await self._closed.server_here(GuildId(guild.id))
        except CompanionError as exc:
            log.error("channels of a server are not compared", extra={"guild_id": guild.id, "cause": str(exc)})
