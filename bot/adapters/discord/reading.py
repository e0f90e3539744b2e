"""How Discord's messages and channels are read: live ones and those of a channel's history alike."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.adapters.discord.shown import files_of, text_of_forward, text_shown
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Quote, Speaker

QUOTE_MOST = 300  # characters of a line that is replied to: enough to know which one is meant
FORWARD_MOST = 1000  # characters of each text that is passed on

Kind = discord.MessageType
# what people and bots say; the rest tells of joins, pins, new threads, boosts and the like
SPOKEN = (Kind.default, Kind.reply, Kind.thread_starter_message, Kind.chat_input_command, Kind.context_menu_command)
REPLYING = (Kind.default, Kind.reply)


def read_message(message: discord.Message, own_id: int) -> Message:
    """Turn Discord's message into ours; mentions stay ids, which cannot be forged."""
    replied, answered = _reply_of(message), _line_pointed_at(message)
    is_reply = replied is not None
    mentioned = {UserId(one.id): one.display_name for one in _mentioned(message) if one.id != own_id}
    return Message(
        message_id=MessageId(message.id),
        channel=read_channel(message),
        author=_person(message),
        content=text_shown(message),
        sent_at=message.created_at,
        speaker=_speaker(message, own_id),
        reply_to_id=replied,
        replies_to_self=is_reply and answered is not None and answered.author.id == own_id,
        mentions_self=_mentions(message, own_id),
        attachments=files_of(message),
        reply_to_user_id=UserId(answered.author.id) if is_reply and answered is not None else None,
        mentioned_ids=tuple(mentioned),
        mentioned_names=tuple(mentioned.items()),
        mentions_all=_calls_everybody(message, own_id),
        forwards=_forwards(message),
        quote=None if answered is None else _quote(answered, own_id),
        forwarded_from=_source_of(message),
    )


def read_channel(message: discord.Message) -> Channel:
    """Say where a message was written."""
    # a server that is not known here is one all the same: nothing of it may pass for a direct message
    guild_id = message.guild.id if message.guild is not None else getattr(message.channel, "guild_id", None)
    return channel_of(message.channel, guild_id)


def channel_of(place: discord.abc.Messageable | discord.abc.Snowflake, guild_id: int | None) -> Channel:
    """Describe a channel or thread of a server, or a direct conversation where there is none."""
    channel_id = ChannelId(getattr(place, "id", 0))
    if guild_id is None:
        return Channel(channel_id, ChannelKind.DM)
    if isinstance(place, discord.Thread):
        parent_id = ChannelId(place.parent_id)
        return Channel(channel_id, ChannelKind.THREAD, GuildId(guild_id), parent_id, place.is_nsfw())
    is_restricted = isinstance(place, discord.abc.GuildChannel) and bool(getattr(place, "nsfw", False))
    return Channel(channel_id, ChannelKind.GUILD, GuildId(guild_id), is_age_restricted=is_restricted)


def is_withheld(message: discord.Message, heard: Message) -> bool:
    """Say whether Discord kept the text back: a message on a server that came with nothing in it at all.

    An author cannot send such a message; Discord empties it where the intent is missing. The line that a thread begins
    with is empty of itself.
    """
    if heard.channel.kind is ChannelKind.DM or message.type is Kind.thread_starter_message:
        return False
    is_pinged = heard.mentions_self and bool(_mentioned(message))
    has_something = heard.content or heard.attachments or heard.forwards or message.embeds
    return not is_pinged and not has_something


def _reply_of(message: discord.Message) -> MessageId | None:
    """Give the line of the same channel that it replies to; a forward or a crosspost points elsewhere."""
    reference = message.reference
    if reference is None or reference.message_id is None or message.type not in REPLYING:
        return None
    is_elsewhere = reference.type is discord.MessageReferenceType.forward or message.flags.is_crossposted
    if is_elsewhere or reference.channel_id != message.channel.id:
        return None
    return MessageId(reference.message_id)


def _line_pointed_at(message: discord.Message) -> discord.Message | None:
    """Give the line that it replies to, or that its thread was opened under; None if that is not to be had."""
    resolved = message.reference.resolved if message.reference is not None else None
    is_one = _reply_of(message) is not None or message.type is Kind.thread_starter_message
    return resolved if is_one and isinstance(resolved, discord.Message) else None


def _person(message: discord.Message) -> Person:
    author = message.author
    return Person(UserId(author.id), author.display_name, is_bot=author.bot or message.webhook_id is not None)


def _quote(answered: discord.Message, own_id: int) -> Quote:
    pictures = [one for one in files_of(answered) if one.kind == "attachment" and _is_picture(one)]
    return Quote(
        author_id=UserId(answered.author.id),
        name=answered.author.display_name,
        text=text_shown(answered)[:QUOTE_MOST],
        speaker=_speaker(answered, own_id),
        attachments=tuple(pictures),
        forwarded_from=_source_of(answered),
    )


def _is_picture(one: Attachment) -> bool:
    return one.content_type.startswith("image/") and one.url is not None


def _source_of(message: discord.Message) -> tuple[ChannelId, MessageId] | None:
    """Give where the line stands that a forward passes on; None of any other message."""
    reference = message.reference
    if reference is None or reference.message_id is None:
        return None
    is_forward = reference.type is discord.MessageReferenceType.forward or bool(message.message_snapshots)
    return (ChannelId(reference.channel_id), MessageId(reference.message_id)) if is_forward else None


def _forwards(message: discord.Message) -> tuple[str, ...]:
    texts = (text_of_forward(snapshot)[:FORWARD_MOST] for snapshot in message.message_snapshots)
    return tuple(text for text in texts if text)


def _speaker(message: discord.Message, own_id: int) -> Speaker:
    """Say whose words these are: what comes by a webhook or answers a command is no person's, whatever its name."""
    if message.author.id == own_id:
        return Speaker.SELF
    is_made = message.author.bot or message.author.system or message.flags.is_crossposted
    is_made = is_made or message.webhook_id is not None or message.interaction_metadata is not None
    return Speaker.BOT if is_made else Speaker.PERSON


def _mentions(message: discord.Message, own_id: int) -> bool:
    if any(user.id == own_id for user in _mentioned(message)):
        return True
    # the role Discord made for the app carries her name: people pick it from the list by mistake
    return any(_is_of(role, own_id) for role in _roles(message))


def _calls_everybody(message: discord.Message, own_id: int) -> bool:
    return message.mention_everyone or any(not _is_of(role, own_id) for role in _roles(message))


def _mentioned(message: discord.Message) -> Sequence[discord.abc.User]:
    # the library leaves out what a server left out
    return getattr(message, "mentions", ())


def _roles(message: discord.Message) -> Sequence[discord.Role]:
    return getattr(message, "role_mentions", ())


def _is_of(role: discord.Role, own_id: int) -> bool:
    return role.tags is not None and role.tags.bot_id == own_id
