"""An OpenAI-compatible server that does what a test tells it: answers, faults, delays, refusals.

In a test: ``async with ScriptedModelServer() as server: server.script({"reply": "hi"})``.
For benches: ``python -m tests.scripted_model --port N --latency S``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from zlib import crc32

from aiohttp import web

from playground.completions import (
    DONE,
    STREAM_HEADERS,
    BadRequest,
    Shape,
    Writer,
    error_body,
    read_body,
    text_of,
    usage_of,
    wait_for_stdin_end,
)

FOREVER_S = 3600.0  # longer than any test waits
VECTOR_LENGTH = 48
FEATURE_PARAMS = {
    Shape.JSON_SCHEMA: "response_format",
    Shape.JSON_OBJECT: "response_format",
    Shape.TOOL: "tool_choice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the server does with one request. Counts of chunks start after the opening event."""

    answer: Mapping[str, Any] | None = None  # sent as JSON
    text: str | None = None  # sent as it is, in place of an answer
    reasoning: str = ""  # sent first, as reasoning_content
    refusal: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Any = None  # body of a refusal; OpenAI's shape by default
    raw: bytes | None = None  # a body sent as it is, with the status
    raw_type: str = "application/json"
    first_delay_s: float = 0.0
    chunk_delay_s: float = 0.0
    chunk_chars: int = 24
    drop: bool = False  # close the socket without a byte
    hang: bool = False  # never answer at all
    hang_after: int | None = None  # go quiet after so many chunks
    cut_after: int | None = None  # close the socket after so many chunks
    end_after: int | None = None  # end the stream cleanly after so many chunks, with no finish reason
    error_after: int | None = None  # send an error event after so many chunks
    ignore_stream: bool = False
    as_plain_content: bool = False  # put the answer in content even where a tool call was asked
    finish_reason: str | None = None
    send_usage: bool = True
    cached_tokens: int = 0


Scripted = Behaviour | Mapping[str, Any] | str | int
Answerer = Callable[[Mapping[str, Any]], Scripted]


def refs_of(body: Mapping[str, Any]) -> list[str]:
    """Give the ids of the messages that wait: JSON lines with a ``ref`` after her last words."""
    refs: list[str] = []
    for message in reversed(body["messages"]):
        if message.get("role") == "assistant":
            break
        for line in text_of(message).splitlines():
            if line.startswith("{") and '"ref"' in line:
                try:
                    refs.append(str(json.loads(line)["ref"]))
                except (ValueError, KeyError):
                    continue
    return refs


