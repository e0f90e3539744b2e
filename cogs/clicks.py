"""Buttons and menus on cards that are somebody's own: they work after a restart, and only for whose card it is.

All that a click needs to know stands in its custom id: which cog, what to do, whose card, and the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from re import Match
from typing import Any, Protocol, Self, cast, runtime_checkable

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.language import speak_to
from bot.adapters.discord.locales import words_of
from bot.domain.card import Text
from bot.domain.ids import UserId
from bot.errors import UserError
from cogs.errors import report_command_error

Asked = discord.Interaction
Button = discord.ui.Button[discord.ui.LayoutView]
Menu = discord.ui.Select[discord.ui.LayoutView]

CUSTOM_ID = r"(?P<cog>memory|goals|persona):(?P<do>[A-Za-z]+):(?P<owner>\d{1,20}):(?P<rest>[\w.-]{0,60})"
STYLES = {"plain": discord.ButtonStyle.secondary, "danger": discord.ButtonStyle.danger}


@runtime_checkable
class Clicked(Protocol):
    """A cog that answers clicks on its cards; *clicks* is how their custom ids call it."""

    clicks: str

    async def clicked(self, interaction: Asked, do: str, rest: str, values: Sequence[str]) -> None:
        """Do what was clicked; *rest* is what the card said with it, *values* what was chosen on a menu."""


class OwnButton(discord.ui.DynamicItem[Button], template=rf"own:{CUSTOM_ID}"):
    """A button on a card of somebody's own."""

    def __init__(self, item: Button, *, do: str, owner: int, rest: str) -> None:
        super().__init__(item)
        self._do = do
        self._owner = owner
        self._rest = rest

    @classmethod
    def made(
        cls,
        cog: str,
        do: str,
        owner: UserId,
        rest: object = "",
        *,
        label: Text,
        is_dangerous: bool = False,
        is_off: bool = False,
    ) -> Self:
        """Make a button; *cog* is ``memory``, ``goals`` or ``persona``."""
        button: Button = discord.ui.Button(
            custom_id=f"own:{cog}:{do}:{owner}:{rest}",
            label=words_of(label, is_plain=True),
            style=STYLES["danger" if is_dangerous else "plain"],
            disabled=is_off,
        )
        return cls(button, do=do, owner=owner, rest=str(rest))

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the button that was clicked anew."""
        return cls(cast(Button, item), do=match["do"], owner=int(match["owner"]), rest=match["rest"])

    async def callback(self, interaction: Asked) -> None:
        """Hand the click on."""
        await _hand_on(interaction, self.custom_id, self._owner, self._do, self._rest, ())


class OwnMenu(discord.ui.DynamicItem[Menu], template=rf"menu:{CUSTOM_ID}"):
    """A menu on a card of somebody's own, of which one thing is chosen."""

    def __init__(self, item: Menu, *, do: str, owner: int, rest: str) -> None:
        super().__init__(item)
        self._do = do
        self._owner = owner
        self._rest = rest

    @classmethod
    def made(
        cls, cog: str, do: str, owner: UserId, rest: object = "", *, hint: Text, options: list[discord.SelectOption]
    ) -> Self:
        """Make a menu; *cog* is ``memory``, ``goals`` or ``persona``."""
        menu: Menu = discord.ui.Select(
            custom_id=f"menu:{cog}:{do}:{owner}:{rest}", placeholder=words_of(hint, is_plain=True), options=options
        )
        return cls(menu, do=do, owner=owner, rest=str(rest))

    @classmethod
    async def from_custom_id(cls, interaction: Asked, item: discord.ui.Item[Any], match: Match[str], /) -> Self:
        """Make the menu that was clicked anew."""
        return cls(cast(Menu, item), do=match["do"], owner=int(match["owner"]), rest=match["rest"])

    async def callback(self, interaction: Asked) -> None:
        """Hand on what was chosen."""
        await _hand_on(interaction, self.custom_id, self._owner, self._do, self._rest, self.item.values)


async def _hand_on(interaction: Asked, custom_id: str, owner: int, do: str, rest: str, values: Sequence[str]) -> None:
    """Let the cog do what was clicked; trouble is answered as commands do."""
    speak_to(interaction)
    _, prefix, *_ = custom_id.split(":")
    client = cast(commands.Bot, interaction.client)
    try:
        if interaction.user.id != owner:
            raise UserError("memory_others_card")
        for cog in client.cogs.values():
            if isinstance(cog, Clicked) and prefix == cog.clicks:
                await cog.clicked(interaction, do, rest, values)
    except Exception as error:  # noqa: BLE001 - the edge of a click
        await report_command_error(interaction, cast(app_commands.AppCommandError, error))
