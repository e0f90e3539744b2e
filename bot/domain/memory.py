"""What she keeps of people in sentences: memories, their life, and why some are refused.

The unit of recall is the line as it was said (`bot.domain.recalled`). Memories stand on top of lines: each names the
lines it came from, belongs to one person, and may be seen by the audience of those lines and nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import MemoryId, MessageId, NoteId, UserId
from bot.domain.message import Audience

TEXT_MOST = 4_000  # characters of one memory: as long as the longest message of Discord's
SALIENCE_LEAST, SALIENCE_MOST = 1, 10


class MemoryKind(StrEnum):
    """What a memory is."""

    FACT = "fact"
    FEELING = "feeling"
    EVENT = "event"
    PROMISE = "promise"
    JOKE = "joke"
    CORRECTION = "correction"
    GOAL = "goal"
    DECISION = "decision"
    BOUNDARY = "boundary"  # "never do that with me"
    PORTRAIT = "portrait"  # one line of the short picture of a person, made by reflection or by them


class MemoryState(StrEnum):
    """Where a memory stands in its life."""

    CANDIDATE = "candidate"  # seen once and not salient: not recalled until it is confirmed
    CURRENT = "current"
    SUPERSEDED = "superseded"  # a newer one holds in its place; never recalled as current
    ARCHIVED = "archived"  # faded; kept, and can be restored


class Origin(StrEnum):
    """How a memory came to be."""

    TALK = "talk"  # proposed by the model with an answer
    PERSON = "person"  # the person said so themselves, by a command or a menu
    REFLECTION = "reflection"  # merged or worded anew from others


class Refusal(StrEnum):
    """Why the write gate let something not become a memory; counted for each person."""

    PERSONA = "persona"  # text of hers: persona, identity, rules
    OWN_LINE = "own line"  # she said it, not they
    RECALLED = "recalled"  # it is what was recalled for the turn, said again by the model
    HEARSAY = "hearsay"  # told of somebody else, as if it were a fact of them; or quoted, or forwarded
    INSTRUCTION = "instruction"  # "from now on you …"
    SECRET = "secret"  # keys, tokens, cards, passwords
    SENSITIVE = "sensitive"  # health or sexuality, without consent
    UNGROUNDED = "ungrounded"  # the lines it names do not say so
    EMPTY = "empty"  # nothing in it


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step towards a goal."""

    text: str
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory not yet kept. *sources* are lines of *owner_id*, all of *audience*, newest last.

    *salience* is 1 to 10, *confidence* in [0, 1]; *mood* is hers then (pleasure, arousal, dominance, each in [-1, 1]).
    *about_id* is whom it tells of, where that is not the owner.
    """

    owner_id: UserId
    kind: MemoryKind
    text: str
    audience: Audience
    sources: tuple[MessageId, ...]
    salience: int
    confidence: float
    said_at: datetime
    origin: Origin = Origin.TALK
    state: MemoryState = MemoryState.CANDIDATE
    about_id: UserId | None = None
    tags: tuple[str, ...] = ()
    mood: tuple[float, float, float] | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    due_at: datetime | None = None
    milestones: tuple[Milestone, ...] = ()
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """A kept memory; the fields of `NewMemory`, and its life since.

    *seen_count* says how often it was told, *used_count* how often it was shown in a prompt. *done_at* is of a goal or
    a promise that was kept.
    """

    memory_id: MemoryId
    owner_id: UserId
    kind: MemoryKind
    text: str
    audience: Audience
    sources: tuple[MessageId, ...]
    salience: int
    confidence: float
    said_at: datetime
    origin: Origin
    state: MemoryState
    created_at: datetime
    about_id: UserId | None = None
    tags: tuple[str, ...] = ()
    mood: tuple[float, float, float] | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    milestones: tuple[Milestone, ...] = ()
    is_pinned: bool = False
    is_edited: bool = False
    seen_count: int = 1
    used_count: int = 0
    used_at: datetime | None = None
    superseded_by: MemoryId | None = None


class NoteKind(StrEnum):
    """What she notes of herself."""

    NARRATIVE = "narrative"
    TASTE = "taste"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class SelfNote:
    """Something she has come to think of herself, from what was said within *audience*; shown only there.

    Without an audience it names nothing that anybody said, and may be shown everywhere.
    """

    note_id: NoteId
    kind: NoteKind
    text: str
    audience: Audience | None
    confidence: float
    revised_at: datetime
