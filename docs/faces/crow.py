"""Mira: a crow with large eyes, before a round of rose. Her beak, brows and crest do the talking."""

from __future__ import annotations

from itertools import pairwise

from docs.faces import marks
from docs.faces.brush import Brush, Place, mixed, rgb
from docs.faces.look import Eyes, Look

HEAD: Place = (128.0, 128.0)
INK, SHEEN, EDGE = rgb("302E45"), rgb("45426A"), rgb("1F1D2E")
BEAK, BEAK_LIGHT, BEAK_DARK = rgb("9A97B8"), rgb("C3C1DA"), rgb("6D6A8C")
THROAT, TONGUE = rgb("5A2238"), rgb("E8798F")
WHITE, IRIS, PUPIL = rgb("FFFDFB"), rgb("7A5BA8"), rgb("1C1928")
BROW = rgb("8F8BB8")
BLUSH = rgb("F2668B", 120)
BEAK_Y = 152.0
EYE_X, EYE_Y, EYE_ACROSS, EYE_DOWN = 31.0, 116.0, 23.0, 26.0
BACKS = {
    "": ("E9B4C2", "F4D3DB"), "warm": ("F0A3B8", "F9D0DA"), "gold": ("F3C98B", "FBE6C2"),
    "red": ("D9707E", "EFA9B0"), "grey": ("B9B3C4", "D8D4DF"), "blue": ("9FB4D6", "C9D6EA"),
    "night": ("5D6490", "7F87B4"), "mint": ("A9CFC0", "D3E8DF"), "sky": ("A5CBE4", "D2E6F2"),
    "violet": ("B7A3D9", "DACDF0"),
}  # fmt: skip


def draw_crow(look: Look) -> Brush:
    """Draw her with that look."""
    brush = Brush()
    far, near = (rgb(code) for code in BACKS[look.tint])
    brush.disc((128, 128), 126, 126, far)
    brush.disc((128, 118), 100, 100, near)
    _body(brush)
    brush.turn(look.tilt, (128, 190))
    _crest(brush, look)
    _head(brush)
    _smile(brush, look)
    _eyes(brush, look)
    _brows(brush, look)
    _beak(brush, look)
    _cheeks(brush, look)
    for name in look.marks:
        if name in ON_FACE:
            ON_FACE[name](brush)
    brush.turn(0)
    for name in look.marks:
        if name in ABOUT:
            ABOUT[name](brush)
    brush.cut_round()
    return brush


def _body(brush: Brush) -> None:
    brush.blob([(30, 270), (44, 226), (84, 196), (128, 186), (172, 196), (212, 226), (226, 270), (128, 290)], INK)
    for x, lean in ((74, -1), (100, -0.4), (128, 0), (156, 0.4), (182, 1)):
        y = 226 + abs(lean) * 6
        brush.stroke([(x - 9, y), (x + lean * 2, y + 8), (x + 9, y)], 4, SHEEN, taper=0.4)
    for x in (87, 114, 142, 169):
        brush.stroke([(x - 8, 244), (x, 251), (x + 8, 244)], 4, SHEEN, taper=0.4)


def _crest(brush: Brush, look: Look) -> None:
    up = 1 + look.ruffle * 0.75
    for x, lean, height in ((108, -22, 22), (146, 24, 20), (127, 4, 32)):
        tip = (x + lean * (0.7 + 0.5 * abs(look.ruffle)), 66 - height * max(up, 0.1))
        brush.blob(
            [
                (x - 11, 74),
                (x + lean * 0.3 - 7, 66 - height * up * 0.4),
                tip,
                (x + lean * 0.3 + 7, 64 - height * up * 0.3),
                (x + 11, 74),
            ],
            INK,
        )
    if look.ruffle > 0.6:
        for side in (-1, 1):
            for y, out in ((128, 92), (146, 88), (162, 78)):
                base = 128 + side * (out - 22)
                brush.shape([(base, y - 10), (128 + side * out, y - 2), (base, y + 10)], INK)


def _head(brush: Brush) -> None:
    brush.blob(
        [
            (128, 56),
            (174, 68),
            (203, 106),
            (202, 150),
            (172, 188),
            (128, 198),
            (84, 188),
            (54, 150),
            (53, 106),
            (82, 68),
        ],
        INK,
    )
    brush.stroke([(74, 92), (92, 74), (116, 66)], 8, SHEEN, taper=0.2)
    brush.blob(
        [(128, 150), (160, 156), (176, 172), (152, 189), (128, 193), (104, 189), (80, 172), (96, 156)],
        mixed(INK, SHEEN, 0.45),
    )


