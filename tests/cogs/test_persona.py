"""What she can wear and who chooses: previews, menu, the word that some take; over the loopback gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.locales import words_of
from bot.domain.card import Text
from bot.domain.ids import ChannelId, UserId
from bot.domain.persona import Example, Rating
from bot.domain.room_policy import RoomPolicy
from bot.domain.wardrobe import Because, Leave, Wearing
from bot.engine.being import Being
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.wear import BARRED, Bar, Offer, Wardrobe, Wear
from bot.errors import StoreError
from bot.persona_ports import Manners
from bot.ports import Delivery
from cogs.cooldowns import USES
from cogs.persona import Personas, in_one
from cogs.presenters import persona as presenters
from playground.client import Person, Refused
from playground.components import walk
from tests.cogs.conftest import Room
from tests.cogs.rooms import NOW, MemoryRooms
from tests.cogs.test_commands import EPHEMERAL, ask, let_manage, living_room, said
from tests.cogs.views import MIRA, words_of_card
from tests.fakes import FakeClock, RecordingDelivery

BUTTON, MENU, CONTAINER = 2, 3, 17
_USUAL = MIRA.default_persona
HAVEN = replace(_USUAL, slug="haven", title="Haven", emoji="🪺", summary="Shelter.", is_shelter=True, colour=0x6FA8A0)
NIGHT = replace(
    _USUAL,
    slug="night",
    title="Night",
    emoji="🌹",
    summary="Flirts.",
    is_opt_in=True,
    rating=Rating.ADULT,
    colour=0xB0325A,
)
BOLD = replace(_USUAL, slug="bold", title="Bold", emoji="🐯", summary="Louder.", is_opt_in=True)
LINES = (Example("hi", "quiet line", "haven"), Example("hi", "bold night line", "night"))
FOUR = replace(MIRA, personas=(_USUAL, BOLD, HAVEN, NIGHT), examples=LINES)


@dataclass
class Kept:
    """Implements the wardrobe's store in memory."""

    people: dict[UserId, Manners] = field(default_factory=dict)
    channels: dict[ChannelId, Wearing] = field(default_factory=dict)
    trouble: Exception | None = None

    async def manners(self, channel_id: ChannelId | None, user_id: UserId | None) -> Manners:
        if self.trouble is not None:
            raise self.trouble
        own = self.people.get(user_id, Manners()) if user_id else Manners()
        return replace(own, wearing=self.channels.get(channel_id, Wearing()) if channel_id else Wearing())

    async def keep(self, channel_id: ChannelId, wearing: Wearing, *, was: Wearing | None) -> bool:
        self.channels[channel_id] = wearing
        return True

    async def choose(self, user_id: UserId, persona: str, now: datetime) -> None:
        self.people[user_id] = replace(self.people.get(user_id, Manners()), choice=persona)

    async def let_go(self, user_id: UserId, persona: str) -> None:
        self.people[user_id] = replace(self.people[user_id], choice=None)

    async def opt_in(self, user_id: UserId, persona: str, now: datetime, *, is_adult: bool) -> None:
        own = self.people.get(user_id, Manners())
        leave = Leave(own.leave.is_adult or is_adult, own.leave.opted_into | {persona})
        self.people[user_id] = replace(own, leave=leave)

    async def take_back(self, user_id: UserId, personas: Collection[str]) -> None:
        self.people[user_id] = Manners()


@dataclass
class Closet:
    """What stands behind the commands."""

    kept: Kept
    rooms: MemoryRooms
    being: Being


@pytest.fixture
async def closet(room: Room) -> AsyncIterator[Closet]:
    """Add the commands to the client of the room."""
    found = Closet(Kept(), MemoryRooms(), Being(FOUR))
    room.look.companion = FOUR
    clock = FakeClock(NOW)
    wear = Wear(
        store=found.kept,
        being=found.being,
        policies=Policies(store=found.rooms, clock=clock, personas=[one.slug for one in FOUR.personas]),
        delivery=cast(Delivery, RecordingDelivery(clock)),
        clock=clock,
    )
    await room.client.add_cog(Personas(room.client, wear, cast(Look, room.look)))
    await room.client.publish_commands()
    yield found


