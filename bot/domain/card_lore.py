"""A card's lorebook as things she knows: what always holds first, then what weighs most; pure.

Nothing looks for keys in a talk here: an entry is either among what she knows, or kept for export. Decorators steer
such looking and are taken out; entries that they keep from ever being used are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.card_filter import Filter
from bot.domain.card_report import Fate, Report
from bot.domain.card_text import READ_MOST, size_of, visible
from bot.domain.character_card import LoreEntry

ENTRY_MOST = 600  # characters
ENTRY_LEAST = 30  # bytes of room, below which no entry is begun
HEAD = "What you know of your world:"
_DECORATOR = re.compile(r"^[ \t]*@@@?([a-z_]+)[^\n]*(?:\n|$)", re.MULTILINE)


def lore_lines(lore: Sequence[LoreEntry], sift: Filter, room: int, name: str, report: Report) -> list[str]:
    """Give a paragraph with the entries that fit into *room* bytes of a prompt for *name*; none where nothing does."""
    lines: list[str] = []
    room -= len(HEAD)
    for entry in sorted(lore, key=lambda one: (not one.is_constant, -one.weight, one.order)):
        content, decorators = without_decorators(visible(entry.content[:READ_MOST]))
        if not entry.is_enabled or "dont_activate" in decorators:
            report.add(entry.place, Fate.KEPT, "is switched off")
            continue
        if not content:
            continue
        kept = sift.prose(entry.place, content, most=ENTRY_MOST, most_bytes=room - 3) if room > ENTRY_LEAST else ""
        if not kept:
            report.add(
                entry.place,
                Fate.KEPT,
                "the prompt has no more room" if room <= ENTRY_LEAST else "nothing of it may stay",
            )
            continue
        if decorators:
            report.add(entry.place, Fate.CHANGED, f"without {len(decorators)} decorator(s)")
        lines.append("- " + " ".join(kept.split()))
        room -= size_of(lines[-1], name) + 1
    return ["\n".join((HEAD, *lines))] if lines else []


def without_decorators(content: str) -> tuple[str, tuple[str, ...]]:
    """Give the words of an entry, and the names of the decorators that stood before them."""
    return _DECORATOR.sub("", content).strip(), tuple(_DECORATOR.findall(content))
