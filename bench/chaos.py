"""Minutes in which everything breaks at random: what was lost, answered twice or out of order."""

from __future__ import annotations

import secrets
import statistics
import sys

from bench.report import Row
from bench.stage import BenchFailed
from tests.chaos.plan import Plan
from tests.chaos.run import Report, chaos, run_folder

MINUTES, QUICK_MINUTES = 5.0, 1.0
MESSAGES_A_MINUTE = 420
SETTLE_WITHIN_S = 300.0
SEED_BITS = 20


async def run(*, is_quick: bool, minutes: float | None = None, seed: int | None = None) -> list[Row]:
    """Live through a plan of that length, made from *seed* or from one that is printed."""
    length = minutes or (QUICK_MINUTES if is_quick else MINUTES)
    chosen = secrets.randbits(SEED_BITS) if seed is None else seed
    print(f"chaos, seed {chosen}, {length:g} minutes", file=sys.stderr, flush=True)
    plan = Plan.made(seed=chosen, duration_s=60 * length, messages=round(MESSAGES_A_MINUTE * length))
    with run_folder() as folder:
        report = await chaos(plan, folder, settle_within_s=SETTLE_WITHIN_S)
        print("\n".join(report.lines()), file=sys.stderr, flush=True)
        if not report.verdict.is_good:
            print(f"logs in {folder}", file=sys.stderr, flush=True)
            raise BenchFailed(f"seed {chosen}: {report.verdict.lines()[1]}")
    return [_verdict_row(report), _recovery_row(report)]


def _verdict_row(report: Report) -> Row:
    verdict = report.verdict
    wrong = len(verdict.lost) + len(verdict.twice) + len(verdict.parts_twice) + len(verdict.out_of_order)
    return Row(
        figure="chaos",
        target="0 lost, 0 twice, in order",
        measured=f"{len(verdict.lost)} lost, {len(verdict.twice) + len(verdict.parts_twice)} twice, "
        f"{len(verdict.out_of_order)} out of order",
        is_met=verdict.is_good,
        runs=f"{verdict.messages} messages, {len(report.struck)} strikes",
        how=f"seed {report.plan.seed}, {report.plan.duration_s:.0f} s; {verdict.replies} replies in {verdict.parts} "
        f"parts; all answered {report.settled_s:.1f} s after the last strike",
        values={"messages": verdict.messages, "strikes": len(report.struck), "wrong": wrong},
    )


def _recovery_row(report: Report) -> Row:
    helped = [one.seconds for one in report.recoveries if one.others_alive]
    alone = [one.seconds for one in report.recoveries if not one.others_alive]
    return Row(
        figure="chaos, turns taken up again",
        measured=f"{_told(helped)}; with a restart {_told(alone)}",
        runs=f"{len(helped)} + {len(alone)} turns",
        how="kill -9 of a process → next progress of a turn it had, other faults going on; first where another "
        "worker was alive",
        values={"helped_max_s": max(helped, default=0.0), "alone_max_s": max(alone, default=0.0)},
    )


def _told(times: list[float]) -> str:
    return f"p50 {statistics.median(times):.1f}, max {max(times):.1f} s" if times else "none"
