"""Everything breaks at random, and every message is answered, once and in order."""

from __future__ import annotations

import pytest

from tests.chaos.plan import Plan
from tests.chaos.run import chaos, run_folder

SEED = 4
DURATION_S = 45.0
MESSAGES = 260
SETTLE_WITHIN_S = 120.0


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks():
    plan = Plan.made(seed=SEED, duration_s=DURATION_S, messages=MESSAGES)
    with run_folder() as folder:
        report = await chaos(plan, folder, settle_within_s=SETTLE_WITHIN_S)
        assert report.verdict.is_good, "\n".join([f"logs in {folder}", *report.lines()])
