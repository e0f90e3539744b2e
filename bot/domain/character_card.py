"""Character cards of the versions 1, 2 and 3 as values; what in them does not fit is noted and read as absent.

Nothing of a card is trusted here: its texts are as they came. `bot.domain.card_text` makes them fit to be spoken by.

Source: character-card-spec-v2 (spec_v1.md, spec_v2.md) and character-card-spec-v3 (SPEC_V3.md)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.domain.card_report import CardError, Fate, Report, shown

DEPTH_MOST = 64  # levels of tables in tables; cards have some six
VALUES_MOST = 400_000  # of a card; the largest lorebooks have some ten thousand entries of twenty values
TEXTS_MOST = 2_000  # of one list, such as alternate greetings
ENTRIES_MOST = 20_000  # of a lorebook
V2_VERSION, V3_VERSION = "2.0", "3.0"


class Spec(StrEnum):
    """The versions of the format; the first has no mark in the file."""

    V1 = "v1"
    V2 = "chara_card_v2"
    V3 = "chara_card_v3"


TEXT_FIELDS: Final = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
    "post_history_instructions", "creator", "character_version", "nickname",
)  # fmt: skip
LIST_FIELDS: Final = ("alternate_greetings", "group_only_greetings", "tags", "source")
OTHER_FIELDS: Final = (
    "character_book", "extensions", "assets", "creator_notes_multilingual", "creation_date", "modification_date",
)  # fmt: skip
# How other programs called the fields before there was a format.
OLD_NAMES: Final = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
_V1_MARKS = frozenset({"description", "personality", "first_mes", "mes_example", "scenario"})


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """A piece of a card's world; *weight* orders them, the weightier first to stay."""

    place: str
    keys: tuple[str, ...]
    content: str
    is_enabled: bool
    is_constant: bool
    order: float
    weight: float


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture or other file that belongs to a card, by its address."""

    place: str
    kind: str
    uri: str
    name: str
    ending: str


@dataclass(frozen=True, slots=True)
class CharacterCard:
    """A card as read; *texts* and *lists* have every field of the format, empty where the card has none.

    *whole* is the card as it came, with all that nobody here knows.
    """

    spec: Spec
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    lore: tuple[LoreEntry, ...] = ()
    assets: tuple[Asset, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)
    whole: Mapping[str, object] = field(default_factory=dict)


def read_card(value: object, report: Report) -> CharacterCard:
    """Read a parsed card; misfits are noted in *report*.

    Raises:
        CardError: it is no card, has no name, or is built to be too much.
    """
    _see_that_bounded(value)
    if not isinstance(value, Mapping):
        raise CardError(f"the card is {shown(value)}, not a table of fields")
    spec, data = _data_of(value, report)
    reader = _Reader(data, report)
    texts = {name: reader.text(name) for name in TEXT_FIELDS}
    if not texts["name"].strip():
        raise CardError("name: is missing or empty; a card without one cannot be told from another")
    lists = {name: reader.texts(name) for name in LIST_FIELDS}
    reader.note_unknown()
    return CharacterCard(
        spec=spec,
        texts=texts,
        lists=lists,
        lore=reader.lore(),
        assets=reader.assets(),
        extensions=reader.table("extensions"),
        whole=value,
    )


def _see_that_bounded(value: object) -> None:
    """Refuse what is nested or numerous beyond any card; walks without recursion."""
    level: list[object] = [value]
    seen = 0
    for _ in range(DEPTH_MOST):
        seen += len(level)
        if seen > VALUES_MOST:
            raise CardError(f"the card holds more than {VALUES_MOST} values")
        level = [below for one in level for below in _below(one)]
        if not level:
            return
    raise CardError(f"the card is nested more than {DEPTH_MOST} levels deep")


def _below(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _data_of(value: Mapping[str, object], report: Report) -> tuple[Spec, Mapping[str, object]]:
    """Tell the version, and give the table that holds the fields."""
    mark = value.get("spec")
    if mark is None:
        old = {OLD_NAMES.get(key, key): one for key, one in value.items()}
        if "name" in old and not _V1_MARKS.isdisjoint(old):
            return Spec.V1, old
        raise CardError("spec: is missing, and the fields of a version 1 card are not there either")
    if mark not in (Spec.V2, Spec.V3):
        raise CardError(f"spec: must be {str(Spec.V2)!r} or {str(Spec.V3)!r}, is {shown(mark)}")
    data = value.get("data")
    if not isinstance(data, Mapping):
        raise CardError(f"data: must be a table of fields, is {shown(data)}")
    spec = Spec(str(mark))
    _see_version(spec, value.get("spec_version"), report)
    return spec, data


def _see_version(spec: Spec, version: object, report: Report) -> None:
    known = V2_VERSION if spec is Spec.V2 else V3_VERSION
    if version == known:
        return
    try:
        is_newer = isinstance(version, str) and len(version) < 20 and float(version) > float(known)
    except ValueError:
        is_newer = False
    why = f"newer than {known}: what is new in it is not known here" if is_newer else f"read as {known}"
    report.add("spec_version", Fate.CHANGED, f"{shown(version)}, {why}")


class _Reader:
    """Takes fields out of the table of a card."""

    def __init__(self, data: Mapping[str, object], report: Report) -> None:
        self._data = data
        self._report = report

    def text(self, name: str) -> str:
        value = self._data.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        if name == "character_version" and isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g}" if abs(value) < 1e15 else ""
        self._leave(name, f"must be a text, is {shown(value)}")
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._data.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._leave(name, f"must be a list of texts, is {shown(value)}")
            return ()
        found = [one for one in value if isinstance(one, str)]
        if len(found) < len(value):
            self._leave(name, f"{len(value) - len(found)} of its entries are no texts")
        return tuple(found[:TEXTS_MOST])

    def table(self, name: str) -> Mapping[str, object]:
        value = self._data.get(name)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self._leave(name, f"must be a table, is {shown(value)}")
        return {}

    def lore(self) -> tuple[LoreEntry, ...]:
        entries = self.table("character_book").get("entries")
        if isinstance(entries, Mapping):  # as a world's own file has them
            entries = list(entries.values())
        if not isinstance(entries, list):
            if "character_book" in self._data and self._data["character_book"] is not None:
                self._leave("character_book.entries", f"must be a list of tables, is {shown(entries)}")
            return ()
        if len(entries) > ENTRIES_MOST:
            raise CardError(f"character_book.entries: holds {len(entries)} entries, at most {ENTRIES_MOST} are read")
        found = (self._entry(f"character_book.entries[{number}]", one) for number, one in enumerate(entries, 1))
        return tuple(one for one in found if one is not None)

    def _entry(self, place: str, value: object) -> LoreEntry | None:
        if not isinstance(value, Mapping):
            self._leave(place, f"must be a table, is {shown(value)}")
            return None
        content = value.get("content")
        if not isinstance(content, str):
            self._leave(place, f"content must be a text, is {shown(content)}")
            return None
        keys = value.get("keys", value.get("key"))
        order = _number(value.get("insertion_order", value.get("order")))
        return LoreEntry(
            place=place,
            keys=tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else (),
            content=content,
            is_enabled=value.get("enabled", True) is not False,
            is_constant=value.get("constant") is True,
            order=order,
            weight=_number(value.get("priority"), order),
        )

    def assets(self) -> tuple[Asset, ...]:
        value = self._data.get("assets")
        if value is None:
            return ()
        if not isinstance(value, list):
            self._leave("assets", f"must be a list of tables, is {shown(value)}")
            return ()
        found = []
        for number, one in enumerate(value[:TEXTS_MOST], 1):
            parts = [one.get(key) for key in ("type", "uri", "name", "ext")] if isinstance(one, Mapping) else [None]
            texts = [part for part in parts if isinstance(part, str)]
            if len(texts) < 4:
                self._leave(f"assets[{number}]", "must be a table of the texts type, uri, name and ext")
            else:
                found.append(Asset(f"assets[{number}]", *texts))
        return tuple(found)

    def note_unknown(self) -> None:
        known = {*TEXT_FIELDS, *LIST_FIELDS, *OTHER_FIELDS}
        for name in self._data:
            if name not in known:
                self._report.add(shown(name), Fate.KEPT, "is no field of the format")

    def _leave(self, place: str, why: str) -> None:
        self._report.add(place, Fate.LEFT_OUT, why)


def _number(value: object, instead: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return instead
    try:
        number = float(value)
    except OverflowError:
        return instead
    return number if math.isfinite(number) else instead
