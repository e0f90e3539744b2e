"""REST routes of guild administration: who added whom (audit log, integrations), and a member's own profile.

Source: Discord reference, "Audit Log", "Get Guild Integrations", "Modify Current Member".
"""

from __future__ import annotations

import hashlib
import re

from playground.errors import MISSING_PERMISSIONS, UNKNOWN_MEMBER, ApiError, FormErrors, Json
from playground.permissions import Permission as P
from playground.permissions import guild_permissions
from playground.shapes import member_shape, user_shape
from playground.validation import check_text, snowflake
from playground.web import Call, Route
from playground.world import Guild, Member

BOT_ADD = 28  # Discord's audit log event
NICK_LIMIT, BIO_LIMIT = 32, 190
ENTRIES_MOST = 100
UNUSED = (
    "application_commands",
    "auto_moderation_rules",
    "guild_scheduled_events",
    "integrations",
    "threads",
    "webhooks",
)
IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


async def get_audit_log(call: Call) -> object:
    """List who added which application, newest first; that is all that is on record here."""
    guild = _administered(call, P.VIEW_AUDIT_LOG)
    limit = call.query_int("limit", 50, 1, ENTRIES_MOST)
    wanted = call.query_int("action_type", BOT_ADD, 1, 1000)
    before = snowflake(call.request.query.get("before", str((1 << 63) - 1)), "before")
    by = call.request.query.get("user_id")
    added = [
        one
        for one in sorted(guild.added_apps.values(), key=lambda one: -one.entry_id)
        if wanted == BOT_ADD and one.entry_id < before and by in (None, str(one.adder_id))
    ][:limit]
    users = call.core.world.users
    named = {user_id: users[user_id] for one in added for user_id in (one.adder_id, one.app_user_id)}
    entries = [
        {
            "id": str(one.entry_id),
            "user_id": str(one.adder_id),
            "target_id": str(one.app_user_id),
            "action_type": BOT_ADD,
        }
        for one in added
    ]
    return {
        "audit_log_entries": entries,
        "users": [user_shape(user) for user in named.values()],
        **{name: [] for name in UNUSED},
    }


async def get_integrations(call: Call) -> object:
    """List the applications of a guild with who added each."""
    guild = _administered(call, P.MANAGE_GUILD)
    users = call.core.world.users
    return [
        {
            "id": str(one.entry_id),
            "name": users[one.app_user_id].display_name,
            "type": "discord",
            "enabled": True,
            "account": {"id": str(one.app_user_id), "name": users[one.app_user_id].username},
            "application": {
                "id": str(one.app_user_id),
                "name": users[one.app_user_id].display_name,
                "icon": None,
                "description": "",
                "summary": "",
                "bot": user_shape(users[one.app_user_id]),
            },
            "syncing": False,
            "scopes": ["bot", "applications.commands"],
            "user": user_shape(users[one.adder_id]),
        }
        for one in guild.added_apps.values()
    ]


async def patch_own_member(call: Call) -> object:
    """Change the caller's own nickname, avatar and bio in a guild."""
    guild = call.guild()
    member = guild.members.get(call.actor.user_id)
    if member is None:
        raise ApiError(UNKNOWN_MEMBER)
    errors = FormErrors()
    check_text(errors, ("nick",), call.body.get("nick"), NICK_LIMIT)
    check_text(errors, ("bio",), call.body.get("bio"), BIO_LIMIT)
    for name in ("avatar", "banner"):
        given = call.body.get(name)
        if given is not None and not IMAGE.fullmatch(str(given)):
            errors.add((name,), "BASE_TYPE_BAD_IMAGE", "Invalid image data")
    errors.raise_if_any()
    if "nick" in call.body and not guild_permissions(guild, call.actor) & P.CHANGE_NICKNAME:
        raise ApiError(MISSING_PERMISSIONS)
    _change(member, call.body)
    data = member_shape(member)
    call.core.events.in_guild(guild, "GUILD_MEMBER_UPDATE", data | {"guild_id": str(guild.guild_id)})
    return data | {"bio": member.bio}


def _change(member: Member, body: Json) -> None:
    if "nick" in body:
        member.nick = body["nick"] or None
    if "bio" in body:
        member.bio = body["bio"] or ""
    if "avatar" in body:
        given = body["avatar"]
        member.avatar = None if given is None else hashlib.md5(given.encode(), usedforsecurity=False).hexdigest()


def _administered(call: Call, needed: P) -> Guild:
    guild = call.guild()
    if not guild_permissions(guild, call.actor) & needed:
        raise ApiError(MISSING_PERMISSIONS)
    return guild


_G = "/guilds/{guild_id}"
ROUTES = [
    Route("GET", f"{_G}/audit-logs", get_audit_log),
    Route("GET", f"{_G}/integrations", get_integrations),
    # before the route of any member, whose place "@me" would fill
    Route("PATCH", f"{_G}/members/@me", patch_own_member),
]
