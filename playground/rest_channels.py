"""REST routes of channels and threads: reading, changing, typing, opening threads, who is in them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from playground.errors import (
    NOT_IN_DM,
    THREAD_EXISTS,
    UNKNOWN_MEMBER,
    UNKNOWN_OVERWRITE,
    ApiError,
    FormErrors,
    Json,
    form_error,
)
from playground.permissions import Overwrite, may_see
from playground.permissions import Permission as P
from playground.posting import KIND_THREAD_CREATED, KIND_THREAD_STARTER, Draft, create_message
from playground.rest_messages import require_dm_welcome
from playground.shapes import channel_shape, thread_member_shape
from playground.validation import HAS_THREAD, check_text, snowflake
from playground.web import Call, Reply, Route
from playground.world import THREAD_TYPES, Channel, ChannelType, Guild, Message

NAME_LIMIT = 100
TOPIC_LIMIT = 1024
SLOWMODE_LIMIT_S = 21_600  # six hours
ARCHIVE_MINUTES = (60, 1440, 4320, 10080)


async def get_channel(call: Call) -> object:
    """Return a channel."""
    return channel_shape(call.channel(), call.actor)


async def patch_channel(call: Call) -> object:
    """Change a channel or a thread."""
    channel = call.channel()
    if channel.is_dm:
        raise ApiError(NOT_IN_DM)
    _check_name(call.body, required=False)
    if channel.thread is not None:
        _patch_thread(call, channel)
        event = "THREAD_UPDATE"
    else:
        call.require(channel, P.MANAGE_CHANNELS)
        _patch_plain(channel, call.body)
        event = "CHANNEL_UPDATE"
    shape = channel_shape(channel)
    call.core.events.in_channel(channel, event, shape)
    return shape


def _patch_plain(channel: Channel, body: Json) -> None:
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.is_nsfw = bool(body.get("nsfw", channel.is_nsfw))
    channel.slowmode_s = int(body.get("rate_limit_per_user", channel.slowmode_s) or 0)


def _patch_thread(call: Call, channel: Channel) -> None:
    state = channel.thread
    assert state is not None
    if state.owner_id != call.actor.user_id:
        call.require(channel, P.MANAGE_THREADS)
    channel.name = call.body.get("name") or channel.name
    if "archived" in call.body:
        state.is_archived = bool(call.body["archived"])
        state.archived_at = datetime.now(UTC)
    state.is_locked = bool(call.body.get("locked", state.is_locked))
    state.is_invitable = bool(call.body.get("invitable", state.is_invitable))
    state.auto_archive_minutes = call.body.get("auto_archive_duration", state.auto_archive_minutes)


async def delete_channel(call: Call) -> object:
    """Delete a channel or a thread; of a direct message nothing is lost."""
    channel = call.channel()
    shape = channel_shape(channel, call.actor)
    if channel.is_dm:
        return shape
    call.require(channel, P.MANAGE_THREADS if channel.thread else P.MANAGE_CHANNELS)
    told = shape
    if channel.thread is not None:
        told = {key: shape[key] for key in ("id", "guild_id", "parent_id", "type")}
    event = "THREAD_DELETE" if channel.thread else "CHANNEL_DELETE"
    call.core.events.in_channel(channel, event, told)
    call.core.world.remove_channel(channel)
    return shape


async def typing(call: Call) -> None:
    """Show that the caller is writing."""
    channel = call.channel()
    if channel.is_dm:
        require_dm_welcome(call, channel)
    else:
        call.require(channel, P.SEND_MESSAGES_IN_THREADS if channel.thread else P.SEND_MESSAGES)
    call.core.events.typing(channel, call.actor, int(time.time()))


async def put_overwrite(call: Call) -> None:
    """Allow and deny permissions of a role or member in a channel."""
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(NOT_IN_DM)
    call.require(channel, P.MANAGE_ROLES)
    target_id = call.path_id("overwrite_id")
    bits = {name: snowflake(call.body.get(name) or "0", name) for name in ("allow", "deny")}
    is_member = int(call.body.get("type", int(target_id not in channel.guild.roles))) == 1
    channel.overwrites[target_id] = Overwrite(target_id, is_member, bits["allow"], bits["deny"])
    call.core.events.in_guild(channel.guild, "CHANNEL_UPDATE", channel_shape(channel))


async def delete_overwrite(call: Call) -> None:
    """Remove an overwrite."""
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(NOT_IN_DM)
    call.require(channel, P.MANAGE_ROLES)
    if channel.overwrites.pop(call.path_id("overwrite_id"), None) is None:
        raise ApiError(UNKNOWN_OVERWRITE)
    call.core.events.in_guild(channel.guild, "CHANNEL_UPDATE", channel_shape(channel))


# threads


async def thread_from_message(call: Call) -> object:
    """Open a public thread on a message; it shares the message's id."""
    channel = call.channel(P.CREATE_PUBLIC_THREADS)
    message = call.message_in(channel)
    _check_thread_body(call, channel)
    if message.thread_id is not None:
        raise ApiError(THREAD_EXISTS)
    thread = _open(call, channel, ChannelType.PUBLIC_THREAD, message.message_id)
    message.thread_id = thread.channel_id
    message.flags |= HAS_THREAD
    call.core.events.message("MESSAGE_UPDATE", message)
    _start_with(call, thread, message)
    return Reply(201, channel_shape(thread))


