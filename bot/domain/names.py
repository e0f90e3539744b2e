"""Whether a text uses somebody's name, and how: called with it, or spoken of.

Reads form alone - case, punctuation, place in the sentence - and knows no word of any language but the name. What
clings to a name in writing (case endings, particles, honorifics) is told by script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from bot.domain.scripts import CASED, GLUED, HANGUL_ENDINGS, KANA, PREFIXES, TITLES, VOCATIVE_ENDINGS, fold, script_of
from bot.domain.tongues import Tongues

READ_MOST = 400  # characters of a line that are read: who is called is called at its beginning, seldom at its end
SHORT_NAME = 3  # names of so few letters are words of some language: they count only where they stand alone
LEAD_MOST = 2  # words before the name in a call such as a greeting
START = 3  # letters of a name that are looked for first
PET_LINE = 4  # words of a line that a pet form begins, its end counted
PET_MOST = 4  # letters that a pet form adds
ENDING_MOST = 4  # letters of an ending after an apostrophe or a hyphen
NEVER_READ = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|<a?:\w+:\d+>|<[#t/][^>\n]*>|^>{1,3} .*$", re.DOTALL | re.MULTILINE
)
MENTION = re.compile(r"<@[!&]?\w+>")
SOMEBODY = "\ufffc"  # stands for a mention: a word, though no name
# Letters with their marks; the Indic, Thai and Burmese vowel signs are no letters to ``re``.
WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    r"\u0e31-\u0e3a\u0e47-\u0e4e\u0f71-\u0fbc\u102b-\u103e\u17b4-\u17d3\u3099\u309a\u30fc\ufffc])+"
)
SENTENCE_ENDS = frozenset(
    "\n.!?;\u2026\u3002\uff01\uff1f\uff61\u061f\u06d4\u0964\u0965\u037e\u055e\u0589\u104b\u1362\u203d"
)
APOSTROPHES = frozenset("'\u2019\u02bc`\u00b4")
MARKUP = frozenset("*_~|#")
QUOTES = frozenset("\"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d'\u2018\u2019")


class NameUse(StrEnum):
    """How a text uses a name."""

    NONE = "none"
    SPOKEN_OF = "spoken of"
    CALLED = "called"


class Place(IntEnum):
    """Where a name stands, from what calls least to what calls most."""

    NOWHERE = 0
    ENDED = 1  # with an ending that a call does not have
    INSIDE = 2
    SECOND = 3  # after one word, with more to follow
    ENDS = 4  # last in its clause
    OPENS = 5  # first in its clause
    LED = 6  # last in a clause of at most three words, or the second of three
    ALONE = 7  # set off on both sides
    AT = 8  # written with an @


@dataclass(frozen=True, slots=True)
class Found:
    """A name as it was found: its strongest place, and which form of it stood there.

    *is_asked* says that its sentence is a question, *is_small* that it is written like any word although the writer
    does use capitals, *is_weak* that the name is too short to be told from a word.
    """

    place: Place = Place.NOWHERE
    form: str = ""
    is_asked: bool = False
    is_small: bool = False
    is_weak: bool = False
    is_first: bool = False  # in the first clause of the line
    is_quoted: bool = False
    is_begun: bool = False  # its clause begins a sentence
    is_big: bool = False  # written as names are, where no sentence begins
    is_drawn: bool = False  # with letters drawn out
    is_repeated: bool = False  # it stands there twice, unparted
    is_alike: bool = False  # it only begins like the name, as pet forms do
    before: int = 0  # letters of the word before it in its clause
    after: int = 0  # letters of the word after it in its clause
    follows: str = ""  # the word right before it, in the same clause

    @property
    def use(self) -> NameUse:
        """Say what the place means; in the open places a question makes it a call."""
        if self.place is Place.NOWHERE:
            return NameUse.NONE
        called = Place.ALONE if self.is_weak else Place.LED
        if self.place >= called or (self.place >= Place.ENDS and self.is_asked and not (self.is_small or self.is_weak)):
            return NameUse.CALLED
        return NameUse.SPOKEN_OF


NOT_FOUND = Found()


class _Word(NamedTuple):
    text: str
    folded: str
    gap: str  # what stands between it and the word before
    clause: int
    sentence: int


@dataclass(frozen=True, slots=True)
class _Hit:
    index: int
    before: int  # characters of the word before the name, where words are not set apart
    after: int
    form: str = ""
    is_ended: bool = False
    is_vocative: bool = False
    is_drawn: bool = False
    is_alike: bool = False
    has_particle: bool = False  # says what the name does in its sentence; a call has one only in a question


class Taken:
    """A text taken apart once, to look for many names in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.folded = fold(text[:READ_MOST])
        self.squeezed = squeezed(self.folded)

    @cached_property
    def words(self) -> Sequence[_Word]:
        """Give its words, each with its clause and its sentence; an empty one ends them."""
        return _words(self._text)


