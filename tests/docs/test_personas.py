"""docs/personas.md names every key of the schema with its range, and every persona that ships."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.adapters.personas import FILE_LIMIT, PICTURE_LIMIT, check_companion, companion_names, read_companion
from bot.domain import persona as schema
from bot.domain.affect.traits import BAND_LIMITS, LITE_TRAITS, RICH_TRAITS
from bot.domain.persona_fields import EXAMPLE_LIMIT
from tests.docs.project import ROOT, codes, read, rows

PAGE = "docs/personas.md"


def known_keys(folder: Path, file: str, before: str, after: str) -> set[str]:
    """Give the keys that the schema knows at a place, as it says itself when it meets one it does not know."""
    path = folder / file
    path.write_text(path.read_text().replace(before, after, 1))
    (problem,) = check_companion(folder)
    return set(problem.rpartition("known are ")[2].split(", "))


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("companion.toml", 'name = "', 'zzzz = 1\nname = "'),
        ("companion.toml", "openness = ", "zzzz = 1\nopenness = "),
        ("companion.toml", "temperature = ", "zzzz = 1\ntemperature = "),
        ("default.md", 'title = "', 'zzzz = 1\ntitle = "'),
        ("examples.toml", 'them = "', 'zzzz = 1\nthem = "'),
        ("expressions/expressions.toml", 'slug = "', 'zzzz = 1\nslug = "'),
    ],
)
def test_every_key_of_the_schema_is_told(tmp_path, file, before, after):
    folder = Path(shutil.copytree(ROOT / "personas" / "_template", tmp_path / "robin"))
    told = {code.strip("[]") for code in codes(read(PAGE))}
    keys = known_keys(folder, file, before, after)
    assert keys and keys <= told, keys - told


def test_no_key_is_told_that_the_schema_does_not_know(tmp_path):
    known: set[str] = set()
    for number, (file, before) in enumerate(
        [("companion.toml", 'name = "'), ("default.md", 'title = "'), ("expressions/expressions.toml", 'slug = "')]
    ):
        folder = Path(shutil.copytree(ROOT / "personas" / "_template", tmp_path / f"robin{number}"))
        known |= known_keys(folder, file, before, f"zzzz = 1\n{before}")
    personas = {persona.slug for name in companion_names() for persona in read_companion(name).personas}
    told = {codes(cells[0])[0].strip("[]") for cells in rows(PAGE) if codes(cells[0])}
    assert told - personas <= known


def test_every_persona_that_ships_is_told():
    told = {(cells[0], codes(cells[1])[0], cells[3], cells[4]) for cells in rows(PAGE) if cells[0] in companion_names()}
    assert told == {
        (name, persona.slug, str(persona.rating), "opt-in" if persona.is_opt_in else "")
        for name in companion_names()
        for persona in read_companion(name).personas
    }


def test_every_trait_and_limit_is_told():
    page = " ".join(read(PAGE).split())
    assert all(f"`{trait.name}`" in page for trait in RICH_TRAITS)
    lite, _, rich = page.partition("only these count:")[2].partition("With `rich`")
    assert {trait.name for trait in LITE_TRAITS} == set(codes(lite)) and rich
    assert f"Between {BAND_LIMITS[1]} and {BAND_LIMITS[2]} a trait" in page and f"from {BAND_LIMITS[3]} in size" in page
    for words in (
        f"`name` | up to {schema.NAME_LIMIT} ",
        f"`title` | up to {schema.NAME_LIMIT} ",
        f"`summary` | up to {schema.BIO_LIMIT} ",
        f"`summary` | up to {schema.SUMMARY_LIMIT} ",
        f"`when` | up to {schema.WHEN_LIMIT} ",
        f"1 to {schema.LOCALES_MOST} tags",
        f"up to {schema.NICKNAMES_MOST} words",
        f"up to {schema.SPELLINGS_MOST} words",
        f"up to {schema.HOMOGRAPHS_MOST} words, each with up to {EXAMPLE_LIMIT * 2} ",
        f"second person; up to {schema.IDENTITY_LIMIT:,}.",
        f"the voice, up to {schema.VOICE_LIMIT:,}.",
        f"1 to {schema.EXAMPLES_MOST} tables `[[exchange]]` with `them` and `you`, up to {EXAMPLE_LIMIT} each",
        f"1 to {schema.EXPRESSIONS_MOST} tables `[[expression]]`",
        f"within {schema.WORDS_MOST:,} bytes",
        f"at most {PICTURE_LIMIT // 1024} KB",
        f"files over {FILE_LIMIT // 1024} KB",
    ):
        assert words in page, words
    assert f"0 to {schema.TEMPERATURE_MOST:g}" in page and schema.PERSONAS_MOST == 12  # "up to eleven more"


def test_template_names_every_trait():
    comment = read("personas/_template/companion.toml")
    assert all(trait.name in comment for trait in RICH_TRAITS)
