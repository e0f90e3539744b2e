"""REST routes of application commands, interaction answers and their follow-ups."""

from __future__ import annotations

from playground import rest_webhooks
from playground.command_rules import check_choices
from playground.commands import Scope
from playground.components import check_modal
from playground.errors import (
    ALREADY_ACKNOWLEDGED,
    OWN_APPLICATION_ONLY,
    UNKNOWN_COMMAND_PERMISSIONS,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    ApiError,
    FormErrors,
    Json,
    form_error,
)
from playground.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from playground.posting import (
    KIND_COMMAND,
    KIND_CONTEXT_MENU,
    KIND_DEFAULT,
    KIND_REPLY,
    Draft,
    create_message,
    delete_message,
    edit_message,
)
from playground.shapes import MessageShaper
from playground.validation import EPHEMERAL, LOADING, snowflake
from playground.web import Call, Reply, Route
from playground.world import Message

REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
# Which answers each kind of interaction takes.
ANSWERS = {
    COMMAND: (REPLY, DEFER, FORM),
    COMPONENT: (REPLY, DEFER, DEFER_UPDATE, UPDATE, FORM),
    AUTOCOMPLETE: (CHOICES,),
    MODAL: (REPLY, DEFER, DEFER_UPDATE, UPDATE),
}

# commands


def _scope(call: Call) -> Scope:
    """Return whose commands the path means, if they are the caller's own."""
    call.require_app()
    if call.path_id("application_id") != call.actor.user_id:
        raise ApiError(OWN_APPLICATION_ONLY)
    if "guild_id" not in call.request.match_info:
        return None
    guild_id = call.path_id("guild_id")
    if guild_id not in call.core.world.guilds:
        raise ApiError(UNKNOWN_GUILD)
    return guild_id


async def get_commands(call: Call) -> object:
    """List commands."""
    return call.core.commands.of(_scope(call))


async def post_command(call: Call) -> object:
    """Add or replace one command."""
    shape, is_new = call.core.commands.upsert(_scope(call), call.body)
    call.core.events.to_people("PLAY_COMMANDS", {})
    return Reply(201 if is_new else 200, shape)


async def put_commands(call: Call) -> object:
    """Replace all commands."""
    shapes = call.core.commands.replace_all(_scope(call), call.json)
    call.core.events.to_people("PLAY_COMMANDS", {})
    return shapes


async def get_command(call: Call) -> object:
    """Return one command."""
    return call.core.commands.get(_scope(call), call.path_id("command_id"))


async def patch_command(call: Call) -> object:
    """Change one command."""
    shape = call.core.commands.edit(_scope(call), call.path_id("command_id"), call.body)
    call.core.events.to_people("PLAY_COMMANDS", {})
    return shape


async def delete_command(call: Call) -> None:
    """Remove one command."""
    call.core.commands.delete(_scope(call), call.path_id("command_id"))
    call.core.events.to_people("PLAY_COMMANDS", {})


async def get_guild_permissions(call: Call) -> object:
    """List per-command permissions: none are ever set here."""
    _scope(call)
    return []


async def get_command_permissions(call: Call) -> object:
    """Refuse one command's permissions: none are ever set here."""
    call.core.commands.get(_scope(call), call.path_id("command_id"))
    raise ApiError(UNKNOWN_COMMAND_PERMISSIONS)


# answers


async def answer(call: Call) -> object:
    """Take the application's first answer to an interaction."""
    interaction = call.core.interactions.awaiting(
        call.path_id("interaction_id"), call.request.match_info["interaction_token"]
    )
    if interaction.is_answered:
        raise ApiError(ALREADY_ACKNOWLEDGED)
    kind = call.body.get("type")
    if kind not in _allowed(interaction):
        choices = f"Value must be one of {_allowed(interaction)}."
        raise form_error(("type",), "BASE_TYPE_CHOICES", choices)
    data = call.body.get("data") or {}
    _ANSWERS[int(kind)](call, interaction, data)
    call.core.interactions.answered(interaction)
    if call.request.query.get("with_response", "").lower() not in ("1", "true"):
        return None
    return _callback_shape(call, interaction, int(kind))


