"""A server that sends bytes as a test says and then closes, resets or goes quiet: HTTP below HTTP's rules."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # linger for no time: the close becomes a reset


@dataclass
class RawServer:
    """What the server does: *sends*, *adds* after a moment, then *ends* by ``close``, ``reset`` or ``stall``."""

    base_url: str = ""
    sends: bytes = b""
    adds: bytes = b""
    ends: str = "close"
    connections: int = 0
    open_connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do it to one connection."""
        self.connections += 1
        self.open_connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(length)
            writer.write(self.sends)
            await writer.drain()
            if self.adds:
                await asyncio.sleep(0.05)
                writer.write(self.adds)
                await writer.drain()
            if self.ends == "stall":
                await reader.read()  # until the client has had enough
            if self.ends == "reset":
                await asyncio.sleep(0.02)  # what was sent arrives first
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_connections -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def chunk(data: bytes) -> bytes:
    """Frame *data* as one chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    """Run one while the context is open."""
    raw = RawServer()
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield raw
