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
    ("text", "bg-active"), ("text", "plain"), ("text-soft", "bg-main"), ("text-soft", "bg-field"),
    ("text-soft", "bg-row"), ("text-soft", "bg-side"),
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
**<a href=javascript:hurt=8>a</a>** <t:99999999999999:R> <t:9999999999999:R> <@0> <#1> <@&2>
data:text/html,<script>window.hurt=9</script>"""
DANGEROUS = "img, script, iframe, [onerror], [onclick], [onmouseover], svg[onload]"
MARKDOWN = """# Title
**b** *i* __u__ ~~s~~ `c`
> quoted
- one
  - two
3. three
-# small
[words](https://example.com/a) ||hidden||
```py
x = 1
```"""
DRAWN = {
    ".md-h1": "Title", "strong": "b", "em": "i", "u": "u", "s": "s", ".md-text > code": "c", "blockquote": "quoted",
    "li": "onetwo", "li li": "two", ".md-sub": "small", "a": "words", ".spoiler": "hidden", ".fence code": "x = 1",
}  # fmt: skip
PASTE_PICTURE = """(async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const picture = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([picture], 'dot.png', { type: 'image/png' }));
  const field = document.querySelector('#composer-input');
  field.focus();
  field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
})()"""
# Holds the page's sockets, and ends new ones at once while `isCut`.
CUTTABLE_SOCKETS = """
  const Socket = window.WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Socket {
    constructor(address) {
      super(address);
      window.sockets.push(this);
      if (window.isCut) this.close();
    }
  };"""


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
    fields = [{"name": "<b>n</b>", "value": HOSTILE}]
    embed = {"title": HOSTILE[:200], "description": HOSTILE, "url": "https://example.com/", "fields": fields}
    await scene.app.post(scene.dm_id, content=HOSTILE, embeds=[embed])
    await scene.tab.until("document.querySelector('.embed')")
    await scene.tab.run("document.querySelectorAll('.message .spoiler').forEach((one) => one.click())")
    inside = "document.querySelector('#log')"
    assert await scene.tab.run(f"{inside}.querySelectorAll({json.dumps(DANGEROUS)}).length") == 0
    links = await scene.tab.run(f"[...{inside}.querySelectorAll('a')].map((one) => one.protocol)")
    assert set(links) <= {"https:", "http:"}
    assert await scene.tab.run("window.hurt ?? null") is None
    assert await scene.tab.run(f"{inside}.innerText.includes('<script>window.hurt=2</script>')")
    assert scene.tab.complaints == []


async def test_markdown_is_drawn_like_discord(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content=MARKDOWN)
    await scene.tab.until("document.querySelector('.message .fence')")
    read = "(one) => [one, document.querySelector('.message .md ' + one)?.textContent]"
    assert await scene.tab.run(f"Object.fromEntries({json.dumps(list(DRAWN))}.map({read}))") == DRAWN


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
    named = "one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length"
    unnamed = await scene.tab.run(
        "[...document.querySelectorAll('button, a[href], input, textarea')]"
        f".filter((one) => one.getClientRects().length && !({named})).map((one) => one.outerHTML)"
    )
    assert unnamed == []
    marks = "main, nav, aside:not([hidden]), [role=log]"
    landmarks = await scene.tab.run(
        f"[...document.querySelectorAll('{marks}')].map((one) => one.getAttribute('aria-label'))"
    )
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
    await scene.tab.send("Page.addScriptToEvaluateOnNewDocument", source=CUTTABLE_SOCKETS)
    await scene.open(scene.dm_id)
    await scene.tab.run("window.isCut = true; window.sockets.at(-1).close()")
    await scene.tab.until_text("cannot be reached", "#banner")
    await scene.app.post(scene.dm_id, content="while you were away")
    await scene.tab.run("window.isCut = false")
    await scene.tab.until_text("while you were away", "#log")
    await scene.tab.until("document.querySelector('#banner').hidden")


async def test_reply_without_a_ping_names_the_message_only(scene: Scene) -> None:
    await scene.open(scene.channel())
    asked = await scene.app.post(scene.channel(), content="who is there?")
    await scene.tab.hover(".message", text="who is there?")
    await scene.tab.click(".tool[aria-label='Reply']")
    await scene.tab.click(".ping[aria-pressed='true']")
    await scene.tab.until("document.querySelector('.ping').getAttribute('aria-pressed') === 'false'")
    await scene.tab.click("#composer-input")
    await scene.tab.type("me")
    await scene.tab.press("Enter")
    await scene.tab.until_text("who is there?", ".lead-words")
    path = f"/channels/{scene.channel()}/messages?limit=1"
    sent = (await scene.app.call("GET", path))[0]
    assert (sent["message_reference"]["message_id"], sent["mentions"]) == (asked["id"], [])


async def test_pasted_picture_is_sent_and_shown(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    await scene.tab.run(PASTE_PICTURE)
    await scene.tab.until("document.querySelector('.tray-tile img')")
    await scene.tab.type("look")
    await scene.tab.press("Enter")
    heard = await scene.app.heard("MESSAGE_CREATE")
    assert [one["filename"] for one in heard["attachments"]] == ["dot.png"]
    await scene.tab.until("document.querySelector('.message .picture img')?.naturalWidth === 8")
    assert await scene.tab.run("document.querySelector('.message .picture img').alt") == "dot.png"
    assert scene.tab.complaints == []


async def test_absent_app_and_its_return_are_told(scene: Scene) -> None:
    await scene.app.disconnect()
    await scene.open(scene.dm_id)
    await scene.tab.until_text("is not connected", "#banner")
    await scene.tab.until_text("Not connected", "#panel")
    await scene.app.connect()
    await scene.tab.until("document.querySelector('#banner').hidden")
    await scene.tab.until_text("Connected", "#panel")


async def test_panel_tells_mood_model_and_last_turn(scene: Scene) -> None:
    await scene.open(scene.dm_id)
    scene.tell_panel({"mood": None, "model": {"name": "understudy", "kind": "understudy", "health": "ok"}})
    await scene.tab.until_text("Not felt yet", "#panel")
    await scene.tab.until_text("canned lines", "#panel")
    turn = {"channel_id": scene.dm_id, "intent": "reply", "reasons": ["a question"], "model_calls": 1}
    feelings = [{"name": "joy", "percent": 40}, {"name": "awe", "percent": 12}]
    mood = {"label": "<b>bright</b>", "pleasure": 0.5, "arousal": 0.1, "dominance": 0, "emotions": feelings}
    scene.tell_panel({"mood": mood, "last_turn": {**turn, "timings_ms": {"model": 1200}}})
    for shown in ("<b>bright</b>", "40 %", "reply", "a question", "1.2 s"):
        await scene.tab.until_text(shown, "#panel")


async def test_phone_width_has_no_sideways_scroll(scene: Scene) -> None:
    await scene.tab.resize(360, 700, mobile=True)
    await scene.open(scene.dm_id)
    await scene.app.post(scene.dm_id, content="w" * 400 + "\n```\n" + "x" * 300 + "\n```")
    await scene.tab.until("document.querySelector('.fence')")
    widths = "[document.documentElement, document.querySelector('#log')].map((one) => one.scrollWidth - innerWidth)"
    assert max(await scene.tab.run(widths)) <= 0
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
