"""What of a question is looked up: its words, and under which languages' rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.asking import REMINDING, telling
from bot.domain.languages import DEFAULT, SIMPLE, likely_languages
from bot.domain.scripts import fold
from bot.domain.searchable import words_of
from bot.domain.verb_forms import with_forms

WORDS_MOST = 48  # of a question: as many as fit into a bit mask, with room
LANGUAGES_MOST = 4  # beside plain words and English
# For a few words of which nothing tells the language: the ones that are spoken most.
_USUAL = ("english", "german", "spanish", "french", "portuguese", "italian", "dutch", "turkish")


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The *words* of a question, each once, and the *languages* to look them up by, the likeliest first.

    Of an English verb its other forms stand behind it. The first language says which words are too small to count.
    """

    words: tuple[str, ...]
    languages: tuple[str, ...]


def query_terms(text: str, names: Iterable[str] = ()) -> QueryTerms:
    """Give what is looked up of *text*, without the *names* of who takes part.

    Of a long text the longest words are taken: they say most. Words that ask to be reminded are no part of it.
    """
    words = words_of(text, names)
    likely = likely_languages(words)
    if likely:
        languages = (*likely[:LANGUAGES_MOST], SIMPLE, DEFAULT)
    elif any(not word.isascii() for word in words):
        languages = (SIMPLE, *_USUAL)
    else:
        languages = (*_USUAL, SIMPLE)
    chosen = _chosen(dict.fromkeys(telling(_asked(words), text)))
    if languages[0] == DEFAULT:
        chosen = tuple(map(with_forms, chosen))
    return QueryTerms(chosen, tuple(dict.fromkeys(languages)))


def _asked(words: Sequence[str]) -> Sequence[str]:
    return tuple(word for word in words if fold(word) not in REMINDING) or words


def _chosen(words: Iterable[str]) -> tuple[str, ...]:
    every = tuple(words)
    if len(every) <= WORDS_MOST:
        return every
    longest = set(sorted(every, key=lambda word: -len(fold(word)))[:WORDS_MOST])
    return tuple(word for word in every if word in longest)[:WORDS_MOST]
