"""What the app's voice says, as data: one TOML file a language, a text in a table is named ``table.key``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from discord.utils import escape_markdown

from bot.domain.card import Card, Text

DEFAULT_LOCALE = "en"


@cache
def texts(locale: str = DEFAULT_LOCALE) -> dict[str, str]:
    """Read the texts of a language once."""
    found: dict[str, str] = {}
    for key, value in tomllib.loads((files(__package__) / f"{locale}.toml").read_text("utf-8")).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": text for name, text in value.items()}
        else:
            found[key] = value
    return found


def words_of(text: Text, locale: str = DEFAULT_LOCALE, *, is_plain: bool = False) -> str:
    """Put a text into words; in arguments Discord's markdown is taken literally.

    *is_plain* is for places where Discord reads no markdown: titles and labels of forms.
    """
    filled = {name: _argument(value, locale, is_plain=is_plain) for name, value in text.arguments.items()}
    return texts(locale)[text.key].format(**filled)


def text_of(card: Card, locale: str = DEFAULT_LOCALE) -> str:
    """Give the words of a card that its title stands over, without its sections."""
    return words_of(Text(card.key, card.arguments), locale)


def title_of(card: Card, locale: str = DEFAULT_LOCALE) -> str | None:
    """Give the title of a card, if it has one."""
    if card.title_key is None:
        return None
    return words_of(Text(card.title_key, card.arguments), locale)


def _argument(value: object, locale: str, *, is_plain: bool) -> object:
    if isinstance(value, Text):
        return words_of(value, locale, is_plain=is_plain)
    if isinstance(value, tuple):
        return _listed([words_of(one, locale, is_plain=is_plain) for one in value], locale)
    if isinstance(value, str) and not is_plain:
        return escape_markdown(value)
    return value


def _listed(parts: list[str], locale: str) -> str:
    """Read parts out as people do: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    known = texts(locale)
    return known["list.last"].format(most=known["list.comma"].join(parts[:-1]), last=parts[-1])
