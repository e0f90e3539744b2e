"""Tells everybody who may know what happened: the applications' sessions and people's pages.

Each event is encoded once for every form it has, not once for every receiver.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import orjson

from playground.errors import Json
from playground.intents import MESSAGE_CONTENT
from playground.permissions import may_see
from playground.sessions import Sessions
from playground.shapes import MessageShaper, channel_shape, guild_create_shape, member_shape, user_shape
from playground.world import Channel, Guild, Message, User, World


class Page(Protocol):
    """A person's open events socket."""

    def send(self, frame: bytes) -> None:
        """Queue one frame."""


class Events:
    """The fan-out of everything that happens."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        """Take the *sessions* of the world's first application; further ones are added with `serve`."""
        self.world = world
        self._apps: dict[User, Sessions] = {world.app_user: sessions}
        self._pages: dict[User, set[Page]] = {}

    def serve(self, app_user: User, sessions: Sessions) -> None:
        """Let an application's *sessions* receive what its bot user sees."""
        self._apps[app_user] = sessions

    def attach(self, user: User, page: Page) -> None:
        """Let *page* receive what *user* sees."""
        self._pages.setdefault(user, set()).add(page)

    def detach(self, user: User, page: Page) -> None:
        """Stop sending to *page*."""
        pages = self._pages.get(user, set())
        pages.discard(page)
        if not pages:
            self._pages.pop(user, None)

    @property
    def has_pages(self) -> bool:
        """Whether anybody is looking."""
        return bool(self._pages)

    def in_channel(self, channel: Channel, event: str, data: Json, *, but: User | None = None) -> None:
        """Tell everybody who sees *channel*, except the user *but* who caused it."""
        encoded = orjson.dumps(data)
        guild_id = channel.guild.guild_id if channel.guild else None
        for app_user, sessions in self._apps.items():
            if app_user is not but and may_see(channel, app_user):
                sessions.deliver(event, guild_id, encoded)
        self._to_pages([u for u in self._watching(channel) if u is not but], event, encoded)

    def in_guild(self, guild: Guild, event: str, data: Json) -> None:
        """Tell every member of *guild*."""
        encoded = orjson.dumps(data)
        for app_user, sessions in self._apps.items():
            if app_user.user_id in guild.members:
                sessions.deliver(event, guild.guild_id, encoded)
        self._to_pages([u for u in self._pages if u.user_id in guild.members], event, encoded)

    def to_app(self, app_user: User, event: str, guild_id: int | None, data: Json) -> None:
        """Tell only one application."""
        self._apps[app_user].deliver(event, guild_id, orjson.dumps(data))

    def to_person(self, user: User, event: str, data: Json) -> None:
        """Tell only *user*'s pages."""
        self._to_pages([user], event, orjson.dumps(data))

    def to_people(self, event: str, data: object) -> None:
        """Tell every page."""
        self._to_pages(list(self._pages), event, orjson.dumps(data))

    def message(self, event: str, message: Message) -> None:
        """Tell of a new or changed message; an ephemeral one only its reader."""
        if message.ephemeral_to is not None:
            self._message_to_pages([self.world.users[message.ephemeral_to]], event, message)
            return
        channel = message.channel
        for app_user, sessions in self._apps.items():
            if may_see(channel, app_user):
                self._message_to_sessions(event, message, app_user, sessions)
        self._message_to_pages(self._watching(channel), event, message)

    def _message_to_sessions(self, event: str, message: Message, app_user: User, sessions: Sessions) -> None:
        """Send the form each session's content intent calls for."""
        guild_id = message.channel.guild.guild_id if message.channel.guild else None
        forms: dict[int, bytes] = {}
        for session in sessions:
            if not session.receives(event, guild_id):
                continue
            content = session.intents & MESSAGE_CONTENT
            if content not in forms:
                shaper = MessageShaper(self.world, None, content, app_user)
                forms[content] = orjson.dumps(shaper.shape(message, in_gateway=True))
            session.dispatch(event, forms[content])

    def _message_to_pages(self, users: Iterable[User], event: str, message: Message) -> None:
        """Send to people; who reacted is told to each in their own form."""
        users = [user for user in users if user in self._pages]
        if not message.reactions:
            if users:
                shape = MessageShaper(self.world, None).shape(message, in_gateway=True)
                self._to_pages(users, event, orjson.dumps(shape))
            return
        for user in users:
            shape = MessageShaper(self.world, user).shape(message, in_gateway=True)
            self._to_pages([user], event, orjson.dumps(shape))

    def message_gone(self, message: Message) -> None:
        """Tell that a message was deleted."""
        data: Json = {"id": str(message.message_id), **place_of(message.channel)}
        if message.ephemeral_to is not None:
            self.to_person(self.world.users[message.ephemeral_to], "MESSAGE_DELETE", data)
        else:
            self.in_channel(message.channel, "MESSAGE_DELETE", data)

    def typing(self, channel: Channel, user: User, at_s: int) -> None:
        """Tell that *user* is writing."""
        data: Json = {"user_id": str(user.user_id), "timestamp": at_s, **place_of(channel)}
        if channel.guild is not None and user.user_id in channel.guild.members:
            data["member"] = member_shape(channel.guild.members[user.user_id])
        self.in_channel(channel, "TYPING_START", data, but=user)

    def dm_opened(self, channel: Channel) -> None:
        """Tell both sides' pages of a new direct-message channel; bots are not told since v8."""
        for user in channel.recipients:
            self.to_person(user, "CHANNEL_CREATE", channel_shape(channel, user))

    def guild_created(self, guild: Guild) -> None:
        """Tell members of a new guild, each in the form they would get at the start."""
        for app_user in self._apps:
            own = [guild.members[app_user.user_id]]
            shape = guild_create_shape(guild, app_user, own, [])
            del shape["unavailable"]  # Discord says this only of guilds that were there at the start
            self.to_app(app_user, "GUILD_CREATE", guild.guild_id, shape)
        for user in list(self._pages):
            if user.user_id in guild.members:
                everyone = list(guild.members.values())
                self.to_person(user, "GUILD_CREATE", guild_create_shape(guild, user, everyone, []))

    def presence(self, app_user: User, presence: Json) -> None:
        """Tell people how an application shows itself."""
        for guild in self.world.guilds.values():
            data = {"user": {"id": str(app_user.user_id)}, "guild_id": str(guild.guild_id)}
            encoded = orjson.dumps(data | presence | {"client_status": {"web": presence["status"]}})
            self._to_pages([u for u in self._pages if u.user_id in guild.members], "PRESENCE_UPDATE", encoded)

    def user_changed(self, user: User) -> None:
        """Tell that a user's name changed, in every guild they share."""
        for guild in self.world.guilds.values():
            member = guild.members.get(user.user_id)
            if member is not None:
                data = member_shape(member) | {"guild_id": str(guild.guild_id)}
                self.in_guild(guild, "GUILD_MEMBER_UPDATE", data)
        if user in self._apps:
            self.to_app(user, "USER_UPDATE", None, user_shape(user))

    def _watching(self, channel: Channel) -> list[User]:
        """Return the people with an open page who see *channel*."""
        return [user for user in self._pages if may_see(channel, user)]

    def _to_pages(self, users: Iterable[User], event: str, encoded: bytes) -> None:
        frame = b'{"t":"%b","d":%b}' % (event.encode(), encoded)
        for user in users:
            for page in self._pages.get(user, ()):
                page.send(frame)


def place_of(channel: Channel) -> Json:
    """Return the channel id, and the guild id where there is one, as events carry them."""
    place: Json = {"channel_id": str(channel.channel_id)}
    if channel.guild is not None:
        place["guild_id"] = str(channel.guild.guild_id)
    return place
