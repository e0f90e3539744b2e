"""The card about who she is: factors, traits by band, and how far her days have moved her."""

from __future__ import annotations

from bot.domain.affect.personality import Ocean
from bot.domain.affect.traits import BAND_NAMES, RICH_TRAITS, band_of
from bot.domain.card import Card, Text
from bot.domain.feeling import PersonalityView
from cogs.presenters.scales import place, step

FACTORS = Ocean._fields
# Sizes of a drift, which never passes 0.25, from which on it is told, and told as such; chosen by ear.
TOLD = 0.01
SIZES = ((0.08, "slight"), (0.16, "some"))
MUCH = "much"
# From what she is most to what she is least; what is in balance comes last.
ORDER = ("very high", "high", "low", "very low", "balanced")

FACTOR = {name: f"factor.{name}" for name in FACTORS}
HOW = {(name, band): f"{name}.{band.replace(' ', '_')}" for name in FACTORS for band in BAND_NAMES}
AMOUNT = {band: f"much.{band.replace(' ', '_')}" for band in BAND_NAMES}
TRAIT = {trait.name: f"trait.{trait.name}" for trait in RICH_TRAITS}
DRIFTED = {(name, is_up): f"drifted.{name}_{'up' if is_up else 'down'}" for name in FACTORS for is_up in (True, False)}
DRIFT = {size: f"drift.{size}" for size in (*(size for _, size in SIZES), MUCH)}


def personality_card(view: PersonalityView, *, name: str, colour: int) -> Card:
    """Say who she is, and how much of it her days made."""
    temperament = {"name": name} if view.preset is None else {"name": name, "preset": view.preset}
    sections = (_factors(view), _traits(view), (_drift(view), _frozen(view)))
    return Card(
        "personality_own" if view.preset is None else "personality_preset",
        temperament,
        title_key="personality_title",
        colour=colour,
        sections=tuple(lines for lines in sections if lines),
        footnote=Text("personality_born", {"seconds": int(view.born_at.timestamp())}),
    )


def _factors(view: PersonalityView) -> tuple[Text, ...]:
    return tuple(_factor(name, band_of(view.factors[name])) for name in FACTORS)


def _factor(name: str, band: int) -> Text:
    how = Text(HOW[name, BAND_NAMES[band]])
    return Text("personality_factor", {"bar": place(band), "factor": Text(FACTOR[name]), "how": how})


def _traits(view: PersonalityView) -> tuple[Text, ...]:
    """Group the traits by how much of each she has."""
    groups = {band: tuple(Text(TRAIT[name]) for name, its, _ in view.traits if its == band) for band in ORDER}
    return tuple(
        Text("personality_traits", {"much": Text(AMOUNT[band]), "traits": traits})
        for band, traits in groups.items()
        if traits
    )


def _drift(view: PersonalityView) -> Text:
    changes = tuple(_drifted(name, view.drift[name]) for name in FACTORS if abs(view.drift[name]) >= TOLD)
    if view.preset is None:
        return Text("personality_drift", {"changes": changes}) if changes else Text("personality_no_drift")
    return Text("personality_drift_given", {"changes": changes}) if changes else Text("personality_no_drift_given")


def _drifted(name: str, by: float) -> Text:
    return Text(DRIFT[step(abs(by), SIZES, MUCH)], {"how": Text(DRIFTED[name, by > 0.0])})


def _frozen(view: PersonalityView) -> Text:
    return Text("personality_frozen" if view.is_drift_frozen else "personality_drifts")
