"""From what a message means to which emotions it could stir, and which it could calm.

After OCC (Ortony, Clore & Collins 1988) as FAtiMA puts it to work; weights are chosen by ear. Who is
speaking and how she feels already are not asked here, but for the fear and hope that relief and
disappointment need. Pride, serenity, loneliness, resentment, jealousy and boredom have no potential
here: inner events drive them (inner_events.py).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bot.domain.affect.appraisal import SIGNED_LIMIT, Appraisal
from bot.domain.affect.emotions import INDEX, Tier

Calming = tuple[int, float]


class Meaning(NamedTuple):
    """An appraisal with its signed fields split into a good and a bad part, each in [0, 1]."""

    good: float
    bad: float
    merit: float
    blame: float
    warm: float
    cold: float
    esteem: float
    contempt: float
    reliable: float
    unreliable: float
    their_joy: float
    their_pain: float
    promise: float
    threat: float
    unexpected: float
    interest: float
    humor: float
    apology: float
    own_fault: float

    @property
    def severity(self) -> float:
        """How bad the act itself was, in [0, 1]."""
        return max(self.blame, self.cold, self.contempt)

    @property
    def kindness(self) -> float:
        """How good the message was, in [0, 1]."""
        return max(self.good, self.warm, self.merit)


def meaning_of(appraisal: Appraisal) -> Meaning:
    """Split and scale *appraisal*."""
    return Meaning(
        *_parts(appraisal.desirability),
        *_parts(appraisal.praiseworthiness),
        *_parts(appraisal.warmth),
        *_parts(appraisal.respect),
        *_parts(appraisal.trust_signal),
        *_parts(appraisal.user_valence),
        *_parts(appraisal.prospect),
        appraisal.unexpectedness / SIGNED_LIMIT,
        appraisal.interest / SIGNED_LIMIT,
        appraisal.humor / SIGNED_LIMIT,
        appraisal.apology / SIGNED_LIMIT,
        appraisal.own_fault / SIGNED_LIMIT,
    )


def _parts(value: int) -> tuple[float, float]:
    return (value / SIGNED_LIMIT, 0.0) if value > 0 else (0.0, -value / SIGNED_LIMIT)


def either(*chances: float) -> float:
    """Join independent influences, each in [0, 1], into one: noisy-or."""
    none = 1.0
    for chance in chances:
        none *= 1.0 - chance
    return 1.0 - none


def potentials(meaning: Meaning, tier: Tier, fear: float, hope: float) -> tuple[float, ...]:
    """Give how strongly each emotion of *tier* could be stirred, in [0, 1] and in the order of its table.

    *fear* and *hope* are what she feels before this person spoke.
    """
    core = _lite_potentials(meaning)
    return core if tier == "lite" else core + _rich_potentials(meaning, fear, hope)


def _lite_potentials(m: Meaning) -> tuple[float, ...]:
    return (
        either(m.good, 0.5 * m.warm, 0.4 * m.their_joy, 0.3 * m.humor),  # joy
        either(0.8 * m.warm, 0.5 * math.sqrt(m.good * m.merit)),  # love
        m.interest,  # interest
        m.unexpected,  # surprise
        either(0.7 * m.bad * (1.0 - 0.5 * m.blame), 0.6 * m.cold, 0.4 * m.their_pain),  # sadness
        math.sqrt(m.bad * m.blame),  # anger
        m.threat,  # fear
        0.6 * m.blame * (1.0 - 0.5 * m.bad),  # disgust
    )


def _rich_potentials(m: Meaning, fear: float, hope: float) -> tuple[float, ...]:
    return (
        math.sqrt(m.good * m.merit),  # gratitude
        0.0,  # pride
        m.promise,  # hope
        m.good * fear,  # relief
        m.humor,  # amusement
        0.8 * m.merit * (1.0 - 0.5 * m.good),  # admiration
        m.their_pain,  # compassion
        math.sqrt(m.good * m.promise),  # excitement
        0.0,  # serenity
        0.0,  # loneliness
        m.bad * hope,  # disappointment
        m.bad * (1.0 - m.blame),  # frustration
        0.0,  # resentment
        0.7 * m.threat,  # anxiety
        m.own_fault,  # guilt
        m.own_fault * m.contempt,  # shame
        0.6 * m.contempt * m.unexpected,  # embarrassment
        0.0,  # jealousy
        0.0,  # boredom
    )


JOY, LOVE, SADNESS, ANGER, FEAR = (INDEX[name] for name in ("joy", "love", "sadness", "anger", "fear"))
HOPE, RESENTMENT, LONELINESS = (INDEX[name] for name in ("hope", "resentment", "loneliness"))
UNSTIRRED_BY_MESSAGES = ("pride", "serenity", "loneliness", "resentment", "jealousy", "boredom")


def calmings(meaning: Meaning, tier: Tier, stirred: tuple[float, ...]) -> tuple[Calming, ...]:
    """Give which emotions of *tier* could be calmed and how far, as (index, share in [0, 1]).

    *stirred* are the potentials of the same message: joy calms sadness, anger calms love.
    """
    core = (
        (ANGER, either(0.5 * meaning.apology, 0.2 * meaning.warm)),
        (SADNESS, 0.3 * stirred[JOY]),
        (FEAR, 0.4 * meaning.good),
        (JOY, 0.4 * max(meaning.bad, meaning.cold)),
        (LOVE, 0.3 * stirred[ANGER]),
    )
    if tier == "lite":
        return core
    return (*core, (RESENTMENT, 0.4 * meaning.apology), (LONELINESS, 0.5 * meaning.warm))
