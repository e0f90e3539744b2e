"""Jasmine: a white blossom with a small face in it, before a round of green. Her petals hang, spread and colour."""

from __future__ import annotations

import math

from docs.faces import marks
from docs.faces.brush import Brush, Colour, Place, mixed, rgb
from docs.faces.look import Eyes, Look

MIDDLE: Place = (128.0, 122.0)
FACE, FACE_EDGE, GLOW = rgb("FFE7A3"), rgb("F3C968"), rgb("FFF3CC")
PETAL, PETAL_BACK, FOLD = rgb("FFFDF6"), rgb("F0EADB"), rgb("E3DAC2")
STEM, LEAF, VEIN = rgb("5C8A4A"), rgb("6FA15B"), rgb("8DBB78")
DARK, MOUTH, TONGUE, WHITE = rgb("4A3B2A"), rgb("7A3B34"), rgb("EE8E86"), rgb("FFFFFF")
EYE_X, EYE_Y = 21.0, 115.0
LARGER = 1.14  # times the face is as large as its parts say
BACKS = {
    "": ("9CC08A", "C3DBB4"), "warm": ("E8A9A0", "F5D0C8"), "gold": ("EDBE6A", "F8E0AE"), "red": ("D77A66", "EDB1A2"),
    "grey": ("A9AEA6", "CBCFC8"), "blue": ("8FA9C4", "BFD0E0"), "night": ("5B6C8F", "8393B4"),
    "mint": ("93CDB8", "C6E6DA"), "sky": ("93C2DC", "C5E0EF"), "violet": ("A795C9", "D0C4E6"),
    "green": ("86A83C", "BBD07A"), "frost": ("A9CCDA", "DCEDF3"),
}  # fmt: skip
BLUSHES = {
    "red": rgb("F7B7A6"),
    "green": rgb("DDEBAE"),
    "frost": rgb("D5EAF5"),
    "blue": rgb("DCE6F2"),
    "warm": rgb("FFE3E3"),
}


def draw_blossom(look: Look) -> Brush:
    """Draw her with that look."""
    brush = Brush()
    far, near = (rgb(code) for code in BACKS[look.tint])
    brush.disc((128, 128), 126, 126, far)
    brush.disc((128, 118), 100, 100, near)
    _stem(brush, look)
    brush.turn(look.tilt, (128, 200))
    _petals(brush, look)
    brush.zoom(LARGER, MIDDLE)
    _face(brush, look)
    _eyes(brush, look)
    _brows(brush, look)
    _mouth(brush, look)
    for name in look.marks:
        if name in ON_FACE:
            ON_FACE[name](brush)
    brush.turn(0)
    brush.zoom(1)
    for name in look.marks:
        if name in ABOUT:
            ABOUT[name](brush)
    brush.cut_round()
    return brush


def _stem(brush: Brush, look: Look) -> None:
    brush.stroke([(128, 260), (130, 225), (128, 190)], 11, STEM)
    down = -min(look.ruffle, 0) * 16
    for side in (-1, 1):
        tip = (128 + side * 92, 208 + down * 1.6 - max(look.ruffle, 0) * 10)
        leaf = [(128 + side * 4, 244), (128 + side * 36, 214 + down * 0.3), tip, (128 + side * 52, 238 + down)]
        brush.blob(leaf, LEAF)
        brush.stroke(
            [leaf[0], (128 + side * 46, 226 + down * 0.6), (tip[0] - side * 8, tip[1] + 2)], 3, VEIN, taper=0.5
        )


def _petals(brush: Brush, look: Look) -> None:
    tint = BLUSHES.get(look.tint)
    for is_front in (False, True):
        colour = PETAL if is_front else PETAL_BACK
        colour = mixed(colour, tint, 0.45) if tint else colour
        for number in range(6):
            angle = math.tau * (number + (0 if is_front else 0.5)) / 6
            _petal(brush, angle, look.ruffle, colour, is_front=is_front)


