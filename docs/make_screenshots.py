"""Talks to the running companion on the playground's page and saves the pictures of the README.

Run from the repository's root while `make playground` runs:
`python -m docs.make_screenshots http://127.0.0.1:8420/`. Needs Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from urllib.request import urlopen

from tests.page.browser import PageError, Tab, open_browser

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT, SCALE = 1280, 800, 1.5
ANSWER_WITHIN_S = 60.0
SETTLED_AFTER_S = 2.5  # a second paragraph, the panel's next look, and the end of animations
LINES = (
    "hey you. long day, but I am home now",
    "I finally finished the painting I told you about. Want to hear how it went?",
)
LOADED = "document.querySelector('.me-switch') && document.querySelector('.log-intro h2, .message')"
ANSWERS = "document.querySelectorAll('.message.is-app:not(.is-ephemeral)').length"


async def talk(tab: Tab, lines: tuple[str, ...]) -> None:
    """Say each line in the open direct message and wait for an answer to it."""
    for line in lines:
        before = int(await tab.run(ANSWERS))
        await tab.click("#composer-input")
        await tab.type(line)
        await tab.press("Enter")
        await tab.until(f"{ANSWERS} > {before}", timeout_s=ANSWER_WITHIN_S)
        await asyncio.sleep(SETTLED_AFTER_S)


async def take(address: str, folder: Path, person_id: str, lines: tuple[str, ...]) -> list[Path]:
    """Talk once, then save one picture in light and one in dark colours."""
    saved = []
    with tempfile.TemporaryDirectory() as profile:
        async with open_browser(Path(profile)) as browser, browser.tab() as tab:
            await tab.resize(WIDTH, HEIGHT, scale=SCALE)
            await tab.open(f"{address}?as={person_id}")
            await tab.until(LOADED)
            await talk(tab, lines)
            for colours in ("light", "dark"):
                await tab.prefer(colours)
                await tab.open(f"{address}?as={person_id}")
                await tab.until(LOADED)
                await asyncio.sleep(SETTLED_AFTER_S)
                saved.append(folder / f"playground-{colours}.png")
                await tab.screenshot(saved[-1])
    return saved


def first_person(address: str) -> str:
    """Return the id of the first of the playground's people."""
    with urlopen(f"{address}play/state", timeout=5) as answer:
        state = json.load(answer)
    return str(state["me"]["id"])


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; exit code 1 says what did not happen."""
    parser = argparse.ArgumentParser(prog="make_screenshots", description="Pictures of the playground's page.")
    parser.add_argument("page", help="the page's address, as `make playground` prints it")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder for the pictures")
    parser.add_argument("--as", dest="person", default=None, help="id of the person who talks (the first one)")
    parser.add_argument("--say", action="append", default=None, help="a line to say; may be repeated")
    given = parser.parse_args(arguments)
    address = given.page.rstrip("/") + "/"
    given.out.mkdir(parents=True, exist_ok=True)
    person_id = given.person or first_person(address)
    try:
        saved = asyncio.run(take(address, given.out, person_id, tuple(given.say or LINES)))
    except (PageError, OSError) as error:
        sys.stderr.write(f"make_screenshots: {error}\n")
        return 1
    sys.stdout.write("".join(f"{path}\n" for path in saved))
    return 0


if __name__ == "__main__":
    sys.exit(main())
