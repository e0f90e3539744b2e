"""How inclined she is to speak unprompted, and whether a given moment is one.

The roll is a hash of companion and slot, so every process decides the same and a replay decides it again.
"""

from __future__ import annotations

import math
from hashlib import blake2b

from bot.domain.affect.bateman import clip, is_elapsed
from bot.domain.affect.mood import Vector

# Impulses to speak per hour at rest; how mood and need bend it, and how far; chosen by ear.
BASE_RATE = 1.0 / 6.0
RATE_BY_PLEASURE = 0.5
RATE_BY_NEED = 1.2
FACTOR_LEAST = 0.25
FACTOR_MOST = 4.0
# The need that counts in a channel, where nobody in particular is addressed.
CHANNEL_NEED = 0.5
ROLL_BYTES = 8
FLOAT_BITS = 53  # as many as a float holds exactly, so that a roll never rounds up to 1
UNUSED_BITS = 8 * ROLL_BYTES - FLOAT_BITS


def rate(mood: Vector, need: float = CHANNEL_NEED) -> float:
    """Give the impulses to speak per hour in this shown *mood*, with the addressee's *need* for contact."""
    bent = mood[1] + RATE_BY_PLEASURE * abs(mood[0]) + RATE_BY_NEED * (need - CHANNEL_NEED)
    return BASE_RATE * clip(math.exp(bent), FACTOR_LEAST, FACTOR_MOST)


def probability(rate_per_h: float, hours: float) -> float:
    """Give the chance of at least one impulse within *hours*."""
    return -math.expm1(-rate_per_h * hours) if is_elapsed(hours) else 0.0


def roll(companion: str, slot: str) -> float:
    """Give the number in [0, 1) that decides *slot* for *companion*, the same everywhere."""
    digest = blake2b(f"{companion}\x00{slot}".encode(), digest_size=ROLL_BYTES).digest()
    return (int.from_bytes(digest, "big") >> UNUSED_BITS) / float(1 << FLOAT_BITS)


def speaks(companion: str, slot: str, chance: float) -> bool:
    """Decide whether *slot* brings an impulse of this *chance*."""
    return roll(companion, slot) < chance
