"""Paragraphs, splits and pace of what she says; pure.

Discord counts a message's length in UTF-16 code units here, the strictest reading of its limit.
"""

from __future__ import annotations

import re
from datetime import timedelta

MESSAGE_LIMIT = 2000  # Discord's limit for the content of a message
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)]*(?=\s|$)\s?|[。！？]+")

CHARACTERS_PER_SECOND = 45.0  # chosen by ear: quicker than a thumb, slower than a paste
SHORTEST_PAUSE = timedelta(seconds=0.6)
LONGEST_PAUSE = timedelta(seconds=4)


def is_blank(text: str) -> bool:
    """Say whether nothing of *text* can be seen: white space, zero-width and filler characters only."""
    return not INVISIBLE.sub("", text)


def width(text: str) -> int:
    """Count *text* in UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def open_fence(text: str) -> str | None:
    """Give the opening line of a code fence that *text* leaves open, else None."""
    opening: str | None = None
    for match in FENCE.finditer(text):
        marks = match.group(1)
        if opening is None:
            opening = match.group(0).strip()
        elif marks[0] == opening[0] and len(marks) >= _marks(opening) and not match.group(2).strip():
            opening = None
    return opening


def _marks(opening: str) -> int:
    return len(opening) - len(opening.lstrip(opening[0]))


def finished_paragraphs(text: str, *, is_whole: bool) -> tuple[list[str], str]:
    """Cut *text* into finished paragraphs and the rest that may still grow.

    Paragraphs are parted by blank lines outside code fences. With *is_whole* nothing is left over.
    """
    done: list[str] = []
    current = ""
    for piece in re.split(r"(\n[ \t]*\n\s*)", text):
        if re.fullmatch(r"\n[ \t]*\n\s*", piece) and open_fence(current) is None:
            done.append(current)
            current = ""
        else:
            current += piece
    if is_whole:
        done.append(current)
        current = ""
    return [paragraph.strip() for paragraph in done if not is_blank(paragraph)], current


def up_to_sentence(text: str) -> str:
    """Give *text* up to its last whole sentence, or all of it when it holds none."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return text[: ends[-1]].rstrip() if ends else text


def split_message(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """Split *text* into messages of at most *limit* code units.

    Cuts fall at a blank line, a line end, a sentence end or a space, whichever comes first in that
    order; a code fence that is cut is closed and opened again, so each message shows as it should.

    Raises:
        ValueError: *limit* is under 32, too small to hold a fence.
    """
    if limit < 32:
        raise ValueError(f"limit {limit!r} is too small to split by")
    messages = []
    rest = text.strip()
    while width(rest) > limit:
        head, rest = _cut(rest, limit)
        if not is_blank(head):
            messages.append(head)
    if not is_blank(rest):
        messages.append(rest)
    return messages


def _cut(text: str, limit: int) -> tuple[str, str]:
    head = text[: _index_at(text, limit)]
    opening = open_fence(head)
    if opening is None:
        at = _break_before(head)
        return text[:at].rstrip(), text[at:].lstrip("\n ")
    start = head.rfind(opening)
    if start > limit // 2:  # most of the message comes before the fence: keep the block whole
        return text[:start].rstrip(), text[start:]
    closing = opening[0] * _marks(opening)
    room = limit - width(closing) - 1
    head = text[: _index_at(text, room)]
    at = head.rfind("\n") + 1
    if at <= start + len(opening) + 1:
        at = len(head)
    return text[:at].rstrip("\n") + "\n" + closing, f"{_short(opening, limit)}\n{text[at:]}"


def _short(opening: str, limit: int) -> str:
    # an absurdly long info string would leave no room for the code itself
    return opening if width(opening) <= limit // 4 else opening[0] * _marks(opening)


def _index_at(text: str, units: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > units:
            return index
    return len(text)


def _break_before(head: str) -> int:
    least = len(head) // 2
    for mark in ("\n\n", "\n"):
        at = head.rfind(mark)
        if at >= least:
            return at + len(mark)
    sentence_ends = [match.end() for match in SENTENCE_END.finditer(head)]
    if sentence_ends and sentence_ends[-1] >= least:
        return sentence_ends[-1]
    at = head.rfind(" ")
    return at + 1 if at >= least else len(head)


def typing_pause(text: str, pace: float) -> timedelta:
    """Say how long a person would type *text*; *pace* scales it, 0 sends at once."""
    if pace <= 0:
        return timedelta(0)
    natural = timedelta(seconds=len(text) / CHARACTERS_PER_SECOND)
    return max(SHORTEST_PAUSE, min(LONGEST_PAUSE, natural)) * pace
