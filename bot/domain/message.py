"""What was said, by whom and where: the values every part of Mira passes around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, GuildId, MessageId, UserId


class ChannelKind(StrEnum):
    """Where a conversation takes place."""

    DM = "dm"
    GUILD = "guild"
    THREAD = "thread"


class Speaker(StrEnum):
    """Who said a line, as far as trust goes."""

    PERSON = "person"
    SELF = "self"
    BOT = "bot"


class AudienceKind(StrEnum):
    """Who may see a text again."""

    PERSON = "person"
    CHANNEL = "channel"
    GUILD = "guild"


class ChangeKind(StrEnum):
    """What happened to a message after it was answered."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class MessageChange:
    """An answered message that changed: what was made of it has to follow. *change_id* grows with time."""

    change_id: int
    message_id: MessageId
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Audience:
    """The people who may see a piece of text; *audience_id* is a user, channel or guild id."""

    kind: AudienceKind
    audience_id: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message; the bytes stay with Discord."""

    name: str
    content_type: str
    size_bytes: int
    kind: str = "attachment"  # attachment or sticker


@dataclass(frozen=True, slots=True)
class Channel:
    """One conversation; *guild_id* is None in direct messages."""

    channel_id: ChannelId
    kind: ChannelKind
    guild_id: GuildId | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who speaks; the display name is untrusted data and may change at any time."""

    user_id: UserId
    display_name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was heard."""

    message_id: MessageId
    channel: Channel
    author: Person
    content: str
    sent_at: datetime
    speaker: Speaker = Speaker.PERSON
    reply_to_id: MessageId | None = None
    replies_to_self: bool = False
    mentions_self: bool = False
    attachments: tuple[Attachment, ...] = ()

    def audience(self) -> Audience:
        """Say who may see this text again: one person in a DM, else the channel."""
        if self.channel.kind is ChannelKind.DM:
            # of her own lines the person answered owns it; a DM channel has exactly one person, so
            # the store resolves her own lines to that person
            return Audience(AudienceKind.PERSON, int(self.author.user_id))
        return Audience(AudienceKind.CHANNEL, int(self.channel.channel_id))
