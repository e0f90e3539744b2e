"""Small things about a head that say what a face alone might not: hearts, drops, sparks and the like."""

from __future__ import annotations

import math

from docs.faces.brush import Brush, Colour, Place, rgb

ROSE, RED = rgb("F2668B"), rgb("D8394C")
WATER, DEEP_WATER = rgb("7CC4F0"), rgb("4E9BD1")
GOLD, WHITE, INK = rgb("FFD25E"), rgb("FFFFFF"), rgb("4A4560")
BREATH = rgb("7F93A6")
LEAF, RUST, NIGHT = rgb("6FA15B"), rgb("C9793B"), rgb("FFF3C4")


def heart(brush: Brush, at: Place, size: float, colour: Colour = ROSE) -> None:
    """Draw a heart of that width."""
    points = []
    for step in range(80):
        t = math.tau * step / 80
        across = 16 * math.sin(t) ** 3
        up = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((at[0] + across * size / 32, at[1] - up * size / 32))
    brush.shape(points, colour)


def drop(brush: Brush, at: Place, size: float, colour: Colour = WATER) -> None:
    """Draw a drop that hangs from *at*, of that height."""
    x, y = at
    joints = [
        (x, y), (x + size * 0.2, y + size * 0.42), (x + size * 0.33, y + size * 0.7),
        (x, y + size), (x - size * 0.33, y + size * 0.7), (x - size * 0.2, y + size * 0.42),
    ]  # fmt: skip
    brush.blob(joints, colour)
    brush.disc((x - size * 0.1, y + size * 0.7), size * 0.07, size * 0.12, rgb("FFFFFF", 200), lean=20)


def spark(brush: Brush, at: Place, size: float, colour: Colour = GOLD) -> None:
    """Draw a star of four thin rays."""
    points = []
    for step in range(8):
        far = size / 2 if step % 2 == 0 else size * 0.12
        turn = math.tau * step / 8
        points.append((at[0] + far * math.sin(turn), at[1] - far * math.cos(turn)))
    brush.shape(points, colour)


def letter_z(brush: Brush, at: Place, size: float, colour: Colour = WHITE) -> None:
    """Draw a Z, as of somebody asleep."""
    x, y = at
    for one, other in (((0, 0), (1, 0)), ((1, 0), (0, 1)), ((0, 1), (1, 1))):
        ends = [(x + one[0] * size, y + one[1] * size), (x + other[0] * size, y + other[1] * size)]
        brush.stroke(ends, size * 0.22, colour)


def question(brush: Brush, at: Place, size: float, colour: Colour = INK) -> None:
    """Draw a question mark of that height."""
    x, y = at
    hook = [(-0.26, -0.25), (-0.16, -0.46), (0.1, -0.5), (0.27, -0.3), (0.14, -0.08), (0.0, 0.06), (0.0, 0.18)]
    brush.stroke([(x + a * size, y + b * size) for a, b in hook], size * 0.15, colour)
    brush.disc((x, y + 0.44 * size), size * 0.1, size * 0.1, colour)


def shout(brush: Brush, at: Place, size: float, colour: Colour = INK) -> None:
    """Draw an exclamation mark of that height, leaning."""
    x, y = at
    brush.shape([(x - size * 0.02, y - size * 0.5), (x + size * 0.22, y - size * 0.46), (x, y + size * 0.16)], colour)
    brush.disc((x - size * 0.06, y + size * 0.4), size * 0.1, size * 0.1, colour)


def vein(brush: Brush, at: Place, size: float, colour: Colour = RED) -> None:
    """Draw the four hooks that comics give to the angry."""
    x, y = at
    for across, down in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        hook = [(0.18, 0.5), (0.22, 0.22), (0.5, 0.18)]
        brush.stroke([(x + across * a * size, y + down * b * size) for a, b in hook], size * 0.15, colour)


def moon(brush: Brush, at: Place, size: float, colour: Colour = NIGHT) -> None:
    """Draw a waxing crescent of that height."""
    x, y = at
    outer = [(x + size / 2 * math.cos(a / 20), y + size / 2 * math.sin(a / 20)) for a in range(-32, 33)]
    inner = [(p - size * 0.24 * math.cos(a / 32 * 1.55), q) for (p, q), a in zip(outer, range(-32, 33), strict=True)]
    brush.shape([*outer, *reversed(inner)], colour)


def leaf(brush: Brush, at: Place, size: float, colour: Colour = RUST, *, lean: float = 35.0) -> None:
    """Draw a falling leaf of that length."""
    x, y = at
    cos, sin = math.cos(math.radians(lean)), math.sin(math.radians(lean))

    def place(a: float, b: float) -> Place:
        return (x + (a * cos - b * sin) * size, y + (a * sin + b * cos) * size)

    brush.blob(
        [place(0, -0.5), place(0.24, -0.1), place(0.16, 0.3), place(0, 0.5), place(-0.16, 0.3), place(-0.24, -0.1)],
        colour,
    )
    brush.stroke([place(0, -0.3), place(0.02, 0.1), place(0, 0.66)], size * 0.06, rgb("7A4A22"))


def note(brush: Brush, at: Place, size: float, colour: Colour = INK) -> None:
    """Draw a quaver of that height, hummed by somebody at ease."""
    x, y = at
    brush.disc((x, y + size * 0.38), size * 0.2, size * 0.15, colour, lean=-20)
    brush.stroke([(x + size * 0.17, y + size * 0.34), (x + size * 0.17, y - size * 0.5)], size * 0.1, colour)
    brush.stroke(
        [(x + size * 0.17, y - size * 0.5), (x + size * 0.4, y - size * 0.28), (x + size * 0.42, y - size * 0.08)],
        size * 0.11,
        colour,
    )


def puff(brush: Brush, at: Place, size: float, colour: Colour = BREATH) -> None:
    """Draw a breath let out."""
    x, y = at
    for a, b, r in ((0, 0, 0.26), (0.3, -0.12, 0.2), (0.3, 0.12, 0.2), (0.55, 0, 0.15)):
        brush.disc((x + a * size, y + b * size), r * size, r * size, colour)


def dots(brush: Brush, at: Place, size: float, colour: Colour = INK) -> None:
    """Draw three dots: nothing to say, or still thinking."""
    for number in range(3):
        brush.disc((at[0] + number * size * 0.42, at[1]), size * 0.14, size * 0.14, colour)


def sprout(brush: Brush, at: Place, size: float, colour: Colour = LEAF) -> None:
    """Draw a seedling with two leaves."""
    x, y = at
    brush.stroke([(x, y + size * 0.5), (x - size * 0.02, y + size * 0.1), (x, y - size * 0.15)], size * 0.1, colour)
    brush.blob(
        [
            (x, y - size * 0.1),
            (x - size * 0.3, y - size * 0.42),
            (x - size * 0.52, y - size * 0.2),
            (x - size * 0.3, y - size * 0.05),
        ],
        colour,
    )
    brush.blob(
        [
            (x, y - size * 0.1),
            (x + size * 0.3, y - size * 0.5),
            (x + size * 0.54, y - size * 0.3),
            (x + size * 0.3, y - size * 0.06),
        ],
        colour,
    )
