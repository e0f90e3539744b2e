"""Bad days of the database while she runs: the embedded server is killed, or the address names no schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from bot.adapters.postgres.cluster import Cluster
from bot.foundation import EMBEDDED_FOLDER
from tests.flows.conftest import Stage, outcome, she_is_quiet
from tests.flows.test_talk import saying

ANSWER_S = 30.0  # the promise: a killed server costs a person no more than this


def kill_server(data_dir: Path) -> None:
    """End the embedded server and its children as the kernel does when memory runs out."""
    found = Cluster((data_dir / EMBEDDED_FOLDER).resolve()).running()
    assert found is not None
    postmaster = psutil.Process(found.pid)
    for process in (postmaster, *postmaster.children(recursive=True)):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass


async def stop(process: asyncio.subprocess.Process) -> None:
    """End *process* as an operator does, so that it stops its server."""
    process.terminate()
    async with asyncio.timeout(ANSWER_S):
        await process.wait()


async def test_embedded_server_that_is_killed_comes_back_and_nothing_is_lost_or_doubled(stage: Stage, tmp_path: Path):
    stage.model.script(saying("one."), saying("two."), saying("three."))
    events: list[dict[str, object]] = []
    async with (
        stage.process(events=events, DATABASE_URL="", MIRA_DATA_DIR=str(tmp_path)) as process,
        stage.playground.person("juno") as juno,
    ):
        for said, answer in (("hello", "one."), ("did you get this?", "two."), ("and again?", "three.")):
            await juno.tell(said)
            assert (await juno.next_message_from_app(timeout=ANSWER_S))["content"] == answer
            if answer != "three.":
                kill_server(tmp_path)
        assert await she_is_quiet(juno)
        await stop(process)
    assert [event["level"] for event in events if event.get("event") == "postgres.revived"] == ["warning"] * 2
    assert len(stage.model.requests) == 3
    assert Cluster((tmp_path / EMBEDDED_FOLDER).resolve()).running() is None


@pytest.mark.parametrize("command", ["run", "migrate"])
@pytest.mark.parametrize("is_migrated", [False, True])
async def test_search_path_without_a_schema_is_named(
    stage: Stage, empty_database_url: str, command: str, is_migrated: bool
):
    database = stage.database_url if is_migrated else empty_database_url
    sign = "&" if "?" in database else "?"
    url = f"{database}{sign}options=-csearch_path%3Dno_such_schema"
    code, said = await outcome(command, stage.environment(DATABASE_URL=url))
    assert code == 2, said
    assert "search_path" in said
    assert "options" in said
    assert "Traceback" not in said
