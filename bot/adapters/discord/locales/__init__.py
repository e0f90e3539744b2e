"""What the app's voice says, as data: one TOML file a language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bot.domain.card import Card

DEFAULT_LOCALE = "en"


@cache
def texts(locale: str = DEFAULT_LOCALE) -> dict[str, str]:
    """Read the texts of a language once."""
    return tomllib.loads((files(__package__) / f"{locale}.toml").read_text("utf-8"))


def text_of(card: Card, locale: str = DEFAULT_LOCALE) -> str:
    """Give the words of a card."""
    return texts(locale)[card.key].format(**card.arguments)


def title_of(card: Card, locale: str = DEFAULT_LOCALE) -> str | None:
    """Give the title of a card, if it has one."""
    if card.title_key is None:
        return None
    return texts(locale)[card.title_key].format(**card.arguments)
