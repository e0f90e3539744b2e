"""Two models as one: the second is asked where the first gives nothing, as long as nothing was passed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.adapters.llm.breaker import ENDPOINT_KINDS
from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.failures import provider_error
from bot.errors import ProviderError
from bot.ports import AnswerPiece, AnswerRequest, ModelHealth

RESERVE = timedelta(seconds=60)  # of the deadline, kept for the second model's beginning: a hosted one needs 45 s
PROBE_HEAD_START_S = 5.0  # a server that is well begins an answer sooner; nobody should wait longer for one that is not
REPAIR = "repair"  # the purpose of a request whose first answer could not be used

log = structlog.get_logger(__name__)


class FallbackChatModel:
    """A `ChatModel` over a first and a second one, each with its own server, ladder, breaker and cap.

    Whatever the first fails with, the second is asked, unless a piece was passed on. A request for a repair goes to the
    second straight away: the first has just shown what it makes of it. Closes both with `aclose`.
    """

    def __init__(
        self,
        primary: OpenAIChatModel,
        second: OpenAIChatModel,
        *,
        probe_head_start_s: float = PROBE_HEAD_START_S,
    ) -> None:
        self._primary = primary
        self._second = second
        self._probe_head_start_s = probe_head_start_s
        self._left_alone: set[asyncio.Task[None]] = set()  # probes that go on without anybody waiting for them

    async def answer(self, request: AnswerRequest) -> AsyncGenerator[AnswerPiece]:
        """Stream `Partial`s and then exactly one `Finished`, all from the same model.

        Raises:
            ProviderError: neither gave anything usable; it tells of the one that is worth waiting for.
        """
        first, then = self._order(request)
        began_at = asyncio.get_running_loop().time()
        try:
            async with aclosing(self._first_answer(first, then, request)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        except ProviderError as error:  # it says as well that no piece was passed on
            failure = error
        spent = timedelta(seconds=asyncio.get_running_loop().time() - began_at)
        left = max(request.deadline - spent, _reserve(request))
        log.info("the other model is asked", purpose=request.purpose, kind=failure.kind, model=then.health().model)
        try:
            async with aclosing(then.answer(replace(request, deadline=left))) as pieces:
                async for piece in pieces:
                    yield piece
        except ProviderError as error:
            told = _told(failure, error)
            raise told from (error if told is failure else failure)

    def health(self) -> ModelHealth:
        """Say how the first model does, with the second's health in it and the mode of both together."""
        primary, second = self._primary.health(), self._second.health()
        mode = primary.mode
        if not primary.is_up and second.is_up:
            mode = "fall-back"
        elif not primary.is_up and second.mode == "probing":
            mode = "probing"
        return replace(primary, mode=mode, fallback=second)

    def sees_pictures(self) -> bool:
        """Say whether pictures would be sent to the one that is asked first now."""
        asked = self._primary if self._primary.is_trusted or not self._second.is_trusted else self._second
        return asked.sees_pictures()

    async def aclose(self) -> None:
        """Close the connections of both."""
        for task in self._left_alone:
            task.cancel()
        await asyncio.gather(*self._left_alone, return_exceptions=True)
        await self._primary.aclose()
        await self._second.aclose()

    def _order(self, request: AnswerRequest) -> tuple[OpenAIChatModel, OpenAIChatModel]:
        if request.purpose == REPAIR and self._second.is_trusted:
            return self._second, self._primary
        return self._primary, self._second

    async def _first_answer(
        self, model: OpenAIChatModel, other: OpenAIChatModel, request: AnswerRequest
    ) -> AsyncGenerator[AnswerPiece]:
        """Give the answer of *model*, which may not take so long that no time is left to ask *other*."""
        begins_within = request.deadline - _reserve(request) if other.is_trusted else None
        pieces = model.answer(request, begins_within=begins_within)
        async with aclosing(_Opening(pieces)) as opening:
            if not model.is_trusted and other.is_trusted:
                await self._give_head_start(opening)
            if (first := await opening.piece()) is not None:
                yield first
                async for piece in pieces:
                    yield piece

    async def _give_head_start(self, opening: _Opening) -> None:
        """Wait a little for a probe; afterwards it goes on by itself, and the person is served elsewhere."""
        if await opening.comes_within(self._probe_head_start_s):
            return
        task = asyncio.create_task(opening.see_out(), name="model-probe")
        self._left_alone.add(task)
        task.add_done_callback(self._left_alone.discard)
        raise provider_error("timeout")


class _Opening:
    """The wait for the first piece of an answer, which may outlive whoever waits for it."""

    def __init__(self, pieces: AsyncGenerator[AnswerPiece]) -> None:
        self._pieces = pieces
        self._first: asyncio.Task[AnswerPiece | None] | None = None
        self._is_let_go = False

    async def comes_within(self, wait_s: float) -> bool:
        """Begin, and say whether there was a piece, an end or a failure in time; else the opening is let go."""
        self._first = asyncio.create_task(self._next())
        await asyncio.wait((self._first,), timeout=wait_s)
        self._is_let_go = not self._first.done()
        return not self._is_let_go

    async def piece(self) -> AnswerPiece | None:
        """Give the first piece.

        Raises:
            ProviderError: there is none.
        """
        return await (self._next() if self._first is None else self._first)

    async def see_out(self) -> None:
        """Wait for what the server does, which its breaker takes in, and end the answer there."""
        try:
            await self.piece()
        except ProviderError:
            pass
        finally:
            self._is_let_go = False
            await self.aclose()

    async def aclose(self) -> None:
        """End the answer, unless it was let go."""
        if self._is_let_go:
            return
        if self._first is not None:
            self._first.cancel()
            await asyncio.gather(self._first, return_exceptions=True)
        await self._pieces.aclose()

    async def _next(self) -> AnswerPiece | None:
        return await anext(self._pieces, None)


def _reserve(request: AnswerRequest) -> timedelta:
    return min(RESERVE, request.deadline / 2)


def _told(first: ProviderError, second: ProviderError) -> ProviderError:
    """Choose the failure to tell.

    A prompt that is too long comes first, because a shorter one can be asked at once. Then the failure of a server,
    because that passes, before what a model makes of the request.
    """
    both = (first, second)
    for error in both:
        if error.kind == "too_long":
            return error
    down = [error for error in both if error.kind in ENDPOINT_KINDS]
    told = down[0] if down else first
    waits = [error.retry_after_s for error in down]
    told.retry_after_s = None if None in waits else min(filter(None, waits), default=None)
    return told
