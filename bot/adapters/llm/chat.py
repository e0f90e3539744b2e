"""The chat model behind an OpenAI-compatible server: one streamed answer, retried and adapted as needed.

The transport is the openai package's; what a response means is read by `exchange`, how to ask is
decided by `ladder` and `request`, how often by `tries`, and whether at all by `breaker`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import aiohttp
import httpx2
import openai
import structlog

from bot.adapters.llm.breaker import ENDPOINT_KINDS, Breaker, Call, CircuitOpen, CircuitState
from bot.adapters.llm.client import open_client
from bot.adapters.llm.exchange import IDLE_S, TRANSPORT_ERRORS, Exchange, Outcome, Patience
from bot.adapters.llm.failures import StatusFailure, not_asked, provider_error, status_failure, translate
from bot.adapters.llm.ladder import STRIKES_TO_FALL, Footing, Ladder, MemoryRungStore
from bot.adapters.llm.pace import Pace
from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.request import RequestBuilder, prompt_hash, refused_part
from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.sight import PICTURES, Vision, may_be_over_pictures, may_mean_pictures, takes_no_pictures
from bot.adapters.llm.sse import BrokenResponse
from bot.adapters.llm.stream import AnswerReader
from bot.adapters.llm.thoughts import ThinkingHabit
from bot.adapters.llm.tries import BACKOFF_S, Tries
from bot.errors import ProviderError
from bot.ports import AnswerPiece, AnswerRequest, Finished, ModelHealth, Partial, RungStore

UNUSABLE_KINDS = frozenset({"empty", "broken"})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Run:
    """One request on its way to an answer."""

    request: AnswerRequest
    call: Call
    builder: RequestBuilder
    started: Footing
    footing: Footing
    began_at: float
    begins_by: float
    deadline: float
    asked_at: float = 0.0
    first_token_by: float = 0.0
    tries: int = 0
    first_refusal: StatusFailure | None = None
    unusable: int = 0

    def note_unusable(self) -> None:
        """Go down a rung when the model repeatedly makes nothing of this one, and leave pictures out.

        The ladder learns of it only if the lower rung works: a server may simply be broken.
        """
        self.unusable += 1
        if self.unusable >= STRIKES_TO_FALL:
            self.unusable = 0
            self.builder.hide_pictures()
            self.footing = self.footing.lower() or self.footing

    def without_pictures(self, failure: StatusFailure) -> Footing | None:
        """Give the footing to ask once more without pictures, or None if they are not to blame.

        Only what a server says of every picture is remembered, and not where the operator knows better.
        """
        if not self.builder.shows_pictures(self.footing):
            return None
        if takes_no_pictures(failure):
            self.builder.hide_pictures()
            return self.footing.without(PICTURES)
        if may_mean_pictures(failure):
            self.builder.hide_pictures()
            return self.footing
        return None


@dataclass(slots=True)
class _Answering:
    """A response of which the first piece has arrived, or which ended without one to pass on."""

    exchange: Exchange
    partials: AsyncGenerator[Partial]
    first: Partial | None
    outcome: Outcome | None
    was_cut: bool = False


class OpenAIChatModel:
    """A `ChatModel` on one `Endpoint`; close it with `aclose`.

    At most *max_calls* are under way at once, by default as many as suit the kind of server; the others wait, first
    come first served. *on_recovery* is called each time a server that was found down answers again.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        rung_store: RungStore | None = None,
        max_calls: int | None = None,
        idle_timeout_s: float = IDLE_S,
        backoff_s: float = BACKOFF_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        on_recovery: Callable[[], None] = lambda: None,
    ) -> None:
        calls_at_once = max_calls or endpoint.calls_at_once
        self._endpoint = endpoint
        self._ladder = Ladder(endpoint, rung_store or MemoryRungStore(), now)
        self._habit = ThinkingHabit()
        self._breaker = Breaker(monotonic=monotonic, on_change=self._notice)
        self._on_recovery = on_recovery
        self._slots = asyncio.Semaphore(calls_at_once)
        self._idle_timeout_s = idle_timeout_s
        self._under_way = 0
        self._pace = Pace(endpoint.first_token_timeout_s)
        self._tries = Tries(backoff_s)
        self._client = open_client(endpoint, calls_at_once)
        self._last_error: str | None = None
        self._picture_strikes = 0  # calls with pictures that failed, one after the other

    async def answer(
        self, request: AnswerRequest, *, begins_within: timedelta | None = None
    ) -> AsyncGenerator[AnswerPiece]:
        """Stream `Partial`s and then exactly one `Finished`.

        The wait for a free slot is no part of the deadline, nor of *begins_within*, by when the first piece is due.

        Raises:
            ProviderError: nothing usable came within the deadline and nothing was passed on yet, or the server is
                known to be down and was not asked.
        """
        loop = asyncio.get_running_loop()
        with self._not_asked_if_down():
            self._breaker.check()  # before the wait for a slot: there is nothing to wait for
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._slots)
            stack.enter_context(self._counted())
            with self._not_asked_if_down():
                call = stack.enter_context(self._breaker.call())
            run = await self._start(request, call, begins_within)
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
            is_up=self._is_up,
            last_error=self._last_error,
            mode=self._mode,
        )

    def sees_pictures(self) -> bool:
        """Say whether pictures would be sent to it, as far as is known before it is asked."""
        vision = self._endpoint.vision
        return vision is not Vision.OFF and (vision is Vision.ON or self._ladder.takes_pictures)

    @property
    def is_trusted(self) -> bool:
        """Say whether the server counts as up, so that anybody may ask it."""
        return self._breaker.state is CircuitState.CLOSED

    @property
    def _is_up(self) -> bool:
        return self.is_trusted and self._last_error not in ENDPOINT_KINDS

    @property
    def _mode(self) -> str:
        if self._breaker.state is CircuitState.PROBING:
            return "probing"
        return "normal" if self._is_up else "down"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextmanager
    def _not_asked_if_down(self) -> Iterator[None]:
        try:
            yield
        except CircuitOpen as down:
            raise not_asked(down.kind, down.retry_after_s) from None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def _notice(self, state: CircuitState) -> None:
        """Tell the operator and whoever waits what the breaker found out."""
        names = {"host": self._endpoint.host, "model": self._endpoint.model}
        if state is CircuitState.CLOSED:
            log.info("model server is back", **names)
            asyncio.get_running_loop().call_soon(self._on_recovery)
        else:
            wait_s = round(self._breaker.wait_s or 0.0, 1)
            log.warning("model server is down and left alone", kind=self._breaker.kind, for_s=wait_s, **names)

    async def _start(self, request: AnswerRequest, call: Call, begins_within: timedelta | None) -> _Run:
        began_at = asyncio.get_running_loop().time()
        footing = await self._ladder.footing()
        deadline = began_at + request.deadline.total_seconds()
        begins_by = deadline if begins_within is None else min(deadline, began_at + begins_within.total_seconds())
        builder = RequestBuilder(self._endpoint, request)
        if self._picture_strikes >= STRIKES_TO_FALL:
            builder.hide_pictures()  # they may be what the server fails over, and somebody waits for an answer
        return _Run(request, call, builder, footing, footing, began_at, begins_by, deadline)

    async def _open_or_note(self, run: _Run, stack: AsyncExitStack) -> _Answering:
        """Get as far as the first piece, within the deadline; note a failure for `health`."""
        try:
            async with asyncio.timeout_at(run.begins_by):
                answering = await self._open_with_retries(run)
        except (ProviderError, TimeoutError) as error:
            failure = translate(error)
            if may_be_over_pictures(failure) and run.builder.shows_pictures(run.footing):
                self._picture_strikes += 1
            if not (run.request.is_hasty and failure.kind == "timeout"):
                self._last_error = failure.kind
                run.call.failed(failure.kind, failure.retry_after_s)
            failure.retry_after_s = max(failure.retry_after_s or 0.0, self._breaker.wait_s or 0.0) or None
            log.warning(
                "model call failed",
                host=self._endpoint.host,
                model=self._endpoint.model,
                purpose=run.request.purpose,
                kind=failure.kind,
                tries=run.tries,
            )
            raise failure from error.__cause__
        if run.call.may_go_on:  # an answer that set out before the server went down is no news of it
            self._last_error = None
        if run.builder.has_pictures(run.footing):
            self._picture_strikes = 0  # a call without any is no news of them
        run.call.succeeded()
        stack.push_async_callback(self._close, answering)
        return answering

    async def _open_with_retries(self, run: _Run) -> _Answering:
        retrying = self._tries.until(
            run.begins_by,
            may_go_on=lambda: run.call.may_go_on,
            is_probe=run.call.is_probe,
            is_hasty=run.request.is_hasty,
        )
        return await retrying(self._open, run)

    async def _open(self, run: _Run) -> _Answering:
        """Make one try: as many requests as it takes to find what the server accepts, and its first piece."""
        if not run.call.may_go_on:
            raise not_asked(self._breaker.kind, self._breaker.wait_s or 0.0)
        try:
            return await self._begun(run)
        except ProviderError as error:
            if error.kind in UNUSABLE_KINDS:
                run.note_unusable()
            raise
        except aiohttp.ClientResponseError as error:
            raise translate(error) from None  # its text holds bytes of whatever it was that answered
        except (StatusFailure, TimeoutError, openai.OpenAIError, *TRANSPORT_ERRORS) as error:
            raise translate(error) from error
        except BrokenResponse as error:
            raise provider_error("broken", str(error)) from error

    async def _begun(self, run: _Run) -> _Answering:
        while True:
            response = await self._accepted(run)
            try:
                return await self._begin(run, response)
            except StatusFailure as failure:  # some servers accept a request and refuse its pictures inside the stream
                footing = run.without_pictures(failure)
                if footing is None:
                    raise
                run.footing = footing

    async def _accepted(self, run: _Run) -> httpx2.Response:
        while True:
            body = run.builder.body(run.footing)
            try:
                return await self._post(run, body)
            except StatusFailure as failure:
                run.footing = self._adapted(run, failure, body)

    async def _post(self, run: _Run, body: dict[str, object]) -> httpx2.Response:
        run.tries += 1
        run.asked_at = asyncio.get_running_loop().time()
        run.first_token_by = run.asked_at + self._pace.patience_s(run.asked_at, under_way=self._under_way)
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
        if takes_no_pictures(failure) or part is None or part in run.footing.dropped:
            blind = run.without_pictures(failure)
            if blind is not None:
                return blind
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
        now = asyncio.get_running_loop().time()
        self._pace.note(now, now - run.asked_at)
        return _Answering(exchange, partials, first, outcome)

    async def _next(self, answering: _Answering, run: _Run) -> Partial | None:
        """Give the next piece; None at the end, also when the response broke off."""
        try:
            return await anext(answering.partials, None)
        except (StatusFailure, BrokenResponse, TimeoutError, *TRANSPORT_ERRORS) as error:
            answering.was_cut = True
            kind = "broken" if isinstance(error, BrokenResponse) else translate(error).kind
            log.warning("answer broke off", host=self._endpoint.host, purpose=run.request.purpose, kind=kind)
            return None

    async def _finish(self, answering: _Answering, run: _Run) -> Finished:
        was_shown = answering.outcome is None
        outcome = answering.outcome or answering.exchange.outcome(was_cut=answering.was_cut, was_shown=was_shown)
        await self._ladder.worked(run.started, run.footing, is_object=outcome.is_object)
        return Finished(
            fields=outcome.fields,
            model=self._endpoint.model,
            rung=run.footing.rung.value,
            whole=outcome.is_whole,
            degraded=not outcome.is_object,
            prompt_hash=prompt_hash(run.builder.messages(run.footing)),
            attempts=run.tries,
            duration=timedelta(seconds=asyncio.get_running_loop().time() - run.began_at),
            tokens_in=outcome.usage.tokens_in,
            tokens_out=outcome.usage.tokens_out,
            tokens_cached=outcome.usage.tokens_cached,
        )

    async def _close(self, answering: _Answering) -> None:
        await answering.partials.aclose()
        await answering.exchange.aclose()
