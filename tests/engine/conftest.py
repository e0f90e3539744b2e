"""The engine wired over a real store, with made-up time, model, locks and way out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any, cast

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.personas import read_companion
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.manners import PostgresManners
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.store import PostgresStore
from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.affect.personality import Ocean
from bot.domain.feeling import Feelings
from bot.domain.ids import UserId
from bot.domain.message import Channel, Message
from bot.domain.names import Names
from bot.domain.prompt import AnswerForm, ChatMessage, zone_of
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_window import RoomWindow
from bot.domain.turn import Claim, Gathered
from bot.engine.allowance import Allowance
from bot.engine.ask import Ask
from bot.engine.attend import Attend
from bot.engine.being import Being
from bot.engine.conversations import Conversations, Patience
from bot.engine.deliver import Deliver
from bot.engine.draft import Draft
from bot.engine.feel import Feel, Temper
from bot.engine.hear import Hear
from bot.engine.interests import Interests
from bot.engine.mind import Mind
from bot.engine.policies import Policies
from bot.engine.respond import Respond
from bot.engine.silence import Silences
from bot.engine.slots import Slots
from bot.engine.sweep import Sweeper
from bot.engine.wear import Wear
from bot.engine.windows import Windows
from bot.feeling_ports import FeelingStore
from bot.memory_ports import NamedEmbedder
from bot.ports import Store
from tests.fakes import MIRA, FakeClock, MemoryLocks, RecordingDelivery, ScriptedModel, dm_message

NAMES = Names("Mira", ("miri",))
TOPICS = ("She paints with water colours.", "She loves the sea.")
ADMIN = UserId(111)
SETTLE = timedelta(seconds=0.7)
TYPING_WAIT = timedelta(seconds=8)


@dataclass
class PlainMind:
    """A mind without a companion's files: its prompt is the lines, as they are."""

    version: str = "test.1"
    persona: Any = field(default_factory=lambda: SimpleNamespace(slug="default"))
    drafts: list[Draft] = field(default_factory=list)

    def prompt(
        self,
        claim: Claim,
        gathered: Gathered,
        *,
        now: datetime,
        form: AnswerForm,
        note: str | None,
        persona: Any = None,
        bridge: Any = None,
    ) -> tuple[ChatMessage, ...]:
        lines = [ChatMessage("user", said.message.content) for said in gathered.history]
        new = sorted((*claim.overheard, *claim.messages), key=lambda message: message.message_id)
        lines += [ChatMessage("user", message.content) for message in new]
        return (*lines, ChatMessage("system", note)) if note else tuple(lines)

    def question(self, claim: Claim) -> tuple[ChatMessage, ...]:
        return tuple(ChatMessage("user", message.content) for message in claim.messages)

    def sign(self, given: str | None, feelings: Feelings) -> str:
        return "🙂"

    def neutral_sign(self) -> str:
        return "👀"

    def zone_of(self, claim: Claim, user_id: UserId) -> tzinfo:
        return zone_of(claim, user_id, "UTC")

    def pace(self, feelings: Feelings) -> float:
        return 1.0

    def face(self, given: str | None, feelings: Feelings) -> str | None:
        return given

    def repair_note(self) -> str:
        return "repair"

    def rewrite_note(self, faults: Iterable[str]) -> str:
        return f"rewrite: {', '.join(faults)}"

    def remember_turn(self, draft: Draft) -> None:
        self.drafts.append(draft)


