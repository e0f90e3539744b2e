"""What import contracts cannot say: which modules come from outside, and that all of those are declared."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWN = {"bot", "cogs", "playground", "personas", "migrations"}
ENVIRONMENT = {"environ", "environb", "getenv", "putenv"}


def modules_of(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} holds no module"
    return found


def imports_of(path: Path) -> Iterator[str]:
    """Give the dotted name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (line for extra in project["optional-dependencies"].values() for line in extra)
    names = (line.split(";")[0].split("[")[0] for line in (*project["dependencies"], *extras))
    return {canonical("".join(part for part in name if part not in " ").split("=")[0].rstrip("<>~!")) for name in names}


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_domain_imports_only_the_standard_library_and_its_own():
    for path in modules_of("bot/domain"):
        for name in imports_of(path):
            is_own = name == "bot.errors" or name == "bot.domain" or name.startswith("bot.domain.")
            assert is_own or name.split(".")[0] in sys.stdlib_module_names, f"{path} imports {name}"


def test_what_an_extra_brings_is_imported_only_where_it_is_used():
    """She starts without it: no module imports it as it is read."""
    for path in modules_of("bot"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tops = [one for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for one in ast.walk(node)]
        names = {alias.name for node in tops if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in tops if isinstance(node, ast.ImportFrom)}
        assert "numpy" not in {name.split(".")[0] for name in names}, f"{path} imports numpy at its top"


@pytest.mark.parametrize("forbidden", ["random", "time", "secrets", "socket", "os", "asyncio"])
def test_domain_asks_nobody(forbidden: str):
    for path in modules_of("bot/domain"):
        assert forbidden not in {name.split(".")[0] for name in imports_of(path)}, f"{path} imports {forbidden}"


def test_ports_import_nothing_from_outside():
    for name in imports_of(ROOT / "bot" / "ports.py"):
        assert name.startswith("bot.domain") or name.split(".")[0] in sys.stdlib_module_names, name


def test_engine_never_reads_the_environment():
    for path in [*modules_of("bot/engine"), *modules_of("bot/domain")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            assert name not in ENVIRONMENT, f"{path} reads the environment"


@pytest.mark.parametrize("folder", ["bot", "cogs", "playground", "migrations"])
def test_every_package_that_is_imported_is_declared(folder: str):
    owners = packages_distributions()
    known = declared()
    for path in modules_of(folder):
        for top in {name.split(".")[0] for name in imports_of(path)}:
            if top in OWN or top in sys.stdlib_module_names:
                continue
            assert known & {canonical(owner) for owner in owners.get(top, [])}, f"{path} imports {top}, undeclared"
