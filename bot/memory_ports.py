"""What the engine needs to remember, by role."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.handoff import ContextStep, Handoff
from bot.domain.ids import ChannelId, MemoryId, MessageId, SummaryId, TurnId, UserId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone, NewMemory, Refusal, SelfNote
from bot.domain.message import Audience, Message, Person
from bot.domain.recalled import Found, Held, Place, RecallAsk, Summary, Vector
from bot.domain.reflection import Reflected
from bot.domain.self_notes import TasteReason
from bot.domain.turn import Said


class NamedEmbedder(Protocol):
    """Puts texts into a space in which near means alike; what is kept of it is kept under *name*."""

    @property
    def name(self) -> str:
        """Name the model and how it is used; vectors of one name may be compared."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Give one vector of unit length for each text, all of the same dimension.

        Raises:
            ProviderError: it cannot be had now.
        """


class RecallStore(Protocol):
    """Finds what was said and what is known, by what is asked and before whose eyes."""

    async def recall(self, ask: RecallAsk, *, lines_most: int, memories_most: int) -> Found:
        """Give what passes the threshold, best first."""

    async def held(
        self, owners: Sequence[UserId], place: Place, *, companion: str, now: datetime, most: int, notes_most: int
    ) -> Held:
        """Give what holds whatever is asked, and what she notes of herself, as far as it may be shown there."""


@dataclass(frozen=True, slots=True)
class IndexedLine:
    """A line to be recalled by, and whose it is; *turn_owner* is the person whom a line of hers answers."""

    message: Message
    owner_id: UserId
    audience: Audience
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReflectionGroup:
    """One person's memories of one audience, claimed to be thought over; never of two audiences.

    *lines* are the sources of the candidates, lines that were edited since (*reread*), and some of what the person said
    there lately. *keeps_sensitive* says that they let her keep what is sensitive.
    """

    owner_id: UserId
    audience: Audience
    name: str
    candidates: tuple[Memory, ...]
    current: tuple[Memory, ...]
    lines: tuple[Message, ...]
    reread: frozenset[MessageId] = frozenset()
    notes: tuple[SelfNote, ...] = ()
    keeps_sensitive: bool = False


class ReflectStore(Protocol):
    """Claims what is to be thought over and keeps what came of it."""

    async def claim_group(self, now: datetime, *, companion: str) -> ReflectionGroup | None:
        """Claim the group that waits longest and is due, for a quarter of an hour; None if there is none.

        Nobody is thought over who does not want to be heard.
        """

    async def reflected(self, group: ReflectionGroup, result: Reflected, now: datetime, *, companion: str) -> bool:
        """Keep what came of it; False, and nothing kept, if anything of the group was forgotten or edited since."""

    async def taste_reasons(self, companion: str) -> Sequence[TasteReason]:
        """Give who has given her reason for which taste, in whatever audience."""

    async def settle_tastes(self, companion: str, tastes: Mapping[str, float], now: datetime) -> None:
        """Keep the tastes that may be shown everywhere, by their texts; those not named are gone."""

    async def tastes(self, companion: str) -> Mapping[str, tuple[float, datetime]]:
        """Give the tastes that may be shown everywhere: how sure she is, and since when."""

    async def put_off(self, group: ReflectionGroup, until: datetime) -> None:
        """Let a group wait: the model was not there."""

    async def fade(self, now: datetime, *, limit: int) -> int:
        """Archive what has faded and candidates that nothing confirmed; gives how many."""


@dataclass(frozen=True, slots=True)
class MemoryHealth:
    """What is kept of a person, in figures."""

    by_kind: Mapping[MemoryKind, int]
    by_state: Mapping[MemoryState, int]
    lines: int
    embedded: int
    refused: Mapping[Refusal, int]
    oldest_at: datetime | None
    keeps_sensitive: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of memories, and how many there are in all."""

    memories: tuple[Memory, ...]
    total: int


