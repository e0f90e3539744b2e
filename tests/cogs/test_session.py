"""What talk took and who lives here, told privately; what costs something is held back from who asks too often."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from bot.adapters.personas import CompanionFolder
from bot.domain.ids import UserId
from bot.domain.spend import CallsOfTurn, Price
from bot.engine.being import Being
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.spend import LookUpSpend
from bot.engine.timers import Remind
from bot.engine.wear import Wear
from bot.ports import Delivery, TimerStore
from cogs.companion import Companions
from cogs.cooldowns import USES
from cogs.presenters.companion import companion_card
from cogs.presenters.session import session_card
from cogs.session import Session
from playground.client import Person
from playground.components import walk
from tests.cogs.conftest import Room
from tests.cogs.rooms import NOW, MemoryRooms
from tests.cogs.test_commands import EPHEMERAL, ask, living_room, said
from tests.cogs.test_persona import FOUR, Kept
from tests.cogs.test_remind import FakeTimers
from tests.cogs.views import words_of_card
from tests.fakes import FakeClock, RecordingDelivery

MINUTE = timedelta(minutes=1)


@dataclass
class Calls:
    """Implements `bot.operator_ports.SpendStore` in memory."""

    rows: list[CallsOfTurn] = field(default_factory=list)
    asked: list[UserId] = field(default_factory=list)

    async def calls_of(self, user_id: UserId, since: datetime) -> Sequence[CallsOfTurn]:
        self.asked.append(user_id)
        return [row for row in self.rows if row.started_at >= since]


@pytest.fixture
async def calls(room: Room) -> AsyncIterator[Calls]:
    """Add the commands to the client of the room; by a clock in Berlin it is 15:03."""
    kept, clock = Calls(), FakeClock(NOW)
    remind = Remind(store=cast(TimerStore, FakeTimers()), clock=clock, home_zone="Europe/Berlin")
    spend = LookUpSpend(kept, clock, {"own": Price(1.0, 0.5, 2.0)})
    await room.client.add_cog(Session(spend, remind, cast(Look, room.look)))
    being, policies = Being(FOUR), Policies(store=MemoryRooms(), clock=clock)
    being.become(replace(CompanionFolder("mira").read(), companion=FOUR))
    delivery = cast(Delivery, RecordingDelivery(clock))
    wear = Wear(store=Kept(), being=being, policies=policies, delivery=delivery, clock=clock)
    await room.client.add_cog(Companions(being, wear))
    await room.client.publish_commands()
    yield kept


def row(minutes_ago: int, model: str = "own", **more: int) -> CallsOfTurn:
    return CallsOfTurn(minutes_ago, NOW - minutes_ago * MINUTE, model, **{"calls": 1, **more})


async def told(*rows: CallsOfTurn, zone: str = "UTC") -> str:
    spend = LookUpSpend(Calls(list(rows)), FakeClock(NOW), {"own": Price(1.0, 0.5, 2.0)})
    return words_of_card(session_card(await spend(UserId(1), zone=zone), colour=0))


async def test_a_person_sees_their_own_privately(room: Room, theo: Person, calls: Calls):
    calls.rows = [row(5, read=1_000_000, cached=200_000, written=50_000), row(16 * 60, read=7)]
    message = await ask(theo, "session", living_room(room)[0])
    words = said(message)
    assert message["flags"] & EPHEMERAL
    assert calls.asked == [UserId(int(theo.user_id))]
    assert "Tokens read: 1,000,000, of them from the server's cache: 200,000" in words
    assert "about $1.00" in words and "Answers: 1" in words and "Europe/Berlin" in words


async def test_yesterday_by_their_clock_is_not_today():
    """At 14:03 UTC it is 3:03 of the next day in Auckland."""
    rows = [row(5, read=10), row(4 * 60, read=10), row(23 * 60, read=10)]
    assert "Pacific/Auckland. Answers: 1" in await told(*rows, zone="Pacific/Auckland")
    assert "UTC. Answers: 2" in await told(*rows)


async def test_a_talk_that_is_over_is_told_as_over():
    assert "The last talk was" in await told(row(31, read=10))
    assert "This talk began" in await told(row(30, read=10))
    assert "no talk" in await told()


async def test_a_price_that_is_not_known_is_said_to_be_unknown():
    words = await told(row(1, model="home_made", read=10))
    assert "Cost: unknown" in words and "home\\_made" in words and "$" not in words
    partly = await told(row(1, model="home_made", read=10), row(2, read=100_000))
    assert "about $0.10, without home\\_made" in partly


async def test_calls_without_counts_are_told_and_nothing_is_made_up():
    words = await told(row(1, uncounted=1))
    assert "named no tokens: 1" in words and "Cost" not in words and "Tokens read" not in words


async def test_who_asks_too_often_is_told_when_again(room: Room, theo: Person, juno: Person, calls: Calls):
    channel, _ = living_room(room)
    for _ in range(USES):
        assert "What our talk took" in said(await ask(theo, "session", channel))
    theo.forget()
    await theo.slash("session", channel)
    refused = await theo.wait_for("MESSAGE_CREATE")
    assert refused["flags"] & EPHEMERAL and "It works again <t:" in refused["content"]
    assert "What our talk took" in said(await ask(juno, "session", channel)), "nobody else is held back"


async def test_the_companion_shows_portrait_manners_and_faces(room: Room, theo: Person, calls: Calls):
    message = await ask(theo, "companion", living_room(room)[0])
    words = said(message)
    assert message["flags"] & EPHEMERAL
    (portrait,) = [part for part in walk(message["components"]) if part["type"] == 11]
    assert portrait["description"] == "A drawn portrait of Mira"
    for expected in ("Haven", "Night", "Here she speaks as", FOUR.version, "Takes sides"):
        assert expected in words, expected


def test_a_companion_without_pictures_or_summary_has_a_face_all_the_same():
    bare = replace(FOUR, summary="", expressions=())
    words = words_of_card(companion_card(bare, bare.default_persona, avatar=None, mira="1.0"))
    assert "A companion who lives here." in words and "Faces" not in words
