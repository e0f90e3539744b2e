"""`mira persona`, as somebody at a terminal uses it: new, import, check, export, talk."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.adapters.character_cards import read_card_file
from bot.adapters.personas import read_avatar, read_companion
from bot.cli import cli
from tests.cards import FOLDER, RICH, card, picture, png, text_chunk, v2
from tests.flows.conftest import END_TIMEOUT_S, Stage, start_command
from tests.flows.test_cli import without_discord
from tests.flows.test_talk import FIRST

OWN = "own"  # the folder of companions, below the test's own


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIRA_COMPANIONS", OWN)


def mira(*words: str) -> tuple[int, str]:
    """Run `mira persona` with *words*; give the exit code, and what it said."""
    done = CliRunner().invoke(cli, ["persona", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def read_as(file: Path, slug: str) -> object:
    """Import a card elsewhere, and give the companion without what differs by its place."""
    code, said = mira("import", str(file), "--to", "elsewhere", "--slug", slug)
    assert code == 0, said
    return replace(read_companion(Path("elsewhere") / slug), slug="", version="")


@pytest.mark.parametrize("ending", ["json", "png"])
@pytest.mark.parametrize("name", RICH)
def test_card_comes_in_goes_out_and_comes_in_the_same(name: str, ending: str):
    file = Path(f"{name}.{ending}")
    whole = card(name)
    keyword = "ccv3" if whole.get("spec") == "chara_card_v3" else "chara"
    file.write_bytes(json.dumps(whole).encode() if ending == "json" else png(text_chunk(keyword, whole)))
    code, said = mira("import", str(file))
    assert code == 0, said
    slug = said.partition(":")[0]
    assert f"{slug}: {Path(OWN) / slug}" in said
    assert mira("check", slug)[1].endswith(f"{slug}: all well\n")
    taken = read_companion(slug, Path(OWN))
    for number, (out, options) in enumerate(
        {"a.png": (), "b.json": (), "c.json": ("--spec", "2"), "d.png": ("--spec", "3")}.items()
    ):
        assert mira("export", slug, out, *options)[0] == 0
        assert read_as(Path(out), f"again-{number}") == replace(taken, slug="", version="")
    if ending == "png" or name == "lamp_keeper":
        assert read_avatar(slug, Path(OWN)) == read_avatar(Path("elsewhere/again-0"))


@pytest.mark.parametrize("name", ["mira", "jasmine"])
def test_companions_that_ship_go_out_and_come_back(name: str):
    assert mira("export", name, "out.png") == (0, f"{name}: out.png\n")
    assert mira("export", name, "out.json")[0] == 0
    for file in ("out.png", "out.json"):
        slug = f"{name}-{file[-4:].strip('.')}"
        assert read_as(Path(file), slug) == replace(read_companion(name), slug="", version="")
        assert mira("check", f"elsewhere/{slug}")[1].endswith("all well\n")
    assert read_avatar(name) is None or read_avatar(Path(f"elsewhere/{name}-png")) is not None
    code, said = mira("import", "out.png")
    assert (code, "ships" in said) == (2, True)
    assert mira("import", "out.png", "--to", "elsewhere")[0] == 0


def test_report_says_for_each_field_what_became_of_it():
    code, said = mira("import", str(FOLDER / "hostile.json"))
    assert code == 0
    assert re.search(r"^  description: left out \(a sentence claims to be human\)$", said, re.MULTILINE)
    assert re.search(r"^  name: changed \(Nova\)$", said, re.MULTILINE)
    assert re.search(r"^  rating: changed \(adult: ", said, re.MULTILINE)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert mira("check", "nova")[0] == 0


def test_an_import_replaces_nothing_unless_told():
    assert mira("import", str(FOLDER / "detective.json"))[0] == 0
    code, said = mira("import", str(FOLDER / "detective.json"))
    assert (code, "--replace" in said) == (2, True)
    assert (
        mira("import", str(FOLDER / "detective.json"), "--replace", "--rating", "teen", "--name", "Ada Quill")[0] == 0
    )
    assert {persona.slug for persona in read_companion("ada-quill", Path(OWN)).personas} == {"card", "default"}
    assert mira("import", str(FOLDER / "detective.json"), "--slug", "second-ada", "--name", "Ada Second")[0] == 0
    assert read_companion("second-ada", Path(OWN)).name == "Ada Second"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("import", "none.png"), "none.png: cannot be read"),
        (("import", "bad.json"), "bad.json: spec"),
        (("import", "good.json", "--slug", "../up"), "--slug"),
        (("import", "good.json", "--name", "system"), "--name"),
        (("import", "good.json", "--rating", "x"), "rating"),
        (("export", "nobody", "out.png"), "no companion is called 'nobody'"),
        (("export", "mira", "out.gif"), "is written as .png or .json"),
        (("export", "mira", "good.json"), "is there already"),
        (("export", "mira", "no/where.json"), "cannot be written"),
        (("new", "###"), "cannot be anybody"),
        (("new", "Mira"), "ships"),
        (("check", "nobody"), "nobody"),
        (("talk", "nobody"), "no companion is called 'nobody'"),
        (("talk", "mira", "--persona", "none"), "has no 'none'"),
        (("talk", "mira", "--persona", "forbidden"), "--of-age"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(words: tuple[str, ...], what: str):
    Path("bad.json").write_text("{}")
    Path("good.json").write_text(json.dumps(v2()))
    code, said = mira(*words)
    assert code == 2
    assert what in said
    assert "Traceback" not in said
    assert not Path(OWN).exists()


def test_a_new_companion_is_the_template_under_a_name():
    code, said = mira("new", "Zoë Lark")
    assert (code, said) == (0, f"Zoë Lark: {Path(OWN) / 'zoe-lark'}\n")
    companion = read_companion("zoe-lark", Path(OWN))
    assert (companion.name, companion.default_persona.title) == ("Zoë Lark", "Zoë Lark")
    assert mira("check", "zoe-lark")[0] == 0
    assert "# " in (Path(OWN) / "zoe-lark" / "companion.toml").read_text(encoding="utf-8")
    assert mira("new", "Zoë Lark")[0] == 2


def test_a_changed_companion_goes_out_as_it_is_now_with_what_its_card_brought():
    assert mira("import", str(FOLDER / "robot_gardener.json"))[0] == 0
    (Path(OWN) / "seven" / "identity.md").write_text("You are {name}. You grow tea.\n")
    assert mira("export", "seven", "out.json")[0] == 0
    data = json.loads(Path("out.json").read_bytes())["data"]
    assert data["description"] == "You are {{char}}. You grow tea."
    assert data["extensions"]["risuai"] == {"viewScreen": "none"}
    assert data["source"] == card("robot_gardener")["data"]["source"]
    assert mira("import", "out.json", "--slug", "tea")[0] == 0
    assert read_companion("tea", Path(OWN)).identity == "You are Seven. You grow tea."


def test_a_broken_picture_costs_the_avatar_and_no_more():
    broken = picture()[:33] + png(text_chunk("chara", v2()))[-12 - len(text_chunk("chara", v2())) :]
    Path("card.png").write_bytes(broken)
    code, said = mira("import", "card.png")
    assert code == 0, said
    assert "picture: left out" in said
    assert read_avatar("robin-vale", Path(OWN)) is None


def test_faces_of_a_companion_travel_in_version_3():
    assert mira("import", str(FOLDER / "lamp_keeper.json"))[0] == 0
    face = Path(OWN) / "ines" / "expressions" / "smile.png"
    assert face.is_file()
    assert mira("export", "ines", "out.png")[0] == 0
    assert mira("import", "out.png", "--to", "elsewhere")[0] == 0
    assert (Path("elsewhere") / "ines" / "expressions" / "smile.png").read_bytes() == face.read_bytes()
    asset = read_card_file(Path("out.png")).card["data"]["assets"]  # type: ignore[index]
    assert [one["type"] for one in asset].count("emotion") == 1


async def test_talk_is_with_the_companion_and_persona_that_are_named(stage: Stage, tmp_path: Path):
    assert mira("import", str(FOLDER / "sea_captain.json"))[0] == 0
    environment = without_discord(stage, MIRA_COMPANIONS=str(tmp_path / OWN))
    words = "persona talk captain-elias-thorne --persona card --of-age"
    process = await start_command(words, environment, stdin=asyncio.subprocess.PIPE)
    async with asyncio.timeout(END_TIMEOUT_S):
        out, err = await process.communicate(b"are we lost?\n")
    assert process.returncode == 0, err.decode()
    assert FIRST in out.decode()
    assert "Captain Elias Thorne" in out.decode()
    prompt = str(stage.model.requests[0]["messages"][0]["content"])
    assert "two-masted brig" in prompt
    assert prompt.index("two-masted brig") < prompt.index("# What holds before everything above")
    assert 'rated "adult"' in prompt
