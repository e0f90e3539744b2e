"""Which words can only come from what is forgotten, and where they stand; pure, of any language.

What was made of a line names it as its source, mostly. What merely repeats it does not: her later lines, a summary of
other talk, a note. Such a text is found by words that nobody else brought up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

from bot.domain.memory_text import text_key, words_of
from bot.domain.scripts import GLUED, fold, script_of

HANGUL = "HANGUL"
LETTERS_LEAST = 3  # shorter words are in every other text by chance; a number needs two digits
INSIDE_LEAST = 4  # letters of a word that is also looked for inside longer ones: "zebra4711" in "zebra4711s"
BENT_LEAST = 6  # letters of a word that may end otherwise: its last one does not count
WORDS_MOST = 300  # more are compared word for word only: a whole life's words stand inside others by chance
EVERYDAY_PEOPLE = 3  # so many others who say a word elsewhere make it anybody's
HANGUL_LEAST = 2  # syllables that a Korean word is told by: what clings to it takes up to two more
_APOSTROPHE = "['`]?"
_BETWEEN_DIGITS = r"\W{0,3}"  # a number is the same however it is grouped
_RUN = re.compile(r"\d+|[^\d]+")
_NUMBER = re.compile(r"\d+")
_GROUPED = re.compile(r"(?<=\d)\W{1,3}(?=\d)")


def telling_words(texts: Iterable[str]) -> frozenset[str]:
    """Give the words of *texts* that can tell where another text comes from, folded: no case, no accents."""
    return frozenset(word for text in texts for word in _every_word(text) if _is_telling(word))


def _every_word(text: str) -> Iterable[str]:
    """Give the words of a text, their letters and digits apart, and numbers without what groups them.

    Where a script runs words together, two letters of different scripts stand for a word as well.
    """
    for word in words_of(text):
        yield word
        yield from _RUN.findall(word)
    yield from (number for number in _NUMBER.findall(_GROUPED.sub("", fold(text))) if len(number) >= INSIDE_LEAST)
    if not text.isascii():
        for one, other in pairwise(fold(text_key(text))):
            scripts = {script_of(one), script_of(other)}
            if len(scripts) > 1 and scripts <= GLUED:
                yield one + other


def _is_telling(word: str) -> bool:
    if any(char.isdigit() for char in word):
        return len(word) > 1
    if script_of(word) in GLUED or script_of(word) == HANGUL:
        return len(word) > 1
    if _is_picture(word):
        return len(set(word)) > 1  # one sign is anybody's
    return len(word) >= LETTERS_LEAST and any(char.isalpha() for char in word)


def _is_picture(word: str) -> bool:
    return not any(char.isalnum() for char in word)


def words_in(text: str, words: Collection[str]) -> frozenset[str]:
    """Give those of *words*, as `telling_words` gives them, that stand in *text*, be it inside a longer word."""
    if not words:
        return frozenset()
    found = frozenset(_every_word(text)).intersection(words)
    if len(words) > WORDS_MOST:
        return found
    plain = fold(text)
    whole = _GROUPED.sub("", plain)
    return found | {word for word in words if _stands_inside(word) and (_stem(word) in plain or _stem(word) in whole)}


def _stands_inside(word: str) -> bool:
    return len(word) >= INSIDE_LEAST or _is_picture(word) or script_of(word) == HANGUL


def _stem(word: str) -> str:
    if script_of(word) == HANGUL:
        return word[: max(HANGUL_LEAST, len(word) - 2)]
    return word[:-1] if len(word) >= BENT_LEAST and word.isalpha() else word


def pattern_of(words: Collection[str]) -> str:
    """Give a regular expression, to be used without regard to case, that finds *words* in any text of ASCII alone.

    Both Python and PostgreSQL read it. It finds more than `words_in`, never less; of other texts it says nothing. More
    than `WORDS_MOST` words give one that finds every text.
    """
    if len(words) > WORDS_MOST:
        return ""
    return "|".join(_pattern(word) for word in sorted(set(map(_stem, words)))) or "(?!)"


def _pattern(word: str) -> str:
    between = _BETWEEN_DIGITS if word.isdigit() else _APOSTROPHE
    return between.join(re.escape(char) for char in word)


class Origins:
    """Narrows words down to those that only what is forgotten can have brought up."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = set(words)
        self._elsewhere: defaultdict[str, set[int]] = defaultdict(set)

    def explain(self, text: str) -> None:
        """Take in a text that the words may come from just as well."""
        self.words -= words_in(text, self.words)

    def hear_elsewhere(self, speaker: int, text: str) -> None:
        """Take in a line said elsewhere: a word that several people use is anybody's."""
        for word in words_in(text, self.words):
            self._elsewhere[word].add(speaker)
            if len(self._elsewhere[word]) >= EVERYDAY_PEOPLE:
                self.words.discard(word)


def lexeme_words(lexemes: Iterable[str]) -> frozenset[str]:
    """Give telling words for search terms, which may be stems: "berri" stands for "berry" and "berries"."""
    found: set[str] = set()
    for lexeme in lexemes:
        for word in telling_words((lexeme,)):
            is_stem = word.endswith("i") and len(word) > INSIDE_LEAST
            found.add(word[:-1] if is_stem else word)
    return frozenset(found)
