"""Who speaks with whom, read off the lines before: pure functions over `bot.domain.room_lines`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from bot.domain.ids import UserId
from bot.domain.message import Speaker
from bot.domain.room_lines import Line

PAIR_LINES = 4
GAP_LINES = 10
GAPS_LEAST = 3


def people_of(before: Sequence[Line]) -> Sequence[Line]:
    """Give people's lines alone."""
    return [line for line in before if line.speaker is Speaker.PERSON]


def since_her(before: Sequence[Line]) -> Sequence[Line]:
    """Give people's lines after her last one."""
    since: list[Line] = []
    for line in reversed(before):
        if line.speaker is Speaker.SELF:
            break
        if line.speaker is Speaker.PERSON:
            since.append(line)
    return since[::-1]


def since_author(people: Sequence[Line], author: UserId) -> Sequence[Line]:
    """Give others' lines after the author's last one."""
    last = max((number for number, line in enumerate(people) if line.author == author), default=-1)
    return people[last + 1 :]


def burst_of(before: Sequence[Line], last: Line) -> Sequence[Line]:
    """Give her last lines, those that nobody's line stands between."""
    end = before.index(last)
    start = end
    while start > 0 and before[start - 1].speaker is Speaker.SELF:
        start -= 1
    return before[start : end + 1]


def was_to_her(before: Sequence[Line], hers: Line, author: UserId) -> bool:
    """Say whether the author's last line before one of hers was for her."""
    earlier = [line for line in before[: before.index(hers)] if line.author == author]
    return bool(earlier) and earlier[-1].to_her


def talked_ago(before: Sequence[Line], burst: Sequence[Line], author: UserId, at: datetime) -> float | None:
    """Give how long ago she last spoke to the author, if that was before her last lines and the author waits since."""
    for line in reversed(before):
        if line.author == author:
            return None
        if line.speaker is Speaker.SELF and line.asker == author:
            return None if line in burst else max(0.0, (at - line.at).total_seconds())
    return None


def is_pair(before: Sequence[Line], author: UserId) -> bool:
    """Say whether the last lines are of the author and one other person, in turns."""
    last = before[-PAIR_LINES:]
    authors = {line.author for line in last} - {author}
    if len(last) < PAIR_LINES - 1 or len(authors) != 1 or any(line.speaker is not Speaker.PERSON for line in last):
        return False
    return any(line.author == author for line in last) and last[-1].author != author


def untaken_of(before: Sequence[Line]) -> int:
    """Count how often in a row she spoke unasked and nobody took it up, two lines of people later."""
    untaken, waiting, asked = 0, 0, False
    previous: Line | None = None
    for line in before:
        if line.speaker is Speaker.SELF:
            if (previous is None or previous.speaker is not Speaker.SELF) and not asked:
                waiting = 1
            asked = False
        elif line.to_her:
            untaken, waiting, asked = 0, 0, True
        elif waiting:
            waiting += 1
            if waiting > 2:
                untaken, waiting = untaken + 1, 0
        previous = line
    return untaken


def usual_gap(before: Sequence[Line]) -> float:
    """Give the median time between two of the last lines, 0 where there are too few."""
    last = before[-GAP_LINES:]
    gaps = sorted((later.at - line.at).total_seconds() for line, later in pairwise(last))
    return gaps[len(gaps) // 2] if len(gaps) >= GAPS_LEAST else 0.0
