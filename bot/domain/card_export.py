"""Write a companion as a character card of version 2 or 3; pure.

The fields of the format say the default persona to other programs; the whole companion stands under ``extensions.mira``
for those who read it here. Of a companion that came from a card, everything else of that card goes out again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from bot.domain.card_lore import without_decorators
from bot.domain.card_own import EXTENSION, FORM, written_digest
from bot.domain.character_card import (
    LIST_FIELDS,
    OLD_NAMES,
    OTHER_FIELDS,
    TEXT_FIELDS,
    V2_VERSION,
    V3_VERSION,
    Spec,
)
from bot.domain.persona import DEFAULT_PERSONA, Companion, CompanionSource
from bot.domain.persona_fields import NAME_FIELD

V3_ONLY = (
    "assets", "nickname", "creator_notes_multilingual", "source", "group_only_greetings", "creation_date",
    "modification_date",
)  # fmt: skip
OLDER_PROGRAM = (
    "This character card is Character Card V3, but it is loaded as a Character Card V2. Please use a Character Card V3 "
    "compatible application to use this character card properly."
)
MAIN_ICON = {"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The card a companion came from, *whole* as it was; *is_as_taken* while the companion's files are what it made."""

    whole: Mapping[str, object]
    is_as_taken: bool


def card_of(
    companion: Companion,
    source: CompanionSource,
    kept: Kept | None,
    *,
    spec: Spec,
    written_at: int,
    is_backfill: bool = False,
) -> dict[str, object]:
    """Give *companion* as a card; *written_at* is now in seconds since 1970.

    With *is_backfill* the card stands beside one of version 3 in the same file, and says so.

    Raises:
        ValueError: *spec* is version 1, which has no place for all of it.
    """
    if spec is Spec.V1:
        raise ValueError("cards are written in version 2 or 3")
    data = _old_data(kept)
    if kept is None or not kept.is_as_taken:
        data |= _said(companion, source)
        data.pop("nickname", None)
    _complete(data)
    extensions = data.get("extensions")
    data["extensions"] = {
        **(extensions if isinstance(extensions, Mapping) else {}),
        EXTENSION: {"form": FORM, "written": written_digest(data), **_whole(source)},
    }
    if spec is Spec.V3:
        return {"spec": str(spec), "spec_version": V3_VERSION, "data": _third(data, written_at)}
    return {"spec": str(spec), "spec_version": V2_VERSION, "data": _second(data, is_backfill=is_backfill)}


def with_assets(
    card: Mapping[str, object], faces: Mapping[str, tuple[str, bytes]], icon: bytes | None
) -> dict[str, object]:
    """Put pictures into a card of version 3: those of *faces* by name, with their files, and the *icon* of all.

    A card of version 2 has no place for them and stays as it is, and so does an icon that a card brought along.
    """
    data = card["data"]
    if card["spec"] != Spec.V3 or not isinstance(data, dict):
        return dict(card)
    own = [
        {"type": "emotion", "uri": data_address(content, file), "name": name, "ext": file.rpartition(".")[2]}
        for name, (file, content) in faces.items()
    ]
    others = [one for one in data["assets"] if one.get("type") != "emotion" or one.get("name") not in faces]
    if icon is not None:
        others = [
            {**one, "uri": data_address(icon, "icon.png"), "ext": "png"} if one == MAIN_ICON else one for one in others
        ]
    return {**card, "data": {**data, "assets": [*others, *own]}}


def data_address(content: bytes, file: str) -> str:
    """Give a picture as an address that holds all of it."""
    return f"data:image/{file.rpartition('.')[2]};base64,{base64.b64encode(content).decode()}"


def _old_data(kept: Kept | None) -> dict[str, object]:
    """Give the fields of the card it came from, by the names of the format."""
    if kept is None:
        return {}
    table = kept.whole.get("data") if "spec" in kept.whole else kept.whole
    if not isinstance(table, Mapping):
        return {}
    return {
        OLD_NAMES.get(str(key), str(key)): deepcopy(value)
        for key, value in table.items()
        if key not in ("spec", "data")
    }


