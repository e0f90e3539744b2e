"""The five factors that drive every feeling: reading them, and the mood they rest in.

Named traits and presets are in traits.py and presets.py; how experience moves the factors is in drift.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from bot.domain.affect.bateman import clip

FACTOR_LIMIT = 1.0


class Ocean(NamedTuple):
    """Openness, conscientiousness, extraversion, agreeableness and neuroticism, each in [-1, 1]."""

    openness: float = 0.0
    conscientiousness: float = 0.0
    extraversion: float = 0.0
    agreeableness: float = 0.0
    neuroticism: float = 0.0


NEUTRAL_OCEAN = Ocean()


def read_ocean(factors: Iterable[float]) -> Ocean:
    """Make factors of five numbers; out of range is clipped, NaN is 0."""
    sound = (0.0 if math.isnan(factor) else factor for factor in factors)
    return Ocean(*(clip(factor, -FACTOR_LIMIT, FACTOR_LIMIT) for factor in sound))


def weigh(ocean: Ocean, weights: Ocean) -> float:
    """Give the sum of the factors by their *weights*."""
    return (
        weights.openness * ocean.openness
        + weights.conscientiousness * ocean.conscientiousness
        + weights.extraversion * ocean.extraversion
        + weights.agreeableness * ocean.agreeableness
        + weights.neuroticism * ocean.neuroticism
    )
