import asyncio
import json
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from playground.client import Refused
from playground.core import Options
from playground.server import Playground

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_foreign_hosts_and_origins_are_refused(playground, http):
    page = playground.page_url
    own = page.rstrip("/")
    async with http.get(page, headers={"Host": "evil.example"}) as rebound:
        assert rebound.status == 403
    headers = {"Origin": "http://evil.example"}
    async with http.post(f"{page}play/guilds", json={"name": "x"}, headers=headers) as foreign:
        assert foreign.status == 403
    async with http.post(f"{page}play/guilds", json={"name": "x"}, headers={"Origin": own}) as same:
        assert same.status == 200
    for path in ("gateway", f"play/events?as={playground.people[0].user_id}"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(page + path, headers=headers)


async def test_listens_on_loopback_only(playground):
    port = int(playground.page_url.rsplit(":", 1)[1].strip("/"))
    sockets = playground._runner.addresses
    assert [address[0] for address in sockets] == ["127.0.0.1"]
    assert sockets[0][1] == port


async def test_page_takes_nothing_from_outside(playground, http):
    async with http.get(playground.page_url) as page:
        policy = page.headers["Content-Security-Policy"]
        assert page.status == 200
    assert "default-src 'none'" in policy and "unsafe" not in policy


async def test_attachments_cannot_act_as_pages(playground, juno, http):
    sent = await juno.attach(await juno.dm(), [("x.html", b"<script>alert(1)</script>", "text/html")])
    async with http.get(sent["attachments"][0]["url"]) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_unknown_routes_and_missing_tokens_answer_as_discord_does(playground, http):
    rest = playground.rest_url
    expected = {
        "/users/@me": (401, {"message": "401: Unauthorized", "code": 0}),
        "/no/such/route": (404, {"message": "404: Not Found", "code": 0}),
    }
    for path, (status, body) in expected.items():
        async with http.get(rest + path) as answer:
            assert (answer.status, await answer.json()) == (status, body)
            assert answer.headers["Content-Type"] == "application/json"
    async with http.get(rest.replace("v10", "v6") + "/gateway") as old:
        assert (await old.json())["code"] == 50041


async def test_broken_bodies_are_refused_not_crashed_on(playground, http, room):
    headers = {"Authorization": f"Bot {playground.token}", "Content-Type": "application/json"}
    address = f"{playground.rest_url}/channels/{room}/messages"
    async with http.post(address, data=b"{broken", headers=headers) as broken:
        assert (broken.status, (await broken.json())["code"]) == (400, 50109)
    for body in ({"content": ["x"]}, {"embeds": "x"}, {"components": [5]}, {"content": {"a": 1}}):
        async with http.post(address, json=body, headers=headers) as refused:
            assert (refused.status, (await refused.json())["code"]) == (400, 50035), body


async def test_state_shows_what_a_person_may_see(playground, juno, theo):
    await juno.dm()
    guild_id = next(iter(playground.world.guilds))
    state, other = await juno.state(), await theo.state()
    assert [p["username"] for p in state["people"]] == ["juno", "theo", "amara", "kai"]
    assert (len(state["dms"]), len(other["dms"])) == (1, 0)
    assert state["app"]["online"] is False
    made = await juno.play("POST", f"/guilds/{guild_id}/channels", {"name": "attic"})
    assert (await theo.wait_for("CHANNEL_CREATE"))["id"] == made["id"]


async def test_new_people_and_guilds_arrive(playground, juno):
    await juno.play("POST", "/people", {"username": "robo", "bot": True})
    made = await juno.play("POST", "/guilds", {"name": "Second"})
    assert (await juno.wait_for("GUILD_CREATE"))["id"] == made["id"]
    async with playground.person("robo") as robo:
        assert (await robo.say(made["channels"][0]["id"], "beep"))["author"]["bot"] is True


async def test_people_keep_to_their_own_messages(juno, theo):
    sent = await juno.tell("mine")
    with pytest.raises(Refused) as unseen:
        await theo.edit(sent, "theirs")
    assert unseen.value.code == 50001


async def test_panel_is_passed_through_and_told_on_change(playground, juno, monkeypatch):
    monkeypatch.setattr("playground.panel.ASK_EVERY_S", 0.05)
    shown = {"mood": None}

    async def answer(request):
        return web.json_response(shown)

    app = web.Application()
    app.router.add_get("/panel", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert await juno.play("GET", "/panel") is None
    playground.set_panel_url(f"http://127.0.0.1:{runner.addresses[0][1]}/panel")
    assert await juno.play("GET", "/panel") == {"mood": None}
    shown["mood"] = {"label": "calm"}
    assert (await juno.wait_for("PLAY_PANEL", lambda d: d["mood"]))["mood"]["label"] == "calm"
    await runner.cleanup()
    with pytest.raises(ValueError):
        playground.set_panel_url("http://example.com/panel")


async def test_explicit_port_in_use_is_an_error_and_the_default_moves_on():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError):
            await Playground(port=port).start()
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "playground", "--port", str(port), cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await asyncio.wait_for(program.communicate(), 10)
    assert program.returncode == 2
    assert f"port {port}".encode() in errors
    async with Playground() as one, Playground() as two:
        assert one.page_url != two.page_url


async def test_program_prints_where_it_is_and_ends_with_its_input():
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", "--port", "0", cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )
    places = json.loads(await asyncio.wait_for(program.stdout.readline(), 10))
    assert set(places) == {"page", "rest", "gateway", "token"}
    program.stdin.close()
    assert await asyncio.wait_for(program.wait(), 5) == 0


async def test_program_gives_further_applications_tokens_of_their_own():
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "playground", "--port", "0", "--also", "jasmine"]
    program = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
    places = json.loads(await asyncio.wait_for(program.stdout.readline(), 10))
    assert list(places["also"]) == ["jasmine"]
    assert places["also"]["jasmine"] != places["token"]
    program.stdin.close()
    assert await asyncio.wait_for(program.wait(), 5) == 0


async def test_rate_limits_can_be_switched_off_by_name():
    assert Playground(port=0, rate_limits=False).options.rate_limits is False
    assert Playground(port=0, options=Options()).options.rate_limits is True
