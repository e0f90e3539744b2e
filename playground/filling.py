"""Lays out what a person gives to a command or a form the way Discord's clients send it. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def lay_out(defined: list[Json], path: list[str], options: Json) -> list[Json]:
    """Nest the options below the sub-commands of *path*."""
    by_name = {option["name"]: option for option in defined}
    if path:
        step = by_name[path[0]]
        below = lay_out(step.get("options") or [], path[1:], options)
        return [{"name": step["name"], "type": step["type"], "options": below}]
    return [{"name": name, "type": by_name[name]["type"], "value": value} for name, value in options.items()]


def leaves_of(options: list[Json]) -> list[Json]:
    """Return the options below all sub-commands."""
    while options and "options" in options[0]:
        options = options[0]["options"]
    return options


def filled(part: Json, values: dict[str, Any]) -> Json | None:
    """Return one part of a form with the person's values in it; plain text is not sent back."""
    if part["type"] == 1:
        return {
            "type": 1,
            "id": part.get("id"),
            "components": [_field(c, values) for c in part["components"]],
        }
    if part["type"] == 18:
        return {"type": 18, "id": part.get("id"), "component": _field(part["component"], values)}
    return None


def _field(component: Json, values: dict[str, Any]) -> Json:
    custom_id = component["custom_id"]
    given = values.get(custom_id, component.get("value", "") if component["type"] == 4 else [])
    slot = "value" if component["type"] in (4, 21, 23) else "values"
    return {"type": component["type"], "id": component.get("id"), "custom_id": custom_id, slot: given}
