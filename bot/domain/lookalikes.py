"""Names that pass for somebody else's: what two names look like to a reader, whatever letters they are made of.

Only for comparing. What is shown of a name is left to `bot.domain.quoting`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

NAMES_KEPT = 1_024

# Letters and digits that read as a Latin one, chosen from Unicode's table of confusables (UTS 39) and what people use
# in place of letters. One letter stands for all that look like it: "l" also for I, i, 1 and the bar.
_ALIKE = {
    "l": "iI1|!ıǀӏіΙιІӀїιїﺍا",
    "a": "@4аɑαΑАạ∂",
    "b": "8вВЬьβΒБ6",
    "c": "сСϲⲥ¢",
    "d": "ԁժ",
    "e": "3еЕєЄεΕёЭэ℮",
    "f": "ƒ",
    "g": "9ɡԍ",
    "h": "һНнΗհ",
    "j": "јЈϳ",
    "k": "кКκΚ",
    "m": "мМΜ",
    "n": "пПηոИиΝ",
    "o": "0оОοΟσө",
    "p": "рРρΡ",
    "r": "гГяЯⲅ",
    "s": "5$ѕЅꜱ",
    "t": "7тТτΤ+",
    "u": "υսц",
    "v": "ѵνѴ",
    "w": "шщωѡԝ",
    "x": "хХχΧ×",
    "y": "уУүγΥЎў",
    "z": "ΖʐƶЗз2",
}
_SKELETON = {ord(look): plain for plain, looks in _ALIKE.items() for look in looks}
# Letters of other scripts that are read aloud like these: a name written in them is the same name.
_SOUNDS = dict(
    zip(
        map(ord, "абвгдезийклмнопрстуфыэαβγδεικλμνοπρστυφηω"),
        "abvgdeziiklmnoprstufiiabgdeiklmnoprstufio",
        strict=True,
    )
)
# Who speaks in a prompt beside people: a person of that name must not be taken for them.
_ROLES = ("system", "assistant", "developer", "you", "user", "tool", "function", "now", "program")
_LEADING_ROLES = ("system", "assistant", "developer")  # "System Message" is none either


def skeleton(text: str) -> str:
    """Give what *text* looks like, as small Latin letters where it looks like such; only for comparing."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    looks = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_SKELETON)
    return looks.casefold().translate(_SKELETON).replace("rn", "m").replace("vv", "w")


@lru_cache(maxsize=NAMES_KEPT)
def passes_for_her(name: str, own_name: str) -> bool:
    """Say whether a display name may be read as hers: it is, holds or looks like *own_name*."""
    hers = _joined(own_name)
    if not hers:
        return False
    spoken = unicodedata.normalize("NFKC", name).casefold().translate(_SOUNDS)
    looks = (name, spoken, _letters(name), _letters(spoken))
    return any(hers in {_joined(one), _joined(one.rstrip("0123456789 ")), *_words(one)} for one in looks)


@lru_cache(maxsize=NAMES_KEPT)
def passes_for_role(name: str) -> bool:
    """Say whether a display name may be read as one of a prompt's own voices, such as "system"."""
    for look in (name, _letters(name)):
        words = _words(look)
        if words and (_joined(look) in _ROLE_SKELETONS or words[0] in _LEADING_SKELETONS):
            return True
    return False


def _letters(name: str) -> str:
    """Leave out what only decorates: a mark may stand for a letter, or be one mark too many."""
    return "".join(letter if letter.isalnum() else " " for letter in name)


def _words(name: str) -> list[str]:
    spaced = "".join(letter if letter.isalnum() else " " for letter in skeleton(name))
    return spaced.split()


def _joined(name: str) -> str:
    return "".join(_words(name))


_ROLE_SKELETONS = frozenset(_joined(role) for role in _ROLES)
_LEADING_SKELETONS = frozenset(_joined(role) for role in _LEADING_ROLES)
