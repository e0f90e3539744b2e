"""Word pieces as BERT's uncased models have them; the cases were compared with the reference tokenizer once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.embedding.pieces import WordPieces, words_of

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "un",
    "##aff",
    "##able",
    "want",
    "##ed",
    "low",
    ",",
    "a",
    "##a",
    "京",
    "you",
]
MADE = WordPieces(PIECES)


def named(text: str, most: int = 64) -> list[str]:
    return [PIECES[number] for number in MADE.of(text, most)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", ["hello", ",", "world", "!"]),
        ("don't U.S.", ["don", "'", "t", "u", ".", "s", "."]),
        ("Ünïcödé naïve É", ["unicode", "naive", "e"]),
        ("e\u0301te\u0301", ["ete"]),
        ("Straße ΣΑΣ", ["straße", "σασ"]),  # a sigma at the end is a sigma
        ("日本語のテキスト", ["日", "本", "語", "のテキスト"]),
        ("100€ $5 ^ ` ~", ["100€", "$", "5", "^", "`", "~"]),
        ("a\u200bb\u00adc\x00d\ufffde", ["abcde"]),  # what is not seen
        ("tab\tline\nno\u00a0break", ["tab", "line", "no", "break"]),
        ("“q” … ¿", ["“", "q", "”", "…", "¿"]),
        ("🎉🎉 ok", ["🎉🎉", "ok"]),
        ("<@123> #tag_x", ["<", "@", "123", ">", "#", "tag", "_", "x"]),
        ("  ", []),
        ("\u0301", []),
    ],
)
def test_words_are_cut_as_the_reference_does(text: str, words: list[str]):
    assert list(words_of(text)) == words


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", ["un", "##aff", "##able"]),
        ("Wanted, low", ["want", "##ed", ",", "low"]),
        ("unwanted", ["[UNK]"]),  # no piece begins in the middle
        ("aaaa", ["a", "##a", "##a", "##a"]),
        ("京京", ["京", "京"]),
        ("a" * 100, ["a", *["##a"] * 99]),
        ("a" * 101, ["[UNK]"]),
        ("[CLS]", ["[UNK]", "[UNK]", "[UNK]"]),  # nobody writes the model's own marks
        ("", []),
    ],
)
def test_words_are_put_together_from_the_longest_pieces(text: str, pieces: list[str]):
    assert named(text, 200) == ["[CLS]", *pieces, "[SEP]"]


@given(st.text(max_size=400), st.integers(2, 40))
def test_any_text_fits_between_its_marks(text: str, most: int):
    found = named(text, most)
    assert len(found) <= most
    assert (found[0], found[-1]) == ("[CLS]", "[SEP]")


@given(st.text(max_size=100))
def test_case_makes_no_difference_to_latin_words(text: str):
    latin = "".join(one for one in text if one.isascii())
    assert MADE.of(latin.upper(), 64) == MADE.of(latin.lower(), 64)
