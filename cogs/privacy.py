"""The command by which a person sees what is kept of them, and says that they do not want to be heard."""

from __future__ import annotations

from re import Match
from typing import Any, Self, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.domain.ids import UserId
from bot.engine.silence import Silences
from bot.engine.status import Status
from cogs.about import EVERYWHERE, PERSONAL
from cogs.errors import report_command_error
from cogs.presenters import privacy as presenters

STOP, HEAR = "stop", "hear"

Asked = discord.Interaction
Button = discord.ui.Button[discord.ui.LayoutView]


class Privacy(commands.Cog):
    """Keeps people's wishes about being heard; each person's own, privately, wherever they ask."""

    def __init__(self, client: commands.Bot, status: Status, silences: Silences) -> None:
        self._client = client
        self._status = status
        self._silences = silences

    async def cog_load(self) -> None:
        """Take clicks on buttons of any age, also those of an earlier run."""
        self._client.add_dynamic_items(WishButton)

    @app_commands.command(description="What is kept of you, and whether I hear you")
    @app_commands.describe(hear_me="False: I hear nothing of what you write, anywhere; True: I do again")
    async def privacy(self, interaction: Asked, hear_me: bool | None = None) -> None:
        """Answer privately with where the person stands, after doing what they wish."""
        await interaction.response.defer(ephemeral=True)
        user_id = UserId(interaction.user.id)
        if hear_me is not None:
            await self._silences.set(user_id, is_silent=not hear_me)
        is_silent = await self._silences.is_silent(user_id) if hear_me is None else not hear_me
        view = self._view(is_silent=is_silent, has_changed=hear_me is not None)
        await interaction.followup.send(view=view, ephemeral=True)

    async def wished(self, interaction: Asked, *, is_silent: bool) -> None:
        """Keep what was wished for by a click, and draw the card anew."""
        await interaction.response.defer()
        await self._silences.set(UserId(interaction.user.id), is_silent=is_silent)
        await interaction.edit_original_response(view=self._view(is_silent=is_silent, has_changed=True))

    def _view(self, *, is_silent: bool, has_changed: bool) -> discord.ui.LayoutView:
        own = self._status.read()
        card = presenters.privacy_card(is_silent=is_silent, name=own.name, colour=own.colour, has_changed=has_changed)
        view = card_view(card)
        row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
        row.add_item(WishButton(HEAR if is_silent else STOP))
        view.add_item(row)
        return view


class WishButton(discord.ui.DynamicItem[Button], template=r"privacy:(?P<wish>stop|hear)"):
    """A button by which a person stops being heard, or is heard again. It works after a restart as well."""

    def __init__(self, wish: str) -> None:
        self._wish = wish
        label = words_of(presenters.wish_label(is_silent=wish == HEAR), is_plain=True)
        super().__init__(discord.ui.Button(custom_id=f"privacy:{wish}", label=label))

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the button that was clicked anew."""
        return cls(match["wish"])

    async def callback(self, interaction: Asked) -> None:
        """Keep the wish; trouble is answered as commands do."""
        speak_to(interaction)
        cog = cast(commands.Bot, interaction.client).get_cog(Privacy.__name__)
        try:
            if isinstance(cog, Privacy):
                await cog.wished(interaction, is_silent=self._wish == STOP)
        except Exception as error:  # noqa: BLE001 - the edge of a click
            await report_command_error(interaction, app_commands.CommandInvokeError(Privacy.privacy, error))


Privacy.privacy.allowed_installs = PERSONAL
Privacy.privacy.allowed_contexts = EVERYWHERE
