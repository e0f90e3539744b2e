"""Stand-ins for the engine's ports: time, chance, the model, the way out, the locks.

There is no fake database: what needs a store uses the real one on the `database` fixture.
Messages of made-up people are made here as well, with rising ids like Discord's.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.card import Card
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.message import Channel, ChannelKind, Message, Person
from bot.domain.snowflake import first_at
from bot.domain.turn import OutboxPart
from bot.errors import DeliveryError, ProviderError
from bot.ports import AnswerPiece, AnswerRequest, Finished, ModelHealth, Partial

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = Person(UserId(101), "Ada")
BEN = Person(UserId(102), "Ben")
MIRA = Person(UserId(900), "Mira", is_bot=True)
DM = Channel(ChannelId(201), ChannelKind.DM)
OTHER_DM = Channel(ChannelId(202), ChannelKind.DM)
ROOM = Channel(ChannelId(301), ChannelKind.GUILD, GuildId(401))

QUIET_PASSES = 150  # turns of the event loop without work before it counts as idle: several scripted streams
REAL_WAIT_S = 0.001  # while the database works
PATIENCE_S = 10.0  # real seconds before a test is told that what it waits for does not come
CHUNKS = 12  # pieces a scripted reply comes in; fewer than the quiet passes of a clock

_ids = itertools.count(first_at(START), 4096)


def next_id() -> MessageId:
    """Give an id above all before it, made about when the fake clock starts."""
    return MessageId(next(_ids))


def dm_message(content: str, *, author: Person = ADA, channel: Channel = DM, **more: Any) -> Message:
    """Make a direct message."""
    return Message(next_id(), channel, author, content, more.pop("sent_at", START), **more)


def guild_message(content: str, *, author: Person = ADA, channel: Channel = ROOM, **more: Any) -> Message:
    """Make a message in a channel of a guild; it is not addressed to her unless *more* says so."""
    return dm_message(content, author=author, channel=channel, **more)


class FakeClock:
    """A clock that moves only when told; *is_busy* says whether something outside the loop works."""

    def __init__(self, start: datetime = START, is_busy: Callable[[], bool] = lambda: False) -> None:
        self._now = start
        self._is_busy = is_busy
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Give the time it was told."""
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        """Wait until the clock was moved far enough."""
        if duration <= timedelta(0):
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + duration, next(self._order), waiting)
        self._sleepers.append(entry)
        try:
            await waiting
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    @property
    def next_due(self) -> datetime | None:
        """Give when the next sleeper wakes."""
        return min(self._sleepers)[0] if self._sleepers else None

    async def idle(self) -> None:
        """Let everything run until all that is left waits for the clock or for a gate."""
        quiet = 0
        async with asyncio.timeout(PATIENCE_S):
            while quiet < QUIET_PASSES:
                is_busy = self._is_busy()
                await asyncio.sleep(REAL_WAIT_S if is_busy else 0)
                quiet = 0 if is_busy else quiet + 1

    async def advance(self, duration: timedelta | float) -> None:
        """Move on by *duration* (a number is seconds), waking sleepers one after the other."""
        length = duration if isinstance(duration, timedelta) else timedelta(seconds=duration)
        end = self._now + length
        await self.idle()
        while (due := self.next_due) is not None and due <= end:
            self._wake_next()
            await self.idle()
        self._now = end
        await self.idle()

    async def run(self, limit: timedelta = timedelta(minutes=5)) -> None:
        """Move on from sleeper to sleeper until nobody sleeps, at most *limit*."""
        end = self._now + limit
        await self.idle()
        while (due := self.next_due) is not None and due <= end:
            self._wake_next()
            await self.idle()

    def _wake_next(self) -> None:
        entry = min(self._sleepers)
        self._sleepers.remove(entry)
        self._now = max(self._now, entry[0])
        if not entry[2].done():
            entry[2].set_result(None)


