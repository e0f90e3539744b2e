"""What her manners need from the world: what holds in a channel for its turn, and where choices are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.ids import ChannelId, UserId
from bot.domain.persona import Companion
from bot.domain.service import VoiceCount
from bot.domain.wardrobe import AS_USUAL, NO_LEAVE, Leave, Wearing


@dataclass(frozen=True, slots=True)
class Manners:
    """What is kept of a place: what she slipped into there and, of direct conversation, what its person wants.

    *choice* is the persona they chose, None where they never did; *leave* is what they said of themselves.
    """

    wearing: Wearing = AS_USUAL
    choice: str | None = None
    leave: Leave = NO_LEAVE


class WardrobeStore(Protocol):
    """Which persona was chosen by whom, and what she slipped into where."""

    async def manners(self, channel_id: ChannelId | None, user_id: UserId | None) -> Manners:
        """Give what is kept of a channel and of a person; None leaves either out.

        Raises:
            StoreError: the database failed.
        """

    async def keep(self, channel_id: ChannelId, wearing: Wearing, *, was: Wearing | None) -> bool:
        """Keep what she slipped into in a channel that is known; False if what is kept is no longer *was*.

        Without *was* it is kept whatever was there.

        Raises:
            StoreError: the database failed.
        """

    async def choose(self, user_id: UserId, persona: str, now: datetime) -> None:
        """Keep which persona a person chose for direct conversation.

        Raises:
            StoreError: the database failed.
        """

    async def let_go(self, user_id: UserId, persona: str) -> None:
        """Drop a person's choice, if it is still that one.

        Raises:
            StoreError: the database failed.
        """

    async def opt_in(self, user_id: UserId, persona: str, now: datetime, *, is_adult: bool) -> None:
        """Keep that a person wants a persona; with *is_adult*, that they said they are of age as well.

        Raises:
            StoreError: the database failed.
        """

    async def take_back(self, user_id: UserId, personas: Collection[str]) -> None:
        """Forget all that a person said of themselves for this, and their choice if it is one of *personas*.

        Raises:
            StoreError: the database failed.
        """


@dataclass(frozen=True, slots=True)
class CompanionRead:
    """A companion as read from the files, with the pictures of the faces by their slugs, and *avatar*, a PNG."""

    companion: Companion
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    avatar: bytes | None = None


class CompanionFiles(Protocol):
    """Where a companion is read from. Both methods do file work, so they are called in a thread."""

    def mark(self) -> str:
        """Give a mark that is another after any of the files was changed; reads no file, and raises nothing."""

    def read(self) -> CompanionRead:
        """Read the companion anew.

        Raises:
            PersonaError: it does not fit; ``problems`` name file and key.
        """


class VoiceStore(Protocol):
    """How her answers sounded, by model and persona."""

    async def add(self, counts: Sequence[VoiceCount]) -> None:
        """Add to what is counted, each model and persona at most once in *counts*.

        Raises:
            StoreError: the database failed, and nothing was added.
        """

    async def most_heard(self, limit: int) -> Sequence[VoiceCount]:
        """List the counts, those with the most answers first.

        Raises:
            StoreError: the database failed.
        """
