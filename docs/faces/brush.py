"""A brush on a square sheet: smooth blobs, strokes and cut ellipses, drawn large and shrunk.

Places are in units of the finished picture, `SIDE` a side. The same strokes give the same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

Place = tuple[float, float]
Colour = tuple[int, int, int] | tuple[int, int, int, int]
Edge = Callable[[float], float]

SIDE = 256  # pixels of the finished picture
FINER = 4  # times as large are shapes drawn
STEPS = 14  # points between two joints of a curve
OPAQUE = 255


def rgb(code: str, alpha: int = OPAQUE) -> Colour:
    """Give the colour of six hexadecimal digits."""
    red, green, blue = (int(code[at : at + 2], 16) for at in (0, 2, 4))
    return (red, green, blue, alpha)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Give *one* with a *share* of *other* in it, in [0, 1]."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))
    return (red, green, blue, OPAQUE)


def curve(joints: Sequence[Place], *, is_closed: bool = False) -> list[Place]:
    """Give points along a smooth line through *joints* (Catmull and Rom 1974)."""
    if len(joints) < 3 and not is_closed:
        return list(joints)
    ring = list(joints)
    ring = [ring[-1], *ring, ring[0], ring[1]] if is_closed else [ring[0], *ring, ring[-1]]
    points = []
    for before, here, there, after in zip(ring, ring[1:], ring[2:], ring[3:], strict=False):
        for step in range(STEPS):
            points.append(_between(before, here, there, after, step / STEPS))
    return points if is_closed else [*points, joints[-1]]


def _between(before: Place, here: Place, there: Place, after: Place, t: float) -> Place:
    x, y = (
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(before, here, there, after, strict=True)
    )
    return x, y


class Brush:
    """A sheet and what is drawn on it; later strokes lie on top."""

    def __init__(self) -> None:
        self._sheet = Image.new("RGBA", (SIDE * FINER, SIDE * FINER), (255, 255, 255, 0))
        self._draw = ImageDraw.Draw(self._sheet)
        self._angle = 0.0
        self._about: Place = (0.0, 0.0)
        self._zoom, self._zoomed = 1.0, (0.0, 0.0)

    def turn(self, degrees: float, about: Place = (0.0, 0.0)) -> None:
        """Draw from now on turned clockwise about a place; by 0 is straight again."""
        self._angle, self._about = math.radians(degrees), about

    def zoom(self, times: float, about: Place = (0.0, 0.0)) -> None:
        """Draw from now on so many times as large, seen from a place; by 1 is as large as said."""
        self._zoom, self._zoomed = times, about

    def blob(self, joints: Sequence[Place], colour: Colour) -> None:
        """Fill a smooth closed shape through *joints*."""
        self.shape(curve(joints, is_closed=True), colour)

    def shape(self, points: Sequence[Place], colour: Colour) -> None:
        """Fill a shape with straight edges; a see-through colour lets what is below shine on."""
        placed = [self._placed(point) for point in points]
        if colour[-1] == OPAQUE or len(colour) == len("rgb"):
            self._draw.polygon(placed, fill=colour)
            return
        layer = Image.new("RGBA", self._sheet.size, (*colour[:3], 0))
        ImageDraw.Draw(layer).polygon(placed, fill=colour)
        self._sheet.alpha_composite(layer)

    def disc(self, centre: Place, across: float, down: float, colour: Colour, *, lean: float = 0.0) -> None:
        """Fill an ellipse by its half axes, leaning clockwise by degrees."""
        self.shape(_ellipse(centre, across, down, lean), colour)

    def lens(self, centre: Place, across: float, down: float, colour: Colour, *, top: Edge, bottom: Edge) -> None:
        """Fill what is seen of an ellipse between a *top* and a *bottom* edge, each a height by the place across."""
        points = [(x, min(max(y, top(x)), max(bottom(x), top(x)))) for x, y in _ellipse(centre, across, down, 0.0)]
        self.shape(points, colour)

    def stroke(self, joints: Sequence[Place], width: float, colour: Colour, *, taper: float = 1.0) -> None:
        """Draw a smooth line with round ends; at its ends it is *taper* times as wide."""
        points = _dense(curve(joints), width / 6)
        last = max(len(points) - 1, 1)
        for number, point in enumerate(points):
            swell = taper + (1 - taper) * math.sin(math.pi * number / last)
            x, y = self._placed(point)
            radius = width / 2 * swell * FINER * self._zoom
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def cut_round(self) -> None:
        """Leave only what lies in the round of the sheet."""
        mask = Image.new("L", self._sheet.size, 0)
        edge = SIDE * FINER - 1
        ImageDraw.Draw(mask).ellipse((2 * FINER, 2 * FINER, edge - 2 * FINER, edge - 2 * FINER), fill=OPAQUE)
        alpha = self._sheet.getchannel("A")
        self._sheet.putalpha(Image.composite(alpha, Image.new("L", alpha.size, 0), mask))
        self._draw = ImageDraw.Draw(self._sheet)

    def picture(self) -> Image.Image:
        """Give the finished picture."""
        return self._sheet.reduce(FINER)

    def _placed(self, point: Place) -> Place:
        large = [near + (place - near) * self._zoom for place, near in zip(point, self._zoomed, strict=True)]
        x, y = large[0] - self._about[0], large[1] - self._about[1]
        cos, sin = math.cos(self._angle), math.sin(self._angle)
        turned = (x * cos - y * sin + self._about[0], x * sin + y * cos + self._about[1])
        return (round(turned[0] * FINER, 2), round(turned[1] * FINER, 2))


def png(picture: Image.Image) -> bytes:
    """Give a picture as a PNG, packed as small as it goes."""
    packed = BytesIO()
    picture.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _ellipse(centre: Place, across: float, down: float, lean: float) -> list[Place]:
    cos, sin = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    points = []
    for step in range(96):
        x, y = across * math.cos(math.tau * step / 96), down * math.sin(math.tau * step / 96)
        points.append((centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos))
    return points


def _dense(points: Sequence[Place], gap: float) -> list[Place]:
    dense: list[Place] = []
    for one, other in pairwise(points):
        pieces = max(math.ceil(math.dist(one, other) / max(gap, 0.2)), 1)
        dense += [
            (one[0] + (other[0] - one[0]) * piece / pieces, one[1] + (other[1] - one[1]) * piece / pieces)
            for piece in range(pieces)
        ]
    return [*dense, points[-1]]