class LoadedDice:
    """Dice that fall as told, then stay at one half."""

    def __init__(self, *throws: float) -> None:
        self._throws = deque(throws)

    def random(self) -> float:
        """Give the next throw."""
        return self._throws.popleft() if self._throws else 0.5


Step = Partial | Finished | ProviderError | asyncio.Event


def finished(fields: Mapping[str, object], **more: Any) -> Finished:
    """End an answer; *more* replaces what an unexceptional call would report."""
    facts: dict[str, Any] = {
        "model": "scripted",
        "rung": "strict",
        "whole": True,
        "degraded": False,
        "prompt_hash": "0" * 16,
        "attempts": 1,
        "duration": timedelta(seconds=1),
        "tokens_in": 100,
        "tokens_out": 10,
    }
    return Finished(fields=fields, **(facts | more))


def answering(
    reply: str = "", *, intent: str = "reply", gates: Mapping[str, asyncio.Event] | None = None, **tail: object
) -> list[Step]:
    """Script a streamed answer; a gate named by a piece of the reply holds it before that piece."""
    steps: list[Step] = [Partial({"appraisals": []}, None), Partial({"appraisals": [], "intent": intent[:2]}, "intent")]
    held = {reply.index(piece): gate for piece, gate in (gates or {}).items()}
    step = max(1, len(reply) // CHUNKS)
    cuts = sorted({*range(step, len(reply), step), *held, len(reply)})
    for cut, following in itertools.pairwise((*cuts, len(reply))):
        steps.append(Partial({"appraisals": [], "intent": intent, "reply": reply[:cut]}, "reply"))
        if cut in held and cut <= following:
            steps.append(held[cut])
    if 0 in held:
        steps.insert(0, held[0])
    fields = {"appraisals": [], "intent": intent, "reply": reply, "reaction": None} | tail
    return [*steps, Partial(fields, None), finished(fields)]


@dataclass
class ScriptedModel:
    """A model that says what a test wrote down, one script a call; then by *answers_by*, or ``Mhm.``"""

    scripts: deque[Iterable[Step]] = field(default_factory=deque)
    requests: list[AnswerRequest] = field(default_factory=list)
    answers_by: Callable[[AnswerRequest], Iterable[Step]] = lambda request: answering("Mhm.")
    cancelled: int = 0
    under_way: int = 0
    most_under_way: int = 0

    def script(self, *scripts: Iterable[Step] | Step) -> None:
        """Add scripts for the calls to come; a single step is a script of its own."""
        for one in scripts:
            self.scripts.append(one if isinstance(one, Iterable) else [one])

    @property
    def purposes(self) -> list[str]:
        """List what the calls were for."""
        return [request.purpose for request in self.requests]

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerPiece]:
        """See `bot.ports.ChatModel.answer`."""
        self.requests.append(request)
        script = self.scripts.popleft() if self.scripts else self.answers_by(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            for step in script:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, ProviderError):
                    raise step
                else:
                    await asyncio.sleep(0)
                    yield step
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1

    def health(self) -> ModelHealth:
        """See `bot.ports.ChatModel.health`."""
        return ModelHealth("scripted", "compatible", "127.0.0.1", "strict", is_up=True)


class Lost(Exception):
    """Marks a send that reaches the channel while its answer does not come back."""


def refused(code: int = 50013) -> DeliveryError:
    """Make the error of a part that will never be taken."""
    return DeliveryError(f"refused {code}", code=code, retryable=False)


def not_through() -> DeliveryError:
    """Make the error of a part that may get through later."""
    return DeliveryError("no answer", code=0, retryable=True)


@dataclass(frozen=True)
class Shown:
    """One message of hers as the channel shows it."""

    message_id: MessageId
    channel_id: ChannelId
    content: str
    reply_to_id: MessageId | None
    nonce: str


