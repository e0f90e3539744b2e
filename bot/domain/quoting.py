"""Quote what people said as data: one line of a talk as one JSON object on one line.

Whatever a name or a text holds, it stays inside one JSON string and one line; how a line is quoted
depends on nothing that comes after it. Whose words are whose stands in codes, which nobody can choose; a
display name that could be taken for hers, or for one of the prompt's own voices, says so.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import lru_cache

from bot.domain.ids import UserId, short_code
from bot.domain.lookalikes import passes_for_her, passes_for_role
from bot.domain.message import Attachment, Message, Quote, Speaker

TEXT_LIMIT = 4_000  # characters; Discord lets people with Nitro write that much
NAME_LIMIT = 32  # characters; Discord's own limit for a display name
FILE_NAME_LIMIT = 60  # characters of a file's name that are worth reading
ATTACHMENTS_MOST = 10  # Discord's own limit for one message
QUOTE_LIMIT = 300  # characters of a line replied to: enough to know which one it was
FORWARD_LIMIT = 1_000  # characters of one forwarded text
FORWARDS_MOST = 3
MENTIONS_MOST = 8  # people mentioned in one line that are named: more is a roll call
MARKS_MOST = 3  # combining marks on one letter; no script needs more, "zalgo" does
MINUTE_LENGTH = len("2026-11-21 14:03")
NAMES_KEPT = 1024  # a few KB: the same people speak line after line
LINES_KEPT = 4_096  # a few MB: a prompt quotes the whole history every turn, and all but its end is known
NAMELESS = "someone"
NOT_HER = " (not you)"  # stands behind a name that could be taken for hers
ONLY_A_NAME = " (only a name)"  # behind one that could be taken for "system" and the like
CUT_MARK = " […cut]"

_MENTION = re.compile(r"<@!?(\d{1,20})>")
# Flags of England, Scotland and Wales are the only honest use of tag characters; else they hide text.
_TAGS = re.compile("(\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Raw, these would end a line or turn it round; as JSON escapes they are what they are: data.
_ESCAPED = re.compile(r"[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks nobody sees
_SIZE_STEPS = ((1024 * 1024, "MB"), (1024, "KB"))


@lru_cache(maxsize=LINES_KEPT)
def quote_line(message: Message, own_name: str, own_id: UserId | None = None, *, is_quote_known: bool = False) -> str:
    """Give *message* as one JSON object on one line.

    Mentions become short codes like those of speakers; mentions of her become *own_name*. With *is_quote_known* the
    line that it replies to stands above already, and is named only.
    """
    line: dict[str, object] = {
        "ref": short_code("m", message.message_id),
        "from": short_code("u", message.author.user_id),
        "name": shown_name(message.author.display_name, own_name),
        "at": message.sent_at.astimezone(UTC).isoformat(" ", "minutes")[:MINUTE_LENGTH],
        "text": safe_text(name_mentions(message.content, own_name, own_id, _lone_id(message, own_id))),
    }
    if message.speaker is Speaker.BOT:
        line["bot"] = True
    if message.replies_to_self:
        line["reply_to"] = "you"
    elif message.reply_to_id is not None:
        line["reply_to"] = short_code("m", message.reply_to_id)
    if message.quote is not None and not is_quote_known:
        line["quote"] = _quoted(message.quote, own_name, own_id)
    if message.forwards:
        line["forwarded"] = [
            safe_text(name_mentions(text, own_name, own_id), FORWARD_LIMIT) for text in message.forwards[:FORWARDS_MOST]
        ]
    if message.attachments:
        line["attachments"] = describe_attachments(message.attachments)
    mentions = _mentioned(message, own_name, own_id)
    if mentions:
        line["mentions"] = mentions
    return as_line(line)


def quote_own(message: Message) -> str:
    """Give a line of hers as one JSON object on one line, for a prompt in which nobody speaks by turns."""
    return as_line({"ref": short_code("m", message.message_id), "from": "you", "text": safe_text(message.content)})


def as_line(fields: Mapping[str, object]) -> str:
    """Write data as one JSON object on one line, with nothing raw in it that could end the line or turn it round."""
    written = json.dumps(fields, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def _quoted(quote: Quote, own_name: str, own_id: UserId | None) -> dict[str, object]:
    """Tell whose words a line replies to: they are not the words of who replies."""
    text = safe_text(name_mentions(quote.text, own_name, own_id), QUOTE_LIMIT)
    if quote.speaker is Speaker.SELF or quote.author_id == own_id:
        return {"from": "you", "text": text}
    told: dict[str, object] = {
        "from": short_code("u", quote.author_id),
        "name": shown_name(quote.name, own_name),
        "text": text,
    }
    if quote.speaker is Speaker.BOT:
        told["bot"] = True
    if quote.attachments:
        told["attachments"] = describe_attachments(quote.attachments)
    return told


def _mentioned(message: Message, own_name: str, own_id: UserId | None) -> dict[str, str]:
    """Name the people that the texts of a line mention: they may never have spoken here."""
    others = _ids_in(message) - {message.author.user_id, own_id, _lone_id(message, own_id)}
    named = [(user_id, name) for user_id, name in message.mentioned_names if user_id in others]
    return {short_code("u", user_id): shown_name(name, own_name) for user_id, name in named[:MENTIONS_MOST]}


def _ids_in(message: Message) -> set[int]:
    texts = (message.content, *message.forwards, message.quote.text if message.quote is not None else "")
    return {int(user_id) for text in texts for user_id in _MENTION.findall(text)}


def names_by_code(messages: Iterable[Message]) -> dict[str, str]:
    """Give the display name behind each code of people, those mentioned too, and of their lines.

    A code of two people stands for neither; its name is empty, as is that of a code shown whose owner has no name here.
    """
    people: dict[str, UserId] = {}
    names: dict[str, str] = {}
    nameless: list[str] = []
    for message in messages:
        if message.speaker is Speaker.SELF:
            continue
        said = [*message.mentioned_names, (message.author.user_id, message.author.display_name)]
        said += [(message.quote.author_id, message.quote.name)] if message.quote is not None else []
        for user_id, name in said:
            code = short_code("u", user_id)
            names[code] = safe_name(name) if people.setdefault(code, user_id) == user_id else ""
        names[short_code("m", message.message_id)] = safe_name(message.author.display_name)
        nameless += [short_code("u", user_id) for user_id in _ids_in(message)]
        nameless += [short_code("m", message.reply_to_id)] if message.reply_to_id is not None else []
    return dict.fromkeys(nameless, "") | names


def shown_name(name: str, own_name: str) -> str:
    """Give a display name as a prompt shows it: harmless, and marked where it could be taken for somebody else's."""
    plain = safe_name(name)
    if passes_for_her(plain, own_name):
        return plain + NOT_HER
    return plain + ONLY_A_NAME if passes_for_role(plain) else plain


