"""The shape of an answer: what is asked of the model, and how the growing object is read.

The model proposes in fields; nothing here trusts them. Unknown words fall back to the plainest choice.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.affect.appraisal import (
    FIELD_NAMES,
    MALFORMED_FACTOR,
    NEUTRAL,
    SIGNED_FIELDS,
    UNSIGNED_FIELDS,
    Appraisal,
    read_appraisal,
)
from bot.domain.ids import MessageId, UserId, short_code
from bot.domain.memory import SALIENCE_LEAST, SALIENCE_MOST, MemoryKind
from bot.domain.message import ChannelKind, Message, Speaker
from bot.domain.text import clean_title, finished_paragraphs, is_blank
from bot.domain.turn import Claim, Intent, MessageAppraisal

SCHEMA_NAME = "answer"
TEXT_FIELDS = frozenset({"reply"})  # all there is where a model gave plain text
# a line of a portrait is made by reflection, or by the person
MEMORY_KINDS = tuple(str(kind) for kind in MemoryKind if kind is not MemoryKind.PORTRAIT)
PLAIN_SALIENCE = 3  # of a memory that came without a number that can be read: it waits to be told again
TAIL_LIMIT = 20  # memories or promises one answer may propose
TAIL_TEXT_LIMIT = 500  # characters of one proposed memory or promise
WORDLESS = frozenset({"-", "–", "—"})  # how a model that gives plain text is asked to stay silent
EMOJI_LIMIT = 64  # characters of a reaction: longest emoji sequences and custom emoji mentions fit
EMOJI_MARKS = "\u20e3‼⁉〰ℹ"  # emoji that Unicode counts among letters, marks or punctuation; keycaps
EMOJI_BLOCK = ("\U0001f000", "\U0001faff")  # also those younger than this Python's tables

_Given = tuple[object, Mapping[str, object]]  # what an appraisal names, and the appraisal


def _nullable(kind: str) -> dict[str, object]:
    return {"type": [kind, "null"]}


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(item: object) -> dict[str, object]:
    return {"type": "array", "items": item}


_INTEGER: dict[str, object] = {"type": "integer"}
_STRING: dict[str, object] = {"type": "string"}

# Strict mode wants every property required, nullable instead of optional, and no ranges.
ANSWER_SCHEMA: Mapping[str, object] = _object(
    appraisals=_list_of(
        _object(
            message=_STRING,
            **dict.fromkeys((*SIGNED_FIELDS, *UNSIGNED_FIELDS), _INTEGER),
            confidence={"type": "number"},
        )
    ),
    intent={"type": "string", "enum": [str(intent) for intent in Intent]},
    to=_nullable("string"),
    thread=_nullable("string"),
    reply=_STRING,
    reaction=_nullable("string"),
    expression=_nullable("string"),
    persona=_nullable("string"),
    later=_nullable("string"),
    reminders=_list_of(_object(message=_STRING, when=_STRING, what=_STRING, line=_STRING)),
    memories=_list_of(
        _object(
            message=_STRING,
            kind={"type": "string", "enum": list(MEMORY_KINDS)},
            about=_STRING,
            text=_STRING,
            salience=_INTEGER,
            sensitive={"type": "boolean"},
        )
    ),
    promises=_list_of(_object(who=_STRING, text=_STRING, due=_nullable("string"))),
)


@dataclass(frozen=True, slots=True)
class Aim:
    """Where an answer goes: the line it is *to*, and the title of a *thread* she opens under it; None is none."""

    to: MessageId | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Tail:
    """What comes with an answer beside the words.

    *proposals* are plain JSON values. Each memory among them has ``message_id`` and ``owner_id`` of the line that says
    so and of its writer, whose memory it is: what somebody tells of another is the teller's, and has that other's
    ``about_id``. Its ``kind`` is one of `MEMORY_KINDS`, its ``salience`` 1 to 10, ``sensitive`` true or false. A
    promise has the ids of who makes it, or of whom she makes it to, where that is known.
    """

    reaction: str | None
    expression: str | None
    persona_wish: str | None
    proposals: Mapping[str, object]


def read_intent(fields: Mapping[str, object]) -> Intent:
    """Give the intent; a reply with words is a reply whatever else is said."""
    reply = fields.get("reply")
    if fields.keys() == TEXT_FIELDS and isinstance(reply, str) and reply.strip() in WORDLESS:
        return Intent.SILENT
    has_words = isinstance(reply, str) and not is_blank(reply)
    try:
        intent = Intent(str(fields.get("intent")))
    except ValueError:
        intent = Intent.REPLY
    if intent is Intent.REACT and read_reaction(fields) is None:
        intent = Intent.REPLY
    if intent is not Intent.REPLY and has_words:
        return Intent.REPLY
    return intent


def read_paragraphs(fields: Mapping[str, object], *, is_open: bool) -> list[str]:
    """Give the finished paragraphs of the reply so far; *is_open* says that it may still grow."""
    reply = fields.get("reply")
    if not isinstance(reply, str):
        return []
    return finished_paragraphs(reply, is_whole=not is_open)[0]


def felt_lines(claim: Claim) -> tuple[Message, ...]:
    """Give the claimed lines that may move her: those of people who have addressed her at some time."""
    return tuple(
        message
        for message in claim.messages
        if message.speaker is Speaker.PERSON and (message.author.user_id in claim.met or message.reach.is_expecting)
    )


def other_lines(claim: Claim) -> tuple[Message, ...]:
    """Give the other lines that a prompt shows: nobody who waits may be taken for who wrote them."""
    felt = {line.message_id for line in felt_lines(claim)}
    shown = (*(said.message for said in claim.history), *claim.overheard, *claim.messages)
    return tuple(line for line in shown if line.message_id not in felt)


def read_aim(fields: Mapping[str, object], claim: Claim) -> Aim:
    """Give where an answer goes; only lines of people that are new to her count, and threads only in a channel."""
    people = [line for line in (*claim.messages, *claim.overheard) if line.speaker is Speaker.PERSON]
    target = by_code(people).get(_code(fields.get("to")))
    title = fields.get("thread")
    thread = clean_title(title) if isinstance(title, str) and claim.channel.kind is ChannelKind.GUILD else ""
    return Aim(None if target is None else target.message_id, thread or None)


def by_code(messages: Iterable[Message]) -> dict[str, Message]:
    """Give messages by their codes; a code that two of them share stands for neither."""
    found: dict[str, Message] = {}
    shared = set()
    for message in messages:
        code = short_code("m", message.message_id)
        if found.setdefault(code, message).message_id != message.message_id:
            shared.add(code)
    return {code: message for code, message in found.items() if code not in shared}


def read_appraisals(
    fields: Mapping[str, object], messages: Sequence[Message], *, others: Iterable[Message] = ()
) -> tuple[MessageAppraisal, ...]:
    """Match appraisals to the messages they name; a message left out of them is junk that is counted.

    Plain text, where none was asked for, is neutral. An appraisal that names no waiting message is dropped: feelings
    move by a person's own lines only. When exactly one message waits, a single appraisal is taken for it whatever it
    names, but not if that is one of the *others* that the prompt showed, a line that is quoted, or somebody else.
    """
    given, is_list = _given_appraisals(fields.get("appraisals"))
    by_name = {_code(code): item for code, item in reversed(given) if isinstance(code, str)}
    waiting = by_code(messages)
    result = []
    for message in messages:
        code = short_code("m", message.message_id)
        item = by_name.get(code) if code in waiting else None
        if item is None and len(messages) == 1 and len(given) == 1:
            named, lone = given[0]
            item = None if _code(named) in _named_elsewhere(message, others) else lone
        appraisal = NEUTRAL if fields.keys() == TEXT_FIELDS else read_appraisal(item)
        result.append(
            MessageAppraisal(message.message_id, message.author.user_id, appraisal if is_list else _weakened(appraisal))
        )
    return tuple(result)


def _named_elsewhere(message: Message, others: Iterable[Message]) -> frozenset[str]:
    """Give what names other lines than *message*, or other people than its writer, in its prompt."""
    lines: set[MessageId] = set()
    people: dict[UserId, str] = {}
    for line in (*others, message):
        lines.update(one for one in (line.message_id, line.reply_to_id) if one is not None)
        people |= dict.fromkeys((*line.mentioned_ids, *filter(None, [line.reply_to_user_id])), "")
        people |= dict(line.mentioned_names)
        people |= {line.quote.author_id: line.quote.name} if line.quote is not None else {}
        people[line.author.user_id] = line.author.display_name
    own = {_code(message.author.display_name), short_code("u", message.author.user_id)}
    named = {short_code("m", line) for line in lines - {message.message_id}}
    named |= {short_code("u", user_id) for user_id in people}
    return frozenset((named | {_code(name) for name in people.values() if name}) - own)


def _code(raw: object) -> str:
    return raw.strip().strip("@`\"'").casefold() if isinstance(raw, str) else ""


def _given_appraisals(raw: object) -> tuple[list[_Given], bool]:
    """Give what may be appraisals, each with what it names, and say whether they came in a list as asked for.

    Some models name the messages by key, and some give the only appraisal bare.
    """
    if isinstance(raw, Mapping):
        keyed: list[_Given] = [(code, item) for code, item in raw.items() if isinstance(item, Mapping)]
        if not keyed and not raw.keys().isdisjoint(FIELD_NAMES):
            keyed = [(raw.get("message"), raw)]
        return keyed, False
    items = raw if isinstance(raw, (list, tuple)) else ()
    return [(item.get("message"), item) for item in items if isinstance(item, Mapping)], True


def _weakened(appraisal: Appraisal) -> Appraisal:
    if appraisal.malformed:
        return appraisal
    return replace(appraisal, confidence=appraisal.confidence * MALFORMED_FACTOR, malformed=True)


def read_reaction(fields: Mapping[str, object]) -> str | None:
    """Give the one emoji of a reaction, or None; words are no emoji."""
    raw = fields.get("reaction")
    if not isinstance(raw, str):
        return None
    text = raw.strip()
    if not text or len(text) > EMOJI_LIMIT:
        return None
    if re.fullmatch(r"<a?:\w{2,32}:\d{15,21}>", text):
        return text
    return text if _is_emoji(text) else None


def _is_emoji(text: str) -> bool:
    """Say whether *text* may be one emoji: symbols and their joiners, no letters, no spaces."""
    if any(character.isspace() or (character.isalpha() and character != "ℹ") for character in text):
        return False
    return any(
        character in EMOJI_MARKS
        or EMOJI_BLOCK[0] <= character <= EMOJI_BLOCK[1]
        or unicodedata.category(character) in ("So", "Sm")
        for character in text
        if not character.isascii()
    )


def read_tail(fields: Mapping[str, object], claim: Claim) -> Tail:
    """Give what comes after the words, with everything oversized, misshapen or of unknown owners dropped."""
    felt = felt_lines(claim)
    return Tail(
        reaction=read_reaction(fields),
        expression=_word(fields.get("expression")),
        persona_wish=_word(fields.get("persona")),
        proposals={
            "memories": _memories(fields.get("memories"), felt, claim),
            "promises": _promises(fields.get("promises"), felt, read_aim(fields, claim)),
        },
    )


def _memories(raw: object, felt: Sequence[Message], claim: Claim) -> list[dict[str, object]]:
    """Keep what a claimed line of a person says; that person owns it, whoever it is about."""
    lines, known = by_code(felt), _people_codes(claim)
    kept = []
    for memory in _proposals(raw, ("message", "kind", "about", "text", "salience", "sensitive")):
        source = lines.get(_code(memory["message"]))
        if source is None:
            continue
        about, owner = known.get(_code(memory["about"])), source.author.user_id
        memory |= {
            "kind": _kind(memory["kind"]),
            "about": None if about is None else short_code("u", about),
            "salience": _salience(memory["salience"]),
            "sensitive": _is_yes(memory["sensitive"]),
            "message_id": int(source.message_id),
            "owner_id": int(owner),
            "about_id": None if about in (None, owner) else int(about),
        }
        kept.append(memory)
    return kept


def _kind(raw: object) -> str:
    kind = _code(raw)
    return kind if kind in MEMORY_KINDS else str(MemoryKind.FACT)


def _salience(raw: object) -> int:
    """Read a number however it is written; one out of range is the nearest in it."""
    try:
        return max(SALIENCE_LEAST, min(SALIENCE_MOST, round(float(raw))))  # type: ignore[arg-type]
    except OverflowError:
        return SALIENCE_MOST if isinstance(raw, int) and raw > 0 else PLAIN_SALIENCE
    except (TypeError, ValueError):
        return PLAIN_SALIENCE


def _is_yes(raw: object) -> bool:
    return raw in (True, 1) or _code(raw) in ("true", "yes")


def _promises(raw: object, felt: Sequence[Message], aim: Aim) -> list[dict[str, object]]:
    """Keep promises of hers and of people whose lines she answers, each with the line that it goes with.

    That is the newest of who promises; for a promise of hers the line her words go to, or the newest.
    """
    lines = {short_code("u", line.author.user_id): line for line in felt}
    answered = next((line for line in felt if line.message_id == aim.to), felt[-1] if felt else None)
    kept = []
    for promise in _proposals(raw, ("who", "text", "due")):
        who = _code(promise["who"])
        if who != "you" and who not in lines:
            continue
        line = answered if who == "you" else lines[who]
        ids = (None, None) if line is None else (int(line.message_id), int(line.author.user_id))
        due = promise["due"] if isinstance(promise["due"], str) else None
        kept.append(promise | {"who": who, "due": due, "message_id": ids[0], "owner_id": ids[1]})
    return kept


def _people_codes(claim: Claim) -> dict[str, UserId]:
    """Give everybody a memory may be about by their codes: who spoke, and who was mentioned."""
    lines = (*(said.message for said in claim.history), *claim.overheard, *claim.messages)
    people = {user_id for line in lines for user_id in (line.author.user_id, *line.mentioned_ids)}
    codes: dict[str, UserId] = {}
    for user_id in sorted(people):
        codes.setdefault(short_code("u", user_id), user_id)
    return codes


def is_usable(fields: Mapping[str, object]) -> bool:
    """Say whether an answer can be acted on: words where words are meant, or a meant lack of them."""
    intent = read_intent(fields)
    if intent is Intent.REPLY:
        return bool(read_paragraphs(fields, is_open=False))
    return "intent" in fields or fields.keys() == TEXT_FIELDS


def _word(raw: object) -> str | None:
    if not isinstance(raw, str):
        return None
    word = raw.partition("(")[0].strip().casefold()  # the prompt lists "smirk (teasing)", and some models say it whole
    return word if re.fullmatch(r"[\w -]{1,40}", word) else None


def _proposals(raw: object, keys: Sequence[str]) -> list[dict[str, object]]:
    if not isinstance(raw, (list, tuple)):
        return []
    kept = []
    for item in raw[:TAIL_LIMIT]:
        if isinstance(item, Mapping) and isinstance(item.get("text"), str):
            kept.append({key: _bounded(item.get(key)) for key in keys})
    return kept


def _bounded(value: object) -> object:
    """Give a value that JSON and the database can hold, and that is short; anything else is nothing."""
    if isinstance(value, str):
        return value[:TAIL_TEXT_LIMIT]
    return value if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)) else None
