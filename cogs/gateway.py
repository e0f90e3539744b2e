"""Tells the engine how the gateway's sessions go: when one begins, and which servers it knows of."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.domain.ids import GuildId
from bot.engine.catch_up import CatchUp


class GatewaySessions(commands.Cog):
    """Follows sessions.

    discord.py dispatches ``connect`` while it reads READY, before it reads any event behind it, and not for RESUMED;
    listeners start in the order of their events.
    """

    def __init__(self, client: commands.Bot, catch_up: CatchUp) -> None:
        self._catch_up = catch_up
        self._is_sharded = isinstance(client, discord.AutoShardedClient)

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """Note a new session of an application that is not split."""
        if not self._is_sharded:
            self._catch_up.began(0)

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """Note a new session of a shard."""
        self._catch_up.began(shard_id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Note that a server's channels are known."""
        self._catch_up.guild_here(GuildId(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that she was invited."""
        self._catch_up.guild_joined(GuildId(guild.id))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Note that all servers were told of."""
        if not self._is_sharded:
            self._catch_up.everything_here(0)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that all servers of a shard were told of."""
        self._catch_up.everything_here(shard_id)
