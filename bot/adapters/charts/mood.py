"""The chart of a mood over a day or a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.adapters.charts.canvas import GREEN, GRID, MUTED, ORANGE, SKY, TEXT, UNKNOWN, Canvas, Mark, text_width
from bot.adapters.charts.plot import LABEL_SIZE, Field, Series
from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span, end_of, holes, recorded, stretches

WIDTH, HEIGHT = 480.0, 240.0  # points
BOX = (48.0, 46.0, 382.0, 206.0)
TITLE_SIZE = 16.0
# Marks on the scale reach to the least of these that holds all values, so that quiet days have a shape too.
REACHES = (0.25, 0.5, 0.75, 1.0)
NOW_KEEPS = 34.0  # points beside "now" in which no other time is named
TIMES_APART = timedelta(hours=6)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = "Nothing recorded"
HOLE = "no record"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw_mood(history: Sequence[MoodPoint], *, span: Span, now: datetime | None = None) -> bytes:
    """Draw *history* as a PNG of 960 by 480 pixels; the same history gives the same bytes."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text((18, 23), f"Mood over the last {span.value}", size=TITLE_SIZE)
    end = end_of(history, now)
    points = recorded(history, span, end) if end else ()
    if points and end is not None:
        _draw_points(canvas, points, span, end)
    else:
        _draw_nothing(canvas)
    return canvas.png()


def _draw_nothing(canvas: Canvas) -> None:
    left, top, right, bottom = BOX
    box = (left, top, right + left, bottom)
    canvas.fill(box, UNKNOWN)
    canvas.hatch(box, GRID)
    canvas.text(((box[0] + box[2]) / 2, (top + bottom) / 2), NOTHING, size=TITLE_SIZE, colour=TEXT, anchor="mm")


def _draw_points(canvas: Canvas, points: Sequence[MoodPoint], span: Span, now: datetime) -> None:
    canvas.text((WIDTH - 18, 23), "UTC", size=LABEL_SIZE, colour=MUTED, anchor="rm")
    reach = _reach(points)
    field = Field(canvas, BOX, (-span.length.total_seconds(), 0.0), (-reach, reach))
    _draw_holes(field, points, span, now)
    shown = round(reach * 100)
    field.heights(((reach, f"+{shown}"), (0.0, "0"), (-reach, f"-{shown}")), strong=0.0)
    free = field.x(0.0) - NOW_KEEPS
    field.places((before, name if field.x(before) < free else "") for before, name in times(span, now))
    _draw_now(field)
    parts = stretches(points, span)
    field.lines(
        [
            Series("pleasure", ORANGE, [[(_x(p, now), p.pleasure) for p in part] for part in parts], Mark.DISC, 3.0),
            Series("arousal", SKY, [[(_x(p, now), p.arousal) for p in part] for part in parts], Mark.TRIANGLE),
            Series("dominance", GREEN, [[(_x(p, now), p.dominance) for p in part] for part in parts], Mark.SQUARE),
        ]
    )


def _x(point: MoodPoint, now: datetime) -> float:
    return (point.at - now).total_seconds()


def _reach(points: Sequence[MoodPoint]) -> float:
    most = max(max(abs(point.pleasure), abs(point.arousal), abs(point.dominance)) for point in points)
    return next((reach for reach in REACHES if most <= reach), REACHES[-1])


def _draw_holes(field: Field, points: Sequence[MoodPoint], span: Span, now: datetime) -> None:
    for start, stop in holes(points, span, now):
        left, right = field.x((start - now).total_seconds()), field.x((stop - now).total_seconds())
        box = (left, field.box[1], right, field.box[3])
        field.canvas.fill(box, UNKNOWN)
        field.canvas.hatch(box, GRID)
        if right - left > text_width(HOLE, size=LABEL_SIZE) + 8:
            middle = ((left + right) / 2, field.box[3] - 12)
            field.canvas.text(middle, HOLE, size=LABEL_SIZE, colour=MUTED, anchor="mm")


def times(span: Span, now: datetime) -> list[tuple[float, str]]:
    """Give every sixth hour of a day, or the midnights of a week, in UTC: seconds from *now*, and its name."""
    every = TIMES_APART if span is Span.DAY else timedelta(days=1)
    latest = now - (now - EPOCH) % every
    count = (latest - (now - span.length)) // every + 1
    marked = [latest - every * number for number in range(count)]
    return [((at - now).total_seconds(), _named(at.astimezone(UTC), span)) for at in marked]


def _named(at: datetime, span: Span) -> str:
    return f"{at:%H:%M}" if span is Span.DAY else WEEKDAYS[at.weekday()]


def _draw_now(field: Field) -> None:
    x, top, bottom = field.x(0.0), field.box[1], field.box[3]
    field.canvas.line(((x, top - 4), (x, bottom + 3)), MUTED, width=1.25)
    field.canvas.text((x, bottom + 14), "now", size=LABEL_SIZE, colour=TEXT, anchor="mm")
