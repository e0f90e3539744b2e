"""How she runs, as the engine tells it: an example, and stand-ins that answer with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from bot.domain.service import (
    Backlog,
    Failure,
    LineState,
    ModelState,
    Process,
    ProcessName,
    ProcessState,
    ServiceView,
    Vitals,
)
from tests.cogs.views import NOW

MODEL = ModelState("gpt-5.4", "openai", "api.openai.com", "normal", is_up=True)
LINE = LineState(is_connected=True, latency_ms=41.2)
ALL = Process(
    ProcessName("host-1-aa", "all", "host", 4711, "0.1.0"),
    ProcessState.RUNNING,
    NOW - timedelta(hours=2),
    NOW,
    timedelta(seconds=2),
    Vitals(3, 17, NOW, 84_000_000, 0.2, MODEL, LINE),
)
FAILURE = Failure("0a1b2c3d", "ProviderError", "the model gave no answer (timeout)", "bot.engine.respond", NOW)
BUSY = Backlog(
    direct=2,
    on_servers=3,
    for_model=4,
    in_hand=1,
    unsent=5,
    overdue_timers=1,
    timers=6,
    changes=7,
    feelings=8,
    held_jobs=9,
    open_turns=1,
    channels_resting=2,
    rest_until=NOW + timedelta(minutes=1),
    oldest=NOW - timedelta(minutes=3),
)
VIEW = ServiceView(NOW, (ALL,), BUSY, (FAILURE,))


@dataclass
class FakeOversee:
    """Answers with a set view, or with trouble."""

    view: ServiceView = VIEW
    trouble: Exception | None = None
    asked: int = 0

    async def __call__(self) -> ServiceView:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.view


class FakeStatus:
    """Says who she is."""

    def read(self) -> SimpleNamespace:
        return SimpleNamespace(name="Mira", colour=0x123456, trouble=())
