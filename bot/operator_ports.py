"""What the engine needs to be looked after: a place for signs of life and failures, and something that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.ids import UserId
from bot.domain.service import Backlog, Failure, LineState, Process, ProcessName, ProcessState, Vitals
from bot.domain.spend import CallsOfTurn
from bot.ports import Finished


class SpendStore(Protocol):
    """What turns took."""

    async def calls_of(self, user_id: UserId, since: datetime) -> Sequence[CallsOfTurn]:
        """Give the calls of the turns that answered a person and began at *since* or later, one row a turn and model.

        Raises:
            StoreError: the database failed.
        """


class ServiceStore(Protocol):
    """What processes tell each other and operators about the running of it."""

    async def answers(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreError: it gives none.
        """

    async def beat(self, name: ProcessName, state: ProcessState, vitals: Vitals) -> None:
        """Say that a process lives, and how it does; forgets those that were silent for a day."""

    async def leave(self, process_id: str) -> None:
        """Note that a process has ended cleanly."""

    async def processes(self) -> Sequence[Process]:
        """List the processes that are known, gone ones included, oldest first."""

    async def note(self, failures: Sequence[Failure]) -> None:
        """Keep failures; noting one again changes nothing, and the oldest are dropped in time."""

    async def failures(self, limit: int) -> Sequence[Failure]:
        """List the last failures, newest first."""

    async def backlog(self, now: datetime) -> Backlog:
        """Count what waits."""


class FailureLog(Protocol):
    """What went wrong in this process and was not kept yet."""

    def take(self) -> Sequence[Failure]:
        """Take all of it, oldest first."""

    def give_back(self, failures: Sequence[Failure]) -> None:
        """Put back what could not be kept."""


class GatewayWatch(Protocol):
    """The connection to Discord's gateway that this process holds."""

    def state(self) -> LineState | None:
        """Say how it does; None where this process holds none."""


class Meter(Protocol):
    """Counts what happens, for operators: outcomes and durations, never content."""

    def heard(self, *, is_new: bool) -> None:
        """Count a message that was hers to answer; one that was known already is not new."""

    def turn(self, outcome: str, timings_ms: Mapping[str, float]) -> None:
        """Count a turn that ended, with its marks since it was claimed."""

    def model_call(self, outcome: str, duration: timedelta, answer: Finished | None) -> None:
        """Count a model call; *answer* is its end, if it had one."""

    def part(self, outcome: str) -> None:
        """Count what became of a part: sent, refused, or to be tried again."""

    def recovered(self) -> None:
        """Count a channel that was seen to because somebody else left something in it."""

    def failed(self, owner: str) -> None:
        """Count a failure by its error family."""
