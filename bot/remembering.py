"""What she remembers with, over an open database: which class does which part, and what runs when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.forget import PostgresForget
from bot.adapters.postgres.own_memories import PostgresOwnMemories
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.reflections import PostgresReflections
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.adapters.postgres.vectors import PostgresVectors
from bot.domain.context_chain import Limits
from bot.domain.message import Person
from bot.domain.persona import Companion
from bot.embedders import Embedder
from bot.engine.being import Being, Live
from bot.engine.blocks import Blocks
from bot.engine.context import Context
from bot.engine.conversations import Conversations
from bot.engine.digest import Digest
from bot.engine.embed import Embed
from bot.engine.fade import Fade
from bot.engine.feel import Feel
from bot.engine.forget import Forget
from bot.engine.own_goals import OwnGoals
from bot.engine.own_memories import OwnMemories
from bot.engine.own_words import OwnWords
from bot.engine.query_vectors import QueryVectors
from bot.engine.recall import Recall
from bot.engine.reflect import Reflect
from bot.engine.silence import Silences
from bot.engine.slots import Slots
from bot.engine.summarise import Summarise
from bot.engine.undisturbed import in_a_lull
from bot.ports import ChatModel, Clock, Follower

DIGEST_EVERY = timedelta(seconds=5)
SETTLE_EVERY = timedelta(seconds=10)  # what is left to do after forgetting
EMBED_EVERY = timedelta(seconds=15)
SUMMARISE_EVERY = timedelta(seconds=20)
REFLECT_EVERY = timedelta(minutes=1)
FADE_EVERY = timedelta(hours=1)
PLAN_EVERY = timedelta(minutes=5)  # connections that were replaced know nothing of what is asked


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again, off the way of any answer; first after one *every* or at the start."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]
    starts_now: bool = False


@dataclass(frozen=True, slots=True)
class MemoryGround:
    """What memory stands on."""

    pool: StatementPool
    clock: Clock
    being: Being
    own: Person
    limits: Limits
    embedder: Embedder | None

    @property
    def names(self) -> Live:
        """Give how she is called; on Discord she may go by another name than at home."""
        return Live(lambda: names_of(self.being.companion, self.own))

    @property
    def own_texts(self) -> Live:
        """Give texts of hers: identity, personas, rules."""
        return Live(lambda: own_texts_of(self.being.companion))


@dataclass(frozen=True, slots=True)
class Memory:
    """What a turn has in mind: what it recalls, and how its channel's talk fits the prompt; *ground* is its own."""

    ground: MemoryGround
    recall: Recall
    context: Context
    vectors: QueryVectors | None

    async def aclose(self) -> None:
        """Close the embedder, if there is one."""
        if self.ground.embedder is not None:
            await self.ground.embedder.aclose()


@dataclass(frozen=True, slots=True)
class Remembering:
    """What becomes of turns afterwards, and what people do with their memories."""

    digest: Digest
    forget: Forget
    summarise: Summarise
    own_memories: OwnMemories
    own_goals: OwnGoals
    jobs: tuple[Job, ...]

    @property
    def followers(self) -> tuple[Follower, ...]:
        """Give whoever made something of messages, and follows their changes."""
        return (self.forget, self.digest, self.summarise)


def names_of(companion: Companion, own: Person) -> tuple[str, ...]:
    """Give how she is called, at home and where she goes by another name."""
    return tuple(dict.fromkeys((companion.name, own.display_name, *companion.nicknames)))


def own_texts_of(companion: Companion) -> tuple[str, ...]:
    """Give what a companion has to say of herself: identity, personas, rules."""
    rules = Blocks().texts
    return (companion.identity, *(persona.voice for persona in companion.personas), rules.truth, rules.data)


def open_memory(ground: MemoryGround, feel: Feel) -> Memory:
    """Give what turns need; whatever of it fails, they go on without."""
    vectors = None if ground.embedder is None else QueryVectors(ground.embedder, ground.clock)
    store = PostgresRecall(ground.pool)
    recall = Recall(
        store,
        ground.clock,
        ground.being.companion.slug,
        vectors,
        names=ground.names,
        own_id=ground.own.user_id,
        mood_of=feel.mood_lately,
    )
    context = Context(PostgresSummaries(ground.pool), ground.clock, ground.limits)
    return Memory(ground, recall, context, vectors)


def open_remembering(
    memory: Memory,
    *,
    store: PostgresStore,
    conversations: Conversations,
    feel: Feel,
    silences: Silences,
    model: ChatModel,
    slots: Slots,
) -> Remembering:
    """Wire what is done off the way of answers; *model* is the cheap one."""
    ground = memory.ground
    pool, clock, own_texts = ground.pool, ground.clock, ground.own_texts
    forget = Forget(
        store=PostgresForget(pool, vocabulary=own_texts),
        mend=feel.live_again,
        clock=clock,
        supersede=conversations.changed,
        dropped=store.let_go,
    )
    digest = Digest(
        PostgresDigest(pool, ground.own), clock, own_texts, own_names=ground.names, lull=partial(in_a_lull, slots)
    )
    summarise = _summarise(ground, model=model, slots=slots)
    own_store = PostgresOwnMemories(pool)
    words = OwnWords(store=own_store, silences=silences, clock=clock, own_texts=own_texts, own_names=ground.names)
    own_memories = OwnMemories(
        store=own_store,
        recall=PostgresRecall(pool),
        forget=forget,
        words=words,
        clock=clock,
        vector_of=None if memory.vectors is None else memory.vectors.of,
    )
    return Remembering(
        digest=digest,
        forget=forget,
        summarise=summarise,
        own_memories=own_memories,
        own_goals=OwnGoals(store=own_store, words=words, clock=clock),
        jobs=_jobs(ground, digest, forget, summarise, model=model, slots=slots),
    )


def _summarise(ground: MemoryGround, *, model: ChatModel, slots: Slots) -> Summarise:
    return Summarise(
        store=PostgresSummaries(ground.pool),
        model=model,
        slots=slots,
        clock=ground.clock,
        name=ground.being.companion.name,
        own_id=ground.own.user_id,
        limits=ground.limits,
    )


def _jobs(
    ground: MemoryGround, digest: Digest, forget: Forget, summarise: Summarise, *, model: ChatModel, slots: Slots
) -> tuple[Job, ...]:
    pool, clock = ground.pool, ground.clock
    reflections = PostgresReflections(pool)
    reflect = Reflect(
        store=reflections,
        model=model,
        slots=slots,
        clock=clock,
        being=ground.being,
        own_texts=(Blocks().texts.truth, Blocks().texts.data),
    )
    jobs = [
        Job("digest", DIGEST_EVERY, digest),
        Job("forgotten", SETTLE_EVERY, forget),
        Job("summaries", SUMMARISE_EVERY, summarise),
        Job("reflection", REFLECT_EVERY, reflect),
        Job("fading", FADE_EVERY, Fade(reflections, clock)),
        Job("plans", PLAN_EVERY, partial(_plan_ahead, PostgresRecall(pool), clock), starts_now=True),
    ]
    if ground.embedder is not None:
        embed = Embed(PostgresVectors(pool), ground.embedder, clock, names=ground.names)
        jobs.append(Job("vectors", EMBED_EVERY, embed))
    return tuple(jobs)


async def _plan_ahead(recall: PostgresRecall, clock: Clock) -> None:
    await recall.plan_ahead(clock.now())