class Names:
    """A name with its nicknames and its spellings in other scripts, ready to be looked for."""

    def __init__(
        self,
        name: str,
        nicknames: Iterable[str] = (),
        spellings: Iterable[str] = (),
        homographs: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Take the name in all its forms; *homographs* are those that are words, each with a sample of the language."""
        self._forms = _compile(tuple(dict.fromkeys((name, *nicknames, *spellings))))
        self.tongues = Tongues(dict(homographs))

    def find(self, text: str | Taken) -> Found:
        """Find the strongest use of the name in *text*."""
        taken = Taken(text) if isinstance(text, str) else text
        if not self._forms.may_stand_in(taken) or not self._forms.hint.search(taken.folded):
            return NOT_FOUND
        words = taken.words
        best = NOT_FOUND
        for index, word in enumerate(words):
            hit = self._forms.hit(words, index) if self._forms.begins.match(word.folded) else None
            if hit is not None:
                if hit.is_alike and (index > 0 or len(words) < PET_LINE):
                    continue
                found = _placed(words, hit, is_weak=self._forms.is_weak(word.folded))
                best = max(best, found, key=lambda one: (one.use is NameUse.CALLED, one.place))
        return best


class _Forms:
    """Every form of one name, as patterns over folded words."""

    def __init__(self, forms: Sequence[str]) -> None:
        folded = [form for form in dict.fromkeys(fold(form).strip() for form in forms) if form]
        spaced = [form for form in folded if script_of(form) not in GLUED]
        self._glued = [form for form in folded if script_of(form) in GLUED]
        self._whole = re.compile("|".join(_stretched(form) for form in spaced) or r"(?!)")
        self._short = {form for form in spaced if len(form) <= SHORT_NAME and script_of(form) in CASED}
        self._stems = {form[:-1] for form in spaced if len(form) > SHORT_NAME and script_of(form) in CASED}
        self._starts = {squeezed(form[:-1] if len(form) > SHORT_NAME else form)[:START] for form in folded}
        self._spaced = spaced
        self._spaced_whole = {form for form in spaced if form not in self._short}
        self._exact = {unicodedata.normalize("NFKC", form).casefold() for form in forms}
        hints = [re.escape(form) for form in self._glued] + [_stretched(form) for form in spaced]
        hints += [re.escape(stem) for stem in self._stems]
        self.hint = re.compile("|".join(hints) or r"(?!)")
        glued = "|".join(f".*{re.escape(form)}" for form in self._glued)
        self.begins = re.compile(
            f".?(?:{'|'.join(hints[len(self._glued) :]) or '(?!)'})" + (f"|{glued}" if glued else "")
        )

    def may_stand_in(self, taken: Taken) -> bool:
        """Say quickly whether any form begins anywhere in a text."""
        return any(start in taken.squeezed for start in self._starts)

    def is_weak(self, folded: str) -> bool:
        """Say whether the name in a word is too short to be told from an ordinary word."""
        return folded not in self._spaced_whole and squeezed(folded) in self._short

    def hit(self, words: Sequence[_Word], index: int) -> _Hit | None:
        """Give where the name stands in a word, if it does; names of several words must all follow."""
        word, folded = words[index].text, words[index].folded
        if self._whole.fullmatch(folded):
            is_ended = _has_apostrophe(words, index) or self._is_accented(word, folded)
            form = squeezed(folded)
            return _Hit(index, 0, 0, form, is_ended=is_ended, is_drawn=len(folded) > len(form) + 1)
        return self._in_glued(index, folded) or self._clung(index, word, folded)

    def _is_accented(self, word: str, folded: str) -> bool:
        """Say whether a word that is no proper name by its small letter differs by an accent at its end."""
        return word[:1].islower() and word[-1:].casefold() != folded[-1:] and word.casefold() not in self._exact

    def _in_glued(self, index: int, folded: str) -> _Hit | None:
        for form in self._glued:
            at = folded.find(form)
            if at < 0:
                continue
            end = at + len(form)
            beside = [char for char in (folded[max(0, at - 1) : at], folded[end : end + 1]) if char]
            if script_of(form) in KANA and any(script_of(char) == script_of(form) for char in beside):
                continue  # the start of another word
            return _Hit(index, at, len(folded) - end, form)
        return None

    def _clung(self, index: int, word: str, folded: str) -> _Hit | None:
        """Find the name with what its script lets cling to it."""
        for form in self._spaced:
            script = script_of(form)
            if script == "HANGUL" and folded.startswith(form) and folded[len(form) :] in HANGUL_ENDINGS:
                ending = folded[len(form) :]
                has_particle = ending not in VOCATIVE_ENDINGS | TITLES
                return _Hit(index, 0, 0, form, is_vocative=ending in VOCATIVE_ENDINGS, has_particle=has_particle)
            if script in PREFIXES and folded[1:] == form and folded[0] in PREFIXES[script]:
                return _Hit(index, 0, 0, form, is_ended=True)
            if script in CASED and len(form) > SHORT_NAME and word[:1].isupper() and _is_inflected(folded, form):
                return _Hit(index, 0, 0, form, is_ended=True)
            if script in CASED and len(form) > SHORT_NAME and _is_alike(folded, form):
                return _Hit(index, 0, 0, form, is_alike=True)
        return None


@lru_cache(maxsize=512)
def _compile(forms: tuple[str, ...]) -> _Forms:
    return _Forms(forms)


def _stretched(form: str) -> str:
    """Give a pattern for a word with letters drawn out: ``miraaa`` is ``mira``, ``mirra`` is not."""
    runs = re.findall(r"((.)\2*)", form)
    pattern = ""
    for number, (run, letter) in enumerate(runs):
        escaped = re.escape(letter)
        least = len(run) + 1 if number == len(runs) - 1 else max(3, len(run) + 1)
        pattern += f"(?:{escaped}{{{len(run)}}}|{escaped}{{{least},}})"
    return f"(?:{pattern})"


def squeezed(folded: str) -> str:
    """Give a word with every run of one letter cut to one."""
    return re.sub(r"(.)\1+", r"\1", folded)


def _is_inflected(folded: str, form: str) -> bool:
    """Say whether a word is the name with another ending: one letter more, or another vowel at its end."""
    if folded[:-1] == form:
        return True
    stem = form[:-1]
    ending = folded[len(stem) :]
    return form[-1] in _VOWELS and folded.startswith(stem) and ending in _CASE_ENDINGS


# Endings of names in -a where the script has cases, by letter alone; a capital is asked for as well.
_VOWELS = frozenset("aeiouyаеёиоуыэюяіїєαεηιοωυ")
_CASE_ENDINGS = frozenset(("o", "u", "y", "ou", "у", "е", "ы", "и", "і", "о", "ою", "ои", "ας"))


def _is_alike(folded: str, form: str) -> bool:
    """Say whether a word is the name with a little more, as pet names are."""
    return folded.startswith(form) and len(folded) - len(form) <= PET_MOST


def _has_apostrophe(words: Sequence[_Word], index: int) -> bool:
    """Say whether an ending follows after an apostrophe: a possessive, a case."""
    if index + 1 >= len(words):
        return False
    following = words[index + 1]
    return len(following.gap) == 1 and following.gap in APOSTROPHES and len(following.text) <= ENDING_MOST


def _words(text: str) -> list[_Word]:
    """Take a line apart into words, each with its clause and its sentence."""
    plain = unicodedata.normalize("NFKC", text[:READ_MOST])
    plain = MENTION.sub(SOMEBODY, NEVER_READ.sub("\n", plain))
    words: list[_Word] = []
    end = clause = sentence = 0
    for match in WORD.finditer(plain):
        gap = plain[end : match.start()]
        if gap == " ":
            pass
        elif not SENTENCE_ENDS.isdisjoint(gap):
            sentence += 1
            clause += 1
        elif _parts(gap):
            clause += 1
        words.append(_Word(match.group(), fold(match.group()), gap, clause, sentence))
        end = match.end()
    if words:
        words.append(_Word("", "", plain[end:], clause + 1, sentence + 1))
    return words


def _parts(gap: str) -> bool:
    """Say whether what stands between two words parts them: a comma, a colon, a dash with room, an emoji."""
    if not gap or gap.isspace() or len(gap) == 1:
        return bool(gap) and gap not in APOSTROPHES and gap not in MARKUP and gap not in "-@ \t\u00a0&/+"
    return any(not char.isspace() and char not in MARKUP and char not in "@&/+" for char in gap)


def _placed(words: Sequence[_Word], hit: _Hit, *, is_weak: bool) -> Found:
    """Say where in its clause the name stands."""
    word = words[hit.index]
    clause = [one for one in words[:-1] if one.clause == word.clause]
    place_in_clause = next(number for number, one in enumerate(clause) if one is word)
    before = sum(one.gap not in APOSTROPHES for one in clause[:place_in_clause]) + (hit.before + 1) // 2
    after = len(clause) - place_in_clause - 1 + (hit.after + 1) // 2
    last = max(number for number, one in enumerate(words) if one.sentence == word.sentence)
    ending = words[last].text[-1:] + words[min(last + 1, len(words) - 1)].gap
    place = _place(before, after, word.gap, hit)
    if "=" in word.gap or "=" in words[hit.index + 1].gap:
        place = min(place, Place.INSIDE)  # it is explained
    is_asked = is_question(ending)
    if hit.has_particle and not is_asked:
        place = Place.ENDED
    if word.gap[-1:] in QUOTES and word.gap[-1:]:
        place = min(place, Place.INSIDE)  # somebody's words are passed on
    is_small = hit.index > 0 and word.text[:1].islower() and words[0].text[:1].isupper()
    return Found(
        place=place,
        form=hit.form,
        is_asked=is_asked,
        is_small=is_small,
        is_weak=is_weak,
        is_first=word.clause == words[0].clause,
        is_quoted=bool(word.gap) and word.gap[-1] in QUOTES,
        is_begun=words[hit.index - place_in_clause].sentence != words[hit.index - place_in_clause - 1].sentence
        or hit.index == place_in_clause,
        is_big=place_in_clause > 0 and word.text[:1].isupper() and not words[hit.index - 1].text[:1].isupper(),
        is_drawn=hit.is_drawn,
        is_repeated=place_in_clause < len(clause) - 1 and words[hit.index + 1].folded == word.folded,
        is_alike=hit.is_alike,
        before=len(words[hit.index - 1].text) if place_in_clause else 0,
        after=len(words[hit.index + 1].text) if place_in_clause < len(clause) - 1 else 0,
        follows=squeezed(clause[place_in_clause - 1].folded) if place_in_clause else "",
    )


def _place(before: int, after: int, gap: str, hit: _Hit) -> Place:
    if hit.is_alike:
        return Place.ALONE if before == after == 0 else Place.NOWHERE
    if hit.is_ended:
        return Place.ENDED if hit.index or before or after else Place.OPENS
    if gap.rstrip(" ").endswith("@"):
        return Place.AT
    if hit.is_vocative:
        return Place.LED
    if before == 0:
        return Place.ALONE if after == 0 else Place.OPENS
    if after == 0:
        return Place.LED if before <= LEAD_MOST else Place.ENDS
    if before == 1:
        return Place.LED if after == 1 and hit.after == 0 else Place.SECOND
    return Place.INSIDE


QUESTION_MARKS = frozenset("?\uff1f\u061f\u037e\u055e\u1367\u2047\u2048\u2049\u203d\u2e2e\u00bf\u2753\u2754\ufe56")
GREEK_QUESTION = re.compile(r"[\u0370-\u03ff]\s?;")  # written with what is a semicolon elsewhere


def is_question(text: str) -> bool:
    """Say whether *text* holds a question mark of any script."""
    return not QUESTION_MARKS.isdisjoint(text) or (";" in text and GREEK_QUESTION.search(text) is not None)
