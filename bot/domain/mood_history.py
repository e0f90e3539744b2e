"""What is recorded of a mood over a span: which points count, and where the record has holes.

Charts and words about the same history both read it here, so that they never disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from bot.domain.affect.bateman import clip
from bot.domain.feeling import MoodPoint

# A pause is a hole when it is this many times as long as usual, if that is at least the first part of the
# span, and in any case from the second on; chosen by ear.
HOLE_TO_USUAL = 3.0
SHORTEST_PAUSE_OF_SPAN = 1 / 60
LONGEST_PAUSE_OF_SPAN = 1 / 8


class Span(StrEnum):
    """How far back a look at her mood goes."""

    DAY = "day"
    WEEK = "week"

    @property
    def length(self) -> timedelta:
        """Give the span's length."""
        return timedelta(days=1 if self is Span.DAY else 7)


def recorded(history: Iterable[MoodPoint], span: Span, now: datetime) -> tuple[MoodPoint, ...]:
    """Give the readable points from *span* before *now* until *now*, oldest first, on the axes' scale."""
    since = now - span.length
    kept = [_on_scale(point) for point in history if since <= point.at <= now and _is_readable(point)]
    return tuple(sorted(kept, key=lambda point: point.at))


def end_of(history: Sequence[MoodPoint], now: datetime | None) -> datetime | None:
    """Give the moment a history ends: *now*, or that of its last point; None where there is neither."""
    return now or max((point.at for point in history), default=None)


def longest_pause(points: Sequence[MoodPoint], span: Span) -> timedelta:
    """Give the longest time between two points that still counts as known."""
    most = span.length * LONGEST_PAUSE_OF_SPAN
    pauses_s = [(after.at - before.at).total_seconds() for before, after in pairwise(points)]
    usual = timedelta(seconds=median(pauses_s)) if pauses_s else most
    return min(max(usual * HOLE_TO_USUAL, span.length * SHORTEST_PAUSE_OF_SPAN), most)


def stretches(points: Sequence[MoodPoint], span: Span) -> list[Sequence[MoodPoint]]:
    """Cut *points* where the record has a hole; each stretch holds at least one point."""
    limit = longest_pause(points, span)
    cuts = [place for place in range(1, len(points)) if points[place].at - points[place - 1].at > limit]
    bounds = [0, *cuts, len(points)]
    return [points[start:stop] for start, stop in pairwise(bounds) if stop > start]


def holes(points: Sequence[MoodPoint], span: Span, now: datetime) -> list[tuple[datetime, datetime]]:
    """Give the times within *span* before *now* of which nothing is known, oldest first."""
    edges = [now - span.length]
    for stretch in stretches(points, span):
        edges += [stretch[0].at, stretch[-1].at]
    edges.append(now)
    limit = longest_pause(points, span)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, stop) for start, stop in pairs if stop - start > limit]


def _is_readable(point: MoodPoint) -> bool:
    return math.isfinite(point.pleasure) and math.isfinite(point.arousal) and math.isfinite(point.dominance)


def _on_scale(point: MoodPoint) -> MoodPoint:
    axes = (clip(axis, -1.0, 1.0) for axis in (point.pleasure, point.arousal, point.dominance))
    return MoodPoint(point.at, *axes)
