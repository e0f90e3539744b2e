"""The mood: where it rests, how slowly it moves, what it is called.

It is kept as a latent point without bounds and shown through tanh, in [-1, 1] on each axis.
"""

from __future__ import annotations

import math

from bot.domain.affect.bateman import clip
from bot.domain.affect.emotions import Tier
from bot.domain.affect.personality import Ocean, weigh

Vector = tuple[float, float, float]
ORIGIN: Vector = (0.0, 0.0, 0.0)

# Half-lives of pleasure, arousal and dominance in hours; chosen by ear.
MOOD_HALF_LIVES_H: Vector = (8.0, 3.0, 8.0)
SLOWER_BY_NEUROTICISM = 0.25
# Share of a fading emotion that drains into the mood; chosen by ear.
DRAIN: dict[Tier, float] = {"lite": 0.45, "rich": 0.30}
# Resting mood of a personality: Mehrabian 1996, whose fifth factor is stability, hence the signs of neuroticism.
REST_SCALE = 0.5
REST_PLEASURE = Ocean(extraversion=0.21, agreeableness=0.59, neuroticism=-0.19)
REST_AROUSAL = Ocean(openness=0.15, agreeableness=0.30, neuroticism=0.57)
REST_DOMINANCE = Ocean(openness=0.25, conscientiousness=0.17, extraversion=0.60, agreeableness=-0.32)

# Names by the signs of pleasure, arousal and dominance (Mehrabian 1996).
OCTANTS: dict[tuple[bool, bool, bool], str] = {
    (True, True, True): "exuberant",
    (True, True, False): "dependent",
    (True, False, True): "relaxed",
    (True, False, False): "docile",
    (False, True, True): "hostile",
    (False, True, False): "anxious",
    (False, False, True): "disdainful",
    (False, False, False): "bored",
}
# Length of the shown mood below which it has that strength; chosen by ear.
STRENGTHS: tuple[tuple[float, str], ...] = ((0.1, "neutral"), (0.3, "slight"), (0.6, "moderate"))
STRONG = "strong"


def resting_mood(ocean: Ocean) -> Vector:
    """Give the shown mood that this personality settles in, each axis in [-0.5, 0.5]."""
    return (
        REST_SCALE * clip(weigh(ocean, REST_PLEASURE), -1.0, 1.0),
        REST_SCALE * clip(weigh(ocean, REST_AROUSAL), -1.0, 1.0),
        REST_SCALE * clip(weigh(ocean, REST_DOMINANCE), -1.0, 1.0),
    )


def mood_half_lives_h(ocean: Ocean) -> Vector:
    """Give the hours in which each axis of the mood halves its way home."""
    slower = 1.0 + SLOWER_BY_NEUROTICISM * ocean.neuroticism
    pleasure, arousal, dominance = MOOD_HALF_LIVES_H
    return (pleasure * slower, arousal * slower, dominance * slower)


def latent(shown: Vector) -> Vector:
    """Turn a shown mood, each axis inside (-1, 1), into the point that is kept."""
    return (math.atanh(shown[0]), math.atanh(shown[1]), math.atanh(shown[2]))


def shown(point: Vector) -> Vector:
    """Turn the kept point into the mood that is shown."""
    return (math.tanh(point[0]), math.tanh(point[1]), math.tanh(point[2]))


def octant(mood: Vector) -> str:
    """Name a shown mood by the signs of its axes; zero counts as positive."""
    return OCTANTS[mood[0] >= 0.0, mood[1] >= 0.0, mood[2] >= 0.0]


def strength(mood: Vector) -> str:
    """Say how strong a shown mood is: neutral, slight, moderate or strong."""
    length = math.hypot(*mood)
    return next((word for limit, word in STRENGTHS if length < limit), STRONG)


def congruence(now: Vector, then: Vector) -> float:
    """Give the cosine between two shown moods, in [-1, 1]; 0 where either is no mood at all.

    It may only break near-ties on recall.
    """
    lengths = math.hypot(*now) * math.hypot(*then)
    if lengths == 0.0:
        return 0.0
    product = now[0] * then[0] + now[1] * then[1] + now[2] * then[2]
    return clip(product / lengths, -1.0, 1.0)
