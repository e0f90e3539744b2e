from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.postgres import old_servers
from bot.adapters.postgres import upgrade as module
from bot.adapters.postgres.cluster import MAJOR, Cluster, binaries
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.old_servers import FETCHED, fetch, find_programs, major_of
from bot.adapters.postgres.upgrade import upgrade
from bot.errors import ConfigError
from tests.kept import old_cluster

UNREACHABLE = ("Could not find a version", "No matching distribution", "Connection", "Temporary failure", "neither pip")


@pytest.fixture(scope="module")
def fetched(tmp_path_factory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_RETRIES", "0")  # without a network this is to be skipped soon
        patch.setenv("PIP_DEFAULT_TIMEOUT", "5")
        try:
            return fetch("16", tmp_path_factory.mktemp("wheel"))
        except ConfigError as error:
            if any(sign in str(error) for sign in UNREACHABLE):
                pytest.skip(f"pip cannot fetch it here: {error}")
            raise


@pytest.fixture
def older(tmp_path: Path) -> tuple[str, Path]:
    """Give a major before this one that the installed wheel brings as well, and its programs."""
    for folder in sorted(binaries().parents[1].glob("pginstall*/bin")):
        major = major_of(folder)
        if major is not None and major != MAJOR:
            return major, folder
    pytest.skip("the installed wheel brings one major only")


def test_the_wheel_of_every_major_named_is_pinned_by_hash():
    folder = Path(old_servers.__file__).parent
    for name in FETCHED.values():
        text = (folder / name).read_text()
        assert "://" not in text
        assert text.count("--hash=sha256:") >= 5
        assert "==" in text


def test_a_fetched_wheel_holds_the_major_that_was_asked_for(fetched: Path):
    assert major_of(fetched) == "16"


async def test_data_of_an_older_major_is_taken_over_with_fetched_programs(fetched: Path, tmp_path: Path):
    before = await old_cluster(tmp_path / "pg", fetched, "16")
    done = await upgrade(tmp_path / "pg", app_version="t", old_programs=fetched.parent)
    assert done is not None
    assert (done.was_major, done.has_own_lines) == ("16", False)
    assert done.manifest is not None
    assert done.manifest.rows == sum(map(len, before.values())) - len(before["gateway_holders"])
    assert (done.old_data / "PG_VERSION").is_file()
    assert not (tmp_path / "pg" / module.WORKSPACE).exists()
    assert await upgrade(tmp_path / "pg", app_version="t") is None


async def test_data_of_an_older_major_is_taken_over_with_the_wheels_programs(older, tmp_path: Path):
    major, programs = older
    await old_cluster(tmp_path / "pg", programs, major)
    with (tmp_path / "pg" / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("work_mem = '8MB'\n")
    done = await upgrade(tmp_path / "pg", app_version="t")
    assert done is not None
    assert (done.was_major, done.has_own_lines) == (major, True)


async def test_nothing_is_upgraded_while_somebody_is_attached(tmp_path: Path):
    async with await EmbeddedPostgres.start(tmp_path, durable=False):
        with pytest.raises(ConfigError, match="Mira is running"):
            # another process: file locks do not keep a process off itself
            await asyncio.to_thread(_upgrade_elsewhere, tmp_path)


def _upgrade_elsewhere(folder: Path) -> None:
    code = (
        "import asyncio, pathlib, sys; from bot.adapters.postgres.upgrade import upgrade; "
        "asyncio.run(upgrade(pathlib.Path(sys.argv[1]), app_version='t'))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    raise ConfigError(done.stderr)


async def test_a_folder_without_a_database_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="no embedded database"):
        await upgrade(tmp_path, app_version="t")


async def test_an_upgrade_cut_between_its_two_renames_is_finished_by_the_next_start(tmp_path: Path):
    async with await EmbeddedPostgres.start(tmp_path, durable=False):
        pass
    cluster = Cluster(tmp_path)
    (cluster.pgdata / "the_new_one").touch()
    cluster.pgdata.rename(cluster.upgraded)  # the old one is aside already, the new one not yet in place
    async with await EmbeddedPostgres.start(tmp_path, durable=False):
        assert (cluster.pgdata / "the_new_one").exists()
        assert not cluster.upgraded.exists()


async def test_a_disk_too_small_is_noticed_before_anything_is_done(tmp_path: Path, monkeypatch, older):
    major, programs = older
    await old_cluster(tmp_path / "pg", programs, major)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    with pytest.raises(ConfigError, match="1 MB free; nothing was changed"):
        await upgrade(tmp_path / "pg", app_version="t")


def test_a_major_nobody_knows_says_how_to_bring_it(tmp_path: Path):
    with pytest.raises(ConfigError, match="--old-binaries"):
        find_programs("9", tmp_path)


def test_a_client_that_cannot_fetch_says_why_and_what_else_helps(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(old_servers, "_install", lambda *_: "no network")
    with pytest.raises(ConfigError, match=r"no network.*--old-binaries"):
        fetch("16", tmp_path)


def test_this_versions_own_programs_are_told_apart():
    assert major_of(binaries()) == MAJOR
    assert major_of(Path(__file__).parent) is None


async def test_a_server_is_stopped_though_the_way_to_it_was_narrowed_meanwhile(tmp_path: Path):
    server = await EmbeddedPostgres.start(tmp_path / "narrow" / "pg", durable=False)
    (tmp_path / "narrow").chmod(0o700)  # as tools do that look after temporary folders
    assert await server.stop()
    assert Cluster(tmp_path / "narrow" / "pg").running() is None
