"""Interactions in flight: what a person did, who must answer within three seconds, and what became of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from playground.errors import INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, ApiError, Json
from playground.events import Events
from playground.permissions import channel_permissions
from playground.shapes import MessageShaper, channel_shape_in_state, member_shape, role_shape, user_shape
from playground.uploads import FILE_LIMIT_BYTES
from playground.world import Channel, Message, User, World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
TOKEN_LIFE_S = 15 * 60  # Discord reference, "Followup Messages"
INTERACTIONS_KEPT = 2_000
FORMS_KEPT = 500  # shown and not yet submitted
NO_ANSWER = "The application did not respond"


@dataclass(slots=True, eq=False)
class Interaction:
    """One thing a person did with the application."""

    interaction_id: int
    kind: int
    user: User
    channel: Channel
    data: Json
    nonce: str
    message: Message | None = None
    command_name: str = ""
    command_kind: int = 1
    token: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    made_at: float = field(default_factory=time.monotonic)
    is_answered: bool = False
    has_failed: bool = False
    original: Message | None = None
    followup_ids: set[int] = field(default_factory=set)

    @property
    def is_expired(self) -> bool:
        """Whether its token has run out."""
        return time.monotonic() - self.made_at > TOKEN_LIFE_S

    def metadata(self) -> Json:
        """Return what messages tell of the interaction they answer."""
        shape: Json = {
            "id": str(self.interaction_id),
            "type": self.kind,
            "user": user_shape(self.user),
            "authorizing_integration_owners": owners_of(self.channel),
        }
        if self.kind == COMMAND:
            shape["name"] = self.command_name
            shape["command_type"] = self.command_kind
        elif self.kind == COMPONENT and self.message is not None:
            shape["interacted_message_id"] = str(self.message.message_id)
        return shape


def owners_of(channel: Channel) -> Json:
    """Return through which installation an interaction in *channel* is authorized."""
    return {"0": str(channel.guild.guild_id) if channel.guild is not None else "0"}


class Interactions:
    """All interactions whose tokens may still be used."""

    def __init__(self, world: World, app_user: User, events: Events, timeout_s: float) -> None:
        self._world = world
        self._app_user = app_user
        self._events = events
        self._timeout_s = timeout_s
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._forms: dict[tuple[int, str], Interaction] = {}

    def knows(self, interaction_id: int) -> bool:
        """Whether this application was handed that interaction."""
        return interaction_id in self._by_id

    def has_form(self, user: User, custom_id: str) -> bool:
        """Whether a form of this application is open for *user*."""
        return (user.user_id, custom_id) in self._forms

    def begin(self, interaction: Interaction) -> None:
        """Hand the interaction to the application and start its three seconds."""
        self._by_id[interaction.interaction_id] = interaction
        self._by_token[interaction.token] = interaction
        if len(self._by_id) > INTERACTIONS_KEPT:
            self._forget(next(iter(self._by_id.values())))
        channel = interaction.channel
        guild_id = channel.guild.guild_id if channel.guild is not None else None
        self._events.to_app(self._app_user, "INTERACTION_CREATE", guild_id, self._payload(interaction))
        asyncio.get_running_loop().call_later(self._timeout_s, self._fail_if_unanswered, interaction)

    def answered(self, interaction: Interaction) -> None:
        """Note that the application answered in time."""
        interaction.is_answered = True
        self._tell(interaction, ok=True, error=None)

    def awaiting(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction by id and token while it can be answered."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.has_failed or interaction.is_expired:
            raise ApiError(UNKNOWN_INTERACTION)
        return interaction

    def by_token(self, token: str) -> Interaction:
        """Return the interaction whose token follow-ups use."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.is_expired:
            raise ApiError(INVALID_WEBHOOK_TOKEN)
        return interaction

    def open_form(self, interaction: Interaction, form: Json) -> None:
        """Show a form to the person, and remember where it came from."""
        self._forms[(interaction.user.user_id, form["custom_id"])] = interaction
        if len(self._forms) > FORMS_KEPT:
            del self._forms[next(iter(self._forms))]
        shown = {"interaction_id": str(interaction.interaction_id), "nonce": interaction.nonce, **form}
        self._events.to_person(interaction.user, "PLAY_MODAL", shown)

    def take_form(self, user: User, custom_id: str) -> Interaction | None:
        """Return the interaction that opened a form, once."""
        return self._forms.pop((user.user_id, custom_id), None)

    def offer_choices(self, interaction: Interaction, choices: list[Json]) -> None:
        """Show autocomplete choices to the person."""
        data = {"nonce": interaction.nonce, "choices": choices}
        self._events.to_person(interaction.user, "PLAY_AUTOCOMPLETE", data)

    def _forget(self, interaction: Interaction) -> None:
        self._by_id.pop(interaction.interaction_id, None)
        self._by_token.pop(interaction.token, None)

    def _fail_if_unanswered(self, interaction: Interaction) -> None:
        if not interaction.is_answered:
            interaction.has_failed = True
            self._tell(interaction, ok=False, error=NO_ANSWER)

    def _tell(self, interaction: Interaction, *, ok: bool, error: str | None) -> None:
        data = {"nonce": interaction.nonce, "ok": ok, "error": error}
        self._events.to_person(interaction.user, "PLAY_INTERACTION", data)

    def _payload(self, interaction: Interaction) -> Json:
        """Return INTERACTION_CREATE's data."""
        channel, user, app_user = interaction.channel, interaction.user, self._app_user
        payload: Json = {
            "id": str(interaction.interaction_id),
            "application_id": str(app_user.user_id),
            "type": interaction.kind,
            "data": interaction.data,
            "channel": channel_shape_in_state(channel, user),
            "channel_id": str(channel.channel_id),
            "token": interaction.token,
            "version": 1,
            "app_permissions": str(channel_permissions(channel, app_user)),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": owners_of(channel),
            "context": 1 if channel.is_dm else 0,
            "attachment_size_limit": FILE_LIMIT_BYTES,
        }
        if channel.is_dm:
            # An application sees the person it talks with in the channel, not itself.
            payload["channel"]["recipients"] = [user_shape(user)]
            payload["user"] = user_shape(user)
        if channel.guild is not None:
            guild = channel.guild
            held = {"permissions": str(channel_permissions(channel, user))}
            payload["guild_id"] = str(guild.guild_id)
            payload["guild"] = {"id": str(guild.guild_id), "locale": "en-US", "features": []}
            payload["guild_locale"] = "en-US"
            payload["member"] = member_shape(guild.members[user.user_id]) | held
        if interaction.message is not None:
            payload["message"] = MessageShaper(self._world, app_user).shape(interaction.message)
        return payload


