"""The commands about memory on a real client over the loopback gateway, with a real Postgres behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import pytest_asyncio

from bot.adapters.postgres.pool import StatementPool
from bot.domain.ids import MessageId, UserId
from bot.domain.message import Audience, AudienceKind
from bot.domain.message import Person as Owner
from bot.domain.recalled import Found, Past, RecalledLine
from bot.engine.look import Look
from bot.errors import StoreError
from cogs.memory import Memories
from cogs.memory_desk import MemoryDesk
from playground.client import Person
from playground.components import walk
from tests.cogs.conftest import Room
from tests.cogs.test_commands import EPHEMERAL, answer, ask, living_room, said
from tests.fakes import FakeClock
from tests.own_desk import Desk, desk_on

BUTTON, SELECT = 2, 3


@pytest_asyncio.fixture
async def desk(room: Room, statements: StatementPool) -> AsyncIterator[Desk]:
    """Add the commands to the client of the room."""
    made = desk_on(statements, FakeClock())
    await add_commands(room, made)
    yield made


async def add_commands(room: Room, made: Desk) -> None:
    at = MemoryDesk(made.own, made.goals, cast(Look, room.look))
    await room.client.add_cog(Memories(room.client, made.own, at))
    await room.client.publish_commands()


def owner(person: Person, name: str = "Juno") -> Owner:
    return Owner(UserId(int(person.user_id)), name)


def button(message: dict[str, Any], label: str) -> str:
    """Give the custom id of a button."""
    (found,) = [one for one in buttons(message) if one["label"] == label]
    assert not found.get("disabled"), label
    return str(found["custom_id"])


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in walk(message["components"]) if part["type"] == BUTTON]


def labels(message: dict[str, Any]) -> list[str]:
    return [one["label"] for one in buttons(message)]


def menu_of(message: dict[str, Any]) -> dict[str, Any]:
    (menu,) = [part for part in walk(message["components"]) if part["type"] == SELECT]
    return menu


async def press(person: Person, message: dict[str, Any], label: str) -> dict[str, Any]:
    """Click a button and give the card as it is then."""
    assert (await person.click(message, button(message, label)))["ok"]
    return await changed(person, message)


async def changed(person: Person, message: dict[str, Any]) -> dict[str, Any]:
    return await person.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])


async def remember(person: Person, channel: str, text: str, **more: object) -> dict[str, Any]:
    return await ask(person, "remember", channel, text=text, **more)


async def test_what_is_given_is_kept_and_shown_privately(room: Room, juno: Person, desk: Desk):
    channel, _ = living_room(room)
    message = await remember(juno, channel, "I like *green* tea", kind="fact")
    assert message["flags"] & EPHEMERAL
    assert "Kept, in your own words" in said(message) and "I like \\\\*green\\\\* tea" in said(message)
    assert labels(message) == ["Pin", "Edit", "Forget", "All of them"]
    assert await desk.texts(owner(juno)) == ["I like *green* tea"]


async def test_the_list_is_ones_own(room: Room, juno: Person, theo: Person, desk: Desk):
    channel, _ = living_room(room)
    await desk.told("I like tea", owner(juno))
    await desk.told("I like rum", owner(theo, "Theo"))
    message = await ask(juno, "memory list", channel)
    assert message["flags"] & EPHEMERAL
    assert "I like tea" in said(message) and "rum" not in said(message) and "1 in all" in said(message)
    assert "Nothing is kept of you" in said(await ask(juno, "memory list", channel, kind="goal"))


async def test_pages_are_turned_to_their_edges(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    for number in range(14):
        await desk.told(f"thing {number:02}", owner(juno), said_at=desk.clock.now() + timedelta(minutes=number))
    message = await ask(juno, "memory list", dm)
    assert "Page 1 of 3" in said(message) and "thing 13" in said(message) and "thing 07" not in said(message)
    before, after, _ = buttons(message)
    assert before["disabled"] and not after.get("disabled")
    for page in (2, 3):
        message = await press(juno, message, "Older")
        assert f"Page {page} of 3" in said(message)
    before, after, _ = buttons(message)
    assert after["disabled"] and not before.get("disabled") and "thing 00" in said(message)
    assert "Page 2 of 3" in said(await press(juno, message, "Newer"))


async def test_a_page_that_is_gone_since_is_the_last_one(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    kept = [await desk.told(f"thing {number:02}", owner(juno)) for number in range(7)]
    message = await ask(juno, "memory list", dm)
    for memory in kept[:2]:
        await desk.store.archive(memory.owner_id, memory.memory_id)
    assert "Page 1 of 1" in said(await press(juno, message, "Older"))


async def test_one_is_opened_from_the_list_and_the_way_leads_back(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    await desk.told("I like tea", owner(juno), confidence=0.9, salience=9)
    message = await ask(juno, "memory list", dm)
    menu = menu_of(message)
    assert (await juno.choose(message, menu["custom_id"], menu["options"][0]["value"]))["ok"]
    card = await changed(juno, message)
    assert "matters a great deal" in said(card) and "· sure ·" in said(card) and "told directly" in said(card)
    assert "1 in all" in said(await press(juno, card, "All of them"))


async def test_a_card_still_works_after_a_restart(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    await desk.told("I like tea", owner(juno))
    message = await ask(juno, "memory show", dm, id="tea")
    await room.client.remove_cog(Memories.__name__)
    room.client._connection._view_store._views.clear()
    room.client._connection._view_store._dynamic_items.clear()
    await add_commands(room, desk)
    message = await press(juno, message, "Pin")
    assert "Pinned" in said(message)
    message = await press(juno, message, "Unpin")
    assert "No longer pinned" in said(message)


async def test_only_whose_card_it_is_can_click(room: Room, juno: Person, theo: Person, desk: Desk):
    channel, _ = living_room(room)
    await desk.told("I like tea", owner(juno))
    card = await ask(juno, "memory list", channel)
    on_server(room, card).ephemeral_to = None  # as if Discord had shown it to everybody
    assert (await theo.click(card, button(card, "What is put away")))["ok"]
    line = await answer(theo, channel)
    assert line["flags"] & EPHEMERAL and "somebody else's" in said(line)
    assert await juno.hears_nothing("MESSAGE_UPDATE", lambda one: one["id"] == card["id"])


@pytest.mark.parametrize(
    ("do", "rest", "words"),
    [
        ("gone", "99999999999999999999", "no such memory"),
        ("gone", "x.y", "no such memory"),
        ("gone", "", "no such memory"),
        ("nonsense", "1", "no such memory"),
        ("list", "7.nothing.neither", "Page 1 of 1"),
        ("list", "", "Page 1 of 1"),
        ("lineGone", "5", "Nothing of that line is kept"),
        ("wish", "0123456789abcdef", "a while ago"),
    ],
)
async def test_rubbish_in_a_click_does_no_harm(room: Room, juno: Person, desk: Desk, do: str, rest: str, words: str):
    dm = await juno.dm()
    await desk.told("I like tea", owner(juno))
    card = await ask(juno, "memory list", dm)
    forged = f"own:memory:{do}:{juno.user_id}:{rest}"
    part = next(one for one in walk(on_server(room, card).components) if one["type"] == BUTTON)
    part |= {"custom_id": forged, "disabled": False}
    assert (await juno.click(card, forged))["ok"]
    if do == "list":
        assert words in said(await changed(juno, card))
    else:
        assert words in said(await answer(juno, dm))
    assert desk.forget.gone == []


def on_server(room: Room, message: dict[str, Any]) -> Any:
    """Give a message as the server keeps it."""
    world = room.playground.core.world
    return world.find_message(world.channels[int(message["channel_id"])], int(message["id"]))


async def test_forgetting_asks_first_and_tells_the_toll(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    memory = await desk.told("I live in Paris", owner(juno))
    newer = await desk.own.correct(owner(juno), memory.memory_id, "I live in Lyon")
    card = await ask(juno, "memory forget", dm, id=f"#{newer.memory_id}")
    assert "Forget this for good?" in said(card) and "Older versions that go too: 1" in said(card)
    kept = await press(juno, card, "Keep")
    assert "It stays as it was" in said(kept) and desk.forget.gone == []
    card = await press(juno, kept, "Forget")
    gone = await press(juno, card, "Forget for good")
    assert "Forgotten for good: memories: 2" in said(gone) and buttons(gone) == []
    assert desk.forget.gone == [("memories", int(juno.user_id), memory.memory_id, newer.memory_id)]


async def test_a_correction_is_shown_with_what_it_replaces(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    await desk.told("I live in Paris", owner(juno))
    (choice,) = await juno.complete("correct", dm, "memory", memory="PARIS", now="")
    card = await ask(juno, "correct", dm, memory=choice["value"], now="I live in Lyon")
    assert "From now on this holds" in said(card) and "**In place of:** I live in Paris" in said(card)
    away = await ask(juno, "memory list", dm, archived=True)
    assert "I live in Paris" in said(away) and "replaced by something newer" in said(away)
    menu = menu_of(away)
    await juno.choose(away, menu["custom_id"], menu["options"][0]["value"])
    old = await changed(juno, away)
    assert labels(old) == ["Bring back", "Forget", "All of them"]
    assert "Brought back" in said(await press(juno, old, "Bring back"))


async def test_who_corrects_what_was_replaced_is_told_so(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    old = await desk.told("I live in Paris", owner(juno))
    await desk.own.correct(owner(juno), old.memory_id, "I live in Lyon")
    card = await ask(juno, "correct", dm, memory=f"#{old.memory_id}", now="I live in Nice")
    assert "had been replaced already" in said(card) and "I live in Nice" in said(card)
    assert await desk.texts(owner(juno)) == ["I live in Nice"]


async def test_what_is_offered_is_ones_own_and_short(room: Room, juno: Person, theo: Person, desk: Desk):
    dm = await juno.dm()
    for number in range(30):
        await desk.told(f"thing {number} " + "long " * 60, owner(juno))
    await desk.told("I like rum", owner(theo, "Theo"))
    choices = await juno.complete("memory show", dm, "id", id="")
    assert len(choices) == 25 and all(len(one["name"]) <= 100 for one in choices)
    assert await juno.complete("memory show", dm, "id", id="rum") == []
    (choice,) = await juno.complete("memory forget", dm, "id", id="thing 17 ")
    assert "thing 17" in said(await ask(juno, "memory show", dm, id=choice["value"]))


@pytest.mark.parametrize("which", ["rum", "#1", "no such words", "99999999999999999999", "\u202e"])
async def test_somebody_elses_are_not_there(room: Room, juno: Person, theo: Person, desk: Desk, which: str):
    await desk.told("I like rum", owner(theo, "Theo"))
    dm = await juno.dm()
    for name, more in (("memory show", {}), ("memory forget", {}), ("memory pin", {}), ("memory edit", {"text": "x"})):
        message = await ask(juno, name, dm, id=which, **more)
        assert "no such memory of yours" in said(message) and message["flags"] & EPHEMERAL


async def test_an_edit_by_form(room: Room, juno: Person, desk: Desk):
    channel, _ = living_room(room)
    longest = ("a sunny day " * 334)[:4_000]
    memory = await desk.told(longest, owner(juno))
    assert (await juno.slash("memory edit", channel, id=f"#{memory.memory_id}"))["ok"]
    form = await juno.next_form()
    (field,) = [part for part in walk(form["components"]) if part["type"] == 4]
    assert field["value"] == longest and field["max_length"] == 4_000
    assert (await juno.submit(form, channel, {field["custom_id"]: "a rainy day"}))["ok"]
    card = await answer(juno, channel)
    assert card["flags"] & EPHEMERAL and "It reads now" in said(card) and "a rainy day" in said(card)
    assert await desk.texts(owner(juno)) == ["a rainy day"]
    assert (await juno.click(card, button(card, "Edit")))["ok"]
    form = await juno.next_form()
    (field,) = [part for part in walk(form["components"]) if part["type"] == 4]
    assert (await juno.submit(form, channel, {field["custom_id"]: "a snowy day"}))["ok"]
    assert "a snowy day" in said(await changed(juno, card))


async def test_words_as_long_as_can_be_fit_on_every_card(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    for number in range(6):
        text = f"{number}" + "*_~`|>😀" * 570
        await desk.told(text[:4_000], owner(juno))
    message = await ask(juno, "memory list", dm)
    menu = menu_of(message)
    await juno.choose(message, menu["custom_id"], menu["options"][0]["value"])
    card = await changed(juno, message)
    assert "Pin" in labels(card)
    assert "Forget this for good" in said(await press(juno, card, "Forget"))
    searched = await ask(juno, "memory search", dm, query="*_~`|>😀" * 50)
    assert "What she knows" in said(searched)


async def test_what_is_sensitive_is_asked_about(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    sick = "I was diagnosed with diabetes last year"
    card = await remember(juno, dm, sick)
    assert "Keep this one?" in said(card) and await desk.texts(owner(juno)) == []
    assert "Nothing was kept" in said(await press(juno, card, "Do not keep it"))
    card = await remember(juno, dm, sick)
    assert "Kept" in said(await press(juno, card, "Keep this one"))
    assert await desk.texts(owner(juno)) == [sick]


async def test_a_question_is_answered_once(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    card = await remember(juno, dm, "I was diagnosed with diabetes last year")
    keep = button(card, "Keep this one")
    shown = on_server(room, card).components
    await press(juno, card, "Do not keep it")
    on_server(room, card).components = shown
    await juno.click(card, keep)
    assert "a while ago" in said(await answer(juno, dm))
    assert await desk.texts(owner(juno)) == []


async def test_health_and_sexuality_are_allowed_and_stopped(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    card = await ask(juno, "memory health", dm)
    assert "not kept" in said(card)
    card = await press(juno, card, "Allow health and sexuality")
    assert "may keep what you tell her" in said(card)
    await remember(juno, dm, "I was diagnosed with diabetes last year")
    asked = await press(juno, card, "Stop and forget it")
    assert "came from: 1." in said(asked)
    card = await press(juno, asked, "Leave it as it is")
    assert "may keep what you tell her" in said(card) and desk.forget.gone == []
    asked = await press(juno, card, "Stop and forget it")
    assert "not kept" in said(await press(juno, asked, "Stop and forget it"))
    assert desk.forget.gone[0][0] == "memories" and len(desk.forget.gone[0]) == 3


async def test_refusals_are_kind_and_counted(room: Room, juno: Person, desk: Desk):
    dm = await juno.dm()
    message = await remember(juno, dm, "my api key is sk-proj-Zx81kQpL0vW3mN7tR2yU5bC9dE4fG6hJ1aS8qT0")
    assert "looks like a password, a key" in said(message) and "sk-proj" not in said(message)
    assert "passwords, keys and the like 1×" in said(await ask(juno, "memory health", dm))


async def test_own_lines_can_be_remembered_and_no_others(room: Room, juno: Person, theo: Person, desk: Desk):
    channel, _ = living_room(room)
    theirs, mine = await theo.say(channel, "I like rum"), await juno.say(channel, "I like tea")
    assert (await juno.menu("Remember this", channel, theirs["id"]))["ok"]
    assert "lines of your own" in said(await answer(juno, channel))
    assert (await juno.menu("Remember this", channel, mine["id"]))["ok"]
    line = await answer(juno, channel)
    assert line["flags"] & EPHEMERAL and "she did not hear it" in said(line)
    assert (await juno.menu("Forget this", channel, theirs["id"]))["ok"]
    assert "Only who wrote it" in said(await answer(juno, channel))
    assert (await juno.menu("Forget this", channel, mine["id"]))["ok"]
    assert "Nothing of that line is kept" in said(await answer(juno, channel))
    assert desk.forget.gone == []


async def test_a_search_links_what_was_said(room: Room, juno: Person, desk: Desk):
    channel, _ = living_room(room)
    user_id = UserId(int(juno.user_id))
    line = RecalledLine(MessageId(5), user_id, user_id, "Juno", "we saw a **whale**", desk.clock.now(), False, 1.0)
    desk.recall.found = Found(lines=(line, replace(line, is_own=True, text="a whale indeed")))
    message = await ask(juno, "memory search", channel, query="whale")
    assert "You: we saw a \\\\*\\\\*whale" in said(message) and "Mira: a whale indeed" in said(message)
    desk.recall.found = Found(lines=(replace(line, past=Past.ALL), replace(line, text="and so", past=Past.IN_PART)))
    message = said(await ask(juno, "memory search", channel, query="whale"))
    assert message.count("no longer true") == 2 and message.count("in part no longer true") == 1
    desk.recall.found = Found()
    assert "Nothing comes up for" in said(await ask(juno, "memory search", channel, query="_zebra_"))


async def test_where_it_was_said_is_told_to_who_said_it(room: Room, juno: Person, desk: Desk):
    channel, guild_id = living_room(room)
    here, there = Audience(AudienceKind.CHANNEL, int(channel)), Audience(AudienceKind.CHANNEL, 4242)
    await desk.told("I like tea", owner(juno), audience=here)
    await desk.told("I like rum", owner(juno), audience=there)
    await desk.told("I like gin", owner(juno), audience=Audience(AudienceKind.GUILD, guild_id))
    message = said(await ask(juno, "memory list", channel))
    assert "said in this channel" in message and "said in <#4242>" in message and "whole server" in message


async def test_trouble_with_a_click_is_told_privately(room: Room, juno: Person, desk: Desk, monkeypatch):
    dm = await juno.dm()
    await desk.told("I like tea", owner(juno))
    card = await ask(juno, "memory show", dm, id="tea")

    async def away(*_: object, **__: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(desk.store, "pin", away)
    monkeypatch.setattr(desk.store, "suggest", away)
    await juno.click(card, button(card, "Pin"))
    line = await answer(juno, dm)
    assert line["flags"] & EPHEMERAL and "Something broke in this app" in line["content"]
    assert await juno.complete("memory show", dm, "id", id="t") == []


async def test_they_work_wherever_the_app_does(room: Room, juno: Person, theo: Person, desk: Desk):
    for where in (living_room(room)[0], await theo.dm()):
        known = {one["name"]: one for one in await theo.commands(where)}
        for name in ("memory", "remember", "correct"):
            assert (known[name]["contexts"], known[name]["integration_types"]) == ([0, 1, 2], [0, 1])
        assert {"Remember this", "Forget this"} <= set(known)
        groups = {one["name"] for one in known["memory"]["options"]}
        assert groups == {"list", "search", "show", "edit", "forget", "pin", "health"}
