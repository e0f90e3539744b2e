"""Getting used to things: how alike two messages are, and how repetition dulls what they do.

Kindness said over and over fades out; hurt never becomes wholly numb.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

GRAM = 3
# How many of a person's latest messages, and how old ones, a new one is compared with; chosen by ear.
COMPARED_MESSAGES = 20
COMPARED_HOURS = 24.0
# Cosine up to which two messages count as different; chosen by ear.
ALIKE_FROM = 0.5
# Repetition halves in this many hours; what a message adds to it, fresh and when repeated; chosen by ear.
REPETITION_HALF_LIFE_H = 6.0
REPETITION_FRESH = 0.05
REPETITION_ALIKE = 0.95
# What is left of kindness after each repetition; of hurt likewise, above a floor; chosen by ear.
KINDNESS_LEFT = 0.6
HURT_LEFT = 0.8
HURT_FLOOR = 0.4

# Of a longer text the beginning is enough, or fifty long lines at once would take seconds; chosen by ear.
COMPARED_CHARACTERS = 500
# Profiles remembered: a talk compares each new message with the same twenty before it.
PROFILES_KEPT = 256

Profile = Counter[str]


@lru_cache(maxsize=PROFILES_KEPT)
def profile_of(text: str) -> Profile:
    """Count the character trigrams of the beginning of *text*, after NFKC, casefold and white space collapsed."""
    plain = " ".join(unicodedata.normalize("NFKC", text[:COMPARED_CHARACTERS]).casefold().split())
    padded = f" {plain} " if plain else ""
    return Counter(padded[start : start + GRAM] for start in range(len(padded) - GRAM + 1))


def cosine(one: Profile, other: Profile) -> float:
    """Give the cosine of two profiles, in [0, 1]; 0 when either is empty."""
    if len(one) > len(other):
        one, other = other, one
    product = sum([count * other[gram] for gram, count in one.items() if gram in other])
    if not product:
        return 0.0
    squares = sum([count * count for count in one.values()]) * sum([count * count for count in other.values()])
    return product / math.sqrt(squares)


def similarity(text: str, recent: Iterable[str]) -> float:
    """Say how much *text* repeats one of that person's *recent* texts, in [0, 1].

    The caller gives at most the last 20, none older than 24 hours. Anything up to half alike is 0.
    """
    return max((likeness(text, other) for other in recent), default=0.0)


def likeness(one: str, other: str) -> float:
    """Say how much two texts say the same, in [0, 1]; anything up to half alike is 0."""
    return max(0.0, (cosine(profile_of(one), profile_of(other)) - ALIKE_FROM) / (1.0 - ALIKE_FROM))


def burst_similarities(texts: Sequence[str], recent: Sequence[str]) -> list[float]:
    """Say how much each of one person's *texts*, heard together, repeats the *recent* ones and the others of them.

    Lines that are alike share the freshness that one of them has, so the order does not matter and equal texts get
    equal values: each of n copies of something new repeats by (n - 1) / n, as if all but one repeated in full. A
    text by itself gets its `similarity`.
    """
    counts = Counter(texts)
    found = {text: _shared_similarity(text, counts, similarity(text, recent)) for text in counts}
    return [found[text] for text in texts]


def _shared_similarity(text: str, counts: Counter[str], to_past: float) -> float:
    """Give the similarity of *text*, which repeats the past by *to_past*, heard with *counts* of each text."""
    likenesses = [(likeness(text, other), count - (other == text)) for other, count in counts.items()]
    closest = max([alike for alike, count in likenesses if count], default=to_past)
    if closest <= to_past:
        return to_past
    # fsum rounds once, so that the order of the texts changes no bit
    sharing = 1.0 + math.fsum([alike * count for alike, count in likenesses]) / closest
    return closest - (closest - to_past) / sharing


def kindness_left(repetition: float) -> float:
    """Give the share of a kind message's effect that is left, in (0, 1]."""
    return math.pow(KINDNESS_LEFT, repetition)


def hurt_left(repetition: float) -> float:
    """Give the share of a hurtful message's effect that is left, in [0.4, 1]."""
    return HURT_FLOOR + (1.0 - HURT_FLOOR) * math.pow(HURT_LEFT, repetition)


def repetition_added(alike: float) -> float:
    """Give what one more message, repeating an earlier one by *alike*, adds to repetition."""
    return REPETITION_FRESH + REPETITION_ALIKE * alike
