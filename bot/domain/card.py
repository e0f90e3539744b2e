"""The app's voice as a value: which texts, with which arguments; rendering is the adapter's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the locale files by its *key*.

    An argument that is a `Text` is put into words first; a tuple of them is read out as a list.
    """

    key: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to show: its bytes, a file name with an ending, and words for who cannot see it."""

    content: bytes
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Face:
    """The companion's look beside a card: the *picture*, or the *emoji* where there is none."""

    emoji: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One thing the program says.

    *key* and *title_key* name texts in the locale files; *colour* is 0xRRGGBB, None for a plain line.
    *sections* are groups of lines below the first text; *picture* follows them and *footnote* ends it.
    """

    key: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    title_key: str | None = None
    colour: int | None = None
    sections: tuple[tuple[Text, ...], ...] = ()
    picture: Picture | None = None
    face: Face | None = None
    footnote: Text | None = None