def _petal(brush: Brush, angle: float, ruffle: float, colour: Colour, *, is_front: bool) -> None:
    """Draw one petal; those that hang sink towards the ground, those that stand are longer and thinner."""
    hang, stand = max(-ruffle, 0.0), max(ruffle, 0.0)
    sunk = angle + hang * 0.62 * math.sin(angle)
    far = (96 if is_front else 90) + stand * 8 - hang * (6 + 12 * max(math.cos(angle), 0))
    broad = (26 if is_front else 23) - stand * 5 - hang * 4

    def place(out: float, aside: float) -> Place:
        x, y = math.sin(sunk), -math.cos(sunk)
        return (MIDDLE[0] + x * out - y * aside, MIDDLE[1] + y * out + x * aside + hang * out * 0.16)

    side = [(0.5, broad * 0.85), (0.72, broad), (0.9, broad * 0.6)]
    joints = [place(18, 0), *(place(far * out, aside) for out, aside in side), place(far, 0)]
    joints += [place(far * out, -aside) for out, aside in reversed(side)]
    brush.blob(joints, colour)
    if is_front:
        brush.stroke([place(58, 0), place(70, 1.5), place(far - 12, 0)], 2.6, mixed(colour, FOLD, 0.8), taper=0.3)


def _face(brush: Brush, look: Look) -> None:
    brush.disc(MIDDLE, 52, 50, FACE_EDGE)
    brush.disc((128, 121), 49, 47, FACE)
    brush.disc((118, 104), 26, 18, GLOW, lean=-20)
    if look.blush > 0:
        for side in (-1, 1):
            brush.disc((128 + side * 34, 132), 9.5, 6, rgb("F0776A", round(60 + 130 * look.blush)))
    if look.tint == "green" and "sick" in look.marks:
        brush.disc((128, 132), 36, 26, rgb("9DBB4A", 110))


def _eyes(brush: Brush, look: Look) -> None:
    for side in (-1, 1):
        x = 128 + side * EYE_X
        shut = look.eyes in (Eyes.HAPPY, Eyes.SHUT, Eyes.TIGHT) or (look.eyes is Eyes.WINK and side > 0)
        if not shut:
            _open_eye(brush, look, x, side)
        elif look.eyes is Eyes.TIGHT:
            brush.stroke([(x + side * 9, EYE_Y - 7), (x - side * 8, EYE_Y)], 4.6, DARK)
            brush.stroke([(x - side * 8, EYE_Y), (x + side * 9, EYE_Y + 7)], 4.6, DARK)
        else:
            bend = -9 if look.eyes in (Eyes.HAPPY, Eyes.WINK) else 8
            y = EYE_Y - bend * 0.1
            brush.stroke(
                [
                    (x - 11, y - bend * 0.35),
                    (x - 6, y + bend * 0.4),
                    (x, y + bend * 0.68),
                    (x + 6, y + bend * 0.4),
                    (x + 11, y - bend * 0.35),
                ],
                4.6,
                DARK,
                taper=0.7,
            )


def _open_eye(brush: Brush, look: Look, x: float, side: int) -> None:
    down = 14.0 * min(look.wide, 1.3)
    slope = look.lid * 0.6 * side
    lid = EYE_Y - 14.0 * look.wide * 1.05 + abs(look.lid) * 6
    is_small = look.pupil < 0.8

    def top(at: float) -> float:
        return lid - slope * (at - x)

    def bottom(at: float) -> float:
        return EYE_Y + 14.0 * (1.3 - look.low * 0.95) + ((at - x) / 11) ** 2 * 3 * look.low

    if is_small:
        brush.lens((x, EYE_Y), 12.5, max(down, 14.0), DARK, top=lambda at: top(at) - 2, bottom=bottom)
        brush.lens((x, EYE_Y), 10.5, max(down, 14.0) - 2, WHITE, top=top, bottom=bottom)
    across = 10.5 * look.pupil
    tall = max(down, 13.0) * look.pupil
    gaze = (x + look.gaze[0] * (6 if is_small else 4.5), EYE_Y + look.gaze[1] * 5)
    brush.lens(gaze, across, tall, DARK, top=top, bottom=bottom)
    brush.lens(
        (gaze[0] - 3.2 * look.pupil, gaze[1] - 4.6 * look.pupil),
        3.6 * look.pupil,
        4.2 * look.pupil,
        WHITE,
        top=top,
        bottom=bottom,
    )
    brush.lens((gaze[0] + 3.4, gaze[1] + 4.6), 1.8, 1.8, rgb("E8D9B8"), top=top, bottom=bottom)
    if look.shine:
        brush.lens((gaze[0] + 3.4, gaze[1] - 3), 2.4, 2.4, WHITE, top=top, bottom=bottom)
        brush.lens((gaze[0] - 2.4, gaze[1] + 5.4), 2.4, 2.4, WHITE, top=top, bottom=bottom)
    if look.wide < 0.7 or look.lid:
        brush.stroke([(x - 12, top(x - 12)), (x, top(x)), (x + 12, top(x + 12))], 3.4, DARK)


