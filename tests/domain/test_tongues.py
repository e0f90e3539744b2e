"""Whether a room speaks a language in which a form of a name is a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tongues import Tongues
from tests.data.group_talk import her_names

HERS = her_names().tongues
SPANISH = (
    "oye qué haces esta tarde",
    "nada, iba a quedarme en casa con los niños",
    "pues vente a comer, que hay de todo",
)
ENGLISH = ("what are you doing this afternoon", "nothing, I was going to stay in", "come over then, there is plenty")
GERMAN = (
    "was machst du heute nachmittag",
    "nichts, ich wollte zu hause bleiben",
    "dann komm doch vorbei, es gibt genug",
)


def likeness(form, lines):
    heard = [HERS.hear(line) for line in lines]
    return HERS.is_word(form, heard[-1], heard[:-1])


@pytest.mark.parametrize(("form", "lines"), [("mira", SPANISH), ("mir", GERMAN)])
def test_a_room_in_the_language_of_the_sample_is_known(form, lines):
    assert likeness(form, lines) > 0.5


@pytest.mark.parametrize(("form", "lines"), [("mira", ENGLISH), ("mira", GERMAN), ("mir", ENGLISH), ("mir", SPANISH)])
def test_a_room_in_another_language_is_not(form, lines):
    assert likeness(form, lines) < 0.4


def test_the_name_itself_says_nothing():
    assert HERS.hear("mira").pairs == HERS.hear("mira, MIRA").pairs == 0


def test_only_declared_forms_are_known():
    assert HERS.knows("mira")
    assert not HERS.knows("robin")
    assert Tongues({}).hear("hola").fits == ()


@given(st.text(max_size=300))
def test_any_text_can_be_heard(text):
    heard = HERS.hear(text)
    assert heard.pairs >= 0
    assert 0.0 <= HERS.is_word("mira", heard, [heard]) <= 1.0
