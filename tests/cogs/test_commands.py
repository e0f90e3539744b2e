"""Which command asks for what, who may use it, and who sees the answer: over the loopback gateway."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.domain.persona import Expression
from bot.errors import StoreError, UserError
from cogs.mood import guild_of
from cogs.soul import owners_of
from playground.client import Person, Refused
from playground.components import walk
from playground.permissions import Permission
from playground.uploads import image_size
from tests.cogs.conftest import PNG, Room
from tests.cogs.views import MIRA, mood_view, relationship_view

EPHEMERAL, LOADING = 64, 128
SIZE = image_size(PNG)


def living_room(room: Room) -> tuple[str, int]:
    channel = room.playground.channel("living-room")
    assert channel.guild is not None
    return str(channel.channel_id), channel.guild.guild_id


def let_manage(room: Room, user_id: str) -> None:
    """Give everyone in the guild, so also *user_id*, the right to manage it."""
    guild = room.playground.channel("living-room").guild
    assert guild is not None and int(user_id) in guild.members
    guild.roles[guild.guild_id].permissions |= Permission.MANAGE_GUILD


async def ask(asker: Person, name: str, channel_id: str, **options: object) -> dict[str, Any]:
    """Use a command and give its finished answer."""
    outcome = await asker.slash(name, channel_id, **options)
    assert outcome["ok"], outcome
    return await answer(asker, channel_id)


async def answer(person: Person, channel_id: str) -> dict[str, Any]:
    message = await person.next_message_from_app(channel_id)
    if message["flags"] & LOADING:
        message = await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])
    return message


def said(message: dict[str, Any]) -> str:
    return message["content"] + json.dumps(message["components"], ensure_ascii=False)


def pictures(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the thumbnails and gallery pictures of a message, top to bottom."""
    shown = [[one] if one["type"] == 11 else one.get("items", []) for one in walk(message["components"])]
    return [picture for group in shown for picture in group]


# looking


async def test_mood_is_private_and_shows_the_chart(room: Room, juno: Person):
    channel, guild_id = living_room(room)
    message = await ask(juno, "mood", channel, span="week")
    assert message["flags"] & EPHEMERAL
    assert "easy, contented mood" in said(message)
    (chart,) = pictures(message)
    assert chart["media"]["url"].endswith("/mood.png")
    assert (chart["media"]["width"], chart["media"]["height"]) == SIZE
    assert chart["description"].startswith("Over the last week")
    assert [span.value for span in room.drawn] == ["week"]
    ((what, where, span),) = room.look.asked
    assert (what, where, span.days) == ("mood", guild_id, 7)


async def test_mood_without_a_history_has_no_chart(room: Room, juno: Person):
    room.look.view = mood_view(history=())
    message = await ask(juno, "mood", await juno.dm())
    assert pictures(message) == []
    assert room.drawn == []
    assert room.look.asked[0][1] is None


async def test_a_face_with_a_picture_is_shown_beside_the_mood(room: Room, juno: Person):
    smirk = Expression("smirk", "😏", "teasing", picture="smirk.png")
    room.look.companion = replace(MIRA, expressions=(smirk,))
    room.pictures["smirk"] = PNG
    message = await ask(juno, "mood", await juno.dm())
    face, _ = pictures(message)
    assert face["media"]["url"].endswith("/smirk.png")
    assert face["description"] == "teasing" and "😏" not in said(message)
    room.pictures.clear()
    assert "😏" in said(await ask(juno, "mood", await juno.dm()))


async def test_why_asks_for_what_the_asker_may_see_here(room: Room, juno: Person):
    channel, guild_id = living_room(room)
    message = await ask(juno, "mood", channel, why=True)
    assert message["flags"] & EPHEMERAL
    assert "It gladdened her: something you wrote" in said(message)
    assert room.look.asked == [("causes", int(juno.user_id), guild_id, int(channel))]
    assert room.drawn == []


@pytest.mark.parametrize(("name", "words"), [("relationship", "**Friend**"), ("personality", "temperament of her own")])
async def test_other_looks_are_private(room: Room, juno: Person, name: str, words: str):
    message = await ask(juno, name, await juno.dm())
    assert message["flags"] & EPHEMERAL
    assert words in said(message)
    assert room.look.asked[0][0] == name


async def test_relationship_is_about_who_asks(room: Room, theo: Person):
    room.look.stands = relationship_view(met_at=None)
    channel, guild_id = living_room(room)
    assert "have not met yet" in said(await ask(theo, "relationship", channel))
    assert room.look.asked == [("relationship", int(theo.user_id), guild_id)]


