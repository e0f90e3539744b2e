"""docs/commands.md names every slash command, every command of `mira`, and every target of make."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from discord import app_commands
from discord.ext import commands

import cogs
from bot.cli import cli
from tests.docs.project import first_codes, read, rows


def slash_commands() -> Iterator[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    for found in pkgutil.iter_modules(cogs.__path__, "cogs."):
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, type) and issubclass(value, commands.Cog) and value is not commands.Cog:
                for command in value.__cog_app_commands__:
                    yield from [*command.walk_commands()] if isinstance(command, app_commands.Group) else [command]


def terminal_commands() -> Iterator[str]:
    def walk(command: object, path: str) -> Iterator[str]:
        below = getattr(command, "commands", None)
        if below is None:
            yield path
            return
        for name, each in below.items():
            yield from walk(each, f"{path} {name}")

    yield from walk(typer.main.get_command(cli), "mira")


def targets() -> list[str]:
    return [name for name in re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE) if name != "help"]


@pytest.mark.parametrize(
    ("prefix", "known"),
    [
        ("/", lambda: [f"/{command.qualified_name}" for command in slash_commands()]),
        ("mira ", lambda: list(terminal_commands())),
        ("make ", lambda: [f"make {name}" for name in targets()]),
    ],
    ids=["slash", "mira", "make"],
)
def test_every_command_has_one_row(prefix: str, known):
    named = [name for name in first_codes("docs/commands.md") if name.startswith(prefix)]
    assert sorted(named) == sorted(known())


def test_every_slash_command_describes_itself():
    for command in slash_commands():
        assert len(command.description) > 5


def test_options_of_mira_are_named():
    for command in typer.main.get_command(cli).commands.values():  # type: ignore[attr-defined]
        for option in command.params:
            if option.param_type_name == "option" and option.name != "help":
                row = next(cells for cells in rows("docs/commands.md") if cells[0] == f"`mira {command.name}`")
                assert option.opts[0] in row[1]
