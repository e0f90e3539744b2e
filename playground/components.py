"""Message and modal components, old and new: what Discord accepts, and the ids it adds. Pure.

Source: Discord reference, "Component Reference".
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from playground.errors import FormErrors, Json

Path = tuple[str | int, ...]


class ComponentType(IntEnum):
    """Discord's component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


C = ComponentType
SELECTS = frozenset({C.STRING_SELECT, C.USER_SELECT, C.ROLE_SELECT, C.MENTIONABLE_SELECT, C.CHANNEL_SELECT})
V2_TOP = frozenset({C.ACTION_ROW, C.SECTION, C.TEXT_DISPLAY, C.MEDIA_GALLERY, C.FILE, C.SEPARATOR, C.CONTAINER})
IN_CONTAINER = V2_TOP - {C.CONTAINER}
MODAL_TOP = frozenset({C.ACTION_ROW, C.TEXT_DISPLAY, C.LABEL})
IN_LABEL = SELECTS | {C.TEXT_INPUT, C.FILE_UPLOAD, C.RADIO_GROUP, C.CHECKBOX_GROUP, C.CHECKBOX}
ROWS_LIMIT = 5  # top-level rows of an old-style message, or parts of a modal
BUTTONS_LIMIT = 5  # per row
OPTIONS_LIMIT = 25  # per select
COMPONENTS_LIMIT = 40  # in a Components V2 message, nested ones included
TEXT_LIMIT = 4000  # characters over all text displays
CUSTOM_ID_LIMIT, LABEL_LIMIT, OPTION_TEXT_LIMIT, PLACEHOLDER_LIMIT = 100, 80, 100, 150
GALLERY_LIMIT = 10  # pictures in a gallery
LINK_STYLE, PREMIUM_STYLE = 5, 6


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component, parents before their children."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for name in ("accessory", "component"):
            if isinstance(component.get(name), dict):
                yield from walk([component[name]])


