"""How long a server may take to begin an answer: its kind's patience, or less once it has shown how quick it is."""

from __future__ import annotations

from collections import deque

WARM_S = 240.0  # servers at home put a model away after five minutes without a call, and then load it anew
WARM_PATIENCE_S = 45.0  # the least that any server gets: a long prompt without a cache, a busy moment
SLOWER_AT_MOST = 10  # a prompt that is not in the cache takes so many times as long to read
REMEMBERED = 20  # beginnings


class Pace:
    """The pace of one server; *longest_s* is the patience of its kind. Times are of the loop's clock."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._took_s: deque[float] = deque(maxlen=REMEMBERED)
        self._last_at = 0.0

    def patience_s(self, now: float, *, under_way: int) -> float:
        """Give how long to wait for the beginning of an answer, with so many calls *under_way*."""
        if not self._took_s or now - self._last_at > WARM_S:
            return self._longest_s
        slowest_s = max(self._took_s)
        # as if the server took the calls one after the other, at half its pace
        expected_s = slowest_s * max(SLOWER_AT_MOST, 2 * under_way)
        return min(self._longest_s, max(WARM_PATIENCE_S, expected_s))

    def note(self, now: float, took_s: float) -> None:
        """Take in how long an answer took to begin."""
        self._took_s.append(took_s)
        self._last_at = now
