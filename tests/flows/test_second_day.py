"""The host's second day: setting up, backups, moving house, a new Postgres, a new release."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.cluster import MAJOR, binaries
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.old_servers import major_of
from playground.client import Person
from tests.flows.conftest import Stage, outcome, she_is_quiet, start_command
from tests.flows.test_talk import FIRST, SECOND
from tests.kept import at_revision, contents, fill, fill_old, old_cluster

MESSAGE_CONTENT = 1 << 15
NOT_KEPT = ("gateway_holders", "processes", "identify_slots")


def old_programs() -> Path | None:
    """Find an older major among the wheel's folders."""
    found = sorted(binaries().parents[1].glob("pginstall*/bin"))
    return next((folder for folder in found if (major_of(folder) or MAJOR) != MAJOR), None)


async def embedded_contents(folder: Path, *but: str) -> dict[str, list[str]]:
    async with await EmbeddedPostgres.start(folder / "postgres") as server:
        return await contents_at(server.url.render_as_string(hide_password=False), *but)


async def contents_at(url: str, *but: str) -> dict[str, list[str]]:
    connection = await asyncpg.connect(**parse_database_url(url).asyncpg_arguments())
    try:
        await connection.execute(
            "UPDATE messages SET wake_job_id = NULL"
        )  # names jobs of the queue, which stays behind
        return await contents(connection, *but)
    finally:
        await connection.close()


async def filled(url: str) -> dict[str, list[str]]:
    connection = await asyncpg.connect(**parse_database_url(url).asyncpg_arguments())
    try:
        await fill(connection)
    finally:
        await connection.close()
    return await contents_at(url, *NOT_KEPT)


def embedded(stage: Stage, folder: Path) -> dict[str, str]:
    kept = stage.environment(MIRA_DATA_DIR=str(folder))
    del kept["DATABASE_URL"]
    return kept


# setting up


async def test_setup_without_a_token_says_where_to_get_one(stage: Stage):
    code, said = await outcome("setup", stage.environment(DISCORD_TOKEN=""))
    assert code == 0, said
    assert "Reset Token" in said
    assert "DISCORD_TOKEN=" in said


async def test_setup_gives_the_link_with_just_what_she_uses(stage: Stage):
    code, said = await outcome("setup", stage.environment())
    assert code == 0, said
    links = [urlsplit(link) for link in re.findall(r"https://\S+oauth2/authorize\S*", said)]
    server, person = ({name: value[0] for name, value in parse_qs(link.query).items()} for link in links)
    assert {link.hostname for link in links} == {"discord.com"}
    assert server["client_id"] == person["client_id"] == str(stage.playground.core.world.app_user.user_id)
    assert set(server["scope"].split()) == {"bot", "applications.commands"}
    # view channel, send, history, react, send in threads, open threads
    assert int(server["permissions"]) == 1 << 10 | 1 << 11 | 1 << 16 | 1 << 6 | 1 << 38 | 1 << 35
    assert person["integration_type"] == "1"
    assert "bot" not in person["scope"].split()
    assert stage.playground.token not in said


async def test_setup_tells_which_intent_is_missing(stage: Stage):
    code, said = await outcome("setup", stage.environment(MIRA_MESSAGE_CONTENT="1"))
    assert code == 0
    assert "✗ Message Content" in said
    stage.playground.core.approved_intents |= MESSAGE_CONTENT
    assert "✓ Message Content" in (await outcome("setup", stage.environment(MIRA_MESSAGE_CONTENT="1")))[1]
    assert "not used; you may turn it off" in (await outcome("setup", stage.environment()))[1]


async def test_setup_with_a_wrong_token_says_so(stage: Stage):
    code, said = await outcome("setup", stage.environment(DISCORD_TOKEN="MTA.wrong.token"))
    assert code == 2
    assert "developer portal" in said
    assert "MTA.wrong.token" not in said


# backup and restore


async def test_backup_while_she_runs_holds_the_talk_and_comes_back_whole(
    stage: Stage, tmp_path: Path, empty_database_url: str
):
    file = tmp_path / "mira.zip"
    async with stage.process(), stage.playground.person("juno") as juno:
        await juno.tell("remember the lighthouse")
        assert (await juno.next_message_from_app(timeout=20))["content"] == FIRST
        code, said = await outcome(f"data backup {file}", stage.environment())
        assert code == 0, said
        code, said = await outcome(f"data restore {file} --replace", stage.environment())
        assert code == 2
        assert "Mira is running" in said
    assert file.stat().st_mode & 0o777 == 0o600
    code, said = await outcome(f"data restore {file}", stage.environment(DATABASE_URL=empty_database_url))
    assert code == 0, said
    there = await contents_at(empty_database_url, *NOT_KEPT)
    assert any("the lighthouse" in row for row in there["messages"])
    async with stage.process(DATABASE_URL=empty_database_url), stage.playground.person("juno") as juno:
        await juno.tell("and now?")
        await juno.next_message_from_app(timeout=20)
    assert "lighthouse" in json.dumps(stage.model.requests[-1]["messages"])


