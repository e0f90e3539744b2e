"""Turns Discord's events into what the engine hears; decides nothing."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from bot.adapters.discord.notices import is_said
from bot.adapters.discord.reading import is_withheld, read_message
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.engine.hear import Hear
from bot.errors import CompanionError

log = logging.getLogger(__name__)


class Listener(commands.Cog):
    """Hears messages, edits, deletes and typing."""

    def __init__(self, client: commands.Bot, hear: Hear, *, has_content: bool) -> None:
        self._client = client
        self._hear = hear
        self._has_content = has_content

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Hand a message on."""
        if self._client.user is None or not is_said(message, self._client.user.id):
            return
        heard = read_message(message, self._client.user.id)
        withheld = not self._has_content and is_withheld(message, heard)
        try:
            await self._hear(heard, is_withheld=withheld)
        except CompanionError as exc:
            log.error("message not kept", extra={"message_id": message.id, "cause": str(exc)})

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Hand an edit on; updates without an edit time are embeds that were unfurled."""
        if payload.data.get("edited_timestamp") is None or self._client.user is None:
            return
        edited = read_message(payload.message, self._client.user.id)
        if not self._has_content and is_withheld(payload.message, edited):
            return  # an edit that dropped the mention: what it says now is not ours to see
        try:
            await self._hear.edited(edited)
        except CompanionError as exc:
            log.error("edit not kept", extra={"message_id": payload.message_id, "cause": str(exc)})

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Hand a delete on."""
        await self._forget({payload.message_id}, payload.channel_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Hand many deletes on at once."""
        await self._forget(payload.message_ids, payload.channel_id)

    @commands.Cog.listener()
    async def on_raw_typing(self, payload: discord.RawTypingEvent) -> None:
        """Hand on that somebody types."""
        await self._hear.typing(ChannelId(payload.channel_id), UserId(payload.user_id))

    async def _forget(self, message_ids: set[int], channel_id: int) -> None:
        try:
            await self._hear.deleted([MessageId(one) for one in sorted(message_ids)], ChannelId(channel_id))
        except CompanionError as exc:
            log.error("delete not kept", extra={"count": len(message_ids), "cause": str(exc)})
