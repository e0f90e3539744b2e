"""The notation in which turns of phrase are written down, and how one becomes a pattern with words to look for first.

``(a|b c)`` is one of several, an empty one leaves it out; ``word*`` any word that begins so; ``~`` up to three words,
``~6`` up to six; ``^`` where a sentence begins. In writing without blanks a phrase is given without them, and ``~6``
stands for up to six letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 3
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼ") | {"ё": "е"})
_PARTS = re.compile(r"[()|^]|~\d*|[^\s()|~^]+")
_BEGINS = r"(?:\A|[。.!?~…、,])"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A turn of phrase: it is looked for only where one of its *anchors* is in the text."""

    pattern: re.Pattern[str]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Gap:
    most: int


_Element = str | _Gap | tuple["_Sequence", ...]
_Sequence = tuple[_Element, ...]


def folded(text: str) -> str:
    """Fold what is written in several ways: small letters, no apostrophes, one width."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)


def read_phrase(line: str, *, has_blanks: bool = True) -> Phrase:
    """Read one phrase.

    Raises:
        ValueError: a bracket is not closed, or nothing in it has to be there.
    """
    parts = _PARTS.findall(folded(line))
    (sequence,), rest = _read(parts)
    if rest:
        raise ValueError(f"a bracket too many in {line!r}")
    anchors = _anchors(sequence, has_blanks=has_blanks)
    if not anchors:
        raise ValueError(f"nothing in {line!r} has to be there")
    body = _pattern(sequence, has_blanks=has_blanks)
    return Phrase(re.compile(f" {body}" if has_blanks else body), anchors)


def _read(parts: Sequence[str], *, is_within: bool = False) -> tuple[tuple[_Sequence, ...], Sequence[str]]:
    """Read up to the end of a bracket; gives what stands between its bars, and the rest."""
    options: list[list[_Element]] = [[]]
    while parts:
        part, parts = parts[0], parts[1:]
        if part == "(":
            group, parts = _read(parts, is_within=True)
            options[-1].append(group)
        elif part == ")":
            if not is_within:
                return _frozen(options), [part, *parts]
            return _frozen(options), parts
        elif part == "|" and is_within:
            options.append([])
        elif part.startswith("~"):
            options[-1].append(_Gap(int(part[1:] or GAP)))
        else:
            options[-1].append(part)
    if is_within:
        raise ValueError("a bracket is not closed")
    return _frozen(options), []


def _frozen(options: Sequence[Sequence[_Element]]) -> tuple[_Sequence, ...]:
    return tuple(map(tuple, options))


def _pattern(sequence: _Sequence, *, has_blanks: bool) -> str:
    return "".join(_piece(element, has_blanks=has_blanks) for element in sequence)


def _piece(element: _Element, *, has_blanks: bool) -> str:
    if isinstance(element, tuple):
        options = "|".join(_pattern(option, has_blanks=has_blanks) for option in element)
        return f"(?:{options})"
    if isinstance(element, _Gap):
        return f"(?:[^ ^.!?]+ ){{0,{element.most}}}?" if has_blanks else f"[^。.!?]{{0,{element.most}}}?"
    if not has_blanks:
        return _BEGINS if element == "^" else re.escape(element)
    stem = element.removesuffix("*")
    return re.escape(stem) + ("[^ ]* " if element.endswith("*") and stem else " ")


def _anchors(sequence: _Sequence, *, has_blanks: bool) -> tuple[str, ...]:
    """Give the words of which one has to be there, the longest such choice; empty where nothing has to."""
    found = [*_runs(sequence, has_blanks=has_blanks)]
    for element in sequence:
        if isinstance(element, tuple):
            options = [_anchors(option, has_blanks=has_blanks) for option in element]
            if all(options):
                found.append(tuple(anchor for option in options for anchor in option))
    return max(found, key=lambda anchors: min(map(len, anchors)), default=())


def _runs(sequence: _Sequence, *, has_blanks: bool) -> Iterator[tuple[str, ...]]:
    """Give each run of words that has to be there as it is."""
    run = ""
    for element in (*sequence, _Gap(0)):
        if isinstance(element, str) and not (element == "^" and not has_blanks):
            run += element.removesuffix("*") + (" " if has_blanks and not element.endswith("*") else "")
            if not element.endswith("*") or not has_blanks:
                continue
        if run.strip(" ^.!?:"):
            yield (f" {run}" if has_blanks else run,)
        run = ""
