"""Mood charts: what is on the picture, that nothing is made up, and that the event loop goes on."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.adapters.charts import MoodChart
from bot.adapters.charts.canvas import GREEN, MUTED, ORANGE, PANEL, PIXELS, SKY, TEXT, WHITE, Colour
from bot.adapters.charts.mood import BOX, draw_mood, times
from bot.adapters.charts.plot import NOT_SEEN, apart, drawable
from bot.domain.feeling import MoodPoint
from bot.domain.mood_history import Span

NOW = datetime(2026, 11, 20, 18, 20, tzinfo=UTC)
TICK = timedelta(minutes=4)
LINES = (ORANGE, SKY, GREEN)
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
# sRGB in linear light as people with protanopia and deuteranopia see it (Viénot, Brettel and Mollon 1999)
BLINDNESS = {
    "none": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
TOLD_APART = 30.0  # CIE 1976 colour difference; 2.3 can just be noticed side by side


def made(span: Span) -> list[MoodPoint]:
    """A whole span with lines that stay apart: pleasure above, arousal below, dominance between."""
    count = span.length // TICK
    return [
        MoodPoint(NOW - TICK * number, 0.4 + 0.05 * math.sin(number / 9), -0.3, 0.1) for number in range(count, -1, -1)
    ]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    return picture


def columns(picture: Image.Image, colour: Colour) -> set[int]:
    """Which columns of the field have a pixel of exactly this colour."""
    left, top, right, bottom = (round(edge * PIXELS) for edge in BOX)
    field = picture.convert("RGB").crop((left, top, right, bottom))
    pixels = field.tobytes()
    wanted = bytes(colour)
    return {place // 3 % field.width for place in range(0, len(pixels), 3) if pixels[place : place + 3] == wanted}


def linear(colour: Colour) -> list[float]:
    parts = [channel / 255 for channel in colour]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour: Colour) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lab(light: list[float]) -> tuple[float, float, float]:
    red, green, blue = (max(part, 0.0) for part in light)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return (116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))


@pytest.mark.parametrize("span", Span)
def test_a_chart_is_a_small_png_with_all_lines_from_end_to_end(span: Span):
    png = draw_mood(made(span), span=span)
    picture = opened(png)
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (960, 480))
    assert len(png) < 150_000
    for colour in LINES:
        found = columns(picture, colour)
        assert min(found) <= 2
        assert max(found) >= (BOX[2] - BOX[0]) * PIXELS - 12
        assert len(found) > 0.9 * (BOX[2] - BOX[0]) * PIXELS


def test_the_panel_is_opaque_with_round_corners():
    picture = opened(draw_mood(made(Span.DAY), span=Span.DAY))
    for corner in ((0, 0), (959, 0), (0, 479), (959, 479)):
        assert picture.getpixel(corner)[3] == 0
    for edge in ((480, 0), (0, 240), (959, 240), (480, 479)):
        assert picture.getpixel(edge) == (*PANEL, 255)


def test_the_same_history_gives_the_same_bytes_in_any_order():
    history = made(Span.DAY)
    png = draw_mood(history, span=Span.DAY)
    assert png == draw_mood(history, span=Span.DAY)
    assert png == draw_mood(history[::-1], span=Span.DAY)


def test_a_hole_is_not_bridged():
    hole = (timedelta(hours=7), timedelta(hours=12))
    history = [point for point in made(Span.DAY) if not hole[0] < NOW - point.at < hole[1]]
    picture = opened(draw_mood(history, span=Span.DAY))
    width = (BOX[2] - BOX[0]) * PIXELS
    first, last = (width * (1 - length / Span.DAY.length) for length in (hole[1], hole[0]))
    for colour in LINES:
        found = columns(picture, colour)
        assert not any(first + 6 < column < last - 6 for column in found)
        assert any(column < first for column in found)
        assert any(column > last for column in found)


def test_silence_until_now_is_not_bridged():
    history = [point for point in made(Span.DAY) if NOW - point.at > timedelta(hours=6)]
    picture = opened(draw_mood(history, span=Span.DAY, now=NOW))
    assert max(columns(picture, SKY)) < 0.76 * (BOX[2] - BOX[0]) * PIXELS


def test_one_point_is_a_mark_and_none_is_said():
    one = opened(draw_mood(made(Span.DAY)[180:181], span=Span.DAY, now=NOW))
    assert all(0 < len(columns(one, colour)) < 30 for colour in LINES)
    empty = draw_mood([], span=Span.WEEK)
    assert all(columns(opened(empty), colour) == set() for colour in LINES)
    assert empty == draw_mood([], span=Span.WEEK, now=NOW)
    assert empty == draw_mood(made(Span.DAY), span=Span.WEEK, now=NOW + 2 * Span.WEEK.length)


def test_unreadable_points_are_left_out():
    history = made(Span.DAY)
    junk = [MoodPoint(NOW - TICK * 7, value, 0.0, 0.0) for value in (math.nan, math.inf, -math.inf)]
    assert draw_mood([*junk, *history], span=Span.DAY) == draw_mood(history, span=Span.DAY)
    assert draw_mood(junk, span=Span.DAY) == draw_mood([], span=Span.DAY)


def test_a_value_off_the_scale_stays_on_the_field():
    history = [MoodPoint(NOW - TICK * number, 1e308, -1e308, 0.0) for number in range(360)]
    assert columns(opened(draw_mood(history, span=Span.DAY)), GREEN)


def test_times_are_named_in_utc():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert times(Span.DAY, elsewhere) == times(Span.DAY, NOW)
    assert [name for _, name in times(Span.DAY, NOW)] == ["18:00", "12:00", "06:00", "00:00"]
    assert times(Span.DAY, NOW)[0][0] == -20 * 60
    assert [name for _, name in times(Span.WEEK, NOW)] == ["Fri", "Thu", "Wed", "Tue", "Mon", "Sun", "Sat"]


@pytest.mark.parametrize("colour", [TEXT, MUTED, WHITE, *LINES])
def test_every_colour_that_is_written_in_can_be_read(colour: Colour):
    assert (luminance(colour) + 0.05) / (luminance(PANEL) + 0.05) >= TEXT_CONTRAST


@pytest.mark.parametrize("sight", BLINDNESS)
def test_the_lines_are_told_apart_with_any_colour_vision(sight: str):
    def seen(colour: Colour) -> tuple[float, float, float]:
        light = linear(colour)
        return lab([sum(share * part for share, part in zip(row, light, strict=True)) for row in BLINDNESS[sight]])

    for one, other in combinations((*LINES, WHITE), 2):
        assert math.dist(seen(one), seen(other)) >= TOLD_APART, (one, other)


@given(st.lists(st.tuples(st.floats(0, 340), st.floats(0, 160)), min_size=1, max_size=80))
@settings(max_examples=200, deadline=None)
def test_what_is_not_drawn_is_not_seen(path):
    path = sorted({place[0]: place for place in path}.values())
    kept = drawable(path)
    assert set(kept) <= set(path)
    assert (kept[0], kept[-1]) == (path[0], path[-1])
    for x, y in path:
        near = [round(other * PIXELS) for other, _ in kept]
        if round(x * PIXELS) not in near:
            (x0, y0), (x1, y1) = next((a, b) for a, b in pairwise(kept) if a[0] <= x <= b[0])
            assert abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) <= NOT_SEEN + 1e-6
    assert min(y for _, y in kept) <= min(y for _, y in path) + NOT_SEEN + 1e-6
    assert max(y for _, y in kept) >= max(y for _, y in path) - NOT_SEEN - 1e-6


def test_a_straight_line_is_two_places_and_a_corner_three():
    assert drawable([(x * 0.25, x * 0.1) for x in range(1000)]) == [(0.0, 0.0), (249.75, pytest.approx(99.9))]
    assert len(drawable([(float(x), abs(50.0 - x)) for x in range(101)])) == 3


@given(st.lists(st.floats(0, 160), min_size=1, max_size=8))
def test_labels_keep_apart_in_their_order(heights):
    assume(len(heights) * 15 <= 160)
    moved = apart(heights, within=(0.0, 160.0))
    assert all(after - before >= 15 - 1e-9 for before, after in pairwise(sorted(moved)))
    assert all(-1e-9 <= height <= 160 for height in moved)
    for one, other in combinations(range(len(heights)), 2):
        if heights[one] < heights[other]:
            assert moved[one] < moved[other]


def test_labels_that_have_room_stay():
    assert apart([100.0, 20.0, 60.0], within=(0.0, 160.0)) == [100.0, 20.0, 60.0]


async def test_the_loop_goes_on_while_charts_are_drawn():
    chart, history, beats = MoodChart(), made(Span.WEEK), 0
    drawing = asyncio.gather(*(chart.draw(history, span=Span.WEEK) for _ in range(3)))
    while not drawing.done():
        beats += 1
        await asyncio.sleep(0.001)
    assert len(set(await drawing)) == 1
    assert beats >= 6


async def test_a_cancelled_chart_leaves_room_for_the_next():
    chart, history = MoodChart(), made(Span.DAY)
    given_up = asyncio.create_task(chart.draw(history, span=Span.DAY))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await chart.draw(history, span=Span.DAY) == draw_mood(history, span=Span.DAY)
