"""The page in a real browser: loading, colours, talking, and safety of what is drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.page.conftest import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKENS = Path(__file__).parents[2] / "playground/static/css/tokens.css"
# WCAG 2.2, 1.4.3: contrast of text of normal size.
AA_CONTRAST = 4.5
TEXT_ON = [
    ("text", "bg-main"), ("text", "bg-side"), ("text", "bg-raised"), ("text", "bg-field"), ("text", "bg-mention"),
    ("text", "bg-active"), ("text", "plain"), ("text-soft", "bg-main"), ("text-soft", "bg-field"), ("text-soft", "bg-row"),
    ("text-faint", "bg-main"), ("text-faint", "bg-side"), ("text-faint", "bg-row"), ("text-faint", "bg-field"),
    ("text-faint", "bg-raised"), ("text-faint", "bg-mention"), ("link", "bg-main"), ("link", "bg-raised"),
    ("on-name", "bg-name"), ("warn-text", "warn-bg"), ("danger-text", "bg-main"), ("danger-text", "bg-raised"),
    ("on-accent", "accent"), ("on-accent", "danger"), ("on-accent", "success"),
]  # fmt: skip

HOSTILE = """<img src=x onerror="window.hurt=1"> <script>window.hurt=2</script>
[click](javascript:window.hurt=3) [b](https://example.com"onmouseover="window.hurt=4)
<svg/onload=window.hurt=5> `<b>bold</b>` ||<i onclick=window.hurt=6>x</i>||
```html
<iframe src="javascript:parent.hurt=7"></iframe>
```
**<a href=javascript:hurt=8>a</a>** <t:99999999999999:R> <t:9999999999999:R> <@0> <#1> <@&2> data:text/html,<script>window.hurt=9</script>"""


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_page_loads_without_complaints(scene: Scene, colours: str) -> None:
    await scene.tab.prefer(colours)
    await scene.open(scene.dm_id)
    background = await scene.tab.run("getComputedStyle(document.getElementById('main')).backgroundColor")
    brightness = sum(map(int, re.findall(r"\d+", background)[:3])) / 3
    assert (brightness > 128) == (colours == "light")
    assert scene.tab.complaints == []
    assert all(url.startswith((scene.origin, "blob:", "about:")) for url in scene.tab.requests)


async def test_chosen_colours_are_remembered(scene: Scene) -> None:
    await scene.tab.prefer("light")
    await scene.open(scene.dm_id)
    await scene.tab.click(".me > .quiet")
    assert await scene.tab.run("document.documentElement.dataset.theme") == "dark"
    await scene.open(scene.dm_id)
    assert await scene.tab.run("document.documentElement.dataset.theme") == "dark"


async def test_typed_message_reaches_the_app_and_its_answer_shows(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.click("#composer-input")
    await scene.tab.type("hello **there**")
    await scene.tab.press("Enter")
    heard = await scene.app.heard("MESSAGE_CREATE")
    assert heard["content"] == "hello **there**"
    await scene.tab.until("document.querySelector('.message:not(.is-sending) .md strong')?.textContent === 'there'")
    await scene.app.call("POST", f"/channels/{scene.dm_id}/typing")
    await scene.tab.until_text("is typing", "#typing")
    reference = {"message_id": heard["id"], "channel_id": scene.dm_id}
    await scene.app.post(scene.dm_id, content="and hello to you", message_reference=reference)
    await scene.tab.until_text("and hello to you", "#log")
    await scene.tab.until("document.querySelector('.lead-words')?.textContent === 'hello there'")
    await scene.tab.until("!document.querySelector('#typing').textContent")


async def test_refused_message_says_why_and_can_be_sent_again(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.run("window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('down'))")
    await scene.tab.click("#composer-input")
    await scene.tab.type("keep me")
    await scene.tab.press("Enter")
    await scene.tab.until_text("The server cannot be reached", ".message.is-failed")
    await scene.tab.run("window.fetch = window.realFetch")
    await scene.tab.click(".message.is-failed .link", text="Try again")
    assert (await scene.app.heard("MESSAGE_CREATE"))["content"] == "keep me"
    await scene.tab.until("document.querySelectorAll('.message').length === 1 && !document.querySelector('.is-failed')")


async def test_mention_is_completed_and_sent_as_id(scene: Scene) -> None:
    await scene.open(scene.channel())
    await scene.tab.click("#composer-input")
    await scene.tab.type("@" + scene.app.user["username"][:3])
    await scene.tab.until("document.querySelector('.suggestions .choice.is-active')")
    await scene.tab.press("Enter")
    await scene.tab.type("hey")
    await scene.tab.press("Enter")
    heard = await scene.app.heard("MESSAGE_CREATE")
    assert heard["content"] == f"<@{scene.app.user['id']}> hey"
    await scene.tab.until("document.querySelector('.message .mention')?.textContent.startsWith('@')")


async def test_hostile_text_stays_text(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    embed = {"title": HOSTILE[:200], "description": HOSTILE, "url": "https://example.com/", "fields": [{"name": "<b>n</b>", "value": HOSTILE}]}
    await scene.app.post(scene.dm_id, content=HOSTILE, embeds=[embed])
    await scene.tab.until("document.querySelector('.embed')")
    await scene.tab.run("document.querySelectorAll('.message .spoiler').forEach((one) => one.click())")
    inside = "document.querySelector('#log')"
    assert await scene.tab.run(f"{inside}.querySelectorAll('img, script, iframe, [onerror], [onclick], [onmouseover], svg[onload]').length") == 0
    links = await scene.tab.run(f"[...{inside}.querySelectorAll('a')].map((one) => one.protocol)")
    assert set(links) <= {"https:", "http:"}
    assert await scene.tab.run("window.hurt ?? null") is None
    assert await scene.tab.run(f"{inside}.innerText.includes('<script>window.hurt=2</script>')")
    assert scene.tab.complaints == []


async def test_markdown_is_drawn_like_discord(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    text = "# Title\n**b** *i* __u__ ~~s~~ `c`\n> quoted\n- one\n  - two\n3. three\n-# small\n[words](https://example.com/a) ||hidden||\n```py\nx = 1\n```"
    await scene.app.post(scene.dm_id, content=text)
    await scene.tab.until("document.querySelector('.message .fence')")
    drawn = await scene.tab.run(
        "Object.fromEntries(['.md-h1','strong','em','u','s','.md-text > code','blockquote','li','li li','.md-sub','a','.spoiler','.fence code']"
        ".map((one) => [one, document.querySelector('.message .md ' + one)?.textContent]))"
    )
    assert drawn == {
        ".md-h1": "Title", "strong": "b", "em": "i", "u": "u", "s": "s", ".md-text > code": "c", "blockquote": "quoted", "li": "onetwo",
        "li li": "two", ".md-sub": "small", "a": "words", ".spoiler": "hidden", ".fence code": "x = 1",
    }  # fmt: skip


async def test_edit_delete_and_reaction_show(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    message = await scene.app.post(scene.dm_id, content="first")
    gone = await scene.app.post(scene.dm_id, content="going")
    await scene.tab.until_text("going", "#log")
    await scene.app.call("PATCH", f"/channels/{scene.dm_id}/messages/{message['id']}", {"content": "second"})
    await scene.app.call("DELETE", f"/channels/{scene.dm_id}/messages/{gone['id']}")
    await scene.app.call("PUT", f"/channels/{scene.dm_id}/messages/{message['id']}/reactions/%E2%AD%90/@me")
    await scene.tab.until_text("second (edited)", "#log")
    await scene.tab.until("document.querySelectorAll('.message').length === 1")
    await scene.tab.click(".reaction[aria-pressed='false']", text="⭐")
    await scene.tab.until("document.querySelector('.reaction[aria-pressed=\"true\"]')?.textContent === '⭐2'")


async def test_own_last_message_is_edited_with_arrow_up(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.click("#composer-input")
    await scene.tab.type("teh")
    await scene.tab.press("Enter")
    await scene.tab.until("document.querySelector('.message:not(.is-sending)')")
    await scene.tab.press("ArrowUp")
    await scene.tab.until("document.activeElement.classList.contains('editor')")
    await scene.tab.press("Backspace", "Backspace", "Backspace")
    await scene.tab.type("the")
    await scene.tab.press("Enter")
    await scene.tab.until_text("the (edited)", "#log")
    await scene.tab.until("document.activeElement.id === 'composer-input'")


async def test_keyboard_alone_sends_a_message(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.run("document.activeElement.blur()")
    await scene.tab.press("Tab")
    assert await scene.tab.run("document.activeElement.className") == "skip"
    await scene.tab.press("Enter")
    await scene.tab.until("document.activeElement.id === 'composer-input'")
    await scene.tab.type("by keys")
    await scene.tab.press("Enter")
    assert (await scene.app.heard("MESSAGE_CREATE"))["content"] == "by keys"
    await scene.tab.until("document.querySelector('.message:not(.is-sending)')")
    await scene.tab.press("Tab", modifier="Shift")
    await scene.tab.press("Tab", modifier="Shift")
    await scene.tab.until("document.activeElement.closest('.message')")


async def test_everything_focusable_can_be_reached_and_named(scene: Scene) -> None:
    await scene.open(scene.channel())
    unnamed = await scene.tab.run(
        "[...document.querySelectorAll('button, a[href], input, textarea')].filter((one) => one.getClientRects().length"
        " && !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)"
    )
    assert unnamed == []
    landmarks = await scene.tab.run("[...document.querySelectorAll('main, nav, aside:not([hidden]), [role=log]')].map((one) => one.getAttribute('aria-label'))")
    assert len(landmarks) >= 4 and all(landmarks)


async def test_being_someone_else_changes_who_writes(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.click(".me-switch")
    await scene.tab.click("[role=menuitemradio][aria-checked=false]")
    await scene.tab.until(f"!location.search.includes('as={scene.person['id']}')")
    await scene.tab.until("document.querySelector('.log-intro h2')")
    await scene.tab.click("#composer-input")
    await scene.tab.type("it is me")
    await scene.tab.press("Enter")
    heard = await scene.app.heard("MESSAGE_CREATE")
    assert heard["author"]["id"] != scene.person["id"]


async def test_lost_socket_comes_back_with_what_was_missed(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    await scene.tab.run(
        "document.querySelector('#app').dataset.waited = ''; 1"
    )
    await scene.app.post(scene.dm_id, content="while you were away")
    await scene.tab.send("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    await scene.tab.until_text("while you were away", "#log")


async def test_phone_width_has_no_sideways_scroll(scene: Scene) -> None:
    await scene.tab.resize(360, 700, mobile=True)
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content="w" * 400 + "\n```\n" + "x" * 300 + "\n```")
    await scene.tab.until("document.querySelector('.fence')")
    assert await scene.tab.run("document.documentElement.scrollWidth <= innerWidth && document.querySelector('#log').scrollWidth <= innerWidth")
    await scene.tab.click("#head .only-narrow")
    await scene.tab.until("document.querySelector('#sidebar').getBoundingClientRect().left >= 0")
    await scene.tab.press("Escape")
    await scene.tab.until("document.activeElement.id === 'composer-input'")


def _colours(which: int) -> dict[str, tuple[float, ...]]:
    found = {}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text()):
        found[name] = tuple(int((light, dark)[which][at : at + 2], 16) / 255 for at in (1, 3, 5))
    found["on-accent"] = (1.0, 1.0, 1.0)
    return found


def _luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
async def test_text_colours_keep_aa_contrast(which: int) -> None:
    colours = _colours(which)
    low = {}
    for text, ground in TEXT_ON:
        high, less = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        if (ratio := (high + 0.05) / (less + 0.05)) < AA_CONTRAST:
            low[f"{text} on {ground}"] = round(ratio, 2)
    assert not low, json.dumps(low)
