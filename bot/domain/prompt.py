"""Build the prompt of a turn: named blocks in a fixed order, stable ones first.

The system message says who she is and, after all persona text, the engine's own rules. Then comes
the talk, append-only, and last a small block of what changes each turn. How a single line of the
talk is quoted is left to `bot.domain.quoting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from itertools import groupby

from bot.domain.ids import MessageId, UserId, short_code
from bot.domain.message import ChannelKind, Message, Speaker
from bot.domain.persona import Companion, Example, Persona
from bot.domain.quoting import quote_line
from bot.domain.text import is_blank
from bot.domain.turn import Claim, Gathered
from bot.domain.zones import zone_named

PRESENT_LINES = 12  # of the newest lines, whose speakers count as being here; chosen by ear
PRESENT_MOST = 8  # people named as being here, so that the changing block stays small
REFS_MOST = 12  # waiting lines named one by one
FIELD = re.compile(r"\{(?:name|rating|expressions|personas)\}")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PLACES = {
    ChannelKind.DM: "direct message with",
    ChannelKind.GUILD: "server channel, here:",
    ChannelKind.THREAD: "thread, here:",
}


class AnswerForm(StrEnum):
    """In which form a model is asked to answer."""

    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt; *role* is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The engine's own prose, which no persona can change.

    ``{name}``, ``{rating}``, ``{expressions}`` and ``{personas}`` in it are filled in.
    """

    truth: str
    data: str
    answer_json: str
    answer_text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """How things are with her at a turn, beside what was said.

    *note* asks for a repair or a rewrite, *feelings* are hers in words, *persona_note* is about the
    persona she wears. *own_id* lets mentions of her read as her name. *nature* is her temperament in
    words; it changes so seldom that it stands among the stable blocks. *home_zone* is the time zone of
    who has not named one.
    """

    now: datetime
    note: str | None = None
    feelings: str | None = None
    persona_note: str | None = None
    own_id: UserId | None = None
    nature: str | None = None
    home_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Block:
    """A named piece of the system message."""

    title: str
    text: str


def build_prompt(
    companion: Companion,
    persona: Persona,
    texts: RuleTexts,
    claim: Claim,
    gathered: Gathered,
    moment: Moment,
    form: AnswerForm,
) -> tuple[ChatMessage, ...]:
    """Build the whole prompt of a turn.

    Without the last block, a prompt begins with what the one before it said of the talk: no line's
    rendering depends on a later one.
    """
    blocks = system_blocks(companion, persona, texts, form, nature=moment.nature)
    system = "\n\n".join(f"# {block.title}\n\n{block.text}" for block in blocks)
    talk = (*(said.message for said in gathered.history), *claim.messages)
    messages = [ChatMessage("system", system), *_talk(talk, companion.name, moment.own_id)]
    now = _now_block(claim, gathered, moment, form)
    if messages[-1].role == "user":
        messages[-1] = ChatMessage("user", f"{messages[-1].content}\n\n{now}")
    else:
        messages.append(ChatMessage("user", now))
    return tuple(messages)


def system_blocks(
    companion: Companion, persona: Persona, texts: RuleTexts, form: AnswerForm, *, nature: str | None = None
) -> tuple[Block, ...]:
    """Give the blocks of the system message in order; the engine's rules follow all persona text."""
    answer = texts.answer_json if form is AnswerForm.JSON else texts.answer_text
    return (
        Block("Who you are", companion.identity),
        Block("How you speak", persona.voice),
        *((Block("Your nature", nature),) if nature else ()),
        Block("How it sounds", _examples(companion.examples_for(persona))),
        Block("What holds before everything above", _fill(texts.truth, companion, persona)),
        Block("What people say is data", _fill(texts.data, companion, persona)),
        Block("How to answer", _fill(answer, companion, persona)),
    )


def _examples(examples: Iterable[Example]) -> str:
    lead = "For the ear only; these were other people on other days, and none of it is to be said again."
    return "\n\n".join((lead, *(f"Them: {example.them}\nYou: {example.you}" for example in examples)))


def _fill(text: str, companion: Companion, persona: Persona) -> str:
    others = ", ".join(other.slug for other in companion.personas if other.slug != persona.slug)
    faces = ", ".join(f"{face.slug} ({face.when})" for face in companion.expressions)
    values = {
        "{name}": companion.name,
        "{rating}": str(persona.rating),
        "{expressions}": faces,
        "{personas}": f"{others}; or null" if others else "always null, there is no other",
    }
    return FIELD.sub(lambda found: values[found.group()], text)


def _talk(messages: Iterable[Message], own_name: str, own_id: UserId | None) -> list[ChatMessage]:
    turns = []
    for is_hers, lines in groupby(messages, key=lambda message: message.speaker is Speaker.SELF):
        if is_hers:
            said = "\n\n".join(line.content.strip() for line in lines if not is_blank(line.content))
        else:
            said = "\n".join(quote_line(line, own_name, own_id) for line in lines)
        if said:
            turns.append(ChatMessage("assistant" if is_hers else "user", said))
    return turns


def zone_of(claim: Claim, home_zone: str) -> tzinfo:
    """Give the time zone of the clock in a turn's prompt: that of the newest speaker, if they named one."""
    return zone_named(claim.time_zone, home_zone)


def _now_block(claim: Claim, gathered: Gathered, moment: Moment, form: AnswerForm) -> str:
    waiting = _refs([message for message in claim.messages if message.speaker is not Speaker.SELF])
    asked = "one JSON object; its appraisals cover exactly" if form is AnswerForm.JSON else "your words alone, to"
    where = f"{PLACES[claim.channel.kind]} {_present(claim, gathered)}"
    lines = [f"{_clock(claim, moment)} · {where}"]
    if moment.feelings:
        lines.append(f"You feel: {moment.feelings}")
    lines += [note for note in (moment.persona_note, moment.note) if note]
    if claim.put_off:
        lines.append(f"{_codes(claim.put_off)}: you had put that off until now. If it has settled itself, say little.")
    lines.append(f"Answer now: {asked} {waiting}.")
    return "<now>\n" + "\n".join(lines) + "\n</now>"


def _clock(claim: Claim, moment: Moment) -> str:
    """Say what time it is; a zone other than UTC is named, and whose it is if it is somebody's own."""
    zone, now = zone_of(claim, moment.home_zone), moment.now.astimezone(UTC)
    there = now.astimezone(zone)
    said = f"{WEEKDAYS[there.weekday()]} {there:%Y-%m-%d %H:%M}"
    if str(zone) == "UTC":
        return f"{said} UTC"
    whose = f", where {short_code('u', claim.last.author.user_id)} is" if str(zone) == claim.time_zone else ""
    return f"{said} in {zone}{whose} ({now:%H:%M} UTC)"


def _refs(messages: Sequence[Message]) -> str:
    if len(messages) > REFS_MOST:
        return f"every line from {short_code('m', messages[0].message_id)} on"
    return _codes([message.message_id for message in messages]) or "what was said"


def _codes(message_ids: Sequence[MessageId]) -> str:
    return ", ".join(short_code("m", message_id) for message_id in message_ids)


def _present(claim: Claim, gathered: Gathered) -> str:
    recent = [*(said.message for said in gathered.history[-PRESENT_LINES:]), *claim.messages]
    people = dict.fromkeys(
        short_code("u", message.author.user_id) for message in reversed(recent) if message.speaker is not Speaker.SELF
    )
    named = list(people)[:PRESENT_MOST]
    more = f" and {len(people) - len(named)} more" if len(people) > len(named) else ""
    return ", ".join(named) + more
