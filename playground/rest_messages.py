"""REST routes of messages: history, sending, editing, deleting, reactions, pins."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import unquote

from playground.errors import (
    BULK_DELETE_COUNT,
    CANNOT_DM,
    MISSING_PERMISSIONS,
    NOT_A_TEXT_CHANNEL,
    NOT_IN_DM,
    NOT_THE_AUTHOR,
    SYSTEM_MESSAGE,
    THREAD_ARCHIVED,
    TOO_MANY_PINS,
    TOO_MANY_REACTIONS,
    TOO_OLD_TO_BULK_DELETE,
    UNKNOWN_EMOJI,
    ApiError,
    Json,
)
from playground.events import place_of
from playground.permissions import Permission as P
from playground.posting import KIND_PIN, Draft, create_message, delete_message, edit_message
from playground.shapes import member_shape, stamp, user_shape
from playground.validation import snowflake
from playground.web import Call, Route
from playground.world import WRITABLE_TYPES, Channel, Message, Reaction, User

REACTIONS_LIMIT = 20  # different emojis under a message
PINS_LIMIT = 250
EMOJI_LENGTH_LIMIT = 32  # code points; family and flag sequences stay well below
EMOJI_LETTERS = "\u2139"  # the information sign is an emoji and a letter
BULK_DELETE_AGE_MS = 14 * 24 * 3600 * 1000
DELETABLE_KINDS = frozenset({0, 6, 7, 8, 18, 19, 20, 22, 23, 24})
EDITABLE_KINDS = frozenset({0, 19, 20, 23})


async def get_messages(call: Call) -> object:
    """List a channel's messages, newest first, round `around`, before `before` or after `after`."""
    channel = call.channel()
    limit = call.query_int("limit", 50, 1, 100)
    if not call.holds(channel, P.READ_MESSAGE_HISTORY):
        return []
    query = call.request.query
    if "around" in query:
        middle = snowflake(query["around"], "around")
        found = channel.after(middle - 1, limit // 2 + 1) + channel.before(middle, limit // 2)
    elif "after" in query:
        found = channel.after(snowflake(query["after"], "after"), limit)
    else:
        before = snowflake(query["before"], "before") if "before" in query else None
        found = channel.before(before, limit)
    return [call.shape(message) for message in found[:limit]]


async def get_message(call: Call) -> object:
    """Return one message."""
    return call.shape(call.message_in(call.channel(P.READ_MESSAGE_HISTORY)))


async def post_message(call: Call) -> object:
    """Send a message."""
    channel = call.channel()
    require_writable(call, channel)
    return call.shape(create_message(call.core, channel, call.actor, Draft(call.body, call.files)))


def require_writable(call: Call, channel: Channel) -> None:
    """Refuse where the caller may not write what it sends."""
    if channel.is_dm:
        require_dm_welcome(call, channel)
        return
    if channel.kind not in WRITABLE_TYPES:
        raise ApiError(NOT_A_TEXT_CHANNEL)
    call.require(channel, P.SEND_MESSAGES_IN_THREADS if channel.thread else P.SEND_MESSAGES)
    if call.files:
        call.require(channel, P.ATTACH_FILES)
    if call.body.get("embeds"):
        call.require(channel, P.EMBED_LINKS)
    if channel.thread is not None and channel.thread.is_archived:
        if channel.thread.is_locked and not call.holds(channel, P.MANAGE_THREADS):
            raise ApiError(THREAD_ARCHIVED)
        channel.thread.is_archived = False


def require_dm_welcome(call: Call, channel: Channel) -> None:
    """Refuse a direct message that its receiver does not take."""
    for other in channel.recipients:
        if other is call.actor:
            continue
        both_bots = other.is_bot and call.actor.is_bot
        if other.blocks_dms or both_bots or not call.core.world.share_a_guild(call.actor, other):
            raise ApiError(CANNOT_DM)


async def patch_message(call: Call) -> object:
    """Edit one's own message."""
    message = call.message_in(call.channel())
    if message.author is not call.actor:
        if set(call.body) != {"flags"} or message.channel.is_dm:
            raise ApiError(NOT_THE_AUTHOR)
        call.require(message.channel, P.MANAGE_MESSAGES)
    if message.kind not in EDITABLE_KINDS:
        raise ApiError(SYSTEM_MESSAGE)
    edit_message(call.core, message, call.body, call.files)
    return call.shape(message)


async def remove_message(call: Call) -> None:
    """Delete one's own message, or anybody's with the permission."""
    channel = call.channel()
    message = call.message_in(channel)
    if message.author is not call.actor:
        if channel.is_dm:
            raise ApiError(NOT_IN_DM)
        call.require(channel, P.MANAGE_MESSAGES)
    if message.kind not in DELETABLE_KINDS:
        raise ApiError(SYSTEM_MESSAGE)
    delete_message(call.core, message)


async def bulk_delete(call: Call) -> None:
    """Delete many messages at once."""
    channel = call.channel()
    if channel.is_dm:
        raise ApiError(NOT_IN_DM)
    call.require(channel, P.MANAGE_MESSAGES)
    ids = [snowflake(i, "messages") for i in call.body.get("messages") or []]
    if not 2 <= len(ids) <= 100:
        raise ApiError(BULK_DELETE_COUNT)
    oldest = (int(time.time() * 1000) - 1_420_070_400_000 - BULK_DELETE_AGE_MS) << 22
    if any(message_id < oldest for message_id in ids):
        raise ApiError(TOO_OLD_TO_BULK_DELETE)
    gone = [message_id for message_id in dict.fromkeys(ids) if message_id in channel.messages]
    for message_id in gone:
        channel.drop(message_id)
    data = {"ids": [str(message_id) for message_id in gone], **place_of(channel)}
    call.core.events.in_channel(channel, "MESSAGE_DELETE_BULK", data)


# reactions


def parse_emoji(raw: str) -> Json:
    """Read an emoji of a path; guilds here have no emojis of their own, so only Unicode ones are known."""
    emoji = unquote(raw)
    is_keycap = emoji.endswith("\u20e3")
    is_pictorial = all(ord(c) >= 0xA9 and (not c.isalpha() or c in EMOJI_LETTERS) for c in emoji)
    if not emoji or len(emoji) > EMOJI_LENGTH_LIMIT or not (is_keycap or is_pictorial):
        raise ApiError(UNKNOWN_EMOJI)
    return {"id": None, "name": emoji}


def _path_emoji(call: Call) -> Json:
    return parse_emoji(call.request.match_info["emoji"])


async def put_reaction(call: Call) -> None:
    """React to a message."""
    channel = call.channel(P.READ_MESSAGE_HISTORY)
    message = call.message_in(channel)
    emoji = _path_emoji(call)
    reaction = message.reactions.get(emoji["name"])
    if reaction is None:
        call.require(channel, P.ADD_REACTIONS)
        if len(message.reactions) >= REACTIONS_LIMIT:
            raise ApiError(TOO_MANY_REACTIONS)
        reaction = message.reactions[emoji["name"]] = Reaction(emoji)
    if call.actor.user_id in reaction.user_ids:
        return
    reaction.user_ids[call.actor.user_id] = None
    _tell_reaction(call, "MESSAGE_REACTION_ADD", message, call.actor, emoji)


def _tell_reaction(call: Call, event: str, message: Message, user: User, emoji: Json) -> None:
    channel = message.channel
    data: Json = {
        "user_id": str(user.user_id),
        "message_id": str(message.message_id),
        "emoji": emoji,
        "burst": False,
        "type": 0,
        **place_of(channel),
    }
    if event == "MESSAGE_REACTION_ADD":
        data["message_author_id"] = str(message.author.user_id)
        data["burst_colors"] = []
        if channel.guild is not None and user.user_id in channel.guild.members:
            data["member"] = member_shape(channel.guild.members[user.user_id])
    call.core.events.in_channel(channel, event, data)


async def delete_reaction(call: Call) -> None:
    """Take back a reaction; somebody else's needs a permission."""
    channel = call.channel()
    message, user = call.message_in(channel), call.path_user()
    if user is not call.actor:
        if channel.is_dm:
            raise ApiError(NOT_IN_DM)
        call.require(channel, P.MANAGE_MESSAGES)
    emoji = _path_emoji(call)
    reaction = message.reactions.get(emoji["name"])
    if reaction is None or user.user_id not in reaction.user_ids:
        raise ApiError(UNKNOWN_EMOJI)
    del reaction.user_ids[user.user_id]
    if not reaction.user_ids:
        del message.reactions[emoji["name"]]
    _tell_reaction(call, "MESSAGE_REACTION_REMOVE", message, user, emoji)


async def get_reactions(call: Call) -> object:
    """List who reacted with an emoji."""
    message = call.message_in(call.channel(P.READ_MESSAGE_HISTORY))
    reaction = message.reactions.get(_path_emoji(call)["name"])
    limit = call.query_int("limit", 25, 1, 100)
    after = snowflake(call.request.query.get("after", "0"), "after")
    ids = sorted(i for i in reaction.user_ids if i > after) if reaction else []
    return [user_shape(call.core.world.users[user_id]) for user_id in ids[:limit]]


async def clear_reactions(call: Call) -> None:
    """Remove all reactions, or all of one emoji."""
    channel = call.channel()
    if channel.is_dm:
        raise ApiError(NOT_IN_DM)
    call.require(channel, P.MANAGE_MESSAGES)
    message = call.message_in(channel)
    data: Json = {"message_id": str(message.message_id), **place_of(channel)}
    if "emoji" not in call.request.match_info:
        message.reactions.clear()
        call.core.events.in_channel(channel, "MESSAGE_REACTION_REMOVE_ALL", data)
        return
    emoji = _path_emoji(call)
    if message.reactions.pop(emoji["name"], None) is None:
        raise ApiError(UNKNOWN_EMOJI)
    call.core.events.in_channel(channel, "MESSAGE_REACTION_REMOVE_EMOJI", data | {"emoji": emoji})


# pins


def _pinned(channel: Channel) -> list[Message]:
    return [message for message in reversed(channel.messages.values()) if message.is_pinned]


async def get_pins(call: Call) -> object:
    """List pinned messages in the current form, with the time of each pin."""
    channel = call.channel(P.READ_MESSAGE_HISTORY)
    items = [{"pinned_at": stamp(m.created_at), "message": call.shape(m)} for m in _pinned(channel)]
    return {"items": items, "has_more": False}


async def get_pins_of_old(call: Call) -> object:
    """List pinned messages in the older form."""
    return [call.shape(message) for message in _pinned(call.channel(P.READ_MESSAGE_HISTORY))]


async def pin(call: Call) -> None:
    """Pin or unpin a message; a pin leaves a system message."""
    channel = call.channel()
    if not channel.is_dm and not call.holds(channel, P.PIN_MESSAGES):
        raise ApiError(MISSING_PERMISSIONS)
    message = call.message_in(channel)
    is_pinned = call.request.method == "PUT"
    if is_pinned and len(_pinned(channel)) >= PINS_LIMIT:
        raise ApiError(TOO_MANY_PINS)
    if message.is_pinned == is_pinned:
        return
    message.is_pinned = is_pinned
    call.core.events.message("MESSAGE_UPDATE", message)
    pinned_at = stamp(datetime.now(UTC)) if is_pinned else None
    data = {"last_pin_timestamp": pinned_at, **place_of(channel)}
    call.core.events.in_channel(channel, "CHANNEL_PINS_UPDATE", data)
    if is_pinned:
        draft = Draft({}, kind=KIND_PIN, replied_to=message.message_id, may_be_empty=True)
        create_message(call.core, channel, call.actor, draft)


_M = "/channels/{channel_id}/messages"
ROUTES = [
    Route("GET", _M, get_messages),
    Route("POST", _M, post_message),
    Route("POST", f"{_M}/bulk-delete", bulk_delete),
    Route("GET", f"{_M}/pins", get_pins),
    Route("PUT", f"{_M}/pins/{{message_id}}", pin),
    Route("DELETE", f"{_M}/pins/{{message_id}}", pin),
    Route("GET", "/channels/{channel_id}/pins", get_pins_of_old),
    Route("PUT", "/channels/{channel_id}/pins/{message_id}", pin),
    Route("DELETE", "/channels/{channel_id}/pins/{message_id}", pin),
    Route("GET", f"{_M}/{{message_id}}", get_message),
    Route("PATCH", f"{_M}/{{message_id}}", patch_message),
    Route("DELETE", f"{_M}/{{message_id}}", remove_message),
    Route("DELETE", f"{_M}/{{message_id}}/reactions", clear_reactions),
    Route("DELETE", f"{_M}/{{message_id}}/reactions/{{emoji}}", clear_reactions),
    Route("GET", f"{_M}/{{message_id}}/reactions/{{emoji}}", get_reactions),
    Route("PUT", f"{_M}/{{message_id}}/reactions/{{emoji}}/@me", put_reaction),
    Route("DELETE", f"{_M}/{{message_id}}/reactions/{{emoji}}/{{user_id}}", delete_reaction),
]
