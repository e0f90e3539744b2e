"""What the engine needs to keep her feelings, by role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.affect.state import SoulState
from bot.domain.affect.timeline import Nature
from bot.domain.chronicle import AffectEvent, Chronicle, PersonRecord, SoulRecord
from bot.domain.feeling import CauseTrace, MoodPoint, SoulId, Standing
from bot.domain.ids import GuildId, UserId


@dataclass(frozen=True, slots=True)
class Kept:
    """A soul and some people as they are kept.

    *natures* are oldest first and reach back to the least recent of their times; *said* are each person's recent
    texts, newest first.
    """

    soul: SoulRecord
    natures: Sequence[Nature]
    persons: Mapping[UserId, PersonRecord]
    said: Mapping[UserId, Sequence[str]]


class FeelingStore(Protocol):
    """What she feels, kept: events are the truth, souls and people are snapshots of having lived them."""

    async def find_soul(self, companion: str, guild_id: GuildId | None) -> SoulId | None:
        """Name the soul of a companion in a server, or the one for everywhere; None if it is not born."""

    async def bear(
        self, companion: str, guild_id: GuildId | None, state: SoulState, *, model_version: int, at: datetime
    ) -> None:
        """Keep a new soul with its birth; nothing happens where it was born already."""

    async def souls(self, companion: str) -> Sequence[SoulId]:
        """List a companion's souls."""

    async def look(self, soul_id: SoulId, user_ids: Sequence[UserId], *, said_since: datetime, said_most: int) -> Kept:
        """Read a soul and people, with at most *said_most* texts each since *said_since*.

        Raises:
            StoreError: the soul is gone.
        """

    async def waiting(self, soul_id: SoulId, limit: int) -> Sequence[AffectEvent]:
        """List events that were not lived yet, oldest first."""

    async def lived(self, soul_id: SoulId, after: int, limit: int) -> Sequence[AffectEvent]:
        """List events that were lived, in their order, after the soul's version *after*."""

    async def everybody(self, soul_id: SoulId) -> Sequence[UserId]:
        """List everybody a soul knows."""

    async def souls_waiting(self, until: datetime) -> Sequence[SoulId]:
        """List souls with events up to *until* that were not lived yet."""

    async def apply(self, before: SoulRecord, lived: Chronicle) -> bool:
        """Keep what a chronicle changed.

        False, and nothing kept, if the soul is no longer as it was *before*, somebody it changed is no longer as
        the chronicle was given them, or one of its events was lived already.
        """

    async def add_event(self, soul_id: SoulId, event: AffectEvent) -> None:
        """Keep an event that is no turn's, to be lived."""

    async def know(self, user_id: UserId, now: datetime) -> None:
        """Keep a person by id where they are not known yet."""

    async def record_mood(self, soul_id: SoulId, points: Sequence[MoodPoint], *, now: datetime) -> None:
        """Keep points for charts; thins out what is older than a week."""

    async def last_mood(self, soul_id: SoulId, now: datetime) -> datetime | None:
        """Give the time of the newest point up to *now*."""

    async def mood_history(self, soul_id: SoulId, since: datetime, until: datetime) -> Sequence[MoodPoint]:
        """List points, oldest first."""

    async def standing_days(self, soul_id: SoulId, user_id: UserId, since: datetime) -> Sequence[Standing]:
        """List where things stood with a person at the end of each day they talked, oldest first."""

    async def causes(self, soul_id: SoulId, since: datetime, until: datetime) -> Sequence[CauseTrace]:
        """List what moved her since her last reset, newest first."""

    async def take_slot(self, job: str, slot: datetime, now: datetime) -> bool:
        """Take a scheduled slot; False if another process has it."""


class Materialiser(Protocol):
    """Writes down what the clock did to people whose feelings still move."""

    async def materialise(self, soul_id: SoulId, at: datetime) -> int:
        """Bring the moving rows of a soul to *at*; gives how many."""
