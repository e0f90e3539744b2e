"""What happens in her without a message: the stored events that drive six emotions no message can stir.

They are made by reflection or by her own success, never by time passing and never as a side effect of a
message, and they touch the shared soul only. The lite set has none of these emotions and ignores them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum

from bot.domain.affect.bateman import clip
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.impulses import IMPULSE_MOST, IMPULSE_SCALE, MOOD_GAIN
from bot.domain.affect.state import SoulState


class InnerEvent(StrEnum):
    """Something that moved her from inside."""

    OWN_SUCCESS = "own_success"
    QUIET_WARM_HOURS = "quiet_warm_hours"
    NEED = "need"
    UNRESOLVED_TENSION = "unresolved_tension"
    ATTENTION_ELSEWHERE = "attention_elsewhere"
    LOW_INTEREST = "low_interest"


DRIVEN: dict[InnerEvent, str] = {
    InnerEvent.OWN_SUCCESS: "pride",
    InnerEvent.QUIET_WARM_HOURS: "serenity",
    InnerEvent.NEED: "loneliness",
    InnerEvent.UNRESOLVED_TENSION: "resentment",
    InnerEvent.ATTENTION_ELSEWHERE: "jealousy",
    InnerEvent.LOW_INTEREST: "boredom",
}


def apply_inner_event(soul: SoulState, event: InnerEvent, strength: float) -> SoulState:
    """Stir the emotion that *event* drives; *strength* is in [0, 1], anything unreadable is 0."""
    emotion = DRIVEN[event]
    if emotion not in NAMES[soul.tier] or not math.isfinite(strength):
        return soul
    dynamics = dynamics_of(soul.tier, soul.ocean)
    index = NAMES[soul.tier].index(emotion)
    in_mood = 1.0 + MOOD_GAIN * dynamics.signs[index] * math.tanh(soul.mood[0])
    potential = clip(strength, 0.0, 1.0)
    impulse = min(IMPULSE_SCALE * potential * in_mood * dynamics.gains[index], IMPULSE_MOST)
    level = 1.0 - (1.0 - soul.emotions[index]) * (1.0 - impulse)
    return replace(soul, emotions=(*soul.emotions[:index], level, *soul.emotions[index + 1 :]))
