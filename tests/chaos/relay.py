"""A TCP relay between the bot and one of its servers: a place to cut cables at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

CHUNK_BYTES = 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False, slots=True)
class Cable:
    """One connection: both its ends, and the port of the process that opened it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    client_port: int

    def cut(self) -> None:
        """Reset both ends."""
        for end in (self.near, self.far):
            end.transport.abort()


class Relay:
    """Listens on loopback and passes everything on to what *reach* opens."""

    def __init__(self, reach: Callable[[], Awaitable[Streams]]) -> None:
        self._reach = reach
        self._cables: set[Cable] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self, client_ports: set[int] | None = None) -> int:
        """Reset every connection, or those of the given ports; gives how many."""
        found = [one for one in self._cables if client_ports is None or one.client_port in client_ports]
        for cable in found:
            cable.cut()
        return len(found)

    async def stall(self, seconds: float) -> None:
        """Pass nothing on for a while; nothing is lost by it."""
        self._flow.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._flow.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        cable = Cable(writer, far_writer, writer.get_extra_info("peername")[1])
        self._cables.add(cable)
        pumps = (self._pump(reader, far_writer), self._pump(far_reader, writer))
        try:
            await asyncio.gather(*pumps)
        finally:
            self._cables.discard(cable)
            cable.cut()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass on one direction; its end ends that direction alone, a reset ends both."""
        try:
            while data := await source.read(CHUNK_BYTES):
                await self._flow.wait()
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()
        except (OSError, RuntimeError):
            sink.transport.abort()