def _start_with(call: Call, thread: Channel, message: Message) -> None:
    """Put the thread's first, empty message in place, which points at where the thread began."""
    starter = Message(call.core.world.new_id(), thread, message.author, kind=KIND_THREAD_STARTER)
    starter.replied_to = message.message_id
    starter.reference = {
        "type": 0,
        "message_id": str(message.message_id),
        "channel_id": str(message.channel.channel_id),
        "guild_id": str(thread.guild.guild_id) if thread.guild else None,
    }
    thread.keep(starter)
    call.core.events.message("MESSAGE_CREATE", starter)


async def thread_alone(call: Call) -> object:
    """Open a thread that belongs to no message; private unless the type says otherwise."""
    channel = call.channel()
    kind = call.body.get("type", ChannelType.PRIVATE_THREAD)
    if kind not in THREAD_TYPES:
        raise form_error(("type",), "BASE_TYPE_CHOICES", "Value must be one of {11, 12}.")
    is_public = kind == ChannelType.PUBLIC_THREAD
    call.require(channel, P.CREATE_PUBLIC_THREADS if is_public else P.CREATE_PRIVATE_THREADS)
    _check_thread_body(call, channel)
    thread = _open(call, channel, ChannelType(kind), call.core.world.new_id())
    if is_public:
        reference = {
            "channel_id": str(thread.channel_id),
            "guild_id": str(channel.guild.guild_id) if channel.guild else None,
        }
        draft = Draft({"content": thread.name}, kind=KIND_THREAD_CREATED, reference=reference)
        create_message(call.core, channel, call.actor, draft)
    return Reply(201, channel_shape(thread))


def _check_thread_body(call: Call, channel: Channel) -> None:
    if channel.guild is None or channel.thread is not None:
        raise form_error(("channel_id",), "CHANNEL_TYPE_INVALID", "Threads cannot be opened here.")
    _check_name(call.body, required=True)
    minutes = call.body.get("auto_archive_duration", 1440)
    if minutes not in ARCHIVE_MINUTES:
        choices = "Value must be one of (60, 1440, 4320, 10080)."
        raise form_error(("auto_archive_duration",), "BASE_TYPE_CHOICES", choices)


def _open(call: Call, channel: Channel, kind: ChannelType, thread_id: int) -> Channel:
    thread = call.core.world.add_thread(channel, str(call.body["name"]).strip(), call.actor, kind, thread_id)
    assert thread.thread is not None
    thread.thread.auto_archive_minutes = call.body.get("auto_archive_duration", 1440)
    shape = channel_shape(thread) | {"newly_created": True}
    call.core.events.in_channel(thread, "THREAD_CREATE", shape)
    return thread


def _check_name(body: Json, *, required: bool) -> None:
    errors = FormErrors()
    check_text(errors, ("name",), body.get("name"), NAME_LIMIT, required=required)
    check_text(errors, ("topic",), body.get("topic"), TOPIC_LIMIT)
    slowmode = body.get("rate_limit_per_user") or 0
    if not 0 <= slowmode <= SLOWMODE_LIMIT_S:
        message = f"int value should be between 0 and {SLOWMODE_LIMIT_S}."
        errors.add(("rate_limit_per_user",), "NUMBER_TYPE_MAX", message)
    errors.raise_if_any()


