"""What is known of a line when it is decided whether it is hers: figures and flags, never anybody's words.

They are recorded with the decision, so that it can be made again later under another policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import isfinite

Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Features:
    """One line among the lines before it; times are in seconds, counts of lines are of people's.

    *place* and *others_place* are `bot.domain.names.Place` by number. *run_to* says to whom the author's own line right
    before was: ``her``, ``other`` or ``room``; empty where somebody else spoke in between. What is not known is None.
    """

    by: str = "person"
    at: float = 0.0  # when it was decided, seconds since 1970
    age_s: float = 0.0
    is_dm: bool = False
    is_own_thread: bool = False
    # addressed to her
    is_mention: bool = False
    is_reply: bool = False
    place: int = 0
    is_called: bool = False
    is_name_asked: bool = False
    is_name_small: bool = False
    is_name_first: bool = False
    is_name_weak: bool = False
    is_name_led_on: bool = False  # somebody else's name stands right after hers
    is_name_begun: bool = False  # its clause begins a sentence
    is_name_big: bool = False  # written as names are, where no sentence begins
    is_name_drawn: bool = False
    is_name_twice: bool = False
    is_name_alike: bool = False  # a word that begins like it
    name_before: int = 0  # letters of the word before it
    name_after: int = 0
    name_is_word: float = 0.0  # how surely the room speaks a language in which it is a word, in [0, 1]
    is_name_shared: bool = False  # somebody else of the room has it
    is_name_near: bool = False  # ... and has just spoken
    passed_by: int = 0  # earlier lines that begin a clause with the same form and that she let pass
    # addressed to others
    replies_other: bool = False
    mentions_other: bool = False
    mentions_all: bool = False
    others_place: int = 0
    is_other_called: bool = False
    # the line itself
    is_question: bool = False
    is_set_off: bool = False  # it begins with one word set off, as calls do
    letters: int = 0
    is_wordless: bool = False
    is_pointing: bool = False  # a link, a file or a forward without words
    # her exchange with the author
    her_ago_s: float | None = None
    lines_since_her: int = 0
    strays_since_her: int = 0  # people's lines since then that were not for her, the author's own aside
    own_since_her: int = 0
    her_to_author: bool = False
    her_to_other: bool = False
    her_asked: bool = False
    her_unasked: bool = False  # nobody had spoken to her before she did
    her_sure: bool = False  # somebody had spoken to her, or asked, or she named whom she meant
    her_names_author: bool = False
    her_names_other: bool = False
    her_letters: int = 0
    her_between: bool = False  # she spoke while the author and one other took turns
    was_to_her: bool = False  # the author's last line before hers
    talked_ago_s: float | None = None  # since her last line to the author, where she turned to others after it
    rounds: int = 0  # her lines to the author of late
    is_turned: bool = False  # since then the author spoke to somebody else
    echo_her: float = 0.0  # how much of her last line comes again, in [0, 1]
    echo_others: float = 0.0
    run_to: str = ""
    # the room
    others_near: int = 0  # people beside the author who spoke of late
    pace: float = 0.0  # lines a minute
    pause_s: float | None = None
    usual_gap_s: float = 0.0  # between two lines, of late
    is_pointed: bool = False  # somebody else has just spoken to the author
    is_pair: bool = False  # the author and one other person take turns
    asks_again: bool = False  # after an own question that nobody took up
    waits: bool = False  # the line before was the author's own, and nobody took it up for minutes
    is_first: bool = False  # the author has not spoken of late
    share: float = 0.0  # hers, of the last lines
    untaken: int = 0  # how often in a row nobody took up what she said unasked
    # what she may still do
    joined_hour: int = 0
    joined_ago_s: float | None = None
    considered_hour: int = 0
    considered_ago_s: float | None = None
    calls_left: int = 0
    bot_turns: int = 0  # bots' lines that she answered since a person spoke
    # how she is
    pleasure: float = 0.0
    arousal: float = 0.0
    need: float = 0.5
    interest: float | None = None

    def as_json(self) -> dict[str, Value]:
        """Give them as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, kept: Mapping[str, object]) -> Features:
        """Read them from JSON values; what is missing, unknown or of another kind keeps its default."""
        known = {}
        for name, value in kept.items():
            kind = _kinds().get(name)
            if kind is not None and _fits(value, kind[0], may_be_none=kind[1]):
                known[name] = value
        return cls(**known)  # type: ignore[arg-type]


@cache
def _kinds() -> dict[str, tuple[object, bool]]:
    """Give of each feature its usual value, and whether it may be unknown."""
    return {field.name: (field.default, "None" in str(field.type)) for field in fields(Features)}


def _fits(value: object, usual: object, *, may_be_none: bool) -> bool:
    if value is None:
        return may_be_none
    if isinstance(usual, bool):
        return isinstance(value, bool)
    if isinstance(usual, str):
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    if isinstance(usual, int):
        return isinstance(value, int)
    return isinstance(value, (int, float)) and isfinite(value)
