"""Turns what a person does on the page (a command, a click, a form) into an interaction, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.command_rules import CHAT_INPUT, MESSAGE, USER, check_given, leaves
from playground.components import ComponentType as C
from playground.components import walk
from playground.core import Core
from playground.errors import (
    MISSING_ACCESS,
    UNKNOWN_CHANNEL,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    ApiError,
    FormErrors,
    Json,
    form_error,
)
from playground.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction, resolve
from playground.permissions import may_see
from playground.validation import snowflake
from playground.world import Channel, Message, User

# Option and select types to what their values are ids of; mentionable ones may be either.
OPTION_TARGETS = {6: ("users",), 7: ("channels",), 8: ("roles",), 9: ("users", "roles")}
SELECT_TARGETS = {
    C.USER_SELECT: ("users",),
    C.ROLE_SELECT: ("roles",),
    C.MENTIONABLE_SELECT: ("users", "roles"),
    C.CHANNEL_SELECT: ("channels",),
}


def addressed(cores: Sequence[Core], user: User, body: Json) -> Core:
    """Return the application whose command, component or form *body* is about; the first where none is."""
    return next((core for core in cores if _is_for(core, user, body)), cores[0])


def _is_for(core: Core, user: User, body: Json) -> bool:
    data = body.get("data")
    channel = core.world.channels.get(snowflake(body.get("channel_id"), "channel_id"))
    if channel is None or not isinstance(data, dict):
        return False
    if body.get("type") == COMPONENT:
        message = core.world.find_message(channel, snowflake(body.get("message_id"), "message_id"))
        return message is not None and message.author is core.app_user
    if body.get("type") == MODAL:
        return core.interactions.has_form(user, str(data.get("custom_id")))
    return any(command["id"] == str(data.get("id")) for command in core.commands.usable(channel, user))


def act(core: Core, user: User, body: Json) -> Interaction:
    """Begin the interaction that *body* (of `POST /play/interactions`) describes."""
    channel = core.world.channels.get(snowflake(body.get("channel_id"), "channel_id"))
    if channel is None:
        raise ApiError(UNKNOWN_CHANNEL)
    if not may_see(channel, user):
        raise ApiError(MISSING_ACCESS)
    data = body.get("data")
    kind = body.get("type")
    builder = _BUILDERS.get(kind) if isinstance(kind, int) else None
    if builder is None:
        raise form_error(("type",), "BASE_TYPE_CHOICES", "Value must be one of {2, 3, 4, 5}.")
    if not isinstance(data, dict):
        raise form_error(("data",), "BASE_TYPE_REQUIRED", "This field is required")
    nonce = str(body.get("nonce", ""))
    interaction = Interaction(core.world.new_id(), int(kind or 0), user, channel, {}, nonce)
    builder(core, interaction, data, body)
    core.interactions.begin(interaction)
    return interaction


def _use_command(core: Core, interaction: Interaction, data: Json, body: Json) -> None:
    """Fill in a command, or the autocomplete of one of its options."""
    channel, user = interaction.channel, interaction.user
    command = core.commands.find_usable(snowflake(data.get("id"), "data", "id"), channel, user)
    options = data.get("options") or []
    errors = FormErrors()
    check_given(errors, command, options, is_draft=interaction.kind == AUTOCOMPLETE)
    errors.raise_if_any()
    interaction.command_name, interaction.command_kind = _full_name(command, options), command["type"]
    interaction.data = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        interaction.data["guild_id"] = command["guild_id"]
    if command["type"] == CHAT_INPUT:
        interaction.data["options"] = options
        targets = _ids_of_options(options)
    else:
        targets = _target(core, channel, data, command["type"])
        interaction.data["target_id"] = str(data["target_id"])
    resolved = resolve(core.world, channel, targets)
    if resolved:
        interaction.data["resolved"] = resolved


def _full_name(command: Json, options: list[Json]) -> str:
    """Return the command with its sub-commands, as messages show it."""
    names = [command["name"]]
    while options and options[0].get("type") in (1, 2):
        names.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(names)


def _ids_of_options(options: list[Json]) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {}
    for option in leaves(options):
        for target in OPTION_TARGETS.get(option["type"], ()):
            ids.setdefault(target, set()).add(snowflake(option.get("value"), "data", "options", option["name"]))
    return ids


def _target(core: Core, channel: Channel, data: Json, kind: int) -> dict[str, set[int]]:
    """Return what a context menu was opened on."""
    target_id = snowflake(data.get("target_id"), "data", "target_id")
    if kind == MESSAGE and core.world.find_message(channel, target_id) is None:
        raise ApiError(UNKNOWN_MESSAGE)
    return {"users" if kind == USER else "messages": {target_id}}


def _use_component(core: Core, interaction: Interaction, data: Json, body: Json) -> None:
    """Fill in a click or a choice on one of the application's messages."""
    message = _visible_message(core, interaction, body)
    custom_id = data.get("custom_id")
    found = next((c for c in walk(message.components) if c.get("custom_id") == custom_id), None)
    if found is None or found.get("disabled"):
        raise form_error(("data", "custom_id"), "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    interaction.message = message
    interaction.data = {"custom_id": custom_id, "component_type": found["type"], "id": found.get("id")}
    if found["type"] != C.BUTTON:
        interaction.data["values"] = _checked_values(found, data.get("values") or [])
        _add_resolved(core, interaction, [interaction.data])


def _visible_message(core: Core, interaction: Interaction, body: Json) -> Message:
    message_id = snowflake(body.get("message_id"), "message_id")
    message = core.world.find_message(interaction.channel, message_id)
    hidden_from_user = message is not None and message.ephemeral_to not in (None, interaction.user.user_id)
    if message is None or hidden_from_user or message.author is not core.app_user:
        raise ApiError(UNKNOWN_MESSAGE)
    return message


def _checked_values(select: Json, values: list[Any]) -> list[str]:
    """Return a select's values if their number and names fit."""
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    known = {option["value"] for option in select.get("options") or []}
    fits = low <= len(values) <= high and (not known or set(values) <= known)
    if not fits:
        raise form_error(("data", "values"), "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    return [str(value) for value in values]


def _add_resolved(core: Core, interaction: Interaction, holders: list[Json]) -> None:
    """Add the objects behind the values of user, role and channel selects."""
    ids: dict[str, set[int]] = {}
    for holder in holders:
        kind = holder.get("component_type", holder.get("type"))
        for target in SELECT_TARGETS.get(kind, ()):  # type: ignore[arg-type]
            ids.setdefault(target, set()).update(snowflake(v, "data", "values") for v in holder.get("values") or [])
    resolved = resolve(core.world, interaction.channel, ids)
    if resolved or ids:
        interaction.data["resolved"] = resolved


def _submit_form(core: Core, interaction: Interaction, data: Json, body: Json) -> None:
    """Fill in a submitted form, with the message it was opened from."""
    custom_id = str(data.get("custom_id"))
    opened_by = core.interactions.take_form(interaction.user, custom_id)
    if opened_by is None:
        raise ApiError(UNKNOWN_INTERACTION)
    interaction.message = opened_by.message
    interaction.data = {"custom_id": custom_id, "components": data.get("components") or []}
    _add_resolved(core, interaction, list(walk(interaction.data["components"])))


_BUILDERS = {
    COMMAND: _use_command,
    AUTOCOMPLETE: _use_command,
    COMPONENT: _use_component,
    MODAL: _submit_form,
}
