"""The app's voice as a value: which texts, with which arguments; rendering is the adapter's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Card:
    """One thing the program says.

    *key* and *title_key* name texts in the locale files; *colour* is 0xRRGGBB, None for a plain line.
    """

    key: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    title_key: str | None = None
    colour: int | None = None
