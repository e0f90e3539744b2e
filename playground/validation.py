"""What Discord accepts in a message body, and the nested 50035 errors for what it does not. Pure.

Source: Discord reference, "Message", "Embed Limits", "Allowed Mentions Object".
"""

from __future__ import annotations

from urllib.parse import urlsplit

from playground.components import check_components
from playground.errors import FormErrors, Json, form_error

CONTENT_LIMIT = 2000  # characters
NONCE_LIMIT = 25  # characters
EMBEDS_LIMIT = 10  # per message
EMBEDS_TEXT_LIMIT = 6000  # characters over all embeds of a message
FIELDS_LIMIT = 25  # per embed
EMBED_TEXT_LIMITS = {"title": 256, "description": 4096}
FIELD_LIMITS = {"name": 256, "value": 1024}
MENTIONS_LIMIT = 100  # ids in each list of allowed_mentions

SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
IS_VOICE_MESSAGE = 1 << 13
HAS_SNAPSHOT = 1 << 14
IS_COMPONENTS_V2 = 1 << 15
SETTABLE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_VOICE_MESSAGE | IS_COMPONENTS_V2


def too_long(limit: int) -> tuple[str, str]:
    """Return code and message for text over *limit*."""
    return "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length."


def check_text(
    errors: FormErrors, path: tuple[str | int, ...], value: object, limit: int, *, required: bool = False
) -> None:
    """Complain about text that is missing, of the wrong type, or too long."""
    if value is None or value == "":
        if required:
            errors.add(path, "BASE_TYPE_REQUIRED", "This field is required")
    elif not isinstance(value, str):
        if not isinstance(value, int):
            errors.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
    elif len(value) > limit:
        errors.add(path, *too_long(limit))


def check_message(body: Json, *, flags: int) -> None:
    """Refuse a message body, new or edited, that Discord would refuse; *flags* are the resulting ones."""
    errors = FormErrors()
    check_text(errors, ("content",), body.get("content"), CONTENT_LIMIT)
    check_text(errors, ("nonce",), body.get("nonce"), NONCE_LIMIT)
    _check_embeds(errors, body.get("embeds"))
    _check_allowed_mentions(errors, body.get("allowed_mentions"))
    if flags & IS_COMPONENTS_V2:
        _check_legacy_fields(errors, body)
    check_components(errors, body.get("components"), is_v2=bool(flags & IS_COMPONENTS_V2))
    errors.raise_if_any()


def _check_legacy_fields(errors: FormErrors, body: Json) -> None:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            errors.add(
                (name,),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _check_embeds(errors: FormErrors, embeds: object) -> None:
    if embeds is None:
        return
    if not isinstance(embeds, list):
        errors.add(("embeds",), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return
    if len(embeds) > EMBEDS_LIMIT:
        errors.add(("embeds",), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {EMBEDS_LIMIT} in length.")
        return
    for index, embed in enumerate(embeds):
        if isinstance(embed, dict):
            _check_embed(errors, ("embeds", index), embed)
        else:
            errors.add(("embeds", index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    if sum(_embed_length(embed) for embed in embeds if isinstance(embed, dict)) > EMBEDS_TEXT_LIMIT:
        errors.add(
            ("embeds",),
            "MAX_EMBED_SIZE_EXCEEDED",
            f"Embed size exceeds maximum size of {EMBEDS_TEXT_LIMIT}",
        )


def _check_embed(errors: FormErrors, path: tuple[str | int, ...], embed: Json) -> None:
    for name, limit in EMBED_TEXT_LIMITS.items():
        check_text(errors, (*path, name), embed.get(name), limit)
    for part, name, limit in (("footer", "text", 2048), ("author", "name", 256)):
        if isinstance(embed.get(part), dict):
            check_text(errors, (*path, part, name), embed[part].get(name), limit, required=True)
    for part in ("image", "thumbnail"):
        if isinstance(embed.get(part), dict):
            check_url(errors, (*path, part, "url"), embed[part].get("url"), is_media=True)
    check_url(errors, (*path, "url"), embed.get("url"), is_media=False)
    color = embed.get("color")
    if color is not None and not (isinstance(color, int) and 0 <= color <= 0xFFFFFF):
        errors.add((*path, "color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
    fields = embed.get("fields") or []
    if len(fields) > FIELDS_LIMIT:
        errors.add((*path, "fields"), *too_long(FIELDS_LIMIT))
    for index, field in enumerate(fields):
        for name, limit in FIELD_LIMITS.items():
            check_text(errors, (*path, "fields", index, name), field.get(name), limit, required=True)


def check_url(errors: FormErrors, path: tuple[str | int, ...], url: object, *, is_media: bool) -> None:
    """Complain about an address with a scheme Discord does not take."""
    if not url:
        return
    schemes = ("http", "https", "attachment") if is_media else ("http", "https")
    scheme = urlsplit(str(url)).scheme
    if scheme not in schemes:
        message = f'Scheme "{scheme}" is not supported. Scheme must be one of {schemes}.'
        errors.add(path, "URL_TYPE_INVALID_SCHEME", message)


def _embed_length(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(str(text)) for text in texts if text)


def _check_allowed_mentions(errors: FormErrors, allowed: object) -> None:
    if allowed is None:
        return
    if not isinstance(allowed, dict):
        errors.add(("allowed_mentions",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    parse = allowed.get("parse") or []
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            choices = "Value must be one of ('users', 'roles', 'everyone')."
            errors.add(("allowed_mentions", "parse", index), "BASE_TYPE_CHOICES", choices)
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        if ids and kind in parse:
            errors.add(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )
        if len(ids) > MENTIONS_LIMIT:
            errors.add(("allowed_mentions", kind), *too_long(MENTIONS_LIMIT))


def snowflake(value: object, *path: str) -> int:
    """Read an id from a path or a body; refuses anything that is not one."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    raise form_error(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
