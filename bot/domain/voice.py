"""How much a line sounds like a generic assistant: a score from phrases of many languages, and from the line's shape.

Patterns may only restrict: a score asks for one rewrite and says which of two lines is the less bad, nothing else. What
she quotes is not hers. Whether she says that she is a program is never held against her, only the disclaimer is.
The phrases are data, one TOML file a language in ``voice_phrases``, read once like the code beside them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from bot.domain.voice_notation import Phrase, folded, read_phrase

FOLDER = "voice_phrases"
PLAIN, FAINT = 1.0, 0.5  # what a phrase counts; of faint ones it takes two
FLAGGED_FROM = 1.0
LOOKED_AT = 6_000  # characters of a line that are looked at: three times what one message may hold
ITEMS_LEAST = 3  # lines of a list


class Habit(StrEnum):
    """What of an assistant a line has, in words that a rewrite may be asked for with."""

    OFFER = "offers help"
    DISCLAIMER = "recites what an AI is not or cannot"
    MIRROR = "sums up feelings like a therapist"
    COMFORT = "comforts in set phrases"
    PRAISE = "praises the question or the asker"
    SIGN_OFF = "signs off like a letter"
    MENU = "gives a menu of choices"
    SERVICE = "apologises or refuses like a service desk"
    LECTURE = "gives general advice"
    HOTLINE = "refers to professionals"
    SHAPE = "is laid out as a list or document"


COURTESIES = frozenset({Habit.OFFER, Habit.SIGN_OFF})  # a sentence that is nothing else says nothing

_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
# bounded, so that marks which never close cost no more than their number
_QUOTED = re.compile(
    r'"[^"\n]{0,400}"|“[^”\n]{0,400}”|«[^»\n]{0,400}»|»[^«\n]{0,400}«|„[^“”\n]{0,400}[“”]|「[^」\n]{0,400}」'
    r"|『[^』\n]{0,400}』|(?<!\w)['‘][^'’\n]{2,200}['’](?!\w)|^>.*$",
    re.MULTILINE,
)
_MARKS = str.maketrans({"*": None, "~": None, "_": " "})
_PIECES = re.compile(r"[^\W_]+|[.!?。]+|[:,\n—–]")
_ENDS = frozenset(".!?\n")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_HEADING = re.compile(r"^ {0,3}(?:#{1,4} +\S|\*\*[^*\n]{2,60}:?\*\*:? *$)", re.MULTILINE)
_ITEM = re.compile(r"^ {0,4}(?:[-*•–]|\d{1,2}[.)]) +(\*\*)?\S", re.MULTILINE)
_LEAD_IN = re.compile(r"[:：] *\n+ {0,4}(?:[-*•–]|\d{1,2}[.)]) ")
_LETTERED = re.compile(r"(?:^|[\s:(])a\) ?\S[^\n]{0,200}?[\s,;(]b\) ?\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sound:
    """How much a line sounds like an assistant: 0 not at all. *habits* are what it has of one.

    *is_courtesy* says that it consists of offers and sign-offs alone, so that nothing is lost without it.
    """

    score: float = 0.0
    habits: frozenset[Habit] = frozenset()
    is_courtesy: bool = False

    @property
    def is_flagged(self) -> bool:
        """Say whether that is enough to ask for another line."""
        return self.score >= FLAGGED_FROM


@dataclass(frozen=True, slots=True)
class _Hit:
    habit: Habit
    weight: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Known:
    phrase: Phrase
    habit: Habit
    weight: float


def sound_of(text: str) -> Sound:
    """Give how much one paragraph of hers sounds like an assistant; of any language, linear in its length."""
    text = text[:LOOKED_AT]
    own = _own_words(text)
    spaced = plain_words(own)
    hits = [*_heard(spaced, _phrases().likely(spaced))]
    courtesy = _is_courtesy(spaced, hits)
    if _UNSPACED.search(own):
        tight = "".join(folded(own).translate(_MARKS).split())
        found = [*_heard(tight, _phrases().unspaced)]
        courtesy, hits = False, hits + found
    kept = [*_without_overlaps(hits), *_shape(own)]
    score = sum(hit.weight for hit in kept)
    return Sound(score, frozenset(hit.habit for hit in kept), courtesy and score >= FLAGGED_FROM)


def plain_words(text: str) -> str:
    """Give the words of a text as phrases are matched: small, a blank round each, ``^`` where a sentence begins."""
    pieces = ["^"]
    for piece in _PIECES.findall(folded(text).translate(_MARKS)):
        if piece[0] == ",":
            continue
        pieces.append("." if piece[0] in "\n。" else piece[0] if piece[0] in _ENDS else piece)
        if piece[0] in "。" or piece[0] in _ENDS:
            pieces.append("^")
    return f" {' '.join(pieces)} "


def _own_words(text: str) -> str:
    """Leave out what is quoted and what is code; a line that is nothing else is hers after all."""
    own = _QUOTED.sub(" ", _FENCED.sub(" ", text))
    return own if any(letter.isalnum() for letter in own) else text


def _heard(text: str, known: Iterable[_Known]) -> Iterator[_Hit]:
    for one in known:
        if any(anchor in text for anchor in one.phrase.anchors) and (found := one.phrase.pattern.search(text)):
            yield _Hit(one.habit, one.weight, found.start(), found.end())


def _without_overlaps(hits: Iterable[_Hit]) -> Iterator[_Hit]:
    """Give the hits, of those for one habit in the same words only the weightiest."""
    taken: list[_Hit] = []
    for hit in sorted(hits, key=lambda one: (-one.weight, one.start)):
        is_new = all(
            hit.habit is not other.habit or hit.end <= other.start or other.end <= hit.start for other in taken
        )
        if is_new:
            taken.append(hit)
            yield hit


def _is_courtesy(spaced: str, hits: Sequence[_Hit]) -> bool:
    """Say whether each sentence is an offer or a sign-off."""
    courtesies = [hit for hit in hits if hit.habit in COURTESIES and hit.weight >= PLAIN]
    at = 0
    for sentence in spaced.split("^"):
        begun, at = at, at + len(sentence) + 1
        has_words = any(letter.isalnum() for letter in sentence)
        # a hit may begin with the mark of its sentence and the blank before that
        if has_words and not any(begun - 2 <= hit.start < at - 2 for hit in courtesies):
            return False
    return bool(courtesies)


def _shape(text: str) -> Iterator[_Hit]:
    """Tell what is laid out as a document: headings, lists that are led in or have headings of their own, choices."""
    items = _ITEM.findall(text)
    is_list = len(items) >= ITEMS_LEAST
    if _HEADING.search(text) or (is_list and (sum(map(bool, items)) >= ITEMS_LEAST or _LEAD_IN.search(text))):
        yield _Hit(Habit.SHAPE, PLAIN, 0, 0)
    elif is_list:
        yield _Hit(Habit.SHAPE, FAINT, 0, 0)
    if _LETTERED.search(text):
        yield _Hit(Habit.MENU, PLAIN, 0, 0)


class _Phrases:
    """All phrases; those with blanks are found by a word that they need, so that few are tried on a line."""

    def __init__(self, spaced: Sequence[_Known], unspaced: Sequence[_Known]) -> None:
        self.unspaced = unspaced
        self._spaced = spaced
        self._by_word: dict[str, list[int]] = {}
        self._by_stem: list[int] = []
        for index, one in enumerate(spaced):
            words = [_needed_word(anchor) for anchor in one.phrase.anchors]
            if all(words):
                for word in dict.fromkeys(words):
                    self._by_word.setdefault(word, []).append(index)
            else:
                self._by_stem.append(index)

    def likely(self, text: str) -> Iterator[_Known]:
        """Give the phrases with blanks that may be in a text."""
        found = set(self._by_stem)
        for word in set(text.split()):
            found.update(self._by_word.get(word, ()))
        return (self._spaced[index] for index in sorted(found))


def _needed_word(anchor: str) -> str:
    """Give the longest whole word of an anchor; empty where it is but the beginning of one."""
    whole = anchor.split(" ")[1:-1]  # an anchor begins with a blank; what no blank follows may go on
    return max(whole, key=len, default="")


@cache
def _phrases() -> _Phrases:
    """Read all files, once."""
    spaced: list[_Known] = []
    unspaced: list[_Known] = []
    for path in sorted(resources.files("bot.domain").joinpath(FOLDER).iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            has_blanks = told.pop("has_blanks", True)
            (spaced if has_blanks else unspaced).extend(_known(told, has_blanks=has_blanks))
    return _Phrases(spaced, unspaced)


def _known(told: dict[str, dict[str, str]], *, has_blanks: bool) -> Iterator[_Known]:
    for name, by_weight in told.items():
        habit = Habit[name.upper()]
        for word, lines in by_weight.items():
            weight = {"plain": PLAIN, "faint": FAINT}[word]
            for line in filter(None, map(str.strip, lines.splitlines())):
                yield _Known(read_phrase(line, has_blanks=has_blanks), habit, weight)
