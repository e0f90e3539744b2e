"""What is kept of a line in a room she listens to: who, when, to whom, and of what kind; no words.

Words are kept as short numbers that cannot be read back, only to see that one line takes up those of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zlib import crc32

from bot.domain.ids import MessageId, UserId
from bot.domain.message import Message, Speaker
from bot.domain.names import (
    MENTION,
    NEVER_READ,
    READ_MOST,
    SHORT_NAME,
    Found,
    Names,
    NameUse,
    Place,
    is_question,
    squeezed,
)
from bot.domain.scripts import CASED, DENSE, fold, script_of
from bot.domain.tongues import Likeness

TOKENS_MOST = 24
TOKEN_LETTERS = 4  # shorter words are in every line
STEM_LETTERS = 6  # of a word, so that its endings do not matter
DENSE_LETTERS = 3  # letters that a sign of a dense script counts for
UNLIKE = Likeness(0, ())
# One word, then a comma: maybe somebody is called whose name is not known.
SET_OFF = re.compile(r"\s*[^\W\d_]+\s?[,\u060c\u3001\uff0c:\uff1a]\s*\w")
WORD = re.compile(r"[^\W\d_]+")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(slots=True, eq=False)
class Line:
    """One line as it is remembered.

    *to* is whom it is addressed to, as far as the line itself shows; *to_her* whether it was taken to be for her.
    *asker* is, for a line of hers, whom it answers. *ordinary* are forms of her name that it uses as common words.
    """

    message_id: MessageId
    author: UserId
    speaker: Speaker
    at: datetime
    to: frozenset[UserId]
    is_question: bool
    tokens: frozenset[int]
    ordinary: str = ""
    letters: int = 0
    spoken_of: frozenset[UserId] = frozenset()  # whom it names in whatever place
    names_her: bool = False
    likeness: Likeness = UNLIKE  # to the languages in which her name is a word
    is_sure: bool = False  # of a line of hers: somebody had spoken to her
    to_her: bool = False
    asker: UserId | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a text shows by itself."""

    is_question: bool
    letters: int
    tokens: frozenset[int]
    has_words: bool
    is_pointing: bool
    is_set_off: bool


def told_by(message: Message) -> Told:
    """Read the form of a message."""
    text = message.content[:READ_MOST]
    plain = ADDRESS.sub(" ", MENTION.sub(" ", NEVER_READ.sub("\n", text)))
    words = WORD.findall(fold(plain))
    letters = sum(len(set(word)) * (DENSE_LETTERS if script_of(word) in DENSE else 1) for word in words)
    has_more = bool(message.attachments or message.forwards) or ADDRESS.search(text) is not None
    return Told(
        is_question(plain),
        letters,
        _tokens(words),
        bool(words),
        has_more and not words,
        SET_OFF.match(plain) is not None,
    )


def _tokens(words: Iterable[str]) -> frozenset[int]:
    found: list[int] = []
    for word in words:
        if script_of(word) in DENSE:
            found += [_number(word[at : at + 2]) for at in range(len(word) - 1)]
        elif len(word) >= TOKEN_LETTERS:
            found.append(_number(word[:STEM_LETTERS]))
    return frozenset(found[:TOKENS_MOST])


def _number(stem: str) -> int:
    return crc32(stem.encode()) & 0xFFFF


def overlap(tokens: frozenset[int], others: frozenset[int]) -> float:
    """Give how much of the shorter of two lines comes in the other, in [0, 1]."""
    if not tokens or not others:
        return 0.0
    return len(tokens & others) / min(len(tokens), len(others))


@lru_cache(maxsize=2048)
def names_of(display_name: str) -> Names:
    """Give what a person may be called by, out of a display name: all of it, each word, and the beginnings of words."""
    bare = "".join(char if unicodedata.category(char)[0] in "LM" else " " for char in display_name)
    parts = bare.split()
    words = [word for word in parts if len(word) > 1 and not (len(parts) > 1 and _is_particle(word))]
    short = [word[:end] for word in words if script_of(word) in CASED for end in range(SHORT_NAME, len(word))]
    return Names("".join(bare.split()) or display_name, [*words, *short])


def _is_particle(word: str) -> bool:
    """Say whether a part of a display name is too small to be called by."""
    return len(word) <= SHORT_NAME and word == word.lower() and script_of(word) in CASED


@lru_cache(maxsize=2048)
def parts_of(display_name: str) -> frozenset[str]:
    """Give the words of a display name as they are compared."""
    return frozenset(squeezed(fold(word)) for word in WORD.findall(display_name))


def is_called(found: Found) -> bool:
    """Say whether somebody is called by the name that was found."""
    return found.use is NameUse.CALLED


def common_form(found: Found) -> str:
    """Give the form of her name that a line uses where a common word may stand as well, if it does."""
    if found.is_weak:
        return found.form if found.place < Place.AT else ""
    return found.form if found.place is Place.OPENS or found.is_quoted else ""