def _said(companion: Companion, source: CompanionSource) -> dict[str, object]:
    """Say the companion in the fields of the format; what a card said there before is no longer so."""
    persona = companion.default_persona
    voice = source.personas[DEFAULT_PERSONA].voice
    talk = "\n".join(
        f"<START>\n{{{{user}}}}: {example.them}\n{{{{char}}}}: {example.you}"
        for example in companion.examples_for(persona)
    )
    said: dict[str, object] = {
        "name": companion.name,
        "description": _with_macro(source.identity),
        "personality": _with_macro(voice),
        "scenario": "",
        "mes_example": talk,
        "system_prompt": "",
        "post_history_instructions": "",
        "character_version": companion.version.partition("+")[0],
    }
    return said | ({"creator_notes": companion.summary} if companion.summary else {})


def _whole(source: CompanionSource) -> dict[str, object]:
    return {
        "manifest": deepcopy(dict(source.manifest)),
        "identity": source.identity.strip(),
        "personas": {
            slug: {"front": deepcopy(dict(one.front)), "voice": one.voice.strip()}
            for slug, one in source.personas.items()
        },
        "examples": deepcopy(dict(source.examples)),
        "expressions": deepcopy(dict(source.expressions)),
    }


def _complete(data: dict[str, object]) -> None:
    """Put the default of the format wherever a field that has to be there is missing or of another kind."""
    for field in TEXT_FIELDS:
        if field != "nickname" and not isinstance(data.get(field), str):
            data[field] = ""
    for field in LIST_FIELDS:
        value = data.get(field)
        if isinstance(value, list):
            data[field] = [one for one in value if isinstance(one, str)]
        elif field != "source":
            data[field] = []
        else:
            data.pop(field, None)
    for field in ("creation_date", "modification_date"):
        if isinstance(data.get(field), bool) or not isinstance(data.get(field), int | float):
            data.pop(field, None)
    for field in ("nickname", *OTHER_FIELDS):
        if field in data and data[field] is None:
            del data[field]
    _complete_book(data)


def _complete_book(data: dict[str, object]) -> None:
    book = data.get("character_book")
    if not isinstance(book, dict):
        data.pop("character_book", None)
        return
    entries = book.get("entries")
    found = list(entries.values()) if isinstance(entries, Mapping) else entries
    book["entries"] = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    book.setdefault("extensions", {})
    for number, entry in enumerate(book["entries"]):
        keys = entry.get("keys", entry.get("key"))
        entry["keys"] = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
        entry["content"] = entry["content"] if isinstance(entry.get("content"), str) else ""
        for key, instead in (("extensions", {}), ("enabled", True), ("insertion_order", number), ("use_regex", False)):
            entry.setdefault(key, instead)


def _third(data: dict[str, object], written_at: int) -> dict[str, object]:
    assets = data.get("assets")
    others = [one for one in assets if isinstance(one, Mapping)] if isinstance(assets, list) else []
    data["assets"] = others or [dict(MAIN_ICON)]
    data.setdefault("creation_date", written_at)
    data["modification_date"] = written_at
    return data


def _second(data: dict[str, object], *, is_backfill: bool) -> dict[str, object]:
    data = {key: value for key, value in data.items() if key not in V3_ONLY}
    if is_backfill:
        data["creator_notes"] = "\n\n".join(filter(None, (OLDER_PROGRAM, str(data["creator_notes"]))))
    book = data.get("character_book")
    entries: Sequence[dict[str, object]] = book["entries"] if isinstance(book, dict) else []
    for entry in entries:
        entry["content"] = without_decorators(str(entry["content"]))[0]
    return data


def _with_macro(text: str) -> str:
    return text.strip().replace(NAME_FIELD, "{{char}}")
