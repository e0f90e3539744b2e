"""The page of the two stories says and shows what the model gives now."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from docs.make_trajectories import (
    APOLOGY_H,
    DAY_H,
    IMAGES,
    INSULT_H,
    PAGE,
    STORY_END_H,
    Told,
    insult_story,
    page_with,
    rises_of_love,
    tell,
)

# Mean difference of a channel, of 255: fonts and smoothing may differ between versions of Pillow, lines not.
DRAWN_ALIKE = 1.0


@pytest.fixture(scope="module")
def told() -> Told:
    return tell()


def test_the_pages_figures_are_what_the_model_gives(told: Told):
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- figures: {name} -->" in page for name in told.tables)
    assert page_with(told.tables, page) == page, "run python -m docs.make_trajectories"


def test_the_pictures_are_what_the_code_draws(told: Told):
    page = PAGE.read_text(encoding="utf-8")
    for name, draw in told.pictures.items():
        assert f"(images/{name})" in page
        kept, drawn = (Image.open(file).convert("RGB") for file in (IMAGES / name, BytesIO(draw())))
        assert kept.size == drawn.size
        assert max(ImageStat.Stat(ImageChops.difference(kept, drawn)).mean) <= DRAWN_ALIKE, name


def test_the_insult_reads_as_the_page_tells_it():
    story = insult_story()
    lost = story.at("trust", INSULT_H - 0.01) - story.at("trust", INSULT_H)
    earned_daily = (story.at("trust", INSULT_H - 0.01) - story.at("trust", INSULT_H - 7 * DAY_H)) / 7
    assert lost > 3 * earned_daily
    assert story.at("anger", INSULT_H + 4) < 0.01 < story.at("sadness", INSULT_H + 4)
    assert story.at("tension", APOLOGY_H) == pytest.approx(story.at("tension", APOLOGY_H - 0.01) / 2, rel=0.1)
    assert story.at("trust", APOLOGY_H) - story.at("trust", APOLOGY_H - 0.01) < lost / 10
    assert story.at("trust", STORY_END_H) > story.at("trust", INSULT_H - 0.01)
    assert story.stages[-1][1] == "friend"


def test_the_same_words_stop_moving_her():
    different, same = ([rise for _, rise in rises_of_love(is_varied=is_varied)] for is_varied in (True, False))
    assert same[0] == different[0]
    assert same[-1] < 0.01 * same[0] < different[-1]
