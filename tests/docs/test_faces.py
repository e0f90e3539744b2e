"""The companions' pictures are what the code draws, small, and one for each expression."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.adapters.personas import companion_names, read_avatar, read_companion, read_pictures
from docs.faces.brush import SIDE, png
from docs.make_faces import AVATAR, PERSONAS, SELVES, pictures, sheet

BYTES_MOST = 40 * 1024
APART_LEAST = 60  # of 255 in some channel, that two faces of one companion differ by somewhere


@pytest.fixture(scope="module")
def drawn() -> Mapping[Path, Image.Image]:
    return dict(pictures())


def test_the_pictures_are_what_the_code_draws(drawn):
    for file, picture in drawn.items():
        with Image.open(file) as kept:
            assert kept.mode == picture.mode == "RGBA", file
            assert ImageChops.difference(kept, picture).getextrema() == ((0, 0),) * 4, f"{file}: see docs/make_faces.py"


@pytest.mark.parametrize("name", SELVES)
def test_the_same_strokes_give_the_same_bytes(drawn, name):
    draw, avatar, _ = SELVES[name]
    assert png(draw(avatar).picture()) == png(drawn[PERSONAS / name / AVATAR])


def test_every_expression_and_avatar_has_a_small_round_picture(drawn):
    for name in companion_names():
        companion = read_companion(name)
        faces = read_pictures(name, companion)
        assert set(faces) == {face.slug for face in companion.expressions} == set(SELVES[name][2])
        assert all(face.picture == f"{face.slug}.png" for face in companion.expressions)
        avatar = read_avatar(name)
        assert avatar is not None and all(len(content) <= BYTES_MOST for content in (avatar, *faces.values()))
    for picture in drawn.values():
        assert picture.size == (SIDE, SIDE)
        assert picture.getpixel((0, 0))[3] == 0 and picture.getpixel((SIDE // 2, SIDE // 2))[3] == 255


@pytest.mark.parametrize("name", SELVES)
def test_no_two_faces_look_the_same(drawn, name):
    faces = [picture for file, picture in drawn.items() if name in file.parts and file.name != AVATAR]
    for number, one in enumerate(faces):
        for other in faces[:number]:
            differences = ImageChops.difference(one, other).getextrema()
            assert max(most for _, most in differences) >= APART_LEAST


def test_every_picture_that_ships_is_drawn(drawn):
    kept = {
        file for name in SELVES for file in (PERSONAS / name).rglob("*") if file.suffix in (".png", ".webp", ".gif")
    }
    assert kept == set(drawn)


def test_a_sheet_has_room_for_all_of_them(drawn):
    laid = sheet(list(drawn.values()))
    columns, rows = laid.width // SIDE, laid.height // SIDE
    assert columns * rows >= len(drawn) > columns * (rows - 1)
