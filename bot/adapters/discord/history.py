"""What channels hold, read over REST: for what the gateway did not hand over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import discord

from bot.adapters.discord.notices import is_said
from bot.adapters.discord.reading import channel_of, is_withheld, read_message
from bot.adapters.discord.trouble import NO_ANSWER, UNREADABLE, is_passing, wait_of
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel
from bot.errors import DeliveryError
from bot.history_ports import PastMessage, Stretch

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008

Place = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class DiscordHistory:
    """Implements `bot.history_ports.History`; *has_content* says whether the message-content intent is on."""

    def __init__(self, client: discord.Client, *, has_content: bool) -> None:
        self._client = client
        self._has_content = has_content

    def guilds(self, shard_id: int) -> Sequence[GuildId]:
        """See `bot.history_ports.History.guilds`."""
        here = (guild for guild in self._client.guilds if guild.shard_id == shard_id and not guild.unavailable)
        return [GuildId(guild.id) for guild in here]

    def active(self, guild_id: GuildId, after: MessageId) -> Sequence[Channel]:
        """See `bot.history_ports.History.active`."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return []
        places: tuple[Place, ...] = (
            *guild.text_channels,
            *guild.voice_channels,
            *guild.stage_channels,
            *guild.threads,
        )
        return [channel_of(place, guild_id) for place in places if _newest(place) > after and _may_read(place, guild)]

    async def read(self, channel: Channel, *, after: MessageId, limit: int, within: timedelta) -> Stretch:
        """See `bot.history_ports.History.read`."""
        found: dict[int, discord.Message] = {}
        with _translated():
            async with asyncio.timeout(within.total_seconds()):
                history = self._place(channel).history(limit=limit, after=discord.Object(after), oldest_first=True)
                async for message in history:
                    found[message.id] = message
        in_order = sorted(message_id for message_id in found if message_id > after)
        return Stretch(
            messages=[self._past(found[one]) for one in in_order if is_said(found[one], self._own_id)],
            until=MessageId(in_order[-1]) if in_order else after,
            has_more=len(in_order) >= limit,
        )

    async def is_gone(self, channel: Channel, message_id: MessageId, *, within: timedelta) -> bool:
        """See `bot.history_ports.History.is_gone`."""
        try:
            with _translated():
                async with asyncio.timeout(within.total_seconds()):
                    await self._place(channel).fetch_message(message_id)
        except DeliveryError as exc:
            if exc.retryable:
                raise
            return exc.code == UNKNOWN_MESSAGE
        return False

    def listed(self, guild_id: GuildId) -> Collection[ChannelId]:
        """See `bot.history_ports.History.listed`."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return ()
        return {ChannelId(place.id) for place in (*guild.channels, *guild.threads)}

    async def is_closed(self, channel_id: ChannelId, *, within: timedelta) -> bool:
        """See `bot.history_ports.History.is_closed`."""
        try:
            with _translated():
                async with asyncio.timeout(within.total_seconds()):
                    await self._client.http.get_channel(channel_id)
        except DeliveryError as exc:
            if exc.retryable:
                raise
            return exc.code == UNKNOWN_CHANNEL
        return False

    @property
    def _own_id(self) -> int:
        own = self._client.user
        return 0 if own is None else own.id

    def _past(self, message: discord.Message) -> PastMessage:
        heard = read_message(message, self._own_id)
        withheld = not self._has_content and is_withheld(message, heard)
        return PastMessage(heard, was_edited=message.edited_at is not None, is_withheld=withheld)

    def _place(self, channel: Channel) -> discord.abc.Messageable:
        known = None if channel.guild_id is None else self._client.get_channel(channel.channel_id)
        if isinstance(known, discord.abc.Messageable):
            return known
        return self._client.get_partial_messageable(channel.channel_id, guild_id=channel.guild_id)


def _newest(place: Place) -> int:
    # a thread's first message may be the thread itself
    own = place.id if isinstance(place, discord.Thread) else 0
    return max(place.last_message_id or 0, own)


def _may_read(place: Place, guild: discord.Guild) -> bool:
    """Say whether its history is hers to read: without the permission Discord gives an empty one."""
    if guild.me is None or (isinstance(place, discord.Thread) and place.parent is None):
        return True  # not known here; Discord will say
    allowed = place.permissions_for(guild.me)
    return allowed.read_messages and allowed.read_message_history


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except discord.HTTPException as exc:
        raise DeliveryError(
            f"Discord answered {exc.status}",
            code=exc.code or exc.status,
            retryable=is_passing(exc),
            retry_after_s=wait_of(exc),
        ) from exc
    except (*NO_ANSWER, discord.RateLimited) as exc:
        raise DeliveryError(f"no answer from Discord: {type(exc).__name__}", code=0, retryable=True) from exc
    except (discord.DiscordException, *UNREADABLE) as exc:
        # what it answered is not what Discord answers
        raise DeliveryError(f"unreadable answer: {type(exc).__name__}", code=0, retryable=False) from exc
