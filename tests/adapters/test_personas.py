"""Reading companions from folders: what ships is well, and no folder leads astray."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from bot.adapters.personas import (
    FILE_LIMIT,
    PICTURE_LIMIT,
    check_companion,
    companion_names,
    companion_warnings,
    read_avatar,
    read_companion,
    read_pictures,
)
from bot.domain.affect.emotions import NAMES
from bot.domain.persona import IDENTITY_LIMIT, WORDS_MOST, PersonaError, Rating
from bot.errors import ConfigError

PERSONAS = Path(__file__).parents[2] / "personas"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the template under a name of its own."""
    return Path(shutil.copytree(PERSONAS / "_template", tmp_path / "robin"))


def problem_of(folder: Path | str) -> str:
    with pytest.raises(PersonaError) as raised:
        read_companion(folder)
    assert isinstance(raised.value, ConfigError)
    assert check_companion(folder) == list(raised.value.problems)
    return str(raised.value)


@pytest.mark.parametrize("name", ["mira", "jasmine", PERSONAS / "mira", PERSONAS / "_template"])
def test_what_ships_is_well(name):
    assert check_companion(name) == [] == companion_warnings(name)


def test_mira_ships_with_her_default_persona():
    mira = read_companion("mira")
    assert (mira.name, mira.default_persona.rating, mira.default_persona.colour) == ("Mira", Rating.EVERYONE, 0xE0A0B0)
    assert 8 <= len(mira.examples_for(mira.default_persona)) <= 12
    assert mira.expressions
    assert [persona.slug for persona in mira.personas] == ["default", "forbidden", "hallow", "haven"]
    forbidden = mira.persona("forbidden")
    assert (forbidden.rating, forbidden.is_opt_in) == (Rating.ADULT, True)
    assert mira.shelter == mira.persona("haven")


def test_jasmine_is_a_self_of_her_own():
    mira, jasmine = read_companion("mira"), read_companion("jasmine")
    assert (jasmine.name, len(jasmine.expressions)) == ("Jasmine", 30)
    assert jasmine.shelter == jasmine.persona("dusk")
    assert jasmine.temperament != mira.temperament and jasmine.traits
    assert not {example.you for example in jasmine.examples} & {example.you for example in mira.examples}


def test_template_is_no_companion_to_run():
    assert companion_names() == ("jasmine", "mira")
    assert "no companion is called '_template'" in problem_of("_template")


def test_copied_template_reads(folder):
    robin = read_companion(folder)
    assert (robin.slug, robin.name) == ("robin", "Robin")
    assert robin.identity.startswith("You are Robin.")


def test_unknown_name_gets_the_nearest_known():
    assert problem_of("Mirra") == "MIRA_COMPANION: no companion is called 'Mirra'; did you mean 'mira'?"
    assert problem_of("xyz").endswith("; there is jasmine, mira")


@pytest.mark.parametrize("name", ["", ".", "..", "../mira", "mira/", "/etc", "mira/../mira", "mira\x00", "MIRA"])
def test_name_cannot_lead_out_of_the_folder(name):
    assert "no companion is called" in problem_of(name)


@pytest.mark.parametrize("name", ["Robin", "robin me", "röbin", "-robin"])
def test_folder_has_a_plain_name(tmp_path, name):
    shutil.copytree(PERSONAS / "_template", tmp_path / name)
    assert "small letters, digits and hyphens" in problem_of(tmp_path / name)


def test_missing_folder_is_named(tmp_path):
    assert problem_of(tmp_path / "nobody") == "nobody: is no folder, or a link to one"


@pytest.mark.parametrize("file", ["companion.toml", "identity.md", "examples.toml", "expressions/expressions.toml"])
def test_missing_file_is_named(folder, file):
    (folder / file).unlink()
    assert f"{file}: is missing" in problem_of(folder)


def test_every_broken_file_is_named(folder):
    (folder / "companion.toml").write_text("name = ")
    (folder / "identity.md").write_bytes(b"ab\xff")
    (folder / "default.md").write_text("no front matter")
    found = problem_of(folder)
    assert "companion.toml: is no TOML: " in found
    assert "identity.md: is not UTF-8 at byte 2" in found
    assert "default.md: must begin with TOML between two lines of +++" in found


