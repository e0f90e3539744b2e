"""The edges of commands, when the connection to Discord breaks just then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.errors import UserError
from cogs.errors import report_command_error
from cogs.remind import _private_place

CUT = aiohttp.ServerDisconnectedError()


def refusal(status: int) -> discord.HTTPException:
    return discord.HTTPException(SimpleNamespace(status=status, reason="no", headers={}), "no")  # type: ignore[arg-type]


def asked(error: Exception) -> Any:
    """A command whose every answer, and every direct conversation it asks for, ends in *error*."""

    async def fail(*_: object, **__: object) -> None:
        raise error

    return SimpleNamespace(
        response=SimpleNamespace(is_done=lambda: True, send_message=fail),
        followup=SimpleNamespace(send=fail),
        user=SimpleNamespace(create_dm=fail),
        context=SimpleNamespace(dm_channel=False),
        channel_id=1,
    )


@pytest.mark.parametrize("error", [CUT, TimeoutError(), refusal(404)])
async def test_an_error_line_that_cannot_be_shown_is_no_further_error(error: Exception):
    await report_command_error(asked(error), app_commands.AppCommandError("no"))


@pytest.mark.parametrize(
    ("error", "key"), [(CUT, "discord_away"), (refusal(503), "discord_away"), (refusal(403), "remind_no_dm")]
)
async def test_who_cannot_be_written_to_is_told_why(error: Exception, key: str):
    with pytest.raises(UserError) as told:
        await _private_place(asked(error))
    assert told.value.key == key
