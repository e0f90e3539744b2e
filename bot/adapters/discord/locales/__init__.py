"""What the app's voice says, as data: one TOML file a language, a text in a table is named ``table.key``.

What a language does not have is said in English. Whose language is spoken is set once for whatever answers an
interaction (`speaks`); what answers nobody in particular is in English unless a language is named.
"""

from __future__ import annotations

import tomllib
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from discord.utils import escape_markdown

from bot.domain.card import Card, Text

DEFAULT_LOCALE = "en"
LOCALES = (DEFAULT_LOCALE, "de", "es-ES", "fr", "ja", "pt-BR", "zh-CN")  # by Discord's own names
_BY_LANGUAGE = {locale.partition("-")[0]: locale for locale in LOCALES}
_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT_LOCALE)


def nearest(locale: str | None) -> str:
    """Give the language of ours that is nearest to one of Discord's, such as ``es-ES`` for ``es-419``."""
    if locale in LOCALES:
        return str(locale)
    return _BY_LANGUAGE.get((locale or "").partition("-")[0], DEFAULT_LOCALE)


def speaks(locale: str | None) -> str:
    """Speak the language nearest to *locale* from here on, in this task; gives which that is."""
    spoken = nearest(locale)
    _spoken.set(spoken)
    return spoken


@cache
def texts(locale: str = DEFAULT_LOCALE) -> dict[str, str]:
    """Read the texts of a language once, with the English ones for those that it lacks."""
    return own_texts(DEFAULT_LOCALE) | own_texts(locale)


@cache
def own_texts(locale: str) -> dict[str, str]:
    """Read the texts that a language has itself."""
    found: dict[str, str] = {}
    for key, value in tomllib.loads((files(__package__) / f"{locale}.toml").read_text("utf-8")).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": text for name, text in value.items()}
        else:
            found[key] = value
    return found


def words_of(text: Text, locale: str | None = None, *, is_plain: bool = False) -> str:
    """Put a text into words, in the language that is spoken unless *locale* names one.

    In arguments Discord's markdown is taken literally, but where *is_plain* says that Discord reads none there: titles
    and labels of forms.
    """
    spoken = _spoken.get() if locale is None else locale
    filled = {name: _argument(value, spoken, is_plain=is_plain) for name, value in text.arguments.items()}
    return texts(spoken)[text.key].format(**filled)


def text_of(card: Card, locale: str | None = None) -> str:
    """Give the words of a card that its title stands over, without its sections."""
    return words_of(Text(card.key, card.arguments), locale)


def title_of(card: Card, locale: str | None = None) -> str | None:
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
