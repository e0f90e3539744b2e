"""Which notes that a model proposes she keeps of herself: only with evidence, and never at somebody's word; pure.

What may be noted at all is said in `bot.domain.self_notes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.ids import NoteId, UserId
from bot.domain.memory import MemoryKind, NoteKind, Refusal, SelfNote
from bot.domain.memory_text import likeness
from bot.domain.message import Message
from bot.domain.portrait import own_lines
from bot.domain.reflection import Gatekeeper, Item, NewNote, items_of, names_something, ref_of, text_of
from bot.domain.reflection_prompt import NOTE_KINDS, Codes, Self
from bot.domain.self_notes import (
    NOTE_LETTERS,
    NOTES_MOST,
    TASTES_MOST,
    Topic,
    is_enough,
    may_note,
    sureness,
    taste_text,
)

ALIKE = 0.6  # a note that near to another says nothing new


def read_notes(fields: Mapping[str, object], codes: Codes, owner: UserId, who: Self, gate: Gatekeeper) -> list[NewNote]:
    """Give the notes and tastes of one audience that an answer gives reason for."""
    return [*_notes(fields.get("notes"), codes, owner, who, gate), *_tastes(fields, codes, owner, who.topics, gate)]


def _notes(raw: object, codes: Codes, owner: UserId, who: Self, gate: Gatekeeper) -> list[NewNote]:
    standing = {code: one for code, one in codes.notes.items() if one.kind is not NoteKind.TASTE}
    kept: list[NewNote] = []
    for item in items_of(raw)[:NOTES_MOST]:
        old = ref_of(item.get("replaces"), standing)
        kind = next((one for one in NOTE_KINDS if one == item.get("kind")), None)
        text = text_of(item.get("text"), NOTE_LETTERS)
        evidence = _evidence(item, codes, owner, gate)
        others = [one.text for code, one in standing.items() if code != old] + [one.text for one in kept]
        if kind is None or not is_enough(evidence) or any(likeness(text, other) >= ALIKE for other in others):
            continue
        if old is None and (names_something(item.get("replaces")) or len(standing) + len(kept) >= NOTES_MOST):
            continue
        if not may_note(text, who.identity) or not _passes(text, gate):
            continue
        kept.append(_note(kind, text, evidence, None if old is None else standing.pop(old)))
    return kept


def _tastes(
    fields: Mapping[str, object], codes: Codes, owner: UserId, topics: Sequence[Topic], gate: Gatekeeper
) -> list[NewNote]:
    """Give reasons for tastes; of one topic the newest takes the place of the one before."""
    by_slug = {topic.slug: topic for topic in topics}
    standing = {one.text: one for one in codes.notes.values() if one.kind is NoteKind.TASTE}
    kept: list[NewNote] = []
    for item in items_of(fields.get("tastes"))[:TASTES_MOST]:
        slug, likes = ref_of(item.get("topic"), by_slug), item.get("likes")
        if slug is None or not isinstance(likes, bool):
            continue
        topic = by_slug.pop(slug)  # one word on each topic
        evidence = _evidence(item, codes, owner, gate)
        text, other = taste_text(topic, likes=likes), taste_text(topic, likes=not likes)
        old = standing.pop(text, None) or standing.pop(other, None)
        if is_enough(evidence) and (old is not None or len(standing) + len(kept) < TASTES_MOST):
            kept.append(_note(NoteKind.TASTE, text, evidence, old))
    return kept


def _evidence(item: Item, codes: Codes, owner: UserId, gate: Gatekeeper) -> Sequence[Message]:
    """Give the lines that bear an entry out; nothing does where she was told to be so, or what only gives orders."""
    if item.get("told") is not False:
        return ()
    return [line for line in own_lines(item, codes, owner) if not gate.is_order(line)]


def _passes(text: str, gate: Gatekeeper) -> bool:
    """Ask the write gate; that her own thought stands in none of their lines is no ground to refuse it."""
    refusal = gate.refusal(text, MemoryKind.FACT, None)
    return refusal in (None, Refusal.UNGROUNDED)


def _note(kind: NoteKind, text: str, evidence: Sequence[Message], old: SelfNote | None) -> NewNote:
    replaces: NoteId | None = None if old is None else old.note_id
    return NewNote(kind, text, sureness(evidence), tuple(line.message_id for line in evidence), replaces)
