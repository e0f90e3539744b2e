"""A picture from a person's hand to a vision model's eyes, and nowhere else."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from typing import Any

import asyncpg
import discord
import pytest
from PIL import Image, ImageDraw

from bot.adapters.postgres.address import parse_database_url
from bot.domain.pictures import Picture
from playground.completions import error_body, text_of
from tests.flows.conftest import Stage
from tests.kept import contents
from tests.scripted_model import Behaviour, pictures_of, plain_answer

BLIND = Behaviour(status=400, error=error_body("this model does not support image input"))


def png(width: int, height: int, colour: str = "crimson") -> bytes:
    """Draw a picture that no two places of look the same in its bytes."""
    image = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, width // 3, height), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def everything_kept(stage: Stage) -> str:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return str(await contents(connection))
    finally:
        await connection.close()


def traces_of(content: bytes) -> list[str]:
    """Give pieces of *content* in every shape in which a table or a log might hold it."""
    middle = len(content) // 2
    piece = content[middle - middle % 3 :][:60]
    return [b64encode(piece).decode().rstrip("=")[:60], piece.hex(), repr(piece)[2:-1]]


def last_line(stage: Stage) -> str:
    return text_of(stage.model.requests[-1]["messages"][-1])


async def settled(stage: Stage, turns: int) -> None:
    """Wait until so many turns are over in the database."""
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        async with asyncio.timeout(15):
            while await connection.fetchval("SELECT count(*) FROM turns WHERE closed_at IS NOT NULL") < turns:
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


def pictures_alive() -> list[Picture]:
    """Give every picture that something in this process still holds."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Picture)]


async def no_picture_is_alive(but: list[Picture]) -> bool:
    """Say whether the last reference goes with the turn's task, which ends right after its last commit.

    Other tests of this process may hold pictures of their own: those are *but*.
    """
    for _ in range(40):
        if all(any(one is other for other in but) for one in pictures_alive()):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_picture_reaches_the_model_as_a_picture_and_is_gone_afterwards(stage: Stage, caplog):
    caplog.set_level(logging.DEBUG, logger="bot")
    sent, others = png(1600, 400), pictures_alive()
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.attach(await juno.dm(), [("cat.png", sent, "image/png")], "look at her")
        await juno.next_message_from_app()
        (content,) = pictures_of(stage.model.requests[0])
        seen = Image.open(io.BytesIO(content))
        assert seen.size == (1024, 256) and seen.convert("RGB").getpixel((20, 100)) == (220, 20, 60)
        assert "look at her" in text_of(stage.model.requests[0]["messages"][-2]) + last_line(stage)
        await settled(stage, 1)
        assert await no_picture_is_alive(others)
        kept = await everything_kept(stage)
        assert "cat.png" in kept, "that something came is part of the talk"
        assert "/attachments/" not in kept, "where it lies is not kept once it was looked at"
        for trace in (*traces_of(sent), *traces_of(content)):
            assert trace not in kept and trace not in caplog.text
        await juno.tell("and now?")
        await juno.next_message_from_app()
    assert not any(pictures_of(body) for body in stage.model.requests[1:]), "only for the turn"


async def test_a_model_without_eyes_answers_all_the_same_and_is_spared_the_next(stage: Stage):
    stage.model.picture_refusal = BLIND
    numbers = count(1)

    def something_new(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**plain_answer(body), "reply": f"{'abcdef'[next(numbers)] * 30}?"}

    stage.model.default = something_new
    async with stage.bot(), stage.playground.person("juno") as juno:
        for number in range(2):
            await juno.attach(await juno.dm(), [("cat.png", png(40, 30), "image/png")], f"look {number}")
            await juno.next_message_from_app()
            await settled(stage, number + 1)
    assert [bool(pictures_of(body)) for body in stage.model.requests] == [True, False, False]
    assert "could not be shown" in text_of(stage.model.requests[1]["messages"][-1])


@pytest.mark.parametrize("vision", ["off"])
async def test_who_wants_no_pictures_sent_sends_none(stage: Stage, vision):
    async with stage.bot(MIRA_VISION=vision), stage.playground.person("juno") as juno:
        await juno.attach(await juno.dm(), [("cat.png", png(40, 30), "image/png")], "look")
        await juno.next_message_from_app()
    assert not pictures_of(stage.model.requests[0])


async def test_text_files_are_quoted_and_other_files_named(stage: Stage):
    files = [
        ("poem.md", "Über allen Gipfeln".encode(), "text/markdown"),
        ("song.mp3", b"ID3 la la la", "audio/mpeg"),
        ("fake.png", b"this is no picture", "image/png"),
    ]
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.attach(await juno.dm(), files)
        await juno.next_message_from_app()
    prompt = str(stage.model.requests[0]["messages"])
    assert "Über allen Gipfeln" in prompt and "song.mp3" in prompt and "fake.png" in prompt
    assert "la la la" not in prompt and not pictures_of(stage.model.requests[0])


async def test_the_picture_of_the_line_replied_to_is_seen(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    stage.playground.core.approved_intents |= discord.Intents(message_content=True).value
    her = stage.bot(MIRA_MESSAGE_CONTENT="1")
    async with her, stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        shown = await theo.attach(room, [("cat.png", png(60, 20, "navy"), "image/png")])
        await juno.reply(shown, f"<@{juno.app_id}> what is on it?")
        await juno.next_message_from_app(room)
        await settled(stage, 1)
        assert "/attachments/" not in await everything_kept(stage)
    (content,) = pictures_of(stage.model.requests[0])
    assert Image.open(io.BytesIO(content)).size == (60, 20)


async def test_pictures_between_others_are_not_looked_at(stage: Stage):
    room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await theo.attach(room, [("cat.png", png(60, 20), "image/png")], "my cat")
        await juno.mention(room, "are you there?")
        await juno.next_message_from_app(room)
    assert not pictures_of(stage.model.requests[0])
