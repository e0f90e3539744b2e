"""The playground's state: people, guilds, channels, threads and messages. In memory, gone at the end.

Owns ids and who is where. What others may see is decided in `permissions`, how it looks in `shapes`.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from itertools import count

from playground.errors import Json
from playground.permissions import DEFAULT_EVERYONE, Overwrite

DISCORD_EPOCH_MS = 1_420_070_400_000  # first second of 2015, Discord reference "Snowflakes"
MESSAGES_KEPT = 2_000  # per channel; older ones are dropped so that long benches stay flat
NONCES_KEPT = 256  # per channel; Discord remembers nonces for a few minutes only
NONCE_MEMORY_S = 180.0
EPHEMERALS_KEPT = 500  # in all; nobody can list them, they only serve edits and buttons


class ChannelType(IntEnum):
    """The channel types the playground knows."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


THREAD_TYPES = frozenset({ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})
# Discord's own stickers are known to every client by their ids; one of them is enough to be sent here.
STICKERS = {749054660769218631: "Wave"}
STICKER_FORMAT_LOTTIE = 3
WRITABLE_TYPES = THREAD_TYPES | {ChannelType.TEXT, ChannelType.DM, ChannelType.NEWS, ChannelType.VOICE}


@dataclass(slots=True, eq=False)
class User:
    """A person, a bot, or for one message whom a webhook speaks as."""

    user_id: int
    username: str
    global_name: str | None = None
    is_bot: bool = False
    blocks_dms: bool = False
    is_webhook: bool = False

    @property
    def display_name(self) -> str:
        """The name others see."""
        return self.global_name or self.username


@dataclass(slots=True, eq=False)
class Role:
    """A guild's role; the one whose id is the guild's is @everyone, one made for an application names its *bot_id*."""

    role_id: int
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    is_mentionable: bool = False
    is_managed: bool = False
    bot_id: int | None = None


@dataclass(slots=True, eq=False)
class Member:
    """A user in a guild."""

    user: User
    joined_at: datetime
    role_ids: set[int] = field(default_factory=set)
    nick: str | None = None
    avatar: str | None = None
    bio: str = ""


@dataclass(slots=True, eq=False)
class AddedApp:
    """That somebody added an application to a guild, as its audit log has it."""

    entry_id: int
    app_user_id: int
    adder_id: int


@dataclass(slots=True, eq=False)
class ThreadState:
    """What only threads have."""

    owner_id: int
    created_at: datetime
    member_ids: dict[int, datetime] = field(default_factory=dict)
    is_archived: bool = False
    is_locked: bool = False
    is_invitable: bool = True
    auto_archive_minutes: int = 1440
    archived_at: datetime | None = None
    sent_in_all: int = 0


