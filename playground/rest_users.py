"""REST routes of users, the application itself, the gateway's address, and guilds as members see them."""

from __future__ import annotations

from playground.errors import (
    INVALID_RECIPIENTS,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNKNOWN_MEMBER,
    UNKNOWN_ROLE,
    ApiError,
    FormErrors,
    Json,
)
from playground.intents import GUILD_MEMBERS, application_flags
from playground.permissions import Overwrite, guild_permissions
from playground.permissions import Permission as P
from playground.shapes import (
    channel_shape,
    guild_shape,
    member_shape,
    own_user_shape,
    role_shape,
    user_shape,
)
from playground.validation import check_text, snowflake
from playground.web import Call, Reply, Route
from playground.world import Channel, ChannelType, Guild, Member, Role

IDENTIFIES_PER_DAY = 1000  # Discord's session start limit for small applications


async def get_own_user(call: Call) -> object:
    """Return the caller."""
    return own_user_shape(call.actor)


async def patch_own_user(call: Call) -> object:
    """Rename the caller."""
    errors = FormErrors()
    check_text(errors, ("username",), call.body.get("username"), 32)
    errors.raise_if_any()
    call.actor.username = call.body.get("username") or call.actor.username
    call.core.events.user_changed(call.actor)
    return own_user_shape(call.actor)


async def get_user(call: Call) -> object:
    """Return any user."""
    return user_shape(call.path_user())


async def open_dm(call: Call) -> object:
    """Open the direct-message channel with somebody, or return the one that is there."""
    recipient_id = snowflake(call.body.get("recipient_id"), "recipient_id")
    other = call.core.world.users.get(recipient_id)
    if other is None or other is call.actor:
        raise ApiError(INVALID_RECIPIENTS)
    channel, is_new = call.core.world.dm_between(call.actor, other)
    if is_new:
        call.core.events.dm_opened(channel)
    return channel_shape(channel, call.actor)


async def get_own_channels(call: Call) -> object:
    """List a person's direct messages; an application's list is always empty on Discord."""
    if call.is_app:
        return []
    own = [dm for dm in call.core.world.dms.values() if call.actor in dm.recipients]
    return [channel_shape(dm, call.actor) for dm in own]


async def get_own_guilds(call: Call) -> object:
    """List the caller's guilds."""
    limit = call.query_int("limit", 200, 1, 200)
    after = snowflake(call.request.query.get("after", "0"), "after")
    guilds = [g for g in call.core.world.guilds.values() if call.actor.user_id in g.members and g.guild_id > after]
    return [_guild_stub(call, guild) for guild in guilds[:limit]]


def _guild_stub(call: Call, guild: Guild) -> Json:
    stub: Json = {
        "id": str(guild.guild_id),
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": guild.owner_id == call.actor.user_id,
        "permissions": str(guild_permissions(guild, call.actor)),
        "features": [],
    }
    if call.request.query.get("with_counts") in ("1", "true", "True"):
        stub["approximate_member_count"] = stub["approximate_presence_count"] = len(guild.members)
    return stub


async def leave_guild(call: Call) -> None:
    """Let the caller leave a guild."""
    guild = call.guild()
    data = {"guild_id": str(guild.guild_id), "user": user_shape(call.actor)}
    if call.is_app:
        call.core.events.to_app(call.actor, "GUILD_DELETE", guild.guild_id, {"id": str(guild.guild_id)})
    del guild.members[call.actor.user_id]
    call.core.events.in_guild(guild, "GUILD_MEMBER_REMOVE", data)


# the application


def application_shape(call: Call) -> Json:
    """Return the application; its flags tell which privileged intents are approved."""
    world, app_user = call.core.world, call.core.app_user
    owner = next(iter(world.people), app_user)
    return {
        "id": str(app_user.user_id),
        "name": app_user.display_name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user_shape(app_user),
        "bot_public": False,
        "bot_require_code_grant": False,
        "owner": user_shape(owner),
        "team": None,
        "verify_key": "0" * 64,
        "flags": application_flags(call.core.approved_intents),
        "hook": True,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}, "1": {}},
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "tags": [],
    }


async def get_application(call: Call) -> object:
    """Return the calling application."""
    call.require_app()
    return application_shape(call)


async def get_nothing(call: Call) -> object:
    """Answer lists that are always empty here: entitlements, products."""
    call.require_app()
    return []


async def get_no_emojis(call: Call) -> object:
    """Answer the application's emojis: none."""
    call.require_app()
    return {"items": []}


