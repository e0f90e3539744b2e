"""Commands that look after the database: migrate, replay, backup, restore, move, upgrade, export, erase."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot import __version__
from bot.adapters.personas import read_companion
from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.archive import OWNER_ONLY, Manifest, open_archive, refuse_existing
from bot.adapters.postgres.engine import check_server, open_engine
from bot.adapters.postgres.export import PostgresExport, count_rows
from bot.adapters.postgres.feelings import PostgresFeelings
from bot.adapters.postgres.forget import PostgresForget
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.occupants import held_still
from bot.adapters.postgres.restore import Restored, restore
from bot.adapters.postgres.transfer import back_up
from bot.adapters.postgres.upgrade import upgrade
from bot.adapters.system import SystemClock
from bot.domain.feeling import SoulId
from bot.domain.ids import UserId
from bot.engine.forget import Forget
from bot.engine.replay import Replay
from bot.errors import ConfigError
from bot.foundation import database_address, database_folder, open_database
from bot.remembering import own_texts_of
from bot.settings import Settings

EMBEDDED = "embedded"
PASSWORD = re.compile(r"(?<=:)(?<!://)[^:/@]*(?=@)|(?<=password=)[^&]*")  # where an address holds one
REPLAY_TOLERANCE = 1e-9  # what rounding may add up to; more means that snapshot and events disagree


async def migrate_now(settings: Settings) -> None:
    """Bring the database up to date and say what was done."""
    async with database_address(settings) as address:
        engine = open_engine(address, command_timeout_s=None)
        try:
            await check_server(engine, address)
            found = await migrate(engine)
        finally:
            await engine.dispose()
    print(f"database was {found}, is current")


async def replay_now(settings: Settings, *, is_writing: bool) -> int:
    """Live every soul's history again and say how far what is kept is off; gives the exit code."""
    companion = read_companion(settings.companion, settings.companions_folder)
    is_exact = True
    async with open_database(settings) as database:
        store = PostgresFeelings(database.pool)
        replay = Replay(store=store, clock=SystemClock())
        souls = await store.souls(companion.slug)
        for soul_id in souls:
            found = await replay(soul_id, is_writing=is_writing)
            is_exact = is_exact and found.largest.size <= REPLAY_TOLERANCE
            done = "; written" if found.is_written else ""
            print(
                f"soul {soul_id}: {found.events} events, {found.people} people; "
                f"largest difference {found.largest.size:.2e} ({found.largest.where}){done}"
            )
    if not souls:
        print(f"{companion.name} has no soul yet: nobody talked to her")
    return 0 if is_exact or is_writing else 1


async def back_up_now(settings: Settings, file: Path) -> None:
    """Write all that is kept to *file*, while she goes on; say what it holds."""
    refuse_existing(file)  # before anything is started for it
    async with database_address(settings) as address:
        manifest = await back_up(address, file, app_version=__version__)
    print(f"{file}: {_amount(manifest)}, {_size(file):,} bytes, readable for you only; it holds what people wrote")


async def export_now(settings: Settings, user_id: UserId, file: Path | None) -> int:
    """Write all that is kept of one person as JSON, to *file* or to standard output; gives the exit code."""
    if file is not None:
        refuse_existing(file)
    async with open_database(settings) as database:
        export = await PostgresExport(database.pool)(user_id, SystemClock().now())
    counted = count_rows(export)
    if not counted:
        print(f"nothing is kept of {user_id}", file=sys.stderr)
        return 1
    text = json.dumps(export, ensure_ascii=False, indent=1) + "\n"
    if file is None:
        sys.stdout.write(text)
        return 0
    _write_for_owner(file, text)
    print(f"{file}: {_listed(counted)}; readable for you only, it holds what they wrote")
    return 0


