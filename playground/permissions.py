"""Discord's permission bits and how roles and channel overwrites combine. Pure.

Source: Discord reference, "Permissions", the pseudo-code under "Permission Hierarchy".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.world import Channel, Guild, User


class Permission(IntFlag):
    """The permission bits the playground acts on."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


P = Permission
ALL_PERMISSIONS = (1 << 53) - 1
DEFAULT_EVERYONE = int(
    P.ADD_REACTIONS
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.CHANGE_NICKNAME
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.CREATE_PRIVATE_THREADS
    | P.SEND_MESSAGES_IN_THREADS
)
# Discord grants everything but guild-wide powers in a direct message.
DM_PERMISSIONS = DEFAULT_EVERYONE | int(P.PIN_MESSAGES) | int(P.MENTION_EVERYONE)
WRITING = int(P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS)


@dataclass(slots=True)
class Overwrite:
    """What a channel allows or denies to one role or one member."""

    target_id: int
    is_member: bool
    allow: int = 0
    deny: int = 0

    @classmethod
    def silencing(cls, user_id: int) -> Overwrite:
        """Return the overwrite that lets a member read but not write."""
        return cls(user_id, is_member=True, deny=WRITING)


def guild_permissions(guild: Guild, user: User) -> int:
    """Combine the permissions of a member's roles; 0 for somebody who is not a member."""
    member = guild.members.get(user.user_id)
    if member is None:
        return 0
    if guild.owner_id == user.user_id:
        return ALL_PERMISSIONS
    combined = guild.roles[guild.guild_id].permissions
    for role_id in member.role_ids:
        combined |= guild.roles[role_id].permissions if role_id in guild.roles else 0
    return ALL_PERMISSIONS if combined & P.ADMINISTRATOR else combined


def channel_permissions(channel: Channel, user: User) -> int:
    """Return what *user* may do in *channel*; threads inherit from their parent."""
    guild = channel.guild
    if guild is None:
        return DM_PERMISSIONS if user in channel.recipients else 0
    combined = guild_permissions(guild, user)
    if combined in (0, ALL_PERMISSIONS):
        return combined
    home = channel.parent or channel
    combined = _overwritten(combined, home.overwrites, guild, user) if home.overwrites else combined
    return combined if combined & P.VIEW_CHANNEL else 0


def _overwritten(combined: int, overwrites: dict[int, Overwrite], guild: Guild, user: User) -> int:
    """Apply @everyone's, then all roles', then the member's own overwrite."""
    everyone = overwrites.get(guild.guild_id)
    if everyone is not None:
        combined = combined & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in guild.members[user.user_id].role_ids:
        if role_id in overwrites:
            allow |= overwrites[role_id].allow
            deny |= overwrites[role_id].deny
    combined = combined & ~deny | allow
    own = overwrites.get(user.user_id)
    return combined & ~own.deny | own.allow if own is not None else combined


def may_see(channel: Channel, user: User) -> bool:
    """Whether *user* sees *channel* at all; private threads are for their members."""
    held = channel_permissions(channel, user)
    if not held & P.VIEW_CHANNEL:
        return False
    if channel.kind == 12 and channel.thread is not None:  # ChannelType.PRIVATE_THREAD
        return user.user_id in channel.thread.member_ids or bool(held & P.MANAGE_THREADS)
    return True
