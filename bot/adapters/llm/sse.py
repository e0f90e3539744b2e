"""From the bytes of a chat-completions response to deltas, whether it is streamed or one JSON body.

Tolerates what servers in the field do: missing blank lines and end marks, comments, several line
ends, tool calls as objects, content in parts, a whole body where a stream was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.adapters.llm.scan import ObjectScanner

MAX_RESPONSE_BYTES = 8 * 1024 * 1024  # far above any answer; a runaway server must not fill the memory
TEXT_PARTS = frozenset({None, "text", "output_text"})  # the others are thoughts, images, citations
END_MARK = "[DONE]"


class BrokenResponse(Exception):
    """The response is not a chat completion; the text says what was wrong, never what was in it."""


class ErrorEvent(Exception):
    """The server reported an error inside a response that began well; *body* is its error object."""

    def __init__(self, body: Mapping[str, object]) -> None:
        super().__init__("the server reported an error in the stream")
        self.body = body


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as far as the server gave them."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """What one event adds."""

    text: str = ""
    arguments: str = ""  # of the forced tool call
    refusal: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    is_end: bool = False


class EventReader:
    """Turns response bytes into deltas, piece by piece."""

    def __init__(self) -> None:
        self._buffer = b""
        self._kept = ""  # data lines that are no whole JSON yet
        self._is_body: bool | None = None  # one JSON body instead of a stream; None while unknown
        self._size = 0
        self._events = 0

    def feed(self, data: bytes) -> Iterator[Delta]:
        """Give the deltas that *data* completes.

        Raises:
            BrokenResponse: the response cannot be a chat completion.
            ErrorEvent: the server reported an error.
        """
        self._size += len(data)
        if self._size > MAX_RESPONSE_BYTES:
            raise BrokenResponse("the response is far too long")
        self._buffer += data
        if self._is_body is None:
            start = self._buffer.lstrip(b"\xef\xbb\xbf \t\r\n")
            if not start:
                return
            if start.startswith(b"<"):
                raise BrokenResponse("the response is a web page")
            self._is_body = start.startswith((b"{", b"["))
        if not self._is_body:
            yield from self._lines()

    def end(self) -> Iterator[Delta]:
        """Give what the end of the response completes; raises as `feed` does."""
        if self._is_body:
            yield from _deltas_of_body(self._buffer)
            return
        if self._buffer.strip():
            self._buffer += b"\n"
            yield from self._lines()
        if self._kept:
            raise BrokenResponse("an event of the stream is not JSON")
        if self._size and not self._events:
            raise BrokenResponse("it holds no event")

    def _lines(self) -> Iterator[Delta]:
        lines = self._buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            if line.startswith(b"data:"):
                yield from self._data(line[5:].decode("utf-8", "replace").strip())
            elif line.startswith(b"{"):  # some servers send bare JSON lines after a comment
                yield from self._data(line.decode("utf-8", "replace").strip())

    def _data(self, data: str) -> Iterator[Delta]:
        if data == END_MARK:
            self._events += 1
            yield Delta(is_end=True)
            return
        self._kept += data
        if not self._kept:
            return
        try:
            event = _loaded(self._kept)
        except ValueError:
            return  # the event may go on in the next data line
        self._kept = ""
        self._events += 1
        yield _delta_of_event(event)


def _loaded(text: str | bytes) -> object:
    """Read JSON; what is too long or too deep for Python in it is shortened.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except (ValueError, RecursionError):
        whole = text if isinstance(text, str) else text.decode()
        return json.loads(ObjectScanner().scan(whole))


def _deltas_of_body(body: bytes) -> Iterator[Delta]:
    try:
        parsed = _loaded(body)
    except ValueError:
        # bare JSON lines: what some servers stream in place of events
        reader = EventReader()
        reader._is_body = False
        yield from reader.feed(body + b"\n")
        yield from reader.end()
        return
    if isinstance(parsed, list) and len(parsed) == 1:
        parsed = parsed[0]  # Gemini wraps its errors in an array
    yield _delta_of_event(parsed)
    yield Delta(is_end=True)


def _delta_of_event(event: object) -> Delta:
    if not isinstance(event, dict):
        raise BrokenResponse("an event of the stream is not an object")
    error = event.get("error")
    if not error and "error" in (event.get("object"), event.get("type")):
        error = event  # how vLLM once wrote it
    if error:
        raise ErrorEvent(error if isinstance(error, dict) else {"message": str(error)})
    usage = _usage(event.get("usage"))
    choices = event.get("choices")
    if not isinstance(choices, list):
        if usage is None and choices is None and not _is_known_event(event):
            raise BrokenResponse("the response has no choices")
        return Delta(usage=usage)
    if not choices or not isinstance(choices[0], dict):
        return Delta(usage=usage)
    choice = choices[0]
    said = choice.get("delta") or choice.get("message") or {}
    if not isinstance(said, dict) or choice.get("index") not in (None, 0):
        return Delta(usage=usage)
    reason = choice.get("finish_reason")
    return Delta(
        text=_text(said.get("content")) or _text(choice.get("text")),
        arguments=_arguments(said),
        refusal=_text(said.get("refusal")),
        finish_reason=reason if isinstance(reason, str) and reason else None,
        usage=usage,
    )


def _is_known_event(event: Mapping[str, object]) -> bool:
    return str(event.get("object", "")).startswith("chat.completion") or event.get("type") == "ping"


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):  # Mistral and others send parts
        return "".join(
            _text(part.get("text")) for part in content if isinstance(part, dict) and part.get("type") in TEXT_PARTS
        )
    return ""


def _arguments(said: Mapping[str, object]) -> str:
    calls = said.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls else None
    if isinstance(call, dict) and call.get("index") in (None, 0):
        function = call.get("function")
    else:
        function = said.get("function_call")
    if not isinstance(function, dict):
        return ""
    arguments = function.get("arguments")
    if isinstance(arguments, dict):
        return json.dumps(arguments)
    return arguments if isinstance(arguments, str) else ""


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens")  # DeepSeek's name for it
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(cached))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
