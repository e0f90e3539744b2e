"""What operators see of the running of it: processes, what waits, what failed. Nothing of anybody's words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

SILENT_FOR = timedelta(seconds=15)  # three beats missed: a process unseen for that long counts as gone


class ProcessState(StrEnum):
    """Where a process is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class ModelState:
    """How a process finds the model: *mode* is ``normal``, ``fall-back``, ``probing`` or ``down``."""

    name: str
    kind: str
    host: str
    mode: str
    is_up: bool
    last_error: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class LineState:
    """A process's own gateway connection; *shards* as given on the command line, such as ``0-3/16``."""

    is_connected: bool
    latency_ms: float | None = None
    shards: str = ""


@dataclass(frozen=True, slots=True)
class Vitals:
    """How one process does at a moment; *lag_ms* is how late its event loop came to the last beat."""

    turns: int = 0
    sweeps: int = 0
    swept_at: datetime | None = None
    memory_bytes: int = 0
    lag_ms: float = 0.0
    model: ModelState | None = None
    line: LineState | None = None


@dataclass(frozen=True, slots=True)
class ProcessName:
    """Who a process is, for as long as it lives."""

    process_id: str
    role: str
    host: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Process:
    """A process as the others see it; times are the database's, so that no two clocks are compared."""

    name: ProcessName
    state: ProcessState
    started_at: datetime
    seen_at: datetime
    unseen_for: timedelta
    vitals: Vitals = field(default_factory=Vitals)

    @property
    def is_gone(self) -> bool:
        """Say whether it has been silent for too long."""
        return self.unseen_for > SILENT_FOR


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that went wrong: *owner* names the error family, *place* the part of the program.

    *reference* is what the log line carries, and what a person was shown if a command of theirs failed.
    """

    reference: str
    owner: str
    said: str
    place: str
    happened_at: datetime
    process_id: str = ""


@dataclass(frozen=True, slots=True)
class VoiceCount:
    """How one model's answers in one persona sounded.

    Of *answers* with words, *flagged* had a draft that sounded like an assistant, and *sent_flagged* still did when
    they went out.
    """

    model: str
    persona: str
    answers: int = 0
    flagged: int = 0
    sent_flagged: int = 0

    def with_more(self, more: VoiceCount) -> VoiceCount:
        """Give both counts together, of the same model and persona."""
        return replace(
            self,
            answers=self.answers + more.answers,
            flagged=self.flagged + more.flagged,
            sent_flagged=self.sent_flagged + more.sent_flagged,
        )


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at a moment, as counts, in the order it is seen to.

    Messages: *direct* and *on_servers* are due, *for_model* wait until the model is tried again,
    *in_hand* belong to the *open_turns*. *oldest* is since when the longest-waiting of all of them waits.
    """

    direct: int = 0
    on_servers: int = 0
    for_model: int = 0
    in_hand: int = 0
    unsent: int = 0
    overdue_timers: int = 0
    timers: int = 0
    changes: int = 0
    feelings: int = 0
    held_jobs: int = 0
    open_turns: int = 0
    channels_resting: int = 0
    rest_until: datetime | None = None
    oldest: datetime | None = None

    @property
    def messages(self) -> int:
        """Count the messages without an answer."""
        return self.direct + self.on_servers + self.for_model + self.in_hand

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is left to do now."""
        return not (self.messages or self.unsent or self.overdue_timers or self.changes or self.feelings)


@dataclass(frozen=True, slots=True)
class ServiceView:
    """All of it at one moment; failures are newest first, *voices* those that answered most."""

    at: datetime
    processes: tuple[Process, ...]
    backlog: Backlog
    failures: tuple[Failure, ...]
    voices: tuple[VoiceCount, ...] = ()
