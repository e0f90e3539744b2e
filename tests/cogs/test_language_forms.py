"""Forms fit in every language, however long a name is: Discord refuses a form with one letter too many."""

from __future__ import annotations

import pytest

from bot.adapters.discord.locales import LOCALES, words_of
from bot.domain.card import Text
from bot.domain.persona import NAME_LIMIT
from cogs.presenters import memory, setup, soul

TITLE_MOST = 45  # of a form, and of the label over a field
HINT_MOST = 100  # of the line below a label


def units(text: Text, locale: str) -> int:
    """Count as Discord does."""
    return len(words_of(text, locale, is_plain=True).encode("utf-16-le")) // 2


@pytest.mark.parametrize("locale", LOCALES)
def test_forms_fit_with_the_longest_name(locale: str):
    asked = soul.reset_form(name="M" * NAME_LIMIT)
    forms = (asked[:2], memory.form_texts(), setup.form_texts()[:2])
    for text in (text for form in forms for text in form):
        assert 0 < units(text, locale) <= TITLE_MOST, text.key
    for hint in (asked[2], setup.form_texts()[2]):
        assert 0 < units(hint, locale) <= HINT_MOST, hint.key