async def join_thread(call: Call) -> None:
    """Add the caller, or somebody else, to a thread."""
    thread = call.channel()
    if thread.thread is None:
        raise ApiError(NOT_IN_DM)
    user = call.path_user()
    thread.thread.member_ids.setdefault(user.user_id, datetime.now(UTC))
    _tell_members(call, thread, added=[user.user_id], removed=[])


async def leave_thread(call: Call) -> None:
    """Take the caller, or somebody else, out of a thread."""
    thread, user = call.channel(), call.path_user()
    if thread.thread is None:
        raise ApiError(NOT_IN_DM)
    if user is not call.actor and thread.thread.owner_id != call.actor.user_id:
        call.require(thread, P.MANAGE_THREADS)
    if thread.thread.member_ids.pop(user.user_id, None) is None:
        raise ApiError(UNKNOWN_MEMBER)
    _tell_members(call, thread, added=[], removed=[user.user_id])


def _tell_members(call: Call, thread: Channel, *, added: list[int], removed: list[int]) -> None:
    assert thread.thread is not None and thread.guild is not None
    data: Json = {
        "id": str(thread.channel_id),
        "guild_id": str(thread.guild.guild_id),
        "member_count": len(thread.thread.member_ids),
        "added_members": [thread_member_shape(thread, user_id) for user_id in added],
        "removed_member_ids": [str(user_id) for user_id in removed],
    }
    call.core.events.in_channel(thread, "THREAD_MEMBERS_UPDATE", data)


async def get_thread_members(call: Call) -> object:
    """List who is in a thread."""
    thread = call.channel()
    ids = list(thread.thread.member_ids) if thread.thread else []
    return [thread_member_shape(thread, user_id) for user_id in ids]


async def get_thread_member(call: Call) -> object:
    """Return one member of a thread."""
    thread, user = call.channel(), call.path_user()
    if thread.thread is None or user.user_id not in thread.thread.member_ids:
        raise ApiError(UNKNOWN_MEMBER)
    return thread_member_shape(thread, user.user_id)


def threads_shape(call: Call, guild: Guild, threads: list[Channel]) -> Json:
    """Return the threads the caller may see, with the caller's membership in each."""
    seen = [thread for thread in threads if may_see(thread, call.actor)]
    own = call.actor.user_id
    joined = [thread for thread in seen if thread.thread and own in thread.thread.member_ids]
    return {
        "threads": [channel_shape(thread) for thread in seen],
        "members": [thread_member_shape(thread, own) for thread in joined],
        "has_more": False,
    }


async def active_threads(call: Call) -> object:
    """List a guild's open threads."""
    guild = call.guild()
    return threads_shape(call, guild, [t for t in guild.threads.values() if t.thread and not t.thread.is_archived])


async def archived_threads(call: Call) -> object:
    """List a channel's archived threads, public or private as the path says."""
    channel = call.channel(P.READ_MESSAGE_HISTORY)
    if channel.guild is None:
        raise ApiError(NOT_IN_DM)
    is_private = call.request.path.endswith("private")
    kind = ChannelType.PRIVATE_THREAD if is_private else ChannelType.PUBLIC_THREAD
    threads = [
        t
        for t in channel.guild.threads.values()
        if t.parent is channel and t.kind is kind and t.thread and t.thread.is_archived
    ]
    return threads_shape(call, channel.guild, threads)


_C = "/channels/{channel_id}"
ROUTES = [
    Route("GET", _C, get_channel),
    Route("PATCH", _C, patch_channel),
    Route("DELETE", _C, delete_channel),
    Route("POST", f"{_C}/typing", typing),
    Route("PUT", f"{_C}/permissions/{{overwrite_id}}", put_overwrite),
    Route("DELETE", f"{_C}/permissions/{{overwrite_id}}", delete_overwrite),
    Route("POST", f"{_C}/threads", thread_alone),
    Route("POST", f"{_C}/messages/{{message_id}}/threads", thread_from_message),
    Route("GET", f"{_C}/threads/archived/public", archived_threads),
    Route("GET", f"{_C}/threads/archived/private", archived_threads),
    Route("GET", f"{_C}/users/@me/threads/archived/private", archived_threads),
    Route("GET", f"{_C}/thread-members", get_thread_members),
    Route("GET", f"{_C}/thread-members/{{user_id}}", get_thread_member),
    Route("PUT", f"{_C}/thread-members/{{user_id}}", join_thread),
    Route("DELETE", f"{_C}/thread-members/{{user_id}}", leave_thread),
    Route("GET", "/guilds/{guild_id}/threads/active", active_threads),
]