def _eyes(brush: Brush, look: Look) -> None:
    for side in (-1, 1):
        x = 128 + side * EYE_X
        is_shut = look.eyes in (Eyes.HAPPY, Eyes.SHUT, Eyes.TIGHT) or (look.eyes is Eyes.WINK and side > 0)
        if is_shut:
            _shut_eye(brush, look.eyes, x, side)
        else:
            _open_eye(brush, look, x, side)


def _shut_eye(brush: Brush, eyes: Eyes, x: float, side: int) -> None:
    y = EYE_Y + 2
    if eyes is Eyes.TIGHT:
        brush.stroke([(x + side * 15, y - 12), (x - side * 13, y)], 6.5, WHITE)
        brush.stroke([(x - side * 13, y), (x + side * 15, y + 12)], 6.5, WHITE)
        return
    bend = -15 if eyes in (Eyes.HAPPY, Eyes.WINK) else 13
    brush.stroke(
        [
            (x - 20, y - bend * 0.3),
            (x - 11, y + bend * 0.45),
            (x, y + bend * 0.75),
            (x + 11, y + bend * 0.45),
            (x + 20, y - bend * 0.3),
        ],
        6.5,
        WHITE,
        taper=0.7,
    )


def _open_eye(brush: Brush, look: Look, x: float, side: int) -> None:
    down = EYE_DOWN * min(max(look.wide, 0.3), 1.25)
    across = EYE_ACROSS * (1.06 if look.wide > 1.1 else 1.0)
    slope = look.lid * 0.5 * side
    height = EYE_Y - EYE_DOWN * (look.wide * 1.02) + abs(look.lid) * 9

    def top(at: float) -> float:
        return height - slope * (at - x)

    def bottom(at: float) -> float:
        return EYE_Y + EYE_DOWN * (1.3 - look.low * 0.95) + ((at - x) / across) ** 2 * 6 * look.low

    brush.lens(
        (x, EYE_Y),
        across + 3,
        EYE_DOWN * max(look.wide, 1) + 3,
        EDGE,
        top=lambda at: top(at) - 3,
        bottom=lambda at: bottom(at) + 2,
    )
    brush.lens((x, EYE_Y), across, max(down, EYE_DOWN), WHITE, top=top, bottom=bottom)
    gaze = (x + look.gaze[0] * 9 - side * 1.5, EYE_Y + 3 + look.gaze[1] * 9)
    brush.lens(gaze, 14.5 * look.pupil, 16.5 * look.pupil, IRIS, top=top, bottom=bottom)
    brush.lens(gaze, 10 * look.pupil, 12 * look.pupil, PUPIL, top=top, bottom=bottom)
    glint = (gaze[0] - 5 * look.pupil, gaze[1] - 6 * look.pupil)
    brush.lens(glint, 4.6, 5.2, WHITE, top=top, bottom=bottom)
    brush.lens((gaze[0] + 5, gaze[1] + 6), 2.4, 2.4, rgb("D9CCF2"), top=top, bottom=bottom)
    if look.shine:
        brush.lens((gaze[0] + 5, gaze[1] - 4), 3.4, 3.4, WHITE, top=top, bottom=bottom)
        brush.lens((gaze[0] - 4, gaze[1] + 7), 3.0, 3.0, WHITE, top=top, bottom=bottom)


def _brows(brush: Brush, look: Look) -> None:
    for side in (-1, 1):
        x = 128 + side * (EYE_X + 1)
        y = 84 - look.brow * 10 - (look.skew * 12 if side > 0 else -look.skew * 3) + max(look.knit, 0) * 7
        tip = look.knit * 10
        inner = (x - side * 18, y + tip)
        middle = (x, y - 4 - abs(look.knit) * 0.5)
        outer = (x + side * 19, y - tip * 0.55 + 4)
        brush.stroke([inner, middle, outer], 8, BROW, taper=0.45)


def _corners(look: Look) -> tuple[Place, Place]:
    """Give where the beak ends, left and right."""
    height = BEAK_Y - look.mouth * 9
    return (101.0, height), (155.0, height - look.smirk * 4)


def _smile(brush: Brush, look: Look) -> None:
    """Draw the lines that run on from the beak into the cheeks."""
    for side, (x, y) in zip((-1, 1), _corners(look), strict=True):
        up = look.mouth * 9 + (look.smirk * 6 if side > 0 else -look.smirk * 3)
        brush.stroke([(x, y), (x + side * 8, y - up * 0.45), (x + side * 13, y - up * 1.3)], 5, BEAK, taper=0.5)


