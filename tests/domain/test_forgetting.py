"""Which words tell where a text comes from, and where they are found again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forgetting import (
    EVERYDAY_PEOPLE,
    WORDS_MOST,
    Origins,
    lexeme_words,
    pattern_of,
    telling_words,
    words_in,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("my id is 4711", {"4711"}),
        ("Zebra-4711!", {"zebra", "4711"}),
        ("zebra4711", {"zebra4711", "zebra", "4711"}),
        ("ÑANDÚ", {"nandu"}),
        ("金丝雀", {"金丝", "丝雀"}),
        ("a b 7 🫧", set()),
        ("", set()),
    ],
)
def test_words_that_tell(text: str, words: set[str]):
    assert telling_words([text]) == words


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_every_word_of_a_text_is_found_in_whatever_holds_it(text: str, before: str, after: str):
    words = telling_words([text])
    assert words_in(f"{before} {text} {after}", words) == words


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60), st.text(max_size=20))
def test_the_pattern_finds_in_ascii_whatever_is_there(text: str, other: str):
    words = telling_words([text, other])
    if words_in(text, words):
        assert re.search(pattern_of(words), text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "repeat"),
    [
        ("my number is 5550134", "It was 555-0134."),
        ("my number is +49 (170) 555-9876", "Call 01705559876?"),
        ("my pin is 4821", "4 8 2 1"),
        ("my sign is 🦊🐢🪁", "Sign here: 🦊🐢🪁!"),
        ("秘密は青い凧", "青い凧だね"),
        ("비밀은 파란연이야", "파란연은 어때?"),
        ("00A is the room", "room 00a"),
    ],
)
def test_what_is_said_in_another_way_is_found(text: str, repeat: str):
    words = telling_words([text])
    assert words_in(repeat, words)
    assert not repeat.isascii() or re.search(pattern_of(words), repeat, re.IGNORECASE)


def test_no_words_find_nothing_and_too_many_everything():
    assert re.search(pattern_of(()), "anything") is None
    assert pattern_of([f"word{n}" for n in range(WORDS_MOST + 1)]) == ""


def test_a_word_in_use_elsewhere_tells_nothing():
    origins = Origins({"marmalade", "wardrobe", "quokka"})
    origins.explain("Two Marmalades, please")
    for speaker in range(EVERYDAY_PEOPLE):
        assert "wardrobe" in origins.words
        origins.hear_elsewhere(speaker, "the wardrobe is old")
        origins.hear_elsewhere(1, "quokka, quokka")
    assert origins.words == {"quokka"}


def test_search_terms_find_the_words_they_were_made_of():
    assert words_in("Strawberries and a strawberry", lexeme_words(["strawberri"]))
    assert not words_in("something else", lexeme_words(["strawberri"]))
