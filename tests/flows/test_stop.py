"""SIGTERM: every role ends within twenty seconds, at whatever point it is told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from playground.faults import Fault
from tests.flows.conftest import Stage, start_command
from tests.flows.test_talk import saying
from tests.scripted_model import Behaviour

LIMIT_S = 20.0  # container runtimes are told to wait this long before SIGKILL
SOON_S = 10.0  # on a busy machine; alone it is two
STUCK_WITHIN_S = 30.0


async def seconds_to_end(process: asyncio.subprocess.Process) -> float:
    """Tell a process to end; gives how long it took, if it ended well."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(LIMIT_S):
        code = await process.wait()
    assert code == 0
    return time.monotonic() - began


@asynccontextmanager
async def starting(
    stage: Stage, is_stuck: Callable[[], bool], command: str = "run", pause_s: float = 0.5, **changes: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a process that will not get ready, and wait until it is stuck."""
    process = await start_command(command, stage.environment(MIRA_LOG_FORMAT="json", **changes))
    reading = asyncio.create_task(process.communicate())
    try:
        async with asyncio.timeout(STUCK_WITHIN_S):
            while not is_stuck():
                assert process.returncode is None, (await reading)[1].decode()
                await asyncio.sleep(0.05)
        await asyncio.sleep(pause_s)
        yield process
        events = [json.loads(line)["event"] for line in (await reading)[1].splitlines()]
        assert "ready" not in events
        assert {"stopping", "stopping while starting"} & set(events)
    finally:
        if process.returncode is None:
            process.kill()
        await reading


class SilentServer:
    """Takes connections and never says a word."""

    def __init__(self) -> None:
        self.port = 0
        self.held: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> SilentServer:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self.held:
            writer.close()

    def is_met(self) -> bool:
        """Say whether somebody waits for an answer."""
        return bool(self.held)

    def _take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held.append(writer)


class DeafGateway:
    """A gateway that takes sockets and answers nothing on them, not even their close."""

    def __init__(self, *, says_hello: bool) -> None:
        self.url = ""
        self.sockets = 0
        self._says_hello = says_hello

    async def __aenter__(self) -> DeafGateway:
        application = web.Application()
        application.router.add_get("/", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def is_met(self) -> bool:
        """Say whether somebody waits for an answer."""
        return self.sockets > 0

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False, autoping=False)
        await socket.prepare(request)
        if self._says_hello:
            await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        self.sockets += 1
        await asyncio.sleep(60)
        return socket


def servers_in(folder: Path) -> list[Path]:
    """List what a Postgres that still runs, or was left to die, keeps in its data folder."""
    return list(folder.rglob("postmaster.pid"))


def asked_for(stage: Stage, path: str) -> Callable[[], bool]:
    """Give a way to see whether a request to the API has come."""
    faults = stage.playground.core.faults
    asked = faults.for_route
    seen: set[str] = set()

    def noted(kind: str, route: str) -> Fault | None:
        seen.add(route)
        return asked(kind, route)

    faults.for_route = noted  # type: ignore[method-assign]
    return lambda: path in seen


@pytest.mark.parametrize("role", ["all", "gateway", "worker"])
async def test_with_nothing_to_do_it_ends_soon(stage: Stage, role: str):
    async with stage.process(role=role) as process:
        assert await seconds_to_end(process) < SOON_S


async def test_while_the_api_does_not_answer(stage: Stage):
    stage.playground.fault("slow", route="GET /users/@me", delay_s=60)
    async with starting(stage, asked_for(stage, "GET /users/@me")) as process:
        await seconds_to_end(process)


@pytest.mark.parametrize("pause_s", [0.1, 1.2])  # the folder is being made; the server is coming up
async def test_while_the_embedded_database_starts(stage: Stage, tmp_path: Path, pause_s: float):
    folder = tmp_path / "postgres"
    stage.playground.fault("slow", route="GET /users/@me", delay_s=60)  # on a fast machine it is up by then
    environment = {"DATABASE_URL": "", "MIRA_DATA_DIR": str(tmp_path)}
    async with starting(stage, folder.exists, pause_s=pause_s, **environment) as process:
        await seconds_to_end(process)
    assert not servers_in(tmp_path)


@pytest.mark.parametrize("role", ["gateway", "worker"])
async def test_while_the_database_does_not_answer_at_the_start(stage: Stage, role: str):
    async with SilentServer() as server:
        url = f"postgresql://mira@127.0.0.1:{server.port}/mira"
        async with starting(stage, server.is_met, f"run --role {role}", DATABASE_URL=url) as process:
            await seconds_to_end(process)


@pytest.mark.parametrize("says_hello", [False, True])
@pytest.mark.parametrize("shards", ["", " --shards 0-1/2"])
async def test_while_the_gateway_hangs(stage: Stage, shards: str, says_hello: bool):
    async with DeafGateway(says_hello=says_hello) as gateway:
        command = f"run --role gateway{shards}"
        async with starting(stage, gateway.is_met, command, DISCORD_GATEWAY_URL=gateway.url) as process:
            await seconds_to_end(process)


async def test_while_it_waits_for_its_turn_to_identify(stage: Stage, database):
    application_id = stage.playground.app_user.user_id
    async with database.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO identify_slots (application_id, bucket, free_at) VALUES ($1, 0, now() + $2)",
            (application_id, timedelta(minutes=1)),
        )
    is_stuck = asked_for(stage, "GET /gateway/bot")
    async with starting(stage, is_stuck, "run --role gateway --shards 0/2") as process:
        assert not list(stage.playground.core.sessions), "it was not its turn yet"
        await seconds_to_end(process)


async def test_a_worker_in_the_middle_of_a_model_call(stage: Stage, database):
    stage.model.script(Behaviour(answer=saying("never said"), first_delay_s=60.0))
    async with (
        stage.process(role="gateway"),
        stage.process(role="worker") as worker,
        stage.playground.person("juno") as juno,
    ):
        await juno.tell("think hard")
        while not stage.model.requests:
            await asyncio.sleep(0.02)
        await seconds_to_end(worker)
    async with database.connect() as connection:
        states = (await connection.exec_driver_sql("SELECT state FROM messages")).scalars().all()
    assert states == ["pending"], "given back for the next one"


async def test_in_the_middle_of_a_paced_answer(stage: Stage):
    """What was committed is said, by this process or by the next, and once."""
    paragraphs = [f"Paragraph {number}: " + "word " * 40 for number in range(6)]
    stage.model.script(saying("\n\n".join(paragraphs)))
    stage.model.default = saying("No more to say.")
    async with stage.playground.person("juno") as juno:
        async with stage.process(MIRA_PACE="5") as process:
            await juno.tell("tell me a story")
            await juno.next_message_from_app(timeout=20)
            await seconds_to_end(process)
        async with stage.process():
            await juno.tell("and?")
            async with asyncio.timeout(30):
                while (await juno.next_message_from_app(timeout=30))["content"] != "No more to say.":
                    pass
        said = [one["content"] for one in await juno.history(await juno.dm()) if one["author"].get("bot")]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("how", ["refuses", "hangs"])
async def test_while_the_database_is_away(stage: Stage, database_server, how: str):
    name = stage.database_url.rsplit("/", 1)[1].split("?")[0]
    async with database_server.connect() as admin, stage.process() as process:
        pids = [row["pid"] for row in await admin.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", name)]
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        for pid in pids:
            os.kill(pid, signal.SIGTERM if how == "refuses" else signal.SIGSTOP)
        try:
            async with stage.playground.person("juno") as juno:
                await juno.tell("did you get this?")
                await asyncio.sleep(1)
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(LIMIT_S):
                    await process.wait()
        finally:
            if how == "hangs":
                for pid in pids:
                    os.kill(pid, signal.SIGCONT)


async def test_while_discord_grants_no_session(stage: Stage):
    limit = {"total": 1000, "remaining": 0, "reset_after": 60_000, "max_concurrency": 1}
    body = {"url": stage.playground.gateway_url, "shards": 1, "session_start_limit": limit}
    stage.playground.fault("rest_status", route="GET /gateway/bot", status=200, body=body, times=None)
    async with starting(stage, asked_for(stage, "GET /gateway/bot"), "run --role gateway") as process:
        assert not list(stage.playground.core.sessions)
        await seconds_to_end(process)


async def test_sessions_granted_again_are_begun(stage: Stage):
    limit = {"total": 1000, "remaining": 0, "reset_after": 1_000, "max_concurrency": 1}
    body = {"url": stage.playground.gateway_url, "shards": 1, "session_start_limit": limit}
    stage.playground.fault("rest_status", route="GET /gateway/bot", status=200, body=body, times=1)
    async with stage.process(), stage.playground.person("juno") as juno:
        await juno.tell("there you are")
        await juno.next_message_from_app(timeout=20)
