"""The chat model behind an OpenAI-compatible server: one streamed answer, retried and adapted as needed.

The transport is the openai package's; what a response means is read by `exchange`, how to ask is
decided by `ladder` and `request`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx2
import openai
import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_random_exponential,
)

from bot.adapters.llm.exchange import IDLE_S, Exchange, Outcome, Patience
from bot.adapters.llm.failures import (
    RETRIED_KINDS,
    StatusFailure,
    provider_error,
    status_failure,
    translate,
    was_disconnected,
)
from bot.adapters.llm.ladder import STRIKES_TO_FALL, Footing, Ladder, MemoryRungStore
from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.request import RequestBuilder, prompt_hash, refused_part
from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.sse import BrokenResponse
from bot.adapters.llm.stream import AnswerReader
from bot.adapters.llm.thoughts import ThinkingHabit
from bot.errors import ProviderError
from bot.ports import AnswerPiece, AnswerRequest, Finished, ModelHealth, Partial, RungStore

DEFAULT_MAX_CALLS = 256  # simultaneous calls to one endpoint; hosted servers refuse far earlier
CONNECT_S = 5.0  # a server that does not even accept a connection in this time is down
KEEP_ALIVE_S = 55.0  # below the 60 s after which common proxies drop an idle connection
MAX_TRIES = 6  # with the waits below that is about half a minute; the deadline usually ends it earlier
BACKOFF_S = 0.5
MAX_BACKOFF_S = 8.0
DOWN_KINDS = frozenset({"auth", "not_found", "rate_limit", "quota", "timeout", "unreachable", "server"})
UNUSABLE_KINDS = frozenset({"empty", "broken"})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Run:
    """One request on its way to an answer."""

    request: AnswerRequest
    builder: RequestBuilder
    started: Footing
    footing: Footing
    began_at: float
    deadline: float
    first_token_by: float = 0.0
    tries: int = 0
    first_refusal: StatusFailure | None = None
    unusable: int = 0

    def note_unusable(self) -> None:
        """Go down a rung when the model repeatedly makes nothing of this one.

        The ladder learns of it only if the lower rung works: a server may simply be broken.
        """
        self.unusable += 1
        if self.unusable >= STRIKES_TO_FALL:
            self.unusable = 0
            self.footing = self.footing.lower() or self.footing


@dataclass(slots=True)
class _Answering:
    """A response of which the first piece has arrived, or which ended without one to pass on."""

    exchange: Exchange
    partials: AsyncGenerator[Partial]
    first: Partial | None
    outcome: Outcome | None
    was_cut: bool = False


class OpenAIChatModel:
    """A `ChatModel` on one `Endpoint`; close it with `aclose`."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        rung_store: RungStore | None = None,
        max_calls: int = DEFAULT_MAX_CALLS,
        idle_timeout_s: float = IDLE_S,
        backoff_s: float = BACKOFF_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint = endpoint
        self._ladder = Ladder(endpoint, rung_store or MemoryRungStore(), now)
        self._habit = ThinkingHabit()
        self._slots = asyncio.Semaphore(max_calls)
        self._idle_timeout_s = idle_timeout_s
        self._backoff = wait_random_exponential(multiplier=backoff_s, max=MAX_BACKOFF_S)
        self._client = _client(endpoint, max_calls)
        self._last_error: str | None = None

    async def answer(self, request: AnswerRequest) -> AsyncGenerator[AnswerPiece]:
        """Stream `Partial`s and then exactly one `Finished`.

        Raises:
            ProviderError: nothing usable came within the deadline and nothing was passed on yet.
        """
        loop = asyncio.get_running_loop()
        run = await self._start(request)
        async with AsyncExitStack() as stack:
            answering = await self._open_or_note(run, stack)
            piece = answering.first
            while piece is not None:
                passed_at = loop.time()
                yield piece
                answering.exchange.excuse(loop.time() - passed_at)
                piece = await self._next(answering, run)
            yield await self._finish(answering, run)

    def health(self) -> ModelHealth:
        """Say how the model does, from what was seen; makes no call."""
        return ModelHealth(
            model=self._endpoint.model,
            kind=self._endpoint.kind,
            host=self._endpoint.host,
            rung=self._ladder.rung.value,
            is_up=self._last_error not in DOWN_KINDS,
            last_error=self._last_error,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _start(self, request: AnswerRequest) -> _Run:
        began_at = asyncio.get_running_loop().time()
        footing = await self._ladder.footing()
        deadline = began_at + request.deadline.total_seconds()
        return _Run(request, RequestBuilder(self._endpoint, request), footing, footing, began_at, deadline)

    async def _open_or_note(self, run: _Run, stack: AsyncExitStack) -> _Answering:
        """Get as far as the first piece, within the deadline; note a failure for `health`."""
        try:
            async with asyncio.timeout_at(run.deadline):
                await stack.enter_async_context(self._slots)
                answering = await self._open_with_retries(run)
        except (ProviderError, TimeoutError) as error:
            failure = translate(error)
            self._last_error = failure.kind
            log.warning(
                "model call failed",
                host=self._endpoint.host,
                model=self._endpoint.model,
                purpose=run.request.purpose,
                kind=failure.kind,
                tries=run.tries,
            )
            raise failure from error.__cause__
        stack.push_async_callback(self._close, answering)
        return answering

    async def _open_with_retries(self, run: _Run) -> _Answering:
        left_s = run.deadline - asyncio.get_running_loop().time()
        retrying = AsyncRetrying(
            retry=retry_if_exception(_is_retried),
            wait=self._wait,
            stop=stop_any(stop_after_attempt(MAX_TRIES), stop_before_delay(max(left_s, 0.0))),
            reraise=True,
        )
        return await retrying(self._open, run)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, ProviderError) and error.retry_after_s is not None:
            return error.retry_after_s
        if error is not None and state.attempt_number == 1 and was_disconnected(error):
            return 0.0  # a kept connection had gone stale, which says nothing about the server
        return self._backoff(state)

    async def _open(self, run: _Run) -> _Answering:
        """Make one try: as many requests as it takes to find what the server accepts, and its first piece."""
        try:
            response = await self._accepted(run)
            return await self._begin(run, response)
        except ProviderError as error:
            if error.kind in UNUSABLE_KINDS:
                run.note_unusable()
            raise
        except (StatusFailure, TimeoutError, openai.OpenAIError, httpx2.HTTPError, OSError) as error:
            raise translate(error) from error
        except BrokenResponse as error:
            raise provider_error("broken", str(error)) from error

    async def _accepted(self, run: _Run) -> httpx2.Response:
        while True:
            body = run.builder.body(run.footing)
            try:
                return await self._post(run, body)
            except StatusFailure as failure:
                run.footing = self._adapted(run, failure, body)

    async def _post(self, run: _Run, body: dict[str, object]) -> httpx2.Response:
        run.tries += 1
        run.first_token_by = asyncio.get_running_loop().time() + self._endpoint.first_token_timeout_s
        try:
            async with asyncio.timeout_at(run.first_token_by):
                # the raw response: validating every chunk costs the SDK more than all the rest of a call
                response = await self._client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    body=body,
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                )
        except openai.APIStatusError as error:
            raise status_failure(error) from None  # its text may echo the prompt
        return cast(httpx2.Response, response)

    def _adapted(self, run: _Run, failure: StatusFailure, body: dict[str, object]) -> Footing:
        """Give the footing for another try after a refusal, or raise the refusal."""
        run.first_refusal = run.first_refusal or failure
        part = refused_part(failure, body)
        if part is not None and part not in run.footing.dropped:
            return run.footing.without(part)
        lower = run.footing.lower()
        is_new = not self._ladder.is_proven(run.footing.rung)
        is_about_form = failure.names_feature() or (
            is_new and failure.status in (400, 422) and failure.kind() == "broken"
        )
        if lower is not None and is_about_form and (is_new or failure.status < 500):
            return lower
        if failure.kind() == "broken" and run.first_refusal is not failure:
            run.footing = run.started
            raise run.first_refusal  # every rung was refused: the first refusal says most
        raise failure

    async def _begin(self, run: _Run, response: httpx2.Response) -> _Answering:
        properties = run.request.schema.get("properties")
        known = list(properties) if isinstance(properties, dict) else []
        rung = run.footing.rung
        reader = AnswerReader(run.request.text_key, known, wants_object=rung is not Rung.TEXT, habit=self._habit)
        patience = Patience(run.deadline, run.first_token_by, self._idle_timeout_s)
        exchange = Exchange(response, reader, patience)
        partials = exchange.partials(is_tool_call=rung is Rung.TOOL)
        try:
            first = await anext(partials, None)
            outcome = exchange.outcome() if first is None else None
        except BaseException:
            await partials.aclose()
            await exchange.aclose()
            raise
        return _Answering(exchange, partials, first, outcome)

    async def _next(self, answering: _Answering, run: _Run) -> Partial | None:
        """Give the next piece; None at the end, also when the response broke off."""
        try:
            return await anext(answering.partials, None)
        except (StatusFailure, BrokenResponse, TimeoutError, httpx2.HTTPError, OSError) as error:
            answering.was_cut = True
            kind = "broken" if isinstance(error, BrokenResponse) else translate(error).kind
            log.warning("answer broke off", host=self._endpoint.host, purpose=run.request.purpose, kind=kind)
            return None

    async def _finish(self, answering: _Answering, run: _Run) -> Finished:
        was_shown = answering.outcome is None
        outcome = answering.outcome or answering.exchange.outcome(was_cut=answering.was_cut, was_shown=was_shown)
        self._last_error = None
        await self._ladder.worked(run.started, run.footing, is_object=outcome.is_object)
        return Finished(
            fields=outcome.fields,
            model=self._endpoint.model,
            rung=run.footing.rung.value,
            whole=outcome.is_whole,
            degraded=not outcome.is_object,
            prompt_hash=prompt_hash(run.builder.messages(run.footing.rung)),
            attempts=run.tries,
            duration=timedelta(seconds=asyncio.get_running_loop().time() - run.began_at),
            tokens_in=outcome.usage.tokens_in,
            tokens_out=outcome.usage.tokens_out,
            tokens_cached=outcome.usage.tokens_cached,
        )

    async def _close(self, answering: _Answering) -> None:
        await answering.partials.aclose()
        await answering.exchange.aclose()


def _client(endpoint: Endpoint, max_calls: int) -> openai.AsyncOpenAI:
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at debug they log whole requests
    http_client = openai.DefaultAioHttpClient(
        limits=httpx2.Limits(
            max_connections=max_calls, max_keepalive_connections=max_calls, keepalive_expiry=KEEP_ALIVE_S
        ),
        timeout=httpx2.Timeout(None, connect=CONNECT_S),  # the waits for bytes are ours, see Exchange
        trust_env=not endpoint.is_local,  # a proxy has no business between two programs of one machine
    )
    return openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none",  # the SDK insists on one, keyless servers ignore it
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http_client,
    )


def _is_retried(error: BaseException) -> bool:
    return isinstance(error, ProviderError) and error.retryable and error.kind in RETRIED_KINDS
