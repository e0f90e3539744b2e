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
OPENING = "(What was said before this is not shown.)"  # stands first where the talk would begin with her words
PUT_OFF_UNTIL_NOW = (
    "something here you put off until now. Come back to that; what you have answered or what settled itself, let be, "
    "or stay silent."
)
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
    """Give the talk, people's lines and hers by turns; people begin, as some models' chat templates demand."""
    said = (line for line in messages if line.speaker is not Speaker.SELF or not is_blank(line.content))
    turns: list[ChatMessage] = []
    for is_hers, lines in groupby(said, key=lambda line: line.speaker is Speaker.SELF):
        if is_hers:
            turns += [] if turns else [ChatMessage("user", OPENING)]
            turns.append(ChatMessage("assistant", "\n\n".join(line.content.strip() for line in lines)))
        else:
            turns.append(ChatMessage("user", "\n".join(quote_line(line, own_name, own_id) for line in lines)))
    return turns


def zone_of(claim: Claim, user_id: UserId, home_zone: str) -> tzinfo:
    """Give the time zone of somebody's clock in a turn's prompt: the one they named, or that of her home."""
    return zone_named(claim.time_zones.get(user_id), home_zone)


def _now_block(claim: Claim, gathered: Gathered, moment: Moment, form: AnswerForm) -> str:
    asked_in = [message for message in claim.messages if message.speaker is not Speaker.SELF]
    asked = "one JSON object; its appraisals cover exactly" if form is AnswerForm.JSON else "your words alone, to"
    where = f"{PLACES[claim.channel.kind]} {_present(claim, gathered)}"
    lines = [f"{_clock(claim, moment)} · {where}"]
    lines += _for_several(claim, moment, form)
    if moment.feelings:
        lines.append(f"You feel: {moment.feelings}")
    lines += [note for note in (moment.persona_note, moment.note) if note]
    if claim.put_off:
        lines.append(f"{_codes(claim.put_off)}: {PUT_OFF_UNTIL_NOW}")
    lines.append(f"Answer now: {asked} {_refs(asked_in)}.")
    return "<now>\n" + "\n".join(lines) + "\n</now>"


def _clock(claim: Claim, moment: Moment) -> str:
    """Say what time it is; a zone other than UTC is named, and whose it is if it is somebody's own."""
    zone, now = zone_of(claim, claim.last.author.user_id, moment.home_zone), moment.now.astimezone(UTC)
    there = now.astimezone(zone)
    said = f"{WEEKDAYS[there.weekday()]} {there:%Y-%m-%d %H:%M}"
    if str(zone) == "UTC":
        return f"{said} UTC"
    people = [short_code("u", one) for one in _asking(claim) if claim.time_zones.get(one) == str(zone)]
    whose = f", where {_listed(people)} {'is' if len(people) == 1 else 'are'}" if people else ""
    return f"{said} in {zone}{whose} ({now:%H:%M} UTC)"


def _for_several(claim: Claim, moment: Moment, form: AnswerForm) -> list[str]:
    """Say what matters only where several people wait: clocks that differ, and how to name whom she means."""
    people = _asking(claim)
    if len(people) < 2:
        return []
    others = _other_clocks(claim, people, moment)
    lines = [f"By other clocks: {'; '.join(others)}."] if others else []
    if form is AnswerForm.JSON:
        by_whom = "`when` goes by the clock of who asks, and " if others else ""
        ref = short_code("m", claim.last.message_id)
        lines.append(f'{by_whom}`later` begins with the ref of the line you put off: "{ref} in 2 hours".')
    return lines


def _other_clocks(claim: Claim, people: Sequence[UserId], moment: Moment) -> list[str]:
    """Name the clocks that show another zone than the first, and whose each is."""
    shown = str(zone_of(claim, people[0], moment.home_zone))
    by_zone: dict[tuple[str, bool], list[str]] = {}
    for user_id in people[:PRESENT_MOST]:
        zone = str(zone_of(claim, user_id, moment.home_zone))
        if zone != shown:
            by_zone.setdefault((zone, claim.time_zones.get(user_id) == zone), []).append(short_code("u", user_id))
    clocks = []
    for (zone, is_own), codes in by_zone.items():
        there = moment.now.astimezone(zone_named(zone))
        said = f"{WEEKDAYS[there.weekday()]} {there:%H:%M} {'UTC' if zone == 'UTC' else f'in {zone}'}"
        clocks.append(f"{', '.join(codes)}{'' if is_own else ' (none named)'} {said}")
    return clocks


def _asking(claim: Claim) -> list[UserId]:
    """List the people who wait, who spoke last first."""
    people = (message.author.user_id for message in reversed(claim.messages) if message.speaker is Speaker.PERSON)
    return list(dict.fromkeys(people))


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
    return _listed(list(people))


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - PRESENT_MOST} more" if len(codes) > PRESENT_MOST else ""
    return ", ".join(codes[:PRESENT_MOST]) + more
