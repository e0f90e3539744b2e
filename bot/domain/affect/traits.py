"""Named traits: 10 in the lite set, 34 in the rich one, as words for the prompt over the five factors.

A trait's value is a weighted sum of the factors, in [-1, 1]; its style text is chosen by band, and the bands
cover every value. Weights are chosen by ear after the facets of Costa & McCrae 1992. The words are in
trait_styles.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.affect.bateman import clip
from bot.domain.affect.emotions import Tier
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean, read_ocean, weigh
from bot.domain.affect.trait_styles import STYLES

# Values below which each band ends; the last band has no end. Chosen by ear.
BAND_LIMITS = (-0.6, -0.2, 0.2, 0.6)
BAND_NAMES = ("very low", "low", "balanced", "high", "very high")
# Keeps factors that no given trait speaks about at 0 when factors are read from traits.
RIDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Trait:
    """A named trait: its weights on the factors, which sum to at most 1 in size, and its five style texts."""

    name: str
    weights: Ocean
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraitReading:
    """A trait as it stands: value in [-1, 1], name of its band, style text for the prompt."""

    name: str
    value: float
    band: str
    style: str


def _trait(name: str, o: float, c: float, e: float, a: float, n: float) -> Trait:
    return Trait(name, Ocean(o, c, e, a, n), STYLES[name])


LITE_TRAITS: tuple[Trait, ...] = (
    _trait("friendliness", 0.0, 0.0, 0.4, 0.6, 0.0),
    _trait("curiosity", 0.9, 0.0, 0.1, 0.0, 0.0),
    _trait("empathy", 0.2, 0.0, 0.0, 0.8, 0.0),
    _trait("humor", 0.3, -0.1, 0.5, 0.1, 0.0),
    _trait("seriousness", 0.0, 0.5, -0.4, 0.0, 0.1),
    _trait("optimism", 0.0, 0.0, 0.4, 0.2, -0.4),
    _trait("confidence", 0.0, 0.2, 0.4, 0.0, -0.4),
    _trait("adventurousness", 0.6, -0.1, 0.3, 0.0, 0.0),
    _trait("patience", 0.0, 0.2, -0.1, 0.4, -0.3),
    _trait("sensitivity", 0.2, 0.0, 0.0, 0.1, 0.7),
)
RICH_TRAITS: tuple[Trait, ...] = (
    *LITE_TRAITS,
    _trait("warmth", 0.0, 0.0, 0.5, 0.5, 0.0),
    _trait("sociability", 0.0, 0.0, 1.0, 0.0, 0.0),
    _trait("assertiveness", 0.0, 0.2, 0.6, -0.2, 0.0),
    _trait("energy", 0.1, 0.1, 0.8, 0.0, 0.0),
    _trait("playfulness", 0.3, -0.3, 0.4, 0.0, 0.0),
    _trait("imagination", 1.0, 0.0, 0.0, 0.0, 0.0),
    _trait("creativity", 0.8, -0.1, 0.1, 0.0, 0.0),
    _trait("reflectiveness", 0.6, 0.2, -0.2, 0.0, 0.0),
    _trait("openness_to_change", 0.6, -0.2, 0.0, 0.0, -0.2),
    _trait("skepticism", 0.2, 0.2, 0.0, -0.6, 0.0),
    _trait("honesty", 0.0, 0.4, 0.0, 0.5, 0.0),
    _trait("modesty", 0.0, 0.0, -0.4, 0.5, 0.1),
    _trait("generosity", 0.1, 0.0, 0.1, 0.8, 0.0),
    _trait("forgiveness", 0.0, 0.0, 0.0, 0.7, -0.3),
    _trait("loyalty", 0.0, 0.4, 0.0, 0.6, 0.0),
    _trait("stubbornness", -0.3, 0.2, 0.0, -0.5, 0.0),
    _trait("competitiveness", 0.0, 0.3, 0.2, -0.5, 0.0),
    _trait("discipline", 0.0, 1.0, 0.0, 0.0, 0.0),
    _trait("orderliness", -0.1, 0.9, 0.0, 0.0, 0.0),
    _trait("ambition", 0.1, 0.6, 0.3, 0.0, 0.0),
    _trait("caution", -0.2, 0.5, -0.1, 0.0, 0.2),
    _trait("spontaneity", 0.3, -0.5, 0.2, 0.0, 0.0),
    _trait("independence", 0.4, 0.1, 0.0, -0.3, -0.2),
    _trait("calm", 0.0, 0.0, -0.1, 0.1, -0.8),
)
TRAITS: dict[Tier, tuple[Trait, ...]] = {"lite": LITE_TRAITS, "rich": RICH_TRAITS}


def band_of(value: float) -> int:
    """Give the index of the band that holds *value*; every number has one."""
    return sum(value >= limit for limit in BAND_LIMITS)


def read_traits(ocean: Ocean, tier: Tier, own: Iterable[tuple[str, float]] = ()) -> tuple[TraitReading, ...]:
    """Say which traits of *tier* this personality has, in the order of the table.

    *own* are values by name that hold instead of what the factors give.
    """
    values = dict(own)
    return tuple(_read(trait, values.get(trait.name, weigh(ocean, trait.weights))) for trait in TRAITS[tier])


def _read(trait: Trait, weight: float) -> TraitReading:
    value = clip(weight, -1.0, 1.0)
    band = band_of(value)
    return TraitReading(trait.name, value, BAND_NAMES[band], trait.styles[band])


def ocean_of(traits: Mapping[str, float]) -> Ocean:
    """Give the personality that comes closest to *traits*, by least squares and clipped to [-1, 1].

    Factors that the given traits say nothing about stay 0.

    Raises:
        KeyError: a name is no trait.
    """
    known = {trait.name: trait.weights for trait in RICH_TRAITS}
    size = len(NEUTRAL_OCEAN)
    rows = [[RIDGE if row == column else 0.0 for column in range(size + 1)] for row in range(size)]
    for name, value in traits.items():
        weights = known[name]
        for row in range(size):
            for column in range(size):
                rows[row][column] += weights[row] * weights[column]
            rows[row][size] += weights[row] * clip(value, -1.0, 1.0)
    return read_ocean(_solved(rows))


def _solved(rows: list[list[float]]) -> list[float]:
    """Solve a positive definite system, given with its right side, by elimination."""
    size = len(rows)
    for pivot in range(size):
        scaled = [cell / rows[pivot][pivot] for cell in rows[pivot]]
        rows[pivot] = scaled
        for row in range(size):
            if row != pivot:
                rows[row] = [cell - rows[row][pivot] * top for cell, top in zip(rows[row], scaled, strict=True)]
    return [row[size] for row in rows]
