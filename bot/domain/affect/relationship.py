"""What follows from the sentiments towards one person: closeness, tension's weight, and the stage's name.

A stage is a label only: nothing is computed from it, and no message can set a fixed bond.
"""

from __future__ import annotations

from enum import StrEnum

from bot.domain.affect.bateman import clip

# Closeness is half familiarity and half affection, where that is positive; chosen by ear.
CLOSENESS_BY_FAMILIARITY = 0.5
CLOSENESS_BY_AFFECTION = 0.5
# How much more a betrayal hurts from someone trusted, and how much a tease is forgiven; chosen by ear.
BETRAYAL_SLOPE = 2.0
TEASE_FORGIVEN = 1.2
# Tension: what a severe message adds at most, what an apology takes at most; chosen by ear.
TENSION_BY_SEVERITY = 0.5
TENSION_STEP_MOST = 0.70
RELIEF_BY_APOLOGY = 0.5
RELIEF_STEP_MOST = 0.8
# How much tension keeps kindness from arriving; chosen by ear.
KINDNESS_HELD_BY_TENSION = 0.4
# Each message leaves this share of the need for contact; chosen by ear.
NEED_LEFT = 0.75

# Stages change only this far beyond their limits, so that they do not flicker; chosen by ear, like the limits.
HYSTERESIS = 0.05
CONFIDANT_TRUST = 0.6
STRAINED_AFFECTION = 0.0
STRAINED_TENSION = 0.6
HOSTILE_AFFECTION = -0.4
HOSTILE_TRUST = -0.2


class Stage(StrEnum):
    """Where a relationship stands, from far to near, and the two on the other side."""

    STRANGER = "stranger"
    ACQUAINTANCE = "acquaintance"
    FRIEND = "friend"
    CLOSE_FRIEND = "close friend"
    CONFIDANT = "confidant"
    STRAINED = "strained"
    HOSTILE = "hostile"


# Closeness from which each stage holds; a confidant needs trust as well.
LADDER: tuple[tuple[float, Stage], ...] = (
    (0.1, Stage.ACQUAINTANCE),
    (0.3, Stage.FRIEND),
    (0.55, Stage.CLOSE_FRIEND),
    (0.8, Stage.CONFIDANT),
)
RUNGS = (Stage.STRANGER, *(stage for _, stage in LADDER))


def closeness_of(familiarity: float, affection: float) -> float:
    """Give how close someone is, in [0, 1]."""
    return CLOSENESS_BY_FAMILIARITY * familiarity + CLOSENESS_BY_AFFECTION * max(affection, 0.0)


def betrayal_gain(trust: float, severity: float) -> float:
    """Give how much harder than from a stranger a severe message hits; below 1 for a friend's tease."""
    return 1.0 + max(trust, 0.0) * severity * (BETRAYAL_SLOPE * severity - TEASE_FORGIVEN)


def tension_added(severity: float, confidence: float, betrayal: float) -> float:
    """Give the share of the remaining calm that one message turns into tension."""
    return clip(TENSION_BY_SEVERITY * severity * confidence * betrayal, 0.0, TENSION_STEP_MOST)


def tension_left(apology: float, confidence: float, fresh: float, gain: float) -> float:
    """Give the share of the tension that one message leaves, by the apology in it."""
    return 1.0 - clip(RELIEF_BY_APOLOGY * apology * confidence * fresh * gain, 0.0, RELIEF_STEP_MOST)


def stage_of(closeness: float, trust: float, affection: float, tension: float, *, before: Stage | None) -> Stage:
    """Name the relationship; *before* is its name so far, which it keeps within the hysteresis."""
    if _is_hostile(trust, affection, _slack(was=before is Stage.HOSTILE, known=before is not None)):
        return Stage.HOSTILE
    if _is_strained(affection, tension, _slack(was=before is Stage.STRAINED, known=before is not None)):
        return Stage.STRAINED
    rank = RUNGS.index(before) if before in RUNGS else None
    reached = Stage.STRANGER
    for height, (limit, stage) in enumerate(LADDER, start=1):
        slack = 0.0 if rank is None else _slack(was=rank >= height, known=True)
        trusted = stage is not Stage.CONFIDANT or trust >= CONFIDANT_TRUST + slack
        if closeness >= limit + slack and trusted:
            reached = stage
    return reached


def _slack(*, was: bool, known: bool) -> float:
    """Give how much further than its limit a stage needs to begin (positive) or may hold on (negative)."""
    if not known:
        return 0.0
    return -HYSTERESIS if was else HYSTERESIS


def _is_hostile(trust: float, affection: float, slack: float) -> bool:
    return affection < HOSTILE_AFFECTION - slack and trust < HOSTILE_TRUST - slack


def _is_strained(affection: float, tension: float, slack: float) -> bool:
    return affection < STRAINED_AFFECTION - slack or tension > STRAINED_TENSION + slack
