"""Secrets in a text: keys, tokens, cards, accounts, passwords; pure. What holds one is neither remembered nor recalled.

Patterns only restrict. They look for shapes, and for the words beside which people write a password down.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log2

from bot.domain.disguises import bare, hidden_texts_of
from bot.domain.secret_shapes import (
    CARD_WORD,
    FEW_STOP_WORDS,
    KEY_SHAPES,
    PASSWORD_NEAR,
    PHRASE_WORD,
    PIN_NEAR,
    SEED_STOP_WORDS,
    TOLD_PASSWORD,
)

TEXTS_KEPT = 2_048
MASK = "…"

# Tokens: long runs of letters and digits without order. Measured on the innocent corpus in tests/data: links, names of
# files, codes of colours and long words stay under it.
TOKEN_LEAST = 20  # characters
TOKEN_BITS = 3.6  # of entropy a character
CASES_LEAST = 4  # changes between letters and digits, or capitals and small letters
READABLE_LEAST = 0.5  # share of a name like xX_DarkSlayer2009_Xx that is words
_READABLE = re.compile(r"[A-Z]?[a-z]{3,}")
_TOKEN = re.compile(r"(?<![\w/.@#-])[A-Za-z0-9+/_=.~-]{20,}(?![\w/])")
_LINK = re.compile(r"\b(?:https?|ftp)://\S+|<(?:a?:\w+:|[@#][!&]?|t:|/)[^>\s]*>", re.IGNORECASE)
_HEX_KEY = re.compile(r"\b(?:0x)?[0-9a-fA-F]{32,}\b")

_CARD_RUN = re.compile(r"(?<![\d.,])\d(?:[ \-./_·–—\n\t]{0,3}\d){12,18}(?![\d])")
_CARD_APART = re.compile(r"\d{3,6}(?:\D{1,16}\d{3,6}){2,5}")
_CARDS = (  # how numbers of cards begin, and how many digits they have
    ("4", (13, 16, 19)),
    *((str(begin), (16,)) for begin in (*range(51, 56), *range(222, 273))),
    *((begin, (15,)) for begin in ("34", "37")),
    *((begin, (14, 16)) for begin in ("30", "36", "38", "39")),
    *((begin, tuple(range(12, 20))) for begin in ("50", "56", "57", "58", "6")),
    ("35", (16,)),
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![0-9A-Za-z.,])\+?\(?\d(?:[ ()/.\-]{0,2}\d){6,14}(?![0-9A-Za-z])")
_PHONE_WORD = re.compile(
    r"\b(?:(?:tele)?phone|mobile|cell|whatsapp|handy\w*|telefon\w*|telefoon\w*|tel|movil|celular|portable|cellulare"
    r"|numero|call|text|reach\w*|номер\w*|телефон\w*)\b|電話|电话|携帯|전화|هاتف|फोन|फ़ोन"
)
_SEED_LENGTHS = (12, 15, 18, 21, 24)
SEED_NAMED_LEAST = 6  # words of a phrase beside a word for it
SEED_APART = 0.75  # share of its words that stand there once
_BETWEEN_WORDS = re.compile(r"[\s,.;:/|\-]+(?:\d{1,2}[.)]\s*)?|\b\d{1,2}[.)]\s*")
_SEED_WORD = re.compile(r"[a-z]{3,8}")


@lru_cache(maxsize=TEXTS_KEPT)
def holds_secret(text: str) -> bool:
    """Say whether *text* holds a secret, in whatever disguise."""
    return any(_has_secret(look) for look in (text, *hidden_texts_of(text)))


def names_phone(text: str) -> bool:
    """Say whether *text* tells a whole telephone number."""
    plain = _width(text)
    return _PHONE.search(plain) is not None and _PHONE_WORD.search(bare(plain)) is not None


def without_secrets(text: str) -> str:
    """Give *text* with what looks like a secret put out of sight; where that cannot be told apart, all of it."""
    if not holds_secret(text):
        return text
    kept = _width(text)
    for shape in KEY_SHAPES:
        kept = shape.sub(MASK, kept)
    for shape in (TOLD_PASSWORD, PASSWORD_NEAR, PIN_NEAR, _CARD_RUN, _IBAN, _HEX_KEY):
        kept = shape.sub(MASK, kept)
    kept = _TOKEN.sub(lambda found: MASK if _is_random(found.group()) else found.group(), kept)
    return MASK if holds_secret(kept) else kept


def _has_secret(text: str) -> bool:
    plain = _width(text)
    return (
        any(shape.search(plain) for shape in KEY_SHAPES)
        or any(_is_random(token) for token in _tokens(plain))
        or _HEX_KEY.search(_LINK.sub(" ", plain)) is not None
        or _holds_card(plain)
        or any(_is_iban(found.group()) for found in _IBAN.finditer(plain))
        or _tells_password(plain)
        or PASSWORD_NEAR.search(_LINK.sub(" ", plain)) is not None
        or _holds_seed(plain)
    )


def _width(text: str) -> str:
    """Give *text* with digits and letters of every width as plain ones, and without what cannot be seen."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(_plain_digit(char) for char in plain if unicodedata.category(char) != "Cf")


