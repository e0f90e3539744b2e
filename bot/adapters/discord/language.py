"""Whose language is spoken: that of who asks, in public that of the server; and commands in Discord's languages.

A command keeps its name in every language, because help, talk and documentation name it (decision 17). What describes
it, its options and its choices are translated, by the tables `commands` and `choices` of the locale files: the key is a
command's name, with ``:`` and the name of an option. In English the code itself says it.
"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.adapters.discord.locales import LOCALES, own_texts, speaks

Place = app_commands.TranslationContextLocation


def speak_to(interaction: discord.Interaction, *, is_private: bool = True) -> None:
    """Speak to whoever gave an interaction, or to everyone where it was given."""
    locale = interaction.locale if is_private else interaction.guild_locale or interaction.locale
    speaks(locale.value)


class SpeakingTree(app_commands.CommandTree[commands.Bot]):
    """Answers each command in the language of who gave it."""

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """See `discord.app_commands.CommandTree.interaction_check`; everybody may go on."""
        speak_to(interaction)
        return True


class CommandTexts(app_commands.Translator):
    """Describes commands in the languages of the locale files."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """See `discord.app_commands.Translator.translate`; None is English."""
        key = key_of(context)
        return own_texts(locale.value).get(key) if key is not None and locale.value in LOCALES else None


def key_of(context: app_commands.TranslationContextTypes) -> str | None:
    """Give the key of what is said of a command; None where it has none, as names of commands and options have not."""
    data = context.data
    if isinstance(data, app_commands.ContextMenu):
        return f"commands.{data.name}"  # all that is seen of it
    if isinstance(data, app_commands.Choice):
        is_code = data.name.isupper()  # such as the temperaments', the same everywhere
        return None if is_code else f"choices.{data.name}"
    if isinstance(data, app_commands.Parameter):
        is_description = context.location is Place.parameter_description
        return f"commands.{data.command.qualified_name}:{data.name}" if is_description else None
    is_description = context.location in (Place.command_description, Place.group_description)
    return f"commands.{data.qualified_name}" if is_description else None
