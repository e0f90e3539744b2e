"""Numbers that several parts of the affect model share; everything else stands beside its use.

Times are hours throughout the model. Source: docs/affect.md unless a line says otherwise.
"""

from __future__ import annotations

import math

# Stored with every event, so that an old event is replayed by the numbers it was made with.
CONSTANTS_VERSION = 1

LN2 = math.log(2.0)
HOURS_A_DAY = 24.0
# What a person has used up of a cap (of gains, of losses, of the shared mood) halves in this time; chosen by ear.
CAP_HALF_LIFE_H = 12.0
# A displacement smaller than this is rest: nobody can tell it, and stored numbers stay clear of underflow.
REST_EPSILON = 1e-12
# Share of a shared feeling that others can notice, unless set otherwise; chosen by ear.
DEFAULT_LEAK = 0.35
