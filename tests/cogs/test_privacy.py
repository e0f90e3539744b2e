"""What a person is told of being heard, and that a wish is kept at once: over the loopback gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest

from bot.engine.silence import Silences
from bot.engine.status import Status
from bot.errors import StoreError
from cogs.presenters.privacy import privacy_card
from cogs.privacy import Privacy
from playground.client import Person
from tests.cogs.conftest import Room
from tests.cogs.overseen import FakeStatus
from tests.cogs.rooms import NOW, MemoryRooms
from tests.cogs.test_channel import buttons
from tests.cogs.test_commands import EPHEMERAL, ask, living_room, said
from tests.cogs.views import words_of_card
from tests.fakes import FakeClock


@pytest.fixture
async def rooms(room: Room) -> AsyncIterator[MemoryRooms]:
    """Add the command to the client of the room."""
    kept = MemoryRooms()
    silences = Silences(store=kept, clock=FakeClock(NOW))
    await room.client.add_cog(Privacy(room.client, cast(Status, FakeStatus()), silences))
    await room.client.publish_commands()
    yield kept


async def test_it_says_privately_what_is_kept_and_changes_nothing(
    room: Room, juno: Person, theo: Person, rooms: MemoryRooms
):
    for where in (living_room(room)[0], await juno.dm()):
        message = await ask(juno, "privacy", where)
        assert message["flags"] & EPHEMERAL
        assert "hears what you write to her" in said(message) and "a day at most" in said(message)
        assert "`/memory list`" in said(message) and "`/memory health`" in said(message)
        assert [*buttons(message)] == ["Stop hearing me"]
    assert rooms.hushed == set()
    assert await theo.hears_nothing("MESSAGE_CREATE", within=0.1)


async def test_a_person_stops_being_heard_and_is_heard_again_by_click(room: Room, juno: Person, rooms: MemoryRooms):
    shown = await ask(juno, "privacy", living_room(room)[0])
    assert (await juno.click(shown, "privacy:stop"))["ok"]
    changed = await juno.wait_for("MESSAGE_UPDATE", lambda one: "any more" in said(one))
    assert rooms.hushed == {int(juno.user_id)}
    assert "until it is erased" in said(changed) and "dropped at once" in said(changed)
    assert "comes to her mind among others" in said(changed) and "`/memory list`" in said(changed)
    assert [*buttons(changed)] == ["Hear me again"]
    assert (await juno.click(changed, "privacy:hear"))["ok"]
    await juno.wait_for("MESSAGE_UPDATE", lambda one: "hears you again" in said(one))
    assert rooms.hushed == set()


async def test_a_person_says_so_with_the_command(room: Room, juno: Person, theo: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    assert "does not hear you any more" in said(await ask(theo, "privacy", channel, hear_me=False))
    assert rooms.hushed == {int(theo.user_id)}
    assert "hears what you write to her" in said(await ask(juno, "privacy", channel)), "it is each person's own wish"
    assert "that is what you wanted" in said(await ask(theo, "privacy", channel))
    assert "hears you again" in said(await ask(theo, "privacy", channel, hear_me=True))
    assert rooms.hushed == set()


async def test_a_wish_that_is_not_kept_is_not_confirmed(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    shown = await ask(juno, "privacy", channel)
    rooms.trouble = StoreError("away")
    await juno.click(shown, "privacy:stop")
    line = await juno.next_message_from_app(channel)
    assert line["flags"] & EPHEMERAL and "Something broke in this app" in line["content"]
    assert "Something broke in this app" in said(await ask(juno, "privacy", channel, hear_me=False))


async def test_it_works_wherever_the_app_does(room: Room, theo: Person, rooms: MemoryRooms):
    (known,) = [one for one in await theo.commands(await theo.dm()) if one["name"] == "privacy"]
    assert (known["contexts"], known["integration_types"]) == ([0, 1, 2], [0, 1])


@pytest.mark.parametrize("is_silent", [True, False])
@pytest.mark.parametrize("has_changed", [True, False])
def test_what_stays_is_always_told(is_silent: bool, has_changed: bool):
    words = words_of_card(privacy_card(is_silent=is_silent, name="Mira", colour=1, has_changed=has_changed))
    assert "What you said to her before stays until it is erased" in words
    assert len(words) < 4_000
