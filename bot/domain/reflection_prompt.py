"""Build the prompt of a reflection: what one person told within one audience, as data, and the shape of the answer.

Everything that anybody said stands in JSON strings, one object a line; what it may refer to has codes that nobody can
choose. What the codes stand for is kept in `Codes`: a code that is not in it means nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.answer import by_code
from bot.domain.ids import MessageId, short_code
from bot.domain.memory import Memory, MemoryKind, NoteKind, Origin, SelfNote
from bot.domain.message import Message
from bot.domain.prompt import ChatMessage
from bot.domain.quoting import as_line, quote_line, safe_name, safe_text
from bot.domain.secrets_said import holds_secret
from bot.domain.self_notes import NOTES_MOST, Topic

LINES_LETTERS = 16_000  # about 4,000 tokens of lines in one prompt
LINE_LETTERS = 600  # of one line
MEMORY_LETTERS = 400
NAMES_MOST = 3  # of who was renamed
VERDICTS = ("keep", "same", "drop", "wait")
# What a model may say a memory is: boundaries, corrections and promises hold at once, without reflection.
PLAIN_KINDS = (
    MemoryKind.FACT,
    MemoryKind.FEELING,
    MemoryKind.EVENT,
    MemoryKind.JOKE,
    MemoryKind.GOAL,
    MemoryKind.DECISION,
)
NOTE_KINDS = (NoteKind.NARRATIVE, NoteKind.OPINION)

_STRING: dict[str, object] = {"type": "string"}
_INTEGER: dict[str, object] = {"type": "integer"}
_BOOLEAN: dict[str, object] = {"type": "boolean"}
_NULLABLE: dict[str, object] = {"type": ["string", "null"]}


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list_of(item: object) -> dict[str, object]:
    return {"type": "array", "items": item}


def _one_of(words: Iterable[str]) -> dict[str, object]:
    return {"type": "string", "enum": [str(word) for word in words]}


_REFS = _list_of(_STRING)
REFLECTION_SCHEMA: Mapping[str, object] = _object(
    candidates=_list_of(
        _object(
            ref=_STRING,
            verdict=_one_of(VERDICTS),
            of=_NULLABLE,
            supersedes=_REFS,
            kind=_one_of(MemoryKind),
            text=_STRING,
            salience=_INTEGER,
            tags=_REFS,
            valid_until=_NULLABLE,
        )
    ),
    found=_list_of(_object(message=_STRING, kind=_one_of(PLAIN_KINDS), text=_STRING, salience=_INTEGER)),
    outdated=_REFS,
    corrections=_list_of(_object(ref=_STRING, confidence=_INTEGER)),
    portrait=_list_of(_object(text=_STRING, sources=_REFS, replaces=_NULLABLE)),
    notes=_list_of(_object(kind=_one_of(NOTE_KINDS), text=_STRING, sources=_REFS, replaces=_NULLABLE, told=_BOOLEAN)),
    tastes=_list_of(_object(topic=_STRING, likes=_BOOLEAN, sources=_REFS, told=_BOOLEAN)),
)


@dataclass(frozen=True, slots=True)
class Material:
    """What a reflection is about: memories, lines and notes of one person and one audience.

    *lines* are newest last; of *reread* ones the text was changed since something was made of it.
    """

    name: str
    candidates: tuple[Memory, ...] = ()
    current: tuple[Memory, ...] = ()
    lines: tuple[Message, ...] = ()
    reread: frozenset[MessageId] = frozenset()
    notes: tuple[SelfNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of one prompt stand for."""

    candidates: Mapping[str, Memory] = field(default_factory=dict)
    current: Mapping[str, Memory] = field(default_factory=dict)
    lines: Mapping[str, Message] = field(default_factory=dict)
    notes: Mapping[str, SelfNote] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Self:
    """Who reflects: her name, what her persona says of her, and of which topics it says nothing."""

    name: str
    identity: str
    topics: tuple[Topic, ...] = ()


