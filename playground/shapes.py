"""How things look on the wire: Discord's JSON shapes of users, members, channels, guilds, messages."""

from __future__ import annotations

from datetime import datetime

from playground.errors import Json
from playground.intents import MESSAGE_CONTENT
from playground.permissions import channel_permissions
from playground.world import Channel, Guild, Member, Message, Reaction, Role, User, World


def stamp(moment: datetime | None) -> str | None:
    """Write a time the way Discord does."""
    return None if moment is None else moment.isoformat()


def user_shape(user: User) -> Json:
    """Return a user as others see it."""
    return {
        "id": str(user.user_id),
        "username": user.username,
        "global_name": user.global_name,
        "discriminator": "0000" if user.is_webhook else "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "bot": user.is_bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def own_user_shape(user: User) -> Json:
    """Return a user as it sees itself."""
    private = {"email": None, "verified": True, "mfa_enabled": True, "locale": "en-US", "bio": ""}
    return user_shape(user) | private


def member_shape(member: Member, *, with_user: bool = True) -> Json:
    """Return a guild member."""
    shape: Json = {
        "nick": member.nick,
        "avatar": member.avatar,
        "banner": None,
        "roles": [str(role_id) for role_id in sorted(member.role_ids)],
        "joined_at": stamp(member.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    if with_user:
        shape["user"] = user_shape(member.user)
    return shape


def role_shape(role: Role) -> Json:
    """Return a role."""
    return {
        "id": str(role.role_id),
        "name": role.name,
        "description": None,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": role.is_managed,
        "mentionable": role.is_mentionable,
        "flags": 0,
    } | ({} if role.bot_id is None else {"tags": {"bot_id": str(role.bot_id)}})


def channel_shape(channel: Channel, viewer: User | None = None) -> Json:
    """Return a channel; of a direct message *viewer* sees the other side."""
    if channel.is_dm:
        return _dm_shape(channel, viewer)
    if channel.thread is not None:
        return _thread_shape(channel)
    assert channel.guild is not None
    return {
        "id": str(channel.channel_id),
        "type": int(channel.kind),
        "guild_id": str(channel.guild.guild_id),
        "name": channel.name,
        "position": channel.position,
        "topic": channel.topic,
        "nsfw": channel.is_nsfw,
        "parent_id": str(channel.parent.channel_id) if channel.parent else None,
        "last_message_id": _id_or_none(channel.last_message_id),
        "last_pin_timestamp": None,
        "rate_limit_per_user": channel.slowmode_s,
        "flags": 0,
        "permission_overwrites": [
            {
                "id": str(o.target_id),
                "type": int(o.is_member),
                "allow": str(o.allow),
                "deny": str(o.deny),
            }
            for o in channel.overwrites.values()
        ],
    }


def _dm_shape(channel: Channel, viewer: User | None) -> Json:
    others = [user for user in channel.recipients if user is not viewer]
    return {
        "id": str(channel.channel_id),
        "type": int(channel.kind),
        "last_message_id": _id_or_none(channel.last_message_id),
        "last_pin_timestamp": None,
        "flags": 0,
        "recipients": [user_shape(user) for user in others],
    }


def _thread_shape(channel: Channel) -> Json:
    assert channel.thread is not None and channel.guild is not None and channel.parent is not None
    state = channel.thread
    metadata: Json = {
        "archived": state.is_archived,
        "auto_archive_duration": state.auto_archive_minutes,
        "archive_timestamp": stamp(state.archived_at or state.created_at),
        "locked": state.is_locked,
        "create_timestamp": stamp(state.created_at),
    }
    if channel.kind == 12:  # only private threads can be invited to
        metadata["invitable"] = state.is_invitable
    return {
        "id": str(channel.channel_id),
        "type": int(channel.kind),
        "guild_id": str(channel.guild.guild_id),
        "parent_id": str(channel.parent.channel_id),
        "owner_id": str(state.owner_id),
        "name": channel.name,
        "last_message_id": _id_or_none(channel.last_message_id),
        "last_pin_timestamp": None,
        "message_count": state.sent_in_all,
        "total_message_sent": state.sent_in_all,
        "member_count": min(len(state.member_ids), 50),
        "rate_limit_per_user": channel.slowmode_s,
        "flags": 0,
        "thread_metadata": metadata,
    }


def thread_member_shape(channel: Channel, user_id: int) -> Json:
    """Return one member of a thread."""
    assert channel.thread is not None
    return {
        "id": str(channel.channel_id),
        "user_id": str(user_id),
        "join_timestamp": stamp(channel.thread.member_ids[user_id]),
        "flags": 0,
    }


def channel_shape_in_state(channel: Channel, viewer: User) -> Json:
    """Return a channel with what *viewer* may do in it, as interactions and the page need it."""
    return channel_shape(channel, viewer) | {"permissions": str(channel_permissions(channel, viewer))}


def guild_shape(guild: Guild) -> Json:
    """Return a guild without its channels and members."""
    return {
        "id": str(guild.guild_id),
        "name": guild.name,
        "icon": None,
        "icon_hash": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(guild.owner_id),
        "region": "automatic",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role_shape(role) for role in guild.roles.values()],
        "emojis": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": str(guild.system_channel_id) if guild.system_channel_id else None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_members": 500000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "nsfw": False,
        "nsfw_level": 0,
        "stickers": [],
        "incidents_data": None,
    }


def guild_create_shape(guild: Guild, viewer: User, members: list[Member], presences: list[Json]) -> Json:
    """Return a guild as GUILD_CREATE carries it to *viewer*."""
    own = guild.members[viewer.user_id]
    threads = [t for t in guild.threads.values() if t.thread and not t.thread.is_archived]
    return guild_shape(guild) | {
        "joined_at": stamp(own.joined_at),
        "large": len(guild.members) > 250,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_shape(member) for member in members],
        "channels": [channel_shape(channel) for channel in guild.channels.values()],
        "threads": [channel_shape(thread) for thread in threads],
        "presences": presences,
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def is_withheld(message: Message, app_user: User, intents: int) -> bool:
    """Whether the application gets this message without its content.

    Source: Discord reference, "Message Content Intent": own messages, direct messages and
    messages that mention the application carry their content anyway.
    """
    if intents & MESSAGE_CONTENT or message.channel.guild is None:
        return False
    return message.author is not app_user and app_user not in message.mentions


class MessageShaper:
    """Shapes messages for somebody: the application under given intents, or a person (sees all)."""

    def __init__(
        self, world: World, viewer: User | None, intents: int = MESSAGE_CONTENT, app_user: User | None = None
    ) -> None:
        self._world = world
        self._viewer = viewer
        self._intents = intents
        self._app_user = app_user or world.app_user

    def shape(self, message: Message, *, in_gateway: bool = False, nested: bool = False) -> Json:
        """Return *message*; the gateway's form has guild and member, the nested one no quoted message."""
        hidden = is_withheld(message, self._app_user, self._intents)
        shape: Json = {
            "id": str(message.message_id),
            "type": message.kind,
            "channel_id": str(message.channel.channel_id),
            "author": user_shape(message.author),
            "content": "" if hidden else message.content,
            "timestamp": stamp(message.created_at),
            "edited_timestamp": stamp(message.edited_at),
            "tts": message.is_tts,
            "pinned": message.is_pinned,
            "flags": message.flags,
            "mention_everyone": message.mentions_everyone,
            "mentions": [self._mention(user, message, in_gateway) for user in message.mentions],
            "mention_roles": [str(role_id) for role_id in message.mention_role_ids],
            "attachments": [] if hidden else message.attachments,
            "embeds": [] if hidden else message.embeds,
            "components": [] if hidden else message.components,
        }
        self._add_optional(shape, message)
        if in_gateway:
            self._add_place(shape, message)
        if message.reference is not None:
            shape["message_reference"] = message.reference
            if not nested:
                self._add_quoted(shape, message)
        if message.snapshots:
            shape["message_snapshots"] = [_emptied(one) if hidden else one for one in message.snapshots]
        return shape

    def _mention(self, user: User, message: Message, in_gateway: bool) -> Json:
        """Return a mentioned user, with its membership in gateway events of guilds."""
        shape = user_shape(user)
        guild = message.channel.guild
        if in_gateway and guild is not None and user.user_id in guild.members:
            shape["member"] = member_shape(guild.members[user.user_id], with_user=False)
        return shape

    def _add_optional(self, shape: Json, message: Message) -> None:
        """Add the fields that Discord sends only where they apply."""
        if message.nonce is not None:
            shape["nonce"] = message.nonce
        if message.reactions:
            shape["reactions"] = [self._reaction(r) for r in message.reactions.values()]
        if message.application_id is not None:
            shape["application_id"] = str(message.application_id)
        if message.webhook_id is not None:
            shape["webhook_id"] = str(message.webhook_id)
        if message.interaction is not None:
            shape["interaction_metadata"] = message.interaction
            if message.interaction.get("type") == 2:
                shape["interaction"] = _legacy_interaction(message.interaction)
        if message.sticker_items:
            shape["sticker_items"] = message.sticker_items
        thread = self._world.channels.get(message.thread_id) if message.thread_id else None
        if thread is not None:
            shape["thread"] = channel_shape(thread)

    def _add_place(self, shape: Json, message: Message) -> None:
        """Add what only gateway events carry: where it happened and the author's membership."""
        shape["channel_type"] = int(message.channel.kind)
        guild = message.channel.guild
        if guild is None:
            return
        shape["guild_id"] = str(guild.guild_id)
        member = guild.members.get(message.author.user_id)
        if member is not None:
            shape["member"] = member_shape(member, with_user=False)

    def _add_quoted(self, shape: Json, message: Message) -> None:
        """Add the message answered to; `null` when that was deleted."""
        if message.replied_to is None:
            return
        home = message.channel.parent if message.kind == 21 else message.channel
        answered = self._world.find_message(home, message.replied_to) if home else None
        if answered is not None and answered.ephemeral_to not in (None, message.ephemeral_to):
            answered = None  # an answer that others see must not quote what only one person may read
        shape["referenced_message"] = self.shape(answered, nested=True) if answered else None

    def _reaction(self, reaction: Reaction) -> Json:
        """Return one emoji's count as the viewer sees it."""
        total = len(reaction.user_ids)
        is_mine = self._viewer is not None and self._viewer.user_id in reaction.user_ids
        return {
            "emoji": reaction.emoji,
            "count": total,
            "count_details": {"normal": total, "burst": 0},
            "me": is_mine,
            "me_burst": False,
            "burst_colors": [],
        }


def snapshot_shape(message: Message) -> Json:
    """Return what a forward keeps of *message*: never who wrote it."""
    kept = {
        "type": message.kind,
        "content": message.content,
        "timestamp": stamp(message.created_at),
        "edited_timestamp": stamp(message.edited_at),
        "flags": message.flags,
        "mentions": [user_shape(user) for user in message.mentions],
        "mention_roles": [str(role_id) for role_id in message.mention_role_ids],
        "attachments": list(message.attachments),
        "embeds": list(message.embeds),
        "components": list(message.components),
    }
    if message.sticker_items:
        kept["sticker_items"] = list(message.sticker_items)
    return {"message": kept}


def _emptied(snapshot: Json) -> Json:
    """Return a snapshot as it is without the content intent."""
    empty = {"content": "", "attachments": [], "embeds": [], "components": []}
    return {"message": snapshot["message"] | empty}


def _legacy_interaction(metadata: Json) -> Json:
    """Return the older `interaction` field that clients still read."""
    return {key: metadata[key] for key in ("id", "type", "name", "user") if key in metadata}


def _id_or_none(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)