def resolve(world: World, channel: Channel, ids: dict[str, set[int]]) -> Json:
    """Return the objects behind *ids* (users, roles, channels, messages) as interactions carry them."""
    guild = channel.guild
    resolved: Json = {}
    for user_id in ids.get("users", ()):
        if user_id in world.users:
            resolved.setdefault("users", {})[str(user_id)] = user_shape(world.users[user_id])
        if guild is not None and user_id in guild.members:
            user = world.users[user_id]
            shape = member_shape(guild.members[user_id], with_user=False)
            shape["permissions"] = str(channel_permissions(channel, user))
            resolved.setdefault("members", {})[str(user_id)] = shape
    _resolve_places(world, channel, ids, resolved)
    shaper = MessageShaper(world, world.app_user)
    for message_id in ids.get("messages", ()):
        message = world.find_message(channel, message_id)
        if message is not None:
            resolved.setdefault("messages", {})[str(message_id)] = shaper.shape(message)
    return resolved


def _resolve_places(world: World, channel: Channel, ids: dict[str, set[int]], resolved: Json) -> None:
    guild = channel.guild
    for role_id in ids.get("roles", ()):
        if guild is not None and role_id in guild.roles:
            resolved.setdefault("roles", {})[str(role_id)] = role_shape(guild.roles[role_id])
    for channel_id in ids.get("channels", ()):
        found = world.channels.get(channel_id)
        if found is not None and found.guild is guild:
            shape = channel_shape_in_state(found, world.app_user)
            resolved.setdefault("channels", {})[str(channel_id)] = shape
