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


class Reach(StrEnum):
    """How a line reaches her, from what is always answered to what she may well leave."""

    ASKED = "asked"  # a direct message, a mention, a reply to her
    CALLED = "called"  # by name, or going on with an exchange: she is expected to speak
    JOINING = "joining"  # nobody expects her; she has something to say
    UNSURE = "unsure"  # one cheap call decides whether it is hers

    @property
    def is_expecting(self) -> bool:
        """Say whether somebody speaks to her and expects an answer."""
        return self in (Reach.ASKED, Reach.CALLED)


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message; the bytes stay with Discord.

    *kind* is ``attachment``, ``voice`` or ``sticker``. *url* is where Discord keeps the bytes; it is dropped when the
    message was answered. *duration_s* is that of a voice message.
    """

    name: str
    content_type: str
    size_bytes: int
    kind: str = "attachment"
    url: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The line that a message replies to, as it was then; kept for a day at most.

    *speaker* says whose trust it carries: none of it is the word of who quotes it. *forwarded_from* is as in `Message`.
    """

    author_id: UserId
    name: str
    text: str
    speaker: Speaker = Speaker.PERSON
    attachments: tuple[Attachment, ...] = ()
    forwarded_from: tuple[ChannelId, MessageId] | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One conversation; *guild_id* is None in direct messages, *parent_id* is a thread's channel.

    *is_age_restricted* says what Discord says of it at the moment.
    """

    channel_id: ChannelId
    kind: ChannelKind
    guild_id: GuildId | None = None
    parent_id: ChannelId | None = None
    is_age_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who speaks; the display name is untrusted data and may change at any time."""

    user_id: UserId
    display_name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was heard.

    *reply_to_user_id* is who wrote the line it replies to, *mentioned_ids* are people it mentions (she is in
    *mentions_self*) and *mentioned_names* how they were called then, untrusted as any name. *mentions_all* says that
    it calls everybody or a role. *forwards* are texts of others that it passes on, *forwarded_from* is where the line
    stands that they come from, which is not kept. *reach* is how it reached her, once that was decided.
    """

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
    reply_to_user_id: UserId | None = None
    mentioned_ids: tuple[UserId, ...] = ()
    mentioned_names: tuple[tuple[UserId, str], ...] = ()
    mentions_all: bool = False
    forwards: tuple[str, ...] = ()
    quote: Quote | None = None
    reach: Reach = Reach.ASKED
    forwarded_from: tuple[ChannelId, MessageId] | None = None

    def __hash__(self) -> int:
        """Hash by the id alone: each line of a talk is looked up at each turn, and has many fields."""
        return hash(self.message_id)

    def audience(self) -> Audience:
        """Say who may see this text again: one person in a DM, else the channel."""
        if self.channel.kind is ChannelKind.DM:
            # of her own lines the person answered owns it; a DM channel has exactly one person, so
            # the store resolves her own lines to that person
            return Audience(AudienceKind.PERSON, int(self.author.user_id))
        return Audience(AudienceKind.CHANNEL, int(self.channel.channel_id))
