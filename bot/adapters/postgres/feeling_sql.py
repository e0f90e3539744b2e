"""Time passing for what people mean to her, in SQL: all rows of a soul at once, by the closed forms of the model.

One row alone is `bot.domain.affect.timeline.person_until`, in Python; both agree to 1e-9. Rates come from the model and
are written nowhere else, and only from the current version of it: a soul with another `model_version` is not for these
statements. Everything fades by exp(−x), where x is the integral of a rate since the row was last brought up; where
personality sets the rate, that is a sum over natures (`Segments`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from bot.adapters.postgres.feeling_rows import COOL
from bot.adapters.postgres.feeling_tables import LEVELS
from bot.domain.affect.bateman import rate_of
from bot.domain.affect.constants import CAP_HALF_LIFE_H, REST_EPSILON
from bot.domain.affect.dynamics import dynamics_of
from bot.domain.affect.emotions import EMOTIONS, Tier
from bot.domain.affect.habituation import REPETITION_HALF_LIFE_H
from bot.domain.affect.sentiments import RULES, SentimentRule
from bot.domain.affect.timeline import HOUR, Nature, hours_between

# exp(−60) is 1e-26: nothing is left. PostgreSQL refuses to underflow, which exp does from −745 on.
NOTHING_LEFT = -60.0

_CAP_RATE = rate_of(CAP_HALF_LIFE_H)
_REPETITION_RATE = rate_of(REPETITION_HALF_LIFE_H)
_AMOUNT_RATES = {
    "share_used": _CAP_RATE,
    "kind_repetition": _REPETITION_RATE,
    "hurt_repetition": _REPETITION_RATE,
} | {rule.name + used: _CAP_RATE for rule in RULES for used in ("_gained", "_lost")}


@dataclass(frozen=True, slots=True)
class Segments:
    """The exponents, up to *until*, of all that personality sets the pace of.

    A row last brought up at *t* hours, counted from *until* and so at most 0, lies in segment k = 1 + the number of
    *edges_h* up to t. Of its tension, of what it lacks in need and of its emotions, in this order, a share of
    ``exp(offsets[k] + rates[k]·t)`` is left.
    """

    until: datetime
    edges_h: tuple[float, ...]
    rates: tuple[tuple[float, ...], ...]
    offsets: tuple[tuple[float, ...], ...]

    @property
    def parameters(self) -> tuple[object, ...]:
        """Give the parameters $2 to $5 of the statements here; $1 is the soul's id."""
        # asyncpg takes a tuple inside an array for a composite value
        return self.until, self.edges_h, [list(row) for row in self.rates], [list(row) for row in self.offsets]


def segments_of(natures: Sequence[Nature], tier: Tier, until: datetime) -> Segments:
    """Make the exponents up to *until* of *natures*, oldest first; the oldest also holds before it began.

    The soul must have lived up to *until*, or natures of midnights are missing. The caller may leave out what came
    before the nature in which the oldest row was last brought up. Natures so old that nothing is left since are left
    out here: half a year of midnights is the most that ever counts.

    Raises:
        ValueError: there is no nature at all.
    """
    if not natures:
        raise ValueError("a soul has at least the nature that it was born with")
    begun = [nature for nature in natures if nature.since < until] or [natures[0]]
    edges: list[float] = []
    rates: list[tuple[float, ...]] = []
    offsets: list[tuple[float, ...]] = []
    end_h, left = 0.0, [0.0] * len(_rates(begun[-1], tier))
    for nature in reversed(begun):
        if rates:
            edges.append(end_h)
        rates.append(_rates(nature, tier))
        offsets.append(tuple(later - rate * end_h for later, rate in zip(left, rates[-1], strict=True)))
        end_h = hours_between(until, nature.since)
        left = [offset + rate * end_h for offset, rate in zip(offsets[-1], rates[-1], strict=True)]
        if max(left) < NOTHING_LEFT:
            break
    return Segments(until, tuple(edges[::-1]), tuple(rates[::-1]), tuple(offsets[::-1]))


def _rates(nature: Nature, tier: Tier) -> tuple[float, ...]:
    dynamics = dynamics_of(tier, nature.ocean)
    return (dynamics.tension_rate, dynamics.need_rate, *dynamics.rates)


def _number(value: float) -> str:
    """Write *value* so that PostgreSQL reads back every bit."""
    return f"'{value!r}'::float8"


def _left(exponent: str) -> str:
    """Write what is left by *exponent*, which is at most 0."""
    return f"exp(greatest({exponent}, {_number(NOTHING_LEFT)}))"


def _faded(value: str, left: str) -> str:
    """Write *value* after fading; what is at rest is 0, so that no product underflows."""
    return f"CASE WHEN abs({value}) < {_number(REST_EPSILON)} THEN 0 ELSE {value} * ({left}) END"


