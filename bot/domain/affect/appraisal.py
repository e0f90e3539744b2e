"""Read what the model says a message means; malformed input weakens, it never amplifies.

Source: docs/affect.md, "Appraisal".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TypeGuard

SIGNED_LIMIT = 3
SIGNED_FIELDS = (
    "desirability",
    "praiseworthiness",
    "warmth",
    "respect",
    "trust_signal",
    "user_valence",
    "prospect",
)
UNSIGNED_FIELDS = ("unexpectedness", "interest", "humor", "apology", "own_fault")
DEFAULT_CONFIDENCE = 0.7
MALFORMED_FACTOR = 0.25
UNREADABLE_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What one message means to her.

    Signed fields are integers in [-3, 3], unsigned ones in [0, 3], confidence is in [0, 1].
    *malformed* says that something had to be mended, for counting.
    """

    desirability: int = 0
    praiseworthiness: int = 0
    warmth: int = 0
    respect: int = 0
    trust_signal: int = 0
    user_valence: int = 0
    prospect: int = 0
    unexpectedness: int = 0
    interest: int = 0
    humor: int = 0
    apology: int = 0
    own_fault: int = 0
    confidence: float = DEFAULT_CONFIDENCE
    malformed: bool = False


NEUTRAL = Appraisal()
FIELD_NAMES = tuple(field.name for field in fields(Appraisal))
_SIGNED_VALUES = attrgetter(*SIGNED_FIELDS)
_UNSIGNED_VALUES = attrgetter(*UNSIGNED_FIELDS)


def read_appraisal(raw: object) -> Appraisal:
    """Turn whatever the model sent into an `Appraisal`; never raises.

    Missing fields are 0, a missing confidence 0.7. Anything out of range, of a wrong type or not
    finite is clipped or 0 and multiplies confidence by 0.25 once. No object at all is all zero,
    with confidence 0.
    """
    if not isinstance(raw, Mapping):
        return Appraisal(confidence=0.0, malformed=True)
    values: dict[str, int] = {}
    mended = False
    for names, low in ((SIGNED_FIELDS, -SIGNED_LIMIT), (UNSIGNED_FIELDS, 0)):
        for name in names:
            values[name], was_mended = _read_integer(raw.get(name, 0), low)
            mended = mended or was_mended
    confidence, unreadable = _read_confidence(raw.get("confidence", DEFAULT_CONFIDENCE))
    mended = mended or unreadable
    if mended:
        confidence *= MALFORMED_FACTOR
    return Appraisal(**values, confidence=confidence, malformed=mended)


def sound(appraisal: Appraisal) -> Appraisal:
    """Give *appraisal* itself if every field is in range, else what `read_appraisal` makes of its fields."""
    if _is_sound(appraisal):
        return appraisal
    raw = {name: getattr(appraisal, name) for name in FIELD_NAMES}
    mended = read_appraisal(raw)
    return replace(mended, malformed=mended.malformed or appraisal.malformed)


def _is_sound(appraisal: Appraisal) -> bool:
    confidence = appraisal.confidence
    if type(confidence) not in (int, float) or not 0.0 <= confidence <= 1.0:
        return False
    for value in _SIGNED_VALUES(appraisal):
        if type(value) is not int or not -SIGNED_LIMIT <= value <= SIGNED_LIMIT:
            return False
    return all(type(value) is int and 0 <= value <= SIGNED_LIMIT for value in _UNSIGNED_VALUES(appraisal))


def _is_number(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _read_integer(value: object, low: int) -> tuple[int, bool]:
    if not _is_number(value):
        return 0, True
    clipped = max(low, min(SIGNED_LIMIT, value))
    whole = round(clipped)
    return whole, whole != value


def _read_confidence(value: object) -> tuple[float, bool]:
    if not _is_number(value):
        return UNREADABLE_CONFIDENCE, True
    clipped = float(max(0.0, min(1.0, value)))
    return clipped, clipped != value
