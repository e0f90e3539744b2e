"""Carries the strikes of a plan out, and notes what each of them met."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from playground.server import Playground
from tests.chaos.database import ChaosDatabase
from tests.chaos.fleet import Fleet, Slot
from tests.chaos.model import (
    Breakage,
    Call,
    ChaosModel,
    cuts,
    ends_early,
    refuses,
    resets,
    says_nothing,
    sends_error,
    stalls,
)
from tests.chaos.plan import Kind, Plan, Strike
from tests.chaos.relay import Relay

log = logging.getLogger(__name__)

SEND = "POST /channels/*/messages"
BUSY_WITHIN_S = 3.0
KEPT_DOWN_S = (0.2, 1.5)  # how long a killed Postgres stays away before somebody starts it again
FROZEN_S = (2.0, 6.0)
STALLED_S = (0.5, 3.0)
DOWN_S = (4.0, 12.0)
MODEL_STRUCK = (1, 4)
EAGER = 0.25  # share of heavy strikes that fall while processes are still starting
UP_WITHIN_S = 20.0
EVENTS_STRUCK = (4, 12)


@dataclass(frozen=True, slots=True)
class Struck:
    """A strike that was carried out; *under_way* are the questions its victims were asking the model."""

    at: float
    kind: Kind
    under_way: tuple[Call, ...] = ()
    others_alive: bool = False


@dataclass(slots=True)
class Relays:
    """The cables that can be cut."""

    database: Relay
    discord: Relay
    model: Relay


class Havoc:
    """Strikes; *is_alone* is set while one process does everything and looks after its own Postgres."""

    def __init__(
        self, playground: Playground, model: ChaosModel, fleet: Fleet, database: ChaosDatabase, relays: Relays
    ) -> None:
        self._playground = playground
        self._model = model
        self._fleet = fleet
        self._database = database
        self._relays = relays
        self._running: set[asyncio.Task[None]] = set()
        self.is_alone = False
        self.struck: list[Struck] = []
        self.missed: Counter[Kind] = Counter()

    async def run(self, plan: Plan) -> None:
        """Live through the plan; a strike that takes long does not put off the next."""
        over_at = time.monotonic() + plan.duration_s
        light = self._series(plan.spread.light, plan.alone.light, over_at)
        heavy = self._series(plan.spread.heavy, plan.alone.heavy, over_at, is_heavy=True)
        await asyncio.gather(light, heavy)

    async def _series(
        self, spread: Sequence[Strike], alone: Sequence[Strike], over_at: float, *, is_heavy: bool = False
    ) -> None:
        """Carry out one strike after the other until time is over; which, goes by how processes are arranged then."""
        series = {False: iter(spread), True: iter(alone)}
        while (strike := next(series[is_alone := self.is_alone], None)) is not None:
            if is_heavy and strike.size > EAGER:
                await self._fleet.is_up(UP_WITHIN_S)  # and then work for a while
            await asyncio.sleep(strike.after_s)
            if time.monotonic() >= over_at:
                return
            if is_alone is not self.is_alone:
                continue  # it was meant for the other arrangement
            task = asyncio.create_task(self._strike(strike), name=strike.kind)
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def end(self) -> None:
        """Let strikes under way end, and lift what is still to come."""
        await asyncio.gather(*self._running)
        self._playground.clear_faults()
        self._model.heal()

    async def _strike(self, strike: Strike) -> None:
        try:
            await ACTS[strike.kind](self, strike)
        except Exception as exc:  # noqa: BLE001 - a server that is down already cannot be struck: not the bot's failure
            log.info("missed %s: %s", strike.kind, type(exc).__name__)
            self.missed[strike.kind] += 1

    def _note(self, strike: Strike, victims: list[Slot] | None = None, *, others_alive: bool = False) -> None:
        calls = [call for slot in victims or [] for call in self._model.open_calls_of(slot.key)]
        self.struck.append(Struck(time.time(), strike.kind, tuple(calls), others_alive))

    def _kill(self, strike: Strike, victims: list[Slot]) -> None:
        if not victims:
            self.missed[strike.kind] += 1
            return
        others = [slot for slot in self._fleet.living("worker", "all") if slot not in victims]
        self._note(strike, victims, others_alive=bool(others))
        for slot in victims:
            slot.signal(signal.SIGKILL)

    # processes

    async def kill_gateway(self, strike: Strike) -> None:
        self._kill(strike, self._fleet.living("gateway"))

    async def kill_worker(self, strike: Strike) -> None:
        self._kill(strike, self._one_of(self._fleet.living("worker", "all"), strike.size))

    async def kill_busy(self, strike: Strike) -> None:
        """Wait for a process that asks the model something, and kill it then."""
        until = time.monotonic() + BUSY_WITHIN_S
        while time.monotonic() < until:
            busy = [one for one in self._fleet.living("worker", "all") if self._model.open_calls_of(one.key)]
            if busy:
                await asyncio.sleep(0.5 * strike.size)  # before the first words, between parts, after the last
                self._kill(strike, self._one_of(busy, strike.size))
                return
            await asyncio.sleep(0.01)
        self.missed[strike.kind] += 1

    async def kill_bots(self, strike: Strike) -> None:
        self._kill(strike, self._fleet.living())

    async def freeze(self, strike: Strike) -> None:
        """Stop a worker's clock, take its connections away, and let it go on as if nothing had been."""
        for slot in self._one_of(self._fleet.living("worker"), strike.size):
            self._note(strike, [slot], others_alive=len(self._fleet.living("worker")) > 1)
            slot.pause()
            self._relays.database.cut(slot.client_ports())
            await asyncio.sleep(_between(FROZEN_S, strike.size))
            slot.resume()

    async def end_worker(self, strike: Strike) -> None:
        for slot in self._one_of(self._fleet.living("worker"), strike.size):
            self._note(strike, [slot], others_alive=True)
            slot.signal(signal.SIGTERM)

    # the database

    async def kill_postgres(self, strike: Strike) -> None:
        if self._database.kill(is_whole=strike.kind is not Kind.KILL_POSTMASTER):
            self._note(strike)
        await self._bring_back(strike)

    async def kill_everything(self, strike: Strike) -> None:
        self._kill(strike, self._fleet.living())
        self._database.kill(is_whole=True)
        await self._bring_back(strike)

    async def _bring_back(self, strike: Strike) -> None:
        """Start Postgres again where that is somebody else's work than the bot's."""
        if not self.is_alone:
            await asyncio.sleep(_between(KEPT_DOWN_S, strike.size))
            await self._database.start()

    async def kill_backend(self, strike: Strike) -> None:
        if self._database.kill_backend(strike.size):
            self._note(strike)

    async def restart_postgres(self, strike: Strike) -> None:
        self._note(strike)
        await self._database.restart()

    async def end_sessions(self, strike: Strike) -> None:
        await self._database.end_sessions()
        self._note(strike)

    async def cut_database(self, strike: Strike) -> None:
        self._relays.database.cut()
        self._note(strike)

    async def stall_database(self, strike: Strike) -> None:
        self._note(strike)
        await self._relays.database.stall(_between(STALLED_S, strike.size))

    # Discord

    async def fault(self, strike: Strike) -> None:
        """Put a fault of the playground's own in force."""
        kind, details = DISCORD_FAULTS[strike.kind]
        times = {} if kind in ("drop_socket", "invalid_session", "reconnect") else {"times": 1 + int(strike.size * 3)}
        if kind.endswith("_events"):
            times = {"times": int(_between(EVENTS_STRUCK, strike.size)), "events": ["MESSAGE_CREATE", "MESSAGE_UPDATE"]}
        self._note(strike)
        self._playground.fault(kind, **(details | times))

    async def cut_discord(self, strike: Strike) -> None:
        self._relays.discord.cut()
        self._note(strike)

    # the model

    async def break_model(self, strike: Strike) -> None:
        self._note(strike)
        self._model.break_next(strike.kind.name, int(_between(MODEL_STRUCK, strike.size)), BREAKAGES[strike.kind])

    async def model_outage(self, strike: Strike) -> None:
        self._note(strike)
        self._model.down_until = time.time() + _between(DOWN_S, strike.size)

    async def cut_model(self, strike: Strike) -> None:
        self._relays.model.cut()
        self._note(strike)

    @staticmethod
    def _one_of(slots: list[Slot], choice: float) -> list[Slot]:
        return [slots[int(choice * len(slots))]] if slots else []


