from __future__ import annotations

import asyncio
import json
import os
import zipfile
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from bot.adapters.postgres import archive as archive_module
from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.archive import MANIFEST, Archive, new_archive, open_archive
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.migrate import MigrationState, check, migrate
from bot.adapters.postgres.restore import restore
from bot.adapters.postgres.schema import metadata
from bot.adapters.postgres.transfer import MOMENTARY, NothingKept, back_up
from bot.errors import CompanionError, ConfigError
from tests.kept import LAST_TURN, NASTY, at_revision, contents, fill, fill_old

FORGET_JOBS = "UPDATE messages SET wake_job_id = NULL"


@asynccontextmanager
async def plain(url: str):
    connection = await asyncpg.connect(**parse_database_url(url).asyncpg_arguments())
    try:
        yield connection
    finally:
        await connection.close()


async def keep(url: str, path: Path):
    return await back_up(parse_database_url(url), path, app_version="0.0.test")


async def bring_back(url: str, path: Path, *, is_replacing: bool = False):
    with open_archive(path) as archive:
        return await restore(parse_database_url(url), archive, is_replacing=is_replacing)


async def rows(url: str):
    async with plain(url) as connection:
        return await contents(connection, *MOMENTARY)


@pytest.fixture
async def filled_url(database_url: str):
    async with plain(database_url) as connection:
        await fill(connection)
        await connection.execute(FORGET_JOBS)
    return database_url


async def is_untouched(url: str) -> bool:
    async with plain(url) as connection:
        return not await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# what is kept


async def test_every_table_comes_back_as_it_was(filled_url: str, empty_database_url: str, tmp_path: Path):
    manifest = await keep(filled_url, tmp_path / "b")
    assert {copy.table for copy in manifest.tables} == set(metadata.tables) - MOMENTARY
    assert all(copy.rows for copy in manifest.tables), "a table without rows proves nothing"
    done = await bring_back(empty_database_url, tmp_path / "b")
    assert done.replaced_rows == 0
    there = await rows(empty_database_url)
    assert there == await rows(filled_url)
    assert there.keys() == set(metadata.tables) - MOMENTARY
    async with plain(empty_database_url) as connection:
        assert await connection.fetchval("SELECT author_name FROM messages WHERE message_id > 7 LIMIT 1") == "juno"
        assert await connection.fetchval("SELECT bond FROM sentiments") == NASTY
    engine = open_engine(parse_database_url(empty_database_url))
    assert await check(engine) is MigrationState.CURRENT
    await engine.dispose()


async def test_numbers_that_were_given_out_do_not_come_again(filled_url: str, empty_database_url: str, tmp_path: Path):
    await keep(filled_url, tmp_path / "b")
    await bring_back(empty_database_url, tmp_path / "b")
    async with plain(empty_database_url) as connection:
        for column, table, least in (("turn_id", "turns", LAST_TURN), ("part_id", "outbox", 10)):
            sequence = await connection.fetchval("SELECT pg_get_serial_sequence($1, $2)", table, column)
            assert await connection.fetchval("SELECT nextval($1::text::regclass)", sequence) == least + 1


async def test_a_waiting_timer_gets_its_alarm_anew_and_others_none(
    filled_url: str, empty_database_url: str, tmp_path: Path
):
    await keep(filled_url, tmp_path / "b")
    await bring_back(empty_database_url, tmp_path / "b")
    async with plain(empty_database_url) as connection:
        alarms = await connection.fetch("SELECT convert_from(payload, 'UTF8') AS timer, execute_after FROM pgqueuer")
        waiting = await connection.fetch("SELECT timer_id::text, due_at FROM timers WHERE state = 'waiting'")
    assert [tuple(row) for row in alarms] == [tuple(row) for row in waiting] != []


async def test_a_backup_is_of_one_moment_while_others_write(filled_url: str, empty_database_url: str, tmp_path: Path):
    is_over = asyncio.Event()

    async def write() -> int:
        turns = 0
        async with plain(filled_url) as connection:
            while not is_over.is_set():
                async with connection.transaction():
                    turn = await connection.fetchval(
                        "INSERT INTO turns (channel_id, state, after_id, started_at, closed_at) "
                        "VALUES (12, 'done', 1, now(), now()) RETURNING turn_id"
                    )
                    await connection.execute("UPDATE channels SET context_from_turn = $1 WHERE channel_id = 12", turn)
                turns += 1
        return turns

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    for number in range(5):
        await keep(filled_url, tmp_path / f"b{number}")
    is_over.set()
    assert await writing > 5
    for number in range(5):
        await bring_back(empty_database_url, tmp_path / f"b{number}", is_replacing=True)
        async with plain(empty_database_url) as connection:
            newest = await connection.fetchval("SELECT max(turn_id) FROM turns WHERE channel_id = 12")
            assert newest == await connection.fetchval("SELECT context_from_turn FROM channels WHERE channel_id = 12")


