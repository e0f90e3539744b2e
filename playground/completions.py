"""The wire of OpenAI's chat completions, as a server speaks it: shapes, bodies, stream events, errors.

Knows nothing of what is said. The understudy speaks through it, and so does the scripted model of the tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

CHARS_PER_TOKEN = 4  # OpenAI's own rule of thumb for English; good enough for made-up usage
STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}
DONE = b"data: [DONE]\n\n"


class Shape(StrEnum):
    """How a request wants its answer formed."""

    JSON_SCHEMA = "json_schema"
    TOOL = "tool"
    JSON_OBJECT = "json_object"
    TEXT = "text"


class BadRequest(Exception):
    """A request the server will not take; carries OpenAI's error body."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(message, param=param, code=code)


def error_body(
    message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """Give an error as OpenAI words it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def shape_of(body: Mapping[str, Any]) -> Shape:
    """Read from a request how its answer is to be formed.

    Raises:
        BadRequest: the response format is one that OpenAI refuses.
    """
    if body.get("tools") and body.get("tool_choice") not in (None, "none", "auto"):
        return Shape.TOOL
    response_format = body.get("response_format") or {"type": "text"}
    match response_format.get("type"):
        case "json_schema":
            _check_schema(response_format.get("json_schema"))
            return Shape.JSON_SCHEMA
        case "json_object":
            _check_word_json(body)
            return Shape.JSON_OBJECT
        case "text":
            return Shape.TEXT
    raise BadRequest(
        f"Invalid value: {response_format.get('type')!r}. "
        "Supported values are: 'json_object', 'json_schema', and 'text'.",
        param="response_format.type",
        code="invalid_value",
    )


def _check_schema(given: object) -> None:
    if not isinstance(given, dict) or not given.get("name"):
        message = "Missing required parameter: 'response_format.json_schema.name'."
        raise BadRequest(message, param="response_format.json_schema.name", code="missing_required_parameter")


def _check_word_json(body: Mapping[str, Any]) -> None:
    if not any("json" in text_of(message).lower() for message in body.get("messages", [])):
        message = "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'."
        raise BadRequest(message, param="messages")


def text_of(message: Mapping[str, Any]) -> str:
    """Give the text of a prompt message, whether it is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


async def read_body(request: web.Request) -> dict[str, Any]:
    """Read and check the parts of a chat-completions request that every server checks.

    Raises:
        BadRequest: it is not JSON, or has no model or no messages.
    """
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise BadRequest("We could not parse the JSON body of your request.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body of the request must be a JSON object.")
    for name in ("model", "messages"):
        if not body.get(name):
            message = f"Missing required parameter: '{name}'."
            raise BadRequest(message, param=name, code="missing_required_parameter")
    if not all(isinstance(message, dict) for message in body["messages"]):
        raise BadRequest("Invalid type for 'messages': expected an array of objects.", param="messages")
    return body


def usage_of(body: Mapping[str, Any], answer: str, cached_tokens: int = 0) -> dict[str, Any]:
    """Estimate token counts the way OpenAI reports them."""
    tokens_in = sum(len(text_of(message)) for message in body["messages"]) // CHARS_PER_TOKEN + 1
    tokens_out = len(answer) // CHARS_PER_TOKEN + 1
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
        "prompt_tokens_details": {"cached_tokens": cached_tokens},
    }


@dataclass(slots=True)
class Writer:
    """Forms one answer, streamed or whole, for one request."""

    model: str
    shape: Shape = Shape.TEXT
    tool_name: str = "answer"
    answer_id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    @classmethod
    def for_body(cls, body: Mapping[str, Any]) -> Writer:
        """Make the writer that a request calls for.

        Raises:
            BadRequest: its response format is refused.
        """
        tools = body.get("tools") or []
        name = tools[0].get("function", {}).get("name", "answer") if tools else "answer"
        return cls(model=str(body["model"]), shape=shape_of(body), tool_name=name)

    def first(self) -> bytes:
        """Give the event that opens an answer."""
        if self.shape is Shape.TOOL:
            call = {"index": 0, "id": f"call_{self.answer_id[-12:]}", "type": "function"}
            call["function"] = {"name": self.tool_name, "arguments": ""}
            return self.event({"role": "assistant", "content": None, "tool_calls": [call]})
        return self.event({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        """Give the event for one more piece of text."""
        if self.shape is Shape.TOOL:
            return self.event({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
        return self.event({"content": text})

    def last(self, finish_reason: str | None = None) -> bytes:
        """Give the event that says why the answer ended."""
        return self.event({}, finish_reason or ("tool_calls" if self.shape is Shape.TOOL else "stop"))

    def event(self, delta: Mapping[str, Any], finish_reason: str | None = None) -> bytes:
        """Give one stream event with this delta."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._sse({"choices": [choice]})

    def usage(self, usage: Mapping[str, Any]) -> bytes:
        """Give the extra event that carries the usage, without a choice."""
        return self._sse({"choices": [], "usage": usage})

    def whole(
        self, text: str, usage: Mapping[str, Any], finish_reason: str | None = None, **extra: object
    ) -> dict[str, Any]:
        """Give the answer as one body."""
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, **extra}
        if self.shape is Shape.TOOL:
            function = {"name": self.tool_name, "arguments": text}
            call = {"id": f"call_{self.answer_id[-12:]}", "type": "function", "function": function}
            message |= {"content": None, "tool_calls": [call]}
        ended = finish_reason or "stop"
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": ended}
        return self._head("chat.completion") | {"choices": [choice], "usage": usage}

    def _sse(self, rest: Mapping[str, Any]) -> bytes:
        event = self._head("chat.completion.chunk") | rest
        return b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.answer_id, "object": kind, "created": self.created, "model": self.model}


async def wait_for_stdin_end() -> None:
    """Return when the standard input closes: how a parent process ends a server it started."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read() -> None:
        # not sys.stdin: its lock, held by this thread at exit, would be a fatal error
        while os.read(sys.stdin.fileno(), 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()
