"""Paragraphs, splits and pace of what she says; pure.

Discord counts a message's length in UTF-16 code units here, the strictest reading of its limit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from bot.domain.ids import MESSAGE_CODE, PERSON_CODE

MESSAGE_LIMIT = 2000  # Discord's limit for the content of a message
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)]*(?=\s|$)\s?|[。！？]+")
TITLE_LIMIT = 100  # Discord's limit for the name of a thread
LONGEST_FENCE_SHARE = 4  # a fence line over a quarter of a message is cut like prose, or loses its info

# Chinese and Japanese put no space round a name, and an ending may follow it ("Junos"); ASCII alone bounds a code.
_CODE = re.compile(
    rf"(?P<before>[ \t]?)(?P<quote>`?)(?P<mark>@?)(?<![A-Za-z0-9_])(?P<code>(?i:{PERSON_CODE}|{MESSAGE_CODE}))"
    r"(?P=quote)(?P<ending>[a-z]{0,3})(?![A-Za-z0-9_])"
)
# "user42" may be a name somebody told her, "MX22222" a machine; a code has small letters, and no vowels but these
_WORDLIKE = re.compile(r"[A-Za-z][a-z]*[aey][a-z]*\d+|.+[A-Z].*")
_CALL_TO_ALL = re.compile(r"@(?=everyone\b|here\b)")
_RAW_MENTION = re.compile(r"[ \t]?<@[!&]?\d{1,20}>")

CHARACTERS_PER_SECOND = 45.0  # chosen by ear: quicker than a thumb, slower than a paste
SHORTEST_PAUSE = timedelta(seconds=0.6)
LONGEST_PAUSE = timedelta(seconds=4)


def is_blank(text: str) -> bool:
    """Say whether nothing of *text* can be seen: white space, zero-width and filler characters only."""
    return not text or INVISIBLE.fullmatch(text) is not None


def visible_line(text: str) -> str:
    """Give *text* on one line, without controls, marks of direction and other unseen characters."""
    return " ".join("".join(char for char in text if char.isspace() or not _is_unseen(char)).split())


def without_codes(text: str, names: Callable[[], Mapping[str, str]]) -> str:
    """Give *text* with names in place of the codes of a prompt; a code nobody has goes, and so does every ping.

    *names* gives the name behind each code; it is asked only where there is something that looks like one.
    """

    def named(found: re.Match[str]) -> str:
        name = names().get(found["code"].casefold())  # she may begin a sentence with it
        if name is not None:
            plain = _RAW_MENTION.sub("", name.replace("](", "] ("))  # nobody chooses whom she names, or a hidden link
            return found["before"] + plain + found["ending"] if plain else ""
        is_code = not _WORDLIKE.fullmatch(found["code"]) or (found["mark"] and found["code"].islower())
        return "" if is_code and not found["ending"] else found.group()

    shown = _CODE.sub(named, _RAW_MENTION.sub("", text))
    return _CALL_TO_ALL.sub("", shown)


def clean_title(text: str) -> str:
    """Give *text* as the title of a thread: one visible line, cut at a word where it is too long."""
    line = visible_line(text).strip("\"'` ")
    if width(line) <= TITLE_LIMIT:
        return line
    cut = line[: _index_at(line, TITLE_LIMIT - 1)]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–-") + "…"


def without_accents(text: str) -> str:
    """Give *text* in small letters and without accents, as people in a hurry type it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char).startswith("C") or is_blank(char)


def width(text: str) -> int:
    """Count *text* in UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def open_fence(text: str) -> str | None:
    """Give the opening line of a code fence that *text* leaves open, else None."""
    found = _open_at(text, len(text))
    return None if found is None else found.group(0).strip()


def _open_at(text: str, end: int) -> re.Match[str] | None:
    """Find the fence line that is still open at *end*; lines are read whole, also the one *end* cuts."""
    opened: re.Match[str] | None = None
    for line in FENCE.finditer(text):
        if line.start() >= end:
            break
        if opened is None:
            opened = line
        elif line.end() <= end and _closes(line, opened.group(1)):
            opened = None
    return opened


def _closes(line: re.Match[str], marks: str) -> bool:
    return line.group(1).startswith(marks) and not line.group(2).strip()


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
    end = _index_at(text, limit)
    fence = _open_at(text, end)
    if fence is None or len(fence.group(1)) > limit // LONGEST_FENCE_SHARE:
        at = _break_before(text, end)
        return text[:at].rstrip(), text[at:].lstrip("\n ")
    if fence.start() > end // 2:  # most of the message comes before the fence: keep the block whole
        return text[: fence.start()].rstrip(), text[fence.start() :]
    return _cut_fence(text, fence, limit)


def _cut_fence(text: str, fence: re.Match[str], limit: int) -> tuple[str, str]:
    """Cut inside a code block: close it, and open it again in what follows."""
    marks = fence.group(1)
    end = _index_at(text, limit - len(marks) - 1)
    at = text.rfind("\n", 0, end) + 1
    if at <= fence.end() + 1:
        at = end  # one line longer than a message
    head = text[:at].removesuffix("\n") + "\n" + marks
    following = FENCE.match(text, at)
    if text[at - 1] == "\n" and following is not None and _closes(following, marks):
        return head, text[following.end() :].lstrip("\n ")
    return head, f"{_short(fence, limit)}\n{text[at:]}"


def _short(fence: re.Match[str], limit: int) -> str:
    # an absurdly long info string would leave no room for the code itself
    opening = fence.group(0).strip()
    return opening if width(opening) <= limit // LONGEST_FENCE_SHARE else fence.group(1)


def _index_at(text: str, units: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > units:
            return index
    return len(text)


def _break_before(text: str, end: int) -> int:
    """Find the best place for a cut in the second half of what fits, outside code blocks."""
    for at in _breaks(text[:end]):
        if at >= end // 2 and _open_at(text, at) is None:
            return at
    return end


def _breaks(head: str) -> Iterator[int]:
    for mark in ("\n\n", "\n"):
        yield head.rfind(mark) + len(mark)
    yield max((match.end() for match in SENTENCE_END.finditer(head)), default=0)
    yield head.rfind(" ") + 1


def typing_pause(text: str, pace: float) -> timedelta:
    """Say how long a person would type *text*; *pace* scales it, 0 sends at once."""
    if pace <= 0:
        return timedelta(0)
    natural = timedelta(seconds=len(text) / CHARACTERS_PER_SECOND)
    return max(SHORTEST_PAUSE, min(LONGEST_PAUSE, natural)) * pace
