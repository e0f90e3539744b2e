"""A model server that answers at once, or after a set latency, and keeps its own time.

Runs as a process of its own: ``python -m bench.model --latency S --paragraphs N``. Answers stream in
pieces of 24 characters, each written by itself. ``GET /bench/calls`` gives and forgets what was kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from playground.completions import (
    DONE,
    STREAM_HEADERS,
    BadRequest,
    Writer,
    read_body,
    text_of,
    usage_of,
    wait_for_stdin_end,
)
from tests.scripted_model import plain_answer

PIECE_CHARS = 24  # about five tokens, what a fast server sends in one event
PARAGRAPHS = (
    "I heard you, every word of it.",
    "Go on, I am not going anywhere.",
    "And then? You stopped at the good part.",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: monotonic seconds of its arrival, first byte out and last byte out, and its prompt."""

    received: float
    first_byte: float
    done: float
    prompt: str | None


class BenchModel:
    """Answers every request with the same paragraphs and keeps a `Call` of each."""

    def __init__(self, *, latency_s: float, paragraphs: int, keeps_prompts: bool) -> None:
        self._latency_s = latency_s
        self._reply = "\n\n".join(PARAGRAPHS[:paragraphs])
        self._keeps_prompts = keeps_prompts
        self._calls: list[Call] = []

    def application(self) -> web.Application:
        """Give the server's routes."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/bench/calls", self._give_calls)
        return app

    async def _list_models(self, _request: web.Request) -> web.Response:
        one = {"id": "bench", "object": "model", "created": 0, "owned_by": "bench"}
        return web.json_response({"object": "list", "data": [one]})

    async def _give_calls(self, _request: web.Request) -> web.Response:
        calls, self._calls = self._calls, []
        return web.json_response([asdict(call) for call in calls])

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        received = time.monotonic()
        try:
            body = await read_body(request)
            writer = Writer.for_body(body)
        except BadRequest as refused:
            return web.json_response(refused.body, status=refused.status)
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        content = json.dumps({**plain_answer(body), "reply": self._reply}, ensure_ascii=False)
        first_byte = time.monotonic()
        if body.get("stream"):
            response = await _stream(request, body, writer, content)
        else:
            response = web.json_response(writer.whole(content, usage_of(body, content)))
        prompt = _prompt_of(body) if self._keeps_prompts else None
        self._calls.append(Call(received, first_byte, time.monotonic(), prompt))
        return response


async def _stream(request: web.Request, body: Mapping[str, Any], writer: Writer, content: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=STREAM_HEADERS)
    await response.prepare(request)
    await response.write(writer.first())
    for at in range(0, len(content), PIECE_CHARS):
        await response.write(writer.piece(content[at : at + PIECE_CHARS]))
    ending = writer.last()
    if (body.get("stream_options") or {}).get("include_usage"):
        ending += writer.usage(usage_of(body, content))
    await response.write(ending + DONE)
    await response.write_eof()
    return response


def _prompt_of(body: Mapping[str, Any]) -> str:
    return "".join(text_of(message) for message in body["messages"])


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, metavar="S")
    parser.add_argument("--paragraphs", type=int, default=1, choices=range(1, len(PARAGRAPHS) + 1))
    parser.add_argument("--keep-prompts", action="store_true")
    given = parser.parse_args()
    model = BenchModel(latency_s=given.latency, paragraphs=given.paragraphs, keeps_prompts=given.keep_prompts)
    runner = web.AppRunner(model.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    sys.stdout.write(json.dumps({"origin": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await wait_for_stdin_end()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_main())