class OwnMemoryStore(Protocol):
    """What a person sees and does with their own memories; never anybody else's."""

    async def page(
        self,
        owner: UserId,
        *,
        kinds: Sequence[MemoryKind] = (),
        states: Sequence[MemoryState] = (MemoryState.CURRENT,),
        offset: int = 0,
        limit: int = 10,
    ) -> Page:
        """List them, pinned ones first, then the newest; one text of a kind only once."""

    async def after(self, owner: UserId, memory_id: MemoryId, *, limit: int) -> Sequence[Memory]:
        """Go through all of them, whatever their state, by id: those after *memory_id*."""

    async def get(self, owner: UserId, memory_id: MemoryId) -> Memory | None:
        """Give one of theirs."""

    async def replaced_by(self, owner: UserId, memory_id: MemoryId, *, limit: int) -> Sequence[Memory]:
        """Give those in whose place this one holds, newest first."""

    async def suggest(
        self,
        owner: UserId,
        typed: str,
        *,
        limit: int,
        kinds: Sequence[MemoryKind] = (),
        states: Sequence[MemoryState] = (),
    ) -> Sequence[Memory]:
        """Give those whose text begins with, or holds, what was typed; of every kind and state if none is named."""

    async def add(self, memory: NewMemory, owner: Person, now: datetime) -> Memory:
        """Keep one that the person gave; the same text again is the same memory."""

    async def edit(self, owner: UserId, memory_id: MemoryId, text: str, now: datetime) -> Memory | None:
        """Put the person's own words in place of a memory's text; from then on it is for their eyes alone.

        If they have one of these words already, that one holds in place of this.
        """

    async def pin(self, owner: UserId, memory_id: MemoryId, *, is_pinned: bool) -> Memory | None:
        """Pin one, or no longer; a pinned one never fades and is always in mind."""

    async def restore(self, owner: UserId, memory_id: MemoryId, now: datetime) -> Memory | None:
        """Bring back one that was archived or superseded."""

    async def archive(self, owner: UserId, memory_id: MemoryId) -> Memory | None:
        """Put one away, so that it is recalled no more; it can be restored."""

    async def near(self, owner: UserId, text: str, *, most: int) -> Sequence[Memory]:
        """Give those that share most words with a text, wherever they were said, if not archived."""

    async def supersede(
        self, owner: UserId, memory_id: MemoryId, by: NewMemory, now: datetime, *, also: Sequence[MemoryId] = ()
    ) -> Memory | None:
        """Let a newer one hold in place of an older, and of what says so *also*, from now on; gives the newer."""

    async def set_goal(
        self, owner: UserId, memory_id: MemoryId, milestones: Sequence[Milestone], done_at: datetime | None
    ) -> Memory | None:
        """Keep how far a goal is, or that a promise was kept."""

    async def health(self, owner: UserId) -> MemoryHealth:
        """Give the figures."""

    async def allow_sensitive(self, owner: Person, now: datetime, *, is_allowed: bool) -> None:
        """Keep whether health and sexuality may be remembered; if no longer, the caller forgets what is there."""

    async def keeps_sensitive(self, owner: UserId) -> bool:
        """Say whether health and sexuality may be remembered."""

    async def own_line(self, owner: UserId, message_id: MessageId) -> Message | None:
        """Give a kept line that this person wrote."""

    async def lines(self, owner: UserId, message_ids: Sequence[MessageId]) -> Sequence[Message]:
        """Give those of these lines that the person wrote, or that are hers and answer them; oldest first."""

    async def count_refusal(self, owner: Person, refusal: Refusal, now: datetime) -> None:
        """Count that something was refused."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went, in figures; *souls* are those whose feelings have to be worked out anew."""

    messages: int = 0
    memories: int = 0
    summaries: int = 0
    own_lines: int = 0
    notes: int = 0
    souls: tuple[int, ...] = ()


class ForgetStore(Protocol):
    """Forgets so that nothing is left that was made of it."""

    async def forget_messages(self, message_ids: Sequence[MessageId], now: datetime) -> Forgotten:
        """Forget lines and all that was made of them: see docs/memory.md. Twice is as once."""

    async def forget_memories(self, owner: UserId, memory_ids: Sequence[MemoryId], now: datetime) -> Forgotten:
        """Forget memories of a person, the lines they came from, and all else that was made of those."""

    async def sources_of(self, owner: UserId, memory_ids: Sequence[MemoryId]) -> Sequence[MessageId]:
        """Name the lines that memories of a person came from."""

    async def erase(self, user_id: UserId, now: datetime) -> Forgotten:
        """Erase a person: every table with something of them."""


