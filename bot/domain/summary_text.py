"""The words of summaries, pure: the prompt that asks for one, and what is read from the answer.

Talk is quoted as data, line by line. What comes back is cut to size, and a sentence that holds what must not be kept is
left out, whatever the model was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.ids import UserId, short_code
from bot.domain.memory import MemoryKind, Refusal
from bot.domain.memory_gate import Gate, refusal_of
from bot.domain.message import Message, Speaker
from bot.domain.prompt import ChatMessage
from bot.domain.quoting import as_line, quote_line, quote_own, safe_text
from bot.domain.recalled import Summary
from bot.domain.secrets_said import MASK, holds_secret, without_secrets
from bot.domain.text import SENTENCE_END, is_blank, visible_line

SUMMARY_LETTERS = 900  # of one summary; 100 words are asked for
PERSON_LETTERS = 300
NOTE_LETTERS = 300
LINE_LETTERS_LEAST = 200  # of a line that is shortened so that a long stretch fits
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


def read_told(fields: Mapping[str, object], speakers: Sequence[UserId]) -> Told | None:
    """Read an answer; None if there is no summary in it. Only *speakers* are told of, each once."""
    summary = kept_text(fields.get("summary"), SUMMARY_LETTERS)
    if not summary:
        return None
    people, known = {}, {short_code("u", one): one for one in speakers}
    told = fields.get("people")
    for item in told if isinstance(told, list) else ():
        person = known.pop(str(item.get("person")).strip().casefold(), None) if isinstance(item, Mapping) else None
        if person is not None and (said := kept_text(item.get("said"), PERSON_LETTERS)):
            people[person] = said
    return Told(summary, people, kept_text(fields.get("note"), NOTE_LETTERS))


def kept_text(given: object, letters: int) -> str:
    """Give what may be kept of a text: on one line, whole sentences up to about *letters*, none with a secret."""
    if not isinstance(given, str) or is_blank(given):
        return ""
    text = visible_line(safe_text(given))
    if _is_withheld(text):
        text = " ".join(one for one in _sentences(text) if not _is_withheld(one))
    text = without_secrets(text)  # what only several sentences together give away
    return "" if text == MASK else _shortened(text, letters)


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


def _is_withheld(text: str) -> bool:
    """Say whether a text must not be kept without its person's consent: a secret, health, sexuality."""
    return holds_secret(text) or refusal_of(text, MemoryKind.EVENT, None, Gate()) is Refusal.SENSITIVE


def _sentences(text: str) -> list[str]:
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    return [piece for start, end in zip(starts, [*ends, len(text)], strict=True) if (piece := text[start:end].strip())]


def _shortened(text: str, letters: int) -> str:
    """Cut a text that is too long after a sentence, else after a word."""
    if len(text) <= letters:
        return text
    head = text[:letters]
    ends = [found.end() for found in SENTENCE_END.finditer(head)]
    if ends and ends[-1] >= letters // 2:
        return head[: ends[-1]].strip()
    return (head.rpartition(" ")[0] or head[:-1]) + "…"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
