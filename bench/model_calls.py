"""How often the model is asked in an unexceptional turn; repairs and rewrites are counted apart."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from bench.cpu import find_postmaster
from bench.report import Row
from bench.stage import BenchFailed, open_stage
from bench.talk import Talker

TURNS, QUICK_TURNS = 100, 40
WARM_UP = 3  # the first answer may walk down the ladder of output shapes
PAUSE_S = 0.05


async def run(*, is_quick: bool) -> list[Row]:
    """Count at the model server, and by purpose in the bot's own traces."""
    turns = QUICK_TURNS if is_quick else TURNS
    async with open_stage() as stage, stage.bot():
        talker = Talker(stage, "ana")
        await talker.talk(WARM_UP, pause_s=PAUSE_S)
        await stage.model_calls()
        await talker.talk(turns, pause_s=PAUSE_S)
        calls = len(await stage.model_calls())
        purposes = await _purposes(stage.data_dir)
    apart = sum(number for purpose, number in purposes.items() if purpose in ("repair", "rewrite"))
    each = (calls - apart) / turns
    listed = ", ".join(f"{purpose} {number}" for purpose, number in sorted(purposes.items()))
    return [
        Row(
            figure="model calls a turn",
            target="1",
            measured=f"{each:.2f}, repairs and rewrites {apart}",
            is_met=each == 1.0,
            runs=f"{turns} turns",
            how=f"requests at the model server; the bot's traces, warm-up included: {listed}",
            values={"calls_a_turn": each, "apart": apart},
        )
    ]


async def _purposes(data_dir: Path) -> dict[str, int]:
    """Count the bot's trace rows by purpose."""
    server = find_postmaster(data_dir)
    if server is None:
        raise BenchFailed("the embedded database is not running")
    connection = await asyncpg.connect(
        host=server.socket_dir or "127.0.0.1", port=server.port, user="postgres", database="postgres"
    )
    try:
        rows = await connection.fetch("SELECT purpose, count(*) AS number FROM model_calls GROUP BY purpose")
    finally:
        await connection.close()
    return {row["purpose"]: row["number"] for row in rows}
