"""The words of summaries, pure: the prompt that asks for one, and what is read from the answer.

Talk is quoted as data, line by line. What comes back is cut to size. Whatever the model was told, a sentence that holds
what must not be kept is left out, and one that reads as an order to her stands there as something that was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.ids import PERSON_CODE, UserId, short_code
from bot.domain.message import Message, Speaker
from bot.domain.orders import is_bidding, is_order
from bot.domain.prompt import ChatMessage
from bot.domain.quoting import as_line, quote_line, quote_own, safe_text
from bot.domain.recalled import Summary
from bot.domain.secrets_said import MASK, holds_secret, names_phone, without_secrets
from bot.domain.sensitive import names_sensitive
from bot.domain.text import SENTENCE_END, is_blank, visible_line

SUMMARY_LETTERS = 900  # of one summary; 100 words are asked for
PERSON_LETTERS = 300
NOTE_LETTERS = 300
LINE_LETTERS_LEAST = 200  # of a line that is shortened so that a long stretch fits
_HER_NAME = "Mira"  # what stands for any name of hers where orders are looked for
_SAID = "Said: “{}”"
_IS_SAID = re.compile(r"Said: “[^“”]*”")
_WORD_OF = re.compile(rf"{PERSON_CODE}\b")  # a sentence about what a person says, wants or asks is told as theirs
# A level of summaries that has more than so many has its oldest made into one of the next: the record of three hundred
# stretches, years of talk, is a dozen pieces. Chosen by ear.
LEVEL_MOST = 3

_TEXT = {"type": "string"}
_PERSON = {
    "type": "object",
    "properties": {"person": _TEXT, "said": _TEXT},
    "required": ["person", "said"],
    "additionalProperties": False,
}
TALK_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"summary": _TEXT, "people": {"type": "array", "items": _PERSON}, "note": _TEXT},
    "required": ["summary", "people", "note"],
    "additionalProperties": False,
}
WHOLE_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"summary": _TEXT},
    "required": ["summary"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a model made of a stretch of talk: a summary, a line a person, and where the talk stood."""

    summary: str
    people: Mapping[UserId, str] = field(default_factory=dict)
    note: str = ""


def talk_prompt(
    text: str, lines: Sequence[Message], earlier: Summary | None, *, letters_most: int, name: str, own_id: UserId
) -> tuple[ChatMessage, ...]:
    """Build the prompt that asks for a summary of *lines*; *text* is the instruction, with the field ``{name}``.

    *earlier* is the summary of what came before. Lines are shortened where all of them would be far longer than
    *letters_most*.
    """
    room = max(LINE_LETTERS_LEAST, 2 * letters_most // max(1, len(lines)))
    data = [] if earlier is None else [as_line({"earlier": safe_text(earlier.text), "stood": safe_text(earlier.note)})]
    data += [_quote(_without_secrets(line, room), name, own_id) for line in lines]
    return (ChatMessage("system", text.replace("{name}", name)), ChatMessage("user", "\n".join(data)))


def whole_prompt(text: str, parts: Sequence[Summary], *, name: str) -> tuple[ChatMessage, ...]:
    """Build the prompt that asks for one summary of several, oldest first."""
    data = [
        as_line({"from": _day(part.said_from), "to": _day(part.said_to), "text": safe_text(part.text)})
        for part in parts
    ]
    return (ChatMessage("system", text.replace("{name}", name)), ChatMessage("user", "\n".join(data)))


def read_told(fields: Mapping[str, object], speakers: Sequence[UserId], *, name: str = _HER_NAME) -> Told | None:
    """Read an answer; None if there is no summary in it, an empty one if nothing of it may be kept.

    Only *speakers* are told of, each once. *name* is hers.
    """
    given = fields.get("summary")
    if not isinstance(given, str) or is_blank(given):
        return None
    people, known = {}, {short_code("u", one): one for one in speakers}
    told = fields.get("people")
    for item in told if isinstance(told, list) else ():
        person = known.pop(str(item.get("person")).strip().casefold(), None) if isinstance(item, Mapping) else None
        if person is not None and (said := kept_text(item.get("said"), PERSON_LETTERS, name=name)):
            people[person] = said
    return Told(
        kept_text(given, SUMMARY_LETTERS, name=name), people, kept_text(fields.get("note"), NOTE_LETTERS, name=name)
    )


def kept_text(given: object, letters: int, *, name: str = _HER_NAME) -> str:
    """Give what may be kept of a text: on one line, whole sentences up to about *letters*.

    None has a secret, health or sexuality in it. What reads as an order to her, who goes by *name*, is quoted.
    """
    if not isinstance(given, str) or is_blank(given):
        return ""
    text = visible_line(safe_text(given))
    if is_withheld(text):
        text = " ".join(one for one in _sentences(text) if not is_withheld(one))
    text = without_secrets(text)  # what only several sentences together give away
    return "" if text == MASK else _shortened(_with_orders_quoted(text, name), letters)


def is_withheld(text: str) -> bool:
    """Say whether a text must not be kept without its person's consent: a secret, a telephone, health, sexuality."""
    return holds_secret(text) or names_phone(text) or names_sensitive(text)


def speakers_of(lines: Sequence[Message]) -> list[UserId]:
    """List the people who speak, who spoke first comes first."""
    return list(dict.fromkeys(line.author.user_id for line in lines if line.speaker is Speaker.PERSON))


def _quote(line: Message, name: str, own_id: UserId) -> str:
    return quote_own(line) if line.speaker is Speaker.SELF else quote_line(line, name, own_id)


def _without_secrets(line: Message, room: int) -> Message:
    """Give a line of which nobody can tell a secret on, with *room* letters of its own words."""
    quote = line.quote
    return replace(
        line,
        content=without_secrets(line.content)[:room],
        forwards=tuple(map(without_secrets, line.forwards)),
        quote=None if quote is None else replace(quote, text=without_secrets(quote.text)),
    )


def _with_orders_quoted(text: str, name: str) -> str:
    """Put each sentence that reads as an order to her into quotes, as words that somebody said."""
    sentences = _sentences(text)
    marked = [_quoted(one) if _is_order(one, name) else one for one in sentences]
    if marked != sentences:
        return " ".join(marked)
    is_spread = len(sentences) > 1 and _is_order(text, name)
    return _quoted(text) if is_spread else text


def _is_order(sentence: str, name: str) -> bool:
    """Say whether a sentence orders her about; what a person is said to want or to do themselves does not."""
    if _is_quoted(sentence):
        return False
    meant = _as_hers(sentence, name)
    return is_order(meant) or (is_bidding(meant) and not _WORD_OF.match(meant))


def _as_hers(text: str, name: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HER_NAME, text, flags=re.IGNORECASE) if name.strip() else text


def _is_quoted(text: str) -> bool:
    return _IS_SAID.fullmatch(text) is not None


def _quoted(text: str) -> str:
    return _SAID.format(re.sub('[“”"]', "'", text))


def _sentences(text: str) -> list[str]:
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    return [piece for start, end in zip(starts, [*ends, len(text)], strict=True) if (piece := text[start:end].strip())]


def _shortened(text: str, letters: int) -> str:
    """Cut a text that is too long after a sentence, else after a word; a quote that is cut stays closed."""
    if len(text) <= letters:
        return text
    head = text[: letters - 1]
    ends = [found.end() for found in SENTENCE_END.finditer(head)]
    is_late = bool(ends) and ends[-1] >= letters // 2
    cut = head[: ends[-1]].strip() if is_late else (head.rpartition(" ")[0] or head[:-1]) + "…"
    return cut + "”" if cut.count("“") > cut.count("”") else cut


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
