"""The two states that the affect model computes with: the shared soul, and what it feels about one person.

Both are plain frozen values without clock or identity; whoever keeps them adds those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import EMOTIONS, Tier
from bot.domain.affect.mood import ORIGIN, Vector
from bot.domain.affect.personality import Ocean, read_ocean
from bot.domain.affect.relationship import Stage, closeness_of
from bot.domain.affect.sentiments import UNFELT, Sentiment


@dataclass(frozen=True, slots=True)
class SoulState:
    """What everyone meets: shared emotions, mood, personality.

    *home* is the temperament that *ocean* drifts around. *emotions* are in [0, 1] in the order of the
    tier's table; *mood* is the latent point. *day_h* are the hours since the last midnight (UTC) that
    was lived through and *mood_area* is the integral of the mood over them, from which drift is made.
    """

    tier: Tier
    home: Ocean
    ocean: Ocean
    emotions: tuple[float, ...]
    mood: Vector
    mood_area: Vector = ORIGIN
    day_h: float = 0.0
    is_drift_frozen: bool = False


@dataclass(frozen=True, slots=True)
class PersonState:
    """What one person means to the soul.

    *directed* are the emotions towards them, in the soul's order; they rest at 0. *share_used* is what
    they used up of their influence on the shared mood; the repetitions are habituation to their kindness
    and to their hurt. *bond* is a fixed bond that an admin set, or empty.
    """

    directed: tuple[float, ...]
    trust: Sentiment = UNFELT
    affection: Sentiment = UNFELT
    respect: Sentiment = UNFELT
    familiarity: Sentiment = UNFELT
    tension: float = 0.0
    need: float = 0.0
    share_used: float = 0.0
    kind_repetition: float = 0.0
    hurt_repetition: float = 0.0
    stage: Stage = Stage.STRANGER
    bond: str = ""

    @property
    def closeness(self) -> float:
        """How close this person is, in [0, 1]."""
        return closeness_of(self.familiarity.value, self.affection.value)


def new_soul(tier: Tier, home: Ocean, *, day_h: float = 0.0, is_drift_frozen: bool = False) -> SoulState:
    """Make a soul at rest, *day_h* hours after a midnight (UTC); it counts as having rested until now.

    A factor of *home* out of range is clipped, NaN is 0.
    """
    home = read_ocean(home)
    dynamics = dynamics_of(tier, home)
    pleasure, arousal, dominance = dynamics.mood_rest
    rested = (pleasure * day_h, arousal * day_h, dominance * day_h)
    return SoulState(tier, home, home, dynamics.baselines, dynamics.mood_rest, rested, day_h, is_drift_frozen)


def new_person(tier: Tier) -> PersonState:
    """Make someone she has never met."""
    return PersonState((0.0,) * len(EMOTIONS[tier]))


def soul_in_tier(soul: SoulState, tier: Tier) -> SoulState:
    """Give *soul* with another set of emotions: common ones stay, new ones start at rest."""
    common = min(len(soul.emotions), len(EMOTIONS[tier]))
    rest = dynamics_of(tier, soul.ocean).baselines
    return replace(soul, tier=tier, emotions=soul.emotions[:common] + rest[common:])


def person_in_tier(person: PersonState, tier: Tier) -> PersonState:
    """Give *person* with another set of directed emotions: common ones stay, new ones start at 0."""
    count = len(EMOTIONS[tier])
    padding = (0.0,) * (count - len(person.directed))
    return replace(person, directed=person.directed[:count] + padding)
