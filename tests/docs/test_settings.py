"""docs/settings.md and .env.example name every setting, with the defaults the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.adapters.llm.presets import PRESETS, PROVIDER_NAMES
from bot.settings import Settings, read_settings, setting_names
from tests.docs.project import ROOT, codes, first_codes, read, rows

SETTING = re.compile(r"[A-Z][A-Z_]+")
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}  # read by compose.yaml, not by Mira


def documented() -> dict[str, str]:
    return {
        codes(cells[0])[0]: cells[1] for cells in rows("docs/settings.md") if SETTING.fullmatch(cells[0].strip("`"))
    }


def spelt(default: object) -> str:
    return (
        str(int(default))
        if isinstance(default, bool)
        else f"{default:g}"
        if isinstance(default, float)
        else str(default)
    )


def test_every_setting_has_one_row():
    named = [name for name in first_codes("docs/settings.md") if SETTING.fullmatch(name)]
    assert sorted(named) == sorted(setting_names())


@pytest.mark.parametrize("name", setting_names())
def test_default_is_the_code_s(name: str):
    default = next(field.default for field in Settings.model_fields.values() if field.alias == name)
    if default is not None:
        assert codes(documented()[name]) == [spelt(default)]
    else:
        assert codes(documented()[name]) == []


def test_presets_are_those_of_the_code():
    shown = {cells[0].strip("`"): cells for cells in rows("docs/settings.md") if cells[0].strip("`") in PRESETS}
    assert tuple(sorted(shown)) == tuple(sorted(PROVIDER_NAMES))
    for kind, (_, address, talk, small, key) in shown.items():
        preset = PRESETS[kind]
        assert (key == "yes") == preset.needs_key
        assert not preset.base_url or address in preset.base_url
        if preset.model:
            assert codes(talk)[0] == preset.model
            assert preset.fast_model in (codes(small) or codes(talk))


def example() -> list[tuple[str, str, str]]:
    """Give the line before, the name and the value of each setting in .env.example."""
    lines = read(".env.example").splitlines()
    return [
        (before, *line.split("=", 1))
        for before, line in zip(["", *lines], lines, strict=False)
        if line and not line.startswith("#")
    ]


def test_example_names_every_setting_once():
    assert sorted(name for _, name, _ in example()) == sorted({*setting_names(), *COMPOSE_ONLY})


def test_example_explains_each_and_holds_no_value():
    for before, name, value in example():
        assert before.startswith("# "), f"{name} has no comment"
        assert value == "", f"{name} has a value"


def test_example_as_it_stands_is_a_valid_file(tmp_path: Path):
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    assert read_settings({}, copy) == read_settings({}, None)
