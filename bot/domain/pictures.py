"""What she looks at of what came with messages: which pictures and text files, how many, how large.

The bytes of a picture live in the turn that shows them and nowhere else; fetching is left to adapters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.ids import MessageId
from bot.domain.message import Attachment, Message

PICTURES_MOST = 4  # a turn; each costs a vision model about as much as a page of text
PICTURE_BYTES_MOST = 8 * 1024 * 1024  # as Discord has it; larger ones are only named
FILES_MOST = 2  # text files a turn
FILE_BYTES_MOST = 64 * 1024
FILE_CHARS_MOST = 4_000  # of one file, quoted: about a thousand tokens
SENT_BEFORE_MOST = timedelta(minutes=2)  # what somebody sent this long before they asked may be what they ask about
LOOKING_MOST = timedelta(seconds=5)  # for all of a turn's together: people wait meanwhile
CUT = "\n[the rest of the file is not shown]"

_PICTURE_TYPE = re.compile(r"image/(?:png|jpe?g|gif|webp|bmp|avif)")
_PICTURE_ENDING = re.compile(r"\.(?:png|jpe?g|gif|webp|bmp|avif)$", re.IGNORECASE)
_TEXT_TYPE = re.compile(
    r"text/.+|application/(?:json|(?:x-)?ndjson|xml|(?:x-)?(?:javascript|typescript|ya?ml|toml|sh|python|sql)|csv|markdown)"
)
_TEXT_ENDING = re.compile(
    r"\.(?:txt|text|md|markdown|rst|csv|tsv|jsonl?|ndjson|ya?ml|toml|ini|cfg|conf|env|log|diff|patch|tex|srt|vtt"
    r"|pyi?|ipynb|[mc]?js|[jt]sx?|html?|s?css|xml|sql|sh|bash|zsh|fish|ps1|bat|c|h|cc|cpp|hpp|cs|java|kts?|go|rs|rb|php"
    r"|pl|lua|r|jl|swift|scala|clj|hs|ml|exs?|erl|dart|zig|nim|vue|svelte|gradle|cmake|proto)$",
    re.IGNORECASE,
)
_OTHER_TYPE = re.compile(r"(?:image|audio|font)/")  # whatever the name ends with
_ANY_NUMBER = 1_000_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Picture:
    """A picture for the eyes of a vision model; *of* is the line it came with."""

    mime: str
    content: bytes = field(repr=False)
    name: str
    of: MessageId


@dataclass(frozen=True, slots=True)
class QuotedFile:
    """What stands in a text file, cut to what is quoted; *of* is the line it came with. It is data, like any talk."""

    name: str
    text: str = field(repr=False)
    of: MessageId


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that can be looked at: where its bytes are, and the line it came with."""

    name: str
    url: str = field(repr=False)  # whoever has it can open the file
    of: MessageId


def is_picture(attachment: Attachment) -> bool:
    """Say whether it is a picture of a kind that is looked at; stickers and voices are only named."""
    if attachment.kind != "attachment":
        return False
    kind = _type_of(attachment)
    if kind in ("", "application/octet-stream"):
        return _PICTURE_ENDING.search(attachment.name) is not None
    return _PICTURE_TYPE.fullmatch(kind) is not None


def is_text(attachment: Attachment) -> bool:
    """Say whether it is a file of text: by what it calls itself, or by how its name ends."""
    if attachment.kind != "attachment":
        return False
    kind = _type_of(attachment)
    if _TEXT_TYPE.fullmatch(kind):
        return True
    return not _OTHER_TYPE.match(kind) and _TEXT_ENDING.search(attachment.name) is not None


def pictures_among(messages: tuple[Message, ...]) -> tuple[Shown, ...]:
    """Choose the pictures to look at, of these lines and of those they reply to: the newest, oldest first."""
    return _newest(messages, lambda one: is_picture(one) and one.size_bytes <= PICTURE_BYTES_MOST, PICTURES_MOST)


def files_among(messages: tuple[Message, ...]) -> tuple[Shown, ...]:
    """Choose the text files to quote, as `pictures_among` does."""
    return _newest(messages, lambda one: is_text(one) and one.size_bytes <= FILE_BYTES_MOST, FILES_MOST)


def pictures_sent(messages: tuple[Message, ...]) -> int:
    """Count what `pictures_among` chooses from, whatever its size."""
    return len(_newest(messages, is_picture, _ANY_NUMBER))


def files_sent(messages: tuple[Message, ...]) -> int:
    """Count what `files_among` chooses from, whatever its size."""
    return len(_newest(messages, is_text, _ANY_NUMBER))


def with_lines_before(messages: tuple[Message, ...], overheard: tuple[Message, ...]) -> tuple[Message, ...]:
    """Add the lines between others that belong to these: a picture is often sent right before the question about it.

    They are those of the same authors, at most `SENT_BEFORE_MOST` before one of their lines.
    """
    before = [one for one in overheard if any(_is_right_before(one, message) for message in messages)]
    return tuple(sorted((*before, *messages), key=lambda one: one.message_id)) if before else messages


def read_text(content: bytes) -> str | None:
    """Read a file's bytes as text, cut to what is quoted; None if they are none."""
    text = _decoded(content)
    if text is None or "\0" in text:
        return None
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if len(text) <= FILE_CHARS_MOST else text[:FILE_CHARS_MOST].rstrip() + CUT


def _is_right_before(earlier: Message, message: Message) -> bool:
    is_before = earlier.message_id < message.message_id and earlier.author.user_id == message.author.user_id
    return is_before and message.sent_at - earlier.sent_at <= SENT_BEFORE_MOST


def _newest(messages: tuple[Message, ...], suits: Callable[[Attachment], bool], most: int) -> tuple[Shown, ...]:
    """Fill up from the newest line on, within a line from the first; show in the order in which they were said."""
    chosen: list[tuple[int, int, Shown]] = []
    known: set[tuple[MessageId, str]] = set()
    for back, message in enumerate(reversed(messages)):
        for order, shown in _of_line(message, suits):
            # two people may reply to one picture, and it may be among the lines as well
            if len(chosen) < most and (shown.of, _place(shown.url)) not in known:
                known.add((shown.of, _place(shown.url)))
                chosen.append((-back, order, shown))
    return tuple(shown for _, _, shown in sorted(chosen, key=lambda one: one[:2]))


def _of_line(message: Message, suits: Callable[[Attachment], bool]) -> Iterator[tuple[int, Shown]]:
    """Give what suits of a line, its own first; what it replies to was there before it, so its number is lower."""
    for number, one in enumerate(message.attachments):
        if one.url and suits(one):
            yield number, Shown(one.name, one.url, message.message_id)
    quoted = message.quote.attachments if message.quote else ()
    for number, one in enumerate(quoted):
        if one.url and suits(one):
            yield number - len(quoted), Shown(one.name, one.url, message.reply_to_id or message.message_id)


def _place(url: str) -> str:
    return url.partition("?")[0]  # Discord signs an address anew each time it gives it


def _type_of(attachment: Attachment) -> str:
    return attachment.content_type.partition(";")[0].strip().lower()


def _decoded(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None if b"\0" in content else content.decode("cp1252", "replace")
