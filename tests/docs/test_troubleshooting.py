"""What docs/troubleshooting.md quotes is what the program says."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.docs.project import ROOT, codes, read, rows

SAID_BY_LIBRARIES = ("Input should be",)  # pydantic's words for a value out of range
SHORTEST = 6  # signs; shorter pieces say nothing


@cache
def said() -> str:
    """Join every text of the program, with … where a value is put in."""
    texts = []
    for folder in ("bot", "playground", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    parts = (str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
                    texts.append("".join(parts))
    return "\n".join(texts)


def quoted() -> list[str]:
    lines = [line for cells in rows("docs/troubleshooting.md") for line in codes(cells[0])]
    return [line for line in lines if len(line.split()) > 2]


@pytest.mark.parametrize("line", quoted())
def test_quoted_line_is_what_the_program_says(line: str):
    text = said()
    for part in (piece.strip(" ;?") for piece in line.split("…")):
        is_foreign = any(words in part for words in SAID_BY_LIBRARIES)
        assert len(part) < SHORTEST or is_foreign or part in text, part


def test_every_kind_of_model_trouble_is_explained():
    from bot.adapters.llm.failures import _SENTENCES as SENTENCES

    explained = [kind for cells in rows("docs/troubleshooting.md") for kind in codes(cells[0])]
    assert set(SENTENCES) <= set(explained)


@pytest.mark.parametrize(
    "wanted",
    [
        "does not know this token", "is not set", "intent", "nothing listens", "too old", "no pgvector",
        "newer Mira", "`auth`", "`not_found`", "`broken`", "`empty`", "did you mean", "in use", "cannot listen",
        "with a space", "cannot write", "already held by", "stickers", "right to left", "4000", "50013", "50007",
    ],
)  # fmt: skip
def test_every_bad_input_is_explained(wanted: str):
    assert wanted in read("docs/troubleshooting.md")
