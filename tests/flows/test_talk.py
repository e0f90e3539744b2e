"""The whole path over the loopback gateway, with the real client."""

from __future__ import annotations

from tests.flows.conftest import Stage


async def test_direct_message_is_answered(stage: Stage):
    async with stage.bot(), stage.playground.person("juno") as ana:
        await ana.tell("hi you")
        first = await ana.next_message_from_app()
        second = await ana.next_message_from_app()
    assert first["content"] == "I heard you, every word of it."
    assert second["content"] == "Go on, I am not going anywhere."
