"""How much two lines say the same in the same words; pure, of any language.

People notice a turn of phrase that comes back. Short lines ("mhm", "good night") may come back as often as they like.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LETTERS_LEAST = 16  # a line of fewer letters is never a repeat
GRAM = 4  # letters in a row that are compared
# Measured on the pairs in tests/domain/test_echo.py: repeats with a word or two changed begin at .68, other lines of
# the same voice on the same topic end at .33.
NEAR = 0.6
LINES_KEPT = 512  # her newest lines are compared with each paragraph she says


def is_repeat(text: str, said: Iterable[str]) -> bool:
    """Say whether *text* nearly repeats one of the lines she *said*."""
    grams = _grams(text)
    return bool(grams) and any(_likeness(grams, _grams(line)) >= NEAR for line in said)


def likeness(one: str, other: str) -> float:
    """Give how alike two lines are, in [0, 1]: the share of the letters in a row that both have."""
    return _likeness(_grams(one), _grams(other))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


@lru_cache(maxsize=LINES_KEPT)
def _grams(text: str) -> frozenset[str]:
    """Give the runs of letters in *text*; none where it is too short to count."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if letter.isalnum())
    if sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in letters) < LETTERS_LEAST:
        return frozenset()
    return frozenset(letters[at : at + GRAM] for at in range(len(letters) - GRAM + 1))
