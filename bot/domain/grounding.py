"""Whether a line says what a memory claims it does, as far as that shows without understanding it; pure.

Names, numbers and words in any of their forms are compared, in any script. A memory may be in another language than
its line, or say it in other words: that alone is no reason to refuse it, only to be less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from bot.domain.languages import likely_languages
from bot.domain.line_traits import has_time
from bot.domain.memory_text import TURNING, WEIGHT_MOST, is_form_of, words_of
from bot.domain.scripts import GLUED, script_of
from bot.domain.searchable import words_of as plain_words

TEXTS_KEPT, WORDS_KEPT = 512, 8_192
_QUESTION_MARKS = ("?", "？", "؟")
_OTHER_SENTENCE = re.compile(r"[.!。！;\n]\s*\S|[?？؟]\s*\w")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MONTHS_TOO = frozenset({"may", "march", "mars", "marzo", "mai"})  # words of other meanings as well
SMALL_NUMBER = 31  # days of a month, and what people write as a word
SMALL = 2  # letters of a word that grounds nothing by itself, in scripts with spaces
_COMMON = (  # words of three or four letters that are everywhere
    "the and you was are for not but has had his her him she its our out who how why all any can did get got let one",
    "two way this that with have from they them what when your just like will been were than then also very some into",
    "der die das und ist ein ich war den dem des mit von auf nur aus bei mein eine auch dass sich nach wird habe hat",
    "les une est que pas qui sur dans pour avec mais los las una por con para como pero esta mas che per non uma com",
    "het een van niet maar voor jak nie jest bir var icin что это как для мне она они его был",
)
COMMON = frozenset(word for row in _COMMON for word in row.split())
TELLING_LEAST = 3  # words of a line that says something by itself: "yes" may confirm anything
WORDED_LEAST = 2 / 3  # of what is worded anew stands in what was told
OWN_LEAST = 1 / 3  # of a picture's signs are the person's own, in scripts where signs and not words are compared
UNSAID_MOST = 1  # words that a picture may have of its own, beside those of wanting
_WANTING = (  # folded: in these a wish is told of somebody
    "wants want wanted likes like liked prefers prefer needs need wishes wish values value",
    "mochte will wunscht mag braucht bevorzugt schatzt veut aime prefere souhaite besoin quiere gusta necesita desea",
    "prefiere vuole piace preferisce quer gosta precisa wil graag хочет любит нравится предпочитает chce woli lubi",
    "ister istiyor sever vill gillar",
)
WANTING = frozenset(word for row in _WANTING for word in row.split())
NUMBER_LETTERS = 6  # a number counts as a word of so many letters


class Grounding(IntEnum):
    """How far a line bears a text out."""

    NONE = 0  # it names what the line does not
    UNSURE = 1  # nothing in common, which other words or another language may explain
    SAID = 2


def grounding(text: str, said: str, names: Iterable[str] = ()) -> Grounding:
    """Say how far *said* bears out *text*; the *names* of who speaks ground nothing."""
    known = frozenset(word for name in names for word in words_of(name))
    claimed, heard = telling_words(text, known), telling_words(said, known)
    named = anchors(text, known)
    if any(_is_in(word, heard) for word in claimed) or not named.isdisjoint(words_of(said)):
        return Grounding.UNSURE if _names_others(text, named, said) else Grounding.SAID
    if len(heard) < TELLING_LEAST or not named or not _shares_script(named, heard) or _is_translated(text, said):
        return Grounding.UNSURE
    return Grounding.NONE


def names_the_unsaid(text: str, said: str, names: Iterable[str] = ()) -> bool:
    """Say whether *text* has names and numbers beside the *names* of who speaks, and *said* none of them.

    Where two languages spell a name differently that cannot be told.
    """
    named = anchors(text, frozenset(word for name in names for word in words_of(name)))
    words = frozenset(words_of(said))
    meant = frozenset(word for word in named if not _may_be_worked_out(word, words))
    heard = telling_words(said)
    is_elsewise = len(heard) >= TELLING_LEAST and (_is_translated(text, said) or not _shares_script(meant, heard))
    return bool(meant) and not is_elsewise and not any(_is_in(word, words) for word in meant)


def only_asks(said: str) -> bool:
    """Say whether a line is a question and nothing beside it, which tells little of who asks."""
    told = said.strip()
    return told.endswith(_QUESTION_MARKS) and not _OTHER_SENTENCE.search(told)


def _names_others(text: str, named: frozenset[str], said: str) -> bool:
    """Say whether *text* has names and numbers, and none of them stands in *said*: it tells of something else.

    Days and small numbers are left out: a memory says when "tomorrow" was, and "two" may be 2. A year is not, where the
    line names another.
    """
    words = frozenset(words_of(said))
    meant = frozenset(word for word in named if not _may_be_worked_out(word, words))
    if not meant or _is_translated(text, said) or not _shares_script(meant, telling_words(said)):
        return False
    return not any(word in words or any(is_form_of(word, other) for other in words) for word in meant)


def _may_be_worked_out(word: str, said: frozenset[str]) -> bool:
    if _YEAR.fullmatch(word):
        return not any(_YEAR.fullmatch(other) for other in said)
    return (word.isdigit() and int(word) <= SMALL_NUMBER) or word in _MONTHS_TOO or has_time(word)


def is_said(text: str, said: str, names: Iterable[str] = ()) -> bool:
    """Say whether *said* has something of *text* in it, or is in another language."""
    return grounding(text, said, names) is Grounding.SAID or _is_translated(text, said)


def share_said(text: str, said: Iterable[str], names: Iterable[str] = ()) -> float:
    """Give which share of the words of *text* stand in one of *said* in some form, in [0, 1], by their weight."""
    known = frozenset(word for name in names for word in words_of(name))
    claimed = telling_words(text, known)
    every = sum(map(_weight, claimed))
    if not every:
        return 0.0
    found = (telling_words(one) for one in said)
    return max((sum(_weight(word) for word in claimed if _is_in(word, heard)) / every for heard in found), default=0.0)


def is_worded_from(text: str, told: Iterable[str], names: Iterable[str] = ()) -> bool:
    """Say whether *text* only puts into other words what is *told*: most of it, and each name and number, is there.

    Days and small numbers may have been worked out.
    """
    said = "\n".join(told)
    return _names_nothing_new(text, said, names) and share_said(text, [said], names) >= WORDED_LEAST


def is_in_words_of(text: str, said: str, names: Iterable[str] = ()) -> bool:
    """Say whether a picture of somebody is drawn in words that they *said*: all but one word, and each name and number.

    Words of wanting say nothing. Where words run together, or their endings cannot be told, their signs are compared.
    """
    known = frozenset(word for name in names for word in words_of(name))
    claimed, heard = telling_words(text, known) - WANTING, telling_words(said, known)
    signs = frozenset("".join(filter(_is_sign, claimed)))
    words = [word for word in claimed if not _is_sign(word)]
    unsaid = sum(not _is_in(word, heard) for word in words)
    if not claimed or unsaid > UNSAID_MOST or not _names_nothing_new(text, said, names):
        return False
    return len(signs & frozenset(said)) >= OWN_LEAST * len(signs) if signs else unsaid < len(words)


def says_just(text: str, said: str, names: Iterable[str] = ()) -> bool:
    """Say whether *said* has every word of *text*, in some form, and none beside: nothing that could turn it round."""
    known = frozenset(word for name in names for word in words_of(name))
    claimed, heard = telling_words(text, known), telling_words(said, known)
    mine, theirs = frozenset(words_of(text)), frozenset(words_of(said))
    is_covered = all(_is_in(word, theirs) for word in claimed) and all(_is_in(word, mine) for word in heard)
    return bool(claimed) and is_covered and TURNING & mine == TURNING & theirs


def _names_nothing_new(text: str, said: str, names: Iterable[str]) -> bool:
    words = frozenset(words_of(said))
    named = anchors(text, frozenset(word for name in names for word in words_of(name)))
    return all(_is_in(word, words) for word in named if not _may_be_worked_out(word, words))


def _is_sign(word: str) -> bool:
    script = script_of(word)
    return script in GLUED or "HANGUL" in script


@lru_cache(maxsize=TEXTS_KEPT)
def telling_words(text: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Give the words of *text* that may ground something: long enough, or numbers, or signs; without *known* ones."""
    return frozenset(word for word in words_of(text) if word not in known and _is_telling(word))