class World:
    """One process of Mira in a world where time stands still until it is moved."""

    def __init__(
        self, database: AsyncEngine, pool: StatementPool, *, beside: World | None = None, pace: float = 0.0
    ) -> None:
        self.database = database
        self.clock = beside.clock if beside else FakeClock(is_busy=lambda: pool.in_use > 0)
        self.delivery = beside.delivery if beside else RecordingDelivery(self.clock)
        self.locks = MemoryLocks(beside.locks.holders if beside else None)
        self.model = ScriptedModel()
        self.mind = PlainMind()
        self.real_store = PostgresStore(pool, own=MIRA, is_alone=True)
        self.store: Store = self.real_store
        self.rooms: Any = PostgresRooms(pool)
        self.feelings = PostgresFeelings(pool)
        self.manners = PostgresManners(pool)
        self.wire(pace=pace)

    def wire_feel(self, feel: Feel) -> None:
        """Let turns move another set of feelings."""
        self.feel = feel
        self.conversations._respond._feel = feel

    def wire(
        self, *, pace: float = 0.0, settle: timedelta = SETTLE, places: int = 100, is_shared: bool = False
    ) -> None:
        """Put the use cases together, over `store` as it is now."""
        mind = cast(Mind, self.mind)
        temper = Temper("rich", Ocean(), DEFAULT_LEAK, is_shared=True)
        self.feel = Feel(store=self.feelings, clock=self.clock, companion="mira", temper=temper)
        self.deliver = Deliver(
            store=self.store, delivery=self.delivery, clock=self.clock, stale_after=timedelta(hours=12)
        )
        respond = Respond(
            store=self.store,
            ask=Ask(model=self.model, mind=mind, clock=self.clock),
            delivery=self.delivery,
            deliver=self.deliver,
            mind=mind,
            feel=self.feel,
            clock=self.clock,
            pace=pace,
        )
        self.conversations = Conversations(
            store=self.store,
            locks=self.locks,
            respond=respond,
            deliver=self.deliver,
            clock=self.clock,
            patience=Patience(settle=settle, typing_wait=TYPING_WAIT),
            slots=Slots(places),
            is_shared=is_shared,
        )
        self.policies = Policies(store=self.rooms, clock=self.clock, personas=("default", "haven"))
        self.silences = Silences(store=self.rooms, clock=self.clock)
        self.attend = self.make_attend()
        self.hear = Hear(
            store=self.store,
            attend=self.attend,
            conversations=self.conversations,
            delivery=self.delivery,
            clock=self.clock,
            name=MIRA.display_name,
        )
        self.sweeper = Sweeper(self.store, self.conversations, self.clock)

    def make_attend(self, *, a_day: int = 200, embedder: NamedEmbedder | None = None) -> Attend:
        """Make what decides on lines in one process, which knows nothing of a room yet."""
        windows = Windows(store=self.rooms, clock=self.clock, make=lambda: RoomWindow(NAMES, MIRA.user_id))
        interests = None if embedder is None else Interests(embedder=embedder, topics=TOPICS, clock=self.clock)
        return Attend(
            policies=self.policies,
            silences=self.silences,
            windows=windows,
            allowance=Allowance(store=self.rooms, clock=self.clock, a_day=a_day),
            feel=self.feel,
            clock=self.clock,
            interests=interests,
        )

    def dress(self, persona: str | None = None, trouble: Exception | None = None) -> None:
        """Let her wear what admins set in every channel, and what follows from turns."""

        async def of(channel: Channel) -> RoomPolicy:
            if trouble is not None:
                raise trouble
            return RoomPolicy(Hearing.LISTEN, persona=persona)

        self.conversations._respond._wear = Wear(
            store=self.manners,
            being=Being(read_companion("mira")),
            policies=cast(Policies, SimpleNamespace(of=of)),
            delivery=self.delivery,
            clock=self.clock,
        )

    async def let(self, channel: Channel, hearing: Hearing = Hearing.LISTEN, chattiness: int = 0, **more: Any) -> None:
        """Let her hear in a channel of a server what an admin allows there; unless told, she says nothing unasked."""
        assert channel.guild_id is not None
        policy = RoomPolicy(hearing, chattiness, **more)
        await self.policies.set(channel.channel_id, channel.guild_id, policy, by=ADMIN)

    async def say(self, content: str, **more: Any) -> Message:
        """Let a person write a direct message."""
        return await self.take(dm_message(content, **more))

    async def take(self, message: Message) -> Message:
        """Let a message arrive."""
        await self.hear(message)
        return message

    async def run(self) -> None:
        """Let everything happen that will."""
        await self.clock.run()

    async def sweep(self) -> int:
        """Sweep once and let what was found happen."""
        found = await self.sweeper.sweep(quiet_for=timedelta(0), limit=100)
        await self.clock.run()
        return found

    async def die(self) -> None:
        """Stop as a kill does: nothing more is written, and the locks are free."""
        rooms = list(self.conversations._rooms.values())
        tasks = [task for room in rooms for task in (room.task, room.turn) if task is not None]
        self.conversations._store = self.deliver._store = cast(Store, _Dead())
        self.feel._store = cast(FeelingStore, _Dead())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for channel_id in [held for held, holder in self.locks.holders.items() if holder is self.locks]:
            del self.locks.holders[channel_id]

    async def rows(self, query: str) -> list[Any]:
        """Ask the database itself."""
        async with self.database.connect() as connection:
            return list((await connection.execute(text(query))).mappings())

    async def states(self) -> list[str]:
        """List the states of people's messages, oldest first."""
        found = await self.rows("SELECT state FROM messages WHERE speaker = 'person' ORDER BY message_id")
        return [row["state"] for row in found]

    def asked(self, call: int = -1) -> list[str]:
        """List the lines of a prompt."""
        return [line.content for line in self.model.requests[call].messages_for(AnswerForm.JSON)]


class _Dead:
    """The store of a killed process: whoever still asks it ends there and then."""

    def __getattr__(self, name: str) -> Any:
        raise asyncio.CancelledError(name)


@pytest_asyncio.fixture
async def world(database: AsyncEngine, statements: StatementPool) -> AsyncIterator[World]:
    """Give one process on a database of its own; it is stopped afterwards."""
    made = World(database, statements)
    await made.real_store.introduce(made.clock.now())
    yield made
    await made.conversations.drain(timedelta(0))