def _allowed(interaction: Interaction) -> tuple[int, ...]:
    """Return the answers that fit; a form opened by a command has no message to update."""
    answers = ANSWERS[interaction.kind]
    if interaction.kind == MODAL and interaction.message is None:
        return (REPLY, DEFER)
    return answers


def _reply(call: Call, interaction: Interaction, data: Json) -> None:
    interaction.original = _post(call, interaction, data)


def _defer(call: Call, interaction: Interaction, data: Json) -> None:
    kept = {"flags": int(data.get("flags") or 0)}
    interaction.original = _post(call, interaction, kept, is_loading=True)


def _defer_update(call: Call, interaction: Interaction, data: Json) -> None:
    interaction.original = interaction.message


def _update(call: Call, interaction: Interaction, data: Json) -> None:
    assert interaction.message is not None
    edit_message(call.core, interaction.message, data, call.files)
    interaction.original = interaction.message


def _choices(call: Call, interaction: Interaction, data: Json) -> None:
    errors = FormErrors()
    choices = data.get("choices", [])
    check_choices(errors, ("data", "choices"), choices)
    errors.raise_if_any()
    call.core.interactions.offer_choices(interaction, choices)


def _form(call: Call, interaction: Interaction, data: Json) -> None:
    errors = FormErrors()
    check_modal(errors, data)
    errors.raise_if_any()
    shown = {key: data[key] for key in ("custom_id", "title", "components")}
    call.core.interactions.open_form(interaction, shown)


_ANSWERS = {
    REPLY: _reply,
    DEFER: _defer,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _choices,
    FORM: _form,
}


def _post(call: Call, interaction: Interaction, data: Json, *, is_loading: bool = False) -> Message:
    """Send a message that answers the interaction."""
    wanted = int(data.get("flags") or 0)
    flags = wanted & EPHEMERAL | (LOADING if is_loading else 0)
    is_first = interaction.original is None and not interaction.is_answered
    draft = Draft(
        data,
        call.files,
        kind=_message_kind(interaction) if is_first else KIND_REPLY,
        flags=flags,
        interaction=interaction.metadata(),
        ephemeral_to=interaction.user.user_id if flags & EPHEMERAL else None,
        application_id=call.core.app_user.user_id,
        webhook_id=call.core.app_user.user_id,
        replied_to=_answered_message(interaction, is_first=is_first),
        may_be_empty=is_loading,
    )
    return create_message(call.core, interaction.channel, call.core.app_user, draft)


def _message_kind(interaction: Interaction) -> int:
    if interaction.kind == COMMAND:
        return KIND_COMMAND if interaction.command_kind == 1 else KIND_CONTEXT_MENU
    return KIND_REPLY if interaction.message is not None else KIND_DEFAULT


def _answered_message(interaction: Interaction, *, is_first: bool) -> int | None:
    """Return the message that is quoted: the one clicked, or the first answer for follow-ups."""
    quoted = interaction.message if is_first else interaction.original
    return quoted.message_id if quoted is not None else None


def _callback_shape(call: Call, interaction: Interaction, kind: int) -> Json:
    """Return what `with_response` asks for."""
    told: Json = {"id": str(interaction.interaction_id), "type": interaction.kind}
    told["channel_id"] = str(interaction.channel.channel_id)
    if interaction.channel.guild is not None:
        told["guild_id"] = str(interaction.channel.guild.guild_id)
    shape: Json = {"interaction": told}
    message = interaction.original
    if message is not None and kind in (REPLY, DEFER, UPDATE, DEFER_UPDATE):
        told["response_message_id"] = str(message.message_id)
        told["response_message_loading"] = bool(message.flags & LOADING)
        told["response_message_ephemeral"] = bool(message.flags & EPHEMERAL)
        if kind in (REPLY, UPDATE):
            shape["resource"] = {"type": kind, "message": _shape(call, message)}
    return shape


def _shape(call: Call, message: Message) -> Json:
    return MessageShaper(call.core.world, call.core.app_user).shape(message)


