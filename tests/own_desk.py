"""A person's own memories on a real Postgres, with stand-ins for what finds and what forgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.postgres.own_memories import PostgresOwnMemories
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.domain.ids import MemoryId, MessageId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory
from bot.domain.message import Audience, AudienceKind, Person
from bot.domain.recalled import NOTHING_FOUND, Found, RecallAsk
from bot.engine.own_goals import OwnGoals
from bot.engine.own_memories import OwnMemories
from bot.engine.own_words import OwnWords
from bot.engine.silence import Silences
from bot.memory_ports import Forgotten
from tests.fakes import ADA, FakeClock

PERSONA = "Mira was born by the sea and paints with water colours whenever the day is long enough for it."


@dataclass
class FakeRecall:
    """Finds what it is told to find, and notes what it was asked."""

    found: Found = NOTHING_FOUND
    asked: list[RecallAsk] = field(default_factory=list)

    async def recall(self, ask: RecallAsk, *, lines_most: int, memories_most: int) -> Found:
        self.asked.append(ask)
        return self.found


@dataclass
class FakeForget:
    """Notes what is to go."""

    gone: list[tuple[Any, ...]] = field(default_factory=list)

    async def messages(self, message_ids: Sequence[MessageId]) -> Forgotten:
        self.gone.append(("messages", *message_ids))
        return Forgotten(messages=len(message_ids))

    async def memories(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Forgotten:
        self.gone.append(("memories", owner, *sorted(memory_ids)))
        return Forgotten(memories=len(memory_ids))


@dataclass
class Desk:
    """The use cases on a database of their own."""

    store: PostgresOwnMemories
    clock: FakeClock
    recall: FakeRecall
    forget: FakeForget
    silences: Silences
    own: OwnMemories
    goals: OwnGoals

    async def told(self, words: str, owner: Person = ADA, **more: Any) -> Memory:
        """Keep something as a turn would."""
        fields: dict[str, Any] = {
            "kind": MemoryKind.FACT,
            "audience": Audience(AudienceKind.PERSON, owner.user_id),
            "sources": (),
            "salience": 5,
            "confidence": 0.7,
            "said_at": self.clock.now(),
            "state": MemoryState.CURRENT,
        }
        return await self.store.add(NewMemory(owner.user_id, text=words, **fields | more), owner, self.clock.now())

    async def texts(self, owner: Person = ADA, **more: Any) -> list[str]:
        """List the texts of a page."""
        page, _ = await self.own.page(owner.user_id, number=more.pop("number", 0), size=more.pop("size", 50), **more)
        return [memory.text for memory in page.memories]


def desk_on(statements: StatementPool, clock: FakeClock) -> Desk:
    """Put the use cases together on a database."""
    store = PostgresOwnMemories(statements)
    silences = Silences(store=PostgresRooms(statements), clock=clock)
    words = OwnWords(store=store, silences=silences, clock=clock, own_texts=(PERSONA,), own_names=("Mira",))
    recall, forget = FakeRecall(), FakeForget()
    own = OwnMemories(store=store, recall=recall, forget=forget, words=words, clock=clock)  # type: ignore[arg-type]
    return Desk(store, clock, recall, forget, silences, own, OwnGoals(store=store, words=words, clock=clock))
