"""Every language says everything: texts, gaps, what describes commands; within Discord's limits."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from discord import app_commands

from bot.adapters.discord.language import key_of
from bot.adapters.discord.locales import DEFAULT_LOCALE, LOCALES, nearest, own_texts, texts
from tests.cogs.pulls import PULLS
from tests.cogs.tree import every_text_of_commands

OTHERS = [locale for locale in LOCALES if locale != DEFAULT_LOCALE]
DESCRIPTION_MOST = 100
LABEL_MOST = 80  # of a button
TITLE_MOST = 45  # of a form and its labels
MARKUP = re.compile(r"`/[\w -]+(?: \w+:\w+)?`|</?\w+:[^>]*>|\*\*|~~|-# |^> |### ", re.MULTILINE)


def gaps(text: str) -> set[str]:
    return {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}


@pytest.mark.parametrize("locale", OTHERS)
def test_a_language_has_every_text_and_no_other(locale: str):
    own = {key for key in own_texts(locale) if not key.startswith(("commands.", "choices."))}
    assert own == set(own_texts(DEFAULT_LOCALE))


@pytest.mark.parametrize("locale", OTHERS)
def test_a_language_describes_every_command_and_no_other(locale: str):
    own = {key for key in own_texts(locale) if key.startswith(("commands.", "choices."))}
    assert own == set(every_text_of_commands())
    assert {key: text for key, text in own_texts(locale).items() if key in own and len(text) > DESCRIPTION_MOST} == {}


@pytest.mark.parametrize("locale", OTHERS)
def test_gaps_and_markup_are_the_same(locale: str):
    english = own_texts(DEFAULT_LOCALE)
    for key, text in own_texts(locale).items():
        if key in english:
            assert gaps(text) == gaps(english[key]), key
            assert sorted(MARKUP.findall(text)) == sorted(MARKUP.findall(english[key])), key


@pytest.mark.parametrize("locale", OTHERS)
def test_what_is_short_in_english_stays_short(locale: str):
    english = own_texts(DEFAULT_LOCALE)
    for key, text in own_texts(locale).items():
        said = english.get(key, "")
        if key.endswith("_button") or key.startswith("memory_button."):
            assert len(text) <= LABEL_MOST, key
        elif "_form" in key and len(said) <= TITLE_MOST:
            assert len(text) <= TITLE_MOST, key
        if len(said) > 200:
            assert len(text) <= 2 * len(said), key


@pytest.mark.parametrize("locale", OTHERS)
def test_no_language_pulls_at_anybody(locale: str):
    assert {key: text for key, text in own_texts(locale).items() if PULLS.search(text)} == {}


def test_what_a_language_lacks_is_said_in_english():
    assert texts("de").keys() >= texts().keys()


@pytest.mark.parametrize(
    ("given", "spoken"),
    [("en-GB", "en"), ("es-419", "es-ES"), ("pt-BR", "pt-BR"), ("zh-TW", "zh-CN"), ("sv-SE", "en"), (None, "en")],
)
def test_the_nearest_language_is_spoken(given: str | None, spoken: str):
    assert nearest(given) == spoken


def test_keys_name_commands_options_and_choices():
    place = app_commands.TranslationContextLocation
    choice = app_commands.Choice(name="day", value="day")
    assert key_of(app_commands.TranslationContext(place.choice_name, choice)) == "choices.day"
