"""The emotions by name: where they lie in mood space, how fast they fade, where they rest.

The lite set has 8, the rich set 27, and the first 8 of the rich set are the lite set in its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bot.domain.affect.bateman import clip
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean, weigh

Tier = Literal["lite", "rich"]

POSITIVE: Final = 1
NEUTRAL: Final = 0
NEGATIVE: Final = -1

# How personality stretches half-lives; chosen by ear after the direction reported by Verduyn & Lavrijsen 2015.
STRETCH_BY_NEUROTICISM = 0.4
STRETCH_BY_EXTRAVERSION = 0.2
STRETCH_LEAST = 0.5
STRETCH_MOST = 2.0
# The most that an emotion may rest at; chosen by ear.
BASELINE_MOST = 0.25


@dataclass(frozen=True, slots=True)
class Emotion:
    """One emotion.

    Pleasure, arousal and dominance are its point in mood space (Russell & Mehrabian 1977). *half_life_h*
    is 30 min · √(D / 2 h) with D how long people say it lasts (Verduyn & Lavrijsen 2015). It rests at
    *rest* plus the factors by *rest_by*; resting points are chosen by ear.
    """

    name: str
    sign: int
    pleasure: float
    arousal: float
    dominance: float
    half_life_h: float
    rest: float = 0.0
    rest_by: Ocean = NEUTRAL_OCEAN


LITE: tuple[Emotion, ...] = (
    Emotion("joy", POSITIVE, 0.76, 0.48, 0.35, 2.09, 0.10, Ocean(extraversion=0.06, neuroticism=-0.04)),
    Emotion("love", POSITIVE, 0.64, 0.35, 0.24, 0.56, 0.05, Ocean(agreeableness=0.05)),
    Emotion("interest", POSITIVE, 0.22, 0.62, -0.01, 0.50, 0.12, Ocean(openness=0.06)),
    Emotion("surprise", NEUTRAL, 0.0, 0.65, -0.2, 0.25),
    Emotion("sadness", NEGATIVE, -0.63, -0.27, -0.33, 3.87, 0.02, Ocean(neuroticism=0.04)),
    Emotion("anger", NEGATIVE, -0.51, 0.59, 0.25, 0.50, 0.01, Ocean(agreeableness=-0.03, neuroticism=0.03)),
    Emotion("fear", NEGATIVE, -0.64, 0.60, -0.43, 0.30, 0.02, Ocean(neuroticism=0.05)),
    Emotion("disgust", NEGATIVE, -0.60, 0.35, 0.11, 0.25),
)
RICH: tuple[Emotion, ...] = (
    *LITE,
    Emotion("gratitude", POSITIVE, 0.64, 0.16, -0.18, 0.79),
    Emotion("pride", POSITIVE, 0.77, 0.38, 0.65, 0.57),
    Emotion("hope", POSITIVE, 0.51, 0.23, 0.14, 1.73),
    Emotion("relief", POSITIVE, 0.29, -0.19, -0.28, 0.40),
    Emotion("amusement", POSITIVE, 0.77, 0.44, 0.42, 0.50),
    Emotion("admiration", POSITIVE, 0.41, 0.30, -0.32, 0.79),
    Emotion("compassion", POSITIVE, 0.05, 0.18, 0.09, 0.40),
    Emotion("excitement", POSITIVE, 0.62, 0.75, 0.38, 0.87),
    Emotion("serenity", POSITIVE, 0.68, -0.46, 0.06, 1.73, 0.10, Ocean(neuroticism=-0.08)),
    Emotion("loneliness", NEGATIVE, -0.66, -0.43, -0.32, 1.73),
    Emotion("disappointment", NEGATIVE, -0.61, -0.15, -0.29, 1.73),
    Emotion("frustration", NEGATIVE, -0.64, 0.52, -0.35, 0.40),
    Emotion("resentment", NEGATIVE, -0.35, 0.35, 0.29, 2.74),
    Emotion("anxiety", NEGATIVE, -0.33, 0.58, -0.11, 1.73, 0.02, Ocean(neuroticism=0.05)),
    Emotion("guilt", NEGATIVE, -0.57, 0.28, -0.34, 0.66),
    Emotion("shame", NEGATIVE, -0.57, 0.01, -0.34, 0.25),
    Emotion("embarrassment", NEGATIVE, -0.46, 0.54, -0.24, 0.32),
    Emotion("jealousy", NEGATIVE, -0.25, 0.42, 0.11, 1.37),
    Emotion("boredom", NEGATIVE, -0.65, -0.62, -0.33, 0.50),
)
EMOTIONS: dict[Tier, tuple[Emotion, ...]] = {"lite": LITE, "rich": RICH}
NAMES: dict[Tier, tuple[str, ...]] = {tier: tuple(one.name for one in table) for tier, table in EMOTIONS.items()}
INDEX: dict[str, int] = {emotion.name: index for index, emotion in enumerate(RICH)}


def half_life_h(emotion: Emotion, ocean: Ocean) -> float:
    """Give the hours in which *emotion* halves in this personality."""
    stretch = 1.0
    if emotion.sign == NEGATIVE:
        stretch += STRETCH_BY_NEUROTICISM * ocean.neuroticism
    elif emotion.sign == POSITIVE:
        stretch += STRETCH_BY_EXTRAVERSION * ocean.extraversion
    return emotion.half_life_h * clip(stretch, STRETCH_LEAST, STRETCH_MOST)


def baseline(emotion: Emotion, ocean: Ocean) -> float:
    """Give where *emotion* rests in this personality, in [0, 0.25]."""
    return clip(emotion.rest + weigh(ocean, emotion.rest_by), 0.0, BASELINE_MOST)
