"""A field of axes on a canvas: values become places, lines keep their peaks, labels keep apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.adapters.charts.canvas import GRID, MUTED, PIXELS, Box, Canvas, Colour, Mark, Place

LABEL_SIZE = 12.5  # points; about 9 when the picture is as wide as a phone
LABEL_APART = 15.0
MARK_SIZE = 7.0
DOT_SIZE = 4.5  # of a moment that stands alone
# A place this near to the straight line between its neighbours is not drawn, in points.
NOT_SEEN = 0.12


@dataclass(frozen=True, slots=True)
class Series:
    """One line: what it is called, how it looks, and its values in stretches, each a list of (x, y)."""

    name: str
    colour: Colour
    stretches: Sequence[Sequence[Place]]
    mark: Mark = Mark.DISC
    width: float = 2.2


@dataclass(frozen=True, slots=True)
class Field:
    """Where on *canvas* values are drawn: *box* in points holds *across* by *up* in values."""

    canvas: Canvas
    box: Box
    across: tuple[float, float]
    up: tuple[float, float]

    def x(self, value: float) -> float:
        """Give the place of a value across."""
        left, _, right, _ = self.box
        return left + (right - left) * (value - self.across[0]) / (self.across[1] - self.across[0])

    def y(self, value: float) -> float:
        """Give the place of a value up."""
        _, top, _, bottom = self.box
        return bottom - (bottom - top) * (value - self.up[0]) / (self.up[1] - self.up[0])

    def heights(self, ticks: Iterable[tuple[float, str]], *, strong: float | None = None) -> None:
        """Draw a level line and its label for each tick; the one at *strong* is brighter."""
        left, _, right, _ = self.box
        for value, label in ticks:
            y = self.y(value)
            colour = MUTED if value == strong else GRID
            self.canvas.line(((left, y), (right, y)), colour, width=0.75 if value == strong else 1.0)
            self.canvas.text((left - 8, y), label, size=LABEL_SIZE, colour=MUTED, anchor="rm")

    def places(self, ticks: Iterable[tuple[float, str]]) -> None:
        """Draw an upright line and its label below for each tick."""
        _, top, _, bottom = self.box
        for value, label in ticks:
            x = self.x(value)
            self.canvas.line(((x, top), (x, bottom)), GRID, width=1.0)
            self.canvas.text((x, bottom + 14), label, size=LABEL_SIZE, colour=MUTED, anchor="mm")

    def lines(self, series: Sequence[Series]) -> None:
        """Draw the lines, the first on top, and name each at its end."""
        for one in reversed(series):
            for stretch in one.stretches:
                path = [(self.x(across), self.y(up)) for across, up in stretch]
                width = one.width if len(path) > 1 else DOT_SIZE
                self.canvas.line(drawable(path), one.colour, width=width)
        ended = [(one, one.stretches[-1][-1]) for one in series if one.stretches]
        labels = apart([self.y(end[1]) for _, end in ended], within=(self.box[1], self.box[3]))
        for (one, end), label_y in zip(reversed(ended), reversed(labels), strict=True):
            self.canvas.mark((self.x(end[0]), self.y(end[1])), one.colour, one.mark, size=MARK_SIZE)
            self.canvas.text((self.box[2] + 10, label_y), one.name, size=LABEL_SIZE, colour=one.colour)


def apart(heights: Sequence[float], *, within: tuple[float, float], least: float = LABEL_APART) -> list[float]:
    """Move *heights* as little as it takes to keep them *least* apart and, where they fit, *within*."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    moved: list[float] = []
    for place in order:
        moved.append(max(heights[place], moved[-1] + least if moved else within[0]))
    floor = within[1]
    for number in range(len(moved) - 1, -1, -1):
        moved[number] = min(moved[number], floor)
        floor = moved[number] - least
    return [moved[order.index(place)] for place in range(len(heights))]


def drawable(path: Sequence[Place]) -> list[Place]:
    """Leave out of *path*, ordered across, what nobody would see; every peak and dip stays."""
    return _straightened(_thinned(path))


def _thinned(path: Sequence[Place]) -> list[Place]:
    """Keep of each pixel's width the first, lowest, highest and last place."""
    columns: dict[int, list[Place]] = {}
    for place in path:
        columns.setdefault(round(place[0] * PIXELS), []).append(place)
    kept: list[Place] = []
    for column in columns.values():
        ends = (min(column, key=_height), max(column, key=_height))
        kept += [place for number, place in enumerate(column) if place in ends or number in (0, len(column) - 1)]
    return kept


def _straightened(path: Sequence[Place]) -> list[Place]:
    """Leave out places that lie on the line between those that stay, in one pass.

    *low* and *high* are the slopes between which a line from the last kept place passes all since then.
    """
    kept, before = list(path[:1]), path[:1]
    low, high = -math.inf, math.inf
    for place in path[1:]:
        (from_x, from_y), (x, y) = kept[-1], place
        slope = (y - from_y) / (x - from_x) if x > from_x else math.inf
        if not low <= slope <= high and kept[-1] != before[0]:
            kept.append(before[0])
            from_x, from_y = before[0]
            low, high = -math.inf, math.inf
        if x > from_x:
            low = max(low, (y - NOT_SEEN - from_y) / (x - from_x))
            high = min(high, (y + NOT_SEEN - from_y) / (x - from_x))
        else:
            kept.append(place)
            low, high = -math.inf, math.inf
        before = (place,)
    return kept if list(before) == kept[-1:] else [*kept, *before]


def _height(place: Place) -> float:
    return place[1]
