import asyncio
import contextlib
import zlib

import aiohttp
import discord
import orjson
import pytest

from playground.core import Options
from playground.server import Playground
from tests.playground.harness import connected, point_at, soon

INTENTS = discord.Intents.default().value


class ZlibContext:
    """discord.py's own zlib context, which it only defines where zstandard is missing."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self):
        self._stream = zlib.decompressobj()

    def decompress(self, data):
        assert data.endswith(b"\x00\x00\xff\xff")
        return self._stream.decompress(data).decode()


@contextlib.asynccontextmanager
async def raw_socket(playground, query="v=10&encoding=json"):
    """Open an uncompressed gateway socket by hand."""
    address = f"{playground.gateway_url}?{query}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield socket


async def receive(socket):
    frame = await asyncio.wait_for(socket.receive(), 3)
    if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
        return orjson.loads(frame.data)
    return socket.close_code


async def until(socket, opcode=None, event=None):
    while True:
        received = await receive(socket)
        if isinstance(received, int) or received["op"] == opcode or (event and received["t"] == event):
            return received


def identify(playground, **fields):
    data = {"token": playground.token, "intents": INTENTS, "properties": {}, **fields}
    return {"op": 2, "d": data}


async def identified(playground, socket, **fields):
    await socket.send_json(identify(playground, **fields))
    return await until(socket, event="READY")


@pytest.mark.parametrize("context", [None, ZlibContext], ids=["zstd-stream", "zlib-stream"])
async def test_both_compressions_carry_events(playground, juno, monkeypatch, context):
    if context is not None:
        monkeypatch.setattr(discord.utils, "_ActiveDecompressionContext", context)
    assert discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE.endswith("stream")
    async with connected(playground) as bot:
        for number in range(5):
            await juno.tell(f"{number} " + "word " * 200)
        heard = [(await soon(bot.heard)).content for _ in range(5)]
    assert [text[0] for text in heard] == list("01234")


async def test_ready_then_guilds_with_only_the_bot_as_member(playground, bot):
    guild = bot.guilds[0]
    assert (bot.user.name, guild.name, guild.member_count) == ("mira", "Lantern House", 5)
    assert [member.id for member in guild.members] == [bot.user.id]
    assert bot.application_id == bot.user.id
    assert {c.name for c in guild.text_channels} == {"living-room", "kitchen", "notices"}


async def test_wrong_token_fails_rest_and_gateway(playground):
    point_at(playground)
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()
    async with raw_socket(playground) as socket:
        await receive(socket)
        await socket.send_json(identify(playground, token="wrong"))
        assert await receive(socket) == 4004


async def test_disallowed_and_unknown_intents_close_the_socket(playground):
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(playground, discord.Intents.all()):
            pass
    for intents, code in ((1 << 15, 4014), (1 << 30, 4013), ("1", 4013)):
        async with raw_socket(playground) as socket:
            await receive(socket)
            await socket.send_json(identify(playground, intents=intents))
            assert await receive(socket) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("nonsense", 4002),
        ('{"op": 99, "d": {}}', 4001),
        ('{"op": 3, "d": {"status": "online"}}', 4003),
        ('{"op": 1, "d": "' + "x" * 5000 + '"}', 4002),
    ],
)
async def test_bad_payloads_close_with_discords_codes(playground, payload, code):
    async with raw_socket(playground) as socket:
        await receive(socket)
        await socket.send_str(payload)
        assert await receive(socket) == code


async def test_bad_shard_version_and_second_identify(playground):
    async with raw_socket(playground) as socket:
        await receive(socket)
        await socket.send_json(identify(playground, shard=[2, 2]))
        assert await receive(socket) == 4010
    async with raw_socket(playground, "v=6") as socket:
        assert await receive(socket) == 4012
    async with raw_socket(playground) as socket:
        await receive(socket)
        await identified(playground, socket)
        await socket.send_json(identify(playground))
        assert await until(socket) == 4005


async def test_shards_share_the_guilds_and_direct_messages_go_to_the_first(playground, juno, room):
    guild_id = next(iter(playground.world.guilds))
    home = (guild_id >> 22) % 2
    async with raw_socket(playground) as zero, raw_socket(playground) as one:
        for shard, socket in enumerate((zero, one)):
            await receive(socket)
            ready = await identified(playground, socket, shard=[shard, 2])
            assert len(ready["d"]["guilds"]) == (1 if shard == home else 0)
        await juno.tell("to the first")
        assert (await until(zero, event="MESSAGE_CREATE"))["d"]["content"] == "to the first"
        await juno.mention(room, "to its home")
        heard = await until((zero, one)[home], event="MESSAGE_CREATE")
        assert heard["d"]["channel_id"] == room


async def test_events_need_their_intents(playground, juno, room):
    async with raw_socket(playground) as socket:
        await receive(socket)
        await identified(playground, socket, intents=1 | 1 << 9)
        await juno.tell("unheard")
        await juno.type(room)
        await juno.mention(room, "heard")
        while (received := await receive(socket))["t"] == "GUILD_CREATE":
            pass
        assert (received["t"], received["d"]["channel_id"]) == ("MESSAGE_CREATE", room)


async def test_dropped_socket_resumes_with_what_was_missed(playground, bot, juno):
    await juno.tell("before")
    await soon(bot.heard)
    session_id = bot.ws.session_id
    playground.fault("drop_socket")
    await juno.tell("while away")
    assert (await soon(bot.heard)).content == "while away"
    assert await soon(bot.resumes) == session_id
    await juno.tell("after")
    assert (await soon(bot.heard)).content == "after"


async def test_reconnect_request_resumes(playground, bot, juno):
    playground.fault("reconnect")
    assert await soon(bot.resumes)
    await juno.tell("hello")
    assert (await soon(bot.heard)).content == "hello"


@pytest.mark.parametrize("resumable", [True, False])
async def test_invalid_session_resumes_or_starts_anew(playground, juno, resumable):
    async with raw_socket(playground) as socket:
        await receive(socket)
        ready = (await identified(playground, socket))["d"]
        playground.fault("invalid_session", resumable=resumable)
        assert (await until(socket, opcode=9))["d"] is resumable
        await socket.close(code=4000)
    async with raw_socket(playground) as socket:
        await receive(socket)
        data = {"token": playground.token, "session_id": ready["session_id"], "seq": 2}
        await socket.send_json({"op": 6, "d": data})
        if resumable:
            assert (await until(socket, event="RESUMED"))["s"] == 3
        else:
            assert (await until(socket, opcode=9))["d"] is False
            await identified(playground, socket)


async def test_real_client_starts_anew_after_an_invalid_session(playground, bot, juno, monkeypatch):
    async def at_once(*_, **__):
        """discord.py waits five seconds here to respect Discord's identify limit."""

    monkeypatch.setattr(bot, "before_identify_hook", at_once)
    first = await soon(bot.connects)
    playground.fault("invalid_session")
    assert await soon(bot.connects) != first
    await juno.tell("hello")
    assert (await soon(bot.heard)).content == "hello"


