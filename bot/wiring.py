"""The engine's use cases over an open database and a way out: which class does which part."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot import __version__
from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.fallback import FallbackChatModel
from bot.adapters.llm.presets import Endpoint, ModelChoice
from bot.adapters.personas import read_companion
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.locks import PostgresChannelLocks
from bot.adapters.postgres.marks import PostgresMarks
from bot.adapters.postgres.rungs import PostgresRungStore
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.timers import PostgresTimers
from bot.domain.affect.personality import Ocean
from bot.domain.ids import UserId
from bot.domain.message import Person
from bot.domain.persona import Companion
from bot.domain.shards import WHOLE, Shards
from bot.engine.ask import Ask
from bot.engine.blocks import Blocks
from bot.engine.catch_up import CatchUp
from bot.engine.conversations import Conversations, Patience
from bot.engine.decay import Decay
from bot.engine.deliver import Deliver
from bot.engine.feel import Feel, Temper
from bot.engine.follow import Follow
from bot.engine.gaps import Gaps
from bot.engine.hear import Hear
from bot.engine.look import Look
from bot.engine.meter import UNMETERED, MeteredModel
from bot.engine.mind import Mind
from bot.engine.respond import Respond
from bot.engine.slots import Slots
from bot.engine.status import Status
from bot.engine.sweep import Sweeper
from bot.engine.tend import Tend
from bot.engine.timers import Alarm, Remind
from bot.foundation import Database
from bot.history_ports import History
from bot.operator_ports import Meter
from bot.ports import ChatModel, Clock, Delivery, RungStore
from bot.roles import Role
from bot.settings import Settings

STALE_LEAST = timedelta(hours=1)  # what she committed is sent for at least that long
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
    follow: Follow
    alarm: Alarm
    remind: Remind
    catch_up: CatchUp | None  # None where nothing is heard from a gateway


@dataclass(frozen=True, slots=True)
class _Ground:
    """What most use cases stand on."""

    settings: Settings
    store: PostgresStore
    delivery: Delivery
    clock: Clock
    meter: Meter


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
    meter: Meter = UNMETERED,
    history: History | None = None,
    shards: Shards = WHOLE,
) -> AsyncIterator[Engine]:
    """Wire the engine over an open database and a way out; closes what it opened.

    *history* is given where a gateway for *shards* is: there, what was missed is looked for.
    """
    companion = read_companion(settings.companion)
    mind = _mind(settings, companion, own.user_id)
    store = PostgresStore(database.pool, own=own, is_alone=role is Role.ALL)
    await store.introduce(clock.now())
    feelings, timers = PostgresFeelings(database.pool), PostgresTimers(database.pool)
    feel = Feel(store=feelings, clock=clock, companion=companion.slug, temper=_temper(settings, companion))
    locks = PostgresChannelLocks(database.address, keeps=LOCKS_KEPT if role is Role.ALL else 0)
    rungs = PostgresRungStore(database.engine)
    model = _chat_model(settings, choice, companion, rungs=rungs, on_recovery=lambda: sweeper.model_is_back())
    ground = _Ground(settings, store, delivery, clock, meter)
    ask = Ask(model=MeteredModel(model, meter, clock), mind=mind, clock=clock)
    slots = Slots(settings.model_calls or choice.quality.calls_at_once)
    conversations = _conversations(ground, locks=locks, ask=ask, mind=mind, feel=feel, slots=slots, role=role)
    hear, catch_up = _hearing(
        ground, conversations, PostgresMarks(database.pool, own.user_id), history, name=companion.name, shards=shards
    )
    sweeper = Sweeper(store, conversations, clock)
    every = timedelta(seconds=settings.decay_every_s)
    try:
        yield Engine(
            hear=hear,
            conversations=conversations,
            sweeper=sweeper,
            status=_status(settings, mind, model, conversations, feel),
            feel=feel,
            look=Look(feel=feel, store=feelings, mind=mind, traits=settings.traits),
            tend=Tend(feel),
            decay=Decay(feel=feel, store=feelings, people=feelings, clock=clock, every=every),
            follow=Follow(store=store, followers=()),
            alarm=Alarm(store=timers, wake=conversations.deliver, clock=clock),
            remind=Remind(store=timers, clock=clock, home_zone=settings.time_zone),
            catch_up=catch_up,
        )
    finally:
        await conversations.drain(DRAIN_GRACE)
        await locks.close()
        await model.aclose()


def _conversations(
    ground: _Ground,
    *,
    locks: PostgresChannelLocks,
    ask: Ask,
    mind: Mind,
    feel: Feel,
    slots: Slots,
    role: Role,
) -> Conversations:
    settings, clock = ground.settings, ground.clock
    stale_after = max(STALE_LEAST, timedelta(hours=settings.catch_up_h))
    deliver = Deliver(
        store=ground.store, delivery=ground.delivery, clock=clock, stale_after=stale_after, meter=ground.meter
    )
    respond = Respond(
        store=ground.store,
        ask=ask,
        delivery=ground.delivery,
        deliver=deliver,
        mind=mind,
        feel=feel,
        clock=clock,
        pace=settings.pace,
        meter=ground.meter,
    )
    return Conversations(
        store=ground.store,
        locks=locks,
        respond=respond,
        deliver=deliver,
        clock=clock,
        patience=_patience(settings),
        slots=slots,
        is_working=role is not Role.GATEWAY,
        is_shared=role is Role.WORKER,
        meter=ground.meter,
    )


def _mind(settings: Settings, companion: Companion, own_id: UserId) -> Mind:
    return Mind(
        companion,
        Blocks(),
        own_id=own_id,
        traits=settings.traits,
        leak=settings.affect_leak,
        home_zone=settings.time_zone,
    )


def _chat_model(
    settings: Settings, choice: ModelChoice, companion: Companion, *, rungs: RungStore, on_recovery: Callable[[], None]
) -> OpenAIChatModel | FallbackChatModel:
    def on(endpoint: Endpoint, max_calls: int | None) -> OpenAIChatModel:
        suited = endpoint.suited_to(temperature=companion.model.temperature)
        return OpenAIChatModel(suited, rung_store=rungs, max_calls=max_calls, on_recovery=on_recovery)

    primary, second = on(choice.quality, settings.model_calls), choice.fallback
    if second is None:
        return primary
    return FallbackChatModel(primary, on(second, second.calls_within(settings.model_calls)))


def _hearing(
    ground: _Ground,
    conversations: Conversations,
    marks: PostgresMarks,
    history: History | None,
    *,
    name: str,
    shards: Shards,
) -> tuple[Hear, CatchUp | None]:
    clock, gaps = ground.clock, None
    if history is not None:
        within = timedelta(hours=ground.settings.catch_up_h)
        gaps = Gaps(history=history, marks=marks, clock=clock, within=within, shards=shards)
    hear = Hear(
        store=ground.store,
        conversations=conversations,
        delivery=ground.delivery,
        clock=clock,
        name=name,
        meter=ground.meter,
        gaps=gaps,
    )
    return hear, None if gaps is None else CatchUp(gaps=gaps, hear=hear, marks=marks, clock=clock)


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