async def test_a_vibe_is_for_everyone(room: Room, juno: Person, theo: Person):
    channel, _ = living_room(room)
    message = await ask(juno, "vibe", channel)
    assert not message["flags"] & EPHEMERAL
    assert "Mira feels joy and some hope right now." in said(await answer(theo, channel))
    assert juno.user_id not in said(message)


async def test_trouble_is_told_privately_even_where_the_answer_is_public(room: Room, juno: Person, theo: Person):
    channel, _ = living_room(room)
    room.look.trouble = StoreError("no database")
    line = await ask(juno, "vibe", channel)
    assert line["flags"] & EPHEMERAL and "Something broke in this app" in line["content"]
    assert await theo.hears_nothing("MESSAGE_CREATE", within=0.1)


async def test_a_vibe_that_takes_too_long_is_given_up_in_time(
    room: Room, juno: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cogs.mood.VIBE_WITHIN_S", 0.05)
    room.look.takes_s = 5.0
    line = await ask(juno, "vibe", living_room(room)[0])
    assert line["flags"] & EPHEMERAL and "Try again" in line["content"]


async def test_a_slow_engine_is_waited_for(room: Room, juno: Person):
    room.playground.options.interaction_timeout_s = 0.3
    room.look.takes_s = 0.8
    assert "easy, contented mood" in said(await ask(juno, "mood", await juno.dm()))


# looking after her


async def test_admins_change_her_for_their_server(room: Room, juno: Person, theo: Person):
    channel, guild_id = living_room(room)
    for name, options, words in (
        ("soul preset", {"preset": "INFP"}, "temperament **INFP**"),
        (
            "soul bond",
            {"person": theo.user_id, "bond": "  little   brother "},
            f"<@{theo.user_id}> now has a fixed bond",
        ),
        ("soul bond", {"person": theo.user_id}, f"<@{theo.user_id}> no longer has"),
        ("soul freeze", {"state": "on"}, "held still"),
        ("soul freeze", {"state": "off"}, "may drift"),
    ):
        message = await ask(juno, name, channel, **options)
        assert message["flags"] & EPHEMERAL
        assert words in said(message)
        assert message["mentions"] == []
    assert room.tend.done == [
        ("preset", "INFP", guild_id),
        ("bond", int(theo.user_id), "little brother", guild_id),
        ("bond", int(theo.user_id), "", guild_id),
        ("freeze", True, guild_id),
        ("freeze", False, guild_id),
    ]


async def test_a_bond_with_herself_is_refused(room: Room, juno: Person):
    channel, _ = living_room(room)
    for bond in ("best friend", ""):
        refused = await ask(juno, "soul bond", channel, person=juno.app_id, bond=bond)
        assert refused["flags"] & EPHEMERAL and "That is Mira herself" in said(refused)
    assert room.tend.done == []


async def test_a_bond_is_kept_as_it_can_be_seen(room: Room, juno: Person, theo: Person):
    channel, guild_id = living_room(room)
    message = await ask(
        juno, "soul bond", channel, person=theo.user_id, bond="\u202elittle\u200b\u2066 \u061cbrother\u200f"
    )
    assert "**little brother**" in said(message)
    assert room.tend.done == [("bond", int(theo.user_id), "little brother", guild_id)]


async def test_a_reset_wants_her_name(room: Room, juno: Person):
    channel, guild_id = living_room(room)
    for typed, words in (("mirror", "nothing was changed"), (" mira ", "starts afresh")):
        assert (await juno.slash("soul reset", channel))["ok"]
        form = await juno.next_form()
        assert form["title"] == "Reset Mira?"
        field = form["components"][0]["component"]["custom_id"]
        assert room.tend.done == []
        assert (await juno.submit(form, channel, {field: typed}))["ok"]
        message = await answer(juno, channel)
        assert message["flags"] & EPHEMERAL and words in said(message)
    assert room.tend.done == [("reset", guild_id)]


async def test_commands_for_admins_are_hidden_and_nowhere_but_on_servers(room: Room, juno: Person, theo: Person):
    channel, _ = living_room(room)
    assert "soul" in {one["name"] for one in await juno.commands(channel)}
    assert "soul" not in {one["name"] for one in await theo.commands(channel)}
    assert "soul" not in {one["name"] for one in await juno.commands(await juno.dm())}
    (group,) = [one for one in await juno.commands(channel) if one["name"] == "soul"]
    assert (group["default_member_permissions"], group["contexts"], group["integration_types"]) == ("32", [0], [0])


@pytest.mark.parametrize("name", ["soul preset", "soul bond", "soul reset", "soul freeze"])
async def test_where_she_is_shared_only_the_apps_owner_may(room: Room, juno: Person, theo: Person, name: str):
    channel, _ = living_room(room)
    let_manage(room, theo.user_id)
    room.tend.is_shared = True
    options = {"soul preset": {"preset": "INFP"}, "soul bond": {"person": theo.user_id}, "soul freeze": {"state": "on"}}
    given = options.get(name, {})
    refused = await ask(theo, name, channel, **given)
    assert refused["flags"] & EPHEMERAL and "only the people who own this app" in said(refused)
    assert room.tend.done == []
    assert (await juno.slash(name, channel, **given))["ok"]
    assert await juno.hears_nothing("MESSAGE_CREATE", lambda one: "only the people" in said(one), 0.2)


async def test_where_a_server_lets_anybody_use_them_the_code_still_refuses(room: Room, theo: Person):
    channel, _ = living_room(room)
    (found,) = [one for one in room.playground.core.commands.of(None) if one["name"] == "soul"]
    found["default_member_permissions"] = None
    refused = await ask(theo, "soul freeze", channel, state="on")
    assert refused["flags"] & EPHEMERAL and "may manage this server" in said(refused)
    assert room.tend.done == []
    let_manage(room, theo.user_id)
    assert "held still" in said(await ask(theo, "soul freeze", channel, state="on"))


async def test_rights_lost_while_the_form_is_open_count(room: Room, juno: Person):
    channel, _ = living_room(room)
    await juno.slash("soul reset", channel)
    form = await juno.next_form()
    room.tend.is_shared = True
    assert room.client.application is not None
    room.client.application.owner = discord.Object(1)  # type: ignore[assignment]
    await juno.submit(form, channel, {form["components"][0]["component"]["custom_id"]: "Mira"})
    assert "only the people who own this app" in said(await answer(juno, channel))
    assert room.tend.done == []


async def test_what_the_engine_refuses_is_told(room: Room, juno: Person, monkeypatch: pytest.MonkeyPatch):
    async def refuse(*_: object, **__: object) -> None:
        raise UserError("soul_only_server")

    monkeypatch.setattr(room.tend, "set_bond", refuse)
    channel, _ = living_room(room)
    message = await ask(juno, "soul bond", channel, person=juno.user_id, bond="self")
    assert message["flags"] & EPHEMERAL and "on a server only" in said(message)


async def test_a_bond_is_at_most_forty_characters(room: Room, juno: Person):
    channel, _ = living_room(room)
    with pytest.raises(Refused):
        await juno.slash("soul bond", channel, person=juno.user_id, bond="x" * 41)


def member(user_id: int, role: str, state: int = 2) -> dict[str, Any]:
    user = {"id": str(user_id), "username": "x", "discriminator": "0", "avatar": None}
    return {"membership_state": state, "permissions": ["*"], "role": role, "team_id": "5", "user": user}


def test_owners_are_the_owner_or_the_team_without_onlookers(room: Room):
    application = room.client.application
    assert application is not None
    assert owners_of(None) == set()
    assert owners_of(application) == {application.owner.id}
    members = [member(2, "admin"), member(3, "developer"), member(4, "read_only"), member(6, "admin", state=1)]
    team = {"id": "5", "name": "t", "icon": None, "owner_user_id": "1", "members": [*members, member(1, "")]}
    application.team = discord.Team(room.client._connection, team)  # type: ignore[arg-type]
    assert owners_of(application) == {1, 2, 3}


class Asked:
    """As much of an interaction as says where it comes from."""

    def __init__(self, guild_id: int | None, *, by_guild: bool, by_user: bool) -> None:
        self.guild_id = guild_id
        self.is_guild_integration = lambda: by_guild
        self.is_user_integration = lambda: by_user


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(7, by_guild=True, by_user=False), 7),
        (Asked(7, by_guild=True, by_user=True), 7),
        (Asked(7, by_guild=False, by_user=True), None),
        (Asked(7, by_guild=False, by_user=False), 7),
        (Asked(None, by_guild=False, by_user=True), None),
    ],
    ids=["server", "both", "somebody's own app on a foreign server", "not told", "direct message"],
)
def test_a_server_counts_where_she_lives_there(asked: Any, expected: int | None):
    assert guild_of(asked) == expected
