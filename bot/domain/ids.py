"""Ids by whose they are, and the short stable codes that stand for them in a prompt."""

from __future__ import annotations

from hashlib import blake2b
from typing import NewType

MessageId = NewType("MessageId", int)
ChannelId = NewType("ChannelId", int)
GuildId = NewType("GuildId", int)
UserId = NewType("UserId", int)
TurnId = NewType("TurnId", int)
PartId = NewType("PartId", int)

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no look-alikes: a model must copy these exactly
_CODE_LENGTH = 4  # 30**4 = 810,000 codes; a turn holds a few dozen messages at most


def short_code(kind: str, number: int) -> str:
    """Give the short code of an id, the same in every prompt.

    *kind* keeps people and messages apart (``"u"``, ``"m"``); it is the code's first letter.
    """
    digest = int.from_bytes(blake2b(f"{kind}{number}".encode(), digest_size=8).digest(), "big")
    letters = ""
    for _ in range(_CODE_LENGTH):
        digest, index = divmod(digest, len(_ALPHABET))
        letters += _ALPHABET[index]
    return kind + letters
