"""What the engine needs to take turns that are over into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import MemoryId, MessageId, TurnId, UserId
from bot.domain.memory import Memory, NewMemory, Refusal
from bot.domain.message import Message
from bot.memory_ports import IndexedLine


@dataclass(frozen=True, slots=True)
class ClosedTurn:
    """A turn that is over and out, of which nothing was remembered yet.

    *proposals* are memory candidates and promises as the answer gave them (`bot.domain.answer.Tail`), *shown* are texts
    of memories and lines that its prompt had recalled. *mood* is hers at its end. *consenting* are people who let her
    keep what is sensitive. *own_lines* is what she said lately, there and to those people.
    """

    turn_id: TurnId
    lines: tuple[IndexedLine, ...]
    proposals: Mapping[str, object]
    shown: tuple[str, ...]
    used: tuple[MemoryId, ...]
    mood: tuple[float, float, float] | None
    closed_at: datetime
    consenting: frozenset[UserId] = frozenset()
    own_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of a candidate: told again (*same_as*), or holding in place of older ones (*supersedes*).

    *doubts* are memories that it speaks against, and that are less sure from now on. *asks* says that reflection is to
    look at it soon, though it holds.
    """

    memory: NewMemory
    same_as: MemoryId | None = None
    supersedes: tuple[MemoryId, ...] = ()
    doubts: tuple[MemoryId, ...] = ()
    asks: bool = False


class DigestStore(Protocol):
    """Takes in what turns left: their lines into the index, what was proposed into memories."""

    async def undigested(self, now: datetime, *, limit: int, without: Sequence[TurnId] = ()) -> Sequence[ClosedTurn]:
        """List turns that are over and out and were not taken in, oldest first; *without* those that cannot be."""

    async def near(self, candidate: NewMemory, *, most: int) -> Sequence[Memory]:
        """Give memories of the same owner and audience, not archived, that share most words with a candidate.

        What holds in place of one of them comes along, wherever it was said.
        """

    async def near_elsewhere(self, candidate: NewMemory, *, most: int) -> Sequence[Memory]:
        """Give memories of the same owner in other audiences, not archived, that share most words with a candidate."""

    async def digest(
        self, turn: ClosedTurn, merges: Sequence[Merge], refused: Mapping[tuple[UserId, Refusal], int], now: datetime
    ) -> bool:
        """Take a turn in, whole or not at all: index its lines, keep what was made of it, count what was refused and
        that shown memories were used. False if it was taken in already."""

    async def digest_plain(self, turns: Sequence[ClosedTurn], now: datetime) -> int:
        """Take in turns that leave nothing but their lines, all of them or none; gives how many were not yet."""

    async def resting_on(self, message_ids: Sequence[MessageId]) -> Sequence[tuple[Memory, Sequence[Message]]]:
        """Give memories that hold and came of one of these lines, each with all the lines it came from."""

    async def reindex(
        self, message_ids: Sequence[MessageId], now: datetime, *, doubtful: Sequence[MemoryId] = ()
    ) -> None:
        """Put edited lines into the index anew, and mark that they are to be read again.

        What is *doubtful* does not hold until then. Twice is as once.
        """