def _plain_digit(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def _tokens(plain: str) -> Iterator[str]:
    for found in _TOKEN.finditer(_LINK.sub(" ", plain)):
        yield found.group()


def _is_random(token: str) -> bool:
    """Say whether a run of characters has no order: capitals, small letters and digits change without reason."""
    core = token.strip("=._-~/+")
    if len(core) < TOKEN_LEAST or not any(char.isdigit() for char in core):
        return False
    kinds = [_kind(char) for char in core]
    changes = sum(1 for one, other in pairwise(kinds) if one != other)
    if _is_dated(core) or sum(map(len, _READABLE.findall(core))) >= READABLE_LEAST * len(core):
        return False
    return changes >= CASES_LEAST + len(core) // 16 and _entropy(core) >= TOKEN_BITS


def _kind(char: str) -> str:
    return "digit" if char.isdigit() else "capital" if char.isupper() else "small" if char.isalpha() else "sign"


def _entropy(text: str) -> float:
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


def _is_dated(core: str) -> bool:
    """Say whether it is a name made of words and dates: IMG_20240301-120000.jpg, some-long-slug-2024-edition."""
    parts = re.split(r"[^A-Za-z0-9]+", core)
    return len(parts) > 1 and all(part.isdigit() or not any(map(str.isdigit, part)) for part in parts)


def _holds_card(plain: str) -> bool:
    text = _LINK.sub(" ", plain)
    if any(_is_card(_digits(found.group())) for found in _CARD_RUN.finditer(text)):
        return True
    if CARD_WORD.search(bare(text)) is None:
        return False
    return any(_is_card(_digits(found.group())) for found in _CARD_APART.finditer(text))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _is_card(digits: str) -> bool:
    """Say whether *digits* are those of a payment card: first digit, length, and the check digit after Luhn."""
    if (
        not any(digits.startswith(begin) and len(digits) in lengths for begin, lengths in _CARDS)
        or len(set(digits)) == 1
    ):
        return False
    doubled = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return doubled % 10 == 0


def _is_iban(text: str) -> bool:
    account = re.sub(r"[\s-]", "", text).upper()
    for end in range(len(account), 14, -1):  # a word may follow
        part = account[:end]
        if end <= 34 and int("".join(str(int(char, 36)) for char in part[4:] + part[:4])) % 97 == 1:
            return True
    return False


def _tells_password(plain: str) -> bool:
    return TOLD_PASSWORD.search(plain) is not None or PIN_NEAR.search(plain) is not None


def _holds_seed(plain: str) -> bool:
    """Say whether a wallet's recovery phrase stands there: twelve words or more that make no sentence."""
    is_named = PHRASE_WORD.search(plain) is not None
    run: list[str] = []
    for word in (*_BETWEEN_WORDS.split(plain.lower()), ""):
        if word.isdigit():
            continue
        if _SEED_WORD.fullmatch(word) and word not in (FEW_STOP_WORDS if is_named else SEED_STOP_WORDS):
            run.append(word)
        elif word or run:
            if _is_seed(run, is_named=is_named):
                return True
            run = []
    return False


def _is_seed(run: Sequence[str], *, is_named: bool) -> bool:
    """Say whether words in a row are a recovery phrase: of one of its lengths, and hardly one of them twice."""
    if is_named:
        return len(run) >= SEED_NAMED_LEAST
    return len(run) in _SEED_LENGTHS and len(set(run)) >= SEED_APART * len(run)