def pictures_of(body: Mapping[str, Any]) -> list[bytes]:
    """Give the pictures of a request in order, decoded from their data addresses."""
    contents = (message["content"] for message in body["messages"])
    parts = [part for content in contents if isinstance(content, list) for part in content]
    urls = [str(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"]
    return [b64decode(url.partition(";base64,")[2], validate=True) for url in urls]


def plain_answer(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a whole, unexciting answer that appraises each waiting message as neutral."""
    axes = (
        "desirability",
        "praiseworthiness",
        "warmth",
        "respect",
        "trust_signal",
        "user_valence",
        "prospect",
    )
    axes += ("unexpectedness", "interest", "humor", "apology", "own_fault")
    return {
        "appraisals": [{"message": ref, **dict.fromkeys(axes, 0), "confidence": 0.5} for ref in refs_of(body)],
        "intent": "reply",
        "reply": "I heard you, every word of it.\n\nGo on, I am not going anywhere.",
        "reaction": None,
        "expression": None,
        "persona": None,
        "later": None,
        "reminders": [],
        "memories": [],
        "promises": [],
    }


def vector_of(text: str) -> list[float]:
    """Give a text the sum of its words' directions: texts that share words are near each other."""
    vector = [0.01] * VECTOR_LENGTH
    for word in re.findall(r"\w+", text.lower()):
        vector[crc32(word.encode()) % VECTOR_LENGTH] += 1.0
    return vector


def _as_behaviour(scripted: Scripted) -> Behaviour:
    match scripted:
        case Behaviour():
            return scripted
        case int():
            return Behaviour(status=scripted)
        case str():
            return Behaviour(text=scripted)
    return Behaviour(answer=scripted)


class ScriptedModelServer:
    """A loopback model server; `requests` holds every body it was sent, oldest first."""

    def __init__(self, *, port: int = 0, latency_s: float = 0.0, default: Scripted | Answerer = plain_answer) -> None:
        self.requests: list[dict[str, Any]] = []
        self.request_headers: list[Mapping[str, str]] = []
        self.models: Sequence[str] = ("scripted",)
        self.default = default
        self.latency_s = latency_s
        self.keeps_requests = True
        self.refused_shapes: set[Shape] = set()
        self.refused_params: set[str] = set()
        self.refusal_status = 400
        self.picture_refusal: Scripted | None = None  # what a request with pictures gets; None takes them
        self.embed_models: Sequence[str] = ()  # models for embeddings, of which each other name is refused
        self.embed_failure: Scripted | None = None  # what is answered in place of vectors
        self.embedded: list[str] = []  # every text for which a vector was asked, oldest first
        self.open_calls = 0
        self.most_open_calls = 0
        self._port = port
        self._queue: deque[Behaviour] = deque()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/embeddings", self._embed)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """Give the address for OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    def script(self, *behaviours: Scripted) -> None:
        """Queue what to do with the next requests; afterwards `default` answers again."""
        self._queue.extend(_as_behaviour(one) for one in behaviours)

    @property
    def is_spent(self) -> bool:
        """Say whether everything scripted was used."""
        return not self._queue

    async def _list_models(self, _request: web.Request) -> web.Response:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self.models]
        return web.json_response({"object": "list", "data": data})

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["model"] not in self.embed_models:
            return web.json_response(error_body(f"model {body['model']!r} not found", kind="not_found"), status=404)
        self.embedded += body["input"]
        if self.embed_failure is not None:
            return await self._perform(request, body, _as_behaviour(self.embed_failure))
        data = [
            {"object": "embedding", "index": place, "embedding": vector_of(text)}
            for place, text in enumerate(body["input"])
        ]
        return web.json_response({"object": "list", "model": body["model"], "data": data})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.open_calls += 1
        self.most_open_calls = max(self.most_open_calls, self.open_calls)
        try:
            body = await read_body(request)
            if self.keeps_requests:
                self.requests.append(body)
                self.request_headers.append(dict(request.headers))
            self._check_features(body)
            if self.picture_refusal is not None and pictures_of(body):
                return await self._perform(request, body, _as_behaviour(self.picture_refusal))
            return await self._perform(request, body, self._next(body))
        except BadRequest as refused:
            return web.json_response(refused.body, status=refused.status)
        finally:
            self.open_calls -= 1

    def _check_features(self, body: Mapping[str, Any]) -> None:
        for name in self.refused_params & body.keys():
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            raise BadRequest(message, param=name, code="unsupported_parameter", status=self.refusal_status)
        shape = Writer.for_body(body).shape
        if shape in self.refused_shapes:
            param = FEATURE_PARAMS[shape]
            message = f"Invalid parameter: '{param}' of type '{shape}' is not supported with this model."
            raise BadRequest(message, param=param, status=self.refusal_status)

    def _next(self, body: Mapping[str, Any]) -> Behaviour:
        if self._queue:
            return self._queue.popleft()
        return _as_behaviour(self.default(body) if callable(self.default) else self.default)

    async def _perform(self, request: web.Request, body: Mapping[str, Any], does: Behaviour) -> web.StreamResponse:
        delay_s = does.first_delay_s + self.latency_s
        if does.hang:
            delay_s = FOREVER_S
        if delay_s:
            await asyncio.sleep(delay_s)
        if does.drop:
            return _cut(request)
        if does.raw is not None:
            headers = {"Content-Type": does.raw_type, **does.headers}
            return web.Response(body=does.raw, status=does.status, headers=headers)
        if does.status >= 400:
            error = does.error or error_body(f"Scripted failure {does.status}.", kind="scripted")
            return web.json_response(error, status=does.status, headers=does.headers)
        writer = Writer.for_body(body)
        if does.as_plain_content:
            writer.shape = Shape.TEXT
        if body.get("stream") and not does.ignore_stream:
            return await _stream(request, body, does, writer)
        return _whole(body, does, writer)


def _content(does: Behaviour) -> str:
    if does.text is not None:
        return does.text
    return "" if does.answer is None else json.dumps(does.answer, ensure_ascii=False)


def _whole(body: Mapping[str, Any], does: Behaviour, writer: Writer) -> web.Response:
    content = _content(does)
    extra: dict[str, Any] = {"refusal": does.refusal} if does.refusal else {}
    if does.reasoning:
        extra["reasoning_content"] = does.reasoning
    usage = usage_of(body, content, does.cached_tokens)
    return web.json_response(writer.whole(content, usage, does.finish_reason, **extra))


async def _stream(request: web.Request, body: Mapping[str, Any], does: Behaviour, writer: Writer) -> web.StreamResponse:
    response = web.StreamResponse(headers={**STREAM_HEADERS, **does.headers})
    await response.prepare(request)
    await response.write(writer.first())
    for number, event in enumerate(_events(does, writer)):
        if number == does.hang_after:
            await asyncio.sleep(FOREVER_S)
        if number == does.cut_after:
            return _cut(request)
        if number == does.end_after:
            return response
        if number == does.error_after:
            error = error_body("The server had an error while processing your request.", kind="server_error")
            await response.write(b"data: " + json.dumps(error).encode() + b"\n\n")
            return response
        if does.chunk_delay_s:
            await asyncio.sleep(does.chunk_delay_s)
        await response.write(event)
    ending = writer.last(does.finish_reason)
    if does.send_usage and (body.get("stream_options") or {}).get("include_usage"):
        ending += writer.usage(usage_of(body, _content(does), does.cached_tokens))
    await response.write(ending + DONE)
    return response


def _events(does: Behaviour, writer: Writer) -> list[bytes]:
    size = does.chunk_chars
    thoughts = [does.reasoning[at : at + size] for at in range(0, len(does.reasoning), size)]
    events = [writer.event({"reasoning_content": thought}) for thought in thoughts]
    if does.refusal:
        events.append(writer.event({"refusal": does.refusal}))
    content = _content(does)
    events += [writer.piece(content[at : at + size]) for at in range(0, len(content), size)]
    return events


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="seconds before the first token")
    options = parser.parse_args()
    async with ScriptedModelServer(port=options.port, latency_s=options.latency) as server:
        server.keeps_requests = False
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        await wait_for_stdin_end()


if __name__ == "__main__":
    asyncio.run(_main())
