"""How much of each prompt a provider's cache can take from the turn before."""

from __future__ import annotations

from itertools import pairwise

from bench.report import Row, Spread
from bench.stage import BenchFailed, open_stage
from bench.talk import Talker

TURNS = 40
FIRST_COUNTED = 10
TARGET = 0.90
PAUSE_S = 0.05


async def run(*, is_quick: bool) -> list[Row]:
    """Have one conversation and compare each prompt with the one before; quick and full runs are the same."""
    async with open_stage(keeps_prompts=True) as stage, stage.bot():
        await Talker(stage, "ana").talk(TURNS, pause_s=PAUSE_S)
        prompts = _first_of_each([call.prompt or "" for call in await stage.model_calls()])
    if len(prompts) != TURNS:
        raise BenchFailed(f"{TURNS} turns made {len(prompts)} model calls: the prompts cannot be paired")
    shares = [_shared(before, now) / len(now) for before, now in pairwise(prompts)]
    counted = shares[FIRST_COUNTED - 2 :]  # shares[0] is turn 2
    share = Spread.of(counted).p50
    return [
        Row(
            figure="prompt prefix kept",
            target=f"median ≥ {TARGET:.0%}",
            measured=f"median {share:.1%}, least {min(counted):.1%}",
            is_met=share >= TARGET,
            runs=f"{len(counted)} turns",
            how=f"UTF-8 bytes of all message contents in order, turns {FIRST_COUNTED}–{TURNS}; "
            f"prompts grow from {len(prompts[0])} to {len(prompts[-1])} bytes",
            values={"median": share, "least": min(counted), "first_bytes": len(prompts[0])},
        )
    ]


def _first_of_each(prompts: list[str]) -> list[bytes]:
    """Leave out what was asked anew in the same turn: such a prompt ends by naming the same lines as the one before.

    The model here always says the same, so that its second answer repeats the first and is asked for once more.
    """
    ends = ["", *(prompt.rpartition("cover exactly")[2] for prompt in prompts)]
    return [prompt.encode() for prompt, end, before in zip(prompts, ends[1:], ends, strict=False) if end != before]


def _shared(one: bytes, other: bytes) -> int:
    """Count the bytes that both begin with."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
