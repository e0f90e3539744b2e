"""Setting her up on a server: who may, what each click does, what everybody is told; over the loopback gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.domain.ids import ChannelId, GuildId
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.engine.being import Being
from bot.engine.greet import Greet
from bot.engine.house_rules import RULES_MOST, HouseRules
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.wear import Wear
from bot.errors import StoreError
from bot.ports import Delivery
from bot.setup import PERMISSIONS
from cogs.introduce import Introduction
from cogs.presenters import setup as presenters
from cogs.setup import Setup
from playground.client import Person, Refused
from playground.components import walk
from playground.permissions import Permission
from tests.cogs.conftest import Room
from tests.cogs.rooms import NOW, MemoryRooms
from tests.cogs.test_channel import forbid
from tests.cogs.test_commands import EPHEMERAL, ask, let_manage, living_room, said
from tests.cogs.test_persona import FOUR, Kept
from tests.engine.test_house import MemoryHouses
from tests.fakes import FakeClock, RecordingDelivery

BUTTON, MENU, CHANNEL_MENU = 2, 3, 8


@dataclass
class Desk:
    """What stands behind the commands."""

    setup: Setup
    rooms: MemoryRooms = field(default_factory=MemoryRooms)
    houses: MemoryHouses = field(default_factory=MemoryHouses)


@pytest.fixture
async def desk(room: Room) -> AsyncIterator[Desk]:
    """Add the commands, and the introduction, to the client of the room."""
    rooms, houses, clock = MemoryRooms(), MemoryHouses(), FakeClock(NOW)
    room.look.companion = FOUR
    policies = Policies(store=rooms, clock=clock, personas=[one.slug for one in FOUR.personas])
    delivery = cast(Delivery, RecordingDelivery(clock))
    wear = Wear(store=Kept(), being=Being(FOUR), policies=policies, delivery=delivery, clock=clock)
    setup = Setup(room.client, policies, HouseRules(houses, clock), wear, cast(Look, room.look), has_content=False)
    await room.client.add_cog(setup)
    await room.client.add_cog(Introduction(room.client, Greet(houses, clock), setup))
    await room.client.publish_commands()
    yield Desk(setup, rooms, houses)


def part(message: dict[str, Any], kind: int, label: str = "") -> dict[str, Any]:
    (found,) = [
        one for one in walk(message["components"]) if one["type"] == kind and one.get("label", "").startswith(label)
    ]
    return found


async def changed(person: Person, message: dict[str, Any]) -> dict[str, Any]:
    return await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])


async def opened(room: Room, person: Person, name: str = "kitchen") -> dict[str, Any]:
    """Open the card and on it a channel."""
    channel, _ = living_room(room)
    message = await ask(person, "setup", channel)
    person.forget()
    menu = part(message, CHANNEL_MENU)["custom_id"]
    assert (await person.choose(message, menu, str(room.playground.channel(name).channel_id)))["ok"]
    return await changed(person, message)


async def click(person: Person, message: dict[str, Any], label: str) -> dict[str, Any]:
    person.forget()
    assert (await person.click(message, part(message, BUTTON, label)["custom_id"]))["ok"]
    return await changed(person, message)


async def test_the_card_says_how_she_stands_privately(room: Room, juno: Person, desk: Desk):
    channel, _ = living_room(room)
    kitchen, notices = (room.playground.channel(name).channel_id for name in ("kitchen", "notices"))
    desk.rooms.kept = {
        ChannelId(int(channel)): RoomPolicy(Hearing.LISTEN),
        ChannelId(kitchen): RoomPolicy(Hearing.IGNORE),
    }
    message = await ask(juno, "setup", channel)
    words = said(message)
    assert message["flags"] & EPHEMERAL
    for expected in (
        f"Hears everything in:** <#{channel}>",
        f"Hears nothing in:** <#{kitchen}>",
        f"cannot write in: <#{notices}>",
        "House rules:** none",
        "Message content is off",
        "she has all she asks for",
        "a day at most",
    ):
        assert expected in words, expected


async def test_what_she_lacks_is_named(room: Room, juno: Person, desk: Desk):
    channel, guild_id = living_room(room)
    guild = room.client.get_guild(guild_id)
    assert guild is not None
    guild.default_role._permissions &= ~(Permission.ADD_REACTIONS | Permission.READ_MESSAGE_HISTORY)
    words = said(await ask(juno, "setup", channel))
    assert "lacks on this server:** Read Message History and Add Reactions" in words


def test_every_permission_she_asks_for_is_looked_at():
    assert set(presenters.RIGHTS) == set(PERMISSIONS)


async def test_listening_is_set_and_everybody_there_is_told(room: Room, juno: Person, theo: Person, desk: Desk):
    kitchen = room.playground.channel("kitchen").channel_id
    message = await opened(room, juno)
    assert f"What Mira hears in <#{kitchen}>" in said(message)
    message = await click(juno, message, "Hear everything")
    assert "Everybody in that channel was told" in said(message)
    assert desk.rooms.kept[ChannelId(kitchen)].hearing is Hearing.LISTEN
    told = await theo.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == str(kitchen))
    assert not told["flags"] & EPHEMERAL and "`/privacy`" in said(told)
    message = await click(juno, message, "Back")
    assert f"Hears everything in:** <#{kitchen}>" in said(message)


async def test_where_she_cannot_tell_nothing_is_changed(room: Room, juno: Person, desk: Desk):
    message = await opened(room, juno, "notices")
    juno.forget()
    assert (await juno.click(message, part(message, BUTTON, "Hear everything")["custom_id"]))["ok"]
    assert "Nothing was changed" in (await juno.wait_for("MESSAGE_CREATE"))["content"]
    assert desk.rooms.kept == {}


async def test_what_is_told_but_refused_is_taken_back(room: Room, juno: Person, desk: Desk):
    kitchen = room.playground.channel("kitchen").channel_id
    message = await opened(room, juno)
    await juno.play(
        "POST", "/faults", {"kind": "rest_status", "status": 403, "route": f"POST /channels/{kitchen}/messages"}
    )
    juno.forget()
    await juno.click(message, part(message, BUTTON, "Hear everything")["custom_id"])
    assert "Nothing was changed" in (await juno.wait_for("MESSAGE_CREATE"))["content"]
    assert desk.rooms.kept[ChannelId(kitchen)] == RoomPolicy()


async def test_a_manner_is_set_for_a_channel_and_one_for_adults_is_not_offered(room: Room, juno: Person, desk: Desk):
    message = await opened(room, juno)
    menu = part(message, MENU)
    assert [one["value"] for one in menu["options"]] == ["default", "bold", "haven"]
    juno.forget()
    assert (await juno.choose(message, menu["custom_id"], "haven"))["ok"]
    assert "Haven" in said(await changed(juno, message))
    assert desk.rooms.kept[ChannelId(room.playground.channel("kitchen").channel_id)].persona == "haven"


async def test_house_rules_are_kept_shown_and_offered_again(room: Room, juno: Person, desk: Desk):
    channel, guild_id = living_room(room)
    message = await ask(juno, "setup", channel)
    await juno.click(message, part(message, BUTTON, "House rules")["custom_id"])
    form = await juno.next_form()
    field_id = form["components"][0]["component"]["custom_id"]
    juno.forget()
    assert (await juno.submit(form, channel, {field_id: "No spoilers.\n*Be* kind."}))["ok"]
    message = await changed(juno, message)
    assert "> No spoilers. / \\\\*Be\\\\* kind." in said(message)
    assert desk.houses.rules[GuildId(guild_id)] == "No spoilers.\n*Be* kind."
    await juno.click(message, part(message, BUTTON, "House rules")["custom_id"])
    field_shown = (await juno.next_form())["components"][0]["component"]
    assert (field_shown["value"], field_shown["max_length"]) == ("No spoilers.\n*Be* kind.", RULES_MOST)


async def test_rules_that_call_everybody_are_refused_privately(room: Room, juno: Person, desk: Desk):
    channel, _ = living_room(room)
    message = await ask(juno, "setup", channel)
    await juno.click(message, part(message, BUTTON, "House rules")["custom_id"])
    form = await juno.next_form()
    field_id = form["components"][0]["component"]["custom_id"]
    juno.forget()
    await juno.submit(form, channel, {field_id: "@everyone be kind"})
    refused = await juno.wait_for("MESSAGE_CREATE")
    assert refused["flags"] & EPHEMERAL and "may not mention" in refused["content"]
    assert desk.houses.rules == {}


async def test_a_card_that_all_can_see_answers_who_may_with_a_card_of_their_own(
    room: Room, juno: Person, theo: Person, desk: Desk
):
    channel, guild_id = living_room(room)
    guild = room.client.get_guild(guild_id)
    assert guild is not None
    place = guild.get_channel(int(channel))
    await place.send(view=await desk.setup.view_for(guild))
    public = await juno.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == channel)
    theo.forget()
    for kind, label in ((BUTTON, "House rules"), (BUTTON, "Check again")):
        await theo.click(public, part(public, kind, label)["custom_id"])
        refused = await theo.wait_for("MESSAGE_CREATE")
        assert refused["flags"] & EPHEMERAL and "may manage this server" in refused["content"]
    juno.forget()
    await juno.choose(public, part(public, CHANNEL_MENU)["custom_id"], channel)
    own = await juno.wait_for("MESSAGE_UPDATE")
    assert own["flags"] & EPHEMERAL and own["id"] != public["id"]


async def test_rights_lost_meanwhile_count_for_clicks_and_forms(room: Room, theo: Person, desk: Desk):
    let_manage(room, theo.user_id)
    channel, _ = living_room(room)
    message = await ask(theo, "setup", channel)
    await theo.click(message, part(message, BUTTON, "House rules")["custom_id"])
    form = await theo.next_form()
    forbid(room, Permission.MANAGE_GUILD)
    theo.forget()
    await theo.submit(form, channel, {form["components"][0]["component"]["custom_id"]: "mine now"})
    assert "may manage this server" in (await theo.wait_for("MESSAGE_CREATE"))["content"]
    assert desk.houses.rules == {}


async def test_it_is_hidden_from_who_may_not_and_in_direct_messages(room: Room, theo: Person, desk: Desk):
    names = {one["name"] for one in await theo.commands(living_room(room)[0])}
    assert "setup" not in names
    with pytest.raises((Refused, LookupError, AssertionError)):
        await theo.slash("setup", await theo.dm())


async def test_a_database_that_is_away_is_told_with_a_reference(room: Room, juno: Person, desk: Desk):
    desk.houses.trouble = StoreError("away")
    await juno.slash("setup", living_room(room)[0])
    answer = await juno.wait_for("MESSAGE_UPDATE")
    assert answer["flags"] & EPHEMERAL


# introducing


async def new_server(room: Room, person: Person, **fields: object) -> dict[str, Any]:
    return dict(await person.play("POST", "/guilds", {"name": "Second House", **fields}))


def allow(room: Room, guild_id: str, *permissions: Permission) -> None:
    guild = room.playground.core.world.guilds[int(guild_id)]
    for permission in permissions:
        guild.roles[guild.guild_id].permissions |= permission


async def test_on_a_new_server_the_card_comes_where_people_are_greeted(room: Room, juno: Person, desk: Desk):
    made = await new_server(room, juno, system_channel=True)
    card = await juno.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == made["system_channel_id"])
    assert "Mira on Second House" in said(card)
    assert part(card, CHANNEL_MENU)
    assert list(desk.houses.greeted) == [GuildId(int(made["id"]))]


async def test_without_a_place_for_it_nobody_is_written_to(room: Room, juno: Person, desk: Desk):
    made = await new_server(room, juno)
    assert await juno.hears_nothing("MESSAGE_CREATE", within=0.5)
    assert list(desk.houses.greeted) == [GuildId(int(made["id"]))]


async def test_who_added_her_is_written_to_where_she_may_look_it_up(room: Room, juno: Person, theo: Person, desk: Desk):
    """A server made by theo: the audit log, and where that is closed to her the integrations, say that he added her."""
    world = room.playground.core.world
    for right in (Permission.VIEW_AUDIT_LOG, Permission.MANAGE_GUILD):
        guild = world.add_guild("Theo's", world.users[int(theo.user_id)])
        general = world.add_channel(guild, "general")
        guild.system_channel_id = general.channel_id
        guild.roles[guild.guild_id].permissions |= right
        room.playground.core.events.guild_created(guild)
        card = await theo.wait_for("MESSAGE_CREATE", lambda one: one.get("guild_id") is None)
        assert "Mira on Theo's" in said(card)
        assert part(card, BUTTON, "Open the server")["url"].endswith(str(guild.guild_id))
        assert not [one for one in walk(card["components"]) if one["type"] == CHANNEL_MENU]
        theo.forget()
        assert general.last_message_id is None, "nobody else is written to"
    assert await juno.hears_nothing("MESSAGE_CREATE", within=0.3)


async def test_who_takes_no_direct_messages_finds_it_on_the_server(room: Room, juno: Person, desk: Desk):
    await juno.blocks_dms(blocked=True)
    world = room.playground.core.world
    guild = world.add_guild("Closed", world.users[int(juno.user_id)])
    guild.system_channel_id = world.add_channel(guild, "general").channel_id
    guild.roles[guild.guild_id].permissions |= Permission.VIEW_AUDIT_LOG
    room.playground.core.events.guild_created(guild)
    card = await juno.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == str(guild.system_channel_id))
    assert part(card, CHANNEL_MENU)


async def test_a_join_told_of_again_greets_nobody_twice(room: Room, juno: Person, desk: Desk):
    made = await new_server(room, juno, system_channel=True)
    await juno.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == made["system_channel_id"])
    guild = room.client.get_guild(int(made["id"]))
    room.client.dispatch("guild_join", guild)
    room.client.dispatch("guild_available", guild)
    assert await juno.hears_nothing("MESSAGE_CREATE", within=0.5)


async def test_where_discord_fails_she_is_introduced_the_next_time(room: Room, juno: Person, desk: Desk):
    await juno.play("POST", "/faults", {"kind": "rest_status", "status": 401, "route": "POST /channels/*/messages"})
    made = await new_server(room, juno, system_channel=True)
    assert await juno.hears_nothing("MESSAGE_CREATE", within=0.5)
    assert desk.houses.greeted == {}
    room.client.dispatch("guild_available", room.client.get_guild(int(made["id"])))
    await juno.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == made["system_channel_id"])
