"""How she carries herself in a turn: pace, length, warmth and silence, worked out from what she feels.

Weights and limits are chosen by ear unless a line says otherwise. The words for it are in
`bot.domain.feeling_words`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from bot.domain.affect.bateman import clip
from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import NAMES, RICH
from bot.domain.affect.mood import shown
from bot.domain.affect.relationship import Stage
from bot.domain.affect.soul import felt
from bot.domain.affect.state import PersonState, SoulState, new_person, person_in_tier
from bot.domain.feeling import Feelings

PACE_LEAST = 0.6
PACE_MOST = 1.6
PACE_BY_EMOTION = 0.5
_AROUSALS = {emotion.name: emotion.arousal for emotion in RICH}

SHORT_BELOW = -0.25
LONG_FROM = 0.4
TALKS_BY_PLEASURE = 0.6
TALKS_BY_AROUSAL = 0.4
TALKS_BY_CLOSENESS = 0.3
TALKS_BY_TENSION = -0.6
TALKS_BY = {
    "interest": 1.0,
    "excitement": 0.8,
    "joy": 0.5,
    "love": 0.5,
    "amusement": 0.5,
    "compassion": 0.4,
    "gratitude": 0.3,
    "fear": -0.4,
    "embarrassment": -0.4,
    "frustration": -0.4,
    "disappointment": -0.5,
    "sadness": -0.6,
    "disgust": -0.6,
    "resentment": -0.6,
    "anger": -0.8,
    "shame": -0.8,
    "boredom": -1.0,
}

# What begins each warmth but the first.
WARMTH_FROM = (-1.0, -0.25, 0.25, 0.8)
WARM_BY_PLEASURE = 0.3
WARM_BY_AFFECTION = 1.5
WARM_BY_TRUST = 0.5
WARM_BY_CLOSENESS = 0.5
WARM_BY_TENSION = -1.0
WARM_BY = {
    "love": 1.2,
    "gratitude": 0.8,
    "compassion": 0.8,
    "admiration": 0.5,
    "joy": 0.4,
    "amusement": 0.4,
    "interest": 0.2,
    "excitement": 0.2,
    "relief": 0.2,
    "fear": -0.3,
    "jealousy": -0.3,
    "disappointment": -0.4,
    "boredom": -0.4,
    "frustration": -0.5,
    "disgust": -0.8,
    "resentment": -1.0,
    "anger": -1.2,
}
# Tension from which silence may be an answer to someone she is at odds with.
SILENT_TENSION = 0.5


class Length(IntEnum):
    """How long her answers would like to be."""

    SHORT = 0
    USUAL = 1
    LONG = 2


class Warmth(IntEnum):
    """How she is with somebody, from cold to fond."""

    COLD = 0
    COOL = 1
    PLAIN = 2
    WARM = 3
    FOND = 4


# The warmest she is with people where things stand so, whatever else she feels.
WARMEST = {Stage.STRANGER: Warmth.WARM, Stage.STRAINED: Warmth.PLAIN, Stage.HOSTILE: Warmth.COOL}


@dataclass(frozen=True, slots=True)
class Manner:
    """How she carries herself in one turn.

    *pace* multiplies her typing speed, in [0.6, 1.6]. *may_be_silent* says that no answer would be in
    keeping; it is for the prompt only and never keeps a reply back.
    """

    pace: float = 1.0
    length: Length = Length.USUAL
    may_be_silent: bool = False


def manner_of(feelings: Feelings, *, leak: float = DEFAULT_LEAK) -> Manner:
    """Give her manner towards all persons of *feelings*; with nobody there it follows the mood alone."""
    persons = tuple(feelings.persons.values())
    stirred = [risen(feelings.soul, person, leak=leak) for person in persons]
    return Manner(
        pace=_pace(feelings.soul, stirred),
        length=_length(feelings.soul, persons, stirred),
        may_be_silent=bool(persons) and all(map(_may_meet_with_silence, persons)),
    )


def risen(soul: SoulState, person: PersonState, *, leak: float = DEFAULT_LEAK) -> dict[str, float]:
    """Give how far above its rest each emotion is that she feels towards *person*, in [0, 1]."""
    rests = dynamics_of(soul.tier, soul.ocean).baselines
    levels = felt(soul, person_in_tier(person, soul.tier), leak=leak)
    return {
        name: _sound(level - rest, 0.0, 1.0) for name, level, rest in zip(NAMES[soul.tier], levels, rests, strict=True)
    }


def risen_in_all(soul: SoulState, *, leak: float = DEFAULT_LEAK) -> dict[str, float]:
    """Give the same towards somebody she never met: what of her shared feelings anybody can notice."""
    return risen(soul, new_person(soul.tier), leak=leak)


def warmth_towards(soul: SoulState, person: PersonState, *, leak: float = DEFAULT_LEAK) -> Warmth:
    """Give how warm she is with *person*; anger, disgust, resentment and tension never warm it."""
    score = (
        WARM_BY_PLEASURE * _sound(shown(soul.mood)[0])
        + WARM_BY_AFFECTION * _sound(person.affection.value)
        + WARM_BY_TRUST * _sound(person.trust.value)
        + WARM_BY_CLOSENESS * _sound(person.closeness)
        + WARM_BY_TENSION * _sound(person.tension)
        + _weighed(risen(soul, person, leak=leak), WARM_BY)
    )
    warmth = Warmth(sum(score >= limit for limit in WARMTH_FROM))
    return min(warmth, WARMEST.get(person.stage, Warmth.FOND))


def _may_meet_with_silence(person: PersonState) -> bool:
    return person.stage in (Stage.STRAINED, Stage.HOSTILE) and person.tension >= SILENT_TENSION


def _pace(soul: SoulState, stirred: list[dict[str, float]]) -> float:
    """Turn arousal into a factor that grows with it; none at all gives 1."""
    arousal = _sound(shown(soul.mood)[1])
    arousal += PACE_BY_EMOTION * _mean([_weighed(levels, _AROUSALS) for levels in stirred])
    side = PACE_MOST if arousal >= 0.0 else PACE_LEAST
    return clip(side ** math.tanh(abs(arousal)), PACE_LEAST, PACE_MOST)


def _length(soul: SoulState, persons: tuple[PersonState, ...], stirred: list[dict[str, float]]) -> Length:
    pleasure, arousal, _ = shown(soul.mood)
    score = (
        TALKS_BY_PLEASURE * _sound(pleasure)
        + TALKS_BY_AROUSAL * _sound(arousal)
        + TALKS_BY_CLOSENESS * _mean([_sound(person.closeness) for person in persons])
        + TALKS_BY_TENSION * _mean([_sound(person.tension) for person in persons])
        + _mean([_weighed(levels, TALKS_BY) for levels in stirred])
    )
    return Length((score >= SHORT_BELOW) + (score >= LONG_FROM))


def _weighed(levels: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return math.fsum(weights[name] * level for name, level in levels.items() if name in weights)


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _sound(value: float, low: float = -1.0, high: float = 1.0) -> float:
    """Hold a number that comes from stored state in its range; NaN counts as nothing."""
    return 0.0 if math.isnan(value) else clip(value, low, high)
