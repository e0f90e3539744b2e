"""The JSON type every known field of a body must have, checked once at the door. Pure.

Routes behind it may rely on these types; ranges and meanings are theirs to check.
"""

from __future__ import annotations

from enum import Enum, auto

from playground.errors import FormErrors

LARGEST_ID = 1 << 63  # ids, counts and permission bits fit 64 bits
TRANSLATIONS = "_localizations"  # below these, keys are locales ("id" is Indonesian)
DIGITS_LIMIT = 20  # of a number written as text


class Kind(Enum):
    """What a field holds; `null` is always allowed."""

    TEXT = auto()
    NUMBER = auto()
    WHOLE = auto()
    ID = auto()
    FLAG = auto()
    OBJECT = auto()
    OBJECTS = auto()
    SCALARS = auto()


_FIELDS = {
    Kind.TEXT: "name description title custom_id label placeholder url username global_name topic nick token "
    "text filename kind route waveform avatar_url thread_name",
    Kind.WHOLE: "flags style component_type min_values max_values min_length max_length position color "
    "rate_limit_per_user auto_archive_duration times after status code accent_color spacing",
    Kind.NUMBER: "delay_s retry_after min_value max_value duration_secs",
    Kind.ID: "id channel_id guild_id message_id user_id recipient_id target_id allow deny approved_intents "
    "default_member_permissions type",
    Kind.FLAG: "tts enforce_nonce required autocomplete disabled nsfw archived locked invitable inline "
    "divider mentionable replied_user blocks_dms bot fail_if_not_exists resumable global",
    Kind.OBJECT: "allowed_mentions message_reference footer author image thumbnail media file accessory component data",
    Kind.OBJECTS: "embeds components attachments options choices fields items permission_overwrites",
    Kind.SCALARS: "parse users roles values sticker_ids messages contexts integration_types events",
}
KINDS = {name: kind for kind, names in _FIELDS.items() for name in names.split()}
_SCALAR = (str, int, float, bool)
_REFUSALS = {
    Kind.TEXT: ("STRING_TYPE_CONVERT", "Could not interpret the value as string."),
    Kind.NUMBER: ("NUMBER_TYPE_COERCE", "The value is not a number."),
    Kind.WHOLE: ("NUMBER_TYPE_COERCE", "The value is not int."),
    Kind.ID: ("NUMBER_TYPE_COERCE", "The value is not snowflake."),
    Kind.FLAG: ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    Kind.OBJECT: ("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"),
    Kind.OBJECTS: ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    Kind.SCALARS: ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
}


def check_types(body: object) -> None:
    """Refuse (50035) a body in which a known field has the wrong JSON type, at any depth."""
    errors = FormErrors()
    _walk(errors, (), body)
    errors.raise_if_any()


def _walk(errors: FormErrors, path: tuple[str | int, ...], node: object) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _walk(errors, (*path, index), item)
    elif isinstance(node, dict):
        for name, value in node.items():
            kind = KINDS.get(name)
            if kind is not None and value is not None and not _fits(kind, value):
                errors.add((*path, name), *_REFUSALS[kind])
            elif isinstance(value, (dict, list)) and not name.endswith(TRANSLATIONS):
                _walk(errors, (*path, name), value)


def _fits(kind: Kind, value: object) -> bool:
    """Whether *value* is of *kind*; ids may be text, as everywhere on Discord."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NUMBER:
            return is_number
        case Kind.WHOLE:
            return isinstance(value, int) and is_number and abs(value) < LARGEST_ID
        case Kind.ID:
            return _is_id(value)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.OBJECT:
            return isinstance(value, dict)
        case Kind.OBJECTS:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)
        case Kind.SCALARS:
            return isinstance(value, list) and all(isinstance(item, _SCALAR) for item in value)


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        # Attachments are numbered by their place and embeds have a type in words: any short text will do.
        return len(value) <= DIGITS_LIMIT
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID
