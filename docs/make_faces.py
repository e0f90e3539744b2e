"""Draws the companions' avatars and the faces of all their expressions into their folders.

Run from the repository's root: `python -m docs.make_faces`; with `--sheet FILE` all of them on one sheet, to look
at. A test compares the pictures with what is drawn.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from docs.faces import blossom_looks, crow_looks
from docs.faces.blossom import draw_blossom
from docs.faces.brush import SIDE, Brush, png
from docs.faces.crow import draw_crow
from docs.faces.look import Look

PERSONAS = Path(__file__).parents[1] / "personas"
AVATAR = "avatar.png"
ROW = 8  # pictures of a sheet side by side
GAP = 8  # pixels
GROUND = (49, 51, 56)  # of a dark page

Draw = Callable[[Look], Brush]
SELVES: Mapping[str, tuple[Draw, Look, Mapping[str, Look]]] = {
    "jasmine": (draw_blossom, blossom_looks.AVATAR, blossom_looks.LOOKS),
    "mira": (draw_crow, crow_looks.AVATAR, crow_looks.LOOKS),
}


def pictures() -> Iterator[tuple[Path, Image.Image]]:
    """Give every picture and the file it belongs into."""
    for companion, (draw, avatar, looks) in SELVES.items():
        folder = PERSONAS / companion
        yield folder / AVATAR, draw(avatar).picture()
        for slug, look in looks.items():
            yield folder / "expressions" / f"{slug}.png", draw(look).picture()


def sheet(drawn: Sequence[Image.Image]) -> Image.Image:
    """Lay pictures side by side, in rows."""
    step = SIDE + GAP
    laid = Image.new("RGB", (ROW * step, -(-len(drawn) // ROW) * step), GROUND)
    for number, picture in enumerate(drawn):
        laid.paste(picture, (number % ROW * step + GAP // 2, number // ROW * step + GAP // 2), picture)
    return laid


def main(arguments: list[str]) -> None:
    """Write the pictures, or the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, metavar="FILE")
    wanted = parser.parse_args(arguments)
    if wanted.sheet:
        sheet([picture for _, picture in pictures()]).save(wanted.sheet)
        return
    for file, picture in pictures():
        file.write_bytes(png(picture))


if __name__ == "__main__":
    main(sys.argv[1:])
