"""``python -m bench locomo PATH [--embedder local]``: recall on public long conversations, through the Python entry.

*PATH* is a LoCoMo JSON; it is read where it lies and nothing of it is kept: its licence is a non-commercial one.
k counts lines. Weights were tuned on the first five conversations; figures are of the others.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import Row
from bench.stage import BenchFailed
from bot.adapters.embedding.local import LocalEmbedder
from bot.errors import CompanionError
from bot.evaluation import Evaluation
from bot.memory_ports import NamedEmbedder

TUNED_ON = 5  # conversations at the front, which the weights have seen
KINDS = {1: "several lines", 2: "times", 3: "open", 4: "one line"}  # category 5 asks for what was never said
AT = (5, 10, 20)
EVIDENCE = re.compile(r"D\d+:\d+")
BARS = {"words": {10: 0.75}, "vectors": {5: 0.72, 10: 0.80}}
MRR_BAR = 0.62
Score = tuple[float, ...]  # found among the first 5, 10, 20 of what is to be found; one by the place of the first


async def run(*, is_quick: bool, path: Path | None = None, embedder: str | None = None) -> list[Row]:
    """Ask every question that has an answer; quick runs take one conversation."""
    talks = _read(path)[TUNED_ON:]
    talks = talks[:1] if is_quick else talks
    rows = _rows("words", await _measure(talks, None))
    if embedder == "local":
        try:
            model = LocalEmbedder.open()
        except CompanionError as error:
            raise BenchFailed(str(error)) from error
        try:
            rows += _rows("vectors", await _measure(talks, model))
        finally:
            await model.aclose()
    return rows


def _read(path: Path | None) -> list[Mapping[str, Any]]:
    if path is None:
        raise BenchFailed("name the file: python -m bench locomo PATH")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BenchFailed(f"{path} cannot be read: {type(error).__name__}") from error
    if not isinstance(found, list) or len(found) <= TUNED_ON:
        raise BenchFailed(f"{path} holds no list of more than {TUNED_ON} conversations")
    return found


async def _measure(talks: Sequence[Mapping[str, Any]], embedder: NamedEmbedder | None) -> Mapping[str, list[Score]]:
    scores: dict[str, list[Score]] = defaultdict(list)
    async with Evaluation(embedder=embedder) as memory:
        for talk in talks:
            for turn, when in _turns(talk["conversation"]):
                await memory.remember(talk["sample_id"], turn["speaker"], turn["text"], when, turn["dia_id"])
            for asked in talk["qa"]:
                wanted = set(EVIDENCE.findall(" ".join(asked["evidence"])))
                if asked["category"] not in KINDS or not wanted:
                    continue
                found = await memory.recall(talk["sample_id"], asked["question"], max(AT))
                score = _score(found, wanted)
                scores[KINDS[asked["category"]]].append(score)
                scores["all"].append(score)
    return scores


def _turns(conversation: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    number = 1
    while f"session_{number}" in conversation:
        said = conversation[f"session_{number}_date_time"]
        when = datetime.strptime(said, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for turn in conversation[f"session_{number}"]:
            yield turn, when
        number += 1


def _score(found: Sequence[str], wanted: set[str]) -> Score:
    shares = [len(wanted.intersection(found[:most])) / len(wanted) for most in AT]
    first = next((1 / place for place, source in enumerate(found, 1) if source in wanted), 0.0)
    return (*shares, first)


def _rows(by: str, scores: Mapping[str, list[Score]]) -> list[Row]:
    return [_row(by, kind, scores[kind]) for kind in ("all", *KINDS.values()) if scores.get(kind)]


def _row(by: str, kind: str, scores: Sequence[Score]) -> Row:
    means = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
    values = {**{f"r{most}": mean for most, mean in zip(AT, means, strict=False)}, "mrr": means[-1]}
    bars = {f"r{most}": bar for most, bar in BARS[by].items()} | ({"mrr": MRR_BAR} if by == "vectors" else {})
    is_met = all(values[name] >= bar for name, bar in bars.items()) if kind == "all" else None
    return Row(
        figure=f"LoCoMo, by {by}, {kind}",
        target=", ".join(f"{name.upper()} ≥ {100 * bar:.0f}" for name, bar in bars.items()) if kind == "all" else "",
        measured=", ".join(f"{name.upper()} {100 * value:.1f}" for name, value in values.items()),
        is_met=is_met,
        runs=f"{len(scores)} questions",
        how="share of the lines that hold the answer, through bot.evaluation, conversations 6 to 10",
        values=values,
    )
