"""How Mira looks in each of her expressions, and on her avatar."""

from __future__ import annotations

from docs.faces.look import Eyes, Look

LOOKS: dict[str, Look] = {
    "plain": Look(mouth=0.2),
    "soft": Look(
        wide=0.82, low=0.15, brow=0.5, knit=-0.5, mouth=0.6, blush=0.6, tilt=-5, marks=("hearts",), tint="warm"
    ),
    "moved": Look(
        wide=1.15,
        brow=0.8,
        knit=-0.9,
        mouth=0.35,
        wave=0.6,
        blush=0.5,
        pupil=1.22,
        shine=True,
        marks=("tears",),
        tint="warm",
    ),
    "grin": Look(eyes=Eyes.HAPPY, brow=0.9, mouth=1.0, gape=0.8, blush=0.7, ruffle=0.5, marks=("sparks",), tint="gold"),
    "easy": Look(
        eyes=Eyes.SHUT, brow=0.5, knit=-0.3, mouth=0.7, blush=0.35, ruffle=-0.5, tilt=4, marks=("note",), tint="mint"
    ),
    "smirk": Look(
        wide=0.72, low=0.2, gaze=(0.75, 0), brow=0.1, skew=0.9, knit=0.25, mouth=0.25, smirk=1.0, tilt=-6, tint="violet"
    ),
    "deadpan": Look(wide=0.42, gaze=(0, 0.1), knit=0.0, brow=-0.4, mouth=-0.1, marks=("dots",), tint="grey"),
    "fierce": Look(
        wide=0.85, lid=0.9, knit=1.0, brow=-0.5, mouth=-0.7, pupil=0.85, ruffle=1.0, marks=("vein",), tint="red"
    ),
    "hurt": Look(
        wide=0.8,
        lid=-0.75,
        knit=-1.0,
        brow=0.3,
        gaze=(-0.5, 0.6),
        mouth=-0.85,
        ruffle=-0.5,
        tilt=-4,
        marks=("broken", "tear"),
        tint="blue",
    ),
    "sheepish": Look(
        eyes=Eyes.TIGHT, brow=0.7, knit=-0.8, mouth=0.5, gape=0.3, blush=1.0, ruffle=-0.3, marks=("sweat",), tint="gold"
    ),
    "worried": Look(
        wide=1.05,
        brow=0.6,
        knit=-1.0,
        gaze=(0.5, -0.2),
        pupil=0.8,
        mouth=-0.4,
        wave=1.0,
        marks=("sweat",),
        tint="violet",
    ),
    "curious": Look(
        wide=1.12,
        gaze=(0.6, -0.5),
        brow=0.6,
        skew=0.9,
        mouth=0.1,
        gape=0.12,
        pupil=1.12,
        tilt=9,
        ruffle=0.4,
        marks=("question",),
        tint="sky",
    ),
    "startled": Look(wide=1.25, brow=1.5, pupil=0.62, mouth=-0.1, gape=0.75, ruffle=1.0, marks=("shout",), tint="sky"),
    "quiet": Look(
        wide=0.55,
        lid=-0.3,
        gaze=(-0.3, 0.6),
        brow=0.0,
        knit=-0.55,
        mouth=-0.3,
        ruffle=-0.8,
        tilt=-3,
        marks=("moon",),
        tint="night",
    ),
}
AVATAR = Look(wide=0.95, gaze=(0.25, -0.05), brow=0.2, skew=0.55, mouth=0.45, smirk=0.45, blush=0.25, tilt=-5, tint="")
