"""How a fixed bond is shown: what an admin typed, without characters that are unseen or turn the line round."""

from __future__ import annotations

import unicodedata

from bot.domain.text import is_blank


def shown_bond(bond: str) -> str:
    """Give the words of a bond on one line, without controls, marks of direction and other unseen characters."""
    return " ".join("".join(char for char in bond if char.isspace() or not _is_unseen(char)).split())


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char).startswith("C") or is_blank(char)