def parts(message: dict[str, Any], kind: int) -> list[dict[str, Any]]:
    return [part for part in walk(message["components"]) if part["type"] == kind]


def button(message: dict[str, Any], label: str) -> str:
    (found,) = [one["custom_id"] for one in parts(message, BUTTON) if one["label"].startswith(label)]
    return str(found)


async def clicked(person: Person, message: dict[str, Any], label: str) -> dict[str, Any]:
    """Click a button and give what the card became."""
    person.forget()
    assert (await person.click(message, button(message, label)))["ok"]
    return await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])


async def picked(person: Person, message: dict[str, Any], slug: str) -> dict[str, Any]:
    """Choose on the menu and give what the card became."""
    person.forget()
    (menu,) = parts(message, MENU)
    assert (await person.choose(message, menu["custom_id"], slug))["ok"]
    return await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])


# previews


async def test_the_list_previews_each_with_a_line_of_hers_and_its_own_colour(juno: Person, closet: Closet):
    message = await ask(juno, "persona list", await juno.dm())
    assert message["flags"] & EPHEMERAL
    colours = [part["accent_color"] for part in parts(message, CONTAINER)]
    assert colours == [_USUAL.colour, *(one.colour for one in FOUR.personas)]
    words = said(message)
    for part in ("speaks as **Mira**", "Haven", "Shelter.", "quiet line", "worn here now", "for adults", "of age"):
        assert part in words, part
    assert "bold night line" not in words, "a line of it is for adults as well"
    (menu,) = parts(message, MENU)
    assert [one["value"] for one in menu["options"]] == ["default", "bold", "haven", "night"]


async def test_a_channel_shows_who_chooses_and_offers_nothing_for_adults(
    room: Room, juno: Person, theo: Person, closet: Closet
):
    channel, _ = living_room(room)
    theirs, hers = await ask(theo, "persona list", channel), await ask(juno, "persona list", channel)
    assert parts(theirs, MENU) == [] and "by who may manage the server" in said(theirs)
    assert [one["value"] for one in parts(hers, MENU)[0]["options"]] == ["default", "bold", "haven"]
    assert "not here: the channel is not restricted by age" in said(hers)


async def test_what_she_slipped_into_is_told_with_the_way_back(juno: Person, closet: Closet):
    dm = await juno.dm()
    closet.kept.channels[ChannelId(int(dm))] = Wearing(
        "haven", came_from="default", because=Because.SHELTER, changed_at=NOW
    )
    words = said(await ask(juno, "persona list", dm))
    assert "as **Haven** for now: by herself" in words and "she is **Mira** again" in words


async def test_many_personas_come_page_by_page(room: Room, juno: Person, closet: Closet):
    many = tuple(replace(HAVEN, slug=f"p{number}", title=f"Persona {number}") for number in range(11))
    closet.being.companion = room.look.companion = replace(FOUR, personas=(_USUAL, *many))
    message = await ask(juno, "persona list", await juno.dm())
    assert "### 🪺 Persona 3\\n" in said(message) and "### 🪺 Persona 4\\n" not in said(message)
    message = await clicked(juno, message, "Next")
    assert "### 🪺 Persona 4\\n" in said(message) and "### 🪺 Persona 3\\n" not in said(message)
    message = await clicked(juno, message, "Next")
    assert "### 🪺 Persona 10\\n" in said(message)
    message = await clicked(juno, message, "Back")
    assert "### 🪺 Persona 8\\n" in said(message)


# for oneself


async def test_choosing_in_direct_messages_is_for_oneself(juno: Person, theo: Person, closet: Closet):
    message = await ask(juno, "persona wear", await juno.dm(), persona="Haven")
    assert message["flags"] & EPHEMERAL and "speaks as **Haven**" in said(message)
    assert closet.kept.people == {UserId(int(juno.user_id)): Manners(choice="haven")}
    listed = await ask(theo, "persona list", await theo.dm())
    assert "speaks as **Mira**" in said(listed)
    message = await picked(theo, listed, "haven")
    assert closet.kept.people[UserId(int(theo.user_id))].choice == "haven"
    assert closet.rooms.set_by == []


