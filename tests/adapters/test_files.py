"""Attachments fetched from where Discord keeps them: how much, how long, and from nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.adapters.files import AttachmentFiles
from bot.errors import DeliveryError

CONTENT = bytes(range(256)) * 400


@pytest.fixture
async def base() -> AsyncIterator[str]:
    """Run a server that keeps files, and give its address."""

    async def whole(_request: web.Request) -> web.Response:
        return web.Response(body=CONTENT)

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"\0" * 65536)

    async def packed(_request: web.Request) -> web.Response:
        answer = web.Response(body=b"\0" * 1_000_000)
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    async def silent(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    async def moved(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    app = web.Application()
    for name, handler in {
        "whole": whole,
        "endless": endless,
        "packed": packed,
        "silent": silent,
        "moved": moved,
    }.items():
        app.router.add_get(f"/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def files(base: str) -> AsyncIterator[AttachmentFiles]:
    source = AttachmentFiles(f"{base}/api/v10")
    yield source
    await source.aclose()


async def test_a_file_comes_whole_up_to_its_limit(files, base):
    assert await files.fetch(f"{base}/whole?ex=1&is=2", most_bytes=len(CONTENT)) == CONTENT
    assert await files.fetch(f"{base}/moved?to=/whole", most_bytes=len(CONTENT)) == CONTENT


@pytest.mark.parametrize(
    "path",
    [
        "whole",  # it says that it is larger than may be read
        "endless",
        "packed",
        "none",
        "moved?to=/moved?to=/whole",
        "moved?to=http://127.0.0.2:1/whole",
        "moved?to=file:///etc/passwd",
    ],
)
async def test_what_cannot_be_had_is_a_delivery_error_without_its_address(files, base, path):
    with pytest.raises(DeliveryError) as refused:
        await files.fetch(f"{base}/{path}", most_bytes=50_000)
    assert "127.0.0" not in str(refused.value) and refused.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "/etc/passwd", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "http://127.0.0.1:1/x"],
)
async def test_odd_addresses_are_delivery_errors(files, url):
    with pytest.raises(DeliveryError):
        await files.fetch(url, most_bytes=10)


async def test_waiting_can_be_given_up(files, base):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await files.fetch(f"{base}/silent", most_bytes=10)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/cat.png",
        "https://cdn.discordapp.com.example.com/cat.png",
        "https://example.com/cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com@example.com/cat.png",
        "https://user@cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com:8443/cat.png",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/cat.png",
    ],
)
@pytest.mark.parametrize("api_url", [None, "https://discord.com/api/v10", "https://canary.discord.com/api/v10"])
async def test_of_discord_only_its_file_hosts_are_asked(api_url, url):
    source = AttachmentFiles(api_url)
    with pytest.raises(DeliveryError, match="nowhere she may look"):
        await source.fetch(url, most_bytes=10)
    await source.aclose()


@pytest.mark.parametrize("host", ["cdn.discordapp.com", "media.discordapp.net"])
async def test_discords_own_file_hosts_may_be_asked(monkeypatch, host):
    asked = []

    def get(_session, url, **_options):
        asked.append(str(url))
        raise OSError

    monkeypatch.setattr("aiohttp.ClientSession.get", get)
    source = AttachmentFiles()
    with pytest.raises(DeliveryError):
        await source.fetch(f"https://{host}/attachments/1/2/cat.png?ex=3", most_bytes=10)
    await source.aclose()
    assert asked == [f"https://{host}/attachments/1/2/cat.png?ex=3"]
