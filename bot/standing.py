"""Work that goes on for as long as the process does: begun anew when it breaks, and given up when it only breaks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.errors import CompanionError, new_reference

log = logging.getLogger(__name__)

# chosen by ear: a passing fault is over within a minute; what breaks oftener will not mend itself
AGAIN_AFTER_S = (1.0, 5.0, 15.0, 30.0)
GOOD_FROM_S = 300.0  # what went on for this long begins to be counted anew


class BrokenWork(CompanionError):
    """Something that has to go on keeps breaking: the process is better begun anew. The command exits with 1."""


async def keep_going(
    name: str, work: Callable[[], Awaitable[None]], *, give_up: Callable[[CompanionError], None]
) -> None:
    """Do *work*, which never ends by itself, and begin it anew when it breaks.

    It knows no failure but faults of ours. Restarting the process for one that passes would cost everybody their
    conversation, and who runs it without a supervisor the whole of her; a task that is not there costs answers,
    and nobody notices. So both: first anew in here, then *give_up*, for a supervisor to begin everything anew.
    """
    broken = 0
    while True:
        began = time.monotonic()
        reference = await _broke(name, work)
        broken = 1 if time.monotonic() - began >= GOOD_FROM_S else broken + 1
        if broken > len(AGAIN_AFTER_S):
            give_up(BrokenWork(f"the {name} broke {broken} times in a row; the log says more under {reference}"))
            return
        await asyncio.sleep(AGAIN_AFTER_S[broken - 1])


async def _broke(name: str, work: Callable[[], Awaitable[None]]) -> str:
    """Do *work* until it breaks; gives the reference of the log line."""
    error: BaseException | None = None
    try:
        await work()
    except asyncio.CancelledError as exc:
        if _is_cancelled():
            raise
        error = exc  # a library's own, which would end the task without a word
    except Exception as exc:  # noqa: BLE001 - the edge of a task
        error = exc
    reference = new_reference()
    log.error("background work broke; beginning anew", exc_info=error, extra={"work": name, "ref": reference})
    return reference


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def tell_if_broken(task: asyncio.Task[None]) -> None:
    """Log the failure of a task that is done once and that nobody waits for; for `asyncio.Task.add_done_callback`."""
    if not task.cancelled() and (error := task.exception()) is not None:
        extra = {"work": task.get_name(), "ref": new_reference()}
        log.error("background work broke", exc_info=error, extra=extra)
