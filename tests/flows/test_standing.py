"""A sweeper that only breaks ends the process, so that a supervisor begins it anew."""

from __future__ import annotations

import asyncio

import pytest

from bot import app, standing
from bot.standing import BrokenWork
from tests.flows.conftest import Stage


async def test_she_does_not_go_on_without_her_safety_net(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    async def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(standing, "AGAIN_AFTER_S", (0.1,))
    monkeypatch.setattr(app, "_sweep", broken)
    with pytest.raises(BrokenWork, match="sweeper"):
        async with asyncio.timeout(30):
            await app.App(stage.settings()).run()
