"""The command and the message menu that say why she said something, or nothing."""

from __future__ import annotations

import re

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.cards import show
from bot.adapters.discord.reading import channel_of
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Channel
from bot.engine.explain import Explain, Question, Writer
from bot.engine.status import Status
from bot.errors import UserError
from cogs.about import PERSONAL
from cogs.presenters import why as presenters

WHY_MENU = "Why did you say this?"
LINK = re.compile(
    r"<?https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|\d{1,20})/(?P<channel>\d{1,20})/(?P<line>\d{1,20})>?"
)
PAIR = re.compile(r"(?:(?P<channel>\d{15,20})-)?(?P<line>\d{1,20})")  # as Discord's menus copy an id
LINK_MOST = 200  # characters
ID_MOST = 2**63 - 1
HERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)


class Why(commands.Cog):
    """Shows what was decided of a line, privately, where it was said."""

    def __init__(self, client: commands.Bot, status: Status, explain: Explain) -> None:
        self._client = client
        self._status = status
        self._explain = explain
        self._menu = app_commands.ContextMenu(
            name=WHY_MENU, callback=self.of_message, allowed_contexts=HERE, allowed_installs=PERSONAL
        )

    async def cog_load(self) -> None:
        """Put the entry into the menus of messages."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the entry away again."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description="Why I said something, or did not")
    @app_commands.describe(message="A link to the line, or its id; without it, the newest line here that I heard")
    async def why(
        self, interaction: discord.Interaction, message: app_commands.Range[str, 1, LINK_MOST] | None = None
    ) -> None:
        """Answer privately about one line, or about the newest decision of the channel."""
        asked = None if message is None else line_of(message, ChannelId(interaction.channel_id or 0))
        await self._answer(interaction, asked, Writer.UNKNOWN)

    async def of_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Answer privately about the line whose menu was used."""
        own = self._client.user
        if own is not None and message.author.id == own.id:
            writer = Writer.HERSELF
        else:
            writer = Writer.ASKER if message.author.id == interaction.user.id else Writer.SOMEBODY
        await self._answer(interaction, MessageId(message.id), writer)

    async def _answer(self, interaction: discord.Interaction, asked: MessageId | None, writer: Writer) -> None:
        place = place_of(interaction)
        await interaction.response.defer(ephemeral=True)
        told = await self._explain(Question(UserId(interaction.user.id), place, asked, writer))
        own = self._status.read()
        await show(interaction, presenters.explanation_card(told, name=own.name, colour=own.colour))


Why.why.allowed_installs = PERSONAL
Why.why.allowed_contexts = HERE


def line_of(typed: str, here: ChannelId) -> MessageId:
    """Give the line that a link or an id names.

    Raises:
        UserError: it names none, or one of another channel.
    """
    found = LINK.fullmatch(typed.strip()) or PAIR.fullmatch(typed.strip())
    if found is None or int(found["line"]) > ID_MOST:
        raise UserError("explain_no_line")
    if found["channel"] is not None and int(found["channel"]) != here:
        raise UserError("explain_elsewhere")
    return MessageId(int(found["line"]))


def place_of(interaction: discord.Interaction) -> Channel:
    """Give the channel that is asked about: the one in which the question is asked.

    Raises:
        UserError: she is not there, or the asker may not read what was said there before.
    """
    if interaction.guild_id is not None:
        if not interaction.is_guild_integration():
            raise UserError("explain_not_member")
        if not (interaction.permissions.read_message_history or interaction.permissions.administrator):
            raise UserError("explain_no_history")
    elif not interaction.context.dm_channel:
        raise UserError("explain_not_member")
    return channel_of(interaction.channel or discord.Object(interaction.channel_id or 0), interaction.guild_id)