@lru_cache(maxsize=NAMES_KEPT)
def safe_name(name: str, limit: int = NAME_LIMIT) -> str:
    """Make a display name harmless: one line, visible, short, without stacked marks."""
    spaced = _SPACES.sub(" ", unicodedata.normalize("NFKC", name))
    kept = ""
    marks = 0
    for character in spaced:
        if unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANK_LETTERS:
            continue
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MARKS_MOST:
            kept += character
    return _SPACES.sub(" ", kept).strip()[:limit].rstrip() or NAMELESS


def safe_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Give *text* whole up to the limit, without what nobody can see and no wire can carry."""
    shown = _TAGS.sub(lambda found: found.group(1) or "", text)
    shown = _SURROGATE.sub("\ufffd", shown)
    return shown if len(shown) <= limit else shown[:limit] + CUT_MARK


def describe_attachments(attachments: tuple[Attachment, ...]) -> list[str]:
    """Say in a few words each what came with a message; the content itself is not seen."""
    told = [_describe(attachment) for attachment in attachments[:ATTACHMENTS_MOST]]
    if len(attachments) > ATTACHMENTS_MOST:
        told.append(f"{len(attachments) - ATTACHMENTS_MOST} more")
    return told


def _describe(attachment: Attachment) -> str:
    name = safe_name(attachment.name, FILE_NAME_LIMIT)
    if attachment.kind == "sticker":
        return f"sticker: {name}"
    if attachment.kind == "voice":
        length = "" if attachment.duration_s is None else f" ({attachment.duration_s:.0f} s)"
        return f"voice message{length}, not heard"
    kind = safe_name(attachment.content_type.partition(";")[0]) if attachment.content_type else "file"
    return f"{kind}: {name} ({_size(attachment.size_bytes)})"


def _size(size_bytes: int) -> str:
    for step, unit in _SIZE_STEPS:
        if size_bytes >= step:
            return f"{size_bytes / step:.0f} {unit}"
    return f"{size_bytes} bytes"


def _lone_id(message: Message, own_id: UserId | None) -> int | None:
    """Give the only person without a name in a line that mentions her: where her id is not known, that is she."""
    mentioned = set(map(int, _MENTION.findall(message.content))) - {user_id for user_id, _ in message.mentioned_names}
    return mentioned.pop() if own_id is None and message.mentions_self and len(mentioned) == 1 else None


def name_mentions(text: str, own_name: str, own_id: UserId | None, lone_id: int | None = None) -> str:
    """Give *text* with codes in place of the people it mentions; mentions of her, or of *lone_id*, are *own_name*."""

    def name(found: re.Match[str]) -> str:
        user_id = int(found.group(1))
        return f"@{own_name}" if user_id in (own_id, lone_id) else f"@{short_code('u', user_id)}"

    return _MENTION.sub(name, text)
