"""How near a line is to what she cares for, by vectors; where they come from is left to an adapter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import mul

Vector = Sequence[float]

TOPICS_MOST = 40  # sentences of her identity; they are put into vectors once, in one call
TOPIC_LEAST = 6  # characters: less says nothing of its own, in any script

_SENTENCE_END = re.compile(r"(?<=[.!?。！？।؟])\s*(?=\S)|\n+")


def topics_of(identity: str) -> tuple[str, ...]:
    """Cut what she is into sentences, each of which may be something she cares for."""
    sentences = (one.strip().strip("#*-").strip() for one in _SENTENCE_END.split(identity))
    return tuple(dict.fromkeys(one for one in sentences if len(one) >= TOPIC_LEAST))[:TOPICS_MOST]


def interest_in(line: Vector, topics: Iterable[Vector]) -> float | None:
    """Give how near *line* is to the nearest of her topics, in [0, 1]; all vectors are of unit length.

    What points away from all of them is of no interest, not of less than none. None where there are no topics, or
    they are of another kind than the line.
    """
    nearest = None
    for topic in topics:
        if len(topic) == len(line):
            alike = sum(map(mul, line, topic))
            nearest = alike if nearest is None else max(nearest, alike)
    return None if nearest is None else min(max(nearest, 0.0), 1.0)
