"""How a value becomes a word and a small bar: cards show no other numbers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.affect.traits import BAND_NAMES

BAR_LENGTH = 5
SEEN = 0.05  # from here on a value has a mark, however small it is; chosen by ear
FILLED, EMPTY, BELOW = "▰", "▱", "▼"

Steps = Sequence[tuple[float, str]]


def step(value: float, steps: Steps, last: str) -> str:
    """Give the word of the first step that *value* is below, else *last*."""
    return next((word for limit, word in steps if value < limit), last)


def bar(value: float) -> str:
    """Draw how far *value* is from nothing; below zero it has other marks."""
    size = abs(value) * BAR_LENGTH
    marks = min(max(int(size + 0.5), int(abs(value) >= SEEN)), BAR_LENGTH)
    return (BELOW if value < 0.0 else FILLED) * marks + EMPTY * (BAR_LENGTH - marks)


def place(band: int) -> str:
    """Draw where a trait stands among its bands, from very low to very high."""
    return EMPTY * band + FILLED + EMPTY * (len(BAND_NAMES) - 1 - band)
