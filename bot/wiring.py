"""The engine's use cases over an open database and a way out: which class does which part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot import __version__
from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.presets import ModelChoice
from bot.adapters.personas import read_companion
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.locks import PostgresChannelLocks
from bot.adapters.postgres.rungs import PostgresRungStore
from bot.adapters.postgres.store import PostgresStore
from bot.domain.affect.personality import Ocean
from bot.domain.message import Person
from bot.domain.persona import Companion
from bot.engine.ask import Ask
from bot.engine.blocks import Blocks
from bot.engine.conversations import Conversations, Patience, Sweeper
from bot.engine.decay import Decay
from bot.engine.deliver import Deliver
from bot.engine.feel import Feel, Temper
from bot.engine.hear import Hear
from bot.engine.look import Look
from bot.engine.mind import Mind
from bot.engine.respond import Respond
from bot.engine.status import Status
from bot.engine.tend import Tend
from bot.foundation import Database
from bot.ports import ChatModel, Clock, Delivery
from bot.roles import Role
from bot.settings import Settings

LOCKS_KEPT = 1_000  # of the database's 6,400 lock slots at its usual settings
DRAIN_GRACE = timedelta(seconds=12)  # of the 20 s between SIGTERM and SIGKILL


@dataclass(frozen=True, slots=True)
class Engine:
    """The use cases of one process, wired."""

    hear: Hear
    conversations: Conversations
    sweeper: Sweeper
    status: Status
    feel: Feel
    look: Look
    tend: Tend
    decay: Decay


@asynccontextmanager
async def open_engine(
    settings: Settings,
    database: Database,
    choice: ModelChoice,
    *,
    own: Person,
    delivery: Delivery,
    clock: Clock,
    role: Role = Role.ALL,
) -> AsyncIterator[Engine]:
    """Wire the engine over an open database and a way out; closes what it opened."""
    companion = read_companion(settings.companion)
    mind = Mind(companion, Blocks(), own_id=own.user_id, traits=settings.traits, leak=settings.affect_leak)
    endpoint = choice.quality.suited_to(temperature=companion.model.temperature)
    store = PostgresStore(database.pool, own=own, is_alone=role is Role.ALL)
    await store.introduce(clock.now())
    feelings = PostgresFeelings(database.pool)
    feel = Feel(store=feelings, clock=clock, companion=companion.slug, temper=_temper(settings, companion))
    locks = PostgresChannelLocks(database.address, keeps=LOCKS_KEPT if role is Role.ALL else 0)
    model = OpenAIChatModel(endpoint, rung_store=PostgresRungStore(database.engine), max_calls=settings.model_calls or 256)
    deliver = Deliver(store=store, delivery=delivery, clock=clock)
    respond = Respond(
        store=store,
        ask=Ask(model=model, mind=mind, clock=clock),
        delivery=delivery,
        deliver=deliver,
        mind=mind,
        feel=feel,
        clock=clock,
        pace=settings.pace,
    )
    conversations = Conversations(
        store=store,
        locks=locks,
        respond=respond,
        deliver=deliver,
        clock=clock,
        patience=_patience(settings),
        is_working=role is not Role.GATEWAY,
    )
    every = timedelta(seconds=settings.decay_every_s)
    try:
        yield Engine(
            hear=Hear(store=store, conversations=conversations, delivery=delivery, clock=clock, name=companion.name),
            conversations=conversations,
            sweeper=Sweeper(store, conversations, clock),
            status=_status(settings, mind, model, conversations, feel),
            feel=feel,
            look=Look(feel=feel, store=feelings, mind=mind, traits=settings.traits),
            tend=Tend(feel),
            decay=Decay(feel=feel, store=feelings, people=feelings, clock=clock, every=every),
        )
    finally:
        await conversations.drain(DRAIN_GRACE)
        await locks.close()
        await model.aclose()


def _temper(settings: Settings, companion: Companion) -> Temper:
    born = companion.temperament
    home = Ocean(born.openness, born.conscientiousness, born.extraversion, born.agreeableness, born.neuroticism)
    return Temper(settings.affect, home, settings.affect_leak, is_shared=settings.soul_scope == "global")


def _patience(settings: Settings) -> Patience:
    return Patience(settle=timedelta(seconds=settings.settle_s), typing_wait=timedelta(seconds=settings.typing_wait_s))


def _status(settings: Settings, mind: Mind, model: ChatModel, conversations: Conversations, feel: Feel) -> Status:
    return Status(
        mind=mind,
        model=model,
        conversations=conversations,
        feel=feel,
        version=__version__,
        has_content=settings.message_content,
    )
