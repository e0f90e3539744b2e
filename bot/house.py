"""What she is to a whole server and to who pays for her, over an open database: which class does which part."""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.postgres.guild_settings import PostgresHouses
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.spend import PostgresSpend
from bot.domain.spend import read_prices
from bot.engine.greet import Greet
from bot.engine.house_rules import HouseRules
from bot.engine.spend import LookUpSpend
from bot.ports import Clock


@dataclass(frozen=True, slots=True)
class House:
    """What servers set, that she is introduced there, and what talk takes."""

    rules: HouseRules
    greet: Greet
    spend: LookUpSpend


def open_house(pool: StatementPool, clock: Clock, *, prices: str | None) -> House:
    """Wire it; *prices* are the operator's, as the setting has them."""
    houses = PostgresHouses(pool)
    spend = LookUpSpend(PostgresSpend(pool), clock, read_prices(prices or ""))
    return House(rules=HouseRules(houses, clock), greet=Greet(houses, clock), spend=spend)
