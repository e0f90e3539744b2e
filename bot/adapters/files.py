"""Fetches what came with messages from where Discord keeps it, and from nowhere else."""

from __future__ import annotations

import aiohttp
import yarl

from bot.errors import DeliveryError

DISCORD_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
API_HOSTS = ("discord.com", "discordapp.com")
TOTAL_S, CONNECT_S = 5.0, 3.0
REDIRECTS_MOST = 2
CHUNK_BYTES = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})


class AttachmentFiles:
    """A `FileSource` over HTTP; close it with `aclose`.

    *api_url* is where Discord's API is, if not at Discord's own address: such a server keeps its files where it likes,
    and its word on that is taken as its word on everything else is. Of Discord's own only its two file hosts are asked.
    """

    def __init__(self, api_url: str | None = None) -> None:
        self._is_discord = api_url is None or _is_discord(yarl.URL(api_url))
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, url: str, *, most_bytes: int) -> bytes:
        """Give the bytes of one attachment; more than *most_bytes* are never read.

        Raises:
            DeliveryError: it is not there, too large, or nowhere she may look.
        """
        try:
            at = yarl.URL(url)
            for _ in range(REDIRECTS_MOST + 1):
                if not self._may_ask(at):
                    raise _refused("it is nowhere she may look")
                async with self._opened().get(at, allow_redirects=False) as answer:
                    if answer.status not in _MOVED:
                        return await _read(answer, most_bytes)
                    moved = at.join(yarl.URL(answer.headers.get("Location", "")))
                if moved.origin() != at.origin():
                    raise _refused("it leads elsewhere")
                at = moved
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _refused(type(error).__name__) from None  # its text names the address, which opens the file
        raise _refused("it leads in a circle")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _may_ask(self, url: yarl.URL) -> bool:
        if not self._is_discord:
            return url.scheme in ("http", "https") and bool(url.host)
        is_plain = url.scheme == "https" and url.explicit_port in (None, 443) and url.user is None
        return is_plain and url.host in DISCORD_HOSTS

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S),
                # unpacked bytes cannot be bounded before they are there
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._is_discord,  # a proxy has no business between two programs of one machine
            )
        return self._session


async def _read(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    if answer.status != 200:
        raise _refused(f"HTTP {answer.status}")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise _refused("it is packed")
    if (answer.content_length or 0) > most_bytes:
        raise _refused("it is too large")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        content += chunk
        if len(content) > most_bytes:
            raise _refused("it is too large")
    return bytes(content)


def _refused(why: str) -> DeliveryError:
    return DeliveryError(f"an attachment cannot be had: {why}", code=0, retryable=False)


def _is_discord(api_url: yarl.URL) -> bool:
    host = api_url.host or ""
    return host in API_HOSTS or host.endswith(tuple(f".{one}" for one in API_HOSTS))
