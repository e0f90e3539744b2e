"""What only joins words says nothing; everything else does, however short."""

from __future__ import annotations

import pytest

from bot.domain.linking_words import only_links


@pytest.mark.parametrize("text", ["the and of", "of, the – to!", "的 了 是", "の は が", "und der die", "y el de la"])
def test_words_that_only_join_say_nothing(text):
    assert only_links(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Bo", "Li", "Will", "The The", "The Who", "An", "no", "42", "🎻", "🦄 🦄 🦄", "我的猫叫小雪", "是", "のの"),
        *(
            "to be or not to be",
            "I am he",
            "Jo and Al",
            "of the sea",
            "The Band of the Hawk",
            "la vie en rose",
            "",
            "…",
        ),
    ],
)
def test_names_and_short_things_say_something(text):
    assert not only_links(text)
