"""Say of the fields that make no companion what becomes of them: kept in the card's own copy, and never in a prompt."""

from __future__ import annotations

from bot.domain.card_own import EXTENSION
from bot.domain.card_report import Fate, Report, shown
from bot.domain.character_card import Asset, CharacterCard

NAMED_MOST = 20  # extensions and assets that are named one by one
_FOR_PEOPLE = ("creator_notes", "creator")
_LISTS = {
    "group_only_greetings": "greetings for groups",
    "tags": "for sorting, never for prompts",
    "source": "where the card is from",
}


def note_rest(card: CharacterCard, report: Report) -> None:
    """Note every field that is kept for export alone."""
    for field in _FOR_PEOPLE:
        if card.texts[field]:
            report.add(field, Fate.KEPT, "for people, never for prompts")
    for field, why in _LISTS.items():
        if card.lists[field]:
            report.add(field, Fate.KEPT, why)
    for key in [key for key in card.extensions if key != EXTENSION][:NAMED_MOST]:
        report.add(f"extensions.{shown(key)}", Fate.KEPT, "belongs to another program")
    for asset in card.assets[:NAMED_MOST]:
        _note_asset(asset, report)


def main_icon(card: CharacterCard) -> Asset | None:
    """Give the picture that stands for the character, if the card names another than the file it came in."""
    icons = [asset for asset in card.assets if asset.kind == "icon"]
    main = next((icon for icon in icons if icon.name == "main"), icons[0] if icons else None)
    return None if main is None or main.uri.startswith("ccdefault:") else main


def _note_asset(asset: Asset, report: Report) -> None:
    scheme = asset.uri.partition(":")[0][:20]
    if asset.uri.startswith("ccdefault:"):
        return
    if scheme != "data":
        report.add(asset.place, Fate.KEPT, f"nothing is fetched from {shown(scheme)}")
    elif asset.kind not in ("icon", "emotion"):
        report.add(asset.place, Fate.KEPT, f"no use is known for {shown(asset.kind)}")
