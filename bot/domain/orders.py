"""Orders to her, as told from what a memory may be: something about the person whose it is; pure.

A boundary or a preference says how one person wants to be treated in talk with them: called by a name, in their
language, without emojis, not on a topic. That may be kept. An order says what she is, whom she obeys, what she gives
away, what rules bind her, what form everything she says must have, or what holds for others: that never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.domain.disguises import closed_up, hidden_looks_of, looks_of
from bot.domain.memory import MemoryKind
from bot.domain.order_deeds import DEEDS, ORDERS
from bot.domain.order_marks import CLOSED_UP, MARKUP
from bot.domain.order_signs import BIDDEN, BIDS_LASTING, FROM_NOW_ON, HER_ELSEWHERE, TO_ME
from bot.domain.order_terms import LEADS, THINGS
from bot.domain.order_words import compiled
from bot.domain.scripts import fold
from bot.domain.terms import Rules, Terms

TEXTS_KEPT = 2_048
HIDDEN_MORE = 2  # times as many known words as in the text itself stand in what a code hides
_TERMS = Terms(THINGS | DEEDS, LEADS)
_WISHED = _TERMS.bits("WISH")
_ORDERS = Rules(_TERMS, ORDERS, "MIRA|YOU")
_FROM_NOW_ON, _BIDDEN, _TO_ME = compiled(*FROM_NOW_ON), compiled(*BIDDEN), compiled(*TO_ME)
_HER_ELSEWHERE = compiled(*HER_ELSEWHERE)
# Kinds that say how somebody wants to be treated, or what they want to do: those may be in the words of an order.
_WISHES = frozenset({MemoryKind.BOUNDARY})
_PLANS = frozenset({MemoryKind.GOAL, MemoryKind.DECISION, MemoryKind.PROMISE})
_YOU_BY_LANGUAGE = (
    "you your youre u ur du dein deine dich dir tu tus ton ta tes vous votre usted vos te ti voce seu sua jij jouw",
    "ty twoj ты твои твоя твое тебя вы ти sen senin siz kamu kau anda ban",
)
_YOU = frozenset(word for row in _YOU_BY_LANGUAGE for word in row.split())
_GLUED_YOU = ("你", "妳", "您", "あなた", "お前", "きみ", "너", "당신", "انت", "तुम", "आप")


def is_wish(text: str) -> bool:
    """Say whether *text* may ask her for something: it says that she should, may or must not."""
    return any(hit.meaning & _WISHED for look in looks_of(text) for hit in _TERMS.hits(look))


@lru_cache(maxsize=TEXTS_KEPT)
def is_order(text: str) -> bool:
    """Say whether *text* orders her about, in whatever disguise: what no preference may be."""
    if is_for_machines(text) or CLOSED_UP.search(closed_up(text)) is not None:
        return True
    looks = looks_of(text)
    known = len(_TERMS.hits(looks[0]))
    hidden = (look for look in hidden_looks_of(text) if len(_TERMS.hits(look)) > HIDDEN_MORE * known)
    return any(map(_ORDERS.hold, looks)) or any(map(_ORDERS.hold, hidden)) or any(map(MARKUP.search, looks))


def is_for_machines(text: str) -> bool:
    """Say whether *text* has marks that are written for a machine: role tags, prompts, objects."""
    return MARKUP.search(text) is not None


@lru_cache(maxsize=TEXTS_KEPT)
def is_bidding(text: str, *, is_lasting: bool = False) -> bool:
    """Say whether *text* bids her do something that is not for who says so alone.

    With *is_lasting* only what is to hold from now on counts.
    """
    for look in looks_of(text):
        is_bid = (_FROM_NOW_ON.search(look) and _is_turned_to_her(look)) or (not is_lasting and _BIDDEN.search(look))
        if is_bid and _TO_ME.search(look) is None:
            return True
    return False


def _is_turned_to_her(look: str) -> bool:
    words = re.findall(r"[^\W\d_]+", look)
    return (
        not _YOU.isdisjoint(words) or any(you in look for you in _GLUED_FOLDED) or BIDS_LASTING.search(look) is not None
    )


def may_be_wish(kind: MemoryKind) -> bool:
    """Say whether a memory of *kind* says how somebody wants to be treated."""
    return kind in _WISHES


def may_be_bidding(kind: MemoryKind) -> bool:
    """Say whether a memory of *kind* may be in the words of an order: a wish, or something to be done by oneself."""
    return kind in _WISHES or kind in _PLANS


def is_about_her(text: str, names: Iterable[str]) -> bool:
    """Say whether *text* begins with her: its first word is one of her *names*, or "you"."""
    plain = fold(text).lstrip(" \t\n\"'“”«»*_>-")
    words = plain.split(maxsplit=1)
    first = words[0].strip(".,:;!?\"'*_“”»") if words else ""
    if first in _YOU or plain.startswith(_GLUED_FOLDED):
        return True
    kept = tuple(fold(name).strip() for name in names)
    return any(_begins_with(plain, name) for name in kept) or (_HER in kept and _HER_ELSEWHERE.match(plain) is not None)


_HER = "mira"
_GLUED_FOLDED = tuple(fold(one) for one in _GLUED_YOU)


def _begins_with(plain: str, name: str) -> bool:
    """Say whether a sentence begins with a name: not one of which hers is but the beginning."""
    if not name or not plain.startswith(name):
        return False
    after = plain[len(name) : len(name) + 1]
    return not after.isalpha() or not after.isascii()
