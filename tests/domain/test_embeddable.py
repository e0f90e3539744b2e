"""What an embedder is given of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.embeddable import TEXT_MOST, embeddable


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Hey Mira, how is Ben?", "Hey you, how is you?"),
        ("MIRA mira", "you you"),
        ("admiral Benjamin", "admiral Benjamin"),
        ("<@101> and <@!900> in <@&5>", "you and you in you"),
        ("<:party:123> <a:wave:9>", "party wave"),
        ("  many \n\n lines\t ", "many lines"),
        ("a\x00b", "a b"),
        ("\ud800", "?"),
        ("", ""),
        (" \n ", ""),
        ("美琴さん、こんにちは", "youさん、こんにちは"),
    ],
)
def test_names_become_you_and_only_words_are_left(text: str, given: str):
    assert embeddable(text, ("Mira", "Ben", "美琴")) == given


@given(st.text(max_size=3_000), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_comes_out_short_and_clean_and_stays_so(text: str, names: list[str]):
    once = embeddable(text, names)
    assert len(once) <= TEXT_MOST
    assert once.encode("utf-8").decode("utf-8") == once
    assert embeddable(once) == once