def _write_for_owner(file: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


async def erase_now(settings: Settings, user_id: UserId, *, is_sure: bool) -> int:
    """Erase one person, and work her feelings out anew without them; gives the exit code."""
    async with open_database(settings) as database:
        clock = SystemClock()
        counted = count_rows(await PostgresExport(database.pool)(user_id, clock.now()))
        counted.pop("silences", None)
        if not counted:
            print(f"nothing is kept of {user_id}, but that they want not to be heard if they said so", file=sys.stderr)
            return 1
        print(f"kept of {user_id}: {_listed(counted)}")
        if not is_sure and not await _is_meant(user_id):
            print("nothing was erased", file=sys.stderr)
            return 1
        replay = Replay(store=PostgresFeelings(database.pool), clock=clock)

        async def mend(soul_id: SoulId) -> None:
            await replay(soul_id, is_writing=True)

        companion = read_companion(settings.companion, settings.companions_folder)
        store = PostgresForget(database.pool, vocabulary=own_texts_of(companion))
        forget = Forget(store=store, mend=mend, clock=clock)
        gone = await forget.erase(user_id)
        souls = await forget()
    print(
        f"erased {user_id}: {gone.messages} lines of theirs, {gone.own_lines} of hers to them, "
        f"{gone.memories} memories, {gone.summaries} summaries; her feelings were worked out anew for {souls} soul(s)"
    )
    print("Backups keep what they held. On Discord nothing was deleted.")
    return 0


async def _is_meant(user_id: UserId) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to say that it is meant: add --yes")
    said = await asyncio.to_thread(input, f"This cannot be taken back. Type {user_id} to erase them: ")
    return said.strip() == str(user_id)


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {table}" for table, count in counted.items())


def _size(file: Path) -> int:
    return file.stat().st_size


async def restore_now(settings: Settings, file: Path, *, is_replacing: bool) -> None:
    """Put the backup in *file* into the configured database."""
    with open_archive(file) as archive:
        async with database_address(settings) as address:
            done = await restore(address, archive, is_replacing=is_replacing)
    written = done.manifest.created_at
    print(f"{_restored(done)}, as it was at {written:%Y-%m-%d %H:%M:%S} UTC")


async def move_now(settings: Settings, *, to: str, source: str | None, is_replacing: bool) -> None:
    """Take all that is kept from one database to another, compare the two, and say what to do next."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    workspace = settings.data_dir / f"move-{secrets.token_hex(4)}"
    workspace.mkdir(mode=0o700)
    try:
        async with _place(settings, source, "--from") as origin, held_still(origin) as still:
            file = workspace / "move.mira-backup"
            manifest = await back_up(origin, file, app_version=__version__)
            async with _place(settings, to, "--to") as target:
                await still.refuse_same(target)
                with open_archive(file) as archive:
                    done = await restore(target, archive, is_replacing=is_replacing)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    print(f"{_restored(done)}; every table was read back and compared")
    for copy in manifest.tables:
        if copy.rows:
            print(f"  {copy.table}: {copy.rows:,} rows, sha256 {copy.sha256[:16]}")
    print(_next_step(settings, to, source))


@asynccontextmanager
async def _place(settings: Settings, where: str | None, option: str) -> AsyncIterator[DatabaseAddress]:
    """Open a place by name: an address, ``embedded``, or what the settings say."""
    if where is None:
        chosen = settings
    else:
        url = None if where == EMBEDDED else SecretStr(where.strip())
        chosen = settings.model_copy(update={"database_url": url})
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(database_address(chosen))
            engine = open_engine(address, pool_size=1)
            try:
                await check_server(engine, address)
            finally:
                await engine.dispose()
        except ConfigError as exc:
            said = str(exc) if where is None else str(exc).replace("DATABASE_URL", option)
            raise ConfigError(said) from exc
        yield address


def _next_step(settings: Settings, to: str, source: str | None) -> str:
    is_from_url = source != EMBEDDED and (source is not None or settings.database_url is not None)
    old = "The database it came from" if is_from_url else f"The embedded database in {settings.data_dir}"
    if to == EMBEDDED:
        change = f"take the line DATABASE_URL=… out of .env (MIRA_DATA_DIR stays {settings.data_dir})"
    else:
        change = f"put this line into .env, with the password: DATABASE_URL={PASSWORD.sub('***', to.strip())}"
    return f"Next: {change}\nThen start Mira. {old} is as it was; remove it when you have seen that all is well."


async def upgrade_now(settings: Settings, old_programs: Path | None) -> None:
    """Bring the embedded database to the Postgres major of this version."""
    done = await upgrade(database_folder(settings), app_version=__version__, old_programs=old_programs)
    if done is None:
        print("the embedded database is at this version's Postgres already; nothing to do")
        return
    held = "it held nothing yet" if done.manifest is None else f"{_amount(done.manifest)}, read back and compared"
    print(f"upgraded from Postgres {done.was_major}: {held}")
    print(f"the old data is in {done.old_data}; remove that folder when you have seen that all is well")
    if done.has_own_lines:
        print(
            "its postgresql.conf has lines of your own: look whether the new one wants them, they were not taken over"
        )


def _amount(manifest: Manifest) -> str:
    filled = sum(1 for copy in manifest.tables if copy.rows)
    return f"{manifest.rows:,} rows in {filled} tables"


def _restored(done: Restored) -> str:
    replaced = f", in place of {done.replaced_rows:,} rows" if done.replaced_rows else ""
    skipped = f"; not Mira's and left out: {', '.join(done.skipped)}" if done.skipped else ""
    return f"restored {_amount(done.manifest)}{replaced}{skipped}"
