"""Gateway intents: their bits, and which of them an event needs. Pure.

Source: Discord reference, "Gateway Intents".
"""

from __future__ import annotations

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_WEBHOOKS = 1 << 5
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
GUILD_MESSAGE_TYPING = 1 << 11
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
DIRECT_MESSAGE_TYPING = 1 << 14
MESSAGE_CONTENT = 1 << 15

# Bits 17 to 19, 22 and 23 are not assigned.
KNOWN_INTENTS = ((1 << 17) - 1) | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
PRIVILEGED_INTENTS = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
UNPRIVILEGED_INTENTS = KNOWN_INTENTS & ~PRIVILEGED_INTENTS

# Application flags that tell which privileged intents are approved (the variants of small applications).
APPLICATION_FLAGS = {GUILD_PRESENCES: 1 << 13, GUILD_MEMBERS: 1 << 15, MESSAGE_CONTENT: 1 << 19}

# Event name to the intents that carry it, in guilds and in direct messages; absent names need none.
_BY_EVENT: dict[str, tuple[int, int]] = {
    "MESSAGE_CREATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_DELETE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_DELETE_BULK": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_REACTION_ADD": (GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE": (GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE_ALL": (GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE_EMOJI": (GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    "TYPING_START": (GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING),
    "CHANNEL_PINS_UPDATE": (GUILDS, DIRECT_MESSAGES),
    "WEBHOOKS_UPDATE": (GUILD_WEBHOOKS, 0),
    "GUILD_MEMBER_ADD": (GUILD_MEMBERS, 0),
    "GUILD_MEMBER_UPDATE": (GUILD_MEMBERS, 0),
    "GUILD_MEMBER_REMOVE": (GUILD_MEMBERS, 0),
    "THREAD_MEMBERS_UPDATE": (GUILDS | GUILD_MEMBERS, 0),
    "PRESENCE_UPDATE": (GUILD_PRESENCES, 0),
}
_GUILD_EVENT_PREFIXES = ("GUILD_", "CHANNEL_", "THREAD_")


def wants(intents: int, event: str, *, in_guild: bool) -> bool:
    """Whether a session with *intents* receives *event*; any of the event's intents will do."""
    needed = _BY_EVENT.get(event)
    if needed is not None:
        return bool(intents & needed[0 if in_guild else 1])
    if event.startswith(_GUILD_EVENT_PREFIXES):
        return bool(intents & GUILDS)
    return True


def application_flags(approved: int) -> int:
    """Return the application flags that show *approved* privileged intents."""
    return sum(flag for intent, flag in APPLICATION_FLAGS.items() if approved & intent)
