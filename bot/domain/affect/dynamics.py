"""What a personality makes of the tables: every rate, resting point and gain, worked out once and remembered.

Personality changes at most once a day, so the same values serve every advance and burst between two midnights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.affect.bateman import rate_of
from bot.domain.affect.emotions import EMOTIONS, NEGATIVE, POSITIVE, Emotion, Tier, baseline, half_life_h
from bot.domain.affect.mood import DRAIN, Vector, latent, mood_half_lives_h, resting_mood
from bot.domain.affect.personality import Ocean

# How personality amplifies what is felt; chosen by ear.
NEGATIVE_GAIN_BY_NEUROTICISM = 0.4
ANGER_GAIN_BY_AGREEABLENESS = -0.3
POSITIVE_GAIN_BY_EXTRAVERSION = 0.25
NEUTRAL_GAIN_BY_OPENNESS = 0.3
# How personality colours sentiments, tension and need; chosen by ear.
GAIN_BY_AGREEABLENESS = 0.2
LOSS_BY_AGREEABLENESS = -0.2
APOLOGY_BY_AGREEABLENESS = 0.3
TENSION_HALF_LIFE_H = 36.0
TENSION_SPEED_BY_AGREEABLENESS = 0.3
NEED_HALF_LIFE_H = 24.0
NEED_SPEED_BY_EXTRAVERSION = 0.5
# Personalities whose values are remembered at the same time; drift makes one new one per soul and day.
REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Rates per hour, resting points and gains of one personality, in the order of its emotions."""

    rates: tuple[float, ...]
    baselines: tuple[float, ...]
    signs: tuple[int, ...]
    gains: tuple[float, ...]
    mood_rates: Vector
    mood_rest: Vector
    mood_rest_shown: Vector
    drains: tuple[Vector, ...]
    sentiment_gain: float
    sentiment_loss: float
    apology_gain: float
    tension_rate: float
    need_rate: float


@lru_cache(maxsize=REMEMBERED)
def dynamics_of(tier: Tier, ocean: Ocean) -> Dynamics:
    """Work out the dynamics of one personality with one set of emotions."""
    emotions = EMOTIONS[tier]
    rest = resting_mood(ocean)
    pleasure, arousal, dominance = mood_half_lives_h(ocean)
    share = DRAIN[tier]
    return Dynamics(
        rates=tuple(rate_of(half_life_h(emotion, ocean)) for emotion in emotions),
        baselines=tuple(baseline(emotion, ocean) for emotion in emotions),
        signs=tuple(emotion.sign for emotion in emotions),
        gains=tuple(_gain(emotion, ocean) for emotion in emotions),
        mood_rates=(rate_of(pleasure), rate_of(arousal), rate_of(dominance)),
        mood_rest=latent(rest),
        mood_rest_shown=rest,
        drains=tuple((share * one.pleasure, share * one.arousal, share * one.dominance) for one in emotions),
        sentiment_gain=1.0 + GAIN_BY_AGREEABLENESS * ocean.agreeableness,
        sentiment_loss=1.0 + LOSS_BY_AGREEABLENESS * ocean.agreeableness,
        apology_gain=1.0 + APOLOGY_BY_AGREEABLENESS * ocean.agreeableness,
        tension_rate=rate_of(TENSION_HALF_LIFE_H / (1.0 + TENSION_SPEED_BY_AGREEABLENESS * ocean.agreeableness)),
        need_rate=rate_of(NEED_HALF_LIFE_H / (1.0 + NEED_SPEED_BY_EXTRAVERSION * ocean.extraversion)),
    )


def _gain(emotion: Emotion, ocean: Ocean) -> float:
    if emotion.sign == POSITIVE:
        return 1.0 + POSITIVE_GAIN_BY_EXTRAVERSION * ocean.extraversion
    if emotion.sign != NEGATIVE:
        return 1.0 + NEUTRAL_GAIN_BY_OPENNESS * ocean.openness
    gain = 1.0 + NEGATIVE_GAIN_BY_NEUROTICISM * ocean.neuroticism
    if emotion.name == "anger":
        gain *= 1.0 + ANGER_GAIN_BY_AGREEABLENESS * ocean.agreeableness
    return gain
