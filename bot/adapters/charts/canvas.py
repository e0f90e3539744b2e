"""A sheet to draw on, in points: smooth lines, marks and text, given out as a PNG with rounded corners.

Shapes are drawn larger and shrunk, which is what makes them smooth; text is set last, at its final size. The
same strokes give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from io import BytesIO
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Place = tuple[float, float]
Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]
Anchor = Literal["lm", "mm", "rm", "la", "ma", "ra"]

PIXELS = 2  # of the picture to a point, for screens that are fine enough
SMOOTHER = 2  # times as large as the picture are shapes drawn
STRIP = 96  # rows of the picture that are smoothed at once
CORNER = 12.0  # points
# A week at level 1, 4, 9: 51, 43, 38 kB in 13, 18, 66 ms of one core.
COMPRESSION = 4

MOST_JOINTS = 600  # in a line; a more ragged one costs much time to join and shows no joints

# A panel of its own, so that the picture looks the same on dark and on light pages.
PANEL: Colour = (30, 31, 38)
TEXT: Colour = (226, 228, 235)
MUTED: Colour = (163, 167, 180)
GRID: Colour = (54, 56, 66)
UNKNOWN: Colour = (40, 42, 50)
# Three of Okabe and Ito 2008, the green lighter, and white: told apart with any colour vision and read with ease
# on the panel, which tests hold.
ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (20, 176, 132)
WHITE: Colour = (235, 236, 240)


class Mark(Enum):
    """The shape at a line's end; a second way to tell lines apart."""

    DISC = 0
    SQUARE = 4
    TRIANGLE = 3


@dataclass(frozen=True, slots=True)
class _Words:
    at: Place
    text: str
    size: float
    colour: Colour
    anchor: Anchor


class Canvas:
    """A sheet of *width* by *height* points; the origin is at its top left."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._size = (round(width * PIXELS), round(height * PIXELS))
        self._unit = PIXELS * SMOOTHER
        # by palette, with a byte a pixel: a chart has few colours, and a sheet with three bytes costs 7 MB
        self._ink = Image.new("P", (self._size[0] * SMOOTHER, self._size[1] * SMOOTHER), PANEL)
        self._draw = ImageDraw.Draw(self._ink)
        self._words: list[_Words] = []

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle given by left, top, right and bottom."""
        left, top, right, bottom = (edge * self._unit for edge in box)
        self._draw.rectangle((left, top, max(right, left), max(bottom, top)), fill=colour)

    def hatch(self, box: Box, colour: Colour, *, every: float = 7.0) -> None:
        """Fill a rectangle with slanted strokes: what is not known."""
        left, top, right, bottom = box
        step = left - (bottom - top)
        while step < right:
            start, stop = max(step, left), min(step + bottom - top, right)
            ends = ((start, bottom - (start - step)), (stop, bottom - (stop - step)))
            self.line(ends, colour, width=1.0)
            step += every

    def line(self, places: Sequence[Place], colour: Colour, *, width: float = 2.0) -> None:
        """Draw a line through *places* with round ends; a single one becomes a dot."""
        if len(places) > 1:
            path = [(x * self._unit, y * self._unit) for x, y in places]
            joint = "curve" if len(path) <= MOST_JOINTS else None
            self._draw.line(path, fill=colour, width=max(1, round(width * self._unit)), joint=joint)
        for place in {places[0], places[-1]} if places else ():
            self.mark(place, colour, Mark.DISC, size=width)

    def mark(self, place: Place, colour: Colour, shape: Mark, *, size: float) -> None:
        """Draw a shape of *size* points around *place*."""
        x, y, radius = place[0] * self._unit, place[1] * self._unit, size * self._unit / 2
        if shape is Mark.DISC:
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        else:
            self._draw.regular_polygon((x, y, radius * 1.2), shape.value, fill=colour)

    def text(self, at: Place, text: str, *, size: float, colour: Colour = TEXT, anchor: Anchor = "lm") -> None:
        """Set *text* at a place; *anchor* is Pillow's: left, middle or right, then middle or ascender."""
        self._words.append(_Words(at, text, size, colour, anchor))

    def png(self) -> bytes:
        """Give the picture as it is now."""
        picture = self._shrunk()
        draw = ImageDraw.Draw(picture)
        for words in self._words:
            at = (words.at[0] * PIXELS, words.at[1] * PIXELS)
            draw.text(at, words.text, fill=words.colour, font=_font(words.size), anchor=words.anchor)
        picture.putalpha(_panel(self._size))
        out = BytesIO()
        picture.save(out, "PNG", compress_level=COMPRESSION)
        return out.getvalue()

    def _shrunk(self) -> Image.Image:
        """Give the shapes at the picture's size, with smooth edges, strip by strip."""
        picture = Image.new("RGB", self._size)
        for top in range(0, self._size[1], STRIP):
            bottom = min(top + STRIP, self._size[1])
            strip = self._ink.crop((0, top * SMOOTHER, self._ink.width, bottom * SMOOTHER))
            picture.paste(strip.convert("RGB").reduce(SMOOTHER), (0, top))
        return picture


def text_width(text: str, *, size: float) -> float:
    """Give how wide *text* is, in points."""
    return float(_font(size).getlength(text)) / PIXELS


@lru_cache(maxsize=16)
def _font(size: float) -> ImageFont.FreeTypeFont:
    """Give the font that comes with Pillow, which knows hardly more than ASCII."""
    font = ImageFont.load_default(size=size * PIXELS)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType, so text cannot be set")
    return font


@lru_cache(maxsize=4)
def _panel(size: tuple[int, int]) -> Image.Image:
    """Give the mask that rounds the corners."""
    large = Image.new("L", (size[0] * SMOOTHER, size[1] * SMOOTHER), 0)
    edges = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(edges, CORNER * PIXELS * SMOOTHER, fill=255)
    return large.reduce(SMOOTHER)
