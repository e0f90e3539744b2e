"""A change of the companion's files holds at once; one that does not read changes nothing and is told of once."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from bot.adapters.personas import CompanionFolder
from bot.engine.being import Being
from bot.engine.reload import Reload
from personas import __path__ as shipped

NEWER = "You hum while you think, and you say so."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of a companion that ships."""
    return Path(shutil.copytree(Path(shipped[0]) / "mira", tmp_path / "mira"))


@pytest.fixture
def reload(folder: Path) -> Reload:
    """Give the job over her as she was read."""
    files = CompanionFolder(folder)
    return Reload(files, Being(files.read().companion))


def voice_of(reload: Reload, slug: str = "default") -> str:
    persona = reload._being.named(slug)
    assert persona is not None
    return persona.voice


async def test_nothing_changes_without_a_change(reload: Reload, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    was = reload._being.companion
    for _ in range(3):
        await reload()
    assert (reload._being.companion, reload._being.problems, caplog.records) == (was, (), [])


async def test_what_was_written_holds_at_the_next_look(reload: Reload, folder: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    await reload()
    was = reload._being.companion.version
    (folder / "default.md").write_text((folder / "default.md").read_text("utf-8") + f"\n\n{NEWER}\n", "utf-8")
    await reload()
    assert NEWER in voice_of(reload)
    assert reload._being.companion.version != was
    assert [record.message for record in caplog.records] == ["companion read anew"]
    assert NEWER not in caplog.text


async def test_personas_come_and_go_with_their_files(reload: Reload, folder: Path):
    shutil.copy(folder / "hallow.md", folder / "quiet.md")
    await reload()
    assert reload._being.named("quiet") is not None
    (folder / "quiet.md").unlink()
    await reload()
    assert reload._being.named("quiet") is None


async def test_pictures_change_in_the_mapping_that_was_given_out(reload: Reload, folder: Path):
    await reload()
    given = reload._being.pictures
    face = next(face for face in reload._being.companion.expressions if face.picture is not None)
    picture = folder / "expressions" / str(face.picture)
    picture.parent.mkdir(exist_ok=True)
    newer = b"\x89PNG\r\n\x1a\n" + b"newer"
    picture.write_bytes(newer)
    await reload()
    assert given is reload._being.pictures and given[face.slug] == newer


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("haven.md", '+++\ntitle = "Haven"\n+++\nhi', "haven.md: rating"),
        ("haven.md", "no front matter", "haven.md: must begin with TOML between two lines of +++"),
        ("companion.toml", "name = ", "companion.toml: is no TOML"),
        ("identity.md", "", "identity.md"),
        ("default.md", None, "default.md: is missing"),
    ],
)
async def test_what_does_not_read_leaves_her_as_she_was_and_is_told_once(
    reload: Reload, folder: Path, caplog: pytest.LogCaptureFixture, name: str, text: str | None, said: str
):
    await reload()
    was, good = reload._being.companion, (folder / name).read_bytes()
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text, "utf-8")
    await reload()
    assert caplog.records == [], "it may be half written"
    for _ in range(3):
        await reload()
    (record,) = caplog.records
    assert record.message == "companion not read anew" and any(one.startswith(said) for one in record.files)
    assert reload._being.companion is was and reload._being.trouble
    (folder / name).write_bytes(good)
    await reload()
    assert reload._being.problems == () and reload._being.companion.version == was.version


@pytest.mark.parametrize("hostile", [b"\xff\xfe\x00", b"x" * 70_000, b"+++\n" + b"a = 1\n" * 9_000 + b"+++\n"])
async def test_hostile_files_leave_her_as_she_was(reload: Reload, folder: Path, hostile: bytes):
    await reload()
    was = reload._being.companion
    (folder / "haven.md").write_bytes(hostile)
    for _ in range(2):
        await reload()
    assert reload._being.companion is was and reload._being.trouble


async def test_links_and_a_folder_that_is_gone_leave_her_as_she_was(reload: Reload, folder: Path, tmp_path: Path):
    await reload()
    was = reload._being.companion
    (tmp_path / "secret").write_text("+++\n+++\nsecret", "utf-8")
    (folder / "leak.md").symlink_to(tmp_path / "secret")
    for _ in range(2):
        await reload()
    assert reload._being.companion is was and reload._being.trouble[0].startswith("leak.md")
    shutil.rmtree(folder)
    for _ in range(2):
        await reload()
    assert reload._being.companion is was and reload._being.problems
