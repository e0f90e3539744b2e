"""Which persona a turn is answered in and what follows from it, over a real store, with a companion of four manners."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bot.adapters.personas import read_companion
from bot.adapters.postgres.manners import PostgresManners
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import PostgresStore
from bot.domain.affect.appraisal import Appraisal
from bot.domain.attention import Attention
from bot.domain.ids import ChannelId, GuildId, TurnId, UserId
from bot.domain.message import Channel, Person
from bot.domain.persona import Persona, Rating
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.turn import Claim
from bot.domain.wardrobe import BRIDGED_TURNS, TALK_OVER_AFTER, Because
from bot.engine import wear as wearing_module
from bot.engine.being import Being
from bot.engine.wear import Bar, Wear, Worn
from bot.errors import DeliveryError, StoreError, UserError
from bot.persona_ports import CompanionRead
from bot.ports import Delivery
from tests.fakes import ADA, BEN, DM, ROOM, START, FakeClock, RecordingDelivery, dm_message, guild_message
from tests.fakes import MIRA as HERSELF

MIRA = read_companion("mira")
USUAL = MIRA.default_persona
HAVEN = replace(USUAL, slug="haven", title="Haven", is_shelter=True)
HALLOW = replace(USUAL, slug="hallow", title="Hallow")
NIGHT = replace(USUAL, slug="night", title="Night", is_opt_in=True, rating=Rating.ADULT)
FOUR = replace(MIRA, personas=(USUAL, HAVEN, HALLOW, NIGHT))
DESPAIR, SAD, LIGHT = Appraisal(user_valence=-3), Appraisal(user_valence=-1), Appraisal(user_valence=1)


@dataclass
class Rooms:
    """What admins set, in memory."""

    persona: str | None = None
    trouble: Exception | None = None
    set_by: list[UserId] = field(default_factory=list)

    async def set(self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId) -> None:
        self.persona = policy.persona
        self.set_by.append(by)

    async def of(self, channel: Channel) -> RoomPolicy:
        if self.trouble is not None:
            raise self.trouble
        return RoomPolicy(Hearing.LISTEN, persona=self.persona)


@dataclass
class Counted:
    """Passes on to the store, and counts what is written; a fault is raised once."""

    store: PostgresManners
    written: list[str] = field(default_factory=list)
    fault: Exception | None = None
    delay_s: float = 0.0

    def __getattr__(self, name: str) -> Any:
        async def passed_on(*values: Any, **named: Any) -> Any:
            await asyncio.sleep(self.delay_s)
            if self.fault is not None:
                raise self.fault
            if name != "manners":
                self.written.append(name)
            return await getattr(self.store, name)(*values, **named)

        return passed_on


@dataclass
class Closet:
    """Her, dressed turn by turn in one channel."""

    wear: Wear
    being: Being
    store: Counted
    rooms: Rooms
    clock: FakeClock
    delivery: RecordingDelivery
    turn: int = 0

    def claim(self, channel: Channel = DM, author: Person = ADA) -> Claim:
        self.turn += 1
        make = dm_message if channel is DM else guild_message
        return Claim(TurnId(self.turn), channel, (make("…", author=author, channel=channel),), self.clock.now())

    async def answer(
        self, *meant: Appraisal, wish: str | None = None, channel: Channel = DM, spoken: bool = True
    ) -> Worn:
        """Answer a turn and give what it was answered in."""
        claim = self.claim(channel)
        was = await self.wear.dress(claim)
        await self.wear.after(claim, was, meant, wish, has_spoken=spoken)
        await self.clock.advance(60)
        return was

    async def worn(self, channel: Channel = DM, author: Person = ADA) -> Persona:
        return (await self.wear.dress(self.claim(channel, author))).persona


@pytest.fixture
async def closet(statements: StatementPool) -> Closet:
    """Give her with both channels known to the store."""
    store = PostgresStore(statements, own=HERSELF, is_alone=True)
    await store.introduce(START)
    for line in (dm_message("hello"), guild_message("hello")):
        await store.hear(line, Attention(is_hers=True, reasons=("said",)), START)
    clock = FakeClock(START)
    being, counted, rooms = Being(FOUR), Counted(PostgresManners(statements)), Rooms()
    delivery = RecordingDelivery(clock)
    wear = Wear(store=cast(Any, counted), being=being, policies=rooms, delivery=cast(Delivery, delivery), clock=clock)
    return Closet(wear, being, counted, rooms, clock, delivery)


# slipping and coming back


async def test_a_usual_turn_writes_nothing(closet: Closet):
    for meant in (LIGHT, Appraisal(), SAD):
        was = await closet.answer(meant)
        assert (was.persona, was.bridge) == (USUAL, None)
    assert closet.store.written == []


async def test_distress_brings_shelter_and_light_turns_bring_her_back_with_a_bridge_each_time(closet: Closet):
    assert (await closet.answer(DESPAIR)).persona == USUAL
    first, second, third = [await closet.answer(SAD) for _ in range(3)]
    assert {one.persona for one in (first, second, third)} == {HAVEN}
    assert first.bridge is not None and (first.bridge.because, first.bridge.is_first) == (Because.SHELTER, True)
    assert second.bridge is not None and not second.bridge.is_first
    assert third.bridge is None
    assert [(await closet.answer(LIGHT)).persona for _ in range(3)] == [HAVEN] * 3
    back = await closet.answer(LIGHT)
    assert back.bridge is not None and (back.persona, back.bridge.because) == (USUAL, Because.CALM)


async def test_a_turn_without_words_leaves_the_bridge_to_the_next(closet: Closet):
    await closet.answer(DESPAIR)
    for _ in range(3):
        silent = await closet.answer(SAD, spoken=False)
        assert silent.bridge is not None and silent.bridge.is_first


async def test_each_channel_is_dressed_for_itself(closet: Closet):
    await closet.answer(DESPAIR)
    assert (await closet.worn(), await closet.worn(ROOM)) == (HAVEN, USUAL)


async def test_the_next_day_is_another_talk(closet: Closet):
    await closet.answer(DESPAIR)
    await closet.clock.advance(TALK_OVER_AFTER)
    was = await closet.answer(LIGHT)
    assert (was.persona, was.bridge) == (USUAL, None)


# what people choose for themselves


async def test_what_has_to_be_chosen_takes_a_word_that_can_be_taken_back(closet: Closet):
    with pytest.raises(UserError) as refused:
        await closet.wear.choose(DM, ADA.user_id, "night")
    assert refused.value.key == "persona_barred.age"
    assert closet.store.written == []
    assert await closet.wear.opt_in(DM, ADA.user_id, "night") == NIGHT
    assert (await closet.worn(), await closet.worn(author=BEN)) == (NIGHT, USUAL)
    await closet.wear.choose(DM, ADA.user_id, "hallow")
    await closet.wear.choose(DM, ADA.user_id, "night")
    await closet.wear.take_back(DM, ADA.user_id)
    was = await closet.answer(LIGHT)
    assert was.bridge is not None and (was.persona, was.bridge.came_from) == (USUAL, NIGHT)
    with pytest.raises(UserError):
        await closet.wear.choose(DM, ADA.user_id, "night")


async def test_consent_to_one_persona_is_none_to_another(closet: Closet):
    bold = replace(NIGHT, slug="bold", title="Bold")
    closet.being.become(CompanionRead(replace(FOUR, personas=(*FOUR.personas, bold))))
    await closet.wear.opt_in(DM, ADA.user_id, "night")
    with pytest.raises(UserError) as refused:
        await closet.wear.choose(DM, ADA.user_id, "bold")
    assert refused.value.key == "persona_barred.consent"


async def test_a_choice_is_bridged_and_ends_what_she_slipped_into(closet: Closet):
    await closet.answer(DESPAIR)
    await closet.wear.choose(DM, ADA.user_id, "hallow")
    was = await closet.answer(LIGHT)
    assert was.persona == HALLOW and was.bridge is not None
    assert (was.bridge.came_from, was.bridge.because) == (HAVEN, Because.CHOSEN)


@pytest.mark.parametrize(("meant", "wish"), [(SAD, None), (LIGHT, "default")])
async def test_what_was_left_in_direct_conversation_waits_to_be_chosen_again(
    closet: Closet, meant: Appraisal, wish: str | None
):
    await closet.wear.opt_in(DM, ADA.user_id, "night")
    assert (await closet.answer(LIGHT, LIGHT)).persona == NIGHT
    assert (await closet.answer(meant, wish=wish)).persona == NIGHT
    left = await closet.answer(LIGHT)
    assert left.bridge is not None and (left.persona, left.bridge.because) == (USUAL, Because.HEAVY)
    for _ in range(5):
        assert (await closet.answer(LIGHT, wish="night")).persona == USUAL
    await closet.clock.advance(2 * TALK_OVER_AFTER)
    assert await closet.worn() == USUAL
    await closet.wear.choose(DM, ADA.user_id, "night")
    assert await closet.worn() == NIGHT, "the word still holds"


async def test_distress_in_what_was_chosen_brings_shelter_and_then_her_usual_self(closet: Closet):
    await closet.wear.opt_in(DM, ADA.user_id, "night")
    await closet.answer(DESPAIR)
    assert [(await closet.answer(LIGHT)).persona for _ in range(4)] == [HAVEN, HAVEN, HAVEN, USUAL]


@pytest.mark.parametrize("channel", [DM, ROOM])
async def test_a_models_wish_never_brings_her_where_somebody_has_to_agree(closet: Closet, channel: Channel):
    closet.delivery.for_adults = {ROOM.channel_id}
    for meant in (LIGHT, SAD, DESPAIR, LIGHT, LIGHT, LIGHT):
        was = await closet.answer(meant, wish="night", channel=channel)
        assert was.persona.is_free
    assert (await closet.store.store.manners(channel.channel_id, ADA.user_id)).choice is None


async def test_somebody_who_chooses_during_a_turn_is_not_overruled_by_its_end(closet: Closet):
    await closet.wear.opt_in(DM, ADA.user_id, "night")
    claim = closet.claim()
    was = await closet.wear.dress(claim)
    await closet.clock.advance(1)
    await closet.wear.choose(DM, ADA.user_id, "hallow")
    await closet.wear.after(claim, was, [DESPAIR], None, has_spoken=True)
    then = await closet.wear.dress(closet.claim())
    assert then.persona == HALLOW and then.wearing.bridges == BRIDGED_TURNS


# channels


async def test_a_channel_wears_what_its_admins_set_where_discord_restricts_it_by_age(closet: Closet):
    closet.rooms.persona = "night"
    assert await closet.worn(ROOM) == USUAL
    closet.delivery.for_adults = {ROOM.channel_id}
    assert await closet.worn(ROOM) == NIGHT
    closet.delivery.faults.append(DeliveryError("away", code=0, retryable=True))
    assert await closet.worn(ROOM) == USUAL
    closet.delivery.for_adults = set()
    assert await closet.worn(ROOM) == USUAL, "it may change at any time"
    assert await closet.worn(DM) == USUAL, "what holds in a channel holds there alone"


async def test_what_was_left_in_a_channel_rests_and_then_holds_again(closet: Closet):
    closet.rooms.persona, closet.delivery.for_adults = "night", {ROOM.channel_id}
    assert (await closet.answer(SAD, channel=ROOM)).persona == NIGHT
    for _ in range(5):
        assert (await closet.answer(LIGHT, channel=ROOM)).persona == USUAL
    await closet.clock.advance(TALK_OVER_AFTER)
    assert await closet.worn(ROOM) == NIGHT


async def test_what_admins_set_anew_is_bridged(closet: Closet):
    assert await closet.wear.set_for(ROOM, "hallow", by=BEN.user_id) == HALLOW
    was = await closet.answer(LIGHT, channel=ROOM)
    assert was.bridge is not None and (was.bridge.came_from, was.bridge.to) == (USUAL, HALLOW)
    assert await closet.wear.set_for(ROOM, "default", by=BEN.user_id) == USUAL
    assert (closet.rooms.persona, closet.rooms.set_by) == (None, [BEN.user_id] * 2)


async def test_an_adult_persona_is_not_set_for_an_ordinary_channel(closet: Closet):
    with pytest.raises(UserError) as refused:
        await closet.wear.set_for(ROOM, "night", by=BEN.user_id)
    assert (refused.value.key, closet.rooms.set_by) == ("persona_barred.place", [])
    assert await closet.wear.set_for(replace(ROOM, is_age_restricted=True), "night", by=BEN.user_id) == NIGHT
    with pytest.raises(UserError):
        await closet.wear.set_for(ROOM, "nobody", by=BEN.user_id)


# what is shown


async def test_the_wardrobe_says_what_stands_in_the_way(closet: Closet):
    offers = {one.persona.slug: one for one in (await closet.wear.look(DM, ADA.user_id)).offers}
    assert {slug: one.bar for slug, one in offers.items()} == {
        "default": None,
        "haven": None,
        "hallow": None,
        "night": Bar.AGE,
    }
    assert offers["default"].is_worn and offers["default"].is_chosen
    await closet.answer(DESPAIR)
    shown = await closet.wear.look(DM, ADA.user_id)
    assert (shown.worn, shown.chosen, shown.because, shown.is_direct) == (HAVEN, USUAL, Because.SHELTER, True)
    room = await closet.wear.look(ROOM, ADA.user_id)
    assert [one.bar for one in room.offers] == [None, None, None, Bar.PLACE]


# trouble


@pytest.mark.parametrize("trouble", [StoreError("away"), TimeoutError()])
async def test_without_the_store_she_wears_what_is_free_for_everybody(closet: Closet, trouble: Exception):
    await closet.wear.opt_in(DM, ADA.user_id, "night")
    closet.rooms.persona, closet.delivery.for_adults = "night", {ROOM.channel_id}
    closet.store.fault = trouble
    for channel in (DM, ROOM):
        was = await closet.answer(DESPAIR, channel=channel)
        assert (was.persona, was.kept) == (USUAL, None)
    closet.rooms.persona = "hallow"
    assert await closet.worn(ROOM) == HALLOW
    closet.rooms.trouble, closet.store.fault = StoreError("away"), None
    assert await closet.worn(ROOM) == USUAL


async def test_a_store_that_hangs_does_not_hold_the_turn_up(closet: Closet, monkeypatch):
    monkeypatch.setattr(wearing_module, "DEADLINE_S", 0.05)
    closet.store.delay_s = 5.0
    async with asyncio.timeout(2):
        assert await closet.worn() == USUAL


async def test_what_cannot_be_kept_is_logged_without_words(closet: Closet, caplog: pytest.LogCaptureFixture):
    claim = closet.claim()
    was = await closet.wear.dress(claim)
    closet.store.fault = StoreError("away")
    await closet.wear.after(claim, was, [DESPAIR], None, has_spoken=True)
    assert [record.message for record in caplog.records] == ["manner not kept"]
    closet.store.fault = None
    assert await closet.worn() == USUAL


async def test_a_persona_that_a_change_of_files_took_away_is_no_longer_worn(closet: Closet):
    await closet.wear.choose(DM, ADA.user_id, "hallow")
    closet.being.become(CompanionRead(replace(FOUR, personas=(USUAL, HAVEN))))
    assert await closet.worn() == USUAL
    with pytest.raises(UserError):
        await closet.wear.choose(DM, ADA.user_id, "hallow")
    closet.being.become(CompanionRead(FOUR))
    assert await closet.worn() == HALLOW
