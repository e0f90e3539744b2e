"""Texts as the numbers of their word pieces, in the way of BERT's uncased models."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
WORD_MOST = 100  # letters; a longer word is unknown
WORDS_KEPT = 20_000  # whose pieces are remembered: about 4 MB
# ideographs stand for words by themselves
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_ASCII_MARKS = ((33, 47), (58, 64), (91, 96), (123, 126))


class WordPieces:
    """Cuts texts by *vocabulary*, whose entries stand in the order of their numbers."""

    def __init__(self, vocabulary: list[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(vocabulary)}
        self._first, self._last, self._unknown = (self._number[one] for one in (FIRST, LAST, UNKNOWN))
        self._of_word = lru_cache(maxsize=WORDS_KEPT)(self._cut)

    def of(self, text: str, most: int) -> list[int]:
        """Give the numbers of *text*, at most *most* with the two marks at its ends."""
        numbers = [self._first]
        for word in words_of(text):
            numbers += self._of_word(word)
            if len(numbers) >= most:
                break
        return [*numbers[: most - 1], self._last]

    def _cut(self, word: str) -> tuple[int, ...]:
        """Cut a word into the longest pieces that are known, from its beginning on."""
        if len(word) > WORD_MOST:
            return (self._unknown,)
        numbers, start = [], 0
        while start < len(word):
            end = len(word)
            while end > start and (found := self._number.get(("##" if start else "") + word[start:end])) is None:
                end -= 1
            if end == start:
                return (self._unknown,)
            numbers.append(found)
            start = end
        return tuple(number for number in numbers if number is not None)


def words_of(text: str) -> Iterator[str]:
    """Cut *text* into words in lower case without accents; each mark and each ideograph is one."""
    plain = "".join(_spaced(one) for one in text)
    # letter by letter: the form of a letter at a word's end is not another letter
    small = "".join(map(str.lower, plain))
    low = "".join(one for one in unicodedata.normalize("NFD", small) if unicodedata.category(one) != "Mn")
    for chunk in low.split():
        word = ""
        for one in chunk:
            if not _is_mark(one):
                word += one
                continue
            if word:
                yield word
            yield one
            word = ""
        if word:
            yield word


@lru_cache(maxsize=4_096)
def _spaced(one: str) -> str:
    code = ord(one)
    if one in "\t\n\r" or unicodedata.category(one) == "Zs":
        return " "
    if code in (0, 0xFFFD) or unicodedata.category(one) in ("Cc", "Cf", "Co", "Cs"):
        return ""
    return f" {one} " if any(low <= code <= high for low, high in _IDEOGRAPHS) else one


@lru_cache(maxsize=4_096)
def _is_mark(one: str) -> bool:
    code = ord(one)
    return any(low <= code <= high for low, high in _ASCII_MARKS) or unicodedata.category(one).startswith("P")