# follow-ups


def _interaction_of(call: Call) -> Interaction:
    """Return the answered interaction whose token the path holds."""
    if call.path_id("webhook_id") != call.core.app_user.user_id:
        raise ApiError(UNKNOWN_WEBHOOK)
    interaction = call.core.interactions.by_token(call.request.match_info["webhook_token"])
    if not interaction.is_answered:
        raise ApiError(UNKNOWN_WEBHOOK)
    return interaction


async def post_followup(call: Call) -> object:
    """Send a follow-up; the first after a deferral fills the deferred message in. A channel's webhook speaks."""
    if rest_webhooks.is_of_channel(call):
        return await rest_webhooks.speak(call)
    interaction = _interaction_of(call)
    original = interaction.original
    if original is not None and original.flags & LOADING:
        edit_message(call.core, original, call.body, call.files)
        return _shape(call, original)
    message = _post(call, interaction, call.body)
    interaction.followup_ids.add(message.message_id)
    return _shape(call, message)


def _followup_of(call: Call, interaction: Interaction) -> Message:
    """Return the message the path names; only this interaction's own."""
    named = call.request.match_info["message_id"]
    message = interaction.original
    if named != "@original":
        message_id = snowflake(named, "message_id")
        is_own = message_id in interaction.followup_ids
        is_original = message is not None and message.message_id == message_id
        if not is_own and not is_original:
            raise ApiError(UNKNOWN_MESSAGE)
        message = call.core.world.find_message(interaction.channel, message_id)
    if message is None or call.core.world.find_message(interaction.channel, message.message_id) is None:
        raise ApiError(UNKNOWN_MESSAGE)
    return message


async def get_followup(call: Call) -> object:
    """Return an answer or a follow-up, or what a channel's webhook said."""
    if rest_webhooks.is_of_channel(call):
        return await rest_webhooks.get_spoken(call)
    return _shape(call, _followup_of(call, _interaction_of(call)))


async def patch_followup(call: Call) -> object:
    """Edit an answer or a follow-up; editing a deferred one fills it in. Likewise for a channel's webhook."""
    if rest_webhooks.is_of_channel(call):
        return await rest_webhooks.patch_spoken(call)
    message = _followup_of(call, _interaction_of(call))
    edit_message(call.core, message, call.body, call.files)
    return _shape(call, message)


async def delete_followup(call: Call) -> None:
    """Delete an answer or a follow-up, or what a channel's webhook said."""
    if rest_webhooks.is_of_channel(call):
        await rest_webhooks.delete_spoken(call)
    else:
        delete_message(call.core, _followup_of(call, _interaction_of(call)))


_A = "/applications/{application_id}"
_W = "/webhooks/{webhook_id}/{webhook_token}"


def _command_routes(prefix: str) -> list[Route]:
    return [
        Route("GET", f"{prefix}/commands", get_commands),
        Route("POST", f"{prefix}/commands", post_command),
        Route("PUT", f"{prefix}/commands", put_commands),
        Route("GET", f"{prefix}/commands/{{command_id:\\d+}}", get_command),
        Route("PATCH", f"{prefix}/commands/{{command_id:\\d+}}", patch_command),
        Route("DELETE", f"{prefix}/commands/{{command_id:\\d+}}", delete_command),
    ]


ROUTES = [
    *_command_routes(_A),
    *_command_routes(f"{_A}/guilds/{{guild_id}}"),
    Route("GET", f"{_A}/guilds/{{guild_id}}/commands/permissions", get_guild_permissions),
    Route("GET", f"{_A}/guilds/{{guild_id}}/commands/{{command_id:\\d+}}/permissions", get_command_permissions),
    Route("POST", "/interactions/{interaction_id}/{interaction_token}/callback", answer, False),
    Route("POST", _W, post_followup, False),
    Route("GET", f"{_W}/messages/{{message_id}}", get_followup, False),
    Route("PATCH", f"{_W}/messages/{{message_id}}", patch_followup, False),
    Route("DELETE", f"{_W}/messages/{{message_id}}", delete_followup, False),
]