def numbered(components: list[Json]) -> list[Json]:
    """Give every component without an `id` the next free one, as Discord does."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    free = (number for number in range(1, 1 << 31) if number not in taken)
    for component in walk(components):
        if not component.get("id"):
            component["id"] = next(free)
    return components


def check_components(errors: FormErrors, components: object, *, is_v2: bool) -> None:
    """Complain about the components of a message."""
    if components is None or components == []:
        return
    if not _is_list_of_objects(errors, ("components",), components):
        return
    assert isinstance(components, list)
    if not is_v2 and len(components) > ROWS_LIMIT:
        errors.add(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS_LIMIT} in length.")
    allowed = V2_TOP if is_v2 else frozenset({C.ACTION_ROW})
    for index, component in enumerate(components):
        _check(errors, ("components", index), component, allowed)
    if is_v2:
        _check_totals(errors, components)
    _check_unique(errors, components)


def check_modal(errors: FormErrors, data: Json) -> None:
    """Complain about a form: its title, id and parts."""
    _check_length(errors, ("data", "title"), data.get("title"), 1, 45)
    _check_length(errors, ("data", "custom_id"), data.get("custom_id"), 1, CUSTOM_ID_LIMIT)
    components = data.get("components")
    if not _is_list_of_objects(errors, ("data", "components"), components):
        return
    assert isinstance(components, list)
    if not 1 <= len(components) <= ROWS_LIMIT:
        errors.add(("data", "components"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS_LIMIT} in length.")
    for index, component in enumerate(components):
        path: Path = ("data", "components", index)
        if component.get("type") == C.ACTION_ROW:
            _check_children(errors, path, component, frozenset({C.TEXT_INPUT}), 1)
        else:
            _check(errors, path, component, MODAL_TOP)


def _is_list_of_objects(errors: FormErrors, path: Path, value: object) -> bool:
    if not isinstance(value, list):
        errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return False
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            errors.add((*path, index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return False
    return True


def _check(errors: FormErrors, path: Path, component: Json, allowed: frozenset[ComponentType]) -> None:
    """Complain about one component where only *allowed* types may stand."""
    kind = component.get("type")
    if kind not in allowed:
        choices = ", ".join(str(int(c)) for c in sorted(allowed))
        message = f'Value of field "type" must be one of ({choices},).'
        errors.add((*path, "type"), "UNION_TYPE_CHOICES", message)
        return
    checker = _CHECKERS.get(ComponentType(kind))
    if checker is not None:
        checker(errors, path, component)


def _check_row(errors: FormErrors, path: Path, row: Json) -> None:
    children = row.get("components") or []
    has_select = any(isinstance(c, dict) and c.get("type") in SELECTS for c in children)
    _check_children(errors, path, row, SELECTS | {C.BUTTON}, 1 if has_select else BUTTONS_LIMIT)


def _check_children(
    errors: FormErrors, path: Path, parent: Json, allowed: frozenset[ComponentType], limit: int
) -> None:
    children = parent.get("components")
    if not _is_list_of_objects(errors, (*path, "components"), children):
        return
    assert isinstance(children, list)
    if not 1 <= len(children) <= limit:
        where = (*path, "components")
        errors.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {limit} in length.")
    for index, child in enumerate(children):
        _check(errors, (*path, "components", index), child, allowed)


def _check_button(errors: FormErrors, path: Path, button: Json) -> None:
    style = button.get("style")
    if not isinstance(style, int) or not 1 <= style <= PREMIUM_STYLE:
        errors.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
        return
    if style == LINK_STYLE:
        if not button.get("url"):
            errors.add((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
        if button.get("custom_id"):
            errors.add(
                (*path, "custom_id"),
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url are mutually exclusive",
            )
    elif style != PREMIUM_STYLE:
        _check_custom_id(errors, path, button, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED")
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        errors.add((*path, "label"), "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")
    _check_length(errors, (*path, "label"), button.get("label"), 0, LABEL_LIMIT)


def _check_custom_id(errors: FormErrors, path: Path, component: Json, code: str = "BASE_TYPE_REQUIRED") -> None:
    if not component.get("custom_id"):
        message = "A custom id is required" if code != "BASE_TYPE_REQUIRED" else "This field is required"
        errors.add((*path, "custom_id"), code, message)
    _check_length(errors, (*path, "custom_id"), component.get("custom_id"), 0, CUSTOM_ID_LIMIT)


def _check_select(errors: FormErrors, path: Path, select: Json) -> None:
    _check_custom_id(errors, path, select)
    _check_length(errors, (*path, "placeholder"), select.get("placeholder"), 0, PLACEHOLDER_LIMIT)
    if select.get("type") == C.STRING_SELECT:
        _check_options(errors, path, select.get("options"))
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        errors.add((*path, "min_values"), "BASE_TYPE_MAX_VALUE", "min_values must not exceed max_values.")


def _check_options(errors: FormErrors, path: Path, options: object) -> None:
    where = (*path, "options")
    if not _is_list_of_objects(errors, where, options):
        return
    assert isinstance(options, list)
    if not 1 <= len(options) <= OPTIONS_LIMIT:
        errors.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {OPTIONS_LIMIT} in length.")
    seen: set[str] = set()
    for index, option in enumerate(options):
        for name, least in (("label", 1), ("value", 1), ("description", 0)):
            _check_length(errors, (*where, index, name), option.get(name), least, OPTION_TEXT_LIMIT)
        if option.get("value") in seen:
            duplicated = "The specified option value is already used"
            errors.add((*where, index, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", duplicated)
        seen.add(str(option.get("value")))


def _check_text_input(errors: FormErrors, path: Path, field: Json) -> None:
    _check_custom_id(errors, path, field)
    if field.get("style") not in (1, 2):
        errors.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
    _check_length(errors, (*path, "label"), field.get("label"), 0, 45)
    _check_length(errors, (*path, "placeholder"), field.get("placeholder"), 0, 100)
    _check_length(errors, (*path, "value"), field.get("value"), 0, TEXT_LIMIT)


def _check_section(errors: FormErrors, path: Path, section: Json) -> None:
    _check_children(errors, path, section, frozenset({C.TEXT_DISPLAY}), 3)
    accessory = section.get("accessory")
    if not isinstance(accessory, dict):
        errors.add((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")
    else:
        _check(errors, (*path, "accessory"), accessory, frozenset({C.BUTTON, C.THUMBNAIL}))


def _check_text_display(errors: FormErrors, path: Path, display: Json) -> None:
    _check_length(errors, (*path, "content"), display.get("content"), 1, TEXT_LIMIT)


def _check_media(errors: FormErrors, path: Path, thumbnail: Json) -> None:
    for name in ("media", "file"):
        if name in thumbnail and not (isinstance(thumbnail[name], dict) and thumbnail[name].get("url")):
            errors.add((*path, name, "url"), "BASE_TYPE_REQUIRED", "This field is required")


def _check_gallery(errors: FormErrors, path: Path, gallery: Json) -> None:
    where = (*path, "items")
    if not _is_list_of_objects(errors, where, gallery.get("items")):
        return
    if not 1 <= len(gallery["items"]) <= GALLERY_LIMIT:
        errors.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {GALLERY_LIMIT} in length.")
    for index, item in enumerate(gallery["items"]):
        _check_media(errors, (*where, index), {"media": item.get("media")})


def _check_container(errors: FormErrors, path: Path, container: Json) -> None:
    _check_children(errors, path, container, IN_CONTAINER, COMPONENTS_LIMIT)


def _check_label(errors: FormErrors, path: Path, label: Json) -> None:
    _check_length(errors, (*path, "label"), label.get("label"), 1, 45)
    _check_length(errors, (*path, "description"), label.get("description"), 0, 100)
    inner = label.get("component")
    if not isinstance(inner, dict):
        errors.add((*path, "component"), "BASE_TYPE_REQUIRED", "This field is required")
    else:
        _check(errors, (*path, "component"), inner, IN_LABEL)


_CHECKERS = {
    C.ACTION_ROW: _check_row,
    C.BUTTON: _check_button,
    **dict.fromkeys(SELECTS, _check_select),
    C.TEXT_INPUT: _check_text_input,
    C.SECTION: _check_section,
    C.TEXT_DISPLAY: _check_text_display,
    C.THUMBNAIL: _check_media,
    C.FILE: _check_media,
    C.MEDIA_GALLERY: _check_gallery,
    C.CONTAINER: _check_container,
    C.LABEL: _check_label,
}


def _check_length(errors: FormErrors, path: Path, value: object, least: int, most: int) -> None:
    if value is None or value == "":
        if least > 0:
            errors.add(path, "BASE_TYPE_REQUIRED", "This field is required")
    elif not isinstance(value, str):
        errors.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
    elif len(value) > most:
        if least > 0:
            errors.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            errors.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _check_totals(errors: FormErrors, components: list[Json]) -> None:
    total = sum(1 for _ in walk(components))
    if total > COMPONENTS_LIMIT:
        message = f"The maximum number of components is {COMPONENTS_LIMIT}; this message has {total}."
        errors.add(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [c.get("content") for c in walk(components) if c.get("type") == C.TEXT_DISPLAY]
    if sum(len(text) for text in texts if isinstance(text, str)) > TEXT_LIMIT:
        message = f"The displayable text of all components must be {TEXT_LIMIT} or fewer in length."
        errors.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _check_unique(errors: FormErrors, components: list[Json]) -> None:
    seen: set[str] = set()
    for index, top in enumerate(components):
        for component in walk([top]):
            custom_id = component.get("custom_id")
            if custom_id and custom_id in seen:
                path = ("components", index, "custom_id")
                errors.add(path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            seen.add(str(custom_id))
