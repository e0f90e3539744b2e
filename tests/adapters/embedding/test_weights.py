"""Only the weights that were measured are opened; whoever lacks something is told what to do."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from bot.adapters.embedding import weights
from bot.adapters.embedding.local import LocalEmbedder
from bot.adapters.embedding.weights import INSTALL, SHA256, VOCABULARY, WEIGHTS, find_weights
from bot.errors import ConfigError


def refused(folder: Path | None) -> str:
    with pytest.raises(ConfigError) as caught:
        find_weights(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def fill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put files into *folder* that are taken for the ones that were measured."""
    for name in (WEIGHTS, VOCABULARY):
        (folder / name).write_bytes(name.encode() * 1_000)
        monkeypatch.setitem(SHA256, name, hashlib.sha256(name.encode() * 1_000).hexdigest())
    return folder


def test_the_right_files_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert find_weights(fill(tmp_path, monkeypatch)) == tmp_path


@pytest.mark.parametrize("name", [WEIGHTS, VOCABULARY])
def test_one_changed_byte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    path = fill(tmp_path, monkeypatch) / name
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    said = refused(tmp_path)
    assert str(path) in said
    assert INSTALL in said
    assert "MIRA_EMBED_WEIGHTS" in said


@pytest.mark.parametrize("name", [WEIGHTS, VOCABULARY])
def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    (fill(tmp_path, monkeypatch) / name).unlink()
    assert str(tmp_path / name) in refused(tmp_path)


def test_a_folder_in_a_file_s_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = fill(tmp_path, monkeypatch) / WEIGHTS
    path.unlink()
    path.mkdir()
    assert str(path) in refused(tmp_path)


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_of_weights")
    said = refused(None)
    assert INSTALL in said
    assert "MIRA_EMBED_WEIGHTS" in said


def test_the_package_is_found_without_running_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "package_of_weights" / "model"
    folder.mkdir(parents=True)
    (tmp_path / "package_of_weights" / "__init__.py").write_text("raise SystemExit('it ran')")
    fill(folder, monkeypatch)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(weights, "PACKAGE", "package_of_weights")
    assert find_weights(None) == folder


def test_without_numpy_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ConfigError, match="pip install"):
        LocalEmbedder.open(tmp_path)
