"""Wake-ups across processes: PgQueuer jobs that say which channel has something to answer, and which timer is due.

The tables are the truth; a wake-up may come twice, late or never, and nothing is lost by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.core import buffers
from pgqueuer.models import Job

from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.heard_statements import WAKE_ENTRYPOINT
from bot.adapters.postgres.statements import TIMER_ENTRYPOINT
from bot.domain.ids import ChannelId
from bot.domain.timer import TimerId

log = logging.getLogger(__name__)

DEQUEUE_TIMEOUT = timedelta(seconds=2)
HEARTBEAT_TIMEOUT = timedelta(seconds=10)
REBUILD_WAIT_S = 1.0
ANSWER_TIMEOUT_S = 10.0  # a server that says nothing is given up; the listener is built anew
BATCH_SIZE = 50
# PgQueuer looks ten times a second whether jobs are done that it has not noted yet, which takes a third of what an idle
# process uses. Noted later, a job may be done again after a crash, and every one of ours may be.
NOTED_WITHIN = timedelta(seconds=1)


class _Done(buffers.JobStatusLogBuffer):
    """Jobs that are done and not noted yet."""

    def __post_init__(self) -> None:
        self.timeout = NOTED_WITHIN


class WakeQueue:
    """Listens for wake-ups; the listener is built anew whenever its connection breaks."""

    def __init__(
        self,
        address: DatabaseAddress,
        wake: Callable[[ChannelId], None],
        fire: Callable[[TimerId], Awaitable[object]],
    ) -> None:
        """Take what jobs do: *wake* a channel, *fire* a timer."""
        self._address = address
        self._wake = wake
        self._fire = fire

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except asyncio.CancelledError:
                raise
            except Exception as exc:  # noqa: BLE001 - a job runner's edge: whatever broke, listen anew
                log.warning("the wake-up listener broke", extra={"cause": type(exc).__name__})
            await asyncio.sleep(REBUILD_WAIT_S)

    async def _listen(self) -> None:
        # a connection of its own: LISTEN must not share the pool
        arguments = self._address.asyncpg_arguments() | {"command_timeout": ANSWER_TIMEOUT_S}
        connection = await asyncpg.connect(**arguments)
        setattr(buffers, "JobStatusLogBuffer", _Done)  # noqa: B010 - there is no setting for it
        try:
            queue = PgQueuer.from_asyncpg_connection(connection)

            @queue.entrypoint(WAKE_ENTRYPOINT, on_failure="hold")
            async def wake(job: Job) -> None:
                self._wake(ChannelId(int(job.payload or b"0")))

            @queue.entrypoint(TIMER_ENTRYPOINT, on_failure="hold")
            async def fire(job: Job) -> None:
                await self._fire(TimerId(int(job.payload or b"0")))

            await queue.qm.run(  # without its scheduler, which asks for schedules that nobody set
                dequeue_timeout=DEQUEUE_TIMEOUT,
                batch_size=BATCH_SIZE,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                shutdown_on_listener_failure=True,
            )
        finally:
            connection.terminate()
