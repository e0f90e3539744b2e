"""Background work makes way: what is under way with the model is given up once somebody waits for a place.

On a model at home there may be one place only, and an answer in the background may take minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.engine.slots import Rank, Slots

LOOK_EVERY_S = 0.2
LULL_EVERY_S = 0.01  # answers come and go quickly

T = TypeVar("T")


class Disturbed(Exception):
    """Somebody waits for the model: they go first."""


async def undisturbed(slots: Slots, work: Coroutine[Any, Any, T]) -> T:
    """Do *work* while nobody who goes first waits for one of *slots*.

    Raises:
        Disturbed: somebody does; the work is cancelled.
    """
    task = asyncio.create_task(work, name="upkeep")
    try:
        while not task.done():
            await asyncio.wait((task,), timeout=LOOK_EVERY_S)
            if not task.done() and slots.waiting_before(Rank.UPKEEP):
                raise Disturbed
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def in_a_lull(slots: Slots, patience_s: float) -> float:
    """Wait while an answer is in the making, for *patience_s* at most; gives what is left of that."""
    for step in range(int(patience_s / LULL_EVERY_S)):
        if not slots.taken:
            return patience_s - step * LULL_EVERY_S
        await asyncio.sleep(LULL_EVERY_S)
    return 0.0
