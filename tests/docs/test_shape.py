"""Code keeps the shape that docs/style.md asks for, where a linter does not look."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.project import ROOT, files

LONGEST_FUNCTION = 60  # lines, docs/style.md
LONGEST_FILE = 500  # lines; 400 is where a file wants to be two
NO_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|manager)(?:_|$)", re.IGNORECASE)
UNFINISHED = re.compile(r"#\s*(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b")


def code() -> Iterator[tuple[Path, str]]:
    for path in files(".py"):
        yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_no_function_is_too_long():
    for path, text in code():
        for node in ast.walk(ast.parse(text)):
            is_migration = path.parts[0] == "migrations"  # a list of tables reads best in one piece
            if not is_migration and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= LONGEST_FUNCTION, f"{path}: {node.name} has {length} lines"


def test_no_file_is_too_long():
    for path, text in code():
        assert text.count("\n") <= LONGEST_FILE, path


def test_every_module_says_what_it_owns():
    for path, text in code():
        if text.strip() and path.parts[0] != "tests":
            assert ast.get_docstring(ast.parse(text)), path


def test_no_module_is_named_after_nothing():
    for path, _ in code():
        assert not NO_NAMES.search(path.stem), path


def test_nothing_is_left_unfinished():
    for path, text in code():
        assert not UNFINISHED.search(text), path
