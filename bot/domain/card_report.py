"""What became of each field of a character card: taken, shortened, changed, kept for export, or left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.text import visible_line
from bot.errors import ConfigError

NOTES_MOST = 300  # a card of ten thousand lore entries must not make a report of as many lines
SHOWN_LIMIT = 40  # characters of a card's own words in a report


class CardError(ConfigError):
    """A character card cannot be taken; the text names the place in it."""


class Fate(StrEnum):
    """What became of a field."""

    TAKEN = "taken"
    SHORTENED = "shortened"
    CHANGED = "changed"
    KEPT = "kept for export, not used"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a report; *field* is the place in the card."""

    field: str
    fate: Fate
    why: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.fate}" + (f" ({self.why})" if self.why else "")


class Report:
    """Gathers notes in the order in which the card was read; the same note counts once."""

    def __init__(self) -> None:
        self._notes: dict[Note, None] = {}
        self._unsaid = 0

    @property
    def notes(self) -> tuple[Note, ...]:
        """Give what was noted."""
        return tuple(self._notes)

    def add(self, field: str, fate: Fate, why: str = "") -> None:
        """Note what became of *field*; after `NOTES_MOST` notes only their number is kept."""
        note = Note(field, fate, why)
        if note in self._notes:
            return
        if len(self._notes) < NOTES_MOST:
            self._notes[note] = None
        else:
            self._unsaid += 1

    def lines(self) -> tuple[str, ...]:
        """Give the report as lines for a terminal."""
        rest = (f"and {self._unsaid} more of the kind",) if self._unsaid else ()
        return (*map(str, self._notes), *rest)


def shown(value: object) -> str:
    """Give a piece of a card as it may stand in a report: on one line, short, without control characters."""
    line = (
        visible_line(value[: SHOWN_LIMIT * 9])
        if isinstance(value, str)
        else f"a {_KINDS.get(type(value), type(value).__name__)}"
    )
    if not isinstance(value, str):
        return line
    return repr(line if len(line) <= SHOWN_LIMIT else line[: SHOWN_LIMIT - 1] + "…")


_KINDS: dict[type, str] = {
    dict: "table",
    list: "list",
    bool: "yes or no",
    int: "number",
    float: "number",
    type(None): "nothing",
}
