"""A companion's files written anew from what was parsed of them: one form for one content, so that they compare; pure.

Comments are not kept. What is read again from these files is the same companion.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping

from bot.domain.persona import EXAMPLES, EXPRESSIONS, IDENTITY, MANIFEST, CompanionSource

FENCE = "+++"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def files_of(source: CompanionSource) -> dict[str, str]:
    """Give the text of each file of a companion by its name in the folder.

    Raises:
        TypeError: a table holds something that TOML has no form for here.
    """
    files = {
        MANIFEST: toml_of(source.manifest),
        IDENTITY: source.identity.strip() + "\n",
        EXAMPLES: toml_of(source.examples),
        EXPRESSIONS: toml_of(source.expressions),
    }
    for slug, persona in source.personas.items():
        files[f"{slug}.md"] = f"{FENCE}\n{toml_of(persona.front)}{FENCE}\n{persona.voice.strip()}\n"
    return files


def toml_of(table: Mapping[str, object], path: str = "") -> str:
    """Write a table as TOML: plain values first, tables after them, in their order.

    Raises:
        TypeError: it holds something other than texts, numbers, yes and no, lists and tables.
    """
    plain = {key: value for key, value in table.items() if not _is_table(value) and not _is_tables(value)}
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in plain.items()]
    for key, value in table.items():
        name = f"{path}{_key(key)}"
        if isinstance(value, Mapping):
            lines.append(f"\n[{name}]\n{toml_of(value, f'{name}.')}")
        elif isinstance(value, list) and _is_tables(value):
            lines += [f"\n[[{name}]]\n{toml_of(entry, f'{name}.')}" for entry in value]
    return "".join(lines).lstrip("\n")


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, list):
        return _list(value)
    raise TypeError(f"TOML holds no {type(value).__name__} here")


def _list(values: Iterable[object]) -> str:
    return "[" + ", ".join(map(_value, values)) + "]"


def _text(text: str) -> str:
    """Quote as a basic string; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
