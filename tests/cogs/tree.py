"""All that Discord is told of the commands, by the keys of their texts."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

import cogs
from bot.adapters.discord.language import key_of

Top = app_commands.Command[Any, ..., Any] | app_commands.Group


class _Notes(app_commands.Translator):
    """Notes what could be translated."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> None:
        key = key_of(context)
        if key is not None:
            self.found[key] = string.message


def every_text_of_commands() -> dict[str, str]:
    """Give what describes each command, option and choice in English, and the menus' names, by their keys."""
    return asyncio.run(_noted()) | {f"commands.{name}": name for name in _menus()}


async def _noted() -> dict[str, str]:
    notes = _Notes()
    tree = commands.Bot(command_prefix=(), intents=discord.Intents.none()).tree
    for command in _top_commands():
        await command.get_translated_payload(tree, notes)
    return notes.found


def _modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(cogs.__path__, "cogs."):
        yield importlib.import_module(found.name)


def _top_commands() -> Iterator[Top]:
    for module in _modules():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, commands.Cog) and value is not commands.Cog:
                yield from value.__cog_app_commands__


def _menus() -> Iterator[str]:
    """Give the names of what stands under Apps in a message's menu: modules keep them in constants named so."""
    for module in _modules():
        for name, value in vars(module).items():
            if name.endswith("_MENU") and isinstance(value, str):
                yield value