def _brows(brush: Brush, look: Look) -> None:
    for side in (-1, 1):
        x = 128 + side * (EYE_X + 1)
        y = 94 - look.brow * 7 - (look.skew * 7 if side > 0 else -look.skew * 2) + max(look.knit, 0) * 4
        tip = look.knit * 6
        brush.stroke([(x - side * 10, y + tip), (x, y - 2.5), (x + side * 11, y - tip * 0.6 + 2)], 4.4, DARK, taper=0.5)


def _mouth(brush: Brush, look: Look) -> None:
    y = 141.0
    half = 13 + abs(look.mouth) * 4
    bend = look.mouth * 8
    left, right = (128 - half, y - bend * 0.5 + look.smirk * 1.5), (128 + half, y - bend * 0.5 - look.smirk * 6)
    if look.gape > 0:
        _open_mouth(brush, look, y)
        return
    middle = [
        (128 - half * 0.5, y + bend * 0.35),
        (128, y + bend * 0.6),
        (128 + half * 0.5, y + bend * 0.35 - look.smirk * 2),
    ]
    if look.wave:
        middle = [
            (128 - half * 0.6, y - 3 * look.wave),
            (128 - half * 0.2, y + 3 * look.wave),
            (128 + half * 0.2, y - 3 * look.wave),
            (128 + half * 0.6, y + 3 * look.wave),
        ]
    brush.stroke([left, *middle, right], 4.4, DARK, taper=0.8)


def _open_mouth(brush: Brush, look: Look, y: float) -> None:
    deep = 5 + look.gape * 15
    if look.mouth > 0.3:
        half = 11 + look.mouth * 6
        brush.blob(
            [
                (128 - half, y - 5),
                (128, y - 3),
                (128 + half, y - 5),
                (128 + half * 0.7, y + deep * 0.55),
                (128, y + deep * 0.85),
                (128 - half * 0.7, y + deep * 0.55),
            ],
            MOUTH,
        )
        brush.disc((128, y + deep * 0.5), half * 0.48, deep * 0.24, TONGUE)
        return
    if look.mouth < -0.3:
        half = 9 + look.gape * 6
        brush.blob(
            [
                (128 - half, y + deep * 0.6),
                (128 - half * 0.6, y - 2),
                (128, y - 6),
                (128 + half * 0.6, y - 2),
                (128 + half, y + deep * 0.6),
                (128, y + deep * 0.3),
            ],
            MOUTH,
        )
        return
    brush.disc((128, y + 3), 5 + look.gape * 4, 5 + look.gape * 8, MOUTH)
    brush.disc((128, y + 6 + look.gape * 3), 3 + look.gape * 2, 2 + look.gape * 2.4, TONGUE)


def _tears(brush: Brush) -> None:
    for side in (-1, 1):
        marks.drop(brush, (128 + side * 27, 126), 15)


def _tear(brush: Brush) -> None:
    marks.drop(brush, (100, 128), 19)


def _stream(brush: Brush) -> None:
    for side in (-1, 1):
        x = 128 + side * 23
        brush.stroke([(x, 128), (x + side * 3, 142), (x + side * 2, 158)], 7, marks.WATER, taper=0.7)


