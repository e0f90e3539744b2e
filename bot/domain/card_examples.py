"""The example talk of a character card, taken apart into exchanges of one line each way; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TALKS_MOST = 60
EXCHANGES_MOST = 40
UNSAID = "…"  # stands for what was said before a line of hers that opens a talk
_START = re.compile(r"^[ \t]*<START>[ \t]*$|<START>", re.IGNORECASE | re.MULTILINE)
_USER = r"\{\{[ ]?(?:user|random_user_\d{1,2})[ ]?\}\}|<user>|you|user|anon"
_CHAR = r"\{\{[ ]?char[ ]?\}\}|<(?:char|bot)>"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What somebody said, and what she answered; both as the card has them."""

    them: str
    you: str


def exchanges_of(text: str, names: tuple[str, ...]) -> tuple[Exchange, ...]:
    """Take an example talk apart; *names* are how the card calls the one who speaks.

    Lines of one speaker in a row are one; a line without a speaker goes on with what the last one said.
    """
    speakers = _speakers(names)
    found: list[Exchange] = []
    for talk in _START.split(text)[:TALKS_MOST]:
        them = ""
        for is_hers, said in _turns(talk, speakers):
            if not is_hers:
                them = said
            elif said:
                found.append(Exchange(them or UNSAID, said))
                them = ""
    return tuple(found[:EXCHANGES_MOST])


def _speakers(names: tuple[str, ...]) -> re.Pattern[str]:
    hers = "|".join((_CHAR, *(re.escape(name.strip()) for name in names if name.strip())))
    return re.compile(rf"^[ \t]*(?:(?P<hers>{hers})|(?P<theirs>{_USER}))[ \t]*[:：][ \t]*", re.IGNORECASE)


def _turns(talk: str, speakers: re.Pattern[str]) -> Iterator[tuple[bool, str]]:
    """Give who speaks, and what, turn by turn; what stands before the first speaker is left out."""
    is_hers: bool | None = None
    said: list[str] = []
    for line in talk.splitlines():
        found = speakers.match(line)
        if found is None:
            said.append(line)
            continue
        speaks = found["hers"] is not None
        rest = line[found.end() :]
        if is_hers == speaks:
            said.append(rest)
            continue
        if is_hers is not None:
            yield is_hers, "\n".join(said).strip()
        is_hers, said = speaks, [rest]
    if is_hers is not None:
        yield is_hers, "\n".join(said).strip()