async def test_resume_after_a_clean_close_or_beyond_the_buffer_is_refused(playground, monkeypatch):
    async with raw_socket(playground) as socket:
        await receive(socket)
        ready = (await identified(playground, socket))["d"]
        await socket.close(code=1000)
    resume = {"token": playground.token, "session_id": ready["session_id"], "seq": 1}
    async with raw_socket(playground) as socket:
        await receive(socket)
        await socket.send_json({"op": 6, "d": resume})
        assert (await until(socket, opcode=9))["d"] is False


async def test_silent_client_is_let_go():
    options = Options(heartbeat_interval_s=0.2)
    async with Playground(port=0, options=options) as playground, raw_socket(playground) as socket:
        assert (await receive(socket))["d"]["heartbeat_interval"] == 200
        await socket.send_json({"op": 1, "d": None})
        assert (await receive(socket))["op"] == 11
        assert await receive(socket) == 4009


async def test_identifies_of_one_bucket_keep_their_distance():
    options = Options(identify_interval_s=30, max_concurrency=2)
    async with Playground(port=0, options=options) as playground:
        outcomes = []
        for shard in (0, 1, 2):
            async with raw_socket(playground) as socket:
                await receive(socket)
                await socket.send_json(identify(playground, shard=[shard, 4]))
                outcomes.append((await receive(socket))["op"])
    assert outcomes == [0, 0, 9]


async def test_presence_reaches_people_and_online_state_follows(playground, juno):
    async with connected(playground) as bot:
        assert (await juno.wait_for("PLAY_APP"))["online"] is True
        await bot.change_presence(status=discord.Status.idle, activity=discord.CustomActivity("dreaming"))
        shown = await juno.wait_for("PRESENCE_UPDATE", lambda d: d["status"] == "idle")
        assert shown["activities"][0]["state"] == "dreaming"
    assert (await juno.wait_for("PLAY_APP"))["online"] is False


async def test_token_reset_ends_sessions(playground, juno):
    async with raw_socket(playground) as socket:
        await receive(socket)
        await identified(playground, socket)
        await juno.play("PATCH", "/app", {"token": "fresh"})
        assert await until(socket) == 4004
    assert playground.token == "fresh"


async def test_heartbeats_are_acknowledged_unless_a_fault_mutes_them(playground):
    async with raw_socket(playground) as socket:
        await receive(socket)
        playground.fault("mute_heartbeats")
        for beat in ({"op": 1, "d": None}, {"op": 1, "d": 7}):
            await socket.send_json(beat)
        assert (await receive(socket))["op"] == 11
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.1)