async def test_restore_refuses_a_database_with_something_in_it(stage: Stage, tmp_path: Path):
    before = await filled(stage.database_url)
    file = tmp_path / "mira.zip"
    assert (await outcome(f"data backup {file}", stage.environment()))[0] == 0
    assert (await outcome(f"data backup {file}", stage.environment()))[0] == 2  # overwrites nothing
    code, said = await outcome(f"data restore {file}", stage.environment())
    assert code == 2
    assert "41 messages" in said
    assert "--replace" in said
    assert await contents_at(stage.database_url, *NOT_KEPT) == before
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    await connection.execute("DELETE FROM people; UPDATE souls SET preset = 'odd'")
    await connection.close()
    code, said = await outcome(f"data restore {file} --replace", stage.environment())
    assert code == 0, said
    assert await contents_at(stage.database_url, *NOT_KEPT) == before


@pytest.mark.parametrize("how", ["cut", "foreign", "tampered"])
async def test_restore_refuses_a_file_that_is_not_whole(
    stage: Stage, tmp_path: Path, empty_database_url: str, how: str
):
    await filled(stage.database_url)
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    assert (await outcome(f"data backup {good}", stage.environment()))[0] == 0
    _spoil(good, bad, how)
    code, said = await outcome(f"data restore {bad}", stage.environment(DATABASE_URL=empty_database_url))
    assert code == 2, said
    assert str(bad) in said
    assert "Traceback" not in said
    connection = await asyncpg.connect(**parse_database_url(empty_database_url).asyncpg_arguments())
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


