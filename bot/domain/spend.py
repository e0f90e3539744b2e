"""What a person's talk took: how long the present one goes on, how many turns and calls, tokens, and at which price."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# A talk is over when nothing was said for as long as talk counts as being before her eyes; docs/memory.md.
PAUSE = timedelta(minutes=30)
MILLION = 1_000_000
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_PRICE = re.compile(r"\s*(\S+?)\s*=\s*([\d.]+)\s*/\s*([\d.]+)\s*/\s*([\d.]+)\s*")
PRICE_FORM = "name=read/cached/written, such as my-model=0.25/0.025/2, several with commas between"


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in US dollars: read, of those what the server had cached, and written."""

    read: float
    cached: float
    written: float


@dataclass(frozen=True, slots=True)
class CallsOfTurn:
    """The calls of one turn to one model; *model* is None where the turn asked none.

    *uncounted* are those of which the server named no tokens; *cached* are among *read*.
    """

    turn_id: int
    started_at: datetime
    model: str | None = None
    calls: int = 0
    uncounted: int = 0
    read: int = 0
    cached: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Spend:
    """A sum of turns; *cost* is in US dollars, of what has a price. *unpriced* names models that have none."""

    turns: int = 0
    calls: int = 0
    uncounted: int = 0
    read: int = 0
    cached: int = 0
    written: int = 0
    cost: float = 0.0
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """The newest talk of somebody, from its first turn to its last."""

    began_at: datetime
    last_at: datetime
    spend: Spend

    def goes_on(self, now: datetime) -> bool:
        """Say whether it is not over yet."""
        return now - self.last_at <= PAUSE


def newest_talk(rows: Sequence[CallsOfTurn], prices: Mapping[str, Price]) -> Talk | None:
    """Give the newest talk among turns, whatever their order; None where there is none."""
    ordered = sorted(rows, key=lambda row: row.started_at, reverse=True)
    talk: list[CallsOfTurn] = []
    for row in ordered:
        if talk and talk[-1].started_at - row.started_at > PAUSE:
            break
        talk.append(row)
    return Talk(talk[-1].started_at, talk[0].started_at, spend_of(talk, prices)) if talk else None


def spend_of(rows: Iterable[CallsOfTurn], prices: Mapping[str, Price]) -> Spend:
    """Add turns up."""
    counted = tuple(rows)
    priced = [(row, price_of(row.model, prices)) for row in counted if row.model is not None]
    return Spend(
        turns=len({row.turn_id for row in counted}),
        calls=sum(row.calls for row in counted),
        uncounted=sum(row.uncounted for row in counted),
        read=sum(row.read for row in counted),
        cached=sum(row.cached for row in counted),
        written=sum(row.written for row in counted),
        cost=sum(_cost(row, price) for row, price in priced if price is not None),
        unpriced=tuple(dict.fromkeys(str(row.model) for row, price in priced if price is None)),
    )


def price_of(model: str | None, prices: Mapping[str, Price]) -> Price | None:
    """Give a model's price; one with a date at its end costs what it costs without. None where it is not known."""
    if model is None:
        return None
    return prices.get(model) or prices.get(_DATED.sub("", model))


def read_prices(text: str) -> dict[str, Price]:
    """Read prices as an operator writes them, by the names of models.

    Raises:
        ValueError: it is not of that form.
    """
    prices = {}
    for part in filter(str.strip, text.split(",")):
        found = _PRICE.fullmatch(part)
        if found is None:
            raise ValueError(f"must be {PRICE_FORM}")
        name, *dollars = found.groups()
        prices[name] = Price(*(float(one) for one in dollars))
    return prices


def _cost(row: CallsOfTurn, price: Price) -> float:
    cached = min(row.cached, row.read)
    dollars = (row.read - cached) * price.read + cached * price.cached + row.written * price.written
    return dollars / MILLION
