"""Spend: what a person's talk took, today and in the talk that goes on; for themselves and nobody else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

from bot.domain.ids import UserId
from bot.domain.spend import Price, Spend, Talk, newest_talk, spend_of
from bot.domain.zones import zone_named
from bot.operator_ports import SpendStore
from bot.ports import Clock

PRICES = "prices.toml"
LOOKED_BACK = timedelta(days=2)  # further than any day began, and than almost any talk


@dataclass(frozen=True, slots=True)
class SpendView:
    """What somebody's talk took; *zone* is by whose clock the day began, *prices_of* the day of the known prices."""

    at: datetime
    talk: Talk | None
    today: Spend
    zone: str
    prices_of: date


@dataclass(frozen=True, slots=True)
class PriceList:
    """What models cost by their names, as of a day."""

    prices: Mapping[str, Price]
    as_of: date


@cache
def known_prices() -> PriceList:
    """Read the prices that come with her."""
    data = tomllib.loads(resources.files("bot.engine").joinpath(PRICES).read_text("utf-8"))
    return PriceList({name: Price(*dollars) for name, dollars in data["models"].items()}, data["as_of"])


class LookUpSpend:
    """Adds up what a person's turns took."""

    def __init__(self, store: SpendStore, clock: Clock, own: Mapping[str, Price] | None = None) -> None:
        """Take where calls are kept; *own* prices are the operator's, and win over those that are known."""
        self._store = store
        self._clock = clock
        self._prices = dict(known_prices().prices) | dict(own or {})

    async def __call__(self, user_id: UserId, *, zone: str) -> SpendView:
        """Give what a person's talk took; their day is that of the clock in *zone*.

        A turn that answered several people counts whole for each of them.

        Raises:
            StoreError: the database failed.
        """
        now = self._clock.now()
        rows = await self._store.calls_of(user_id, now - LOOKED_BACK)
        midnight = now.astimezone(zone_named(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        today = spend_of((row for row in rows if row.started_at >= midnight), self._prices)
        return SpendView(now, newest_talk(rows, self._prices), today, zone, known_prices().as_of)
