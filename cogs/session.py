"""The command by which a person sees how long they have talked, and what it took."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import show
from bot.domain.ids import UserId
from bot.engine.look import Look
from bot.engine.spend import LookUpSpend
from bot.engine.timers import Remind
from cogs.about import EVERYWHERE, PERSONAL
from cogs.cooldowns import costly
from cogs.presenters import session as presenters


class Session(commands.Cog):
    """Tells people what their own talk took."""

    def __init__(self, spend: LookUpSpend, remind: Remind, look: Look) -> None:
        self._spend = spend
        self._remind = remind
        self._look = look

    @app_commands.command(description="How long we have talked, how many turns it was, and what yours took")
    @costly()
    async def session(self, interaction: discord.Interaction) -> None:
        """Answer privately with the card."""
        await interaction.response.defer(ephemeral=True)
        user_id = UserId(interaction.user.id)
        view = await self._spend(user_id, zone=await self._remind.zone_in_use(user_id))
        await show(interaction, presenters.session_card(view, colour=self._look.persona.colour))


Session.session.allowed_installs = PERSONAL
Session.session.allowed_contexts = EVERYWHERE
