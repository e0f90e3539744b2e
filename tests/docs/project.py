"""The repository's own files, as the tests of documents and packaging read them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NOT_OURS = {
    ".git", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache",
    ".hypothesis", "data", "dist", "node_modules", "results",
}  # fmt: skip
TEXT = {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ".js", ".css", ".html", ".mako", ".txt", ".example", ".sh", ""}

_CODE = re.compile(r"`([^`]+)`")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def files(*suffixes: str) -> Iterator[Path]:
    """Give every file of the repository with one of *suffixes*, tools' folders left out."""
    stack = [ROOT]
    while stack:
        for path in sorted(stack.pop().iterdir()):
            if path.is_dir():
                if path.name not in NOT_OURS and not path.name.endswith(".egg-info"):
                    stack.append(path)
            elif path.suffix in suffixes and path.name not in (".env", ".DS_Store", ".coverage"):
                yield path


def rows(name: str) -> Iterator[list[str]]:
    """Give the cells of every row of every table of a document, headings and rules left out."""
    lines = read(name).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        is_rule = set(line) <= set("|-: ")
        if line.startswith("|") and before.startswith("|") and not is_rule:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def first_codes(name: str) -> list[str]:
    """Give what stands as code at the start of each table row of a document."""
    return [found.group(1) for cells in rows(name) if (found := _CODE.match(cells[0]))]


def codes(cell: str) -> list[str]:
    return _CODE.findall(cell)
