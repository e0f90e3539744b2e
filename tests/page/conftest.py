"""A browser, a playground and a bare application for the page's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from playground.core import Options
from playground.server import Playground
from tests.page.bare_app import BareApp
from tests.page.browser import CHROMIUM, Browser, Tab, open_browser


class Scene(NamedTuple):
    """A person's open page beside a connected application."""

    tab: Tab
    app: BareApp
    person: dict[str, Any]
    origin: str
    dm_id: str
    guild: dict[str, Any]
    panel: dict[str, Any]

    def channel(self, index: int = 0) -> str:
        """Return the id of one of the server's text channels."""
        return str([one for one in self.guild["channels"] if one["type"] == 0][index]["id"])

    def tell_panel(self, account: dict[str, Any]) -> None:
        """Let the application say this of itself."""
        self.panel.clear()
        self.panel.update(account)

    async def open(self, channel_id: str) -> None:
        """Show a channel as the person."""
        await self.tab.open(f"{self.origin}/?as={self.person['id']}&channel={channel_id}")
        await self.tab.until(READY)


# The page has drawn its channel and its socket is up.
READY = "document.querySelector('.me-switch') && document.querySelector('.log-intro h2, .message')"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """One Chromium for all tests of the page."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; the page's tests need it (apt-get install chromium)")
    async with open_browser(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def panel() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """A small server that tells an application's state: its address and what it tells."""
    account: dict[str, Any] = {}

    async def tell(_request: web.Request) -> web.Response:
        return web.json_response(account or None)

    app = web.Application()
    app.router.add_get("/", tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/", account
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(browser: Browser, panel: tuple[str, dict[str, Any]]) -> AsyncIterator[Scene]:
    """A fresh playground, a connected application, and a tab."""
    address, account = panel
    account.clear()
    async with (
        Playground(port=0, options=Options(panel_url=address)) as playground,
        aiohttp.ClientSession() as session,
        BareApp(session, playground.rest_url, playground.gateway_url, playground.token).connected() as app,
        browser.tab() as tab,
    ):
        origin = playground.page_url.rstrip("/")
        async with session.get(f"{origin}/play/state") as answer:
            people = (await answer.json(content_type=None))["people"]
        person = next(one for one in people if not one.get("bot"))
        async with session.get(f"{origin}/play/state", params={"as": person["id"]}) as answer:
            state = await answer.json(content_type=None)
        dm_id = await app.dm_with(person["id"])
        yield Scene(tab, app, person, origin, dm_id, state["guilds"][0], account)