# the gateway's address


async def get_gateway(call: Call) -> object:
    """Say where the gateway is."""
    return {"url": call.core.gateway_url}


async def get_gateway_bot(call: Call) -> object:
    """Say where the gateway is and how to start sessions."""
    call.require_app()
    return {
        "url": call.core.gateway_url,
        "shards": 1,
        "session_start_limit": {
            "total": IDENTIFIES_PER_DAY,
            "remaining": IDENTIFIES_PER_DAY - 1,
            "reset_after": 86_400_000,
            "max_concurrency": call.core.options.max_concurrency,
        },
    }


# guilds


async def get_guild(call: Call) -> object:
    """Return a guild."""
    guild = call.guild()
    shape = guild_shape(guild)
    if call.request.query.get("with_counts") in ("1", "true", "True"):
        shape["approximate_member_count"] = shape["approximate_presence_count"] = len(guild.members)
    return shape


async def get_guild_channels(call: Call) -> object:
    """List a guild's channels, without threads."""
    return [channel_shape(channel) for channel in call.guild().channels.values()]


async def post_guild_channel(call: Call) -> object:
    """Make a channel."""
    guild = call.guild()
    if not guild_permissions(guild, call.actor) & P.MANAGE_CHANNELS:
        raise ApiError(MISSING_PERMISSIONS)
    return Reply(201, channel_shape(make_channel(call, guild)))


def make_channel(call: Call, guild: Guild) -> Channel:
    """Make the channel a body asks for and tell the guild."""
    errors = FormErrors()
    check_text(errors, ("name",), call.body.get("name"), 100, required=True)
    kind = call.body.get("type") or 0
    if kind not in (ChannelType.TEXT, ChannelType.VOICE, ChannelType.CATEGORY, ChannelType.NEWS):
        errors.add(("type",), "BASE_TYPE_CHOICES", "Value must be one of {0, 2, 4, 5}.")
    errors.raise_if_any()
    name = str(call.body["name"]).strip()
    channel = call.core.world.add_channel(guild, name, ChannelType(kind), topic=call.body.get("topic"))
    channel.is_nsfw = bool(call.body.get("nsfw"))
    for given in call.body.get("permission_overwrites") or []:
        target_id = snowflake(given["id"], "permission_overwrites", "id")
        allow, deny = int(given.get("allow") or 0), int(given.get("deny") or 0)
        channel.overwrites[target_id] = Overwrite(target_id, int(given.get("type", 0)) == 1, allow, deny)
    call.core.events.in_channel(channel, "CHANNEL_CREATE", channel_shape(channel))
    return channel


async def get_roles(call: Call) -> object:
    """List a guild's roles."""
    return [role_shape(role) for role in call.guild().roles.values()]


async def post_role(call: Call) -> object:
    """Make a role."""
    guild = call.guild()
    if not guild_permissions(guild, call.actor) & P.MANAGE_ROLES:
        raise ApiError(MISSING_PERMISSIONS)
    errors = FormErrors()
    check_text(errors, ("name",), call.body.get("name"), 100)
    errors.raise_if_any()
    held = snowflake(call.body.get("permissions") or guild.roles[guild.guild_id].permissions, "permissions")
    role = Role(call.core.world.new_id(), str(call.body.get("name") or "new role"), held, len(guild.roles))
    role.is_mentionable = bool(call.body.get("mentionable"))
    guild.roles[role.role_id] = role
    data = {"guild_id": str(guild.guild_id), "role": role_shape(role)}
    call.core.events.in_guild(guild, "GUILD_ROLE_CREATE", data)
    return role_shape(role)


def _path_role(call: Call, guild: Guild) -> Role:
    role = guild.roles.get(call.path_id("role_id"))
    if role is None:
        raise ApiError(UNKNOWN_ROLE)
    return role


async def get_role(call: Call) -> object:
    """Return one role."""
    return role_shape(_path_role(call, call.guild()))


async def get_members(call: Call) -> object:
    """List a guild's members; an application needs the privileged intent for that."""
    guild = call.guild()
    if call.is_app and not call.core.approved_intents & GUILD_MEMBERS:
        raise ApiError(MISSING_ACCESS)
    limit = call.query_int("limit", 1, 1, 1000)
    after = snowflake(call.request.query.get("after", "0"), "after")
    ids = [user_id for user_id in sorted(guild.members) if user_id > after]
    return [member_shape(guild.members[user_id]) for user_id in ids[:limit]]


