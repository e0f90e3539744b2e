"""REST routes of a channel's webhooks: making them, and speaking by them under any name."""

from __future__ import annotations

import secrets

from playground.errors import (
    INVALID_WEBHOOK_TOKEN,
    NOT_A_TEXT_CHANNEL,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    ApiError,
    FormErrors,
    Json,
)
from playground.permissions import Permission as P
from playground.posting import Draft, create_message, delete_message, edit_message
from playground.shapes import MessageShaper, user_shape
from playground.validation import check_text, snowflake
from playground.web import Call, Route
from playground.world import Channel, ChannelType, Message, User, Webhook

NAME_LIMIT = 80  # characters, of a webhook and of whom it speaks as
HOME_TYPES = (ChannelType.TEXT, ChannelType.NEWS, ChannelType.VOICE)


async def post_webhook(call: Call) -> object:
    """Make a webhook in a channel."""
    channel = call.channel(P.MANAGE_WEBHOOKS)
    if channel.kind not in HOME_TYPES:
        raise ApiError(NOT_A_TEXT_CHANNEL)
    errors = FormErrors()
    check_text(errors, ("name",), call.body.get("name"), NAME_LIMIT, required=True)
    errors.raise_if_any()
    application_id = call.actor.user_id if call.is_app else None
    name = str(call.body["name"]).strip()
    token = secrets.token_urlsafe(51)
    webhook = Webhook(call.core.world.new_id(), name, token, channel, call.actor, application_id)
    call.core.world.webhooks[webhook.webhook_id] = webhook
    _tell_update(call, channel)
    return _shape(webhook)


async def get_webhooks(call: Call) -> object:
    """List a channel's webhooks."""
    channel = call.channel(P.MANAGE_WEBHOOKS)
    return [_shape(one) for one in call.core.world.webhooks.values() if one.channel is channel]


async def get_webhook(call: Call) -> object:
    """Return a webhook, by its token."""
    return {key: value for key, value in _shape(webhook_of(call)).items() if key != "user"}


async def remove_webhook(call: Call) -> None:
    """Remove a webhook by the permission; what was said by it stays."""
    webhook = _named(call)
    call.require(webhook.channel, P.MANAGE_WEBHOOKS)
    _remove(call, webhook)


async def delete_webhook(call: Call) -> None:
    """Remove a webhook by its token."""
    _remove(call, webhook_of(call))


def _remove(call: Call, webhook: Webhook) -> None:
    del call.core.world.webhooks[webhook.webhook_id]
    _tell_update(call, webhook.channel)


def is_of_channel(call: Call) -> bool:
    """Whether the path names a channel's webhook; else it is an application's, for answers to interactions."""
    return call.path_id("webhook_id") in call.core.world.webhooks


async def speak(call: Call) -> object:
    """Send a message by a webhook, under the name the body gives; the message is returned only with `wait`."""
    webhook = webhook_of(call)
    errors = FormErrors()
    check_text(errors, ("username",), call.body.get("username"), NAME_LIMIT)
    errors.raise_if_any()
    author = User(webhook.webhook_id, str(call.body.get("username") or webhook.name), is_bot=True, is_webhook=True)
    draft = Draft(call.body, call.files, webhook_id=webhook.webhook_id, application_id=webhook.application_id)
    message = create_message(call.core, _place(call, webhook), author, draft)
    is_waited_for = call.request.query.get("wait", "").lower() in ("1", "true")
    return _message_shape(call, message) if is_waited_for else None


def _place(call: Call, webhook: Webhook) -> Channel:
    """Return the webhook's channel, or the thread of it that the query names."""
    if "thread_id" not in call.request.query:
        return webhook.channel
    thread = call.core.world.channels.get(snowflake(call.request.query["thread_id"], "thread_id"))
    if thread is None or thread.parent is not webhook.channel:
        raise ApiError(UNKNOWN_CHANNEL)
    return thread


async def get_spoken(call: Call) -> object:
    """Return a message of the webhook's own."""
    return _message_shape(call, _spoken(call))


async def patch_spoken(call: Call) -> object:
    """Edit a message of the webhook's own."""
    message = _spoken(call)
    edit_message(call.core, message, call.body, call.files)
    return _message_shape(call, message)


async def delete_spoken(call: Call) -> None:
    """Delete a message of the webhook's own."""
    delete_message(call.core, _spoken(call))


def _spoken(call: Call) -> Message:
    webhook = webhook_of(call)
    found = _place(call, webhook).messages.get(call.path_id("message_id"))
    if found is None or found.webhook_id != webhook.webhook_id:
        raise ApiError(UNKNOWN_MESSAGE)
    return found


def webhook_of(call: Call) -> Webhook:
    """Return the webhook whose id and token the path holds."""
    webhook = _named(call)
    if not secrets.compare_digest(webhook.token, call.request.match_info["webhook_token"]):
        raise ApiError(INVALID_WEBHOOK_TOKEN)
    return webhook


def _named(call: Call) -> Webhook:
    webhook = call.core.world.webhooks.get(call.path_id("webhook_id"))
    if webhook is None:
        raise ApiError(UNKNOWN_WEBHOOK)
    return webhook


def _tell_update(call: Call, channel: Channel) -> None:
    assert channel.guild is not None
    data: Json = {"guild_id": str(channel.guild.guild_id), "channel_id": str(channel.channel_id)}
    call.core.events.in_channel(channel, "WEBHOOKS_UPDATE", data)


def _message_shape(call: Call, message: Message) -> Json:
    return MessageShaper(call.core.world, None).shape(message)


def _shape(webhook: Webhook) -> Json:
    assert webhook.channel.guild is not None
    return {
        "id": str(webhook.webhook_id),
        "type": 1,
        "name": webhook.name,
        "avatar": None,
        "channel_id": str(webhook.channel.channel_id),
        "guild_id": str(webhook.channel.guild.guild_id),
        "application_id": None if webhook.application_id is None else str(webhook.application_id),
        "token": webhook.token,
        "user": user_shape(webhook.creator),
    }


ROUTES = [
    Route("POST", "/channels/{channel_id}/webhooks", post_webhook),
    Route("GET", "/channels/{channel_id}/webhooks", get_webhooks),
    Route("DELETE", "/webhooks/{webhook_id}", remove_webhook),
    Route("GET", "/webhooks/{webhook_id}/{webhook_token}", get_webhook, False),
    Route("DELETE", "/webhooks/{webhook_id}/{webhook_token}", delete_webhook, False),
]
