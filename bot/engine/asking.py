"""Ask the database something without waiting for ever.

A cancelled statement may take as long as a hanging one to let go, so who asks here does not wait for its end, and does
not ask again while the first question is open: a hanging database would else swallow every connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Generic, TypeVar

from bot.errors import StoreError

T = TypeVar("T")


class Asking(Generic[T]):
    """One question, asked by any number of callers, under way once at most."""

    def __init__(self, ask: Callable[[], Coroutine[object, object, T]]) -> None:
        self._ask = ask
        self._task: asyncio.Task[T] | None = None

    async def within(self, wait: timedelta) -> T:
        """Give the answer.

        Raises:
            StoreError: there was none in time, or the question failed.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask(), name="asking")
            self._task.add_done_callback(_look_at)
        task = self._task
        done, _ = await asyncio.wait((task,), timeout=wait.total_seconds())
        if not done:
            raise StoreError(f"no answer from the database within {wait.total_seconds():g} s")
        return task.result()

    def give_up(self) -> None:
        """Let go of a question that is still open."""
        if self._task is not None:
            self._task.cancel()


def _look_at(task: asyncio.Task[T]) -> None:
    """Take note of how it ended, so that nobody complains it never was."""
    if not task.cancelled():
        task.exception()
