"""What is asked of memory and what comes back, as values; who may see what is decided by `Place`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, GuildId, MemoryId, MessageId, SummaryId, UserId
from bot.domain.memory import Memory, SelfNote
from bot.domain.message import Audience, Channel, ChannelKind


@dataclass(frozen=True, slots=True)
class Place:
    """Before whose eyes something is recalled: those of one person (*user_id*), or of everybody in a channel.

    Before one person's eyes everything may stand that they themselves own, wherever they said it. In a channel only
    what was said there, or to everybody in its server.
    """

    user_id: UserId | None
    channel_id: ChannelId | None = None
    guild_id: GuildId | None = None

    @classmethod
    def of(cls, channel: Channel, user_id: UserId) -> Place:
        """Give the place of a turn; *user_id* is the person in a direct conversation."""
        if channel.kind is ChannelKind.DM:
            return cls(user_id)
        return cls(None, channel.channel_id, channel.guild_id)


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as a point of unit length; *embedder* names the model that put it there."""

    embedder: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class RecallAsk:
    """A question to memory.

    *owners* are whose memories are looked through, who asks first. *names* are those of who takes part: they become
    "you". *shown* are lines that stand in the talk anyway. *said_by* is whom the question is about, if that is known.
    *mood* is hers now: of memories that tie, the one made in a mood like it comes first.
    """

    text: str
    owners: tuple[UserId, ...]
    place: Place
    now: datetime
    names: tuple[str, ...] = ()
    shown: frozenset[MessageId] = frozenset()
    said_by: UserId | None = None
    vector: Vector | None = None
    mood: tuple[float, float, float] | None = None


class Past(StrEnum):
    """How much of what is known from a line holds no longer, because something newer holds in its place."""

    NO = "no"
    IN_PART = "in part"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class RecalledLine:
    """A line that came to mind; *score* is comparable within one question only. *is_own* marks a line of hers."""

    message_id: MessageId
    owner_id: UserId
    speaker_id: UserId
    name: str
    text: str
    said_at: datetime
    is_own: bool
    score: float
    past: Past = Past.NO


@dataclass(frozen=True, slots=True)
class RecalledMemory:
    """A memory that came to mind; *score* as in `RecalledLine`, in the same unit.

    *is_newer* marks one that holds in place of what a line of the talk (`RecallAsk.shown`) still says.
    """

    memory: Memory
    score: float
    is_newer: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a question brought up, best first: only what passes the threshold."""

    lines: tuple[RecalledLine, ...] = ()
    memories: tuple[RecalledMemory, ...] = ()


NOTHING_FOUND = Found()


@dataclass(frozen=True, slots=True)
class Held:
    """What holds whatever is asked (boundaries, pinned ones, portraits, open promises and goals), and her own notes."""

    standing: tuple[Memory, ...] = ()
    notes: tuple[SelfNote, ...] = ()


NOTHING_HELD = Held()


@dataclass(frozen=True, slots=True)
class Known:
    """What she has in mind for one turn beside the talk itself, already within its token budget.

    *portraits* are lines of the pictures of who is here, *standing* is what holds whatever is asked: boundaries, pinned
    memories, open promises and goals. *notes* are of herself.
    """

    found: Found = NOTHING_FOUND
    portraits: tuple[Memory, ...] = ()
    standing: tuple[Memory, ...] = ()
    notes: tuple[SelfNote, ...] = ()

    @property
    def line_ids(self) -> tuple[MessageId, ...]:
        """Name the lines that are shown."""
        return tuple(line.message_id for line in self.found.lines)

    @property
    def memory_ids(self) -> tuple[MemoryId, ...]:
        """Name the memories that are shown."""
        kept = (*(one.memory for one in self.found.memories), *self.portraits, *self.standing)
        return tuple(dict.fromkeys(memory.memory_id for memory in kept))


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said over a stretch of talk, in a few sentences; *level* 0 is of lines, higher ones of summaries.

    *person_id* is set where it tells what one person said there. It covers the turns *from_turn* to *to_turn* of its
    channel, both included. *note* says where the talk stood at its end.
    """

    summary_id: SummaryId
    channel_id: ChannelId
    person_id: UserId | None
    level: int
    audience: Audience
    text: str
    note: str
    from_turn: int
    to_turn: int
    said_from: datetime
    said_to: datetime
