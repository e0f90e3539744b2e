"""How often one call asks again before it gives up, and how long it waits between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter, wait_random

from bot.adapters.llm.breaker import ENDPOINT_KINDS
from bot.adapters.llm.failures import RETRIED_KINDS, was_disconnected
from bot.errors import ProviderError

# Of a server in trouble: enough for a blip and a quick restart. Somebody waits, and what lasts longer is waited
# for in the database, where it costs the server nothing.
ENDPOINT_TRIES = 3
RETRY_WINDOW_S = 6.0  # no try begins later than this after the first; with the waits below all three fit
# Of answers that cannot be used: two on a rung, two on the one below, one on the next.
UNUSABLE_TRIES = 5
LONGEST_WAIT_S = 5.0  # a server that asks for a longer pause gets it, but not with a call held open
BACKOFF_S = 0.5  # the first wait is this and up to as much again, the second four times as long
BACKOFF_GROWTH = 4


class Tries:
    """The policy of one kind of call; *backoff_s* is the shortest wait."""

    def __init__(self, backoff_s: float = BACKOFF_S) -> None:
        self._backoff = wait_exponential_jitter(
            multiplier=backoff_s, exp_base=BACKOFF_GROWTH, max=LONGEST_WAIT_S, jitter=backoff_s
        )
        self._breath = wait_random(backoff_s, 2 * backoff_s)

    def until(
        self, deadline: float, *, may_go_on: Callable[[], bool], is_probe: bool, is_hasty: bool = False
    ) -> AsyncRetrying:
        """Give the retrying of one call until *deadline*, a time of the loop's clock.

        *may_go_on* says whether the server may still be asked; a probe asks a server in trouble once, and what is hasty
        is asked once in any case.
        """
        left_s = max(deadline - asyncio.get_running_loop().time(), 0.0)

        def is_enough(state: RetryCallState) -> bool:
            begins_s = (state.seconds_since_start or 0.0) + state.upcoming_sleep
            if begins_s >= left_s or not may_go_on():
                return True
            if is_hasty:
                return not _was_stale(state)
            if _kind(state) not in ENDPOINT_KINDS:
                return state.attempt_number >= UNUSABLE_TRIES
            if is_probe:
                return not _was_stale(state)
            return state.attempt_number >= ENDPOINT_TRIES or begins_s > RETRY_WINDOW_S

        return AsyncRetrying(retry=retry_if_exception(_is_retried), wait=self._wait, stop=is_enough, reraise=True)

    def _wait(self, state: RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, ProviderError) and error.retry_after_s is not None:
            return error.retry_after_s
        if _was_stale(state):
            return 0.0
        if _kind(state) not in ENDPOINT_KINDS:
            return self._breath(state)  # time does not mend an answer that cannot be used
        return self._backoff(state)


def _is_retried(error: BaseException) -> bool:
    if not isinstance(error, ProviderError) or not error.retryable or error.kind not in RETRIED_KINDS:
        return False
    return error.retry_after_s is None or error.retry_after_s <= LONGEST_WAIT_S


def _was_stale(state: RetryCallState) -> bool:
    """Say whether a kept connection had been closed, which says nothing about the server."""
    error = _error(state)
    return error is not None and state.attempt_number == 1 and was_disconnected(error)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _kind(state: RetryCallState) -> str:
    error = _error(state)
    return error.kind if isinstance(error, ProviderError) else ""
