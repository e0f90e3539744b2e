"""Whether a room speaks a language in which a form of a name is a word as well, told from pairs of letters alone.

A persona says so by a sample of that language; how often two letters stand together in it is all that is used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import log
from operator import add
from typing import NamedTuple

from bot.domain.scripts import fold

LETTERS = re.compile(r"[^\W\d_]+")
EDGE = " "
READ_MOST = 200  # letters of a line
PAIRS = 600.0  # pairs of letters that text with an alphabet has, roughly: what chance is taken to be
SELDOM = 0.3  # for how often a pair counts that the sample does not have
AHEAD = 15.0  # pairs that count as read before the first, as likely here as anywhere
ALIEN, NATIVE = 0.8, 1.2  # from no likeness to a full one; measured on the talk that was learnt from
OWN_LINE = 3  # how much more the line itself says than each before it


class Likeness(NamedTuple):
    """How much better than chance a text fits each sample, added up over its pairs of letters."""

    pairs: int
    fits: tuple[float, ...]


class Tongues:
    """Samples of the languages in which forms of a name are words."""

    def __init__(self, samples: Mapping[str, str]) -> None:
        """Take for each form a *sample* of some hundred letters or more."""
        self._forms = {fold(form): number for number, form in enumerate(samples)}
        self._odds = [_odds(sample, self._forms) for sample in samples.values()]

    def hear(self, text: str) -> Likeness:
        """Say how a text fits."""
        if not self._odds:
            return Likeness(0, ())
        found = Counter(_pairs(text[:READ_MOST], self._forms))
        fits = (sum(odds.get(pair, seldom) * count for pair, count in found.items()) for odds, seldom in self._odds)
        return Likeness(found.total(), tuple(fits))

    def knows(self, form: str) -> bool:
        """Say whether a form of the name is a word anywhere."""
        return form in self._forms

    def is_word(self, form: str, line: Likeness, before: Iterable[Likeness]) -> float:
        """Say how surely a form of the name that it knows is a word where *line* was said after *before*, in [0, 1]."""
        number = self._forms[form]
        pairs, fits = AHEAD + OWN_LINE * line.pairs, OWN_LINE * line.fits[number]
        for one in before:
            if one.fits:
                pairs += one.pairs
                fits += one.fits[number]
        return min(1.0, max(0.0, (fits / pairs - ALIEN) / (NATIVE - ALIEN)))


def _pairs(text: str, names: Mapping[str, int]) -> Iterator[str]:
    words = EDGE.join(word for word in LETTERS.findall(fold(text)) if word not in names)
    edged = f"{EDGE}{words}{EDGE}" if words else ""
    return map(add, edged, edged[1:])


def _odds(sample: str, names: Mapping[str, int]) -> tuple[Mapping[str, float], float]:
    found = Counter(_pairs(sample, names))
    every = max(1, found.total())
    return {pair: log(count / every * PAIRS) for pair, count in found.items()}, log(SELDOM / every * PAIRS)