@dataclass(slots=True, eq=False)
class Message:
    """One message. `ephemeral_to` names its only reader when it is ephemeral."""

    message_id: int
    channel: Channel
    author: User
    content: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    edited_at: datetime | None = None
    kind: int = 0
    flags: int = 0
    nonce: str | int | None = None
    is_tts: bool = False
    is_pinned: bool = False
    mentions_everyone: bool = False
    mentions: list[User] = field(default_factory=list)
    mention_role_ids: list[int] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reactions: dict[str, Reaction] = field(default_factory=dict)
    reference: Json | None = None
    replied_to: int | None = None
    application_id: int | None = None
    webhook_id: int | None = None
    interaction: Json | None = None
    thread_id: int | None = None
    sticker_items: list[Json] = field(default_factory=list)
    ephemeral_to: int | None = None
    allowed_mentions: Json | None = None
    snapshots: list[Json] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Reaction:
    """One emoji under a message and who put it there, in order."""

    emoji: Json
    user_ids: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Channel:
    """A guild channel, a thread or a direct-message channel, with its recent messages in id order."""

    channel_id: int
    kind: ChannelType
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    topic: str | None = None
    position: int = 0
    is_nsfw: bool = False
    slowmode_s: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: tuple[User, ...] = ()
    thread: ThreadState | None = None
    last_message_id: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    message_ids: list[int] = field(default_factory=list)
    nonces: dict[tuple[int, str], tuple[int, float]] = field(default_factory=dict)

    @property
    def is_dm(self) -> bool:
        """Whether this is a direct-message channel."""
        return self.kind is ChannelType.DM

    def keep(self, message: Message) -> None:
        """Append *message*, dropping the oldest beyond the bound."""
        self.messages[message.message_id] = message
        self.message_ids.append(message.message_id)
        self.last_message_id = message.message_id
        if len(self.message_ids) > MESSAGES_KEPT:
            oldest = self.message_ids.pop(0)
            del self.messages[oldest]

    def drop(self, message_id: int) -> None:
        """Forget a message; the last-message pointer stays, as on Discord."""
        del self.messages[message_id]
        del self.message_ids[bisect_left(self.message_ids, message_id)]

    def before(self, message_id: int | None, limit: int) -> list[Message]:
        """Return up to *limit* messages older than *message_id*, newest first."""
        end = len(self.message_ids) if message_id is None else bisect_left(self.message_ids, message_id)
        ids = self.message_ids[max(0, end - limit) : end]
        return [self.messages[i] for i in reversed(ids)]

    def after(self, message_id: int, limit: int) -> list[Message]:
        """Return up to *limit* messages right after *message_id*, newest first."""
        start = bisect_right(self.message_ids, message_id)
        return [self.messages[i] for i in reversed(self.message_ids[start : start + limit])]

    def remember_nonce(self, author_id: int, nonce: str, message_id: int) -> None:
        """Note which message carried *nonce*."""
        self.nonces[(author_id, nonce)] = (message_id, time.monotonic())
        if len(self.nonces) > NONCES_KEPT:
            del self.nonces[next(iter(self.nonces))]

    def sent_with(self, author_id: int, nonce: str) -> Message | None:
        """Return the recent message *author_id* sent here with *nonce*, if it still stands."""
        message_id, sent_at = self.nonces.get((author_id, nonce), (0, 0.0))
        if time.monotonic() - sent_at > NONCE_MEMORY_S:
            return None
        return self.messages.get(message_id)


@dataclass(slots=True, eq=False)
class Guild:
    """A server: its members, roles, channels and threads."""

    guild_id: int
    name: str
    owner_id: int
    created_at: datetime
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    added_apps: dict[int, AddedApp] = field(default_factory=dict)
    system_channel_id: int | None = None


@dataclass(slots=True, eq=False)
class Webhook:
    """A way into one channel for whoever holds its token; *application_id* is whose it is, if an application's."""

    webhook_id: int
    name: str
    token: str
    channel: Channel
    creator: User
    application_id: int | None = None


