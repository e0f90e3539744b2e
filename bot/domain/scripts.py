"""What is known of scripts, not of languages: which have capitals, which run words together, what clings to a name."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

KATAKANA = "KATAKANA"
KANA = frozenset((KATAKANA, "HIRAGANA"))
CASED = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN"))
# Written without spaces between words: a name is looked for inside.
GLUED = frozenset(("CJK", "HIRAGANA", KATAKANA, "THAI", "LAO", "KHMER", "MYANMAR"))
DENSE = frozenset(("CJK", "HIRAGANA", KATAKANA, "HANGUL"))  # a sign holds a syllable or a word
# Particles and titles that are written onto a name; the vocative ones call.
VOCATIVE_ENDINGS = frozenset(("야", "아", "님아"))
TITLES = frozenset(("님", "씨"))
_PARTICLES = (
    "는|은|가|이|를|을|의|도|만|와|과|랑|이랑|하고|에게|한테|한테서|한테는|한테도"
    "|께|로|님은|님이|씨는|네|처럼|보다|까지|라고|라는"
)
HANGUL_ENDINGS = VOCATIVE_ENDINGS | TITLES | frozenset(_PARTICLES.split("|"))
# Conjunctions and prepositions of one letter that are written before a name.
PREFIXES = {"ARABIC": frozenset("وفلبك"), "HEBREW": frozenset("ולשבהמכ")}
_ACCENTS = 200  # combining classes from here on sit above or below a letter and can be left away
_VOWEL_POINTS = range(10, 36)  # Hebrew and Arabic vowel points
_SAME = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ё": "е", "ى": "ي", "ی": "ي", "ک": "ك"})


@lru_cache(maxsize=4096)
def script_of(text: str) -> str:
    """Name the script of the first letter of *text*, as Unicode names it; empty where there is none."""
    for char in text:
        if char == "ー":
            return KATAKANA
        if char.isalpha():
            return unicodedata.name(char, "").split(" ", 1)[0].split("-", 1)[0]
    return ""


def fold(text: str) -> str:
    """Give *text* as it is compared: no case, no accents, no invisible characters, one form of each letter."""
    if text.isascii():
        return text.lower()
    bare = "".join(map(_folded, unicodedata.normalize("NFKD", text.casefold())))
    return unicodedata.normalize("NFC", bare).translate(_SAME)


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    place = unicodedata.combining(char)
    if place >= _ACCENTS or place in _VOWEL_POINTS or unicodedata.category(char) == "Cf":
        return ""
    return char
