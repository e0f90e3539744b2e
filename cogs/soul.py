"""Commands for who looks after her: temperament, fixed bonds, a fresh start, holding her nature still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import show
from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.domain.affect.presets import PRESETS
from bot.domain.ids import GuildId, UserId
from bot.engine.look import Look
from bot.engine.tend import BOND_LIMIT, Tend
from bot.errors import UserError
from cogs.errors import report_command_error
from cogs.presenters import soul as presenters

NAME_MOST = 100  # characters that may be typed into the form; more than any name has
FORM_OPEN_S = 600.0

PRESET_CHOICES = [app_commands.Choice(name=preset, value=preset) for preset in PRESETS]


class Soul(commands.Cog):
    """Changes her for a server, or for all of them where she is one and the same."""

    soul = app_commands.Group(
        name="soul",
        description="Look after me: only for who runs this server or this app",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    def __init__(self, client: commands.Bot, look: Look, tend: Tend) -> None:
        self._client = client
        self._look = look
        self._tend = tend

    @soul.command(description="Give me another temperament; feelings stay as they are")
    @app_commands.describe(preset="One of the sixteen types")
    @app_commands.choices(preset=PRESET_CHOICES)
    async def preset(self, interaction: discord.Interaction, preset: str) -> None:
        """Set the temperament she has from now on."""
        guild_id = self._allowed(interaction)
        await interaction.response.defer(ephemeral=True)
        await self._tend.set_preset(preset, guild_id=guild_id)
        await show(interaction, presenters.preset_card(preset, name=self._name))

    @soul.command(description="Fix what somebody is to me, or leave it empty to take that away")
    @app_commands.describe(person="Whose bond it is", bond="Such as sibling or creator; empty takes it away")
    async def bond(
        self,
        interaction: discord.Interaction,
        person: discord.User,
        bond: app_commands.Range[str, 0, BOND_LIMIT] = "",
    ) -> None:
        """Set or take away a fixed bond."""
        guild_id = self._allowed(interaction)
        if self._client.user is not None and person.id == self._client.user.id:
            raise UserError("soul_bond_self", name=self._name)
        await interaction.response.defer(ephemeral=True)
        user_id = UserId(person.id)
        kept = await self._tend.set_bond(user_id, bond, guild_id=guild_id)
        await show(interaction, presenters.bond_card(user_id, kept, name=self._name))

    @soul.command(
        description="Start me afresh: forget people and feelings, keep my temperament; asks for my name first"
    )
    async def reset(self, interaction: discord.Interaction) -> None:
        """Ask for her name; nothing is changed until it is typed."""
        self._allowed(interaction)
        await interaction.response.send_modal(ResetForm(self._name, self._reset))

    @soul.command(description="Keep my days from changing my nature, or let them")
    @app_commands.describe(state="on holds my nature still, off lets it drift")
    async def freeze(self, interaction: discord.Interaction, state: Literal["on", "off"]) -> None:
        """Hold her nature still, or let it drift again."""
        guild_id, is_frozen = self._allowed(interaction), state == "on"
        await interaction.response.defer(ephemeral=True)
        await self._tend.freeze(is_frozen, guild_id=guild_id)
        await show(interaction, presenters.frozen_card(is_frozen=is_frozen, name=self._name))

    async def _reset(self, interaction: discord.Interaction, typed: str) -> None:
        """Start her afresh if her name was typed by somebody who still may do so."""
        guild_id = self._allowed(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)  # without it Discord awaits a message to change
        if typed.strip().casefold() != self._name.strip().casefold():
            await show(interaction, presenters.kept_card())
            return
        await self._tend.reset(guild_id=guild_id)
        await show(interaction, presenters.reset_card(name=self._name))

    def _allowed(self, interaction: discord.Interaction) -> GuildId:
        """Give the server whose soul may be changed.

        Discord shows these commands by permission, but a server may grant them to anybody: this is what holds.

        Raises:
            UserError: this person may not, or not here.
        """
        if interaction.guild_id is None:
            raise UserError("soul_only_server")
        if self._tend.is_shared:
            if interaction.user.id not in owners_of(self._client.application):
                raise UserError("soul_only_owner", name=self._name)
        elif not (interaction.permissions.manage_guild or interaction.permissions.administrator):
            raise UserError("soul_only_manager")
        return GuildId(interaction.guild_id)

    @property
    def _name(self) -> str:
        return self._look.companion.name


class ResetForm(discord.ui.Modal):
    """Asks for her name before she starts afresh."""

    def __init__(self, name: str, submitted: Callable[[discord.Interaction, str], Awaitable[None]]) -> None:
        title, label, hint = (words_of(text, is_plain=True) for text in presenters.reset_form(name=name))
        super().__init__(title=title, timeout=FORM_OPEN_S)
        self._typed: discord.ui.TextInput[ResetForm] = discord.ui.TextInput(max_length=NAME_MOST)
        self.add_item(discord.ui.Label(text=label, description=hint, component=self._typed))
        self._submitted = submitted

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Hand on what was typed."""
        speak_to(interaction)
        await self._submitted(interaction, self._typed.value)

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Answer trouble as commands do."""
        await report_command_error(interaction, app_commands.CommandInvokeError(Soul.reset, error))


def owners_of(application: discord.AppInfo | None) -> set[int]:
    """Give who owns the application, as it was when she started; who may only look on in a team does not."""
    if application is None:
        return set()
    team = application.team
    if team is None:
        return {application.owner.id}
    members = {
        member.id
        for member in team.members
        if member.role is not discord.TeamMemberRole.read_only
        and member.membership_state is discord.TeamMembershipState.accepted
    }
    return members | ({team.owner_id} if team.owner_id else set())
