"""What a server has shown it can do: the rung in use and the parameters it will not take.

Remembered per endpoint and model in a `RungStore`, so that a restart need not find out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.sight import PICTURES
from bot.errors import StoreError
from bot.ports import Learnt, RungStore

CLIMB_AFTER = timedelta(days=1)  # servers and models get updates; one refused call a day is cheap
STRIKES_TO_FALL = 2  # one prose answer may be a slip, two in a row are a habit

log = structlog.get_logger(__name__)


class MemoryRungStore:
    """A `RungStore` that forgets at exit."""

    def __init__(self) -> None:
        self._learnt: dict[tuple[str, str], Learnt] = {}

    async def get(self, endpoint: str, model: str) -> Learnt | None:
        """Give what is remembered, or None."""
        return self._learnt.get((endpoint, model))

    async def put(self, endpoint: str, model: str, learnt: Learnt) -> None:
        """Remember *learnt* in place of what was there."""
        self._learnt[endpoint, model] = learnt


@dataclass(frozen=True, slots=True)
class Footing:
    """How one call is asked: *rung*, and the parameters to leave out."""

    rung: Rung
    dropped: frozenset[str] = frozenset()

    def lower(self) -> Footing | None:
        """Give the footing one rung down, or None at the bottom."""
        below = self.rung.below
        return replace(self, rung=below) if below else None

    def without(self, parameter: str) -> Footing:
        """Give the footing that leaves *parameter* out."""
        return replace(self, dropped=self.dropped | {parameter})


class Ladder:
    """The rung that one model on one server stands on."""

    def __init__(
        self,
        endpoint: Endpoint,
        store: RungStore,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint = endpoint
        self._store = store
        self._now = now
        # what is known beforehand is not tried again after a day
        self._known = frozenset({PICTURES}) if endpoint.is_blind else frozenset[str]()
        self._footing = self._best = Footing(endpoint.first_rung, self._known)
        self._learnt_at: datetime | None = None
        self._is_loaded = False
        self._trial: Footing | None = None  # what is being tried again after a day
        self._strikes = 0
        self._proven: set[Rung] = set()

    @property
    def rung(self) -> Rung:
        """Give the rung the next call starts on."""
        return self._footing.rung

    @property
    def takes_pictures(self) -> bool:
        """Say whether nothing has shown so far that the model takes none."""
        return PICTURES not in self._footing.dropped

    async def footing(self) -> Footing:
        """Give the footing for the next call.

        Once a day that is a trial: one rung up, with all that was left out. If it fails, the next is a day away.
        """
        if not self._is_loaded:
            await self._load()
        if not self._is_trial_due():
            return self._footing
        self._learnt_at = self._now()
        above = self._footing.rung.above if self._footing.rung is not self._endpoint.first_rung else None
        self._trial = Footing(above or self._footing.rung, self._known)
        return self._trial

    def is_proven(self, rung: Rung) -> bool:
        """Say whether the server has taken this rung before."""
        return rung in self._proven

    async def worked(self, started: Footing, ended: Footing, *, is_object: bool) -> None:
        """Note that a call which began on *started* was answered on *ended*.

        *is_object* is False for plain prose or nothing where an object was asked.
        """
        self._proven.add(ended.rung)
        self._strikes = 0 if is_object or ended.rung is Rung.TEXT else self._strikes + 1
        settled = ended
        if self._strikes >= STRIKES_TO_FALL:
            self._strikes = 0
            settled = ended.lower() or ended
        is_trial = started is self._trial
        if is_trial:
            self._trial = None
        if settled != started or is_trial:
            await self._settle(settled)

    def _is_trial_due(self) -> bool:
        if self._learnt_at is None or self._footing == self._best:
            return False
        return self._now() - self._learnt_at >= CLIMB_AFTER

    async def _load(self) -> None:
        self._is_loaded = True
        try:
            learnt = await self._store.get(self._endpoint.key, self._endpoint.model)
        except StoreError:
            log.warning("rung not read", endpoint=self._endpoint.key, model=self._endpoint.model)
            return
        if learnt is None or learnt.rung not in list(Rung):
            return
        self._footing = Footing(Rung(learnt.rung), frozenset(learnt.dropped) | self._known)
        self._learnt_at = learnt.learnt_at
        self._proven.add(self._footing.rung)

    async def _settle(self, footing: Footing) -> None:
        log.info("model server learnt", endpoint=self._endpoint.key, model=self._endpoint.model, rung=footing.rung)
        self._footing = footing
        self._learnt_at = self._now()
        learnt = Learnt(footing.rung.value, self._learnt_at, tuple(sorted(footing.dropped)))
        try:
            await self._store.put(self._endpoint.key, self._endpoint.model, learnt)
        except StoreError:
            log.warning("rung not kept", endpoint=self._endpoint.key, model=self._endpoint.model)
