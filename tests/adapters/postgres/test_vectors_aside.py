"""Keeping vectors leaves the process its breath: others come in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.adapters.postgres.vectors import LINE, PostgresVectors, _written
from bot.domain.recalled import Vector
from bot.memory_ports import Unembedded

VECTORS = 8


class Breaths:
    """A pool that notes how often others had their turn before the statement came."""

    def __init__(self) -> None:
        self.count = 0
        self.before: int | None = None

    async def breathe(self) -> None:
        while self.before is None:
            self.count += 1
            await asyncio.sleep(0)

    async def run(self, statement: str, *values: Any) -> Sequence[Any]:
        self.before = self.count
        return [{"count": VECTORS}]


async def test_between_two_vectors_others_have_their_turn():
    pool = Breaths()
    others = asyncio.create_task(pool.breathe())
    vectors = [(Unembedded(LINE, 1, place, "x", ()), Vector("e", (0.5,) * 100)) for place in range(VECTORS)]
    await PostgresVectors(pool).put("e", vectors)
    assert pool.before is not None and pool.before >= VECTORS - 1
    await others


def test_numbers_are_written_as_the_database_reads_them():
    assert _written((0.1234567, -1.0, 1e-9, 0.0)) == "[0.12346,-1,1e-09,0]"
