"""What one message does to one soul: the impulses and calmings of a single appraisal, before they are shared out.

Everything is read from the state before the burst, so the order of messages cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import tanh

from bot.domain.affect.bateman import clip
from bot.domain.affect.dynamics import Dynamics
from bot.domain.affect.emotions import INDEX, Tier
from bot.domain.affect.habituation import hurt_left, kindness_left
from bot.domain.affect.potentials import Calming, Meaning, calmings, potentials
from bot.domain.affect.relationship import KINDNESS_HELD_BY_TENSION, betrayal_gain
from bot.domain.affect.soul import felt
from bot.domain.affect.state import PersonState, SoulState

# The most that one message stirs or calms, and how far a full potential reaches; chosen by ear.
IMPULSE_SCALE = 0.45
IMPULSE_MOST = 0.70
CALMING_MOST = 0.8
# How much a good mood helps good feelings and softens bad ones; chosen by ear.
MOOD_GAIN = 0.3

FEAR, HOPE = INDEX["fear"], INDEX["hope"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the soul stands towards one person before the burst: all that scales what they say."""

    tier: Tier
    dynamics: Dynamics
    pleasure: float
    trust: float
    tension: float
    kindness_left: float
    hurt_left: float
    fear: float
    hope: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What one message does: impulses in the tier's order, calmings by index, and how hard the message hit."""

    meaning: Meaning
    confidence: float
    betrayal: float
    impulses: tuple[float, ...]
    calmings: tuple[Calming, ...]

    @property
    def force(self) -> float:
        """The strongest impulse or calming of the message."""
        return max(max(self.impulses), max([share for _, share in self.calmings]))


def standing_of(soul: SoulState, person: PersonState, dynamics: Dynamics, leak: float) -> Standing:
    """Take down how *soul* stands towards *person* now."""
    feelings = felt(soul, person, leak=leak)
    return Standing(
        tier=soul.tier,
        dynamics=dynamics,
        pleasure=tanh(soul.mood[0]),
        trust=person.trust.value,
        tension=person.tension,
        kindness_left=kindness_left(person.kind_repetition),
        hurt_left=hurt_left(person.hurt_repetition),
        fear=feelings[FEAR],
        hope=feelings[HOPE] if len(feelings) > HOPE else 0.0,
    )


def effect_of(meaning: Meaning, confidence: float, standing: Standing) -> Effect:
    """Work out what a message of this *meaning* does."""
    stirred = potentials(meaning, standing.tier, standing.fear, standing.hope)
    betrayal = betrayal_gain(standing.trust, meaning.severity)
    scale = IMPULSE_SCALE * confidence
    # By sign: neutral, positive, negative; -1 as an index is the last.
    by_sign = (
        scale * standing.kindness_left,
        scale * good_gain(standing),
        scale * betrayal * standing.hurt_left * (1.0 - MOOD_GAIN * standing.pleasure),
    )
    impulses = tuple(
        [
            clip(potential * gain * by_sign[sign], 0.0, IMPULSE_MOST) if potential else 0.0
            for potential, gain, sign in zip(stirred, standing.dynamics.gains, standing.dynamics.signs, strict=True)
        ]
    )
    arriving = confidence * standing.kindness_left
    calmed = tuple(
        [
            (index, clip(arriving * share, 0.0, CALMING_MOST))
            for index, share in calmings(meaning, standing.tier, stirred)
        ]
    )
    return Effect(meaning, confidence, betrayal, impulses, calmed)


def good_gain(standing: Standing) -> float:
    """Give how well good feeling arrives: less when used to it, tense or in a bad mood."""
    calm = 1.0 - KINDNESS_HELD_BY_TENSION * standing.tension
    return standing.kindness_left * calm * (1.0 + MOOD_GAIN * standing.pleasure)


class Stir:
    """Gathers what a burst leaves of calm and of excitement, emotion by emotion, and applies it at once."""

    def __init__(self, count: int) -> None:
        self._unstirred = [1.0] * count
        self._uncalmed = [1.0] * count

    def add(self, effects: Iterable[Effect], share: float) -> None:
        """Take in the *share*, in [0, 1], of what messages do."""
        for effect in effects:
            for index, impulse in enumerate(effect.impulses):
                if impulse:
                    self._unstirred[index] *= 1.0 - share * impulse
            for index, calming in effect.calmings:
                self._uncalmed[index] *= 1.0 - share * calming

    def applied(self, levels: tuple[float, ...], baselines: Iterable[float]) -> tuple[float, ...]:
        """Calm *levels* towards their baselines, then stir them."""
        return tuple(
            [
                1.0 - (1.0 - (rest + (level - rest) * uncalmed if level > rest else level)) * unstirred
                if unstirred < 1.0 or uncalmed < 1.0
                else level
                for level, rest, uncalmed, unstirred in zip(
                    levels, baselines, self._uncalmed, self._unstirred, strict=True
                )
            ]
        )
