"""What of a question is looked up: its words, and under which languages' rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.asking import REMINDING, is_common, is_small, telling
from bot.domain.kindred_words import kindred
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

    Behind a word stand others that say the same: forms of an English verb, "mum" behind "mother". *near* are those that
    may have been said instead of each, or nothing, in the language of *near_languages*; *common* says of each that it
    alone concerns nothing. The first language says which words are too small to count.
    """

    words: tuple[str, ...]
    languages: tuple[str, ...]
    near: tuple[str, ...] = ()
    near_languages: tuple[str, ...] = ()
    common: tuple[bool, ...] = ()


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
    if languages[0] == SIMPLE:  # no rules say which are too small to count
        chosen = tuple(word for word in chosen if not is_small(word)) or chosen
    others = [kindred(word, likely or languages) for word in chosen]
    forms = map(with_forms, chosen) if languages[0] == DEFAULT else chosen
    return QueryTerms(
        words=tuple(" ".join((form, *other.same)) for form, other in zip(forms, others, strict=True)),
        languages=tuple(dict.fromkeys(languages)),
        near=tuple(" ".join(other.near) for other in others),
        near_languages=tuple(other.language for other in others),
        common=tuple(map(is_common, chosen)),
    )


def _asked(words: Sequence[str]) -> Sequence[str]:
    return tuple(word for word in words if fold(word) not in REMINDING) or words


def _chosen(words: Iterable[str]) -> tuple[str, ...]:
    every = tuple(words)
    if len(every) <= WORDS_MOST:
        return every
    longest = set(sorted(every, key=lambda word: -len(fold(word)))[:WORDS_MOST])
    return tuple(word for word in every if word in longest)[:WORDS_MOST]
