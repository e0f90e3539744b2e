"""Who a message pings: names in its text and the author it answers, within `allowed_mentions`. Pure."""

from __future__ import annotations

import re

from playground.components import ComponentType, walk
from playground.errors import Json
from playground.permissions import Permission, channel_permissions
from playground.world import Message, User, World

KIND_REPLY = 19  # Discord reference, "Message Types"
CODE_SPANS = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
USER_MENTION = re.compile(r"<@!?(\d{1,20})>")
ROLE_MENTION = re.compile(r"<@&(\d{1,20})>")
EVERYONE = re.compile(r"@(?:everyone|here)\b")


def find_mentions(world: World, message: Message) -> None:
    """Set whom *message* mentions."""
    text = CODE_SPANS.sub(" ", _text_of(message))
    allowed = message.allowed_mentions
    if "@" in text:
        message.mentions = [u for u in _users_named(world, text) if _passes(allowed, "users", u.user_id)]
        message.mention_role_ids = [r for r in _roles_named(message, text) if _passes(allowed, "roles", r)]
        message.mentions_everyone = _pings_everyone(message, text)
    else:
        message.mentions, message.mention_role_ids, message.mentions_everyone = [], [], False
    _add_replied(message)


def _text_of(message: Message) -> str:
    """Return the text shown, which for Components V2 stands in the components."""
    if message.content or not message.components:
        return message.content
    displays = (c for c in walk(message.components) if c.get("type") == ComponentType.TEXT_DISPLAY)
    return "\n".join(str(display.get("content", "")) for display in displays)


def _users_named(world: World, text: str) -> list[User]:
    ids = dict.fromkeys(int(found) for found in USER_MENTION.findall(text))
    return [world.users[user_id] for user_id in ids if user_id in world.users]


def _roles_named(message: Message, text: str) -> list[int]:
    guild = message.channel.guild
    if guild is None:
        return []
    ids = dict.fromkeys(int(found) for found in ROLE_MENTION.findall(text))
    held = channel_permissions(message.channel, message.author)
    may_ping_any = bool(held & Permission.MENTION_EVERYONE)
    return [i for i in ids if i in guild.roles and (may_ping_any or guild.roles[i].is_mentionable)]


def _pings_everyone(message: Message, text: str) -> bool:
    allowed = message.allowed_mentions
    if message.channel.guild is None or (allowed is not None and "everyone" not in (allowed.get("parse") or [])):
        return False
    held = channel_permissions(message.channel, message.author)
    return bool(held & Permission.MENTION_EVERYONE) and bool(EVERYONE.search(text))


def _passes(allowed: Json | None, kind: str, target_id: int) -> bool:
    """Whether *allowed* lets this user or role be pinged; without one, all are."""
    if allowed is None or kind in (allowed.get("parse") or []):
        return True
    return str(target_id) in {str(listed) for listed in allowed.get(kind) or []}


def _add_replied(message: Message) -> None:
    """Add the author of the message answered to, unless the ping is off."""
    answered = message.channel.messages.get(message.replied_to or 0)
    if answered is None or message.kind != KIND_REPLY or message.interaction is not None:
        return
    allowed = message.allowed_mentions
    is_pinged = allowed is None or bool(allowed.get("replied_user"))
    if is_pinged and answered.author not in message.mentions:
        message.mentions = [*message.mentions, answered.author]
