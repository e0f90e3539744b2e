"""Answers the gateway's request for guild members (op 8), by ids or by the beginning of a name. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from playground.errors import Json
from playground.intents import GUILD_MEMBERS
from playground.shapes import member_shape
from playground.world import Guild, Member, World

MEMBERS_PER_CHUNK = 1000
IDS_LIMIT = 100  # ids a client may ask for at once


def member_chunks(world: World, request: Json, intents: int) -> Iterator[Json]:
    """Yield the GUILD_MEMBERS_CHUNK events that answer *request*; none for an unknown guild."""
    guild = world.guilds.get(_number(request.get("guild_id")))
    if guild is None:
        return
    members, missing = _wanted(guild, request, intents)
    count = max(1, -(-len(members) // MEMBERS_PER_CHUNK))
    for index in range(count):
        part = members[index * MEMBERS_PER_CHUNK : (index + 1) * MEMBERS_PER_CHUNK]
        chunk: Json = {
            "guild_id": str(guild.guild_id),
            "members": [member_shape(member) for member in part],
            "chunk_index": index,
            "chunk_count": count,
        }
        if missing:
            chunk["not_found"] = missing
        if request.get("presences"):
            chunk["presences"] = []
        if request.get("nonce"):
            chunk["nonce"] = request["nonce"]
        yield chunk


def _wanted(guild: Guild, request: Json, intents: int) -> tuple[list[Member], list[str]]:
    """Return the members asked for, and the ids that name none."""
    wanted = request.get("user_ids")
    if wanted is None:
        return _named(guild, request, intents), []
    ids = [_number(i) for i in (wanted if isinstance(wanted, list) else [wanted])][:IDS_LIMIT]
    missing = [str(user_id) for user_id in ids if user_id not in guild.members]
    return [guild.members[user_id] for user_id in ids if user_id in guild.members], missing


def _named(guild: Guild, request: Json, intents: int) -> list[Member]:
    """Return members by the beginning of their name; all of them only with the members intent."""
    start, limit = str(request.get("query") or "").lower(), _number(request.get("limit"))
    if not start and not intents & GUILD_MEMBERS:
        return []
    found = [m for m in guild.members.values() if (m.nick or m.user.username).lower().startswith(start)]
    return found[:limit] if limit else found


def _number(value: object) -> int:
    """Read a snowflake or a count; anything else is 0."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else 0
