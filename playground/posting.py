"""Makes, changes and deletes messages: one way for REST, interaction answers and follow-ups.

Decides who is mentioned and what is quoted; `validation` has looked at the body before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from playground.components import numbered, walk
from playground.core import Core
from playground.errors import (
    CANNOT_REPLY,
    EMPTY_MESSAGE,
    FILE_TOO_LARGE,
    MISSING_ACCESS,
    UNKNOWN_MESSAGE,
    UNKNOWN_STICKER,
    ApiError,
    Json,
    form_error,
)
from playground.mentions import find_mentions
from playground.permissions import Permission, channel_permissions, may_see
from playground.shapes import snapshot_shape
from playground.uploads import FILE_LIMIT_BYTES, FILES_LIMIT, Upload, attachment_shape
from playground.validation import (
    HAS_SNAPSHOT,
    IS_COMPONENTS_V2,
    LOADING,
    SETTABLE_FLAGS,
    SUPPRESS_EMBEDS,
    check_message,
    snowflake,
)
from playground.world import STICKER_FORMAT_LOTTIE, STICKERS, Channel, Message, User

# Source: Discord reference, "Message Types".
KIND_DEFAULT, KIND_PIN, KIND_THREAD_CREATED, KIND_REPLY = 0, 6, 18, 19
KIND_COMMAND, KIND_THREAD_STARTER, KIND_CONTEXT_MENU = 20, 21, 23
REFERENCE_FORWARD = 1  # Discord reference, "Message Reference Types"
FORWARDABLE_KINDS = frozenset({KIND_DEFAULT, KIND_REPLY, KIND_COMMAND, KIND_CONTEXT_MENU})
STICKERS_LIMIT = 3  # per message
MEDIA_FIELDS = ("url", "proxy_url", "width", "height", "content_type")


@dataclass(slots=True)
class Draft:
    """A message somebody asks to send, and what the way it is sent adds."""

    body: Json
    files: list[Upload] = field(default_factory=list)
    kind: int = KIND_DEFAULT
    flags: int = 0
    interaction: Json | None = None
    ephemeral_to: int | None = None
    application_id: int | None = None
    webhook_id: int | None = None
    replied_to: int | None = None
    reference: Json | None = None
    may_be_empty: bool = False


def create_message(core: Core, channel: Channel, author: User, draft: Draft) -> Message:
    """Check and send a message; the same nonce with `enforce_nonce` returns the one sent before."""
    body = draft.body
    flags = draft.flags | (_flags(body) & SETTABLE_FLAGS)
    check_message(body, flags=flags)
    nonce = body.get("nonce")
    if nonce is not None and body.get("enforce_nonce"):
        earlier = channel.sent_with(author.user_id, str(nonce))
        if earlier is not None:
            return earlier
    message = Message(core.world.new_id(), channel, author, kind=draft.kind, flags=flags, nonce=nonce)
    message.content = _content(body)
    message.is_tts = bool(body.get("tts"))
    message.embeds = [_embed(embed) for embed in body.get("embeds") or []]
    message.components = numbered(body.get("components") or [])
    message.allowed_mentions = body.get("allowed_mentions")
    message.interaction, message.ephemeral_to = draft.interaction, draft.ephemeral_to
    message.application_id, message.webhook_id = draft.application_id, draft.webhook_id
    _refer(core, message, draft)
    message.attachments = _keep_files(core, message, draft.files, body.get("attachments") or [])
    message.sticker_items = _stickers(body.get("sticker_ids") or [])
    if is_empty(message) and not draft.may_be_empty:
        raise ApiError(EMPTY_MESSAGE)
    find_mentions(core.world, message)
    _send(core, message)
    return message


def _send(core: Core, message: Message) -> None:
    """Keep the message and tell everybody."""
    channel = message.channel
    if message.ephemeral_to is not None:
        core.world.keep_ephemeral(message)
    else:
        channel.keep(message)
        if message.nonce is not None:
            channel.remember_nonce(message.author.user_id, str(message.nonce), message.message_id)
        if channel.thread is not None:
            channel.thread.sent_in_all += 1
            if not message.author.is_webhook:
                channel.thread.member_ids.setdefault(message.author.user_id, datetime.now(UTC))
    core.events.message("MESSAGE_CREATE", message)


def edit_message(core: Core, message: Message, body: Json, files: list[Upload]) -> None:
    """Apply an edit: only fields that are present change."""
    flags = message.flags
    if "flags" in body:
        changeable = SUPPRESS_EMBEDS | IS_COMPONENTS_V2
        wanted = _flags(body) & changeable
        # Components V2 can be switched on, never off again.
        flags = flags & ~SUPPRESS_EMBEDS | wanted
    check_message(body, flags=flags)
    before = (message.content, message.embeds, message.components, message.attachments)
    if "content" in body:
        message.content = _content(body)
    if "embeds" in body:
        message.embeds = [_embed(embed) for embed in body["embeds"] or []]
    if "components" in body:
        message.components = numbered(body["components"] or [])
    if "allowed_mentions" in body:
        message.allowed_mentions = body["allowed_mentions"]
    _edit_files(core, message, body, files)
    if is_empty(message):
        message.content, message.embeds, message.components, message.attachments = before
        raise ApiError(EMPTY_MESSAGE)
    was_loading = message.flags & LOADING
    message.flags = flags & ~LOADING
    if not was_loading:
        message.edited_at = datetime.now(UTC)
    find_mentions(core.world, message)
    core.events.message("MESSAGE_UPDATE", message)


def _edit_files(core: Core, message: Message, body: Json, files: list[Upload]) -> None:
    """Keep the attachments the edit still names, and add the new ones."""
    if "attachments" in body:
        kept = {str(a.get("id")) for a in body["attachments"] or []}
        message.attachments = [a for a in message.attachments if a["id"] in kept]
    message.attachments = message.attachments + _keep_files(core, message, files, body.get("attachments") or [])


def delete_message(core: Core, message: Message) -> None:
    """Delete a message and tell everybody."""
    if message.ephemeral_to is not None:
        core.world.ephemerals.pop(message.message_id, None)
    else:
        message.channel.drop(message.message_id)
    core.events.message_gone(message)


def is_empty(message: Message) -> bool:
    """Whether nothing would be shown."""
    parts = (message.content, message.embeds, message.components, message.attachments, message.sticker_items)
    return not any(parts) and not message.snapshots


def _stickers(ids: list[object]) -> list[Json]:
    """Return the stickers of a message, known ones only."""
    if len(ids) > STICKERS_LIMIT:
        limit = f"Must be {STICKERS_LIMIT} or fewer in length."
        raise form_error(("sticker_ids",), "BASE_TYPE_MAX_LENGTH", limit)
    wanted = [snowflake(sticker_id, "sticker_ids") for sticker_id in ids]
    if any(sticker_id not in STICKERS for sticker_id in wanted):
        raise ApiError(UNKNOWN_STICKER)
    return [{"id": str(i), "name": STICKERS[i], "format_type": STICKER_FORMAT_LOTTIE} for i in wanted]


def _content(body: Json) -> str:
    """Return the text, trimmed as Discord trims it."""
    content = body.get("content")
    return "" if content is None else str(content).strip()


def _flags(body: Json) -> int:
    flags = body.get("flags") or 0
    if not isinstance(flags, int):
        raise form_error(("flags",), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
    return flags


def _embed(embed: Json) -> Json:
    """Return an embed as Discord hands it back."""
    return {"type": "rich"} | embed


def _refer(core: Core, message: Message, draft: Draft) -> None:
    """Resolve what the message answers to."""
    reference = draft.body.get("message_reference")
    if isinstance(reference, dict) and reference.get("type") == REFERENCE_FORWARD:
        _forward(core, message, reference)
    elif isinstance(reference, dict) and reference.get("message_id") is not None:
        _refer_as_asked(core, message, reference)
    elif draft.replied_to is not None:
        _refer_to(message, draft.replied_to)
    elif draft.reference is not None:
        message.reference = draft.reference


def _forward(core: Core, message: Message, reference: Json) -> None:
    """Pass on what another message says, without whoever wrote it; nothing can be added to it."""
    home = core.world.channels.get(snowflake(reference.get("channel_id"), "message_reference", "channel_id"))
    if home is None or not may_see(home, message.author):
        raise ApiError(MISSING_ACCESS)
    message_id = snowflake(reference.get("message_id"), "message_reference", "message_id")
    found = home.messages.get(message_id)
    if found is None:
        raise ApiError(UNKNOWN_MESSAGE)
    if message.content or found.kind not in FORWARDABLE_KINDS:
        raise form_error(("message_reference",), "MESSAGE_REFERENCE_NOT_FORWARDABLE", "This cannot be forwarded")
    message.flags |= HAS_SNAPSHOT
    message.snapshots = list(found.snapshots) or [snapshot_shape(found)]
    message.reference = {"type": REFERENCE_FORWARD, "message_id": str(message_id), "channel_id": str(home.channel_id)}
    if home.guild is not None:
        message.reference["guild_id"] = str(home.guild.guild_id)


def _refer_as_asked(core: Core, message: Message, reference: Json) -> None:
    held = channel_permissions(message.channel, message.author)
    if not held & Permission.READ_MESSAGE_HISTORY:
        raise ApiError(CANNOT_REPLY)
    message_id = snowflake(reference["message_id"], "message_reference", "message_id")
    home = str(reference.get("channel_id") or message.channel.channel_id)
    found = message_id in message.channel.messages and home == str(message.channel.channel_id)
    if found:
        message.kind = KIND_REPLY
        _refer_to(message, message_id)
    elif reference.get("fail_if_not_exists", True):
        raise form_error(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")


def _refer_to(message: Message, message_id: int) -> None:
    channel = message.channel
    message.replied_to = message_id
    message.reference = {
        "type": 0,
        "message_id": str(message_id),
        "channel_id": str(channel.channel_id),
    }
    if channel.guild is not None:
        message.reference["guild_id"] = str(channel.guild.guild_id)


def _keep_files(core: Core, message: Message, files: list[Upload], details: list[Json]) -> list[Json]:
    """Keep uploaded files and return their attachments; embeds and cards that show one take its address."""
    if len(message.attachments) + len(files) > FILES_LIMIT:
        limit = f"Must be {FILES_LIMIT} or fewer in length."
        raise form_error(("attachments",), "BASE_TYPE_MAX_LENGTH", limit)
    if any(len(upload.content) > FILE_LIMIT_BYTES for upload in files):
        raise ApiError(FILE_TOO_LARGE)
    told = {str(d.get("id")): d for d in details if isinstance(d, dict)}
    kept = []
    for upload in files:
        attachment_id = core.world.new_id()
        core.uploads.keep(attachment_id, upload)
        place = f"attachments/{message.channel.channel_id}/{attachment_id}/{upload.filename}"
        detail = told.get(str(upload.position), {})
        kept.append(attachment_shape(attachment_id, upload, f"{core.origin}/{place}", detail))
    shown = _place_media(message, kept)
    return [attachment for attachment in kept if attachment["id"] not in shown]


def _place_media(message: Message, attachments: list[Json]) -> set[str]:
    """Fill in `attachment://` addresses; return the ids of the files that are shown that way."""
    by_address = {f"attachment://{a['filename']}": a for a in attachments}
    media = [e[part] for e in message.embeds for part in ("image", "thumbnail") if isinstance(e.get(part), dict)]
    for component in walk(message.components):
        holders = [component, *(component.get("items") or [])]
        media += [h[part] for h in holders for part in ("media", "file") if isinstance(h.get(part), dict)]
    shown = set()
    for place in media:
        attachment = by_address.get(str(place.get("url")))
        if attachment is not None:
            shown.add(attachment["id"])
            place.update({k: v for k, v in attachment.items() if k in MEDIA_FIELDS})
    return shown
