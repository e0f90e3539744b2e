"""One response of a model server, read as it arrives, and what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import aiohttp
import httpx2

from bot.adapters.llm.failures import event_failure, provider_error
from bot.adapters.llm.sse import BrokenResponse, Delta, ErrorEvent, EventReader, Usage
from bot.adapters.llm.stream import AnswerReader
from bot.ports import Partial

IDLE_S = 30.0  # a healthy server sends a token many times a second; half a minute of nothing is a dead one
TAIL_S = 2.0  # how long usage and the end mark may trail behind a finished answer
CUT_REASONS = frozenset({"length", "content_filter", "error"})  # finish reasons of an answer that is not whole
# httpx2's own, and those of aiohttp underneath that it lets through
TRANSPORT_ERRORS = (httpx2.HTTPError, aiohttp.ClientError, OSError)
DRAIN_S = 0.2  # the closing chunk follows the end mark at once; then the connection can be kept


@dataclass(slots=True)
class Patience:
    """How long to wait for a response; *deadline* and *first_token_by* are times of the loop's clock."""

    deadline: float
    first_token_by: float
    idle_s: float = IDLE_S


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a response came to."""

    fields: Mapping[str, object]
    is_whole: bool
    is_object: bool
    usage: Usage


class Exchange:
    """Reads one response: iterate `partials`, then ask for the `outcome`, then `aclose`."""

    def __init__(self, response: httpx2.Response, reader: AnswerReader, patience: Patience) -> None:
        self._response = response
        self._reader = reader
        self._patience = patience
        self._events = EventReader()
        self._side_text: list[str] = []  # prose beside a tool call: the answer if the call never comes
        self._has_arguments = False
        self._finish_reason: str | None = None
        self._refusal = ""
        self._usage = Usage()
        self._is_ended = False  # the server said so
        self._has_events = False
        self._has_text = False
        self._tail_until: float | None = None

    async def partials(self, *, is_tool_call: bool) -> AsyncGenerator[Partial]:
        """Give the growing answer; one `Partial` at most for each piece off the wire.

        Raises:
            TimeoutError, BrokenResponse, one of TRANSPORT_ERRORS: the response stopped or is none.
            StatusFailure: the server reported an error inside it.
        """
        chunks = self._response.aiter_bytes().__aiter__()
        while (data := await self._next(chunks)) is not None:
            partial = self._read(data, is_tool_call=is_tool_call)
            if partial is not None:
                yield partial
        partial = self._take_all(_checked(self._events.end()), is_tool_call=is_tool_call)
        if is_tool_call and not self._has_arguments:
            self._reader.feed("".join(self._side_text))
        if partial is not None:
            yield partial

    def excuse(self, held_s: float) -> None:
        """Do not count against the server the time in which nobody listened to it."""
        self._patience.deadline += held_s
        if self._tail_until is not None:
            self._tail_until += held_s

    def outcome(self, *, was_cut: bool = False, was_shown: bool = False) -> Outcome:
        """Say what the response came to; *was_shown* when a `Partial` was passed on.

        Raises:
            ProviderError: the model refused or gave nothing usable, and nothing was passed on.
            BrokenResponse: it stopped half-way, and nothing was passed on.
        """
        is_finished = self._finish_reason is not None or self._is_ended
        is_cut = was_cut or not is_finished or self._finish_reason in CUT_REASONS
        reading = self._reader.finish(is_cut=is_cut)
        if not was_shown:
            self._check_usable(reading.fields, is_finished=(is_finished or reading.is_closed) and not was_cut)
        is_whole = reading.is_closed or not (is_cut or reading.is_object)
        return Outcome(reading.fields or {}, is_whole, reading.is_object, self._usage)

    async def aclose(self) -> None:
        """Let go of the connection; it is kept for the next call if the response was read to its end."""
        await self._response.aclose()

    def _check_usable(self, fields: Mapping[str, object] | None, *, is_finished: bool) -> None:
        if self._refusal or self._finish_reason == "content_filter":
            raise provider_error("refused")
        if not self._reader.has_text:
            raise provider_error("empty", "cut off while thinking" if self._finish_reason == "length" else "")
        if self._finish_reason == "error":  # how OpenRouter ends a stream that failed upstream
            raise BrokenResponse("the server gave up half-way")
        if fields is None:
            raise provider_error("broken", "no usable answer in it")
        if is_finished and not self._reader.knows(fields):
            raise provider_error("broken", "none of the fields in it that were asked for")
        if not is_finished:
            raise BrokenResponse("it stopped half-way")

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """Wait for bytes as long as is reasonable; None at the end."""
        try:
            async with asyncio.timeout_at(min(self._wait_until(), self._patience.deadline)):
                return await anext(chunks, None)
        except (TimeoutError, *TRANSPORT_ERRORS):
            if self._tail_until is not None:
                return None  # all that matters had come
            raise

    def _wait_until(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._is_ended:
            return now + DRAIN_S
        if self._tail_until is not None:
            return self._tail_until
        idle_by = now + self._patience.idle_s
        if self._has_text:
            return idle_by
        if self._has_events:
            return max(self._patience.first_token_by, idle_by)  # it thinks aloud
        return self._patience.first_token_by

    def _read(self, data: bytes, *, is_tool_call: bool) -> Partial | None:
        if self._is_ended:
            return None
        return self._take_all(_checked(self._events.feed(data)), is_tool_call=is_tool_call)

    def _take_all(self, deltas: list[Delta], *, is_tool_call: bool) -> Partial | None:
        self._has_events = self._has_events or bool(deltas)
        text = "".join([self._take(delta, is_tool_call=is_tool_call) for delta in deltas])
        newest = self._reader.feed(text) if text else None
        is_done = self._is_ended or self._finish_reason is not None or self._reader.is_closed
        if is_done and self._tail_until is None:
            self._tail_until = asyncio.get_running_loop().time() + TAIL_S
        return newest

    def _take(self, delta: Delta, *, is_tool_call: bool) -> str:
        """Note what *delta* says; gives the text it adds to the answer."""
        self._is_ended = self._is_ended or delta.is_end
        self._finish_reason = delta.finish_reason or self._finish_reason
        self._refusal += delta.refusal
        self._usage = delta.usage or self._usage
        text = delta.text
        if delta.arguments:
            self._has_arguments = True
            text = delta.arguments
        elif is_tool_call and text:
            self._side_text.append(text)
            self._has_text = True
            return ""
        self._has_text = self._has_text or bool(text)
        return text


def _checked(deltas: Iterator[Delta]) -> list[Delta]:
    try:
        return list(deltas)
    except ErrorEvent as reported:
        raise event_failure(reported.body) from None
