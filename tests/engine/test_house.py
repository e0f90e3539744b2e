"""House rules: what may be set and what a turn is told. Greeting: once, and again only where nobody was reached yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.domain.ids import GuildId, UserId
from bot.engine.greet import NEW_FOR, Greet
from bot.engine.house_rules import RULES_MOST, HouseRules
from bot.errors import DeliveryError, StoreError, UserError
from tests.fakes import START, FakeClock

HOUSE, BOSS = GuildId(501), UserId(7)


@dataclass
class MemoryHouses:
    """Implements `bot.house_ports.HouseStore` in memory."""

    rules: dict[GuildId, str | None] = field(default_factory=dict)
    greeted: dict[GuildId, datetime] = field(default_factory=dict)
    trouble: Exception | None = None
    reads: int = 0

    async def house_rules(self, guild_id: GuildId) -> str | None:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        return self.rules.get(guild_id)

    async def set_house_rules(self, guild_id: GuildId, rules: str | None, *, by: UserId, now: datetime) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.rules[guild_id] = rules

    async def take_greeting(self, guild_id: GuildId, now: datetime) -> bool:
        if guild_id in self.greeted:
            return False
        self.greeted[guild_id] = now
        return True

    async def give_greeting_back(self, guild_id: GuildId, taken_at: datetime) -> None:
        if self.greeted.get(guild_id) == taken_at:
            del self.greeted[guild_id]


async def test_rules_hold_at_once_and_are_read_anew_after_ten_seconds():
    kept, clock = MemoryHouses({HOUSE: "no spoilers"}), FakeClock()
    rules = HouseRules(kept, clock)
    assert [await rules.of(HOUSE), await rules.of(HOUSE), await rules.of(None)] == ["no spoilers", "no spoilers", None]
    assert kept.reads == 1
    kept.rules[HOUSE] = "set by another process"
    assert await rules.of(HOUSE) == "no spoilers"
    await clock.advance(timedelta(seconds=10))
    assert await rules.of(HOUSE) == "set by another process"
    assert await rules.set(HOUSE, "  be kind \n", by=BOSS) == await rules.of(HOUSE) == kept.rules[HOUSE] == "be kind"


async def test_a_database_that_is_away_leaves_the_rules_that_were_known():
    kept, clock = MemoryHouses({HOUSE: "no spoilers"}), FakeClock()
    rules = HouseRules(kept, clock)
    await rules.of(HOUSE)
    kept.trouble = StoreError("away")
    await clock.advance(timedelta(minutes=5))
    assert await rules.of(HOUSE) == "no spoilers"
    assert await HouseRules(kept, clock).of(HOUSE) is None
    with pytest.raises(StoreError):
        await rules.read(HOUSE)
    with pytest.raises(StoreError):
        await rules.set(HOUSE, "be kind", by=BOSS)
    assert await rules.of(HOUSE) == "no spoilers"


@pytest.mark.parametrize("typed", ["", "  \n ", "\u200b"])
async def test_nothing_to_read_takes_the_rules_away(typed: str):
    kept = MemoryHouses({HOUSE: "no spoilers"})
    assert await HouseRules(kept, FakeClock()).set(HOUSE, typed, by=BOSS) is None
    assert kept.rules[HOUSE] is None


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("x" * (RULES_MOST + 1), "rules_long"),
        ("ask @everyone", "rules_mention"),
        ("ask @here!", "rules_mention"),
        ("ask <@&123>", "rules_mention"),
    ],
)
async def test_what_is_too_long_or_would_call_many_people_is_refused(typed: str, key: str):
    kept = MemoryHouses({HOUSE: "no spoilers"})
    with pytest.raises(UserError) as refused:
        await HouseRules(kept, FakeClock()).set(HOUSE, typed, by=BOSS)
    assert refused.value.key == key
    assert kept.rules[HOUSE] == "no spoilers"


async def test_rules_as_long_as_they_may_be_are_kept_whole():
    kept = MemoryHouses()
    assert await HouseRules(kept, FakeClock()).set(HOUSE, "ß" * RULES_MOST, by=BOSS) == "ß" * RULES_MOST


async def test_a_server_is_greeted_once_however_often_it_is_told_of():
    sent: list[str] = []

    async def send() -> str | None:
        sent.append("card")
        return "direct"

    greet = Greet(MemoryHouses(), FakeClock())
    assert [await greet(HOUSE, START, send) for _ in range(3)] == [True, False, False]
    assert sent == ["card"]


@pytest.mark.parametrize("joined_at", [None, START - NEW_FOR - timedelta(seconds=1)])
async def test_where_she_has_been_for_long_nobody_is_written_to(joined_at: datetime | None):
    async def send() -> str | None:
        raise AssertionError("nobody is to be written to")

    kept = MemoryHouses()
    assert not await Greet(kept, FakeClock())(HOUSE, joined_at, send)
    assert kept.greeted == {}


async def test_passing_trouble_leaves_the_greeting_to_the_next_time():
    answers: list[object] = [DeliveryError("away", code=0, retryable=True), None, "direct"]

    async def send() -> str | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    greet = Greet(MemoryHouses(), FakeClock())
    assert [await greet(HOUSE, START, send) for _ in range(3)] == [False, False, False]
    assert answers == ["direct"], "a server with no way in is not tried again"
