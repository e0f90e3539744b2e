"""Signs of life, health, and failures on their way to the database; with a store that fails on demand."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.service import (
    Backlog,
    Failure,
    LineState,
    ModelState,
    Process,
    ProcessName,
    ProcessState,
    Vitals,
)
from bot.engine import watch as watching
from bot.engine.asking import Asking
from bot.engine.meter import NoMeter
from bot.engine.oversee import Oversee
from bot.engine.watch import BEAT_EVERY, NO_SWEEP_AFTER, Health, Vital, Watch, model_state
from bot.errors import StoreError
from bot.ports import ModelHealth
from tests.fakes import START, FakeClock

NAME = ProcessName("host-1-aa", "all", "host", 1, "0.1.0")
HEALTH = ModelHealth("m", "openai", "example.org", "strict", is_up=True)


@dataclass
class FakeService:
    """A service store in memory; *trouble* is raised, *delay_s* waited before anything."""

    trouble: Exception | None = None
    delay_s: float = 0.0
    beats: list[tuple[ProcessState, Vitals]] = field(default_factory=list)
    noted: list[Failure] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    async def _meet(self) -> None:
        await asyncio.sleep(self.delay_s)
        if self.trouble is not None:
            raise self.trouble

    async def answers(self) -> None:
        await self._meet()

    async def beat(self, name: ProcessName, state: ProcessState, vitals: Vitals) -> None:
        await self._meet()
        self.beats.append((state, vitals))

    async def leave(self, process_id: str) -> None:
        await self._meet()
        self.left.append(process_id)

    async def processes(self) -> Sequence[Process]:
        await self._meet()
        return ()

    async def note(self, failures: Sequence[Failure]) -> None:
        await self._meet()
        self.noted.extend(failures)

    async def failures(self, limit: int) -> Sequence[Failure]:
        return self.noted[-limit:]

    async def backlog(self, now: datetime) -> Backlog:
        return Backlog(direct=1)


@dataclass
class FakeLog:
    """A failure log that holds what it was given."""

    held: list[Failure] = field(default_factory=list)

    def take(self) -> Sequence[Failure]:
        found, self.held = self.held, []
        return found

    def give_back(self, failures: Sequence[Failure]) -> None:
        self.held = [*failures, *self.held]


class FailureMeter(NoMeter):
    """Counts failures only."""

    def __init__(self) -> None:
        self.owners: list[str] = []

    def failed(self, owner: str) -> None:
        self.owners.append(owner)


@dataclass
class FakeGateway:
    """A gateway connection that is as it is told."""

    line: LineState | None = field(default_factory=lambda: LineState(is_connected=True))

    def state(self) -> LineState | None:
        return self.line


@dataclass
class Scene:
    """A watch with everything it looks at."""

    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeService = field(default_factory=FakeService)
    log: FakeLog = field(default_factory=FakeLog)
    meter: FailureMeter = field(default_factory=FailureMeter)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    sweeps: int = 0
    turns: int = 2

    def __post_init__(self) -> None:
        self.vital = Vital(
            turns=lambda: self.turns,
            memory=lambda: 5_000,
            clock=self.clock,
            sweeps=lambda: self.sweeps,
            model=lambda: HEALTH,
            line=self.gateway,
        )
        self.watch = Watch(
            store=self.store, name=NAME, vital=self.vital, failures=self.log, meter=self.meter, clock=self.clock
        )
        self.health = Health(store=self.store, watch=self.watch, vital=self.vital, clock=self.clock)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def failure(said: str = "x") -> Failure:
    return Failure("0a1b2c3d", "StoreError", said, "bot.engine", START)


async def running(scene: Scene) -> asyncio.Task[None]:
    task = asyncio.create_task(scene.watch.run())
    await scene.clock.idle()
    return task


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# signs of life


async def test_a_beat_comes_at_once_and_then_every_few_seconds(scene: Scene):
    task = await running(scene)
    scene.sweeps, scene.turns = 3, 0
    await scene.clock.advance(2 * BEAT_EVERY)
    await end(task)
    assert [state for state, _ in scene.store.beats] == [ProcessState.STARTING] * 3
    first, last = scene.store.beats[0][1], scene.store.beats[-1][1]
    assert (first.turns, first.sweeps, first.swept_at, first.memory_bytes) == (2, 0, None, 5_000)
    assert (last.turns, last.sweeps, last.swept_at) == (0, 3, START + BEAT_EVERY)
    assert last.line == LineState(is_connected=True)
    assert last.model == ModelState("m", "openai", "example.org", "normal", is_up=True)


async def test_a_database_that_is_away_is_waited_out(scene: Scene, caplog: pytest.LogCaptureFixture):
    scene.store.trouble = StoreError("database trouble: X")
    task = await running(scene)
    scene.log.held = [failure()]
    await scene.clock.advance(3 * BEAT_EVERY)
    assert scene.store.beats == []
    assert scene.log.held == [failure()]
    scene.store.trouble = None
    await scene.clock.advance(BEAT_EVERY)
    assert len(scene.store.beats) == 1
    assert scene.store.noted == [replace(failure(), process_id=NAME.process_id)]
    assert scene.meter.owners == ["StoreError"]
    await end(task)
    assert [record for record in caplog.records if record.levelname not in ("DEBUG", "INFO")] == []


async def test_a_beat_that_hangs_is_given_up_and_its_failures_are_not_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watching, "BEAT_WITHIN", timedelta(seconds=0.02))
    scene.log.held = [failure()]
    scene.store.delay_s = 5.0
    task = asyncio.create_task(scene.watch.run())
    await asyncio.sleep(0.1)
    await end(task)
    assert scene.store.beats == []
    assert scene.log.held == [failure()]


async def test_states_are_told_at_once_and_the_end_as_well(scene: Scene):
    await scene.watch.turn_to(ProcessState.RUNNING)
    await scene.watch.turn_to(ProcessState.DRAINING)
    assert [state for state, _ in scene.store.beats] == [ProcessState.RUNNING, ProcessState.DRAINING]
    scene.log.held = [failure()]
    await scene.watch.leave()
    assert scene.store.left == [NAME.process_id]
    assert len(scene.store.noted) == 1


@pytest.mark.parametrize(("trouble", "delay_s"), [(StoreError("x"), 0.0), (None, 60.0)], ids=["fails", "hangs"])
async def test_the_end_waits_for_no_database(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, trouble: Exception | None, delay_s: float
):
    monkeypatch.setattr(watching, "LAST_WORD_WITHIN", timedelta(seconds=0.05))
    scene.store.trouble, scene.store.delay_s = trouble, delay_s
    async with asyncio.timeout(1.0):
        await scene.watch.turn_to(ProcessState.DRAINING)
        await scene.watch.leave()
    assert scene.store.left == []


# health


async def well(scene: Scene) -> tuple[str, ...]:
    return await scene.health()


async def test_a_running_process_with_everything_in_place_is_well(scene: Scene):
    assert await well(scene) == ("starting",)
    await scene.watch.turn_to(ProcessState.RUNNING)
    assert await well(scene) == ()


async def test_each_thing_that_is_missing_is_named(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    await scene.watch.turn_to(ProcessState.RUNNING)
    scene.gateway.line = LineState(is_connected=False)
    assert await well(scene) == ("the gateway is not connected",)
    scene.gateway.line = None
    scene.store.trouble = StoreError("database trouble: X")
    assert await well(scene) == ("the database does not answer",)
    scene.store.trouble = None
    await scene.clock.advance(NO_SWEEP_AFTER + timedelta(seconds=1))
    assert await well(scene) == ("no sweep for 61 s",)
    scene.sweeps += 1
    assert await well(scene) == ()
    await scene.watch.turn_to(ProcessState.DRAINING)
    assert await well(scene) == ("draining",)


async def test_a_database_that_hangs_does_not_hang_the_answer(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "ANSWER_WITHIN", timedelta(seconds=0.02))
    await scene.watch.turn_to(ProcessState.RUNNING)
    scene.store.delay_s = 60.0
    assert await well(scene) == ("the database does not answer",)


async def test_a_beat_that_stopped_is_noticed(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "STUCK_AFTER_S", 0.05)
    task = await running(scene)
    await scene.watch.turn_to(ProcessState.RUNNING)
    await end(task)
    await asyncio.sleep(0.1)
    assert await well(scene) == ("no sign of life for 0 s",)


async def test_where_nothing_sweeps_and_no_model_is_asked_neither_is_missed():
    clock = FakeClock()
    vital = Vital(turns=lambda: 0, memory=lambda: 1, clock=clock)
    store = FakeService()
    watch = Watch(store=store, name=NAME, vital=vital, failures=FakeLog(), meter=NoMeter(), clock=clock)
    await watch.turn_to(ProcessState.RUNNING)
    await clock.advance(timedelta(hours=1))
    assert await Health(store=store, watch=watch, vital=vital, clock=clock)() == ()
    assert store.beats[0][1] == Vitals(memory_bytes=1)


def test_the_second_model_is_named():
    second = replace(HEALTH, model="n")
    facts: dict[str, Any] = {"is_up": False, "last_error": "timeout", "mode": "fall-back", "fallback": second}
    assert model_state(replace(HEALTH, **facts)) == ModelState(
        "m", "openai", "example.org", "fall-back", is_up=False, last_error="timeout", fallback="n"
    )


async def test_the_whole_is_seen_together_or_not_at_all(scene: Scene):
    scene.store.noted = [failure("a"), failure("b")]
    view = await Oversee(scene.store, scene.clock)()
    assert (view.at, view.backlog.direct, [one.said for one in view.failures]) == (START, 1, ["a", "b"])
    scene.store.trouble = StoreError("x")
    with pytest.raises(StoreError):
        await Oversee(scene.store, scene.clock)()


# a database that hangs and does not let go


class Stubborn:
    """A question that takes no notice of being cancelled, as a statement on a server that hangs."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        mine = self.asked
        while not self.answer.is_set():
            with suppress(asyncio.CancelledError):
                await self.answer.wait()
        return mine


async def test_a_question_is_open_once_however_many_ask():
    question = Stubborn()
    asking = Asking(question)
    soon = timedelta(seconds=0.02)
    for _ in range(3):
        with pytest.raises(StoreError):
            await asking.within(soon)
    asking.give_up()
    assert question.asked == 1
    question.answer.set()
    assert await asking.within(soon) == 1
    assert await asking.within(soon) == 2


async def test_who_asks_and_is_cancelled_takes_nobody_elses_answer_away():
    question = Stubborn()
    asking = Asking(question)
    first, second = (asyncio.create_task(asking.within(timedelta(seconds=5))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    question.answer.set()
    assert await second == 1
    assert first.cancelled()


async def test_a_question_that_fails_after_everybody_left_is_no_trouble(caplog: pytest.LogCaptureFixture):
    async def fail() -> None:
        await asyncio.sleep(0.02)
        raise StoreError("late")

    with pytest.raises(StoreError, match="no answer"):
        await Asking(fail).within(timedelta(0))
    await asyncio.sleep(0.05)
    gc.collect()
    assert caplog.records == []
