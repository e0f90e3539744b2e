"""What catching up needs: what was said in a channel, and how far the gateway was heard."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel, Message


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message as a channel's history has it.

    *is_withheld* says that Discord keeps its text back: the message-content intent is off.
    """

    message: Message
    was_edited: bool
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a channel's history, oldest first, complete up to *until*; *has_more* says that newer ones follow."""

    messages: Sequence[PastMessage]
    until: MessageId
    has_more: bool


class History(Protocol):
    """What was said where she may read, whether or not it was heard live."""

    def guilds(self, shard_id: int) -> Sequence[GuildId]:
        """List the servers of a shard that are known and available."""

    def active(self, guild_id: GuildId, after: MessageId) -> Sequence[Channel]:
        """List a server's channels and threads that she may read and that hold something newer than *after*."""

    async def read(self, channel: Channel, *, after: MessageId, limit: int, within: timedelta) -> Stretch:
        """Read at most *limit* messages after one, in at most *within*.

        Raises:
            DeliveryError: it cannot be read at all (``retryable=False``), or not now.
        """

    async def is_gone(self, channel: Channel, message_id: MessageId, *, within: timedelta) -> bool:
        """Say whether a message was deleted; False where that cannot be known.

        Raises:
            DeliveryError: Discord does not say it now.
        """

    def listed(self, guild_id: GuildId) -> Collection[ChannelId]:
        """List the channels and open threads that a server says it has; none where that is not known now."""

    async def is_closed(self, channel_id: ChannelId, *, within: timedelta) -> bool:
        """Say whether a channel or thread was deleted; False where it is there, or may not be seen.

        Raises:
            DeliveryError: Discord does not say it now.
        """


class ClosedStore(Protocol):
    """What is kept of places that may be no more."""

    async def places(self, guild_id: GuildId) -> Sequence[Channel]:
        """List the channels and threads of a server of which any line is left."""

    async def lines_in(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """List lines of a channel that are left, hers included, newest first."""


class Marks(Protocol):
    """How far the gateway was heard, kept; and where to look for what it did not tell."""

    async def read(self) -> Mapping[int, datetime]:
        """Give for each shard the moment, by Discord's clock, up to which every message is kept."""

    async def write(self, shard_id: int, heard_until: datetime) -> None:
        """Keep a shard's moment."""

    async def newest(self) -> tuple[MessageId, datetime] | None:
        """Give the newest message of a person that is kept, and when it was heard."""

    async def unanswered(self) -> Sequence[Channel]:
        """List channels in which messages wait to be answered."""

    async def direct(self, limit: int) -> Sequence[Channel]:
        """List direct channels, the liveliest first."""

    async def waiting(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """List messages of a channel that are not answered yet, oldest first."""

    async def lively(self, since: MessageId) -> Sequence[Channel]:
        """List channels of servers of which a prompt may yet show something overheard, or said after *since*."""

    async def known(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """List the newest lines of others in a channel that are kept and do not wait for an answer, oldest first."""

    async def foreign(self, channel_id: ChannelId, own_ids: Sequence[MessageId]) -> Sequence[MessageId]:
        """Give those of her own messages that this database knows nothing of: said in another life.

        None while something of the channel is still on its way out.
        """