@lru_cache(maxsize=WORDS_KEPT)
def _is_telling(word: str) -> bool:
    if any(map(str.isdigit, word)) or _is_sign(word):
        return True
    return (len(word) > SMALL and word not in COMMON) or not word[0].isalpha()


def _weight(word: str) -> int:
    return NUMBER_LETTERS if word.isdigit() else min(len(word), WEIGHT_MOST)


def _is_in(word: str, heard: frozenset[str]) -> bool:
    return word in heard or any(is_form_of(word, other) for other in heard)


def anchors(text: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Give the numbers in *text*, and its names as far as capitals tell them."""
    found: set[str] = set()
    for word in text.split()[1:]:
        if word[:1].isupper() or any(char.isdigit() for char in word):
            found.update(words_of(word))
    return frozenset(word for word in found - known if len(word) > 1 or word.isdigit())


def _shares_script(words: Iterable[str], others: Iterable[str]) -> bool:
    scripts = {script_of(word) for word in others if not word.isdigit()}
    return any(script_of(word) in scripts or word.isdigit() for word in words)


def _is_translated(text: str, said: str) -> bool:
    """Say whether two texts are in different languages, as far as that is known."""
    one, other = likely_languages(plain_words(text)), likely_languages(plain_words(said))
    return len(one) == 1 and bool(other) and one[0] not in other
