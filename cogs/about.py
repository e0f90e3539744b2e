"""Commands that say what she is and how to talk to her."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.engine.status import Status
from cogs.presenters import about as presenters

PERSONAL = app_commands.AppInstallationType(guild=True, user=True)
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


class About(commands.Cog):
    """Says what she is, how to talk to her, and whether the line is up."""

    def __init__(self, client: commands.Bot, status: Status) -> None:
        self._client = client
        self._status = status

    @app_commands.command(description="What I am and what is kept of what you write")
    async def about(self, interaction: discord.Interaction) -> None:
        """Answer privately with the about card."""
        card = presenters.about_card(self._status.read())
        await interaction.response.send_message(view=card_view(card), ephemeral=True)

    @app_commands.command(description="How to talk to me")
    async def help(self, interaction: discord.Interaction) -> None:
        """Answer privately with the help card."""
        card = presenters.help_card(self._status.read())
        await interaction.response.send_message(view=card_view(card), ephemeral=True)

    @app_commands.command(description="Whether I hear you, and how fast")
    async def ping(self, interaction: discord.Interaction) -> None:
        """Answer privately with the gateway's round trip."""
        card = presenters.ping_card(self._client.latency)
        await interaction.response.send_message(view=card_view(card), ephemeral=True)


for _command in (About.about, About.help, About.ping):
    _command.allowed_installs = PERSONAL
    _command.allowed_contexts = EVERYWHERE
