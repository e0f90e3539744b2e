"""Commands, buttons, selects, forms and private answers, as a person uses them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.bare_app import COMPONENTS_V2, EPHEMERAL
from tests.page.conftest import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

REMEMBER = {
    "name": "remember", "type": 1, "description": "Keep something in mind",
    "options": [
        {"name": "what", "type": 3, "description": "What to keep", "required": True},
        {"name": "weight", "type": 4, "description": "How much it matters", "min_value": 1, "max_value": 10},
        {"name": "about", "type": 3, "description": "A subject", "autocomplete": True},
    ],
}  # fmt: skip
WHICH = {
    "name": "which", "type": 3, "description": "The persona", "required": True,
    "choices": [{"name": "Haven", "value": "haven"}, {"name": "Hallow", "value": "hallow"}],
}  # fmt: skip
PERSONA = {
    "name": "persona", "type": 1, "description": "Change how I speak",
    "options": [{"name": "set", "type": 1, "description": "Choose one", "options": [WHICH]}],
}  # fmt: skip
BUTTONS = [{"type": 1, "components": [
    {"type": 2, "style": 1, "label": "Agree", "custom_id": "agree"},
    {"type": 2, "style": 2, "label": "Closed", "custom_id": "closed", "disabled": True},
    {"type": 2, "style": 5, "label": "Read more", "url": "https://example.com/"},
]}]  # fmt: skip
NAME_FIELD = {"type": 4, "custom_id": "name", "style": 1, "required": True}
COLOURS = [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}]
FORM: dict[str, Any] = {
    "custom_id": "profile",
    "title": "About you",
    "components": [
        {"type": 18, "label": "Your name", "component": NAME_FIELD},
        {"type": 18, "label": "Colour", "component": {"type": 3, "custom_id": "colour", "options": COLOURS}},
    ],
}


def _written(interaction: dict[str, Any]) -> Any:
    """Return what stands in the option being completed."""
    return next((one["value"] for one in interaction["data"].get("options", []) if one.get("focused")), None)


async def _command(scene: Scene, *commands: dict[str, Any]) -> None:
    """Set the commands and wait until the page knows them."""
    await scene.app.set_commands(*commands)
    await scene.open(scene.dm_id)
    await scene.tab.click("#composer-input")
    await scene.tab.type("/")
    await scene.tab.until_text(f"/{commands[0]['name']}", ".suggestions")


async def test_slash_command_is_filled_in_and_answered_privately(scene: Scene) -> None:
    await _command(scene, REMEMBER)
    await scene.tab.press("Enter")
    await scene.tab.until("document.activeElement.classList.contains('option-input')")
    await scene.tab.press("Enter")
    await scene.tab.until_text("this is needed", ".command")
    await scene.tab.type("the sea")
    await scene.tab.click(".option-add", text="weight")
    await scene.tab.type("11")
    await scene.tab.press("Enter")
    await scene.tab.until_text("at most 10", ".command")
    await scene.tab.press("Backspace")
    await scene.tab.press("Enter")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert used["data"]["name"] == "remember"
    assert [(one["name"], one["value"]) for one in used["data"]["options"]] == [("what", "the sea"), ("weight", 1)]
    await scene.app.answer(used, 5, flags=EPHEMERAL)
    await scene.tab.until_text("is thinking…", "#log")
    await scene.app.follow_up(used, content="I keep it.")
    await scene.tab.until_text("I keep it.", "#log")
    await scene.tab.until_text("Only you can see this", "#log")
    await scene.tab.click(".only-you .link")
    await scene.tab.until("!document.querySelector('.only-you')")


async def test_subcommand_choice_is_taken_from_the_list(scene: Scene) -> None:
    await _command(scene, PERSONA)
    await scene.tab.type("persona set ")
    await scene.tab.until("document.activeElement.classList.contains('option-input')")
    await scene.tab.type("hal")
    await scene.tab.until_text("Hallow", ".command-line ~ *, #composer .suggestions:not([hidden])")
    await scene.tab.press("Enter")
    await scene.tab.until("document.querySelector('.option-input').value === 'Hallow'")
    await scene.tab.press("Enter")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert used["data"]["options"][0]["options"] == [{"name": "which", "type": 3, "value": "hallow"}]
    await scene.app.answer(used, 4, content="So be it.")
    await scene.tab.until_text("/persona set", ".lead")


async def test_autocomplete_comes_from_the_app(scene: Scene) -> None:
    await _command(scene, REMEMBER)
    await scene.tab.press("Enter")
    await scene.tab.until("document.activeElement.classList.contains('option-input')")
    await scene.tab.type("x")
    await scene.tab.click(".option-add", text="about")
    await scene.tab.type("se")
    asked = await scene.app.heard("INTERACTION_CREATE", lambda one: _written(one) == "se")
    await scene.app.answer(asked, 8, choices=[{"name": "The sea", "value": "sea"}])
    await scene.tab.until_text("The sea", "#composer")
    await scene.tab.press("Enter")
    await scene.tab.until("[...document.querySelectorAll('.option-input')].at(-1).value === 'The sea'")
    await scene.tab.press("Enter")
    used = await scene.app.heard("INTERACTION_CREATE", lambda one: one["type"] == 2)
    assert {one["name"]: one["value"] for one in used["data"]["options"]} == {"what": "x", "about": "sea"}


async def test_button_click_reaches_the_app_and_updates_the_message(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content="Do you agree?", components=BUTTONS)
    await scene.tab.until("document.querySelector('button.button:disabled')?.textContent === 'Closed'")
    await scene.tab.until("document.querySelector('a.button')?.href === 'https://example.com/'")
    await scene.tab.click(".components .button", text="Agree")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert used["data"]["custom_id"] == "agree"
    await scene.app.answer(used, 7, content="Agreed.", components=[])
    await scene.tab.until_text("Agreed.", "#log")
    await scene.tab.until("!document.querySelector('.components')")


async def test_unanswered_click_says_that_it_failed(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content="?", components=BUTTONS)
    await scene.tab.click(".components .button", text="Agree")
    await scene.tab.until("document.querySelector('.button.is-busy')")
    await scene.tab.until("document.querySelector('.components .trouble')?.textContent")
    assert not await scene.tab.run("document.querySelector('.button.is-busy')")


async def test_select_sends_what_was_chosen_by_keyboard(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    options = [{"label": f"Choice {n}", "value": f"v{n}"} for n in range(4)]
    row = {
        "type": 1,
        "components": [{"type": 3, "custom_id": "many", "options": options, "min_values": 1, "max_values": 2}],
    }
    await scene.app.post(scene.dm_id, content="Choose", components=[row])
    await scene.tab.until("document.querySelector('.select')")
    await scene.tab.run("document.querySelector('.select').focus()")
    await scene.tab.press("Enter", "ArrowDown", "Enter", "ArrowDown", "Enter", "Escape")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert used["data"]["values"] == ["v1", "v2"]
    await scene.app.answer(used, 6)
    await scene.tab.until("document.activeElement.classList.contains('select')")


async def test_form_keeps_the_focus_and_sends_its_fields(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content="Tell me", components=BUTTONS)
    await scene.tab.click(".components .button", text="Agree")
    await scene.app.answer(await scene.app.heard("INTERACTION_CREATE"), 9, **FORM)
    await scene.tab.until("document.activeElement.matches('dialog input')")
    for _ in range(8):
        await scene.tab.press("Tab")
        assert await scene.tab.run(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await scene.tab.click("dialog .button.is-primary")
    await scene.tab.until_text("This is needed.", "dialog")
    await scene.tab.click("dialog input")
    await scene.tab.type("Ada")
    await scene.tab.click("dialog .select")
    await scene.tab.click("dialog .choice", text="Blue")
    await scene.tab.click("dialog .button.is-primary")
    sent = await scene.app.heard("INTERACTION_CREATE")
    fields = [one["component"] for one in sent["data"]["components"]]
    assert (fields[0]["custom_id"], fields[0]["value"]) == ("name", "Ada")
    assert (fields[1]["custom_id"], fields[1]["values"]) == ("colour", ["blue"])
    await scene.app.answer(sent, 4, content="Hello Ada", flags=EPHEMERAL)
    await scene.tab.until("!document.querySelector('dialog')")
    await scene.tab.until_text("Hello Ada", "#log")


async def test_message_menu_offers_the_apps_entries(scene: Scene) -> None:
    await scene.app.set_commands({"name": "Remember this", "type": 3})
    await scene.open(scene.dm_id)
    message = await scene.app.post(scene.dm_id, content="worth keeping")
    await scene.tab.hover(".message", text="worth keeping")
    await scene.tab.click(".tool[aria-label='More']")
    await scene.tab.click(".menu-item", text="Remember this")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert used["data"]["target_id"] == message["id"]
    await scene.app.answer(used, 4, content="Kept.", flags=EPHEMERAL)
    await scene.tab.until_text("Kept.", "#log")


async def test_components_of_the_second_kind_are_drawn(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    button = {"type": 2, "style": 2, "label": "More", "custom_id": "more"}
    inner = [
        {"type": 10, "content": "## Mood\n**calm**"},
        {"type": 14, "divider": True, "spacing": 2},
        {"type": 9, "components": [{"type": 10, "content": "A section"}], "accessory": button},
        {"type": 1, "components": [{"type": 5, "custom_id": "who", "placeholder": "Who?"}]},
    ]
    container = {"type": 17, "accent_color": 0xB3396E, "components": inner}
    await scene.app.post(scene.dm_id, flags=COMPONENTS_V2, components=[container])
    await scene.tab.until_text("A section", ".container.has-accent .section")
    assert (
        await scene.tab.run("getComputedStyle(document.querySelector('.container')).borderLeftColor")
        == "rgb(179, 57, 110)"
    )
    await scene.tab.until("document.querySelector('.separator.is-line.is-wide') && document.querySelector('.select')")
    assert scene.tab.complaints == []


async def test_a_right_click_offers_the_apps_entries_on_a_server_too(scene: Scene) -> None:
    await scene.app.set_commands({"name": "Why did you say this?", "type": 3})
    await scene.open(scene.channel())
    message = await scene.app.post(scene.channel(), content="worth asking")
    await _right_click(scene, "worth asking")
    await scene.tab.until_text("Apps", "[role=menu]")
    await scene.tab.click(".menu-item", text="Why did you say this?")
    used = await scene.app.heard("INTERACTION_CREATE")
    assert (used["data"]["target_id"], used["data"]["type"]) == (message["id"], 3)
    assert used["data"]["resolved"]["messages"][message["id"]]["content"] == "worth asking"
    await scene.app.answer(used, 4, content="Because.", flags=EPHEMERAL)
    await scene.tab.until_text("Because.", "#log")


async def test_a_thread_opened_on_the_page_is_a_room_in_the_sidebar(scene: Scene) -> None:
    await scene.open(scene.channel())
    message = await scene.app.post(scene.channel(), content="which book next?")
    await _right_click(scene, "which book next?")
    await scene.tab.click(".menu-item", text="Open a thread")
    await scene.tab.until("document.querySelector('dialog input')?.value === 'which book next?'")
    await scene.tab.type("Books, at length")
    await scene.tab.press("Enter")
    opened = await scene.app.heard("THREAD_CREATE")
    assert (opened["id"], opened["name"]) == (message["id"], "Books, at length")
    await scene.tab.until_text("Books, at length", ".sidebar-list .is-thread.is-current")
    await scene.tab.click("#composer-input")
    await scene.tab.type("the one with the crow")
    await scene.tab.press("Enter")
    said = await scene.app.heard("MESSAGE_CREATE", lambda one: one["channel_id"] == opened["id"] and one["type"] == 0)
    assert said["author"]["id"] == scene.person["id"]
    await scene.tab.click(".sidebar-list [data-channel]", text=scene.guild["channels"][0]["name"])
    await scene.tab.until_text("Books, at length", ".thread-chip")
    assert scene.tab.complaints == []


async def test_what_is_forwarded_stands_apart_from_own_words(scene: Scene) -> None:
    await scene.open(scene.channel())
    await scene.app.post(scene.channel(), content="the **tea** is ready")
    await _right_click(scene, "the tea is ready")
    await scene.tab.click(".menu-item", text="Forward")
    await scene.tab.click(".menu-item", text=scene.guild["channels"][1]["name"])
    sent = await scene.app.heard("MESSAGE_CREATE", lambda one: one["channel_id"] == scene.channel(1))
    assert sent["message_reference"]["type"] == 1
    await scene.tab.click(".sidebar-list [data-channel]", text=scene.guild["channels"][1]["name"])
    await scene.tab.until_text("the tea is ready", ".forwarded")
    assert scene.tab.complaints == []


async def _right_click(scene: Scene, text: str) -> None:
    await scene.tab.hover(".message", text=text)
    event = "new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: 400, clientY: 300 })"
    node = f"[...document.querySelectorAll('.message')].find((one) => one.textContent.includes({text!r}))"
    await scene.tab.run(f"{node}.dispatchEvent({event})")