async def search_members(call: Call) -> object:
    """Find members by the beginning of their name."""
    guild = call.guild()
    start, limit = call.request.query.get("query", "").lower(), call.query_int("limit", 1, 1, 1000)
    found = [m for m in guild.members.values() if (m.nick or m.user.username).lower().startswith(start)]
    return [member_shape(member) for member in found[:limit]]


def _path_member(call: Call, guild: Guild) -> Member:
    user = call.path_user()
    if user.user_id not in guild.members:
        raise ApiError(UNKNOWN_MEMBER)
    return guild.members[user.user_id]


async def get_member(call: Call) -> object:
    """Return one member."""
    return member_shape(_path_member(call, call.guild()))


async def patch_member(call: Call) -> object:
    """Change a member's nickname or roles."""
    guild = call.guild()
    member = _path_member(call, guild)
    held = guild_permissions(guild, call.actor)
    if "nick" in call.body:
        needed = P.CHANGE_NICKNAME if member.user is call.actor else P.MANAGE_NICKNAMES
        if not held & needed:
            raise ApiError(MISSING_PERMISSIONS)
        member.nick = call.body["nick"] or None
    if "roles" in call.body:
        if not held & P.MANAGE_ROLES:
            raise ApiError(MISSING_PERMISSIONS)
        member.role_ids = {snowflake(role_id, "roles") for role_id in call.body["roles"] or []} & set(guild.roles)
    data = member_shape(member)
    call.core.events.in_guild(guild, "GUILD_MEMBER_UPDATE", data | {"guild_id": str(guild.guild_id)})
    return data


async def change_member_role(call: Call) -> None:
    """Give a member a role, or take it."""
    guild = call.guild()
    if not guild_permissions(guild, call.actor) & P.MANAGE_ROLES:
        raise ApiError(MISSING_PERMISSIONS)
    member, role = _path_member(call, guild), _path_role(call, guild)
    change = member.role_ids.add if call.request.method == "PUT" else member.role_ids.discard
    change(role.role_id)
    data = member_shape(member) | {"guild_id": str(guild.guild_id)}
    call.core.events.in_guild(guild, "GUILD_MEMBER_UPDATE", data)


async def get_no_list(call: Call) -> object:
    """Answer lists of things guilds here do not have: emojis, stickers, webhooks, invites."""
    call.guild()
    return []


async def logout(call: Call) -> object:
    """Accept the end of a login."""


_G = "/guilds/{guild_id}"
ROUTES = [
    Route("GET", "/gateway", get_gateway, needs_authorization=False),
    Route("GET", "/gateway/bot", get_gateway_bot),
    Route("GET", "/users/@me", get_own_user),
    Route("PATCH", "/users/@me", patch_own_user),
    Route("GET", "/users/@me/channels", get_own_channels),
    Route("POST", "/users/@me/channels", open_dm),
    Route("GET", "/users/@me/guilds", get_own_guilds),
    Route("DELETE", "/users/@me/guilds/{guild_id}", leave_guild),
    Route("GET", "/users/{user_id}", get_user),
    Route("GET", "/applications/@me", get_application),
    Route("GET", "/oauth2/applications/@me", get_application),
    Route("GET", "/applications/{application_id}/emojis", get_no_emojis),
    Route("GET", "/applications/{application_id}/entitlements", get_nothing),
    Route("GET", "/applications/{application_id}/skus", get_nothing),
    Route("POST", "/auth/logout", logout),
    Route("GET", _G, get_guild),
    Route("GET", f"{_G}/channels", get_guild_channels),
    Route("POST", f"{_G}/channels", post_guild_channel),
    Route("GET", f"{_G}/roles", get_roles),
    Route("POST", f"{_G}/roles", post_role),
    Route("GET", f"{_G}/roles/{{role_id}}", get_role),
    Route("GET", f"{_G}/members", get_members),
    Route("GET", f"{_G}/members/search", search_members),
    Route("GET", f"{_G}/members/{{user_id}}", get_member),
    Route("PATCH", f"{_G}/members/{{user_id}}", patch_member),
    Route("PUT", f"{_G}/members/{{user_id}}/roles/{{role_id}}", change_member_role),
    Route("DELETE", f"{_G}/members/{{user_id}}/roles/{{role_id}}", change_member_role),
    Route("GET", f"{_G}/emojis", get_no_list),
    Route("GET", f"{_G}/stickers", get_no_list),
]
