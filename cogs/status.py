"""The command for operators: how she runs, over all processes."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import show
from bot.engine.oversee import Oversee
from bot.engine.status import Status
from bot.errors import StoreError, UserError
from cogs.presenters import status as presenters
from cogs.soul import owners_of


class Running(commands.Cog):
    """Says how she runs, to who looks after her."""

    def __init__(self, client: commands.Bot, status: Status, oversee: Oversee) -> None:
        self._client = client
        self._status = status
        self._oversee = oversee

    @app_commands.command(description="How I run: processes, the model, what waits, what failed; for admins")
    @app_commands.default_permissions(administrator=True)
    async def status(self, interaction: discord.Interaction) -> None:
        """Answer privately with the state of the whole."""
        is_owner = interaction.user.id in owners_of(self._client.application)
        _see_that_allowed(interaction, is_owner=is_owner)
        await interaction.response.defer(ephemeral=True)
        try:
            found = await self._oversee()
        except StoreError as exc:
            raise UserError("status_no_database") from exc
        own = self._status.read()
        card = presenters.status_card(
            found, name=own.name, colour=own.colour, shows_places=is_owner, trouble=own.trouble
        )
        await show(interaction, card)


Running.status.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
Running.status.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)


def _see_that_allowed(interaction: discord.Interaction, *, is_owner: bool) -> None:
    """Refuse who may not: Discord shows the command by permission, but a server may grant it to anybody.

    Raises:
        UserError: this person may not, or not here.
    """
    if is_owner:
        return
    if interaction.guild_id is None:
        raise UserError("status_only_owner")
    if not interaction.permissions.administrator:
        raise UserError("status_only_admin")
