"""The engine's use cases over an open database and a way out: which class does which part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

from bot import __version__
from bot.adapters.files import AttachmentFiles
from bot.adapters.llm.presets import ModelChoice
from bot.adapters.personas import CompanionFolder
from bot.adapters.pictures import PillowPictures
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.locks import PostgresChannelLocks
from bot.adapters.postgres.manners import PostgresManners
from bot.adapters.postgres.marks import PostgresMarks
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.rungs import PostgresRungStore
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.timers import PostgresTimers
from bot.adapters.postgres.voices import PostgresVoices
from bot.domain.affect.personality import Ocean
from bot.domain.context_chain import Limits
from bot.domain.interest import topics_of
from bot.domain.message import Person
from bot.domain.names import Names
from bot.domain.persona import DEFAULT_PERSONA, Companion
from bot.domain.room_window import RoomWindow
from bot.domain.shards import WHOLE, Shards
from bot.embedders import Embedder, open_embedder
from bot.engine.allowance import Allowance
from bot.engine.ask import Ask
from bot.engine.attend import Attend
from bot.engine.being import Being, Live
from bot.engine.blocks import Blocks
from bot.engine.catch_up import CatchUp
from bot.engine.closed_places import ClosedPlaces
from bot.engine.consider import Consider
from bot.engine.conversations import Conversations, Patience
from bot.engine.decay import Decay
from bot.engine.deliver import Deliver
from bot.engine.explain import Explain
from bot.engine.feel import Feel, Temper
from bot.engine.follow import Follow
from bot.engine.forget_overheard import ForgetOverheard
from bot.engine.gaps import Gaps
from bot.engine.hear import Hear
from bot.engine.interests import Interests
from bot.engine.lately import Lately
from bot.engine.look import Look
from bot.engine.look_at import LookAt
from bot.engine.meter import UNMETERED, MeteredModel
from bot.engine.mind import Mind
from bot.engine.policies import Policies
from bot.engine.reload import Reload
from bot.engine.respond import Respond
from bot.engine.silence import Silences
from bot.engine.slots import Slots
from bot.engine.status import Status
from bot.engine.sweep import Sweeper
from bot.engine.tend import Tend
from bot.engine.timers import Alarm, Remind
from bot.engine.voices import Voices
from bot.engine.wear import Wear
from bot.engine.windows import Windows
from bot.foundation import Database
from bot.history_ports import History
from bot.house import House, open_house
from bot.models import Models, open_models
from bot.operator_ports import Meter
from bot.ports import ChatModel, Clock, Delivery
from bot.remembering import Memory, MemoryGround, Remembering, open_memory, open_remembering
from bot.roles import Role
from bot.settings import Settings

STALE_LEAST = timedelta(hours=1)  # what she committed is sent for at least that long
LOCKS_KEPT = 1_000  # of the database's 6,400 lock slots at its usual settings
DRAIN_GRACE = timedelta(seconds=12)  # of the 20 s between SIGTERM and SIGKILL


@dataclass(frozen=True, slots=True)
class Herself:
    """Who she is at the moment, what brings a change of her files in, and what she wears."""

    being: Being
    reload: Reload
    wear: Wear


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
    policies: Policies
    silences: Silences
    explain: Explain
    forget_overheard: ForgetOverheard
    remembering: Remembering
    herself: Herself
    voices: Voices
    house: House
    catch_up: CatchUp | None  # None where nothing is heard from a gateway
    closed_places: ClosedPlaces | None  # likewise


@dataclass(frozen=True, slots=True)
class _Ground:
    """What most use cases stand on."""

    settings: Settings
    store: PostgresStore
    rooms: PostgresRooms
    delivery: Delivery
    clock: Clock
    meter: Meter
    house: House


@dataclass(frozen=True, slots=True)
class _Answering:
    """What an answer is made with."""

    mind: Mind
    feel: Feel
    models: Models
    files: AttachmentFiles
    wear: Wear
    slots: Slots
    memory: Memory
    voices: Voices


@dataclass(frozen=True, slots=True)
class _Ears:
    """What decides on each line."""

    policies: Policies
    silences: Silences
    attend: Attend
    interests: Interests | None

    async def close(self) -> None:
        """Let go of what is asked."""
        if self.interests is not None:
            await self.interests.close()


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
    usual: str = DEFAULT_PERSONA,
) -> AsyncIterator[Engine]:
    """Wire the engine over an open database and a way out; closes what it opened.

    *history* is given where a gateway for *shards* is, to look for what was missed; *usual* is the persona worn.
    """
    (being, reload), embedder = _being(settings, usual), open_embedder(settings, choice.quality)
    ground = await _ground(settings, database, own, delivery, clock, meter, is_alone=role is Role.ALL)
    companion, mind, store = being.companion, _mind(settings, being, own), ground.store
    feelings, timers, locks = PostgresFeelings(database.pool), PostgresTimers(database.pool), _locks(database, role)
    feel = Feel(store=feelings, clock=clock, companion=companion.slug, temper=_temper(settings, companion))
    rungs, heat, marks = PostgresRungStore(database.engine), companion.model.temperature, _marks(database, own)
    models = open_models(settings, choice, temperature=heat, rungs=rungs, on_recovery=lambda: sweeper.model_is_back())
    ears, files = _ears(ground, being, feel, own, embedder), AttachmentFiles(settings.discord_api_url)
    slots, memory = _slots(settings, choice), _memory(ground, database, being, own, embedder, feel)
    wear, voices = _wear(ground, database, being, ears), Voices(PostgresVoices(database.pool))
    answering = _Answering(mind, feel, models, files, wear, slots, memory, voices)
    conversations = _conversations(ground, answering, locks=locks, role=role)
    hear, catch_up = _hearing(ground, ears.attend, conversations, marks, history, name=companion.name, shards=shards)
    sweeper, remembering = Sweeper(store, conversations, clock), _remembering(ground, answering, conversations, ears)
    try:
        yield Engine(
            hear=hear,
            conversations=conversations,
            sweeper=sweeper,
            status=_status(settings, mind, models.talk, conversations, feel),
            feel=feel,
            look=Look(feel=feel, store=feelings, mind=mind, traits=settings.traits),
            tend=Tend(feel),
            decay=_decay(ground, feel, feelings),
            follow=Follow(store=store, followers=remembering.followers),
            alarm=Alarm(store=timers, wake=conversations.deliver, clock=clock),
            remind=Remind(store=timers, clock=clock, home_zone=settings.time_zone),
            policies=ears.policies,
            silences=ears.silences,
            explain=Explain(store=ground.rooms, policies=ears.policies, silences=ears.silences, clock=clock),
            forget_overheard=ForgetOverheard(store=ground.rooms, clock=clock),
            remembering=remembering,
            herself=Herself(being, reload, wear),
            voices=voices,
            house=ground.house,
            catch_up=catch_up,
            closed_places=None if history is None else _closed_places(remembering, history, marks, clock),
        )
    finally:
        await conversations.drain(DRAIN_GRACE)
        for close in (voices.keep, locks.close, ears.close, files.aclose, models.aclose, memory.aclose):
            await close()


async def _ground(
    settings: Settings,
    database: Database,
    own: Person,
    delivery: Delivery,
    clock: Clock,
    meter: Meter,
    *,
    is_alone: bool,
) -> _Ground:
    store = PostgresStore(database.pool, own=own, is_alone=is_alone)
    await store.introduce(clock.now())
    house = open_house(database.pool, clock, prices=settings.prices)
    return _Ground(settings, store, PostgresRooms(database.pool), delivery, clock, meter, house)


def _marks(database: Database, own: Person) -> PostgresMarks:
    return PostgresMarks(database.pool, own.user_id)


def _slots(settings: Settings, choice: ModelChoice) -> Slots:
    return Slots(settings.model_calls or choice.quality.calls_at_once)


def _locks(database: Database, role: Role) -> PostgresChannelLocks:
    return PostgresChannelLocks(database.address, keeps=LOCKS_KEPT if role is Role.ALL else 0)


def _memory(
    ground: _Ground, database: Database, being: Being, own: Person, embedder: Embedder | None, feel: Feel
) -> Memory:
    limits = Limits.of(ground.settings.context_soft, ground.settings.context_hard)
    return open_memory(MemoryGround(database.pool, ground.clock, being, own, limits, embedder), feel)


def _remembering(ground: _Ground, answering: _Answering, conversations: Conversations, ears: _Ears) -> Remembering:
    return open_remembering(
        answering.memory,
        store=ground.store,
        conversations=conversations,
        feel=answering.feel,
        silences=ears.silences,
        model=MeteredModel(answering.models.fast, ground.meter, ground.clock),
        slots=answering.slots,
    )


def _decay(ground: _Ground, feel: Feel, feelings: PostgresFeelings) -> Decay:
    every = timedelta(seconds=ground.settings.decay_every_s)
    return Decay(feel=feel, store=feelings, people=feelings, clock=ground.clock, every=every)


def _conversations(ground: _Ground, answering: _Answering, *, locks: PostgresChannelLocks, role: Role) -> Conversations:
    settings, clock = ground.settings, ground.clock
    stale_after = max(STALE_LEAST, timedelta(hours=settings.catch_up_h))
    deliver = Deliver(
        store=ground.store, delivery=ground.delivery, clock=clock, stale_after=stale_after, meter=ground.meter
    )
    return Conversations(
        store=ground.store,
        locks=locks,
        respond=_respond(ground, answering, deliver),
        deliver=deliver,
        clock=clock,
        patience=_patience(settings),
        slots=answering.slots,
        is_working=role is not Role.GATEWAY,
        is_shared=role is Role.WORKER,
        meter=ground.meter,
    )


def _respond(ground: _Ground, answering: _Answering, deliver: Deliver) -> Respond:
    clock, mind, models = ground.clock, answering.mind, answering.models
    talk, fast = (MeteredModel(model, ground.meter, clock) for model in (models.talk, models.fast))
    lately = Lately(store=ground.store, clock=clock)
    return Respond(
        store=ground.store,
        ask=Ask(model=talk, mind=mind, clock=clock, lately=lately, voices=answering.voices),
        delivery=ground.delivery,
        deliver=deliver,
        mind=mind,
        feel=answering.feel,
        clock=clock,
        pace=ground.settings.pace,
        meter=ground.meter,
        consider=Consider(model=fast, mind=mind),
        look_at=LookAt(answering.files, PillowPictures(), sees_pictures=models.sees_pictures),
        wear=answering.wear,
        house_rules=ground.house.rules,
        recall=answering.memory.recall,
        context=answering.memory.context,
    )


def _ears(ground: _Ground, being: Being, feel: Feel, own: Person, embedder: Embedder | None) -> _Ears:
    settings, rooms, clock = ground.settings, ground.rooms, ground.clock
    policies = Policies(store=rooms, clock=clock, personas=Live(being.slugs))
    silences = Silences(store=rooms, clock=clock)
    interests = None
    if embedder is not None:
        interests = Interests(embedder=embedder, topics=Live(lambda: topics_of(being.companion.identity)), clock=clock)
        being.follow(interests.renew)
    known = lru_cache(maxsize=1)(partial(_names, own))
    windows = Windows(store=rooms, clock=clock, make=lambda: RoomWindow(known(being.companion), own.user_id))
    being.follow(windows.renew)
    attend = Attend(
        policies=policies,
        silences=silences,
        windows=windows,
        allowance=Allowance(store=rooms, clock=clock, a_day=settings.consider_a_day),
        feel=feel,
        clock=clock,
        interests=interests,
    )
    return _Ears(policies, silences, attend, interests)


def _names(own: Person, companion: Companion) -> Names:
    nicknames = dict.fromkeys((*companion.nicknames, own.display_name))  # on Discord she may go by another name
    return Names(companion.name, tuple(nicknames), companion.spellings, companion.homographs)


def _being(settings: Settings, usual: str) -> tuple[Being, Reload]:
    files = CompanionFolder(settings.companion, settings.companions_folder)
    read = files.read()
    being = Being(read.companion, usual)
    being.become(read)
    return being, Reload(files, being)


def _wear(ground: _Ground, database: Database, being: Being, ears: _Ears) -> Wear:
    store = PostgresManners(database.pool)
    return Wear(store=store, being=being, policies=ears.policies, delivery=ground.delivery, clock=ground.clock)


def _mind(settings: Settings, being: Being, own: Person) -> Mind:
    return Mind(
        being,
        Blocks(),
        own_id=own.user_id,
        traits=settings.traits,
        leak=settings.affect_leak,
        home_zone=settings.time_zone,
    )


def _hearing(
    ground: _Ground,
    attend: Attend,
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
        attend=attend,
        conversations=conversations,
        delivery=ground.delivery,
        clock=clock,
        name=name,
        meter=ground.meter,
        gaps=gaps,
    )
    return hear, None if gaps is None else CatchUp(gaps=gaps, hear=hear, marks=marks, clock=clock)


def _closed_places(remembering: Remembering, history: History, marks: PostgresMarks, clock: Clock) -> ClosedPlaces:
    return ClosedPlaces(history=history, store=marks, forget=remembering.forget.messages, clock=clock)


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
