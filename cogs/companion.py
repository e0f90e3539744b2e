"""The command that says who she is here."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.adapters.discord.cards import show
from bot.domain.persona import Persona
from bot.engine.being import Being
from bot.engine.wear import Wear
from bot.errors import UserError
from cogs.about import EVERYWHERE, PERSONAL
from cogs.memory_desk import owner_of
from cogs.persona import place_of
from cogs.presenters import companion as presenters


class Companions(commands.Cog):
    """Shows who lives here."""

    def __init__(self, being: Being, wear: Wear) -> None:
        self._being = being
        self._wear = wear

    @app_commands.command(description="Who I am here: my portrait, my manners, my faces")
    async def companion(self, interaction: discord.Interaction) -> None:
        """Answer privately with the card."""
        await interaction.response.defer(ephemeral=True)
        worn, being = await self._worn(interaction), self._being
        await show(interaction, presenters.companion_card(being.companion, worn, avatar=being.avatar, mira=__version__))

    async def _worn(self, asked: discord.Interaction) -> Persona:
        """Give the persona she wears where it is asked; her usual one where she is not herself."""
        try:
            place = place_of(asked)
        except UserError:
            return self._being.usual
        return (await self._wear.look(place, owner_of(asked))).worn


Companions.companion.allowed_installs = PERSONAL
Companions.companion.allowed_contexts = EVERYWHERE
