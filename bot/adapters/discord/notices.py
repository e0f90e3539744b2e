"""Which of her own lines are no answer to anybody: what the app's voice said, or a command's reply."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

import discord

from bot.adapters.discord.locales import LOCALES, texts
from bot.adapters.discord.reading import SPOKEN

SAID = ("withheld", "unanswerable", "not_heard")  # the cards that are said in a channel, in the app's voice


def is_said(message: discord.Message, own_id: int) -> bool:
    """Say whether somebody said it: joins and the like nobody does, and the app's own notices answer nothing."""
    return message.type in SPOKEN and not message.flags.loading and not is_notice(message, own_id)


def is_notice(message: discord.Message, own_id: int) -> bool:
    """Say whether a message is the app's own without being something she said."""
    if message.author.id != own_id:
        return False
    # what follows a command's reply comes by the command's own webhook; she speaks as herself
    return message.webhook_id is not None or says_notice(message.content)


def says_notice(content: str) -> bool:
    """Say whether *content* is one of the lines that the app's voice says in channels, in any language."""
    return any(pattern.fullmatch(content.strip()) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(text) for text in {texts(locale)[key] for locale in LOCALES for key in SAID})


def _pattern(text: str) -> re.Pattern[str]:
    """Make of a text with gaps what matches it filled in."""
    parts = Formatter().parse(text.strip())
    return re.compile("".join(re.escape(words) + (".+?" if gap is not None else "") for words, gap, _, _ in parts))