def test_huge_file_is_refused(folder):
    (folder / "identity.md").write_text("a" * (FILE_LIMIT + 1))
    assert problem_of(folder) == "identity.md: cannot be read: is larger than 64 KB"


def test_front_matter_is_strict(folder):
    text = (folder / "default.md").read_text().replace("opt_in", "optin")
    (folder / "default.md").write_text(text)
    assert "default.md: optin: is no known key; did you mean 'opt_in'?" in problem_of(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("file", ["identity.md", "default.md", "expressions"])
def test_link_is_refused(folder, tmp_path, file):
    target = tmp_path / "elsewhere"
    shutil.move(folder / file, target)
    (folder / file).symlink_to(target)
    assert "is a link; copy the file instead" in problem_of(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_linked_folder_is_refused(folder, tmp_path):
    (tmp_path / "wren").symlink_to(folder)
    assert "is no folder, or a link to one" in problem_of(tmp_path / "wren")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_refused_and_not_waited_for(folder):
    (folder / "identity.md").unlink()
    os.mkfifo(folder / "identity.md")
    assert problem_of(folder) == "identity.md: cannot be read: is no ordinary file"


def test_version_changes_with_the_files_and_not_with_line_ends(folder):
    before = read_companion(folder).version
    assert before.startswith("0.1.0+")
    identity = folder / "identity.md"
    identity.write_bytes(identity.read_bytes().replace(b"\n", b"\r\n"))
    assert read_companion(folder).version == before
    identity.write_text(identity.read_text() + "Also, tall.")
    assert read_companion(folder).version != before


def test_second_persona_is_one_more_file(folder):
    text = (
        (folder / "default.md").read_text().replace('"everyone"', '"adult"').replace("opt_in = false", "opt_in = true")
    )
    (folder / "night-owl.md").write_text(text)
    assert [persona.slug for persona in read_companion(folder).personas] == ["default", "night-owl"]


def test_check_finds_lines_no_companion_may_speak_by(folder):
    (folder / "identity.md").write_text("You are {name}.\nYou are a real person.")
    examples = (folder / "examples.toml").read_text().replace("run, then.", "please don't leave me.")
    (folder / "examples.toml").write_text(examples)
    for file, line in {"companion.toml": "I am a real person.", "default.md": "She needs you."}.items():
        text = (folder / file).read_text()
        (folder / file).write_text(re.sub('^summary = "[^"]*"', f'summary = "{line}"', text, flags=re.MULTILINE))
    assert check_companion(folder) == [
        "identity.md: line 2: claims to be human",
        "companion.toml: summary: claims to be human",
        "default.md: summary: needs the person to stay",
        "examples.toml: exchange[3].you: needs the person to stay",
    ]


def test_lines_for_people_may_be_missing_and_check_warns(folder):
    for file in ("companion.toml", "default.md"):
        lines = (folder / file).read_text().splitlines(keepends=True)
        (folder / file).write_text("".join(line for line in lines if not line.startswith("summary = ")))
    assert check_companion(folder) == []
    assert companion_warnings(folder) == [
        "companion.toml: summary: is missing; the profile keeps its own words",
        "default.md: summary: is missing; lists show the title alone",
    ]


def test_persona_that_fills_the_prompt_is_warned_of(folder):
    (folder / "identity.md").write_text("You are {name}. " + "y" * (IDENTITY_LIMIT - 20))
    text = (folder / "default.md").read_text()
    (folder / "default.md").write_text(text + "é" * 400)
    assert check_companion(folder) == []
    robin = read_companion(folder)
    size = robin.words_bytes(robin.default_persona)
    assert size > WORDS_MOST
    assert companion_warnings(folder) == [
        f"default.md: with identity, examples and faces {size} bytes of every prompt; {WORDS_MOST} are plenty"
    ]


PICTURES = {
    "smile.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "smile.webp": b"RIFF\n\0\0\0WEBPVP8 ",
    "smile.gif": b"GIF89a" + b"\0" * 40,
}
WHERE = "expressions/expressions.toml: expression[2].picture:"


def with_picture(folder: Path, name: str, data: bytes | None) -> Path:
    """Give the second face of *folder* a picture; None leaves its file out."""
    file = folder / "expressions" / "expressions.toml"
    file.write_text(file.read_text().replace('slug = "smile"\n', f'slug = "smile"\npicture = "{name}"\n'))
    if data is not None:
        (folder / "expressions" / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("name", PICTURES)
def test_picture_of_a_face_is_read(folder, name):
    with_picture(folder, name, PICTURES[name])
    robin = read_companion(folder)
    assert robin.expressions[1].picture == name
    assert read_pictures(folder, robin) == {"smile": PICTURES[name]}
    assert check_companion(folder) == [] == companion_warnings(folder)


def test_missing_picture_is_fine_and_check_warns(folder):
    robin = read_companion(with_picture(folder, "smile.png", None))
    assert read_pictures(folder, robin) == {} and check_companion(folder) == []
    assert companion_warnings(folder) == [f"{WHERE} 'smile.png' is missing; 🙂 is shown instead"]


def test_faces_without_pictures_need_none():
    assert read_pictures(PERSONAS / "_template", read_companion(PERSONAS / "_template")) == {}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("data", [b"", b"<svg/>", b"RIFF....AVI "])
def test_picture_of_another_kind_is_refused(folder, name, data):
    kind = name.rpartition(".")[2]
    assert problem_of(with_picture(folder, name, data)) == f"{WHERE} {name!r} is no {kind} picture"


def test_huge_picture_is_refused(folder):
    data = PICTURES["smile.png"].ljust(PICTURE_LIMIT, b"\0")
    with_picture(folder, "smile.png", data)
    assert read_pictures(folder, read_companion(folder)) == {"smile": data}
    (folder / "expressions" / "smile.png").write_bytes(data + b"\0")
    assert problem_of(folder) == f"{WHERE} 'smile.png' cannot be read: is larger than 256 KB"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_linked_picture_is_refused(folder, tmp_path):
    target = tmp_path / "elsewhere.png"
    target.write_bytes(PICTURES["smile.png"])
    with_picture(folder, "smile.png", None)
    (folder / "expressions" / "smile.png").symlink_to(target)
    assert problem_of(folder) == f"{WHERE} 'smile.png' cannot be read: 'smile.png' is a link; copy the file instead"


def test_folder_in_place_of_a_picture_is_refused(folder):
    (with_picture(folder, "smile.png", None) / "expressions" / "smile.png").mkdir()
    assert problem_of(folder) == f"{WHERE} 'smile.png' cannot be read: is no ordinary file"


def test_avatar_is_a_file_beside_the_manifest(folder):
    assert read_avatar(folder) is None and companion_warnings(folder) == []
    (folder / "avatar.png").write_bytes(PICTURES["smile.png"])
    read_companion(folder)
    assert read_avatar(folder) == PICTURES["smile.png"]


def test_avatar_of_another_kind_is_refused(folder):
    (folder / "avatar.png").write_bytes(PICTURES["smile.gif"])
    assert problem_of(folder) == "avatar.png: is no png picture"
    with pytest.raises(PersonaError, match="is no png picture"):
        read_avatar(folder)


def test_huge_avatar_is_refused(folder):
    (folder / "avatar.png").write_bytes(PICTURES["smile.png"].ljust(PICTURE_LIMIT + 1, b"\0"))
    assert problem_of(folder) == "avatar.png: cannot be read: is larger than 256 KB"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_linked_avatar_is_refused(folder, tmp_path):
    (folder / "avatar.png").symlink_to(tmp_path / "nowhere.png")
    assert problem_of(folder) == "avatar.png: cannot be read: 'avatar.png' is a link; copy the file instead"


def test_warnings_of_what_cannot_be_read_are_left_to_the_check(tmp_path):
    assert companion_warnings(tmp_path / "nobody") == []


def test_template_names_every_emotion(folder):
    text = (folder / "expressions" / "expressions.toml").read_text()
    comment = "".join(line for line in text.splitlines() if line.startswith("#"))
    assert all(name in comment for name in NAMES["rich"])
