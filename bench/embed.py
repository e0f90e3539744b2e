"""The local embedder: how long texts take, what it costs in memory, and how soon a question comes through a backlog.

The weights are those installed, or in the folder that MIRA_EMBED_WEIGHTS names.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import psutil

from bench.report import Row, Spread
from bench.stage import BenchFailed
from bot.adapters.embedding.local import LocalEmbedder
from bot.errors import ConfigError

WORD = "climbing"  # one piece of the model's; with the marks at both ends, a text of n words has n + 2
TEXTS = {10: "a question", 62: "a line", 256: "the longest text"}  # by pieces
RUNS, QUICK_RUNS = 300, 40
BACKLOG, QUICK_BACKLOG = 400, 60  # lines of 62 pieces
WITHIN_MS = 150.0  # what a reply waits for the vector of its question
MEMORY_MB = 213.0  # what numpy took with the tokenizers and safetensors libraries: shared design notes, same machine


async def run(*, is_quick: bool) -> list[Row]:
    """Measure; quick runs take fewer samples."""
    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.perf_counter()
    embedder = _open()
    opened_ms = (time.perf_counter() - begun) * 1000
    try:
        rows = [await _texts(embedder, pieces, QUICK_RUNS if is_quick else RUNS) for pieces in TEXTS]
        rows += await _backlog(embedder, QUICK_BACKLOG if is_quick else BACKLOG)
    finally:
        await embedder.aclose()
    grown_mb = (process.memory_info().rss - before) / 1e6
    memory = Row(
        figure="local embedder, memory",
        target=f"≤ {MEMORY_MB:.0f} MB",
        measured=f"{grown_mb:.0f} MB",
        is_met=grown_mb <= MEMORY_MB,
        runs="1 run",
        how=f"resident, with numpy and the used part of the mapped weights; checked and opened in {opened_ms:.0f} ms",
        values={"grown_mb": grown_mb, "opened_ms": opened_ms},
    )
    return [*rows, memory]


def _open() -> LocalEmbedder:
    named = os.environ.get("MIRA_EMBED_WEIGHTS")
    try:
        return LocalEmbedder.open(Path(named) if named else None)
    except ConfigError as exc:
        raise BenchFailed(str(exc)) from exc


async def _texts(embedder: LocalEmbedder, pieces: int, runs: int) -> Row:
    text = " ".join([WORD] * (pieces - 2))
    spread = Spread.of([await _ms(embedder, text) for _ in range(runs)])
    return Row(
        figure=f"local embedder, {pieces} pieces",
        measured=f"p50 {spread.p50:.1f} ms, p95 {spread.p95:.1f} ms",
        runs=f"{runs} texts",
        how=f"{TEXTS[pieces]}, one at a time",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95},
    )


async def _ms(embedder: LocalEmbedder, text: str) -> float:
    begun = time.perf_counter()
    await embedder.embed((text,))
    return (time.perf_counter() - begun) * 1000


async def _backlog(embedder: LocalEmbedder, lines: int) -> list[Row]:
    """Embed many lines, and ask questions meanwhile."""
    begun = time.perf_counter()
    behind = asyncio.create_task(embedder.embed([" ".join([WORD] * 60)] * lines))
    waits: list[float] = []
    while not behind.done():
        waits.append(await _ms(embedder, f"{WORD} " * 8))
        await asyncio.sleep(0.05)
    await behind
    rate = lines / (time.perf_counter() - begun)
    spread = Spread.of(waits)
    return [
        Row(
            figure="local embedder, backlog",
            measured=f"{rate:.0f} lines/s",
            runs=f"{lines} lines",
            how="lines of 62 pieces, one core, with questions in between",
            values={"lines_per_s": rate},
        ),
        Row(
            figure="question during a backlog",
            target=f"p95 ≤ {WITHIN_MS:.0f} ms",
            measured=f"p50 {spread.p50:.0f} ms, p95 {spread.p95:.0f} ms",
            is_met=spread.p95 <= WITHIN_MS,
            runs=f"{len(waits)} questions",
            how="10 pieces, while the backlog is worked off",
            values={"p50_ms": spread.p50, "p95_ms": spread.p95},
        ),
    ]