def _between(bounds: tuple[float, float], size: float) -> float:
    low, high = bounds
    return low + (high - low) * size


DISCORD_FAULTS: dict[Kind, tuple[str, dict[str, object]]] = {
    Kind.DROP_GATEWAY: ("drop_socket", {}),
    Kind.LOSE_SESSION: ("drop_socket", {"resumable": False}),
    Kind.INVALID_SESSION: ("invalid_session", {}),
    Kind.RECONNECT: ("reconnect", {}),
    Kind.DUPLICATES: ("duplicate_events", {}),
    Kind.REORDER: ("reorder_events", {}),
    Kind.SEND_429: ("rest_status", {"route": SEND, "status": 429, "retry_after": 0.7}),
    Kind.SEND_429_GLOBAL: ("rest_status", {"status": 429, "retry_after": 1.0, "global": True}),
    Kind.SEND_5XX: ("rest_status", {"route": SEND, "status": 502}),
    Kind.SEND_CUT_BEFORE: ("cut_before_request", {"route": SEND}),
    Kind.SEND_CUT_AFTER: ("cut_after_request", {"route": SEND}),
    Kind.SEND_SLOW: ("slow", {"route": SEND, "delay_s": 1.5}),
}
BREAKAGES: dict[Kind, Breakage] = {
    Kind.MODEL_429: refuses(429, Retry_After="1"),
    Kind.MODEL_5XX: refuses(500),
    Kind.MODEL_RESET: resets,
    Kind.MODEL_CUT: cuts,
    Kind.MODEL_ENDS_EARLY: ends_early,
    Kind.MODEL_ERROR_EVENT: sends_error,
    Kind.MODEL_STALL: stalls(4.0),
    Kind.MODEL_EMPTY: says_nothing,
}
ACTS: dict[Kind, Callable[[Havoc, Strike], Awaitable[None]]] = {
    **dict.fromkeys(DISCORD_FAULTS, Havoc.fault),
    **dict.fromkeys(BREAKAGES, Havoc.break_model),
    Kind.KILL_GATEWAY: Havoc.kill_gateway,
    Kind.KILL_WORKER: Havoc.kill_worker,
    Kind.KILL_BUSY: Havoc.kill_busy,
    Kind.KILL_BOTS: Havoc.kill_bots,
    Kind.KILL_ALL_IN_ONE: Havoc.kill_busy,
    Kind.FREEZE: Havoc.freeze,
    Kind.END_WORKER: Havoc.end_worker,
    Kind.KILL_POSTGRES: Havoc.kill_postgres,
    Kind.KILL_POSTMASTER: Havoc.kill_postgres,
    Kind.KILL_BACKEND: Havoc.kill_backend,
    Kind.RESTART_POSTGRES: Havoc.restart_postgres,
    Kind.KILL_EVERYTHING: Havoc.kill_everything,
    Kind.END_SESSIONS: Havoc.end_sessions,
    Kind.CUT_DATABASE: Havoc.cut_database,
    Kind.STALL_DATABASE: Havoc.stall_database,
    Kind.CUT_DISCORD: Havoc.cut_discord,
    Kind.MODEL_OUTAGE: Havoc.model_outage,
    Kind.CUT_MODEL: Havoc.cut_model,
}
