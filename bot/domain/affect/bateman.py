"""Closed forms of decay: the plain exponential and the Bateman function of a chain of two.

Everything that fades in the affect model does so through this module; nothing here knows what fades.
"""

from __future__ import annotations

import math

from bot.domain.affect.constants import LN2


def is_elapsed(hours: float) -> bool:
    """Say whether *hours* is time that passed; zero, negative, NaN and infinite are not."""
    return 0.0 < hours < math.inf


def rate_of(half_life_h: float) -> float:
    """Give the rate, per hour, of something that halves in *half_life_h*."""
    return LN2 / half_life_h


def bateman(first: float, second: float, hours: float) -> float:
    """Give what a second reservoir holds, after *hours*, of a unit draining into it.

    The unit leaves the first reservoir at rate *first* and the second at rate *second*. In [0, 1]; exact
    also where the rates are equal or nearly so. Source: Bateman 1910.
    """
    gap = abs(first - second)
    spread = -math.expm1(-gap * hours) / gap if gap else hours
    return first * math.exp(-min(first, second) * hours) * spread


def clip(value: float, low: float, high: float) -> float:
    """Hold *value* between *low* and *high*."""
    return low if value < low else high if value > high else value
