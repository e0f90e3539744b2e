"""When a shard may IDENTIFY: one at a time in a bucket, five seconds apart, and only while Discord grants sessions.

Source: Discord reference, "Gateway", "Rate Limiting" and "Session Start Limit Object".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import StoreError

log = logging.getLogger(__name__)

GAP = timedelta(seconds=5.25)  # Discord's five seconds, and room for the way there to take longer or shorter
LATE_S = 0.2  # a moment missed by more is no longer ours: the next one may be about to come
HOLD_S = 20.0  # a socket that waits longer than this to IDENTIFY is better closed and opened again
SAID_FROM_S = 1.0  # shorter waits are nobody's concern
RESERVE_TIMEOUT_S = 5.0  # a database that is away keeps nobody from talking to her
FRESH_S = 60.0  # how long an answer about session starts is believed
ASK_AGAIN_S = 900.0  # a limit may be lifted early: look at least this often
SHORTEST_PAUSE_S = 5.0

Ask = Callable[[], Coroutine[object, object, "SessionStarts | None"]]
Reserve = Callable[[int, timedelta], Awaitable[timedelta]]


class IdentifyLater(Exception):
    """The moment to IDENTIFY is too far off to keep a socket open for it."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"in {wait_s:.1f} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """What ``/gateway/bot`` says: how many sessions may still be started, and how many at once."""

    shards: int
    remaining: int
    reset_after_s: float
    max_concurrency: int


def read_starts(answer: object) -> SessionStarts | None:
    """Read the answer of ``/gateway/bot``; None where a server does not say."""
    limit = answer.get("session_start_limit") if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping) or not isinstance(limit, Mapping):
        return None
    try:
        return SessionStarts(
            shards=max(1, int(answer.get("shards", 1))),
            remaining=int(limit["remaining"]),
            reset_after_s=max(0.0, float(limit["reset_after"]) / 1000),
            max_concurrency=max(1, int(limit.get("max_concurrency", 1))),
        )
    except (KeyError, TypeError, ValueError):
        return None


class IdentifyTurns:
    """Says for each shard of this process when it may IDENTIFY.

    *ask* gives what Discord says of session starts, None where it does not say. *reserve* reserves a bucket's
    next moment across processes; without it this process is the only one.
    """

    def __init__(self, ask: Ask, reserve: Reserve | None = None) -> None:
        self._ask = ask
        self._reserve = reserve
        self._asking: asyncio.Task[SessionStarts | None] | None = None
        self._starts: SessionStarts | None = None
        self._concurrency = 1
        self._asked_at = float("-inf")
        self._begun = 0  # sessions started since then
        self._moments: dict[int, float] = {}  # reserved and not used yet, by shard
        self._last: dict[int, float] = {}  # by bucket
        self._lines: dict[int, asyncio.Lock] = {}

    def share(self, reserve: Reserve) -> None:
        """Reserve moments with *reserve* from now on: other processes IDENTIFY as well."""
        self._reserve = reserve

    def look_ahead(self) -> None:
        """Begin to ask Discord, so that the answer is there when it is needed."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="session starts")

    async def close(self) -> None:
        """End what is still being asked."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
            self._asking = None

    def line(self, shard_id: int) -> asyncio.Lock:
        """Give the lock under which the shards of one bucket connect, one after the other."""
        return self._lines.setdefault(self._bucket(shard_id), asyncio.Lock())

    async def until_granted(self, shard_id: int) -> None:
        """Wait while no session may be started: who identifies all the same loses the token."""
        while True:
            starts = await self._what_is_left()
            if starts is None or self._is_one_left():
                return
            wait_s = min(max(starts.reset_after_s, SHORTEST_PAUSE_S), ASK_AGAIN_S)
            log.warning(
                "Discord grants no more sessions for now; waiting",
                extra={"shard_id": shard_id, "resets_in_s": round(starts.reset_after_s), "wait_s": round(wait_s)},
            )
            await asyncio.sleep(wait_s)
            self._asked_at = float("-inf")

    async def take(self, shard_id: int) -> None:
        """Wait for the moment of *shard_id*, which may IDENTIFY as soon as this returns.

        Raises:
            IdentifyLater: it is far off. It stays reserved: come back shortly before. Or no session is left to start.
        """
        bucket = self._bucket(shard_id)
        moment = self._moments.pop(shard_id, None)
        if moment is None or time.monotonic() > moment + LATE_S:
            wait_s = await self._next(bucket)
            moment = time.monotonic() + wait_s
        self._moments[shard_id] = moment
        wait_s = moment - time.monotonic()
        if wait_s > SAID_FROM_S:
            log.info("waiting for the turn to identify", extra={"shard_id": shard_id, "wait_s": round(wait_s, 1)})
        if wait_s > HOLD_S:
            raise IdentifyLater(wait_s)
        await asyncio.sleep(max(0.0, wait_s))
        del self._moments[shard_id]
        if not self._is_one_left():  # other buckets had the last ones meanwhile
            raise IdentifyLater(0.0)
        self._last[bucket] = time.monotonic()
        self._begun += 1

    def _is_one_left(self) -> bool:
        return self._starts is None or self._starts.remaining > self._begun

    def _bucket(self, shard_id: int) -> int:
        return shard_id % self._concurrency

    async def _what_is_left(self) -> SessionStarts | None:
        if time.monotonic() - self._asked_at > FRESH_S:
            self.look_ahead()
            asking = self._asking
            assert asking is not None
            try:
                found = await asyncio.shield(asking)
            except BaseException:
                if asking.done() and self._asking is asking:
                    self._asking = None  # ask anew next time
                raise
            if self._asking is asking:
                self._asking = None
                self._begun = 0
                self._asked_at = time.monotonic()
                self._starts = found
                if found is not None:
                    self._concurrency = found.max_concurrency
        return self._starts

    async def _next(self, bucket: int) -> float:
        """Give the seconds until the next moment of *bucket*; without the database, this process's own."""
        own = max(0.0, self._last.get(bucket, float("-inf")) + GAP.total_seconds() - time.monotonic())
        if self._reserve is None:
            return own
        try:
            async with asyncio.timeout(RESERVE_TIMEOUT_S):
                wait = await self._reserve(bucket, GAP)
        except (StoreError, TimeoutError) as exc:
            log.warning("identifying without the other processes' turns", extra={"cause": type(exc).__name__})
            return own
        return max(own, wait.total_seconds())