def _tongue(brush: Brush) -> None:
    brush.blob([(120, 145), (136, 145), (136, 156), (128, 161), (120, 156)], TONGUE)
    brush.stroke([(128, 147), (128, 154)], 2, rgb("C96A66"))


def _hand(brush: Brush) -> None:
    """Lay a leaf to the chin, as one does who thinks."""
    brush.blob([(168, 214), (150, 190), (132, 168), (140, 160), (162, 172), (186, 196)], LEAF)
    brush.stroke([(172, 204), (156, 184), (140, 166)], 3, VEIN, taper=0.5)


def _hiding(brush: Brush) -> None:
    """Hold two leaves before the mouth."""
    for side in (-1, 1):
        outline = [(66, 196), (56, 158), (30, 132), (5, 126), (12, 152), (34, 182)]
        brush.blob([(128 + side * x, y) for x, y in outline], LEAF)
        brush.stroke([(128 + side * x, y) for x, y in ((60, 190), (38, 158), (14, 134))], 3, VEIN, taper=0.5)


ON_FACE = {"tears": _tears, "tear": _tear, "stream": _stream, "tongue": _tongue, "hand": _hand, "hiding": _hiding}


def _hearts(brush: Brush) -> None:
    marks.heart(brush, (206, 60), 34)
    marks.heart(brush, (228, 96), 18)
    marks.heart(brush, (40, 78), 20)


def _sparks(brush: Brush) -> None:
    for at, size in (((46, 58), 36), ((212, 56), 30), ((226, 92), 16), ((30, 96), 14)):
        marks.spark(brush, at, size, rgb("E8782E"))


def _rain(brush: Brush) -> None:
    for at in ((44, 58), (76, 30), (204, 44), (222, 84), (32, 104), (168, 24)):
        marks.drop(brush, at, 19, marks.DEEP_WATER)


def _leaves(brush: Brush) -> None:
    marks.leaf(brush, (42, 84), 32)
    marks.leaf(brush, (212, 60), 26, lean=-50)
    marks.leaf(brush, (214, 176), 24, lean=80)


def _flakes(brush: Brush) -> None:
    for (x, y), size in (((46, 62), 15), ((210, 58), 18), ((226, 104), 11), ((28, 110), 10), ((84, 26), 9)):
        for turn in (0, 60, 120):
            a = math.radians(turn)
            ends = [(x - size * math.cos(a), y - size * math.sin(a)), (x + size * math.cos(a), y + size * math.sin(a))]
            brush.stroke(ends, 3.4, WHITE)


def _rays(brush: Brush) -> None:
    for turn in range(-70, 71, 20):
        a = math.radians(turn)
        x, y = math.sin(a), -math.cos(a)
        brush.stroke([(128 + x * 103, 126 + y * 103), (128 + x * 117, 126 + y * 117)], 5, rgb("E8782E"), taper=0.6)


def _asleep(brush: Brush) -> None:
    for at, size in (((196, 70), 13), ((212, 48), 17)):
        marks.letter_z(brush, at, size, marks.INK)


ABOUT = {
    "hearts": _hearts, "sparks": _sparks, "rain": _rain, "leaves": _leaves, "flakes": _flakes, "rays": _rays,
    "asleep": _asleep,
    "sweat": lambda brush: marks.drop(brush, (198, 66), 30, marks.DEEP_WATER),
    "vein": lambda brush: marks.vein(brush, (206, 62), 34),
    "question": lambda brush: marks.question(brush, (206, 60), 40),
    "shout": lambda brush: marks.shout(brush, (208, 58), 40),
    "dots": lambda brush: marks.dots(brush, (192, 50), 34),
    "note": lambda brush: marks.note(brush, (208, 58), 34),
    "puff": lambda brush: marks.puff(brush, (190, 160), 40),
    "sprout": lambda brush: marks.sprout(brush, (46, 62), 40),
    "sick": lambda brush: marks.drop(brush, (198, 62), 22, rgb("6F8F2E")),
}  # fmt: skip
