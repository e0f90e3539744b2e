"""How Discord's messages and channels are read: live ones and those of a channel's history alike."""

from __future__ import annotations

import discord

from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Attachment, Channel, ChannelKind, Message, Person, Speaker

# what people say; the rest tells of joins, pins, boosts and the like
SPOKEN = (discord.MessageType.default, discord.MessageType.reply, discord.MessageType.thread_starter_message)


def read_message(message: discord.Message, own_id: int) -> Message:
    """Turn Discord's message into ours; mentions stay ids, which cannot be forged."""
    author = message.author
    replied = message.reference.resolved if message.reference is not None else None
    is_reply_to_self = isinstance(replied, discord.Message) and replied.author.id == own_id
    is_reply = message.type is discord.MessageType.reply and message.reference is not None
    reply_to = message.reference.message_id if is_reply and message.reference is not None else None
    return Message(
        message_id=MessageId(message.id),
        channel=read_channel(message),
        author=Person(UserId(author.id), author.display_name, is_bot=author.bot),
        content=message.content,
        sent_at=message.created_at,
        speaker=_speaker(message, own_id),
        reply_to_id=None if reply_to is None else MessageId(reply_to),
        replies_to_self=is_reply_to_self,
        mentions_self=_mentions(message, own_id),
        attachments=_attachments(message),
    )


def read_channel(message: discord.Message) -> Channel:
    """Say where a message was written."""
    if message.guild is None:
        return Channel(ChannelId(message.channel.id), ChannelKind.DM)
    is_thread = isinstance(message.channel, discord.Thread)
    kind = ChannelKind.THREAD if is_thread else ChannelKind.GUILD
    return Channel(ChannelId(message.channel.id), kind, GuildId(message.guild.id))


def is_withheld(message: discord.Message, heard: Message) -> bool:
    """Say whether Discord kept the text back: a message on a server that came with nothing in it at all.

    An author cannot send such a message; Discord empties it where the intent is missing.
    """
    if message.guild is None:
        return False
    is_pinged = heard.mentions_self and bool(message.mentions)
    return not is_pinged and not message.content and not heard.attachments and not message.embeds


def _speaker(message: discord.Message, own_id: int) -> Speaker:
    if message.author.id == own_id:
        return Speaker.SELF
    return Speaker.BOT if message.author.bot or message.webhook_id is not None else Speaker.PERSON


def _mentions(message: discord.Message, own_id: int) -> bool:
    if any(user.id == own_id for user in message.mentions):
        return True
    # the role Discord made for the app carries her name: people pick it from the list by mistake
    return any(role.tags is not None and role.tags.bot_id == own_id for role in message.role_mentions)


def _attachments(message: discord.Message) -> tuple[Attachment, ...]:
    files = [Attachment(one.filename, one.content_type or "", one.size) for one in message.attachments]
    stickers = [Attachment(one.name, "sticker", 0, kind="sticker") for one in message.stickers]
    forwards = [
        Attachment(snapshot.content or "", "forwarded message", 0, kind="forward")
        for snapshot in message.message_snapshots
    ]
    return (*files, *stickers, *forwards)
