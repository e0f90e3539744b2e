"""Which rating a character card may have, and which card nobody may have; pure.

Adult unless its maker marked it as safe for work, or the operator chose. Words can only raise what a maker says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.card_bounds import is_marked_minor, is_of_a_minor, is_plainly_explicit, mixes_minors_in
from bot.domain.card_report import CardError, Fate, Report
from bot.domain.card_text import sentences, visible
from bot.domain.character_card import TEXT_FIELDS, CharacterCard
from bot.domain.persona import Rating

SCANNED_MOST = 400_000  # characters of all texts of a card; what comes after them is never used
_SAFE_TAGS = frozenset({"sfw", "safe for work"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a card stands: its *rating*, and whether the operator chose it.

    *is_chaste* keeps explicit sentences out; *is_of_minor* that somebody in it is under age.
    """

    rating: Rating
    is_chosen: bool = False
    is_of_minor: bool = False

    @property
    def is_chaste(self) -> bool:
        """Say whether nothing explicit may stay."""
        return self.rating is not Rating.ADULT or self.is_of_minor


def standing_of(card: CharacterCard, wished: Rating | None, report: Report) -> Standing:
    """Work out the rating of *card*; *wished* is the operator's.

    Raises:
        CardError: it makes something sexual of minors, or is of one and wished for as adult.
    """
    is_explicit, minor_at = _scan(card)
    if is_explicit and (minor_at or is_marked_minor((*card.lists["tags"], *_texts(card)))):
        raise CardError(f"{minor_at or 'tags'}: somebody under age in a card with sexual content; it is not taken")
    if minor_at and wished is Rating.ADULT:
        raise CardError(f"{minor_at}: somebody in the card is under age; it cannot be rated adult")
    if wished is not None:
        report.add("rating", Fate.TAKEN, f"{wished}, as chosen")
        return Standing(wished, is_chosen=True, is_of_minor=bool(minor_at))
    if minor_at:
        report.add("rating", Fate.CHANGED, f"{Rating.TEEN}: {minor_at} gives an age under eighteen; see --rating")
        return Standing(Rating.TEEN, is_of_minor=True)
    tags = {tag.strip().casefold() for tag in card.lists["tags"]}
    if tags & _SAFE_TAGS and not is_explicit:
        report.add("rating", Fate.TAKEN, f"{Rating.EVERYONE}, as its maker tagged it")
        return Standing(Rating.EVERYONE)
    why = "words in it are explicit" if is_explicit else "nothing in the card says otherwise; see --rating"
    report.add("rating", Fate.CHANGED, f"{Rating.ADULT}: {why}")
    return Standing(Rating.ADULT)


def _scan(card: CharacterCard) -> tuple[bool, str]:
    """Say whether anything in the card is explicit, and where somebody is under age; empty where nobody is."""
    is_explicit, minor_at = any(is_plainly_explicit(tag) for tag in card.lists["tags"]), ""
    left = SCANNED_MOST
    for place, text in _placed(card):
        pieces = list(sentences(visible(text[: max(left, 0)])))
        left -= len(text)
        if mixes_minors_in(pieces):
            raise CardError(f"{place}: makes something sexual of minors; the card is not taken")
        minor_at = minor_at or (place if is_of_a_minor(pieces) else "")
        is_explicit = is_explicit or any(map(is_plainly_explicit, pieces))
    return is_explicit, minor_at


def _placed(card: CharacterCard) -> Iterator[tuple[str, str]]:
    yield from ((field, card.texts[field]) for field in TEXT_FIELDS)
    for field in ("alternate_greetings", "group_only_greetings"):
        yield from ((field, text) for text in card.lists[field])
    yield from ((entry.place, entry.content) for entry in card.lore)


def _texts(card: CharacterCard) -> Iterator[str]:
    return (text[:SCANNED_MOST] for _, text in _placed(card))
