"""Drives a headless Chromium over the DevTools protocol, with nothing but aiohttp."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
START_TIMEOUT_S = 20.0
WAIT_TIMEOUT_S = 8.0
POLL_S = 0.03
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
# DevTools wants a key code beside the name for keys that edit or move.
KEY_CODES = {
    "Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37,
    "ArrowRight": 39, "Home": 36, "End": 35, "Delete": 46, " ": 32,
}  # fmt: skip
KEY_TEXT = {"Enter": "\r", " ": " "}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class PageError(AssertionError):
    """A script threw, or something did not show in time."""


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())
        self.complaints: list[str] = []
        self.requests: list[str] = []

    async def start(self) -> None:
        """Listen to the console, the log and the network."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.send(f"{domain}.enable")

    async def send(self, method: str, **params: Any) -> Any:
        """Call one DevTools method and return its result."""
        number = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(answer, WAIT_TIMEOUT_S * 2)

    async def open(self, address: str) -> None:
        """Go to *address* and wait until it has loaded."""
        await self.send("Page.navigate", url=address)
        await self.until("document.readyState === 'complete' && location.href.startsWith('http')")

    async def run(self, script: str) -> Any:
        """Evaluate an expression (promises are awaited) and return its value."""
        made = await self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in made:
            details = made["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return made["result"].get("value")

    async def until(self, script: str, *, timeout_s: float = WAIT_TIMEOUT_S) -> Any:
        """Wait until the expression is truthy and return its value."""
        # A node has no value of its own that could be handed over.
        asked = f"Promise.resolve({script}).then((found) => found instanceof Node || found)"
        deadline = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < deadline:
            with suppress(PageError):
                value = await self.run(asked)
                if value:
                    return value
            await asyncio.sleep(POLL_S)
        raise PageError(f"not within {timeout_s} s: {script}\npage shows: {await self.run('document.body.innerText')}")

    async def until_text(self, text: str, within: str = "body") -> None:
        """Wait until *text* can be read inside the first element that matches *within*."""
        await self.until(f"document.querySelector({json.dumps(within)})?.innerText.includes({json.dumps(text)})")

    async def click(self, selector: str, *, text: str | None = None) -> None:
        """Click in the middle of the first matching element (that holds *text*), as a mouse does."""
        box = await self.until(_box_script(selector, text))
        place = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
        await self.send("Input.dispatchMouseEvent", type="mousePressed", **place)
        await self.send("Input.dispatchMouseEvent", type="mouseReleased", **place)

    async def hover(self, selector: str, *, text: str | None = None) -> None:
        """Move the mouse over an element."""
        box = await self.until(_box_script(selector, text))
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])

    async def type(self, text: str) -> None:
        """Type text where the focus is."""
        await self.send("Input.insertText", text=text)

    async def press(self, *keys: str, modifier: str | None = None) -> None:
        """Press keys one after the other."""
        held = MODIFIERS.get(modifier or "", 0)
        for key in keys:
            code = KEY_CODES.get(key, 0)
            common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": held}
            text = KEY_TEXT.get(key, key if len(key) == 1 else None)
            down = {**common, "type": "keyDown" if text else "rawKeyDown"} | ({"text": text} if text else {})
            await self.send("Input.dispatchKeyEvent", **down)
            await self.send("Input.dispatchKeyEvent", **common, type="keyUp")

    async def resize(self, width: int, height: int, *, scale: float = 1, mobile: bool = False) -> None:
        """Give the page a window of this size."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    async def prefer(self, scheme: str) -> None:
        """Let the system wish for `light` or `dark` colours."""
        await self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def screenshot(self, path: Path) -> None:
        """Save what shows as a PNG."""
        shot = await self.send("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        """Stop listening."""
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            event = json.loads(frame.data)
            if "id" in event:
                self._settle(event)
            else:
                self._notice(event["method"], event["params"])

    def _settle(self, event: dict[str, Any]) -> None:
        answer = self._answers.pop(event["id"], None)
        if answer is None or answer.done():
            return
        if "error" in event:
            answer.set_exception(PageError(event["error"]["message"]))
        else:
            answer.set_result(event["result"])

    def _notice(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning", "assert"}:
            self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])


def _box_script(selector: str, text: str | None) -> str:
    """Find the middle of a visible element, scrolled into view."""
    return f"""(() => {{
      const wanted = {json.dumps(text)};
      const node = [...document.querySelectorAll({json.dumps(selector)})]
        .find((one) => one.getClientRects().length && (wanted === null || one.textContent.includes(wanted)));
      if (!node) return null;
      node.scrollIntoView({{ block: 'nearest' }});
      const box = node.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    }})()"""


class Browser:
    """A running Chromium."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._origin = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def tab(self, *, width: int = 1280, height: int = 820) -> AsyncIterator[Tab]:
        """Open an empty page in a context of its own: no cookies, no remembered choices."""
        async with self._session.get(f"{self._origin}/json/version") as answer:
            address = (await answer.json(content_type=None))["webSocketDebuggerUrl"]
        async with self._session.ws_connect(address) as control:
            context = await _ask(control, 1, "Target.createBrowserContext", {"disposeOnDetach": True})
            made = await _ask(control, 2, "Target.createTarget", {"url": "about:blank", **context})
            page = f"{self._origin.replace('http', 'ws')}/devtools/page/{made['targetId']}"
            tab = Tab(await self._session.ws_connect(page, max_msg_size=0))
            try:
                await tab.start()
                await tab.resize(width, height)
                yield tab
            finally:
                await tab.close()


async def _ask(socket: aiohttp.ClientWebSocketResponse, number: int, method: str, params: dict[str, Any]) -> Any:
    await socket.send_json({"id": number, "method": method, "params": params})
    while True:
        answer = await socket.receive_json(timeout=WAIT_TIMEOUT_S)
        if answer.get("id") == number:
            if "error" in answer:
                raise PageError(answer["error"]["message"])
            return answer["result"]


@asynccontextmanager
async def open_browser(profile: Path) -> AsyncIterator[Browser]:
    """Start Chromium with *profile* as its folder, and end it with all its children."""
    if CHROMIUM is None:
        raise PageError("Chromium is not installed")
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _debugging_port(profile, process)
        async with aiohttp.ClientSession() as session:
            yield Browser(session, port)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _debugging_port(profile: Path, process: asyncio.subprocess.Process) -> int:
    """Wait for the port that Chromium writes into its profile."""
    note = profile / "DevToolsActivePort"
    deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
    while asyncio.get_running_loop().time() < deadline:
        if process.returncode is not None:
            raise PageError(f"Chromium ended with exit code {process.returncode}")
        lines = await asyncio.to_thread(_lines, note)
        if len(lines) >= 2:
            return int(lines[0])
        await asyncio.sleep(POLL_S)
    raise PageError(f"Chromium did not open its debugging port within {START_TIMEOUT_S} s")


def _lines(note: Path) -> list[str]:
    try:
        return note.read_text().splitlines()
    except FileNotFoundError:
        return []