async def test_what_is_for_adults_asks_in_plain_words_and_can_be_taken_back(juno: Person, closet: Closet):
    dm, owner = await juno.dm(), UserId(int(juno.user_id))
    asking = await ask(juno, "persona wear", dm, persona="night")
    assert "for people of 18 and older" in said(asking)
    assert closet.kept.people == {}
    assert "Nothing was changed" in said(await clicked(juno, asking, "Not now"))
    assert closet.kept.people == {}
    asking = await picked(juno, await ask(juno, "persona list", dm), "night")
    worn = await clicked(juno, asking, "I am 18 or older, and I want this")
    assert "speaks as **Night**" in said(worn)
    assert closet.kept.people[owner] == Manners(choice="night", leave=Leave(True, frozenset({"night"})))
    listed = await ask(juno, "persona list", dm)
    assert "bold night line" in said(listed)
    listed = await clicked(juno, listed, "Take back")
    assert "Taken back" in said(listed) and "bold night line" not in said(listed)
    assert closet.kept.people[owner] == Manners()


async def test_what_only_wants_opting_in_asks_for_no_age(juno: Person, closet: Closet):
    asking = await ask(juno, "persona wear", await juno.dm(), persona="bold")
    assert [one["label"] for one in parts(asking, BUTTON)] == ["I want this", "Not now"]
    await clicked(juno, asking, "I want this")
    assert closet.kept.people[UserId(int(juno.user_id))].leave == Leave(opted_into=frozenset({"bold"}))


# for a channel


async def test_who_may_manage_the_server_sets_it_for_a_channel(room: Room, juno: Person, theo: Person, closet: Closet):
    channel, guild_id = living_room(room)
    refused = await ask(theo, "persona wear", channel, persona="haven")
    assert refused["flags"] & EPHEMERAL and "who may manage the server" in said(refused)
    assert closet.rooms.kept == {}
    message = await ask(juno, "persona wear", channel, persona="haven")
    assert message["flags"] & EPHEMERAL and "In this channel Mira speaks as **Haven**" in said(message)
    assert closet.rooms.kept == {int(channel): RoomPolicy(persona="haven")}
    assert closet.rooms.set_by == [(int(channel), guild_id, int(juno.user_id))]
    assert closet.kept.channels[ChannelId(int(channel))].because is Because.CHOSEN
    assert closet.kept.people == {}
    let_manage(room, theo.user_id)
    assert "speaks as **Mira**" in said(await ask(theo, "persona wear", channel, persona="default"))
    assert closet.rooms.kept == {int(channel): RoomPolicy()}


async def test_nothing_for_adults_is_set_where_everybody_reads(room: Room, juno: Person, closet: Closet):
    channel, _ = living_room(room)
    refused = await ask(juno, "persona wear", channel, persona="night")
    assert "restricts by age" in said(refused) and refused["flags"] & EPHEMERAL
    await juno.change_channel(channel, nsfw=True)
    message = await ask(juno, "persona wear", channel, persona="night")
    assert "speaks as **Night**" in said(message)
    assert closet.rooms.kept == {int(channel): RoomPolicy(persona="night")}


# bad input


@pytest.mark.parametrize("name", ["nobody", "../../etc", "𝕟𝕚𝕘𝕙𝕥", "x" * 40, "**haven**"])
async def test_a_name_that_is_none_is_told_privately(juno: Person, closet: Closet, name: str):
    message = await ask(juno, "persona wear", await juno.dm(), persona=name)
    assert message["flags"] & EPHEMERAL and "There is no persona named" in said(message)


async def test_a_card_is_its_owners(room: Room, juno: Person, theo: Person, closet: Closet):
    owner = UserId(int(juno.user_id))
    message = await ask(juno, "persona wear", await juno.dm(), persona="night")
    with pytest.raises(Refused):
        await theo.click(message, button(message, "I am 18"))
    assert owner not in closet.kept.people


