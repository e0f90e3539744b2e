"""How Jasmine looks in each of her expressions, and on her avatar."""

from __future__ import annotations

from docs.faces.look import Eyes, Look

LOOKS: dict[str, Look] = {
    "calm": Look(mouth=0.3, wide=0.9),
    "smile": Look(mouth=0.8, blush=0.4, brow=0.2),
    "glow": Look(eyes=Eyes.SHUT, mouth=0.75, blush=0.6, ruffle=0.15, marks=("note",), tint="mint"),
    "laugh": Look(eyes=Eyes.HAPPY, mouth=1.0, gape=0.8, blush=0.6, brow=0.7, tilt=7, tint="gold"),
    "wry": Look(wide=0.6, gaze=(0.7, 0), skew=1.0, mouth=0.05, smirk=1.0, tilt=-5),
    "tender": Look(
        wide=0.9,
        low=0.1,
        brow=0.5,
        knit=-0.4,
        mouth=0.7,
        blush=0.9,
        tilt=-5,
        shine=True,
        marks=("hearts",),
        tint="warm",
    ),
    "thankful": Look(eyes=Eyes.SHUT, brow=0.4, knit=-0.6, mouth=0.6, blush=0.7, tilt=9, marks=("tear",), tint="warm"),
    "proud": Look(eyes=Eyes.SHUT, brow=0.9, mouth=0.9, smirk=0.3, ruffle=0.8, tilt=-7, marks=("rays",), tint="gold"),
    "hopeful": Look(
        wide=1.1,
        gaze=(-0.4, -0.8),
        brow=0.8,
        knit=-0.5,
        mouth=0.5,
        pupil=1.05,
        shine=True,
        marks=("sprout",),
        tint="mint",
    ),
    "relieved": Look(
        eyes=Eyes.SHUT, brow=0.3, knit=-0.7, mouth=0.1, gape=0.15, ruffle=-0.4, blush=0.2, marks=("puff",), tint="mint"
    ),
    "impressed": Look(wide=1.2, brow=1.0, mouth=0.5, gape=0.35, pupil=1.15, shine=True, marks=("sparks",), tint="sky"),
    "kind": Look(wide=0.85, brow=0.5, knit=-0.9, mouth=0.35, blush=0.5, tilt=-9, shine=True, tint="warm"),
    "eager": Look(
        wide=1.2,
        brow=1.0,
        mouth=1.0,
        gape=0.9,
        pupil=1.15,
        shine=True,
        blush=0.5,
        ruffle=0.9,
        marks=("sparks",),
        tint="gold",
    ),
    "curious": Look(
        wide=1.15, gaze=(0.5, -0.5), skew=1.0, brow=0.5, mouth=0.1, gape=0.05, tilt=9, marks=("question",), tint="sky"
    ),
    "thinking": Look(wide=0.75, gaze=(-0.7, -0.7), skew=0.8, mouth=-0.15, smirk=-0.4, marks=("dots", "hand")),
    "startled": Look(wide=1.3, brow=1.3, pupil=0.5, mouth=0.0, gape=0.8, ruffle=1.0, marks=("shout",), tint="sky"),
    "sad": Look(
        wide=0.85,
        lid=-0.5,
        gaze=(0, 0.5),
        knit=-1.0,
        brow=0.2,
        mouth=-0.9,
        ruffle=-0.8,
        marks=("tear", "rain"),
        tint="blue",
    ),
    "lonely": Look(
        wide=0.65,
        lid=-0.4,
        gaze=(-0.7, 0.5),
        knit=-0.9,
        mouth=-0.4,
        ruffle=-0.7,
        tilt=-7,
        marks=("leaves",),
        tint="grey",
    ),
    "wilted": Look(eyes=Eyes.SHUT, knit=-0.9, mouth=-0.7, ruffle=-1.0, tilt=8, marks=("puff",), tint="grey"),
    "cross": Look(wide=0.85, lid=0.9, knit=1.3, brow=-0.3, mouth=-0.9, ruffle=0.9, marks=("vein",), tint="red"),
    "stuck": Look(
        eyes=Eyes.TIGHT, knit=0.9, brow=-0.2, mouth=-0.3, wave=1.2, ruffle=0.3, marks=("vein",), tint="violet"
    ),
    "frosty": Look(
        wide=0.5,
        lid=0.35,
        gaze=(0.8, 0),
        knit=0.5,
        brow=-0.2,
        mouth=-0.35,
        ruffle=0.3,
        tilt=-6,
        marks=("flakes",),
        tint="frost",
    ),
    "scared": Look(
        wide=1.3, brow=0.9, knit=-1.2, pupil=0.45, mouth=-0.7, gape=0.5, ruffle=-0.4, marks=("sweat",), tint="night"
    ),
    "uneasy": Look(
        wide=1.0, brow=0.5, knit=-1.1, gaze=(0.6, 0.1), pupil=0.7, mouth=-0.4, wave=0.9, marks=("sweat",), tint="violet"
    ),
    "sorry": Look(
        wide=1.1,
        brow=0.5,
        knit=-1.3,
        gaze=(0, -0.3),
        pupil=1.15,
        shine=True,
        mouth=-0.45,
        ruffle=-0.3,
        tilt=6,
        marks=("tears",),
        tint="blue",
    ),
    "ashamed": Look(eyes=Eyes.SHUT, knit=-1.1, brow=0.1, mouth=-0.5, blush=1.0, ruffle=-0.8, tilt=-8, tint="night"),
    "shy": Look(
        wide=0.95, gaze=(0.8, 0.2), brow=0.6, knit=-0.8, mouth=0.5, blush=1.0, tilt=5, marks=("hiding",), tint="warm"
    ),
    "green": Look(wide=0.6, lid=0.45, gaze=(0.9, 0), skew=0.5, knit=0.5, mouth=-0.6, tint="green"),
    "bored": Look(
        wide=0.35, gaze=(0, 0.2), brow=-0.3, mouth=0.0, gape=0.9, ruffle=-0.4, marks=("asleep",), tint="grey"
    ),
    "yuck": Look(eyes=Eyes.TIGHT, knit=0.6, mouth=-0.4, wave=0.6, ruffle=-0.2, marks=("tongue", "sick"), tint="green"),
}
AVATAR = Look(wide=0.8, gaze=(0.35, 0.0), skew=0.6, mouth=0.5, smirk=0.5, blush=0.35, tilt=-4)
