"""Introduces her on a server she is new on: one card, to who added her, or else where Discord welcomes people."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import discord
from discord.ext import commands

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.locales import speaks, words_of
from bot.adapters.discord.trouble import NO_ANSWER, UNREADABLE, is_passing
from bot.domain.card import Card
from bot.domain.ids import GuildId
from bot.engine.greet import Greet
from bot.errors import CompanionError, DeliveryError
from cogs.presenters import setup as presenters

log = logging.getLogger(__name__)

ASK_WITHIN_S = 10.0
ENTRIES_MOST = 20  # of the audit log: bots are seldom added


class SetupCards(Protocol):
    """Makes the card of how she stands on a server; `cogs.setup.Setup` does."""

    async def card_for(self, guild: discord.Guild, *, is_there: bool = True) -> Card:
        """Give the card alone; *is_there* is False where it is shown elsewhere than on the server."""

    async def view_for(self, guild: discord.Guild) -> discord.ui.LayoutView:
        """Draw it with what changes it."""


class Introduction(commands.Cog):
    """Follows which servers she is on, and sees that each gets its card once."""

    def __init__(self, client: commands.Bot, greet: Greet, setup: SetupCards) -> None:
        self._client = client
        self._greet = greet
        self._setup = setup

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Introduce her on a server she was just added to."""
        await self._introduce(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Introduce her where she was added while she was away, or could not be introduced at first."""
        await self._introduce(guild)

    async def _introduce(self, guild: discord.Guild) -> None:
        joined_at = None if guild.me is None else guild.me.joined_at
        speaks(guild.preferred_locale.value)
        try:
            await self._greet(GuildId(guild.id), joined_at, lambda: self._send(guild))
        except CompanionError as exc:
            log.error("not introduced", extra={"guild_id": guild.id, "cause": str(exc)})

    async def _send(self, guild: discord.Guild) -> str | None:
        """Send the card; gives which way it went.

        Raises:
            DeliveryError: Discord gives no answer for now.
        """
        try:
            adder = await self._who_added(guild)
            if adder is not None and await self._write_to(adder, guild):
                return "direct"
            return "system channel" if await self._write_in(guild) else None
        except (discord.DiscordException, *NO_ANSWER) as exc:
            if is_passing(exc):
                code = getattr(exc, "code", 0)
                raise DeliveryError("the card was not sent", code=code, retryable=True) from exc
            log.info("introduction refused", extra={"guild_id": guild.id, "code": getattr(exc, "code", 0)})
            return None

    async def _who_added(self, guild: discord.Guild) -> discord.abc.User | None:
        """Find who added her; None where Discord does not say, or not in a form that can be read."""
        try:
            async with asyncio.timeout(ASK_WITHIN_S):
                return await self._look_up(guild)
        except (discord.HTTPException, *UNREADABLE) as exc:
            if is_passing(exc):
                raise
            log.info("not known who added her", extra={"guild_id": guild.id, "cause": type(exc).__name__})
            return None

    async def _look_up(self, guild: discord.Guild) -> discord.abc.User | None:
        """Look where she may: in the audit log, or among the integrations."""
        may = guild.me.guild_permissions
        if may.view_audit_log:
            action = discord.AuditLogAction.bot_add
            async for entry in guild.audit_logs(action=action, limit=ENTRIES_MOST):
                if entry.user is not None and getattr(entry.target, "id", None) == guild.me.id:
                    return entry.user
        if may.manage_guild:
            for one in await guild.integrations():
                if isinstance(one, discord.BotIntegration) and one.application.id == self._client.application_id:
                    return one.user
        return None

    async def _write_to(self, person: discord.abc.User, guild: discord.Guild) -> bool:
        """Write to who added her directly; False where they take no direct messages."""
        if person.bot or not isinstance(person, discord.User | discord.Member):
            return False
        view = card_view(await self._setup.card_for(guild, is_there=False))
        row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
        row.add_item(_link_to(guild))
        view.add_item(row)
        try:
            await person.send(view=view)
        except discord.Forbidden:
            return False
        return True

    async def _write_in(self, guild: discord.Guild) -> bool:
        """Write where Discord welcomes people, if there is such a channel and she may."""
        channel = guild.system_channel
        if channel is None:
            return False
        may = channel.permissions_for(guild.me)
        if not (may.view_channel and may.send_messages):
            return False
        await channel.send(view=await self._setup.view_for(guild))
        return True


def _link_to(guild: discord.Guild) -> discord.ui.Button[discord.ui.LayoutView]:
    label = words_of(presenters.button_label("there"), is_plain=True)
    return discord.ui.Button(label=label, url=f"https://discord.com/channels/{guild.id}")
