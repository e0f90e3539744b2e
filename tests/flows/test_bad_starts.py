"""Bad input that keeps her from starting: each ends with exit code 2 and a line that names the fix."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from playground.server import Playground
from tests.flows.conftest import Stage, outcome

pytestmark = pytest.mark.usefixtures("stage")


async def refused(stage: Stage, command: str = "run", **changes: str) -> str:
    """Start her with these settings; gives what she says as she exits with 2."""
    environment = {name: value for name, value in stage.environment(**changes).items() if value}
    code, said = await outcome(command, environment)
    assert code == 2, said
    assert "Traceback" not in said
    return said


async def test_missing_token(stage: Stage):
    assert "DISCORD_TOKEN is not set" in await refused(stage, DISCORD_TOKEN="")


async def test_wrong_token(stage: Stage):
    said = await refused(stage, DISCORD_TOKEN="MTA.wrong.token")
    assert "DISCORD_TOKEN" in said
    assert "developer portal" in said
    assert "MTA.wrong.token" not in said


async def test_missing_privileged_intent_that_a_setting_asks_for(stage: Stage):
    said = await refused(stage, MIRA_MESSAGE_CONTENT="1")
    assert "MIRA_MESSAGE_CONTENT" in said
    assert "Privileged Gateway Intents" in said


async def test_database_down(stage: Stage):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    said = await refused(stage, DATABASE_URL=f"postgresql://mira:hush@127.0.0.1:{port}/mira")
    assert "nothing listens" in said
    assert "hush" not in said


async def test_database_without_pgvector_is_refused(stage: Stage, empty_database_url: str, monkeypatch):
    # the embedded server always has it: hide the extension from the check, as tests/adapters does for versions
    from bot.adapters.postgres import engine as module
    from bot.adapters.postgres.address import parse_database_url
    from bot.errors import ConfigError

    address = parse_database_url(empty_database_url)
    engine = module.open_engine(address)
    monkeypatch.setattr(module, "text", lambda sql: _text(sql.replace("name = 'vector'", "name = 'no_such_vector'")))
    try:
        with pytest.raises(ConfigError, match="CREATE EXTENSION vector"):
            await module.check_server(engine, address)
    finally:
        await engine.dispose()


def _text(sql: str):
    from sqlalchemy import text

    return text(sql)


async def test_database_migrated_by_a_newer_version(stage: Stage, database):
    async with database.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer Mira" in await refused(stage)


async def test_unknown_setting_names_the_nearest_known_one(stage: Stage):
    assert "did you mean MIRA_SETTLE_S?" in await refused(stage, MIRA_SETLE_S="1")


async def test_setting_out_of_range_is_named(stage: Stage):
    assert "MIRA_PACE" in await refused(stage, MIRA_PACE="-1")


async def test_playground_port_in_use(stage: Stage):
    async with Playground(port=0) as other:
        port = other.page_url.rsplit(":", 1)[1].strip("/")
        said = await refused(stage, f"playground --port {port}")
    assert port in said
    assert "in use" in said


async def test_status_port_in_use(stage: Stage):
    async with Playground(port=0) as other:
        port = other.page_url.rsplit(":", 1)[1].strip("/")
        said = await refused(stage, MIRA_STATUS_PORT=port)
    assert "MIRA_STATUS_PORT" in said
    assert "in use" in said


async def test_data_folder_that_cannot_be_written(stage: Stage, tmp_path: Path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert "MIRA_DATA_DIR" in await refused(stage, DATABASE_URL="", MIRA_DATA_DIR=str(in_the_way))


async def test_data_folder_with_a_space(stage: Stage, tmp_path: Path):
    folder = tmp_path / "her data"
    environment = stage.environment(MIRA_DATA_DIR=str(folder))
    del environment["DATABASE_URL"]
    code, said = await outcome("migrate", environment)
    assert code == 0, said
    assert "is current" in said
    assert any(folder.iterdir())


async def test_second_gateway_for_the_same_shards_names_the_holder(stage: Stage):
    async with stage.process() as first:
        said = await refused(stage)
    assert str(first.pid) in said
    assert "gateway" in said


async def test_no_model_refuses_real_discord_unless_told_to(stage: Stage):
    said = await refused(stage, OPENAI_API_KEY="", OPENAI_BASE_URL="")
    assert "OPENAI_API_KEY" in said
    assert "MIRA_ALLOW_UNDERSTUDY" in said


async def test_understudy_runs_when_told_to(stage: Stage):
    without = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "MIRA_MODEL": "", "MIRA_ALLOW_UNDERSTUDY": "1"}
    async with stage.process(**without), stage.playground.person("juno") as juno:
        await juno.tell("who are you?")
        answer = await juno.next_message_from_app(timeout=20)
    assert answer["content"]


@pytest.mark.parametrize("companion", ["nobody", "../mira"])
async def test_unknown_companion_is_named(stage: Stage, companion: str):
    assert repr(companion) in await refused(stage, MIRA_COMPANION=companion)


async def test_doctor_says_what_to_do_about_each(stage: Stage):
    code, said = await outcome("doctor", stage.environment())
    assert code == 0, said
    for subject in ("token", "intents", "database", "migrations", "model", "embedder", "companion"):
        assert subject in said
    assert "MIRA_EMBED_MODEL is not set" in said
    _, said = await outcome("doctor", stage.environment(MIRA_EMBED_MODEL="no-such-model"))
    assert "embedder: no-such-model gives nothing" in said
    code, said = await outcome("doctor", stage.environment(DISCORD_TOKEN="wrong", OPENAI_BASE_URL="http://127.0.0.1:9"))
    assert code == 1
    assert "developer portal" in said
    assert said.count("✗") >= 2


async def test_sigint_before_ready_ends_cleanly(stage: Stage):
    import signal

    from tests.flows.conftest import start_command

    process = await start_command("run", stage.environment())
    await asyncio.sleep(1.0)
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(20):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert b"Traceback" not in said


async def test_line_of_the_env_file_that_is_none_is_named(tmp_path: Path):
    from bot.errors import ConfigError
    from bot.settings import read_settings

    (tmp_path / ".env").write_text("MIRA_PACE=0\nDISCORD_TOKEN abc\n")
    with pytest.raises(ConfigError, match=r"line 2: not of the form NAME=value"):
        read_settings({}, env_file=tmp_path / ".env")