class World:
    """Everything that exists, and the only maker of ids."""

    def __init__(self) -> None:
        self._steps = count()
        self._last_id = 0
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[frozenset[int], Channel] = {}
        self.ephemerals: dict[int, Message] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.app_user = self.add_user("mira", "Mira", is_bot=True)
        self.app_users = [self.app_user]

    def new_id(self) -> int:
        """Return a fresh snowflake, greater than every one before it."""
        made = (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22 | next(self._steps) & 0xFFF
        self._last_id = max(made, self._last_id + 1)
        return self._last_id

    def add_user(self, username: str, global_name: str | None = None, *, is_bot: bool = False) -> User:
        """Add a person, or a bot."""
        user = User(self.new_id(), username, global_name, is_bot)
        self.users[user.user_id] = user
        return user

    def add_application(self, username: str, global_name: str | None = None) -> User:
        """Add another application's bot user, in every guild there is."""
        user = self.add_user(username, global_name, is_bot=True)
        self.app_users.append(user)
        for guild in self.guilds.values():
            self.add_member(guild, user)
        return user

    @property
    def people(self) -> list[User]:
        """All users but the applications' own."""
        return [user for user in self.users.values() if user not in self.app_users]

    def add_guild(self, name: str, owner: User) -> Guild:
        """Add a guild with @everyone, in which all present users are members."""
        guild = Guild(self.new_id(), name, owner.user_id, datetime.now(UTC))
        guild.roles[guild.guild_id] = Role(guild.guild_id, "@everyone", DEFAULT_EVERYONE)
        self.guilds[guild.guild_id] = guild
        for user in self.users.values():
            self.add_member(guild, user)
        for app_user in self.app_users:
            guild.added_apps[app_user.user_id] = AddedApp(self.new_id(), app_user.user_id, owner.user_id)
        return guild

    def add_member(self, guild: Guild, user: User) -> Member:
        """Let *user* join *guild*."""
        member = Member(user, datetime.now(UTC))
        guild.members[user.user_id] = member
        return member

    def add_channel(
        self, guild: Guild, name: str, kind: ChannelType = ChannelType.TEXT, *, topic: str | None = None
    ) -> Channel:
        """Add a channel at the end of *guild*'s list."""
        channel = Channel(self.new_id(), kind, name, guild, topic=topic, position=len(guild.channels))
        guild.channels[channel.channel_id] = self.channels[channel.channel_id] = channel
        return channel

    def add_thread(self, parent: Channel, name: str, owner: User, kind: ChannelType, thread_id: int) -> Channel:
        """Add a thread under *parent*; its owner is its first member."""
        assert parent.guild is not None
        now = datetime.now(UTC)
        state = ThreadState(owner.user_id, now, {owner.user_id: now})
        thread = Channel(thread_id, kind, name, parent.guild, parent, thread=state)
        parent.guild.threads[thread_id] = self.channels[thread_id] = thread
        return thread

    def remove_channel(self, channel: Channel) -> None:
        """Take a guild channel, with its threads, or a thread out of the world."""
        guild = channel.guild
        if guild is None:
            return
        for thread in [t for t in guild.threads.values() if t.parent is channel]:
            self.remove_channel(thread)
        self.webhooks = {key: one for key, one in self.webhooks.items() if one.channel is not channel}
        guild.channels.pop(channel.channel_id, None)
        guild.threads.pop(channel.channel_id, None)
        self.channels.pop(channel.channel_id, None)

    def dm_between(self, one: User, other: User) -> tuple[Channel, bool]:
        """Return the direct-message channel of two users and whether it was opened just now."""
        key = frozenset({one.user_id, other.user_id})
        if key in self.dms:
            return self.dms[key], False
        channel = Channel(self.new_id(), ChannelType.DM, recipients=(one, other))
        self.dms[key] = self.channels[channel.channel_id] = channel
        return channel, True

    def share_a_guild(self, one: User, other: User) -> bool:
        """Whether two users meet in any guild."""
        return any(one.user_id in g.members and other.user_id in g.members for g in self.guilds.values())

    def keep_ephemeral(self, message: Message) -> None:
        """Remember a message only its reader can see."""
        self.ephemerals[message.message_id] = message
        if len(self.ephemerals) > EPHEMERALS_KEPT:
            del self.ephemerals[next(iter(self.ephemerals))]

    def find_message(self, channel: Channel, message_id: int) -> Message | None:
        """Return a message of *channel*, ephemeral ones included."""
        found = channel.messages.get(message_id)
        if found is not None:
            return found
        hidden = self.ephemerals.get(message_id)
        return hidden if hidden is not None and hidden.channel is channel else None


def default_world() -> World:
    """Build the world people find at the start: four people, one guild, one channel closed to the bot."""
    world = World()
    people = [("juno", "Juno"), ("theo", "Theo"), ("amara", "Amara"), ("kai", "Kai")]
    juno, *_ = [world.add_user(username, name) for username, name in people]
    guild = world.add_guild("Lantern House", juno)
    world.add_channel(guild, "living-room", topic="Talk about anything")
    world.add_channel(guild, "kitchen", topic="Food, tea, late nights")
    notices = world.add_channel(guild, "notices", topic="Mira may read here, but not write")
    notices.overwrites[world.app_user.user_id] = Overwrite.silencing(world.app_user.user_id)
    return world
