"""Scheduled jobs, by APScheduler in this process; which process does a slot's work is the ledger's to say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import CompanionError

log = logging.getLogger(__name__)

# A job that comes late, because the machine slept or was busy, is done late rather than skipped.
GRACE_LEAST = timedelta(seconds=30)
JITTER_SHARE = 0.05  # of the interval, so that many processes do not ask at the same moment

Job = Callable[[], Awaitable[object]]


class Schedule:
    """Runs jobs at intervals until it is closed; one that fails is logged and runs again at its next time."""

    def __init__(self) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # at info it tells of every run
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, interval: timedelta, job: Job, *, name: str, starts_now: bool = False) -> None:
        """Have *job* run each *interval*, first after one of them unless it *starts_now*; never twice at once."""
        seconds = interval.total_seconds()
        first = {"next_run_time": datetime.now(UTC)} if starts_now else {}
        self._scheduler.add_job(
            _guarded(job, name),
            IntervalTrigger(seconds=seconds, jitter=seconds * JITTER_SHARE),
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(1, round(max(GRACE_LEAST, interval).total_seconds())),
            **first,
        )

    def start(self) -> None:
        """Begin; there must be a running event loop."""
        self._scheduler.start()

    def close(self) -> None:
        """End; a job under way is cut short, and goes on at the next start."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _guarded(job: Job, name: str) -> Job:
    async def run() -> None:
        try:
            await job()
        except asyncio.CancelledError:
            # only `close` cancels; passed on, the scheduler would report it as a failure
            log.info("scheduled work cut short", extra={"job": name})
        except CompanionError as exc:
            log.error("scheduled work failed", extra={"job": name, "cause": str(exc)})
        except Exception:
            log.exception("scheduled work broke", extra={"job": name})

    return run
