from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from bot.adapters.postgres.cluster import Cluster
from bot.adapters.postgres.embedded import WATCH_S, EmbeddedPostgres
from bot.errors import ConfigError

DURABLE = {"fsync": "on", "synchronous_commit": "on", "listen_addresses": "", "jit": "off"}
REVIVAL_S = 30.0  # measured: 1.0 to 3.5 s; under load a start and two revivals took 15 s together
WARM_START_S = 2.0  # measured: 0.1 s; room for a busy machine

APP = """
import asyncio, sys
from pathlib import Path
from bot.adapters.postgres.embedded import EmbeddedPostgres

async def main():
    server = await EmbeddedPostgres.start(Path(sys.argv[1]), durable=False)
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("stopped" if await server.stop() else "left", flush=True)

asyncio.run(main())
"""


class App:
    """A process that attaches to a data folder until it is told to leave, or is killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def up(self) -> App:
        self._expect("up")
        return self

    def leave(self) -> str:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._read()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _expect(self, word: str) -> None:
        said = self._read()
        assert said == word, said

    def _read(self) -> str:
        while True:  # the log shares the stream
            line = self.process.stdout.readline()
            assert line, "the process ended early"
            if not line[:4].isdigit():
                return line.strip()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def folder():
    """Give a short path that another user may be let into, and end what is left running in it."""
    path = Path(tempfile.mkdtemp(prefix="mira-e-"))
    yield path
    for found in path.rglob("postmaster.pid"):
        left = Cluster(found.parent.parent).running()
        if left is not None:
            os.kill(left.pid, signal.SIGQUIT)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def apps():
    started: list[App] = []

    def start(folder: Path) -> App:
        started.append(App(folder))
        return started[-1].up()

    yield start
    for app in started:
        app.close()


async def attach(folder: Path) -> EmbeddedPostgres:
    return await EmbeddedPostgres.start(folder, durable=False)


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(**server.address.asyncpg_arguments())
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def pid_of(folder: Path) -> int:
    running = Cluster(folder.resolve()).running()
    assert running is not None
    return running.pid


async def test_it_starts_from_nothing_stops_and_starts_again_with_its_data(folder):
    async with await attach(folder) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
        assert await ask(server, "SELECT '[1]'::vector::text") == "[1]"
    assert Cluster(folder.resolve()).running() is None
    began = time.monotonic()
    async with await attach(folder) as server:
        assert time.monotonic() - began < WARM_START_S
        assert await ask(server, "SELECT seven FROM kept") == 7


async def test_the_shipped_settings_are_durable_and_keep_words_out_of_the_log(folder):
    async with await EmbeddedPostgres.start(folder) as server:
        for name, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "jit": "off",
        }.items():
            assert await ask(server, f"SELECT current_setting('{name}')") == value
        with pytest.raises(asyncpg.PostgresError):
            await ask(server, "SELECT 'a secret word' FROM no_such_table")
        with pytest.raises(asyncpg.PostgresError):
            await ask(server, "SELECT 'another secret'::int")
    assert "secret" not in Cluster(folder).log_file.read_text(encoding="utf-8")


async def test_two_holders_in_one_process_share_one_server(folder):
    first, second = await asyncio.gather(attach(folder), attach(folder))
    assert first.url == second.url
    assert await first.stop() is False
    assert await first.stop() is False
    assert await ask(second, "SELECT 1") == 1
    assert await second.stop() is True


async def test_the_last_process_out_stops_the_server(folder, apps):
    one, other = apps(folder), apps(folder)
    server = pid_of(folder)
    assert one.leave() == "left"
    assert pid_of(folder) == server
    assert other.leave() == "stopped"
    assert Cluster(folder.resolve()).running() is None


async def test_processes_that_start_at_once_share_one_server(folder):
    started = [App(folder) for _ in range(3)]
    try:
        for app in started:
            app.up()
        assert sorted(app.leave() for app in started) == ["left", "left", "stopped"]
    finally:
        for app in started:
            app.close()


async def test_the_next_start_takes_over_what_a_killed_app_left(folder, apps):
    killed = apps(folder)
    server = pid_of(folder)
    killed.kill()
    async with await attach(folder):
        assert pid_of(folder) == server
    assert not psutil.pid_exists(server) or psutil.Process(server).status() == psutil.STATUS_ZOMBIE


async def test_a_killed_app_does_not_keep_the_others_from_stopping_the_server(folder, apps):
    killed, other = apps(folder), apps(folder)
    killed.kill()
    assert other.leave() == "stopped"


async def test_app_and_server_killed_leave_nothing_in_the_way(folder, apps):
    app = apps(folder)
    os.kill(pid_of(folder), signal.SIGKILL)
    app.kill()
    async with await attach(folder) as server:
        assert await ask(server, "SELECT 1") == 1


def kill_server(folder: Path) -> int:
    """End the server and its children as the kernel does when memory runs out."""
    postmaster = psutil.Process(pid_of(folder))
    for process in (postmaster, *postmaster.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return postmaster.pid


async def answer_within(server: EmbeddedPostgres, question: str, limit_s: float) -> object:
    async with asyncio.timeout(limit_s):
        while True:
            try:
                return await ask(server, question)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def watched(server: EmbeddedPostgres):
    watching = asyncio.create_task(server.watch())
    try:
        yield server
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.parametrize("place", ["short", "long" * 30])
async def test_a_killed_server_comes_back_at_its_address_with_its_data(folder, place):
    async with await EmbeddedPostgres.start(folder / place) as server, watched(server):
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
        for _ in range(2):
            killed = kill_server(folder / place)
            assert await answer_within(server, "SELECT seven FROM kept", REVIVAL_S) == 7
            assert pid_of(folder / place) != killed
    assert Cluster((folder / place).resolve()).running() is None


async def test_several_attached_processes_bring_one_server_back(folder, apps):
    other = apps(folder)
    async with await attach(folder) as server, watched(server), watched(server):
        kill_server(folder)
        assert await answer_within(server, "SELECT 1", REVIVAL_S) == 1
        revived = pid_of(folder)
        await asyncio.sleep(2 * WATCH_S)
        assert pid_of(folder) == revived
        assert (Cluster(folder).log_file.read_text(encoding="utf-8")).count("starting PostgreSQL") == 2
    assert other.leave() == "stopped"


async def test_who_attaches_right_after_a_kill_keeps_the_address_of_the_others(folder, apps):
    async with await attach(folder) as server:
        kill_server(folder)
        newcomer = apps(folder)
        assert await ask(server, "SELECT 1") == 1
        newcomer.leave()


async def test_a_socket_folder_swept_away_is_made_again(folder):
    async with await attach(folder) as server, watched(server):
        kill_server(folder)
        shutil.rmtree(str(server.url.query["host"]))
        assert await answer_within(server, "SELECT 1", REVIVAL_S) == 1


async def test_a_server_that_cannot_come_back_is_tried_again(folder):
    async with await attach(folder) as server:
        kill_server(folder)
        (folder / "postgres").rename(folder / "away")
        async with watched(server):
            await asyncio.sleep(2 * WATCH_S)
            (folder / "away").rename(folder / "postgres")
            assert await answer_within(server, "SELECT 1", REVIVAL_S) == 1


async def test_a_pid_file_naming_a_living_stranger_is_swept(folder):
    async with await attach(folder):
        pass
    lines = [
        str(os.getpid()),
        str(folder / "postgres"),
        "1700000000",
        "5432",
        str(folder),
        "",
        "1 2",
        "ready",
    ]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (folder / "postgres" / ".handle_pids.json").write_text(json.dumps([os.getpid(), 1]))
    async with await attach(folder) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_half_a_pid_file_and_half_a_cluster_are_swept(folder):
    async with await attach(folder):
        pass
    (folder / "postgres" / "postmaster.pid").write_text("12")
    half = folder / "postgres.new-dead"
    half.mkdir()
    (folder / "postgres").rename(folder / "saved")
    async with await attach(folder):
        assert not half.exists()


@pytest.mark.parametrize("name", ["with space", 'it\'s "quoted", too', "ünï/✓", "percent%20$HOME"])
async def test_odd_folder_names_work(folder, name):
    async with await attach(folder / name) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_works(folder):
    async with await attach(folder / ("long" * 30)) as server:
        place = str(server.url.query["host"])
        assert not place.startswith(str(folder))
        assert await ask(server, "SELECT 1") == 1
    assert not os.path.exists(place)  # noqa: ASYNC240, PTH110


async def test_a_symlink_to_the_folder_is_the_same_folder(folder):
    (folder / "real").mkdir()
    (folder / "link").symlink_to(folder / "real")
    first, second = await attach(folder / "real"), await attach(folder / "link")
    assert first.url == second.url
    await first.stop()
    await second.stop()


async def test_a_file_in_place_of_the_folder_is_named(folder):
    (folder / "taken").write_text("")
    for path in (folder / "taken", folder / "taken" / "below"):
        with pytest.raises(ConfigError, match=r"MIRA_DATA_DIR: cannot write to .*taken"):
            await attach(path)


async def test_a_folder_nobody_may_write_to_is_named():
    with pytest.raises(ConfigError, match=r"MIRA_DATA_DIR: cannot write to '/proc/mira'"):
        await attach(Path("/proc/mira"))


async def test_data_of_another_version_is_left_alone(folder):
    async with await attach(folder):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigError, match="written by Postgres 16, this Mira brings 18"):
        await attach(folder)


async def test_a_server_that_will_not_start_is_explained_with_its_log(folder):
    async with await attach(folder):
        pass
    with (folder / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(ConfigError, match=r"did not start.*no_such_setting"):
        await attach(folder)


async def test_a_cancelled_start_leaves_no_server(folder):
    starting = asyncio.create_task(attach(folder))
    await asyncio.sleep(0.05)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert Cluster(folder.resolve()).running() is None


async def test_deleted_data_under_a_running_server_does_not_block_a_new_start(folder, apps):
    app = apps(folder)
    old = pid_of(folder)
    app.kill()
    shutil.rmtree(folder / "postgres")
    try:
        async with await attach(folder) as server:
            assert await ask(server, "SELECT 1") == 1
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have noticed and ended already
            orphan = psutil.Process(old)
            assert orphan.name() == "postgres"
            orphan.send_signal(signal.SIGQUIT)


async def test_keys_in_our_environment_do_not_reach_the_server(folder, monkeypatch):
    monkeypatch.setenv("DISCORD_TOKEN", "a-token")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    async with await attach(folder):
        environment = psutil.Process(pid_of(folder)).environ()
    assert "DISCORD_TOKEN" not in environment


async def test_ctrl_c_in_our_terminal_does_not_reach_the_server(folder):
    async with await attach(folder):
        assert os.getpgid(pid_of(folder)) != os.getpgrp()