def fit(material: Material) -> Material:
    """Give the material with no more lines than a prompt takes: sources and edited lines first, then the newest.

    What holds a secret stays in the talk.
    """
    wanted = {source for memory in material.candidates for source in memory.sources} | material.reread
    kept: set[MessageId] = set()
    letters = 0
    told = [line for line in material.lines if not holds_secret(line.content)]
    for line in sorted(told, key=lambda one: (one.message_id not in wanted, -one.message_id)):
        letters += min(len(line.content), LINE_LETTERS)
        if letters > LINES_LETTERS:
            break
        kept.add(line.message_id)
    return replace(material, lines=tuple(line for line in material.lines if line.message_id in kept))


def codes_of(material: Material) -> Codes:
    """Give the codes of what a prompt shows."""
    return Codes(
        candidates={f"c{number}": one for number, one in enumerate(material.candidates, 1)},
        current={f"k{number}": one for number, one in enumerate(material.current, 1)},
        lines=by_code(material.lines),
        notes={f"n{number}": one for number, one in enumerate(material.notes, 1)},
    )


def build_reflection(rules: str, who: Self, material: Material, now: datetime) -> tuple[ChatMessage, ...]:
    """Build the prompt; *rules* have the fields ``{name}``, ``{identity}``, ``{topics}`` and ``{notes_most}``."""
    topics = ", ".join(f"{one.slug} ({one.words})" if one.words != one.slug else one.slug for one in who.topics)
    # what a persona says may hold braces as well: it is filled in last
    system = rules.replace("{topics}", topics).replace("{notes_most}", str(NOTES_MOST)).replace("{name}", who.name)
    codes, shown = codes_of(material), {line.message_id for line in material.lines}
    blocks = (
        ("New, not yet settled", [_memory(code, one, shown) for code, one in codes.candidates.items()]),
        ("What you know of them", [_memory(code, one, shown) for code, one in codes.current.items()]),
        ("What they said, oldest first", [_line(one, who.name, material.reread) for one in material.lines]),
        ("Your notes", [_note(code, one) for code, one in codes.notes.items()]),
    )
    data = "\n\n".join(f"## {title}\n" + ("\n".join(lines) or "(nothing)") for title, lines in blocks)
    today = f"Today is {now.astimezone(UTC):%A %Y-%m-%d}. This is about {as_line(_person(material))}"
    ask = "Answer now with the one JSON object."
    return (
        ChatMessage("system", system.replace("{identity}", who.identity)),
        ChatMessage("user", f"{today}\n\n{data}\n\n{ask}"),
    )


def _person(material: Material) -> dict[str, object]:
    """Name whom it is about, and how else they were called: what was noted then says that name."""
    name = safe_name(material.name)
    told: dict[str, object] = {"person": name}
    before = dict.fromkeys(safe_name(line.author.display_name) for line in material.lines)
    before.pop(name, None)
    return told | ({"called before": list(before)[-NAMES_MOST:]} if before else {})


def _memory(code: str, memory: Memory, shown: Container[MessageId]) -> str:
    told: dict[str, object] = {
        "ref": code,
        "kind": str(memory.kind),
        "text": safe_text(memory.text, MEMORY_LETTERS),
        "told": _day(memory.said_at),
        "times": memory.seen_count,
        "salience": memory.salience,
    }
    lines = [short_code("m", source) for source in memory.sources[-3:] if source in shown]
    if lines:
        told["lines"] = lines
    # a promise may be hers: its words say who promised what
    if memory.about_id is not None and memory.kind is not MemoryKind.PROMISE:
        told["about"] = "somebody else"
    if memory.kind is MemoryKind.CORRECTION:
        told["confidence"] = round(100 * memory.confidence)
    if memory.is_pinned or memory.is_edited or memory.origin is Origin.PERSON:
        told["by_them"] = True
    return as_line(told)


def _line(line: Message, own_name: str, reread: frozenset[MessageId]) -> str:
    """Quote a line of theirs without what it passes on: only their own words tell of them."""
    own = replace(line, quote=None, forwards=(), attachments=(), content=safe_text(line.content, LINE_LETTERS))
    written = quote_line(own, own_name)
    return f'{{"edited": true, {written[1:]}' if line.message_id in reread else written


def _note(code: str, note: SelfNote) -> str:
    return as_line({"ref": code, "kind": str(note.kind), "text": safe_text(note.text, MEMORY_LETTERS)})


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
