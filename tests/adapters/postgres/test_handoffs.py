"""Each handoff of a channel is shown in one turn that comes to its end, whatever happens meanwhile."""

from __future__ import annotations

import random

import pytest

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.domain.handoff import ContextStep
from bot.domain.ids import TurnId
from bot.domain.turn import Claim
from bot.engine.context import Context
from tests.adapters.postgres.test_summaries import Rows, due
from tests.fakes import ADA, ROOM, START, FakeClock
from tests.room_scene import ASKED, claimed, close, hear


class Channelful:
    """A channel in which anything may happen; turns that saw a handoff and came to their end are written down."""

    def __init__(self, store: PostgresStore, kept: PostgresSummaries, rows: Rows) -> None:
        self.store, self.kept, self.rows = store, kept, rows
        self.context = Context(kept, FakeClock())
        self.used: list[int] = []
        self.cuts: list[int] = []

    async def open(self) -> Claim:
        await hear(self.store, "Mira?", ASKED, ADA)
        return await claimed(self.store)

    async def end(self, claim: Claim, *, is_cut: bool = False) -> None:
        """Finish a turn as `bot.engine.respond` does; *is_cut*: its prompt was over the hard ceiling."""
        view = await self.context.view(claim)
        shown = None if view.handoff is None else view.handoff.cut
        start = TurnId(claim.turn_id) if is_cut else None
        stands = view.stands or ContextStep()
        step = ContextStep(
            turns_since=0 if is_cut else stands.turns_since + 1,
            context_from=start,
            shown_cut=shown,
            is_summary_due=is_cut,
        )
        await self.store.finish(claim, close(context=step, context_from_turn=start))
        self.used += [] if shown is None else [shown]
        self.cuts += [] if start is None else [start]

    async def soft_cut(self) -> None:
        """Cut as a summary does, whatever is under way."""
        newest = (await self.rows("SELECT max(turn_id) AS turn FROM turns WHERE state = 'done'"))[0]["turn"]
        if newest is None or newest in self.cuts:
            return
        await self.rows(
            f"INSERT INTO contexts (channel_id, summary_due_at) VALUES ({ROOM.channel_id}, '{START.isoformat()}') "
            f"ON CONFLICT (channel_id) DO UPDATE SET summary_due_at = excluded.summary_due_at"
        )
        before = (await self.rows("SELECT context_from_turn AS turn FROM channels"))[0]["turn"]
        assert await self.kept.keep(await due(self.kept), (), START, cut_at=TurnId(newest))
        self.cuts += [newest] if newest > before else []


@pytest.mark.parametrize("seed", range(12))
async def test_each_handoff_is_used_once_whatever_happens(
    lone_store: PostgresStore, statements: StatementPool, ask: Rows, seed: int
):
    chance, scene = random.Random(seed), Channelful(lone_store, PostgresSummaries(statements), ask)
    for _ in range(40):
        claim = await scene.open()
        if chance.random() < 0.2:
            await scene.soft_cut()  # after its history was read
        what = chance.choice(("ends", "ends", "ends", "cuts", "superseded", "killed"))
        if what in ("superseded", "killed"):
            await scene.context.view(claim)  # shown, and to no avail
            if what == "superseded":
                await lone_store.release(claim, "superseded", now=START, retry_at=None)
            else:
                await lone_store.recover(ROOM.channel_id, START)
            claim = await claimed(lone_store)
        await scene.end(claim, is_cut=what == "cuts")
        if chance.random() < 0.2:
            await scene.soft_cut()
    await scene.end(await scene.open())
    await scene.end(await scene.open())
    assert len(scene.used) == len(set(scene.used))  # never twice
    superseded = set(scene.cuts) - set(scene.used)
    # one that was not shown was followed by another cut before any turn could show it
    for one in superseded:
        after = [other for other in scene.cuts if other > one]
        assert after, "the last handoff was never shown"
    assert (await ask("SELECT handoff_before FROM contexts"))[0]["handoff_before"] is None
    assert len(scene.used) >= 5
