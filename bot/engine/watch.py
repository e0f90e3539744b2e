"""This process as operators see it: a sign of life every few seconds, and whether it is well.

What failed here goes along with the signs of life, so that a log full of trouble costs no statement of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.service import LineState, ModelState, ProcessName, ProcessState, Vitals
from bot.engine.asking import Asking
from bot.errors import StoreError
from bot.operator_ports import FailureLog, GatewayWatch, Meter, ServiceStore
from bot.ports import Clock, ModelHealth

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=5)
BEAT_WITHIN = timedelta(seconds=10)
ANSWER_WITHIN = timedelta(seconds=2)  # for the health check; a container's gives up after 5
LAST_WORD_WITHIN = timedelta(seconds=2)  # of the 20 s between SIGTERM and SIGKILL
STUCK_AFTER_S = 30.0  # without a beat, be it one that failed: the event loop or the beat itself hangs
NO_SWEEP_AFTER = timedelta(seconds=60)  # 30 sweeps missed

Counts = Callable[[], int]


class Vital:
    """Takes the measure of this process; nothing of it asks anybody.

    *turns* counts channels being worked on, *sweeps* rounds of the sweeper (None where none runs), *memory* bytes.
    """

    def __init__(
        self,
        *,
        turns: Counts,
        memory: Counts,
        clock: Clock,
        sweeps: Counts | None = None,
        model: Callable[[], ModelHealth] | None = None,
        line: GatewayWatch | None = None,
    ) -> None:
        self._turns = turns
        self._memory = memory
        self._clock = clock
        self._sweeps = sweeps
        self._model = model
        self._line = line
        self._swept = (0, clock.now())

    @property
    def sweeps_here(self) -> bool:
        """Say whether this process is one that sweeps."""
        return self._sweeps is not None

    @property
    def line(self) -> LineState | None:
        """Say how the gateway connection does."""
        return None if self._line is None else self._line.state()

    def swept_at(self) -> datetime:
        """Say when the count of sweeps was last seen to rise; the start of this process at first."""
        sweeps = 0 if self._sweeps is None else self._sweeps()
        if sweeps != self._swept[0]:
            self._swept = (sweeps, self._clock.now())
        return self._swept[1]

    def read(self) -> Vitals:
        """Give all of it."""
        swept_at = self.swept_at()
        return Vitals(
            turns=self._turns(),
            sweeps=self._swept[0],
            swept_at=swept_at if self._swept[0] else None,
            memory_bytes=self._memory(),
            model=None if self._model is None else model_state(self._model()),
            line=self.line,
        )


class Watch:
    """Gives the signs of life of this process."""

    def __init__(
        self,
        *,
        store: ServiceStore,
        name: ProcessName,
        vital: Vital,
        failures: FailureLog,
        meter: Meter,
        clock: Clock,
        every: timedelta = BEAT_EVERY,
    ) -> None:
        self.name = name
        self.state = ProcessState.STARTING
        self.vitals = Vitals()
        self._store = store
        self._vital = vital
        self._failures = failures
        self._meter = meter
        self._clock = clock
        self._every = every
        self._beating = Asking(self.beat)
        self._lag_ms = 0.0
        self._tried_at: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Say whether there should have been a beat by now."""
        return self._tried_at is not None and _now_s() - self._tried_at > STUCK_AFTER_S

    async def run(self) -> None:
        """Beat until cancelled; a database that does not answer is waited out."""
        try:
            while True:
                self._tried_at = _now_s()
                await _quietly(self._beating, BEAT_WITHIN)
                due = _now_s() + self._every.total_seconds()
                await self._clock.sleep(self._every)
                self._lag_ms = round(max(0.0, _now_s() - due) * 1000, 1)
        finally:
            self._beating.give_up()

    async def beat(self) -> None:
        """Give one sign of life, and keep what failed.

        Raises:
            StoreError: the database did not take it.
        """
        self.vitals = replace(self._vital.read(), lag_ms=self._lag_ms)
        await self._store.beat(self.name, self.state, self.vitals)
        await self._keep_failures()

    async def turn_to(self, state: ProcessState) -> None:
        """Go on to another state of its life, and let the others know."""
        self.state = state
        await _quietly(Asking(self.beat), LAST_WORD_WITHIN)

    async def leave(self) -> None:
        """End: what failed until now is kept, and nobody has to wonder where this process is."""
        await _quietly(Asking(self._last_word), LAST_WORD_WITHIN)

    async def _last_word(self) -> None:
        await self._keep_failures()
        await self._store.leave(self.name.process_id)

    async def _keep_failures(self) -> None:
        found = self._failures.take()
        if not found:
            return
        mine = [replace(one, process_id=self.name.process_id) for one in found]
        try:
            await self._store.note(mine)
        except BaseException:
            self._failures.give_back(found)
            raise
        for one in mine:
            self._meter.failed(one.owner)


class Health:
    """Says whether this process does its work; the model being away is no illness of ours."""

    def __init__(self, *, store: ServiceStore, watch: Watch, vital: Vital, clock: Clock) -> None:
        self._watch = watch
        self._vital = vital
        self._clock = clock
        self._answers = Asking(store.answers)

    async def __call__(self) -> tuple[str, ...]:
        """Give the reasons why it is not well; none when it is."""
        reasons = [reason for reason in (self._life(), self._line(), self._sweeps()) if reason]
        try:
            await self._answers.within(ANSWER_WITHIN)
        except StoreError:
            reasons.append("the database does not answer")
        return tuple(reasons)

    def _life(self) -> str | None:
        if self._watch.is_stuck:
            return f"no sign of life for {STUCK_AFTER_S:.0f} s"
        state = self._watch.state
        return None if state is ProcessState.RUNNING else f"{state}"

    def _line(self) -> str | None:
        line = self._vital.line
        return None if line is None or line.is_connected else "the gateway is not connected"

    def _sweeps(self) -> str | None:
        if not self._vital.sweeps_here:
            return None
        silent_for = self._clock.now() - self._vital.swept_at()
        return f"no sweep for {silent_for.total_seconds():.0f} s" if silent_for > NO_SWEEP_AFTER else None


def model_state(health: ModelHealth) -> ModelState:
    """Put the health of a model into the shape in which processes tell of it."""
    fallback = health.fallback
    return ModelState(
        name=health.model,
        kind=health.kind,
        host=health.host,
        mode=health.mode,
        is_up=health.is_up,
        last_error=health.last_error,
        fallback=None if fallback is None else fallback.model,
    )


async def _quietly(asking: Asking[None], wait: timedelta) -> None:
    try:
        await asking.within(wait)
    except StoreError as exc:
        # not worth a warning each time: whoever needs the database says that it is away
        log.debug("no sign of life given", extra={"cause": str(exc)})


def _now_s() -> float:
    return asyncio.get_running_loop().time()