async def test_what_is_not_hers_in_the_same_schema_is_not_taken(
    filled_url: str, empty_database_url: str, tmp_path: Path
):
    async with plain(filled_url) as connection:
        await connection.execute("CREATE TABLE neighbours (secret text); INSERT INTO neighbours VALUES ('theirs')")
        await connection.execute("ALTER TABLE people ADD COLUMN by_hand text DEFAULT 'x'")
    await keep(filled_url, tmp_path / "b")
    await bring_back(empty_database_url, tmp_path / "b")
    assert "neighbours" not in await rows(empty_database_url)
    await bring_back(filled_url, tmp_path / "b", is_replacing=True)
    async with plain(filled_url) as connection:
        assert await connection.fetchval("SELECT secret FROM neighbours") == "theirs"


async def test_a_role_that_owns_only_its_database_is_enough(database_server, empty_database_url: str, tmp_path: Path):
    name = parse_database_url(empty_database_url).url.database
    async with database_server.connect(name) as connection:
        await connection.execute("CREATE EXTENSION vector; CREATE ROLE host_role LOGIN")
        await connection.execute("GRANT ALL ON SCHEMA public TO host_role")
    url = empty_database_url.replace("postgres@", "host_role@", 1)
    try:
        engine = open_engine(parse_database_url(url))
        await migrate(engine)
        await engine.dispose()
        async with plain(url) as connection:
            await fill(connection)
        before = await rows(url)
        await keep(url, tmp_path / "b")
        await bring_back(url, tmp_path / "b", is_replacing=True)
        assert (await rows(url))["souls"] == before["souls"]
    finally:
        async with database_server.connect(name) as connection:
            await connection.execute("DROP OWNED BY host_role; DROP ROLE host_role")


async def test_a_schema_of_ones_own_is_kept_apart(empty_database_url: str, tmp_path: Path):
    async with plain(empty_database_url) as connection:
        await connection.execute("CREATE EXTENSION vector; CREATE SCHEMA her_own; CREATE SCHEMA second")
    both = [f"{empty_database_url}&schema={name}" for name in ("her_own", "second")]
    if "?" not in empty_database_url:
        both = [each.replace("&", "?", 1) for each in both]
    engine = open_engine(parse_database_url(both[0]))
    await migrate(engine)
    await engine.dispose()
    async with plain(both[0]) as connection:
        await fill(connection)
    await keep(both[0], tmp_path / "b")
    await bring_back(both[1], tmp_path / "b")
    async with plain(empty_database_url) as connection:
        counts = [
            await connection.fetchval(f'SELECT count(*) FROM "{name}".messages') for name in ("her_own", "second")
        ]
    assert counts == [41, 41]


# older and newer


async def test_a_backup_of_an_older_release_comes_back_and_is_brought_up_to_date(
    empty_database_url: str, database_url: str, tmp_path: Path
):
    await at_revision(parse_database_url(empty_database_url), "0002")
    async with plain(empty_database_url) as connection:
        await fill_old(connection)
        await connection.execute("CREATE TABLE neighbours (n int)")
    manifest = await keep(empty_database_url, tmp_path / "b")
    assert manifest.revision == "0002"
    done = await bring_back(database_url, tmp_path / "b", is_replacing=True)
    assert done.skipped == ("neighbours",)
    engine = open_engine(parse_database_url(database_url))
    assert await check(engine) is MigrationState.CURRENT
    await engine.dispose()
    before, after = await rows(empty_database_url), await rows(database_url)
    assert after["souls"] == before["souls"]
    assert len(after["messages"]) == len(before["messages"]) == 41


async def test_nothing_of_hers_makes_no_backup(empty_database_url: str, tmp_path: Path):
    with pytest.raises(NothingKept):
        await keep(empty_database_url, tmp_path / "b")
    assert names_in(tmp_path) == []