@dataclass
class RecordingDelivery:
    """A channel that keeps what comes; *faults* are used up by sends and reactions, None is no fault."""

    clock: FakeClock
    shown: list[Shown] = field(default_factory=list)
    sent_at: list[datetime] = field(default_factory=list)
    reactions: list[tuple[MessageId, str]] = field(default_factory=list)
    unreacted: list[MessageId] = field(default_factory=list)
    cards: list[tuple[str, MessageId | None]] = field(default_factory=list)
    threads: dict[MessageId, str] = field(default_factory=dict)
    faults: deque[DeliveryError | Lost | None] = field(default_factory=deque)
    typing_in: list[ChannelId] = field(default_factory=list)
    for_adults: set[ChannelId] = field(default_factory=set)
    authors: dict[MessageId, UserId] = field(default_factory=dict)
    traced: list[MessageId] = field(default_factory=list)
    tries: int = 0

    @property
    def texts(self) -> list[str]:
        """List what she said, in order."""
        return [one.content for one in self.shown]

    async def send(self, part: OutboxPart) -> MessageId:
        """See `bot.ports.Delivery.send`; a nonce that is there already is not shown again."""
        self.tries += 1
        await asyncio.sleep(0)
        fault = self._fault()
        known = [one for one in self.shown if one.nonce == part.nonce]
        if known:
            return known[0].message_id
        shown = Shown(next_id(), part.goes_to, part.content, part.reply_to_id, part.nonce)
        self.shown.append(shown)
        self.sent_at.append(self.clock.now())
        if isinstance(fault, Lost):
            raise not_through()
        return shown.message_id

    async def open_thread(self, part: OutboxPart) -> None:
        """See `bot.ports.Delivery.open_thread`."""
        self._fault()
        assert part.reply_to_id is not None
        self.threads[part.reply_to_id] = part.content

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """See `bot.ports.Delivery.react`."""
        self._fault()
        self.reactions.append((message_id, emoji))

    async def unreact(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """See `bot.ports.Delivery.unreact`."""
        if (message_id, emoji) in self.reactions:
            self.reactions.remove((message_id, emoji))
            self.unreacted.append(message_id)

    async def say(self, channel_id: ChannelId, card: Card, reply_to: MessageId | None) -> None:
        """See `bot.ports.Delivery.say`."""
        self._fault()
        self.cards.append((card.key, reply_to))

    async def find_own(self, part: OutboxPart) -> Sequence[MessageId]:
        """See `bot.ports.Delivery.find_own`; old messages carry no nonce, so the text decides."""
        return [
            one.message_id
            for one in self.shown
            if (one.channel_id, one.content) == (part.goes_to, part.content) and one.message_id > part.after_id
        ]

    async def is_age_restricted(self, channel: Channel) -> bool:
        """See `bot.ports.Delivery.is_age_restricted`."""
        self._fault()
        return channel.channel_id in self.for_adults

    async def author_of(self, channel_id: ChannelId, message_id: MessageId) -> UserId | None:
        """See `bot.ports.Delivery.author_of`."""
        self.traced.append(message_id)
        return self.authors.get(message_id)

    @asynccontextmanager
    async def typing(self, channel_id: ChannelId) -> AsyncIterator[None]:
        """See `bot.ports.Delivery.typing`."""
        self.typing_in.append(channel_id)
        try:
            yield
        finally:
            self.typing_in.remove(channel_id)

    def _fault(self) -> DeliveryError | Lost | None:
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, DeliveryError):
            raise fault
        return fault


class MemoryLocks:
    """Locks of one process; give several the same *holders* and they are several processes."""

    def __init__(self, holders: dict[ChannelId, MemoryLocks] | None = None) -> None:
        self.holders = {} if holders is None else holders

    async def try_hold(self, channel_id: ChannelId) -> bool:
        """See `bot.ports.ChannelLocks.try_hold`."""
        await asyncio.sleep(0)
        if channel_id in self.holders:
            return False
        self.holders[channel_id] = self
        return True

    async def release(self, channel_id: ChannelId) -> None:
        """See `bot.ports.ChannelLocks.release`."""
        await asyncio.sleep(0)
        if self.holders.get(channel_id) is self:
            del self.holders[channel_id]