def _faded_sentiment(rule: SentimentRule) -> str:
    """Write `sentiments.faded`. The two rates are constants and far apart: Bateman's function needs no series."""
    share = _number(rule.rate / (rule.rate - rule.earned_rate))
    own, earned = _LEFT_BY_RATE[rule.rate], _LEFT_BY_RATE[rule.earned_rate]
    return f"{_faded(rule.name, own)} + {_faded(rule.name + '_earned', f'{share} * ({earned} - {own})')}"


def _exponent(place: int) -> str:
    """Write the exponent at *place* of the segments' vectors, counted from 1."""
    return f"(($5::float8[])[k][{place}] + ($4::float8[])[k][{place}] * lived_h)"


def _faded_emotion(number: int) -> str:
    """Write one directed emotion after fading; one that the row lacks is at rest, as in `person_in_tier`."""
    value, exponent = f"directed[{number}]", _exponent(len(LEVELS) + number)
    is_alive = f"{exponent} > ln({_number(REST_EPSILON)} / {value})"
    fading = f"CASE WHEN {is_alive} THEN {value} * exp{exponent} ELSE 0 END"
    return f"CASE WHEN {value} > {_number(REST_EPSILON)} THEN {fading} ELSE 0 END"


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


# Columns that hold what is left of something since the row was brought up, by rate; several fade at the same rate.
_CONSTANT_RATES = dict.fromkeys(
    (*(rule.rate for rule in RULES), *(rule.earned_rate for rule in RULES), *_AMOUNT_RATES.values())
)
_LEFT_BY_RATE = {rate: f"left_{number}" for number, rate in enumerate(_CONSTANT_RATES)}
_LEFT = {name: _left(f"{_number(rate)} * lived_h") for rate, name in _LEFT_BY_RATE.items()}
_LEFT |= {f"{name}_left": _left(_exponent(place)) for place, name in enumerate(LEVELS, start=1)}

# Each column after fading, in terms of those and of the columns before.
_NOW = {rule.name: _faded_sentiment(rule) for rule in RULES}
_NOW |= {"tension": _faded("tension", "tension_left"), "need": "1 - (1 - need) * need_left"}
_EARNED = {f"{rule.name}_earned": _faded(f"{rule.name}_earned", _LEFT_BY_RATE[rule.earned_rate]) for rule in RULES}
_USED = {name: _faded(name, _LEFT_BY_RATE[rate]) for name, rate in _AMOUNT_RATES.items()}


def _aged(columns: Iterable[str], source: str) -> str:
    """Write the rows of *source* with when they were last brought up, their segment, and what is left since.

    OFFSET 0 keeps the planner from merging the steps, which would work each number out again at every use.
    """
    names = ", ".join(columns)
    hours = f"date_part('epoch', lived_until - $2::timestamptz) / {_number(HOUR.total_seconds())}"
    return f"""
SELECT {names}, lived_h, k, {_listed(_LEFT)} FROM (
    SELECT {names}, lived_h, width_bucket(lived_h, $3::float8[]) + 1 AS k FROM (
        SELECT {names}, least({hours}, 0) AS lived_h FROM {source} OFFSET 0
    ) AS aged OFFSET 0
) AS placed OFFSET 0"""


# $1 soul, $2 to $5 `Segments.parameters`
SENTIMENTS_NOW = f"""
SELECT user_id, {_listed(_NOW)} FROM ({_aged(("user_id", *_NOW, *_EARNED), "sentiments WHERE soul_id = $1")}
) AS aged
"""


def _materialise(tier: Tier) -> str:
    """Write `MATERIALISE` for one set of emotions.

    A row that somebody holds is left to the next time: nothing is waited for, so nothing deadlocks. A row is found
    again by its place, which cannot change while it is locked; one that changed between the statement's snapshot
    and its lock is not found there, and so left to the next time too. No update is lost.
    """
    emotions = ", ".join(_faded_emotion(number + 1) for number in range(len(EMOTIONS[tier])))
    moved = {"directed": f"ARRAY[{emotions}]", **_NOW, **_EARNED, **_USED}
    hot = """(
            SELECT *, ctid AS place FROM sentiments WHERE soul_id = $1 AND is_hot AND lived_until < $2
            ORDER BY user_id FOR NO KEY UPDATE SKIP LOCKED
        ) AS hot"""
    return f"""
WITH moved AS (
    UPDATE sentiments SET {", ".join(f"{name} = now.{name}" for name in moved)}, lived_until = $2,
        is_hot = 0 <> ANY (now.directed) OR now.tension > {_number(COOL)} OR now.share_used > {_number(COOL)}
    FROM (SELECT place, {_listed(moved)} FROM ({_aged(("place", *moved), hot)}
    ) AS aged OFFSET 0) AS now
    WHERE sentiments.ctid = now.place
    RETURNING sentiments.is_hot
)
SELECT count(*) AS moved, count(*) FILTER (WHERE NOT is_hot) AS cooled FROM moved
"""


# $1 soul, $2 to $5 `Segments.parameters`; gives how many rows moved, and how many of them came to rest
MATERIALISE: Mapping[Tier, str] = MappingProxyType({tier: _materialise(tier) for tier in EMOTIONS})
