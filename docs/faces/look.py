"""What a face does, whoever makes it: eyes, brows, mouth, and what flies about the head."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Eyes(Enum):
    """How eyes are drawn."""

    OPEN = "open"
    HAPPY = "happy"  # shut, bent up
    SHUT = "shut"  # shut, bent down
    TIGHT = "tight"  # pressed shut
    WINK = "wink"  # the left open, the right happy


@dataclass(frozen=True, slots=True)
class Look:
    """One expression, in shares of what the face can do; 0 is at rest unless said otherwise.

    *wide* is how far eyes are open, 1 at rest; *lid* slants them, from sad (-1) to angry (1); *low* raises the lower
    lid. *gaze* is where they look, each way in [-1, 1]; *pupil* is their size, 1 at rest. *brow* is how far brows are
    up, *knit* how they slant, from sad (-1) to angry (1), *skew* how much higher the right one is. *mouth* bends from
    down (-1) to up (1), *gape* opens it, *smirk* lifts one corner, *wave* makes it tremble. *tilt* turns the head by
    degrees, clockwise. *ruffle* is how far feathers or petals stand up (1) or hang (-1). *marks* are things about the
    head by name, *tint* a colour that comes over them, by name.
    """

    eyes: Eyes = Eyes.OPEN
    wide: float = 1.0
    lid: float = 0.0
    low: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    pupil: float = 1.0
    brow: float = 0.0
    knit: float = 0.0
    skew: float = 0.0
    mouth: float = 0.15
    gape: float = 0.0
    smirk: float = 0.0
    wave: float = 0.0
    blush: float = 0.0
    tilt: float = 0.0
    ruffle: float = 0.0
    shine: bool = False
    marks: tuple[str, ...] = ()
    tint: str = ""
