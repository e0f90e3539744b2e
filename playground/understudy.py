"""The understudy: a small OpenAI-compatible server with canned lines, for trying Mira without a model.

``python -m playground.understudy [--port N]`` prints one JSON line with its address and ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Mapping
from typing import Any, Self

from aiohttp import web

from playground.completions import (
    DONE,
    STREAM_HEADERS,
    BadRequest,
    Shape,
    Writer,
    error_body,
    read_body,
    usage_of,
    wait_for_stdin_end,
)
from playground.understudy_mind import answer, conform, decide

MODEL_ID = "understudy"
CREATED = 1763683200  # 2025-11-21; a model list wants a date, and canned lines do not age
WORD_DELAY_S = 0.02  # about fifty words a second: visibly streamed, never slow
MAX_BODY_BYTES = 16 * 1024 * 1024
_WORD = re.compile(r"\s*\S+\s*?")


class Understudy:
    """The server, as an async context manager; *port* 0 picks a free one."""

    def __init__(self, port: int = 0, *, word_delay_s: float = WORD_DELAY_S) -> None:
        self._port = port
        self._word_delay_s = word_delay_s
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        runner = web.AppRunner(_application(self), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def base_url(self) -> str:
        """Give the address for OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def health(self, _request: web.Request) -> web.Response:
        """Say that it runs."""
        return web.json_response({"status": "ok", "model": MODEL_ID})

    async def list_models(self, _request: web.Request) -> web.Response:
        """List the one model."""
        return web.json_response({"object": "list", "data": [_model()]})

    async def show_model(self, request: web.Request) -> web.Response:
        """Show one model."""
        _check_model(request.match_info["model"])
        return web.json_response(_model())

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer a prompt, streamed or whole."""
        body = await read_body(request)
        _check_model(str(body["model"]))
        writer = Writer.for_body(body)
        text = _text_for(body, writer.shape)
        if body.get("stream"):
            return await self._stream(request, body, writer, text)
        return web.json_response(writer.whole(text, usage_of(body, text)))

    async def _stream(
        self, request: web.Request, body: Mapping[str, Any], writer: Writer, text: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM_HEADERS)
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # whoever asked has hung up
            await response.write(writer.first())
            spoken_from = 0 if writer.shape is Shape.TEXT else text.find('"reply"')
            await self._write_words(response, writer, text, spoken_from)
            await response.write(writer.last())
            if (body.get("stream_options") or {}).get("include_usage"):
                await response.write(writer.usage(usage_of(body, text)))
            await response.write(DONE)
        return response

    async def _write_words(self, response: web.StreamResponse, writer: Writer, text: str, spoken_from: int) -> None:
        """Write word by word; what comes before the reply is not spoken and needs no pace."""
        for word in _WORD.finditer(text):
            if self._word_delay_s and word.start() >= spoken_from:
                await asyncio.sleep(self._word_delay_s)
            await response.write(writer.piece(word.group()))


def _application(server: Understudy) -> web.Application:
    app = web.Application(middlewares=[_openai_errors], client_max_size=MAX_BODY_BYTES)
    app.router.add_get("/health", server.health)
    app.router.add_get("/v1/models", server.list_models)
    app.router.add_get("/v1/models/{model}", server.show_model)
    app.router.add_post("/v1/chat/completions", server.complete)
    return app


@web.middleware
async def _openai_errors(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 — aiohttp's
    try:
        return await handler(request)
    except BadRequest as refused:
        return web.json_response(refused.body, status=refused.status)
    except web.HTTPNotFound:
        message = f"Invalid URL ({request.method} {request.path})"
        return web.json_response(error_body(message), status=404)
    except web.HTTPMethodNotAllowed:
        message = f"Not allowed to {request.method} on {request.path}."
        return web.json_response(error_body(message, code="method_not_supported"), status=405)
    except web.HTTPRequestEntityTooLarge:
        return web.json_response(error_body("The request is too large."), status=413)


def _check_model(name: str) -> None:
    if name != MODEL_ID:
        message = f"The model `{name}` does not exist or you do not have access to it."
        raise BadRequest(message, param="model", code="model_not_found", status=404)


def _model() -> dict[str, Any]:
    return {"id": MODEL_ID, "object": "model", "created": CREATED, "owned_by": "mira"}


def _text_for(body: Mapping[str, Any], shape: Shape) -> str:
    fields = answer(body["messages"])
    if shape is Shape.TEXT:
        return str(fields["reply"])
    schema = _schema_of(body, shape)
    if schema and "speak" in schema.get("properties", ()):
        fields["speak"] = decide(body["messages"])
    return json.dumps(conform(fields, schema) if schema else fields, ensure_ascii=False)


def _schema_of(body: Mapping[str, Any], shape: Shape) -> Mapping[str, Any] | None:
    if shape is Shape.JSON_SCHEMA:
        found = body["response_format"]["json_schema"].get("schema")
    elif shape is Shape.TOOL:
        found = (body["tools"][0].get("function") or {}).get("parameters")
    else:
        found = None
    return found if isinstance(found, dict) else None


async def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    port = parser.parse_args().port
    try:
        async with Understudy(port) as understudy:
            sys.stdout.write(json.dumps({"base_url": understudy.base_url}) + "\n")
            sys.stdout.flush()
            await wait_for_stdin_end()
    except OSError as error:
        sys.stderr.write(f"The understudy cannot listen on port {port}: {error.strerror}.\n")
        return 2
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(_main()))
