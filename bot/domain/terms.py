"""Finds in a text the words that a table knows, in any script, and says whether they stand together; pure.

A table has one row a meaning, with words of many languages: so a rule of meanings holds in all of them, and where they
are mixed. It knows nothing of grammar but where a sentence may begin with a demand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.scripts import fold

STEM_LEAST = 3  # letters of a stem
LOOKS_KEPT = 512
LEADS_MOST = 3  # words before one that may lead up to it
DOES_WITHIN = 48  # letters between who does something and what is done
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GLUED = re.compile(r"[\u0900-\u097f\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CLAUSE_END = re.compile(r"[^\s\w]")
_CLINGING = re.compile(r"(?=[\u0600-\u06ff])[وفبلك]{0,2}(?:ال|لل)?")


@dataclass(frozen=True, slots=True)
class Hit:
    """A known word: what it means (a bit), where it stands, and whether it may be a demand there."""

    meaning: int
    at: int
    is_bid: bool


class Terms:
    """A table of words by what they mean.

    Words are folded; ``stem*`` stands for every word that begins so, ``two_words`` for words in a row. Behind one
    written ``word!`` a demand needs no beginning of a sentence.
    """

    def __init__(self, table: Mapping[str, str], leads: str = "") -> None:
        """Take a table in; *leads* are words that may stand before a demand."""
        self._bits = {name: 1 << place for place, name in enumerate(table)}
        self._words: dict[str, int] = defaultdict(int)
        self._stems: dict[str, int] = defaultdict(int)
        self._heads: set[str] = set()  # what stems begin with
        self._rows: dict[str, list[tuple[Sequence[str], int, bool]]] = defaultdict(list)
        self._glued: dict[str, int] = defaultdict(int)
        self._demands: set[str] = set()
        self._leads = frozenset(fold(leads).split())
        self._sizes = tuple(len(words) for words in table.values())
        for name, words in table.items():
            for word in fold(words).split():
                self._take(word, self._bits[name])
        ordered = sorted(self._glued, key=len, reverse=True)
        self._glued_pattern = re.compile("|".join(map(re.escape, ordered)) or r"(?!)")
        self._of_word = lru_cache(maxsize=16_384)(self._look_up)
        self._of_look = lru_cache(maxsize=LOOKS_KEPT)(self._read)

    def _take(self, word: str, bit: int) -> None:
        is_demand, word = word.endswith("!"), word.rstrip("!")
        parts = word.split("_")
        if _GLUED.match(word) is not None:
            plain = word.replace("_", " ").rstrip("*")
            self._glued[plain] |= bit
            if is_demand:
                self._demands.add(plain)
        elif len(parts) > 1:
            self._rows[parts[0]].append((parts[1:], bit, is_demand))
        else:
            plain = word.rstrip("*")
            (self._stems if word.endswith("*") else self._words)[plain] |= bit
            if word.endswith("*"):
                self._heads.add(plain[:STEM_LEAST])
            if is_demand:
                self._demands.add(plain)

    def bits(self, names: str) -> int:
        """Give the meanings that *names* name, with ``|`` between them."""
        return sum(self._bits[name] for name in names.split("|"))

    def count(self, meanings: int) -> int:
        """Say how many words have one of *meanings*."""
        return sum(self._sizes[place] for place in range(meanings.bit_length()) if meanings >> place & 1)

    def hits(self, look: str) -> tuple[Hit, ...]:
        """Give the known words of a folded text, in their order."""
        return self._of_look(look)

    def _read(self, look: str) -> tuple[Hit, ...]:
        found: list[Hit] = []
        spans, is_glued = _words_in(look)
        words = [word for word, _, _ in spans]
        for place, (word, at, _) in enumerate(spans):
            meaning, is_demand = self._of_word(word)
            if rows := self._rows.get(word):
                more, is_more = self._row_at(rows, words, place)
                meaning, is_demand = meaning | more, is_demand or is_more
            if meaning:
                found.append(Hit(meaning, at, is_demand or self._may_demand(look, spans, place)))
        if is_glued:
            found += (
                Hit(self._glued[one.group()], one.start(), one.group() in self._demands)
                for one in self._glued_pattern.finditer(look)
            )
        return tuple(found)

    def _look_up(self, word: str) -> tuple[int, bool]:
        meaning, is_demand = 0, False
        for form in _forms_of(word):
            meaning |= self._words.get(form, 0)
            is_demand |= form in self._demands
            for end in range(STEM_LEAST, len(form) + 1 if form[:STEM_LEAST] in self._heads else 0):
                stem = form[:end]
                if stem in self._stems:
                    meaning |= self._stems[stem]
                    is_demand |= stem in self._demands
        return meaning, is_demand

    def _row_at(
        self, rows: Iterable[tuple[Sequence[str], int, bool]], words: Sequence[str], place: int
    ) -> tuple[int, bool]:
        meaning, is_demand = 0, False
        for parts, bit, demands in rows:
            there = words[place + 1 : place + 1 + len(parts)]
            if len(there) == len(parts) and all(map(_fits, parts, there)):
                meaning, is_demand = meaning | bit, is_demand or demands
        return meaning, is_demand

    def _may_demand(self, look: str, spans: Sequence[tuple[str, int, int]], place: int) -> bool:
        """Say whether a sentence may begin with this word, but for words that lead up to a demand."""
        for before in range(place - 1, place - 2 - LEADS_MOST, -1):
            if before < 0:
                return True
            word, _, end = spans[before]
            if _CLAUSE_END.search(look, end, spans[before + 1][1]) is not None:
                return True
            if word not in self._leads:
                return False
        return False


@lru_cache(maxsize=LOOKS_KEPT)
def _words_in(look: str) -> tuple[Sequence[tuple[str, int, int]], bool]:
    """Give the words of a text with where they begin and end, and whether some are in scripts without spaces."""
    is_glued = _GLUED.search(look) is not None
    spaced = _GLUED.sub(" ", look) if is_glued else look
    return tuple((one.group(), one.start(), one.end()) for one in _WORD.finditer(spaced)), is_glued


def _forms_of(word: str) -> Collection[str]:
    """Give a word, and what is left of it without what clings to it: an article, a possessive."""
    bare = _CLINGING.sub("", word, count=1) if "\u0600" <= word[0] <= "\u06ff" else word
    if bare is word and "'" not in word:
        return (word,)
    before, apostrophe, behind = bare.partition("'")
    return {word, bare, before, behind} if apostrophe or bare != word else (word,)


def _fits(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


@dataclass(frozen=True, slots=True)
class Rule:
    """Meanings that stand within *span* letters of the first of them, each as bits of which one is enough.

    Those of *bids* have to be demands; nothing of *but* may stand in the text. *is_ordered*: the first comes first.
    """

    span: int
    slots: tuple[int, ...]
    bids: int
    but: int
    is_ordered: bool

    def holds(self, hits: Collection[Hit], doer: int) -> bool:
        """Say whether it does; a demand is also what *doer* is said to do."""
        first, *others = (self._fitting(slot, place, hits, doer) for place, slot in enumerate(self.slots))
        begin = 0 if self.is_ordered else -self.span
        return any(all(any(begin <= one - at <= self.span for one in rest) for rest in others) for at in first)

    def _fitting(self, slot: int, place: int, hits: Collection[Hit], doer: int) -> list[int]:
        is_bid = self.bids >> place & 1
        return [
            hit.at for hit in hits if hit.meaning & slot and (not is_bid or hit.is_bid or _is_done_by(doer, hit, hits))
        ]


def _is_done_by(doer: int, hit: Hit, hits: Collection[Hit]) -> bool:
    return any(other.meaning & doer and 0 < hit.at - other.at <= DOES_WITHIN for other in hits)


class Rules:
    """Rules over a table of words, written as ``(span, "MEANING|OTHER DEMAND! -BUT …")``."""

    def __init__(self, terms: Terms, rows: Iterable[tuple[int, str]], doer: str) -> None:
        """Read the *rows*; *doer* names who does what is a demand elsewhere."""
        self._terms = terms
        self._doer = terms.bits(doer)
        self._by_meaning: dict[int, list[Rule]] = defaultdict(list)
        for span, row in rows:
            rule = self._read(span, row.split())
            rarest = min(rule.slots, key=terms.count)
            for place in range(rarest.bit_length()):
                if rarest >> place & 1:
                    self._by_meaning[1 << place].append(rule)

    def _read(self, span: int, words: Sequence[str]) -> Rule:
        slots = [word.lstrip(">") for word in words if not word.startswith("-")]
        bids = sum(1 << place for place, slot in enumerate(slots) if slot.endswith("!"))
        but = sum(self._terms.bits(word[1:]) for word in words if word.startswith("-"))
        return Rule(
            span, tuple(self._terms.bits(slot.rstrip("!")) for slot in slots), bids, but, ">" in " ".join(words)
        )

    def hold(self, look: str, more: Sequence[Hit] = ()) -> bool:
        """Say whether one of them holds in a folded text, and in what *more* is known to stand there."""
        hits = (*self._terms.hits(look), *more)
        there = 0
        for hit in hits:
            there |= hit.meaning
        return any(
            meaning & there
            and any(
                not rule.but & there and all(slot & there for slot in rule.slots) and rule.holds(hits, self._doer)
                for rule in rules
            )
            for meaning, rules in self._by_meaning.items()
        )
