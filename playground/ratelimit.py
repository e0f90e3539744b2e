"""Discord's rate limits: buckets per route and major parameter, their headers and the 429 answer.

The figures are those clients observe on Discord, rounded to the generous side. Only the application is
limited; people's pages and test clients are not.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from playground.errors import Json

GLOBAL_LIMIT = 50  # requests a second; Discord reference, "Global Rate Limit"
BUCKETS_KEPT = 2_000  # idle buckets beyond this are dropped, oldest first


class Pace(NamedTuple):
    """How many requests a bucket takes in how many seconds."""

    limit: int
    per_s: float


DEFAULT_PACE = Pace(50, 1.0)
PACES: dict[str, Pace] = {
    "POST /channels/{channel_id}/messages": Pace(5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": Pace(5, 5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": Pace(5, 1.0),
    "GET /channels/{channel_id}/messages": Pace(5, 1.0),
    "POST /channels/{channel_id}/typing": Pace(5, 5.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": Pace(1, 0.25),
    "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": Pace(1, 0.25),
    "POST /channels/{channel_id}/threads": Pace(50, 300.0),
    "POST /channels/{channel_id}/messages/{message_id}/threads": Pace(50, 300.0),
    "PATCH /users/@me": Pace(2, 3600.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": Pace(5, 2.0),
}
# Interaction answers do not count against the global limit.
OUTSIDE_GLOBAL = (
    "POST /interactions/",
    "POST /webhooks/",
    "PATCH /webhooks/",
    "GET /webhooks/",
    "DELETE /webhooks/",
)


@dataclass(slots=True)
class Bucket:
    """One window of requests."""

    pace: Pace
    key: str
    remaining: int = 0
    ends_at: float = 0.0

    def take(self, now: float) -> bool:
        """Count one request; False when the window is full."""
        if now >= self.ends_at:
            self.remaining, self.ends_at = self.pace.limit, now + self.pace.per_s
        if self.remaining <= 0:
            return False
        self.remaining -= 1
        return True


@dataclass(slots=True)
class Verdict:
    """What a request is told: headers always, a body when it is refused."""

    headers: dict[str, str]
    refusal: Json | None = None


@dataclass(slots=True)
class RateLimits:
    """All buckets of the application."""

    is_enabled: bool = True
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=GLOBAL_LIMIT))

    def check(self, route: str, major: str) -> Verdict:
        """Count one request to *route*, whose bucket is further split by *major*."""
        if not self.is_enabled:
            return Verdict({})
        now = time.monotonic()
        if not route.startswith(OUTSIDE_GLOBAL) and not self._take_global(now):
            return refuse(1.0 - (now - self._recent[0]), scope="global")
        bucket = self._bucket(route, major)
        was_free = bucket.take(now)
        headers = _headers(bucket, now)
        if was_free:
            return Verdict(headers)
        refused = refuse(bucket.ends_at - now, scope="user")
        return Verdict(headers | refused.headers, refused.refusal)

    def _take_global(self, now: float) -> bool:
        if len(self._recent) == GLOBAL_LIMIT and now - self._recent[0] < 1.0:
            return False
        self._recent.append(now)
        return True

    def _bucket(self, route: str, major: str) -> Bucket:
        key = f"{route} {major}"
        bucket = self._buckets.get(key)
        if bucket is None:
            digest = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
            bucket = self._buckets[key] = Bucket(PACES.get(route, DEFAULT_PACE), digest)
            if len(self._buckets) > BUCKETS_KEPT:
                del self._buckets[next(iter(self._buckets))]
        return bucket


def refuse(retry_after_s: float, *, scope: str) -> Verdict:
    """Build a 429 for the "user", "shared" or "global" scope."""
    retry_after = round(max(0.001, retry_after_s), 3)
    headers = {"Retry-After": str(max(1, -int(-retry_after // 1))), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": retry_after,
        "global": scope == "global",
    }
    return Verdict(headers, body)


def _headers(bucket: Bucket, now: float) -> dict[str, str]:
    left = max(0.0, bucket.ends_at - now)
    return {
        "X-RateLimit-Limit": str(bucket.pace.limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": f"{time.time() + left:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": bucket.key,
    }
