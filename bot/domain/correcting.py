"""Which memory a correction takes the place of, as far as that shows without understanding it; pure.

Names say nothing of what a sentence is about, and long ones nothing more than short ones: they are left out. What a
correction denies has to stand in the older one, where that can be read off it; what cannot is left to reflection. The
words below only tell where a denial begins: whether something is a correction is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.grounding import anchors, telling_words
from bot.domain.memory_text import TURNING, WEIGHT_MOST, is_form_of, likeness, words_of
from bot.domain.scripts import GLUED, script_of

DENIED_MORE = 0.5  # what a correction denies in so many words goes before what is only alike
SAID_AGAIN_FROM = 0.5  # more of the older one's telling words than that, where both name the same,
SIGNS_FROM = 0.6  # and of its pairs of signs, in scripts without spaces
FRAME_FROM = 0.5  # of two sentences without names that differ in one word,
NAMED_FRAME_FROM = 0.65  # and where each has a name or number of its own: "lives in Rome", "lives in Oslo"
SUBJECT_FROM = 0.2  # likeness in what they tell, from which on two memories may speak against each other

_ROWS = (
    "not no never nor cannot isnt arent wasnt werent doesnt dont didnt hasnt havent hadnt cant wont nicht kein keine "
    "keinen keinem keiner nie niemals pas plus jamais nunca jamas nao non niet geen nooit nie juz не нет больше inte "
    "ikke nem nincs nikdy",
    "longer now any more anymore instead actually again still since used called name named being been mehr jetzt nun "
    "heisst heissen maintenant appelle ahora mas llama agora mais chama ora adesso piu chiama meer heet teraz juz "
    "теперь уже зовут artik simdi nu langer jetz the and she has his her its der die das ein les las los",
)
_DENIALS, _IDLE = (frozenset(row.split()) for row in _ROWS)
_SIGNS_OF_DENIAL = re.compile("不再|不是|没有|沒有")
_CLAUSE = re.compile(
    r"[,.;:!?()，。；、！？—–]|\s(?:but|and|while|sondern|und|mais|sino|pero|mas|maar|но|ale|lecz)\s", re.IGNORECASE
)
_POSSESSED = re.compile(r"^\W*[^\W\d_]+['’]s\s+(\w+)")
_ENDINGS = ("s", "es", "e", "n", "d", "ed")
_FORM_LEAST = 3  # letters of a word that may have an ending


@dataclass(frozen=True, slots=True)
class _Told:
    """What a sentence tells: its telling words, its names and numbers, all its words but idle ones, what it denies."""

    telling: frozenset[str]
    named: frozenset[str]
    frame: tuple[str, ...]
    denied: frozenset[str]
    subject: frozenset[str]
    words: frozenset[str]


def corrects(correction: str, old: str, names: Iterable[str] = ()) -> float:
    """Say how clearly *correction* takes the place of *old*; 0 where nobody could tell. *names* are the owner's."""
    known = _known(names)
    new, before = _told(correction, known), _told(old, known)
    if not (_has_all(new.subject, before.words) and _has_all(before.subject, new.words)):
        return 0.0  # "Kai's sister lives in Rome" is not where Kai lives
    share = _share(before.telling, new.telling)
    if new.denied and new.denied <= before.denied:
        return 0.0  # it says so as well
    if new.denied and _has_all(new.denied, before.telling) and _is_of_it(new, before):
        return DENIED_MORE + share
    if new.denied and not _has_any(new.denied, before.telling):
        return 0.0
    if any(map(_is_sign, before.telling)):
        return share if share >= SIGNS_FROM else 0.0
    if before.named & new.words:
        return share if share > SAID_AGAIN_FROM and _share_words(new, before) else 0.0
    return _frame_likeness(new, before)


def shares_subject(one: str, other: str, names: Iterable[str] = ()) -> bool:
    """Say whether two memories tell of something in common beside whose they are, so that one may end the other."""
    known = _known(names)
    left, right = (sorted(_told(text, known).telling) for text in (one, other))
    return bool(left and right) and likeness(" ".join(left), " ".join(right)) >= SUBJECT_FROM


def _known(names: Iterable[str]) -> frozenset[str]:
    words = [word for name in names for word in words_of(name)]
    return frozenset([*words, *(word + "s" for word in words)])


def _told(text: str, known: frozenset[str]) -> _Told:
    idle = known | _IDLE | _DENIALS | TURNING
    named = anchors(text, known)
    possessed = _POSSESSED.match(text)
    return _Told(
        telling=telling_words(text, idle),
        named=named,
        frame=tuple(word for word in words_of(text) if word not in idle and word not in named),
        denied=_denied(text, idle),
        subject=frozenset() if possessed is None else telling_words(possessed[1], known),
        words=frozenset(words_of(text)),
    )


def _denied(text: str, idle: frozenset[str]) -> frozenset[str]:
    """Give the words that are denied: behind a denial up to the end of its clause, or before it if it comes last."""
    found: set[str] = set()
    for clause in _CLAUSE.split(text):
        signs = _SIGNS_OF_DENIAL.search(clause)
        if signs is not None:
            found |= telling_words(clause[signs.end() :], idle)
            continue
        words = words_of(clause)
        place = next((nth for nth, word in enumerate(words) if word in _DENIALS), None)
        if place is not None:
            behind, before = (telling_words(" ".join(part), idle) for part in (words[place + 1 :], words[:place]))
            found |= behind or before
    return frozenset(found)


def _is_of_it(new: _Told, before: _Told) -> bool:
    """Say whether more than a name is denied, or both say something else in common as well."""
    return bool(new.denied - new.named) or _share_words(new, before)


def _share_words(new: _Told, before: _Told) -> bool:
    return _has_any(before.telling - before.named, new.telling - new.named)


def _frame_likeness(new: _Told, before: _Told) -> float:
    """Say how alike two sentences are beside the names and numbers that each has of its own."""
    if not _share_words(new, before) or bool(new.named) != bool(before.named):
        return 0.0
    alike = likeness(" ".join(new.frame), " ".join(before.frame))
    return alike if alike >= (NAMED_FRAME_FROM if before.named else FRAME_FROM) else 0.0


def _share(words: frozenset[str], said: frozenset[str]) -> float:
    every = sum(min(len(word), WEIGHT_MOST) for word in words)
    found = sum(min(len(word), WEIGHT_MOST) for word in words if _is_in(word, said))
    return found / every if every else 0.0


def _has_all(words: frozenset[str], said: frozenset[str]) -> bool:
    return all(_is_in(word, said) for word in words)


def _has_any(words: frozenset[str], said: frozenset[str]) -> bool:
    return any(_is_in(word, said) for word in words)


def _is_in(word: str, said: frozenset[str]) -> bool:
    return word in said or any(is_form_of(word, other) or _differs_in_ending(word, other) for other in said)


def _differs_in_ending(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _FORM_LEAST and short.isalpha() and long in {short + ending for ending in _ENDINGS}


def _is_sign(word: str) -> bool:
    return script_of(word[0]) in GLUED