async def test_a_button_works_for_a_client_that_never_saw_its_card(room: Room, juno: Person, closet: Closet):
    """As after a restart: all that a click needs stands in its id."""
    message = await ask(juno, "persona wear", await juno.dm(), persona="night")
    room.client._connection._view_store._synced_message_views.clear()
    room.client._connection._view_store._views.clear()
    worn = await clicked(juno, message, "I am 18")
    assert "speaks as **Night**" in said(worn)


async def test_twice_at_once_is_once(juno: Person, closet: Closet):
    dm = await juno.dm()
    asked = await asyncio.gather(*(juno.slash("persona wear", dm, persona="haven") for _ in range(4)))
    assert all(one["ok"] for one in asked)
    async with asyncio.timeout(5):
        while UserId(int(juno.user_id)) not in closet.kept.people:
            await asyncio.sleep(0.01)
    assert closet.kept.people == {UserId(int(juno.user_id)): Manners(choice="haven")}


async def test_who_asks_too_often_is_told_privately_when_again(juno: Person, closet: Closet):
    dm = await juno.dm()
    for _ in range(USES):
        await ask(juno, "persona list", dm)
    message = await ask(juno, "persona list", dm)
    assert message["flags"] & EPHEMERAL and parts(message, CONTAINER) == []


async def test_trouble_with_the_store_is_told_privately_with_a_reference(juno: Person, closet: Closet):
    closet.kept.trouble = StoreError("away")
    message = await ask(juno, "persona list", await juno.dm())
    assert message["flags"] & EPHEMERAL and "Something broke in this app" in said(message)


async def test_names_are_offered_while_they_are_typed(room: Room, juno: Person, closet: Closet):
    channel, _ = living_room(room)
    for where, typed, values in (
        (await juno.dm(), "", ["default", "bold", "haven", "night"]),
        (await juno.dm(), "HAV", ["haven"]),
        (channel, "", ["default", "bold", "haven"]),
        (channel, "night", []),
    ):
        offered = await juno.complete("persona wear", where, "persona", persona=typed)
        assert [one["value"] for one in offered] == values


# the cards by themselves


bars = st.none() | st.sampled_from(Bar)
offers = st.builds(Offer, st.sampled_from(FOUR.personas), st.booleans(), st.booleans(), bars)


@given(
    st.lists(offers, min_size=1, max_size=12).map(tuple),
    st.booleans(),
    st.booleans(),
    st.none() | st.sampled_from(Because),
)
def test_pages_show_every_offer_once(
    shown: tuple[Offer, ...], is_direct: bool, may_choose: bool, because: Because | None
):
    wardrobe = Wardrobe(shown, HAVEN, _USUAL, because, Leave(), is_direct)
    cards = [
        card
        for number in range(presenters.page_count(wardrobe))
        for card in presenters.list_cards(wardrobe, FOUR, number, may_choose=may_choose)[1:]
    ]
    assert [card.title_key for card in cards] == ["persona_card_title"] * len(shown)
    for card, offer in zip(cards, shown, strict=True):
        words = words_of_card(card)
        is_hidden = offer.bar in (Bar.PLACE, Bar.AGE)
        assert not (is_hidden and "line" in words.partition("\n")[2].partition("-#")[0])


def test_every_bar_has_words():
    assert set(BARRED) == set(Bar)
    for key in BARRED.values():
        assert "Night" in words_of(Text(key, {"persona": "Night"}))


def test_the_longest_page_is_within_discords_limits():
    wide = replace(NIGHT, title="*" * 32, summary="_" * 100, rating=Rating.EVERYONE)
    long = replace(FOUR, examples=tuple(Example("hi", "`*_" * 300, f"p{number}") for number in range(12)))
    shown = tuple(Offer(replace(wide, slug=f"p{number}"), True, False, Bar.CONSENT) for number in range(12))
    wardrobe = Wardrobe(shown, wide, HAVEN, Because.SHELTER, Leave(True), is_direct=True)
    cards = presenters.list_cards(wardrobe, long, 0, may_choose=True, note="persona_taken_back")
    assert sum(len(words_of_card(card)) for card in cards) <= 4_000
    assert in_one(cards).total_children_count <= 40 - 2 - 4
