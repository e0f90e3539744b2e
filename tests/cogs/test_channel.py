"""What an admin sets for a channel, who may, and what everybody there is told: over the loopback gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clock_time import clock_time, read_clock_time
from bot.domain.ids import ChannelId
from bot.domain.persona import Rating
from bot.domain.room_policy import USUAL, Hearing, QuietHours, RoomPolicy
from bot.engine.look import Look
from bot.engine.policies import Policies
from bot.engine.timers import Remind
from bot.errors import StoreError, UserError
from bot.ports import TimerStore
from cogs.channel import Channels, quiet_hours
from cogs.presenters.channel import Abilities, channel_card
from playground.client import Person
from playground.components import walk
from playground.permissions import Permission
from tests.cogs.conftest import Room
from tests.cogs.rooms import LISTENING, NOW, MemoryRooms
from tests.cogs.test_commands import EPHEMERAL, answer, ask, let_manage, living_room, said
from tests.cogs.test_remind import FakeTimers
from tests.cogs.views import MIRA, components_of, words_of_card
from tests.fakes import FakeClock

FORBIDDEN = replace(MIRA.default_persona, slug="forbidden", title="After dark", rating=Rating.ADULT)
HALLOW = replace(MIRA.default_persona, slug="hallow", title="Hallow", emoji="🎃")
MANY = replace(MIRA, personas=(MIRA.default_persona, HALLOW, FORBIDDEN))
ALL = Abilities(sees=True, reads_all=True, reads_history=True, sends=True, reacts=True, opens_threads=True)
BUTTON = 2


@pytest.fixture
async def rooms(room: Room) -> AsyncIterator[MemoryRooms]:
    """Add the commands to the client of the room; she gets no text but what is said to her."""
    kept = MemoryRooms()
    room.look.companion = MANY
    clock = FakeClock(NOW)
    policies = Policies(store=kept, clock=clock, personas=[one.slug for one in MANY.personas])
    remind = Remind(store=cast(TimerStore, FakeTimers()), clock=clock, home_zone="Europe/Berlin")
    await room.client.add_cog(Channels(room.client, policies, remind, cast(Look, room.look), has_content=False))
    await room.client.publish_commands()
    yield kept


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {part["label"]: part for part in walk(message["components"]) if part["type"] == BUTTON}


def forbid(room: Room, *permissions: Permission) -> None:
    """Take rights from everybody in the guild, so from the app as well."""
    guild = room.playground.channel("living-room").guild
    assert guild is not None
    for role in guild.roles.values():
        for permission in permissions:
            role.permissions &= ~permission
        role.permissions &= ~Permission.ADMINISTRATOR


# setting


async def test_listening_is_told_to_everybody_with_what_is_kept_and_how_to_opt_out(
    room: Room, juno: Person, theo: Person, rooms: MemoryRooms
):
    channel, guild_id = living_room(room)
    message = await ask(juno, "channel listen", channel, chattiness=7)
    assert not message["flags"] & EPHEMERAL
    heard = said(await answer(theo, channel))
    for part in ("hears only what is said to her", "Only lines that mention her", "`/privacy`", "Chattiness 7 of 10"):
        assert part in heard, part
    assert "everything" not in heard
    assert "message-content intent is off" in heard
    told = words_of_card(channel_card(RoomPolicy(Hearing.LISTEN, 7), ALL, MIRA, colour=1))
    for part in ("hears everything", "kept for a day at most", "language model", "`/privacy`", "Chattiness 7 of 10"):
        assert part in told, part
    assert rooms.kept == {int(channel): RoomPolicy(Hearing.LISTEN, 7)}
    assert rooms.set_by == [(int(channel), guild_id, int(juno.user_id))]


async def test_what_is_left_out_stays_as_it_was(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    here = ChannelId(int(channel))
    rooms.kept[here] = LISTENING
    await ask(juno, "channel listen", channel, persona="hallow")
    assert rooms.kept[here] == RoomPolicy(Hearing.LISTEN, 4, LISTENING.quiet, "hallow")
    await ask(juno, "channel mention-only", channel)
    assert rooms.kept[here] == RoomPolicy(Hearing.MENTION_ONLY, 4, LISTENING.quiet, "hallow")
    await ask(juno, "channel listen", channel, quiet_from="1am", persona="default")
    assert rooms.kept[here] == RoomPolicy(Hearing.LISTEN, 4, QuietHours(60, 7 * 60, "Europe/Berlin"))
    await ask(juno, "channel listen", channel, quiet_from="off", chattiness=0)
    assert rooms.kept[here] == RoomPolicy(Hearing.LISTEN, 0)
    await ask(juno, "channel listen", channel, quiet_from="22:30", quiet_until="6:05", time_zone="asia/tokyo")
    assert rooms.kept[here].quiet == QuietHours(22 * 60 + 30, 6 * 60 + 5, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quiet_from": "22:00"}, "give both"),
        ({"time_zone": "Europe/Berlin"}, "give both"),
        ({"quiet_from": "tomorrow at 9", "quiet_until": "10:00"}, "time of day could not be read"),
        ({"quiet_from": "25:00", "quiet_until": "10:00"}, "time of day could not be read"),
        ({"quiet_from": "10:00", "quiet_until": "10:00"}, "same time"),
        ({"quiet_from": "22:00", "quiet_until": "7:00", "time_zone": "Atlantis"}, "no time zone of that name"),
        ({"persona": "nobody"}, "no persona named nobody"),
        ({"persona": "forbidden"}, "for adults only"),
    ],
)
async def test_what_cannot_be_is_refused_privately(
    room: Room, juno: Person, theo: Person, rooms: MemoryRooms, options: dict[str, object], words: str
):
    channel, _ = living_room(room)
    message = await ask(juno, "channel listen", channel, **options)
    assert message["flags"] & EPHEMERAL and words in said(message)
    assert rooms.kept == {}
    assert await theo.hears_nothing("MESSAGE_CREATE", within=0.1)


async def test_an_adult_persona_is_for_age_restricted_channels(room: Room, juno: Person, rooms: MemoryRooms):
    channel, guild_id = living_room(room)
    night = await juno.channel(str(guild_id), "night", is_nsfw=True)
    offered = [one["value"] for one in await juno.complete("channel listen", channel, "persona", persona="")]
    at_night = [one["value"] for one in await juno.complete("channel listen", night, "persona", persona="")]
    assert "hallow" in offered and "forbidden" not in offered
    assert "forbidden" in at_night
    await ask(juno, "channel listen", night, persona="forbidden")
    assert rooms.kept[ChannelId(int(night))].persona == "forbidden"


async def test_ignoring_is_told_in_the_channel_and_nothing_else_is(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    message = await ask(juno, "channel ignore", channel)
    assert not message["flags"] & EPHEMERAL
    assert "hears nothing here" in said(message) and "Chattiness" not in said(message)
    assert buttons(message) == {}
    assert rooms.kept[ChannelId(int(channel))].hearing is Hearing.IGNORE


async def test_a_thread_has_its_own_setting_and_its_channels_until_then(room: Room, juno: Person, rooms: MemoryRooms):
    channel, guild_id = living_room(room)
    rooms.kept[ChannelId(int(channel))] = LISTENING
    thread = await juno.thread(await juno.say(channel, "trains"), "trains")
    message = await ask(juno, "channel show", thread)
    assert "in this thread" in said(message) and "Chattiness 4 of 10" in said(message)
    assert "open threads" not in said(message)
    await ask(juno, "channel mention-only", thread)
    assert rooms.kept[ChannelId(int(thread))].hearing is Hearing.MENTION_ONLY
    assert rooms.kept[ChannelId(int(channel))] == LISTENING
    assert rooms.set_by == [(int(thread), guild_id, int(juno.user_id))]


async def test_trouble_is_told_privately(room: Room, juno: Person, theo: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    rooms.trouble = StoreError("away")
    message = await ask(juno, "channel listen", channel)
    assert message["flags"] & EPHEMERAL and "Something broke in this app" in said(message)
    assert await theo.hears_nothing("MESSAGE_CREATE", within=0.1)


async def test_a_database_that_hangs_is_given_up_in_time(
    room: Room, juno: Person, rooms: MemoryRooms, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cogs.channel.WITHIN_S", 0.05)
    rooms.takes_s = 1.0
    message = await ask(juno, "channel listen", living_room(room)[0])
    assert message["flags"] & EPHEMERAL and "took too long" in said(message)


# who may


async def test_others_neither_see_nor_may_use_it(room: Room, juno: Person, theo: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    (known,) = [one for one in await juno.commands(channel) if one["name"] == "channel"]
    assert (known["default_member_permissions"], known["contexts"], known["integration_types"]) == ("32", [0], [0])
    assert "channel" not in {one["name"] for one in await theo.commands(channel)}
    assert "channel" not in {one["name"] for one in await juno.commands(await juno.dm())}
    (kept,) = [one for one in room.playground.core.commands.of(None) if one["name"] == "channel"]
    kept["default_member_permissions"] = None  # as a server may set it
    for name in ("listen", "mention-only", "ignore", "show"):
        refused = await ask(theo, f"channel {name}", channel)
        assert refused["flags"] & EPHEMERAL and "Only people who may manage this server" in said(refused)
    assert await theo.complete("channel listen", channel, "persona", persona="") == []
    assert rooms.kept == {}


async def test_show_is_private_and_buttons_step(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    rooms.kept[ChannelId(int(channel))] = RoomPolicy(Hearing.LISTEN, 9)
    shown = await ask(juno, "channel show", channel)
    assert shown["flags"] & EPHEMERAL
    assert {label: one.get("disabled", False) for label, one in buttons(shown).items()} == {
        "Quieter": False,
        "Chattier": False,
    }
    assert (await juno.click(shown, "channel:chattier"))["ok"]
    changed = await juno.wait_for("MESSAGE_UPDATE", lambda one: "Chattiness 10 of 10" in said(one))
    assert buttons(changed)["Chattier"]["disabled"] and not buttons(changed)["Quieter"].get("disabled", False)
    assert (await juno.click(changed, "channel:quieter"))["ok"]
    await juno.wait_for("MESSAGE_UPDATE", lambda one: "Chattiness 9 of 10" in said(one))
    assert rooms.kept[ChannelId(int(channel))].chattiness == 9


async def test_each_click_is_checked_for_who_may(room: Room, juno: Person, theo: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    await ask(juno, "channel listen", channel)
    public = await answer(theo, channel)
    await theo.click(public, "channel:chattier")
    refused = await theo.next_message_from_app(channel)
    assert refused["flags"] & EPHEMERAL and "Only people who may manage this server" in said(refused)
    assert rooms.kept[ChannelId(int(channel))].chattiness == USUAL.chattiness
    let_manage(room, theo.user_id)
    assert (await theo.click(public, "channel:chattier"))["ok"]
    await juno.wait_for("MESSAGE_UPDATE", lambda one: "Chattiness 5 of 10" in said(one))


async def test_a_click_on_an_old_card_brings_nothing_back(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    listening = await ask(juno, "channel listen", channel)
    await ask(juno, "channel ignore", channel)
    assert (await juno.click(listening, "channel:chattier"))["ok"]
    changed = await juno.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == listening["id"])
    assert "hears nothing here" in said(changed) and buttons(changed) == {}
    assert rooms.kept[ChannelId(int(channel))].hearing is Hearing.IGNORE


async def test_what_she_may_not_is_named_with_what_mends_it(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    shown = said(await ask(juno, "channel show", channel))
    assert "She can:" in shown and "react" in shown and "Add Reactions" not in shown
    forbid(room, Permission.ADD_REACTIONS, Permission.CREATE_PUBLIC_THREADS, Permission.READ_MESSAGE_HISTORY)
    shown = said(await ask(juno, "channel show", channel))
    for part in ("Allow her app *Add Reactions*", "*Create Public Threads*", "*Read Message History*"):
        assert part in shown, part
    assert "*Send Messages*" not in shown


async def test_times_are_shown_as_they_are_read(room: Room, juno: Person, rooms: MemoryRooms):
    channel, _ = living_room(room)
    for typed, expected in (("11pm", ["23:00"]), ("7:5", []), ("", ["off"]), ("of", ["off"])):
        offered = await juno.complete("channel listen", channel, "quiet_from", quiet_from=typed)
        assert [one["value"] for one in offered] == expected, typed
    offered = await juno.complete("channel listen", channel, "time_zone", time_zone="tok")
    assert offered[0] == {"name": "Asia/Tokyo (23:03)", "value": "Asia/Tokyo"}


# values


@given(st.integers(0, 24 * 60 - 1))
def test_every_time_of_day_reads_as_it_is_written(minutes: int):
    assert read_clock_time(clock_time(minutes)) == minutes


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("7:30", 450), ("7.30", 450), ("0730", 450), ("730", 450), ("7", 420), ("24", 0),
        ("25", None), ("9am", 540), ("11 pm", 23 * 60), ("0:00", 0), ("24:00", 0),
        ("22 Uhr", 22 * 60), ("in 2 hours", None), ("tomorrow at 9", None), ("friday", None), ("24:01", None),
        ("", None), ("soon", None), ("2026-11-21T10:00", None), ("7:60", None),
    ],
)  # fmt: skip
def test_times_of_day_are_read_and_nothing_else_is(typed: str, minutes: int | None):
    assert read_clock_time(typed) == minutes


def test_quiet_hours_keep_what_is_not_said():
    was = QuietHours(60, 120, "Asia/Tokyo")
    assert quiet_hours(was, None, None, None, "UTC") == was
    assert quiet_hours(was, None, "4:00", None, "UTC") == QuietHours(60, 240, "Asia/Tokyo")
    assert quiet_hours(was, None, None, "utc", "UTC") == QuietHours(60, 120, "UTC")
    assert quiet_hours(was, " OFF ", None, None, "UTC") is None
    assert quiet_hours(None, "1:00", "2:00", None, "Asia/Tokyo") == was
    with pytest.raises(UserError):
        quiet_hours(None, None, "2:00", None, "UTC")


@given(
    st.builds(
        RoomPolicy,
        st.sampled_from(Hearing),
        st.integers(0, 10),
        st.none() | st.builds(QuietHours, st.integers(0, 1439), st.integers(0, 1439), st.just("America/Port_of_Spain")),
        st.none() | st.sampled_from([*(one.slug for one in MANY.personas), "gone"]),
    ),
    st.builds(Abilities, *[st.booleans()] * 5, st.none() | st.booleans(), st.booleans()),
)
def test_a_card_of_anything_fits(policy: RoomPolicy, abilities: Abilities):
    card = channel_card(policy, abilities, MANY, colour=1)
    assert len(words_of_card(card)) <= 4_000
    assert json.dumps(components_of(card))


def test_the_card_of_a_listening_channel():
    assert words_of_card(channel_card(LISTENING, ALL, MIRA, colour=1)).splitlines() == [
        "### What Mira hears in this channel",
        "👂 Mira listens here: she hears everything, and joins in when she has something to say.",
        "`▰▰▰▰▱▱▱▱▱▱` **Chattiness 4 of 10:** she joins in now and then",
        "**Quiet hours:** 23:00–07:00 (Europe/Berlin). She says nothing unasked then; "
        "whoever mentions her is answered.",
        f"**How she speaks here:** {MIRA.default_persona.emoji} {MIRA.default_persona.title}",
        "She hears everything that is written here. What is said to her is kept, as everywhere.",
        "What is said among others is kept for a day at most, so that she can follow the talk. Of people who have "
        "never spoken to her nothing is remembered, and no feelings come of it.",
        "Where she may have something to say, the last lines are sent to a language model.",
        "Who does not want that uses `/privacy`: nothing they write is kept or quoted then. `/why` says why she spoke, "
        "or did not.",
        "✓ **She can:** see this channel, hear what is not said to her, read what was said before, write, react, open "
        "threads and see pictures and text files",
        "-# Who may manage the server changes this with `/channel`. A thread goes by its channel until something is "
        "set in it.",
    ]
