"""Which words of a text are looked up, and by which language's rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.query_terms import WORDS_MOST, query_terms
from bot.domain.searchable import addressed, names_in, searchable


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich habe gestern eine Katze adoptiert", "german"),
        ("What did you do with the cat?", "english"),
        ("two kittens", "english"),
        ("Mi perra está en la playa", "spanish"),
        ("Je suis allée chez ma sœur", "french"),
        ("мою кошку зовут Мурка", "russian"),
        ("мою кішку звати Мурка і її", "simple"),
        ("猫が好きです", "simple"),
        ("Köpeğimin adı Pamuk", "turkish"),
        ("قطتي اسمها لولو", "arabic"),
        ("😀😀", "english"),
    ],
)
def test_the_language_is_told_by_script_and_small_words(text, language):
    found = searchable(text)
    assert found.language == language or (not found.text and found.language == "simple")


def test_names_leave_the_words_where_they_stand_alone():
    assert searchable("Ada, adapt the Ada's radar", ["Ada"]).text == "adapt the radar"
    assert searchable("Ada Lovelace and Ada wrote it", ["Ada Lovelace"]).text == "and wrote it"
    assert searchable("the big cat sat", ["The Big"]).text == "cat sat"


def test_scripts_without_spaces_become_pairs():
    assert "东京" in searchable("我在东京工作").text.split()
    assert "แม" in searchable("แมว").text.split()


def test_words_are_kept_without_their_accents_too():
    assert searchable("mein Café").text == "mein café cafe"


def test_everybody_becomes_you():
    assert addressed("Does Ada like Ben?", ["Ada", "Ben"]) == "Does you like you?"
    assert names_in("does ADA like it?", ["Ada"]) and not names_in("radar", ["Ada"])


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=4))
def test_any_text_and_any_names_are_taken(text, names):
    found = searchable(text, names)
    assert "\x00" not in found.text
    terms = query_terms(text, names)
    assert len(terms.words) <= WORDS_MOST
    assert len(set(terms.words)) == len(terms.words)
    assert "simple" in terms.languages and "english" in terms.languages


@pytest.mark.parametrize("text", ["Ada sails a boat.", "Ben lives in Paris.", "Dan works at night.", "Kim hates rain."])
def test_a_name_that_is_a_small_word_somewhere_does_not_make_a_language(text: str):
    assert searchable(text).language == "english"