def _beak(brush: Brush, look: Look) -> None:
    left, right = _corners(look)
    if look.gape > 0:
        _open_beak(brush, look.gape * 30, left, right)
    tip = 178 if look.gape == 0 else 172 - look.gape * 3
    y = BEAK_Y
    upper = [left, (112, 136), (128, 130), (144, 136), right, (141, y + 13), (128, tip), (115, y + 13)]
    brush.blob(upper, BEAK)
    brush.blob([(110, 144), (118, 137), (128, 134), (132, 142), (124, 152), (114, 152)], BEAK_LIGHT)
    if look.gape == 0:
        bend = 7 * look.mouth
        ups = (5 + bend * 0.5, 6 + bend, 5 + bend * 1.1, 6 + bend, 5 + bend * 0.5)
        shakes = [(3.5 if number % 2 else -3.5) * look.wave for number in range(len(ups))]
        middle = [(112 + 8 * n, y + up + shake) for n, (up, shake) in enumerate(zip(ups, shakes, strict=True))]
        brush.stroke([left, *middle, right], 3.2, BEAK_DARK, taper=0.8)
    for side in (-1, 1):
        brush.disc((128 + side * 7, 141), 2.2, 1.5, BEAK_DARK)


def _open_beak(brush: Brush, wide: float, left: Place, right: Place) -> None:
    """Draw the lower half of the beak, *wide* below the upper one, and what is seen between them."""
    y = BEAK_Y
    jaw = [(108, y + 10 + wide * 0.6), (128, y + 16 + wide), (148, y + 10 + wide * 0.6)]
    brush.blob([left, *jaw, right, (128, y - 4)], BEAK_DARK)
    throat = [(112, y + 7 + wide * 0.5), (128, y + 11 + wide * 0.86), (144, y + 7 + wide * 0.5)]
    brush.blob([(left[0] + 4, left[1] + 1), *throat, (right[0] - 4, right[1] + 1), (128, y - 4)], THROAT)
    brush.disc((128, y + 6 + wide * 0.72), 10, 4 + wide * 0.14, TONGUE)


def _cheeks(brush: Brush, look: Look) -> None:
    if look.blush > 0:
        for side in (-1, 1):
            brush.disc((128 + side * 55, 152), 15, 9.5, rgb("F2668B", round(70 + 130 * look.blush)))


def _hearts(brush: Brush) -> None:
    marks.heart(brush, (205, 62), 34)
    marks.heart(brush, (226, 98), 18, rgb("F58CA8"))


def _broken(brush: Brush) -> None:
    marks.heart(brush, (207, 66), 40, rgb("C23B5C"))
    crack = [(206, 50), (201, 62), (211, 69), (205, 86)]
    for one, other in pairwise(crack):
        brush.stroke([one, other], 4.2, rgb("F4D3DB"))


def _tears(brush: Brush) -> None:
    for side in (-1, 1):
        marks.drop(brush, (128 + side * 45, 138), 20)


def _tear(brush: Brush) -> None:
    marks.drop(brush, (82, 138), 24)


def _sweat(brush: Brush) -> None:
    marks.drop(brush, (196, 70), 32)


def _sparks(brush: Brush) -> None:
    for at, size in (((50, 66), 36), ((207, 60), 28), ((222, 94), 16)):
        marks.spark(brush, at, size, rgb("EE8A2E"))


def _vein(brush: Brush) -> None:
    marks.vein(brush, (196, 66), 34)


def _moon(brush: Brush) -> None:
    marks.moon(brush, (52, 58), 44)
    marks.spark(brush, (212, 66), 14, marks.NIGHT)
    marks.spark(brush, (196, 40), 10, marks.NIGHT)


def _question(brush: Brush) -> None:
    marks.question(brush, (200, 58), 44)


def _shout(brush: Brush) -> None:
    marks.shout(brush, (200, 58), 42)
    marks.shout(brush, (222, 72), 30)


def _dots(brush: Brush) -> None:
    marks.dots(brush, (188, 62), 34)


def _note(brush: Brush) -> None:
    marks.note(brush, (204, 60), 36)


ON_FACE = {"tears": _tears, "tear": _tear}
ABOUT = {
    "hearts": _hearts, "broken": _broken, "sweat": _sweat, "sparks": _sparks, "vein": _vein, "moon": _moon,
    "question": _question, "shout": _shout, "dots": _dots, "note": _note,
}  # fmt: skip