def _spoil(good: Path, bad: Path, how: str) -> None:
    content = good.read_bytes()
    match how:
        case "cut":
            bad.write_bytes(content[: len(content) // 2])
        case "foreign":
            with zipfile.ZipFile(bad, "w") as other:
                other.writestr("holiday.jpg", b"\xff\xd8")
        case "tampered":
            with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
                for name in source.namelist():
                    text = source.read(name)
                    target.writestr(name, text.replace(b"juno", b"eve_") if name.endswith("messages.copy") else text)


async def test_what_she_answered_after_the_backup_is_not_answered_again(stage: Stage, tmp_path: Path):
    file = tmp_path / "mira.zip"
    async with stage.playground.person("juno") as juno:
        async with stage.process() as process:
            await _answered(juno, "before")
            assert (await outcome(f"data backup {file}", stage.environment()))[0] == 0
            await _answered(juno, "after")
            process.terminate()
            await process.wait()
        code, said = await outcome(f"data restore {file} --replace", stage.environment())
        assert code == 0, said
        async with stage.process():
            assert await she_is_quiet(juno, within=5)
            await _answered(juno, "and now")


async def _answered(person: Person, text: str) -> None:
    await person.tell(text)
    assert (await person.next_message_from_app(timeout=20))["content"] == FIRST
    assert (await person.next_message_from_app(timeout=20))["content"] == SECOND


# moving house


async def test_move_to_a_server_of_ones_own_and_back(stage: Stage, tmp_path: Path, empty_database_url: str):
    home = tmp_path / "home"
    before = await filled(stage.database_url)
    assert (await outcome(f"data move --to embedded --from {stage.database_url}", embedded(stage, home)))[0] == 0
    assert await embedded_contents(home, *NOT_KEPT) == before
    process = await start_command("data move --to -", embedded(stage, home), stdin=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        said, errors = await process.communicate(f"{empty_database_url}\n".encode())
    assert process.returncode == 0, errors
    assert f"DATABASE_URL={empty_database_url}" in said.decode()
    assert await contents_at(empty_database_url, *NOT_KEPT) == before
    code, said = await outcome("data move --to embedded", stage.environment(MIRA_DATA_DIR=str(home)))
    assert code == 2
    assert "not empty" in said
    code, said = await outcome("data move --to embedded --replace", stage.environment(MIRA_DATA_DIR=str(home)))
    assert code == 0, said
    assert "DATABASE_URL" in said
    assert await embedded_contents(home, *NOT_KEPT) == before
    assert sorted(path.name for path in home.iterdir()) == ["postgres"]  # no copy of what people wrote is left lying


async def test_move_refuses_while_she_runs_and_to_where_she_is(stage: Stage, tmp_path: Path):
    environment = stage.environment(MIRA_DATA_DIR=str(tmp_path))
    async with stage.process():
        code, said = await outcome("data move --to embedded", environment)
        assert code == 2
        assert "Mira is running" in said
    other_name = stage.database_url.replace("?", "?application_name=other&")
    assert (await outcome("migrate", environment))[0] == 0
    await filled(stage.database_url)
    code, said = await outcome(f"data move --to {other_name}", environment)
    assert code == 2
    assert "same database" in said


# a new Postgres


@pytest.fixture
def programs() -> Path:
    found = old_programs()
    if found is None:
        pytest.skip("this wheel brings no older Postgres")
    return found


async def test_start_on_an_older_major_names_the_command_which_then_works(stage: Stage, tmp_path: Path, programs: Path):
    major = major_of(programs)
    assert major is not None
    home = tmp_path / "home"
    before = await old_cluster(home / "postgres", programs, major)
    for command in ("run", "migrate", f"data backup {tmp_path / 'b.zip'}"):
        code, said = await outcome(command, embedded(stage, home))
        assert code == 2, said
        assert "mira data upgrade" in said
    code, said = await outcome("data upgrade", embedded(stage, home))
    assert code == 0, said
    assert (home / "postgres" / "postgres" / "PG_VERSION").read_text().strip() == MAJOR
    aside = [path for path in (home / "postgres").iterdir() if path.name.startswith(f"postgres.old-{major}-")]
    assert [(path / "PG_VERSION").read_text().strip() for path in aside] == [major]
    after = await embedded_contents(home, *NOT_KEPT)
    for name in ("people", "souls", "sentiments", "affect_events", "turns", "model_calls"):
        assert len(after[name]) == len(before[name])
    assert after["souls"] == before["souls"]
    assert after["sentiments"] == before["sentiments"]
    code, said = await outcome("data upgrade", embedded(stage, home))
    assert (code, "nothing to do" in said) == (0, True)
    at_home = {"DATABASE_URL": "", "MIRA_DATA_DIR": str(home)}
    async with stage.process(**at_home) as process, stage.playground.person("juno") as juno:
        await juno.tell("still there?")
        assert (await juno.next_message_from_app(timeout=20))["content"] == FIRST
        process.terminate()  # cleanly: a killed one leaves its server to the next start
        await process.wait()


async def test_an_upgrade_that_is_killed_can_be_done_again(stage: Stage, tmp_path: Path, programs: Path):
    major = major_of(programs)
    assert major is not None
    home = tmp_path / "home"
    before = await old_cluster(home / "postgres", programs, major, is_left_running=True)
    for delay in (0.9, 1.6, 2.2):
        process = await start_command("data upgrade", embedded(stage, home))
        try:
            await asyncio.wait_for(process.communicate(), delay)
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            await process.wait()
    assert (home / "postgres" / "postgres").exists() or (home / "postgres" / "postgres.upgraded").exists()
    code, said = await outcome("data upgrade", embedded(stage, home))
    assert code == 0, said
    after = await embedded_contents(home, *NOT_KEPT)
    assert after["sentiments"] == before["sentiments"]


async def test_a_newer_major_is_refused_and_left_alone(stage: Stage, tmp_path: Path):
    home = tmp_path / "home"
    assert (await outcome("migrate", embedded(stage, home)))[0] == 0
    (home / "postgres" / "postgres" / "PG_VERSION").write_text("99\n")
    for command in ("migrate", "data upgrade"):
        code, said = await outcome(command, embedded(stage, home))
        assert code == 2
        assert "update Mira" in said


async def test_old_programs_of_another_major_are_refused(stage: Stage, tmp_path: Path, programs: Path):
    home = tmp_path / "home"
    await old_cluster(home / "postgres", programs, major_of(programs) or "")
    code, said = await outcome(f"data upgrade --old-binaries {binaries()}", embedded(stage, home))
    assert code == 2
    assert f"holds Postgres {MAJOR}" in said
    code, said = await outcome(f"data upgrade --old-binaries {tmp_path}", embedded(stage, home))
    assert code == 2
    assert "holds no postgres" in said


# a new release


async def test_a_database_of_the_previous_release_starts_with_its_rows_and_answers(
    stage: Stage, empty_database_url: str
):
    address = parse_database_url(empty_database_url)
    await at_revision(address, "0002")
    connection = await asyncpg.connect(**address.asyncpg_arguments())
    await fill_old(connection)
    before = await connection.fetch(
        "SELECT message_id, content, state FROM messages WHERE state = 'answered' ORDER BY 1"
    )
    souls = await connection.fetch("SELECT * FROM souls")
    async with stage.process(DATABASE_URL=empty_database_url), stage.playground.person("juno") as juno:
        await juno.tell("hello again")
        assert (await juno.next_message_from_app(timeout=20))["content"] == FIRST
    ids = [row["message_id"] for row in before]
    after = await connection.fetch(
        "SELECT message_id, content, state FROM messages WHERE message_id = ANY($1) ORDER BY 1", ids
    )
    assert after == before
    kept = await connection.fetchval("SELECT count(*) FROM souls WHERE soul_id = $1", souls[0]["soul_id"])
    version = await connection.fetchval("SELECT version_num FROM alembic_version")
    await connection.close()
    assert kept == 1
    assert version > "0002"
