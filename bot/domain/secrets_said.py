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

from bot.domain.disguises import bare, hidden_texts_of, looks_of
from bot.domain.scripts import fold
from bot.domain.secret_shapes import FEW_STOP_WORDS, KEY_SHAPES, PHRASE_WORD, SEED_STOP_WORDS, TOLD_PASSWORD
from bot.domain.secret_terms import CODE, LONG, NUMBER, RULES, SPELLED, TERMS
from bot.domain.terms import Hit

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
_DIGITS = re.compile(r"(?<![\d.,:/-])\d(?:[ .\-–_]{0,2}\d){2,20}(?![\d:]|[.,]\d| ?(?:%|€|\$|km|kg|g|m|euro|dollar))")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BLOCK = re.compile(r"(?<![\w@./])[^\s:/,;()\"“”«»「」@]{6,}")
_SIGN_INSIDE = re.compile(r"[^\W\d_][!#$%&^*+=~_]+[^\W\d_]")
_NUMBERS = (  # of people, as states write them
    r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])|(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<!\d)\d{6}-[1-4]\d{6}(?!\d)"
    r"|(?<![\d-])\d{3}-\d{3}-\d{3} \d{2}(?!\d)|(?<!\w)\d{17}[\dX](?!\w)"
)
_PERSON_NUMBER = re.compile(_NUMBERS)
LONG_LEAST = 6  # digits of a number by which somebody is known
CARD_LEAST = 12
_CARDS = (  # how numbers of cards begin, and how many digits they have
    ("4", (13, 16, 19)),
    *((str(begin), (16,)) for begin in (*range(51, 56), *range(222, 273))),
    *((begin, (15,)) for begin in ("34", "37")),
    *((begin, (14, 16)) for begin in ("30", "36", "38", "39")),
    *((begin, tuple(range(12, 20))) for begin in ("50", "56", "57", "58", "6")),
    ("35", (16,)),
)
_IBAN_LENGTHS = {
    length: frozenset(countries.split())
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI NL",
        20: "AT EE LT LU",
        21: "CH HR LV LI",
        22: "BG DE GB IE ME RS",
        23: "AE GI IL",
        24: "AD CZ ES MD RO SA SE SK TN",
        25: "PT",
        26: "IS TR",
        27: "FR GR IT MC SM",
        28: "AL AZ CY DO HU LB PL",
        29: "BR EG QA UA",
        30: "JO KW MU",
    }.items()
}
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![0-9A-Za-z.,])\+?\(?\d(?:[ ()/.\-]{0,2}\d){6,14}(?![0-9A-Za-z])")
_PHONE_WORD = re.compile(
    r"\b(?:(?:tele)?phone|mobile|cell|whatsapp|handy\w*|telefon\w*|telefoon\w*|tel|movil|celular|portable|cellulare"
    r"|numero|call|text|reach\w*|номер\w*|телефон\w*)\b|電話|电话|携帯|전화|هاتف|फोन|फ़ोन"
)
_RUN = re.compile(r"\S{10}|-----")  # no key is shorter
_IS_SAID = frozenset(("is", "ist", "es", "est", "e", "to", "war", "was"))
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
    for shape in (TOLD_PASSWORD, _CARD_RUN, _PERSON_NUMBER, _IBAN, _HEX_KEY):
        kept = shape.sub(MASK, kept)
    kept = _TOKEN.sub(lambda found: MASK if _is_random(found.group()) else found.group(), kept)
    if _is_told(kept):
        for shape in (_DIGITS, SPELLED):
            kept = shape.sub(MASK, kept)
        kept = _BLOCK.sub(lambda found: MASK if _is_mixed(found) else found.group(), kept)
    return MASK if holds_secret(kept) else kept


def _has_secret(text: str) -> bool:
    plain = _width(text)
    unlinked = _LINK.sub(" ", plain)
    return (
        (_RUN.search(plain) is not None and any(shape.search(plain) for shape in KEY_SHAPES))
        or any(_is_random(found.group()) for found in _TOKEN.finditer(unlinked))
        or _HEX_KEY.search(unlinked) is not None
        or _holds_card(unlinked)
        or _PERSON_NUMBER.search(unlinked) is not None
        or any(_is_iban(found.group()) for found in _IBAN.finditer(plain))
        or TOLD_PASSWORD.search(plain) is not None
        or TOLD_PASSWORD.search(bare(plain)) is not None
        or _is_told(unlinked)
        or _holds_seed(plain)
    )


def _checks(account: str) -> bool:
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


def _is_told(plain: str) -> bool:
    """Say whether a number or a code stands beside a word for what only its owner knows."""
    shapes = tuple(_shapes(plain))
    return any(RULES.hold(look, shapes) for look in looks_of(plain))


def _shapes(plain: str) -> Iterator[Hit]:
    """Give the numbers and codes in a text, as terms are given."""
    for found in _DIGITS.finditer(plain):
        digits = _digits(found.group())
        if not _is_dated_number(plain, found, digits):
            yield Hit(TERMS.bits(NUMBER), found.start(), is_bid=False)
        if len(digits) >= LONG_LEAST:
            yield Hit(TERMS.bits(LONG), found.start(), is_bid=False)
    folded = fold(plain)
    for found in SPELLED.finditer(folded):
        yield Hit(TERMS.bits(f"{NUMBER}|{LONG}"), found.start(), is_bid=False)
    for found in filter(_is_mixed, _BLOCK.finditer(plain)):
        yield Hit(TERMS.bits(CODE), found.start(), is_bid=False)


def _is_mixed(found: re.Match[str]) -> bool:
    """Say whether a run of signs has letters, and digits or signs among them."""
    block = found.group()
    if not any(map(str.isalpha, block)):
        return False
    return any(map(str.isdigit, block)) or _SIGN_INSIDE.search(block) is not None


def _is_dated_number(plain: str, found: re.Match[str], digits: str) -> bool:
    """Say whether a number is a year, as it stands behind a word like "in"."""
    before = plain[: found.start()].rstrip().rpartition(" ")[2]
    return _YEAR.fullmatch(digits) is not None and len(before) <= 5 and before.isalpha() and before not in _IS_SAID


def _width(text: str) -> str:
    """Give *text* with digits and letters of every width as plain ones, and without what cannot be seen."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(_plain_digit(char) for char in plain if unicodedata.category(char) != "Cf")


def _plain_digit(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


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


def _holds_card(text: str) -> bool:
    runs = (_CARD_RUN, _CARD_APART)
    return any(_is_card(_digits(found.group())) for run in runs for found in run.finditer(text))


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
        if part[:2] in _IBAN_LENGTHS.get(end, ()) or (end <= 34 and _checks(part)):
            return True
    return False


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
