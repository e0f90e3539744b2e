"""When a server that failed is asked again: later each time in a row, and when it said so itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import ProviderError
from bot.ports import Clock

WAIT_ASKED_MOST = timedelta(hours=1)  # a longer wait than that is not taken at its word


class Backoff:
    """Leaves a server alone for *first* after a failure, twice that after the next in a row, *longest* at most.

    What only a person can mend, such as a refused key, is left alone for *longest* at once. Where the clock was set to
    before the failure, the rest is over.
    """

    def __init__(self, clock: Clock, *, first: timedelta, longest: timedelta) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._times = 0
        self._rest: tuple[datetime, datetime] | None = None

    def is_on(self) -> bool:
        """Say whether the server is left alone now."""
        return self._rest is not None and self._rest[0] <= self._clock.now() < self._rest[1]

    def begin(self, exc: Exception) -> str:
        """Leave the server alone; gives the kind of failure, for a log."""
        error = exc if isinstance(exc, ProviderError) else None
        wait = min(self._longest, self._first * float(2 ** min(self._times, 16)))
        if error is not None and not error.retryable:
            wait = self._longest
        if error is not None and error.retry_after_s is not None:
            wait = max(wait, min(timedelta(seconds=error.retry_after_s), WAIT_ASKED_MOST))
        self._times += 1
        now = self._clock.now()
        self._rest = now, now + wait
        return "timeout" if error is None else error.kind

    def end(self) -> None:
        """Note that all went well: the next rest is a short one again."""
        self._times = 0
        self._rest = None
