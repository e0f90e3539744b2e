"""Ids by whose they are, and the short stable codes that stand for them in a prompt."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import NewType

MessageId = NewType("MessageId", int)
ChannelId = NewType("ChannelId", int)
GuildId = NewType("GuildId", int)
UserId = NewType("UserId", int)
TurnId = NewType("TurnId", int)
PartId = NewType("PartId", int)
MemoryId = NewType("MemoryId", int)
SummaryId = NewType("SummaryId", int)
NoteId = NewType("NoteId", int)

_DIGITS = "23456789"
_ALPHABET = _DIGITS + "abcdefghjkmnpqrstvwxyz"  # no look-alikes: a model must copy these exactly
# A code ends with a digit, so that no word is one. Messages: 30**5 * 8 = 194 million, so that two of a prompt's 200
# lines share one in a prompt of 10,000; people: 30**4 * 8 = 6 million, and a prompt holds some ten of them.
_LETTERS = {"m": 5, "u": 4}
_CODES_KEPT = 8_192  # a prompt names the same lines and people over and over

MESSAGE_CODE = rf"m[{_ALPHABET}]{{{_LETTERS['m']}}}[{_DIGITS}]"
PERSON_CODE = rf"u[{_ALPHABET}]{{{_LETTERS['u']}}}[{_DIGITS}]"


@lru_cache(maxsize=_CODES_KEPT)
def short_code(kind: str, number: int) -> str:
    """Give the short code of an id, the same in every prompt.

    *kind* keeps people and messages apart (``"u"``, ``"m"``); it is the code's first letter.
    """
    digest = int.from_bytes(blake2b(f"{kind}{number}".encode(), digest_size=8).digest(), "big")
    letters = ""
    for _ in range(_LETTERS[kind]):
        digest, index = divmod(digest, len(_ALPHABET))
        letters += _ALPHABET[index]
    return kind + letters + _DIGITS[digest % len(_DIGITS)]