@dataclass(frozen=True, slots=True)
class SummaryTask:
    """A channel with talk that waits to be summarised, held until *held_until*; who holds it later may keep nothing."""

    channel_id: ChannelId
    held_until: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole turns of one channel's talk, oldest first, at least one; all of one *audience*."""

    channel_id: ChannelId
    audience: Audience
    lines: tuple[Said, ...]


class SummaryStore(Protocol):
    """Keeps the context chain of channels, and summaries of what their prompts no longer show."""

    async def view(self, channel_id: ChannelId) -> tuple[ContextStep, Sequence[Summary], Handoff | None]:
        """Give how a channel's chain stands, the summaries that stand for its past, oldest first, and the handoff if
        it is due. Nothing is in it of who does not want to be heard."""

    async def due(self, now: datetime, *, limit: int) -> Sequence[SummaryTask]:
        """List channels with talk that waits to be summarised, held for a quarter of an hour."""

    async def mend(self, now: datetime, *, limit: int) -> int:
        """Look through some channels, others each time: drop summaries of what was forgotten, changed or opted out,
        and let those be due in which something is in no summary. Gives how many those are."""

    async def drop_covering(self, message_ids: Sequence[MessageId], now: datetime) -> int:
        """Drop every summary whose talk holds one of these lines; what remains of it is due anew. Gives how many."""

    async def history(self, channel_id: ChannelId) -> Sequence[Said]:
        """Give the talk that the next prompt shows, oldest first."""

    async def unsummarised(self, channel_id: ChannelId, *, before: TurnId | None, letters_most: int) -> Stretch | None:
        """Give the oldest talk of a channel that left the prompt, or is to leave it (*before* that turn), and is in no
        summary, with about *letters_most* letters; None if there is none.

        Nothing of it is forgotten, declined, of who does not want to be heard, or of who never addressed her.
        """

    async def keep(
        self,
        task: SummaryTask,
        summaries: Sequence[NewSummary],
        now: datetime,
        *,
        of: Sequence[Message] = (),
        cut_at: TurnId | None = None,
    ) -> bool:
        """Keep summaries of the lines *of*, and let the history start at *cut_at* where it starts before.

        False, and nothing kept, if a line was forgotten or edited meanwhile, or the channel is no longer held.
        """

    async def to_condense(self, channel_id: ChannelId) -> Sequence[Summary]:
        """Give the oldest summaries of one level, if there are so many that one of the next takes their place; all are
        of the talk, or of the same person."""

    async def condense(self, task: SummaryTask, parts: Sequence[SummaryId], whole: NewSummary, now: datetime) -> bool:
        """Keep a summary of summaries; its parts are no longer shown. False if one of them is gone, or the channel is
        no longer held."""

    async def done(self, task: SummaryTask, until: datetime | None = None) -> None:
        """Let go of a channel: nothing waits any more, or it waits *until* then, as the model was not there."""


@dataclass(frozen=True, slots=True)
class NewSummary:
    """A `Summary` not yet kept."""

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


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A text without a vector of the embedder in use.

    *what* is ``line`` or ``memory``, *item_id* the id of its message or memory; *names* are those of who takes part.
    """

    what: str
    owner_id: int
    item_id: int
    text: str
    names: tuple[str, ...] = ()


class VectorStore(Protocol):
    """Which texts have no vector of the embedder in use."""

    async def use(self, embedder: str, dimension: int) -> int:
        """Name the number under which vectors of an embedder are kept.

        Raises:
            ProviderError: vectors of that name have another dimension, or none can be kept (kind ``dimension``).
        """

    async def without_vector(
        self, embedder: str, *, limit: int, besides: Collection[Unembedded] = ()
    ) -> Sequence[Unembedded]:
        """Give texts to embed, newest first, without *besides*."""

    async def put(self, embedder: str, vectors: Sequence[tuple[Unembedded, Vector]]) -> int:
        """Keep vectors of what is still there and still says so; gives how many."""
