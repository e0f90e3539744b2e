"""What Discord accepts as an application command, and as the options a person gives to one. Pure.

Source: Discord reference, "Application Commands".
"""

from __future__ import annotations

from collections.abc import Iterator

from playground.errors import FormErrors, Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10
OPTION_TYPES = range(1, 12)
OPTIONS_LIMIT = CHOICES_LIMIT = 25
NAME_LIMIT, DESCRIPTION_LIMIT, CHOICE_LIMIT = 32, 100, 100
COMMAND_SIZE_LIMIT = 8000  # characters over names, descriptions and values
LARGEST_NUMBER = 2**53  # what a client can send as an integer

Path = tuple[str | int, ...]


def is_command_name(name: str) -> bool:
    """Whether *name* fits `^[-_'\\p{L}\\p{N}]{1,32}$` and is in lower case where case exists."""
    fits = 1 <= len(name) <= NAME_LIMIT and all(c in "-_'" or c.isalnum() or _is_mark(c) for c in name)
    return fits and name == name.lower()


def _is_mark(character: str) -> bool:
    """Whether this is a Devanagari or Thai sign, which names may hold beside letters."""
    return "\u0900" <= character <= "\u097f" or "\u0e00" <= character <= "\u0e7f"


def check_command(errors: FormErrors, command: object, path: Path = ()) -> None:
    """Complain about a command definition."""
    if not isinstance(command, dict):
        errors.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    kind = command.get("type", CHAT_INPUT)
    if kind not in (CHAT_INPUT, USER, MESSAGE):
        errors.add((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
        return
    _check_name(errors, (*path, "name"), command.get("name"), is_menu=kind != CHAT_INPUT)
    needed = command.get("default_member_permissions")
    if needed is not None and not str(needed).isdigit():
        message = f'Value "{needed}" is not int.'
        errors.add((*path, "default_member_permissions"), "NUMBER_TYPE_COERCE", message)
    if kind == CHAT_INPUT:
        check_length(errors, (*path, "description"), command.get("description"), 1, DESCRIPTION_LIMIT)
        _check_options(errors, (*path, "options"), command.get("options"), depth=0)
    else:
        for name, told in (("description", "descriptions"), ("options", "options")):
            if command.get(name):
                code = f"APPLICATION_COMMAND_INVALID_{name.upper()}"
                errors.add((*path, name), code, f"Context menu commands cannot have {told}")
    if _size(command) > COMMAND_SIZE_LIMIT:
        message = f"Command exceeds maximum size ({COMMAND_SIZE_LIMIT})"
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(errors: FormErrors, path: Path, name: object, *, is_menu: bool) -> None:
    if not isinstance(name, str) or not name:
        errors.add(path, "BASE_TYPE_REQUIRED", "This field is required")
    elif len(name) > NAME_LIMIT:
        errors.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {NAME_LIMIT} in length.")
    elif not is_menu and not is_command_name(name):
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(errors: FormErrors, path: Path, options: object, *, depth: int) -> None:
    if options is None:
        return
    if not isinstance(options, list):
        errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return
    if len(options) > OPTIONS_LIMIT:
        errors.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {OPTIONS_LIMIT} or fewer in length.")
    seen: set[str] = set()
    was_optional = False
    for index, option in enumerate(options):
        here = (*path, index)
        if not isinstance(option, dict):
            errors.add(here, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        _check_option(errors, here, option, depth)
        if option.get("name") in seen:
            message = "Options must have unique names"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        seen.add(str(option.get("name")))
        if option.get("required") and was_optional:
            message = "Required options must be placed before non-required options"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        was_optional = was_optional or (not option.get("required") and option.get("type") not in (1, 2))


def _check_option(errors: FormErrors, path: Path, option: Json, depth: int) -> None:
    kind = option.get("type")
    if kind not in OPTION_TYPES:
        errors.add((*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {set(OPTION_TYPES)}.")
        return
    _check_name(errors, (*path, "name"), option.get("name"), is_menu=False)
    check_length(errors, (*path, "description"), option.get("description"), 1, DESCRIPTION_LIMIT)
    if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        if depth > (1 if kind == SUB_COMMAND else 0):
            message = "Sub-command options cannot be nested this deep"
            errors.add((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        _check_options(errors, (*path, "options"), option.get("options"), depth=depth + 1)
        return
    _check_choices(errors, (*path, "choices"), option)


def _check_choices(errors: FormErrors, path: Path, option: Json) -> None:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        message = "Autocomplete options cannot have choices"
        errors.add(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", message)
    check_choices(errors, path, choices)


def check_choices(errors: FormErrors, path: Path, choices: object) -> None:
    """Complain about choices, of a command or of an autocomplete answer."""
    if not isinstance(choices, list):
        errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return
    if len(choices) > CHOICES_LIMIT:
        errors.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {CHOICES_LIMIT} or fewer in length.")
    for index, choice in enumerate(choices):
        check_length(errors, (*path, index, "name"), choice.get("name"), 1, CHOICE_LIMIT)
        value = choice.get("value")
        if value is None or (isinstance(value, str) and not 1 <= len(value) <= CHOICE_LIMIT):
            bound = f"Must be between 1 and {CHOICE_LIMIT} in length."
            errors.add((*path, index, "value"), "BASE_TYPE_BAD_LENGTH", bound)


def check_length(errors: FormErrors, path: Path, value: object, least: int, most: int) -> None:
    """Complain about a text that is missing or outside its bounds."""
    if value is None or value == "":
        errors.add(path, "BASE_TYPE_REQUIRED", "This field is required")
    elif not isinstance(value, str) or not least <= len(value) <= most:
        errors.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")


def _size(command: Json) -> int:
    texts = [command.get("name"), command.get("description")]
    for choice in command.get("choices") or []:
        texts += [choice.get("name"), choice.get("value")]
    own = sum(len(str(text)) for text in texts if text is not None)
    return own + sum(_size(o) for o in command.get("options") or [] if isinstance(o, dict))


def leaves(options: list[Json]) -> Iterator[Json]:
    """Yield the given options that hold values, below any sub-command."""
    for option in options:
        if option.get("type") in (SUB_COMMAND, SUB_COMMAND_GROUP):
            yield from leaves(option.get("options") or [])
        else:
            yield option


def check_given(errors: FormErrors, command: Json, options: list[Json], *, is_draft: bool) -> None:
    """Complain about options that do not fit *command*; a draft (autocomplete) may lack required ones."""
    _check_given(errors, ("data", "options"), command.get("options") or [], options, is_draft)


def _check_given(errors: FormErrors, path: Path, defined: list[Json], given: list[Json], is_draft: bool) -> None:
    by_name = {option["name"]: option for option in defined}
    names = {option.get("name") for option in given}
    for index, option in enumerate(given):
        known = by_name.get(option.get("name", ""))
        if known is None or known["type"] != option.get("type"):
            message = "This option is not part of the command"
            errors.add((*path, index), "APPLICATION_COMMAND_OPTION_UNKNOWN", message)
        elif known["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP):
            below = option.get("options") or []
            _check_given(errors, (*path, index, "options"), known.get("options") or [], below, is_draft)
        elif not is_draft:
            _check_value(errors, (*path, index, "value"), known, option.get("value"))
    for name, option in by_name.items():
        if option.get("required") and name not in names and not is_draft:
            errors.add((*path, name), "BASE_TYPE_REQUIRED", "This field is required")


def _check_value(errors: FormErrors, path: Path, known: Json, value: object) -> None:
    kind = known["type"]
    types = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}
    is_bool = isinstance(value, bool)
    if not isinstance(value, types.get(kind, str)) or (is_bool and kind != BOOLEAN):  # type: ignore[arg-type]
        errors.add(path, "BASE_TYPE_BAD", "The value has the wrong type for this option.")
        return
    choices = known.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        errors.add(path, "BASE_TYPE_CHOICES", "The value is not one of the choices.")
    if isinstance(value, str) and kind == STRING:
        if not known.get("min_length", 0) <= len(value) <= known.get("max_length", 6000):
            errors.add(path, "BASE_TYPE_BAD_LENGTH", "The text is too short or too long.")
    elif isinstance(value, (int, float)) and not is_bool:
        low, high = known.get("min_value", -LARGEST_NUMBER), known.get("max_value", LARGEST_NUMBER)
        if not low <= value <= high:
            errors.add(path, "NUMBER_TYPE_RANGE", "The number is too small or too large.")
