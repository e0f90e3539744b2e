"""Who may ask how she runs, where, and what they are told: over the loopback gateway."""

from __future__ import annotations

import json

from bot.errors import StoreError
from playground.client import Person
from playground.permissions import Permission
from tests.cogs.conftest import Room
from tests.cogs.test_commands import EPHEMERAL, ask, living_room, said


def make_admins(room: Room) -> None:
    """Give everyone in the guild the right to do anything there."""
    guild = room.playground.channel("living-room").guild
    assert guild is not None
    guild.roles[guild.guild_id].permissions |= Permission.ADMINISTRATOR


async def test_the_owner_is_told_everything_on_servers_and_directly(room: Room, juno: Person):
    for channel in (living_room(room)[0], await juno.dm()):
        message = await ask(juno, "status", channel)
        assert message["flags"] & EPHEMERAL
        assert "How Mira runs" in said(message) and "pid 4711" in said(message)
        assert "`0a1b2c3d`" in said(message)
    assert room.oversee.asked == 2


async def test_an_admin_of_a_server_is_not_told_of_machines(room: Room, theo: Person):
    make_admins(room)
    message = await ask(theo, "status", living_room(room)[0])
    assert message["flags"] & EPHEMERAL
    assert "How Mira runs" in said(message) and "4711" not in said(message)
    assert "gpt-5.4" in said(message) and "api.openai.com" not in said(message)


async def test_others_neither_see_nor_may_use_it(room: Room, juno: Person, theo: Person):
    channel, _ = living_room(room)
    (known,) = [one for one in await juno.commands(channel) if one["name"] == "status"]
    assert (known["default_member_permissions"], known["contexts"], known["integration_types"]) == ("8", [0, 1], [0])
    assert "status" not in {one["name"] for one in await theo.commands(channel)}
    (kept,) = [one for one in room.playground.core.commands.of(None) if one["name"] == "status"]
    kept["default_member_permissions"] = None  # as a server may set it
    for where, words in ((channel, "Only administrators"), (await theo.dm(), "Only the people who own this app")):
        refused = await ask(theo, "status", where)
        assert refused["flags"] & EPHEMERAL and words in said(refused)
    assert room.oversee.asked == 0


async def test_a_database_that_is_away_is_named(room: Room, juno: Person):
    room.oversee.trouble = StoreError("database trouble: X")
    message = await ask(juno, "status", await juno.dm())
    assert message["flags"] & EPHEMERAL
    assert "The database does not answer" in json.dumps(message)
