"""How the texts of memories are compared: when two are one, and how alike two are; pure, of any language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, pairwise

from bot.domain.scripts import GLUED, fold, script_of

APOSTROPHES = frozenset("'’ʼ`´")
KEPT_SIGNS = frozenset("+#")  # behind a letter they are part of a name: C++, C#
STEM_LEAST = 4  # letters that two forms of one word begin with
STEM_SHARE = 0.6  # of the longer form, at least
WEIGHT_MOST = 8  # letters: a long word counts no more than that
WORD_MOST = 64  # letters; where longer ones run together, as in an address, other words stand beside it
TEXTS_KEPT = 4_096


@lru_cache(maxsize=TEXTS_KEPT)
def text_key(text: str) -> str:
    """Give what makes two texts one: their words in lower case, without marks and invisible characters.

    A text without any letter, digit or symbol is its own key.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(_kept(plain))
    return " ".join(kept.split()) or " ".join(plain.split())


def _kept(plain: str) -> Iterator[str]:
    before = " "
    for char in plain:
        kind = unicodedata.category(char)
        if kind == "Cf" or char in APOSTROPHES or "\ufe00" <= char <= "\ufe0f":
            continue
        is_kept = kind[0] in "LNM" or kind in ("So", "Sc") or (char in KEPT_SIGNS and before.isalnum())
        before = char if is_kept else " "
        yield before


@lru_cache(maxsize=TEXTS_KEPT)
def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a text as they are compared: without case and accents.

    Where a script runs words together, each two letters in a row stand for one.
    """
    found: list[str] = []
    for word in fold(text_key(text)).split():
        for script, letters in groupby(word, key=_glued_script):
            run = "".join(letters)
            if not script or len(run) == 1:
                found.append(run)
            else:
                found.extend(one + other for one, other in pairwise(run))
    return tuple(found)


def _glued_script(char: str) -> str:
    script = script_of(char)
    return script if script in GLUED else ""


def has_words(text: str) -> bool:
    """Say whether there is a word in *text*: a run of letters longer than any word is none."""
    return any(any(map(str.isalnum, word)) and len(word) <= WORD_MOST for word in words_of(text))


def likeness(one: str, other: str) -> float:
    """Say how alike two texts are, in [0, 1]: the share of their words that both have, in one form or another.

    Long words count for more than short ones; 1 is the same words. It knows nothing of meaning: "has 2 cats" and
    "has 3 cats" are much alike.
    """
    if text_key(one) == text_key(other):
        return 1.0
    left, right = Counter(words_of(one)), Counter(words_of(other))
    every = _weight(left) + _weight(right)
    if not every:
        return 0.0
    same = left & right
    shared = 2 * _weight(same) + _shared_by_form(left - same, right - same)
    return min(1.0, shared / every)


def _weight(words: Counter[str]) -> int:
    return sum(min(len(word), WEIGHT_MOST) * count for word, count in words.items())


def _shared_by_form(left: Counter[str], right: Counter[str]) -> int:
    """Add up the weights of words that are in both in another form, each used once."""
    shared, rest = 0, list(right.elements())
    for word in left.elements():
        match = next((form for form in rest if is_form_of(word, form)), None)
        if match is not None:
            rest.remove(match)
            shared += min(len(word), WEIGHT_MOST) + min(len(match), WEIGHT_MOST)
    return shared


def is_form_of(word: str, other: str) -> bool:
    """Say whether two words, both folded, are forms of one: they begin alike and differ in their endings only."""
    if word[:STEM_LEAST] != other[:STEM_LEAST]:
        return False
    if any(map(str.isdigit, word + other)):
        return word == other
    same = 0
    for one, two in zip(word, other, strict=False):
        if one != two:
            break
        same += 1
    longest = max(len(word), len(other))
    return same >= STEM_LEAST and same >= STEM_SHARE * longest


# Small words that say nothing by themselves, and short ones that turn a sentence round or set it apart.
_WORDS = (
    "a an el la le il lo un the der die das den dem des ein les des una uno los las gli het een and und",
    "not no nie ne non nem nu ei не ни нет yok nej nic bez sin ex",
)
_ARTICLES, TURNING = (frozenset(row.split()) for row in _WORDS)
_ENDINGS = ("s", "es", "e", "n")
_SMALL_SIGNS = frozenset("ですますだよねはをがのにもと的了呢啊吧哦嘛은는이가을를요")
_SMALL_MOST = 2  # letters of a word that may be there or not, and how many of them


def says_the_same(one: str, other: str) -> bool:
    """Say whether two texts are one sentence, give or take an article, a plural or a particle.

    Any other word, name or number that only one of them has keeps them apart.
    """
    if text_key(one) == text_key(other):
        return True
    if _signs(one) != _signs(other):
        return False
    left, right = Counter(_spelt(one)), Counter(_spelt(other))
    left, right = left - right, right - left
    for word in list(left.elements()):
        twin = next((form for form in right.elements() if _differs_in_ending(word, form)), None)
        if twin is not None:
            left[word] -= 1
            right[twin] -= 1
    left, right = +left, +right
    if left and right:
        return all(word in _ARTICLES for word in (*left, *right))
    more = list((left or right).elements())
    capitals = _names(one) | _names(other)
    return len(more) <= _SMALL_MOST and all(_is_small(word) and word not in capitals for word in more)


def _spelt(text: str) -> list[str]:
    plain = "".join(" " if _glued_script(char) else char for char in fold(text_key(text)))
    return plain.split()


def _signs(text: str) -> tuple[str, ...]:
    """Give the signs of scripts without spaces, in their order, but for particles."""
    plain = fold(text_key(text))
    return tuple(char for char in plain if _glued_script(char) and char not in _SMALL_SIGNS)


def _names(text: str) -> frozenset[str]:
    """Give the words that are written with a capital where no sentence begins."""
    found = text.split()
    return frozenset(fold(text_key(word)) for word in found[1:] if word[:1].isupper())


def _differs_in_ending(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) > _SMALL_MOST and short.isalpha() and long in {short + ending for ending in _ENDINGS}


def _is_small(word: str) -> bool:
    return word.isalpha() and word not in TURNING and (len(word) <= _SMALL_MOST or word in _ARTICLES)
