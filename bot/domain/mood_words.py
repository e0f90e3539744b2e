"""A mood history in plain words: what a chart of it shows, for those who cannot see the chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.affect.mood import octant, strength
from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span, end_of, holes, longest_pause, recorded

LONGEST_TEXT = 300  # characters; a screen reader reads them all, and Discord allows 1024
# What of a span a mood must have filled to be called its mood; chosen by ear.
MOSTLY = 0.6
# How far pleasure must have moved from its middle to be worth a word, and how much of that must be undone to
# count as over or half over; chosen by ear.
NOTABLE = 0.15
OVER, HALF_OVER = 0.7, 0.3
# A turn is sharp when it took less than this part of the span; one this near an end belongs to it; by ear.
SHARP_OF_SPAN = 1 / 12
END_OF_SPAN = 1 / 24

EVEN = "even-tempered"
DEGREES = {"slight": "slightly {}", "moderate": "moderately {}", "strong": "strongly {}"}
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
    *("twenty-one", "twenty-two", "twenty-three"),
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def describe(history: Sequence[MoodPoint], *, span: Span, now: datetime | None = None) -> str:
    """Tell *history* in at most 300 characters; without *now* it ends at its last point."""
    over = f"the last {span.value}"
    end = end_of(history, now)
    points = recorded(history, span, end) if end else ()
    if not points or end is None:
        return f"Nothing is known of her mood over {over}."
    if len(points) == 1:
        return f"Only one moment of {over} is known, {ago(end - points[0].at)}: she was {_state(points[0])}."
    turn = _turn(points, span, end)
    sentences = [
        f"Over {over} she was {_whole(points, span, end)}{f'; {turn}' if turn else ''}.",
        _ending(points, span, end),
        _unknown(points, span, end),
    ]
    return _shortened([sentence for sentence in sentences if sentence])


def ago(elapsed: timedelta) -> str:
    """Say how long ago something was, as a person would."""
    if elapsed < timedelta(minutes=5):
        return "just now"
    if elapsed < timedelta(minutes=20):
        return "a few minutes ago"
    if elapsed < timedelta(minutes=45):
        return "about half an hour ago"
    hours, days = round(elapsed / HOUR), round(elapsed / DAY)
    if hours < len(NUMBERS):
        return f"about {'an hour' if hours <= 1 else f'{NUMBERS[hours]} hours'} ago"
    if days < len(NUMBERS):
        return f"about {'a day' if days <= 1 else f'{NUMBERS[days]} days'} ago"
    return "long ago"


def _kind(point: MoodPoint) -> str:
    """Name a mood without its degree."""
    mood = (point.pleasure, point.arousal, point.dominance)
    return octant(mood) if strength(mood) in DEGREES else EVEN


def _state(point: MoodPoint) -> str:
    """Name a mood with its degree."""
    mood = (point.pleasure, point.arousal, point.dominance)
    return DEGREES.get(strength(mood), EVEN).format(octant(mood))


def _weights(points: Sequence[MoodPoint], span: Span) -> list[float]:
    """Give the time each point stands for, in seconds; holes stand for nobody."""
    limit = longest_pause(points, span)
    lasted = [after.at - before.at for before, after in pairwise(points)]
    weights = [pause.total_seconds() if pause <= limit else 0.0 for pause in lasted]
    return [*weights, weights[-1]] if any(weights) else [1.0] * len(points)


def _whole(points: Sequence[MoodPoint], span: Span, end: datetime) -> str:
    """Say how the span was as a whole."""
    filled: dict[str, float] = defaultdict(float)
    for point, weight in zip(points, _weights(points, span), strict=True):
        filled[_kind(point)] += weight
    ranked = sorted(filled, key=lambda kind: -filled[kind])
    if len(ranked) == 1:
        return f"{ranked[0]} {'as far as is known' if holes(points, span, end) else 'throughout'}"
    if filled[ranked[0]] >= MOSTLY * sum(filled.values()):
        return f"mostly {ranked[0]}"
    earlier, later = (kind for kind in filled if kind in ranked[:2])
    return f"partly {earlier}, partly {later}" if len(ranked) == 2 else f"by turns {earlier} and {later}"


def _turn(points: Sequence[MoodPoint], span: Span, end: datetime) -> str:
    """Say when pleasure was furthest from its middle, how it came and whether it passed."""
    middle = _middle(points, span)
    peak = max(points, key=lambda point: abs(point.pleasure - middle))
    height = peak.pleasure - middle
    if abs(height) < NOTABLE:
        return ""
    near = span.length * END_OF_SPAN
    undone = 1.0 - (points[-1].pleasure - middle) / height
    if peak.at - points[0].at <= near:
        return _from_the_start(undone, is_low=height < 0)
    came = peak.at - _onset(points, peak, middle)
    word = ("sharp " if came <= span.length * SHARP_OF_SPAN else "slow ") + ("dip" if height < 0 else "rise")
    if end - peak.at <= near and undone < HALF_OVER:
        return f"lately a {word}"
    return f"a {word} {ago(end - peak.at)}, {_passed(undone, is_low=height < 0)}"


def _middle(points: Sequence[MoodPoint], span: Span) -> float:
    """Give the pleasure that half the known time lay below."""
    ordered = sorted(zip((point.pleasure for point in points), _weights(points, span), strict=True))
    half = sum(weight for _, weight in ordered) / 2
    for pleasure, weight in ordered:
        half -= weight
        if half <= 0:
            return pleasure
    return ordered[-1][0]


def _onset(points: Sequence[MoodPoint], peak: MoodPoint, middle: float) -> datetime:
    """Give the last moment before *peak* when pleasure was less than half as far out."""
    height = peak.pleasure - middle
    before = [point for point in points if point.at < peak.at]
    calm = [point.at for point in before if (point.pleasure - middle) / height < 0.5]
    return calm[-1] if calm else before[0].at


def _passed(undone: float, *, is_low: bool) -> str:
    if undone >= OVER:
        return "recovered since" if is_low else "gone since"
    if undone >= HALF_OVER:
        return "partly recovered since" if is_low else "fading since"
    return "not yet recovered" if is_low else "lasting until now"


def _from_the_start(undone: float, *, is_low: bool) -> str:
    start = "low at first" if is_low else "brightest at first"
    if undone >= OVER:
        return f"{start}, {'recovered' if is_low else 'lower'} since"
    return f"{start}, {'slowly recovering' if is_low else 'slowly fading'}" if undone >= HALF_OVER else start


def _ending(points: Sequence[MoodPoint], span: Span, end: datetime) -> str:
    """Say how she is now, or was when last heard of."""
    silent = end - points[-1].at
    if silent > longest_pause(points, span):
        return f"Last known, {ago(silent)}, she was {_state(points[-1])}."
    return f"Now she is {_state(points[-1])}."


def _unknown(points: Sequence[MoodPoint], span: Span, end: datetime) -> str:
    """Say how much of the span is not known, where that is worth a word."""
    missing = sum((stop - start for start, stop in holes(points, span, end)), timedelta())
    if not missing:
        return ""
    return f"{'Most' if missing > span.length / 2 else 'Part'} of the {span.value} was not recorded."


def _shortened(sentences: list[str]) -> str:
    """Join as many sentences, from the first on, as fit."""
    while len(" ".join(sentences)) > LONGEST_TEXT and len(sentences) > 1:
        sentences = sentences[:-1]
    return " ".join(sentences)
