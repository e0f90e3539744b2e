"""How a text is looked up by its words: which language's rules, and which words.

Everything that is indexed or asked goes through here, so that both sides agree. Words come out in small letters and in
one form; of scripts without spaces between words every two neighbouring letters are a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.domain.languages import DEFAULT, SIMPLE, likely_languages
from bot.domain.scripts import GLUED, fold, script_of

YOU = "you"  # what stands for everybody's name in a text that is compared by meaning
WORD_MOST = 64  # letters of a word: longer ones are no words, but may be looked for by their beginning
PART_LEAST = 3  # letters of a first name that goes by itself
WORD = re.compile(
    r"[^\W_]+(?:[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e]+[^\W_]*)*"
)
# Signs that run together: Han, kana, Hangul, Thai, Lao, Burmese, Khmer.
_MENTION = re.compile(r"<(?:@[!&]?|#)\d{1,20}>")  # a number says nothing, and is somebody's
_TOGETHER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003134f]+"
)
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
# Pairs of letters that stand everywhere and mean little by themselves; the small words of Chinese.
_EMPTY_PAIR_ROW = (
    "です ます した して いる ある ない こと もの から まで ので けど でし まし "
    "ませ せん って たち よう そう どう いま った のは のが をし たの には では "
    "とは にな なの だっ ょう しょ たい んで くれ すか ねえ "
    "언제 어디 무엇 무슨 누구 어떻 떻게 습니 니다 니까 어요 아요 예요 에요 에서 "
    "으로 까지 부터 하고 이랑 있어 있는 했어 했는"
)
_EMPTY_PAIRS = frozenset(_EMPTY_PAIR_ROW.split())
_EMPTY_SIGNS = frozenset("的了是我你他她它们在吗呢吧啊和就都也很不有这那个么什谁哪请")

# First words of names that are no names.
_ARTICLE_ROW = "the der die das les los las una une ein eine not just big little your mister miss"
ARTICLES = frozenset(_ARTICLE_ROW.split())


@dataclass(frozen=True, slots=True)
class Searchable:
    """A text as PostgreSQL's ``to_tsvector`` is to take it: *language* names a text search configuration."""

    language: str
    text: str


def searchable(text: str, names: Iterable[str] = ()) -> Searchable:
    """Give *text* as it is indexed, without the *names* of who takes part in the talk."""
    words = words_of(text, names)
    languages = likely_languages(words)
    return Searchable(languages[0] if languages else _unknown(words), " ".join(_with_bare(words)))


def words_of(text: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the words of *text* in their order, without the *names* of who takes part."""
    plain = replace_names(_plain(text), [_plain(name) for name in names], " ")
    return tuple(part for found in WORD.finditer(plain) for part in _parts(found.group()))


def addressed(text: str, names: Iterable[str]) -> str:
    """Give *text* as it is compared by meaning: everybody who takes part is "you"."""
    return replace_names(text, names, YOU)


def names_in(text: str, names: Iterable[str]) -> bool:
    """Say whether *text* names somebody who goes by one of *names*."""
    pattern = _pattern(tuple(sorted({name for name in map(_plain, names) if name.strip()})))
    return pattern is not None and pattern.search(_plain(text)) is not None


def replace_names(text: str, names: Iterable[str], instead: str) -> str:
    """Put *instead* where a name stands as a word of its own; a name of several words goes by its first one too."""
    pattern = _pattern(tuple(sorted({name for name in names if name.strip()})))
    return text if pattern is None else pattern.sub(instead, text)


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    forms: dict[str, None] = {}
    for name in names:
        whole = " ".join(name.split())
        forms[whole] = None
        first, *more = whole.split(" ")
        if more and len(first) >= PART_LEAST and first.isalpha() and first.lower() not in ARTICLES:
            forms[first] = None
    spelt = [_spelt(form) for form in sorted(forms, key=len, reverse=True) if any(map(str.isalnum, form))]
    return re.compile("|".join(spelt), re.IGNORECASE) if spelt else None


def _spelt(form: str) -> str:
    body = re.escape(form).replace(r"\ ", r"\s+")
    if script_of(form) in GLUED:
        return body
    return rf"(?<!\w)@?{body}(?:['’]s)?(?!\w)"


def _plain(text: str) -> str:
    """Give *text* in one form and in small letters, without mentions; what PostgreSQL cannot hold is left out."""
    text = _MENTION.sub(" ", text) if "<" in text else text
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).replace("İ", "i").lower()


def _parts(word: str) -> Iterator[str]:
    if word.isascii():
        yield word[:WORD_MOST]
        return
    end = 0
    for found in _TOGETHER.finditer(word):
        if found.start() > end:
            yield word[end : found.start()][:WORD_MOST]
        yield from _pairs(found.group())
        end = found.end()
    if end < len(word):
        yield word[end:][:WORD_MOST]


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        if run not in _EMPTY_SIGNS:
            yield run
        return
    for sign in run:
        if _HAN.match(sign) and sign not in _EMPTY_SIGNS:
            yield sign
    for first, second in pairwise(run):
        pair = first + second
        if pair not in _EMPTY_PAIRS and not (first in _EMPTY_SIGNS and second in _EMPTY_SIGNS):
            yield pair


def _with_bare(words: Iterable[str]) -> Iterator[str]:
    """Give each word, and after it the word without its accents: people leave them away."""
    for word in words:
        yield word
        if not word.isascii() and (bare := fold(word)) != word:
            yield bare


def _unknown(words: Iterable[str]) -> str:
    """Name the rules for words of which nothing tells the language."""
    return SIMPLE if any(not word.isascii() for word in words) else DEFAULT
