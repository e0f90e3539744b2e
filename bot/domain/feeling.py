"""What is known of her feelings at one moment, as values: the soul, people, and what a view of them needs.

The states and how they move are `bot.domain.affect`; here they get an identity and a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.domain.affect.state import PersonState, SoulState
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Audience

SoulId = NewType("SoulId", int)


class EventKind(StrEnum):
    """What an entry of her history is: a burst of messages, something inside, or what an admin set."""

    BIRTH = "birth"
    BURST = "burst"
    INNER = "inner"
    PRESET = "preset"
    BOND = "bond"
    FREEZE = "freeze"
    TIER = "tier"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Feelings:
    """Her soul and what some people mean to her, all brought up to *at*."""

    soul_id: SoulId
    at: datetime
    soul: SoulState
    persons: Mapping[UserId, PersonState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MoodPoint:
    """The shown mood at one moment, each axis in [-1, 1]."""

    at: datetime
    pleasure: float
    arousal: float
    dominance: float


@dataclass(frozen=True, slots=True)
class MoodView:
    """How she feels now.

    *strongest* are the shared emotions furthest above their rest, strongest first, with their levels in
    [0, 1]; *history* is oldest first and ends now.
    """

    at: datetime
    mood: MoodPoint
    octant: str
    strength: str
    strongest: tuple[tuple[str, float], ...]
    history: tuple[MoodPoint, ...]


@dataclass(frozen=True, slots=True)
class CauseTrace:
    """One thing that moved her, as it is kept: a message and what it stirred, or something inside.

    *stirred* is by emotion, in [0, 1]; of something inside, *inner* names the event and *strength* its size.
    """

    kind: EventKind
    at: datetime
    stirred: Mapping[str, float]
    inner: str | None = None
    strength: float = 0.0
    user_id: UserId | None = None
    audience: Audience | None = None
    guild_id: GuildId | None = None
    channel_id: ChannelId | None = None
    message_id: MessageId | None = None


class CauseKind(StrEnum):
    """Whose doing a feeling is, as far as the asker may know."""

    YOURS = "yours"
    HERE = "here"
    INNER = "inner"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that moved her: which emotion most, which share of that is left, in [0, 1], and how long ago.

    *channel_id* and *message_id* are set only where the asker may see that message.
    """

    kind: CauseKind
    emotion: str
    left: float
    at: datetime
    guild_id: GuildId | None = None
    channel_id: ChannelId | None = None
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where things stood with one person at the end of a day; values as in `PersonState`."""

    day: datetime
    trust: float
    affection: float
    respect: float
    familiarity: float
    tension: float
    stage: str


@dataclass(frozen=True, slots=True)
class RelationshipView:
    """What she feels about one person; *met_at* is None for somebody she never spoke with.

    *strongest* are the emotions directed at them; *days* are oldest first, the last one is now.
    """

    at: datetime
    met_at: datetime | None
    state: PersonState
    strongest: tuple[tuple[str, float], ...]
    days: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class PersonalityView:
    """Who she is and was born as; factors and traits are in [-1, 1].

    *traits* are name, band and value now; *drift* is now minus home, by factor.
    """

    born_at: datetime
    preset: str | None
    factors: Mapping[str, float]
    drift: Mapping[str, float]
    traits: tuple[tuple[str, str, float], ...]
    is_drift_frozen: bool