async def test_a_backup_of_a_newer_release_is_refused(filled_url: str, empty_database_url: str, tmp_path: Path):
    await keep(filled_url, tmp_path / "b")
    rewrite(tmp_path / "b", tmp_path / "c", lambda said: said | {"revision": "9999"})
    rewrite(tmp_path / "b", tmp_path / "d", lambda said: said | {"format_version": 99})
    for name in ("c", "d"):
        with pytest.raises(ConfigError, match="newer Mira"):
            await bring_back(empty_database_url, tmp_path / name)
    assert await is_untouched(empty_database_url)


async def test_a_database_of_a_newer_release_is_neither_kept_nor_replaced(filled_url: str, tmp_path: Path):
    await keep(filled_url, tmp_path / "b")
    async with plain(filled_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer Mira"):
        await keep(filled_url, tmp_path / "c")
    with pytest.raises(ConfigError, match="newer Mira"):
        await bring_back(filled_url, tmp_path / "b", is_replacing=True)


# all or nothing


@pytest.mark.parametrize("is_replacing", [False, True])
async def test_a_restore_that_ends_midway_changes_nothing(
    filled_url: str, empty_database_url: str, tmp_path: Path, monkeypatch, is_replacing: bool
):
    await keep(filled_url, tmp_path / "b")
    target = filled_url if is_replacing else empty_database_url
    before = await rows(filled_url)
    real = Archive.chunks

    async def breaking(self, copy):
        async for chunk in real(self, copy):
            yield chunk
        if copy.table == "affect_events":
            raise OSError("the disk is gone")

    monkeypatch.setattr(Archive, "chunks", breaking)
    with pytest.raises(CompanionError):
        await bring_back(target, tmp_path / "b", is_replacing=is_replacing)
    if is_replacing:
        assert await rows(target) == before
    else:
        assert await is_untouched(target)


async def test_a_restore_that_is_cancelled_changes_nothing(filled_url: str, tmp_path: Path, monkeypatch):
    await keep(filled_url, tmp_path / "b")
    before = await rows(filled_url)
    is_midway = asyncio.Event()
    real = Archive.chunks

    async def stopping(self, copy):
        if copy.table == "messages":
            is_midway.set()
            await asyncio.sleep(30)
        async for chunk in real(self, copy):
            yield chunk

    monkeypatch.setattr(Archive, "chunks", stopping)
    restoring = asyncio.create_task(bring_back(filled_url, tmp_path / "b", is_replacing=True))
    await asyncio.wait_for(is_midway.wait(), 20)
    restoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restoring
    assert await rows(filled_url) == before


async def test_rows_that_read_back_differently_are_not_kept(filled_url: str, empty_database_url: str, tmp_path: Path):
    await keep(filled_url, tmp_path / "b")
    async with plain(empty_database_url) as connection:
        # a server that changes what it is given, as a trigger of somebody's may
        await connection.execute("""
            CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF to_regclass('people') IS NOT NULL
                 AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'meddling') THEN
                CREATE OR REPLACE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
                  'BEGIN NEW.display_name := upper(NEW.display_name); RETURN NEW; END';
                CREATE TRIGGER meddling BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout();
              END IF;
            END $$;
            CREATE EVENT TRIGGER meddler ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION meddle();
        """)
    with pytest.raises(ConfigError, match="people reads back differently"):
        await bring_back(empty_database_url, tmp_path / "b")
    assert await is_untouched(empty_database_url)


async def test_a_database_somebody_migrates_is_left_alone(filled_url: str, tmp_path: Path, monkeypatch):
    from bot.adapters.postgres import revisions

    monkeypatch.setattr(revisions, "LOCK_PATIENCE_S", 0.3)
    await keep(filled_url, tmp_path / "b")
    async with plain(filled_url) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", revisions.MIGRATION_LOCK)
        with pytest.raises(ConfigError, match="try again"):
            await bring_back(filled_url, tmp_path / "b", is_replacing=True)


async def test_a_living_session_of_hers_keeps_a_restore_off(filled_url: str, tmp_path: Path, monkeypatch):
    from bot.adapters.postgres import occupants

    monkeypatch.setattr(occupants, "PATIENCE_S", 0.3)
    await keep(filled_url, tmp_path / "b")
    async with plain(filled_url):  # under her name
        with pytest.raises(ConfigError, match="Mira is running"):
            await bring_back(filled_url, tmp_path / "b", is_replacing=True)
    await bring_back(filled_url, tmp_path / "b", is_replacing=True)


async def test_a_backup_holds_no_lock_that_a_start_waits_for(filled_url: str, tmp_path: Path, monkeypatch):
    real = archive_module.MemberWriter.write
    is_midway, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(self, chunk):
        is_midway.set()
        await may_go_on.wait()
        await real(self, chunk)

    monkeypatch.setattr(archive_module.MemberWriter, "write", slow)
    backing_up = asyncio.create_task(keep(filled_url, tmp_path / "b"))
    await asyncio.wait_for(is_midway.wait(), 20)
    engine = open_engine(parse_database_url(filled_url))
    async with asyncio.timeout(10):
        assert await migrate(engine) is MigrationState.CURRENT
    await engine.dispose()
    async with plain(filled_url) as connection:
        await connection.execute("UPDATE people SET display_name = 'later'")
        await connection.execute("SET lock_timeout = '200ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await connection.execute("ALTER TABLE people ADD COLUMN new int")
    may_go_on.set()
    manifest = await backing_up
    with zipfile.ZipFile(tmp_path / "b") as kept:
        assert b"later" not in kept.read("tables/people.copy")
    assert manifest.rows


# the file


def rewrite(source: Path, target: Path, change) -> None:
    """Copy a backup with another manifest."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, json.dumps(change(json.loads(content))) if name == MANIFEST else content)


def with_table(said: dict, **changes: object) -> dict:
    first, *rest = said["tables"]
    return said | {"tables": [first | changes, *rest]}


@pytest.mark.parametrize(
    "change",
    [
        lambda said: with_table(said, rows=99),
        lambda said: with_table(said, sha256="0" * 64),
        lambda said: with_table(said, size=0),
        lambda said: with_table(said, size=1 << 60),
        lambda said: with_table(said, table="pg_class; DROP TABLE people"),
        lambda said: with_table(said, columns=["channel_id"]),
        lambda said: with_table(said, columns=None),
        lambda said: with_table(said, identities=[1]),
        lambda said: said | {"tables": said["tables"][1:]},
        lambda said: said | {"tables": said["tables"] + said["tables"][:1]},
        lambda said: said | {"tables": {}},
        lambda said: said | {"created_at": "yesterday"},
        lambda said: [],
        lambda said: {"format": "other", "format_version": 1},
    ],
)
async def test_a_manifest_that_does_not_fit_is_refused(filled_url, empty_database_url, tmp_path, change):
    await keep(filled_url, tmp_path / "b")
    rewrite(tmp_path / "b", tmp_path / "c", change)
    with pytest.raises(ConfigError, match="nothing was changed"):
        await bring_back(empty_database_url, tmp_path / "c")
    assert await is_untouched(empty_database_url)


async def test_every_cut_and_every_flipped_byte_is_noticed(filled_url: str, empty_database_url: str, tmp_path: Path):
    await keep(filled_url, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        (tmp_path / "cut").write_bytes(whole[:place])
        with pytest.raises(ConfigError):
            await bring_back(empty_database_url, tmp_path / "cut")
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        (tmp_path / "flipped").write_bytes(flipped)
        try:
            with open_archive(tmp_path / "flipped") as archive, open_archive(tmp_path / "b") as good:
                archive.check()
                assert archive.manifest == good.manifest  # only a date or a flag of the container was hit
        except ConfigError:
            continue
    assert await is_untouched(empty_database_url)


async def test_a_backup_that_fails_leaves_no_file(filled_url: str, tmp_path: Path, monkeypatch):
    real = zipfile._ZipWriteFile.write
    taken = 0

    def filling(self, chunk):
        nonlocal taken
        taken += len(chunk)
        if taken > 5_000:
            raise OSError(28, "No space left on device")
        return real(self, chunk)

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", filling)
    with pytest.raises(ConfigError, match="No space left"):
        await keep(filled_url, tmp_path / "b")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch, has_links: bool):
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    manifest = replace(EMPTY)
    with new_archive(tmp_path / "first") as writer:
        writer.finish(manifest)
    assert (tmp_path / "first").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="exists already"), new_archive(tmp_path / "b") as writer:
        writer.finish(manifest)
        (tmp_path / "b").write_text("theirs")
    assert (tmp_path / "b").read_text() == "theirs"
    assert names_in(tmp_path) == ["b", "first"]


@pytest.mark.parametrize("place", ["no/such/folder/b", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str):
    with pytest.raises(ConfigError, match=str(tmp_path)), new_archive(tmp_path / place):
        pass


EMPTY = archive_module.Manifest("0001", "0", 180000, archive_module.datetime.now(archive_module.UTC), ())
