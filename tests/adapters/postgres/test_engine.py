from __future__ import annotations

import asyncio
import contextlib
import struct

import asyncpg
import pytest
from sqlalchemy import text

from bot.adapters.postgres import engine as subject
from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.engine import check_server, open_engine, translated
from bot.errors import ConfigError, StoreError, TurnLost

SECRET = "s3cr3t-Wort"


@contextlib.asynccontextmanager
async def engine_at(url: str, **options):
    address = parse_database_url(url)
    engine = open_engine(address, **options)
    try:
        yield engine, address
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def server_that(answer):
    """Serve *answer*(reader, writer) on a port of loopback."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def refusal_of(url: str) -> str:
    async with engine_at(url) as (engine, address):
        with pytest.raises(ConfigError) as caught:
            await check_server(engine, address)
    assert SECRET not in str(caught.value)
    assert str(caught.value).startswith("DATABASE_URL: ")
    return str(caught.value)


async def test_a_good_server_passes_and_has_our_settings(database_url):
    async with engine_at(database_url) as (engine, address):
        await check_server(engine, address)
        async with engine.connect() as connection:
            for name, value in {"jit": "off", "application_name": "mira"}.items():
                assert await connection.scalar(text(f"SELECT current_setting('{name}')")) == value


async def test_a_dead_port_is_explained():
    async with server_that(lambda reader, writer: None) as port:
        pass
    said = await refusal_of(f"postgres://ann:{SECRET}@127.0.0.1:{port}/mira")
    assert f"nothing listens at 127.0.0.1:{port}/mira" in said


async def test_a_missing_socket_is_explained(tmp_path):
    assert "nothing listens" in await refusal_of(f"postgres://ann:{SECRET}@/mira?host={tmp_path}")


async def test_an_unknown_host_is_explained():
    assert "is not known" in await refusal_of(f"postgres://ann:{SECRET}@nowhere.invalid/mira?sslmode=disable")


async def test_a_missing_database_is_explained(database_server):
    assert "does not exist" in await refusal_of(database_server.url_of("no_such_database"))


async def test_a_wrong_password_is_explained():
    async def refuse(reader, writer):
        await reader.read(1024)
        fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0"
        writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
        await writer.drain()
        writer.close()

    async with server_that(refuse) as port:
        said = await refusal_of(f"postgres://ann:{SECRET}@127.0.0.1:{port}/mira?sslmode=disable")
    assert "refuses this user name or password" in said


async def test_a_server_without_tls_is_explained():
    async def no_tls(reader, writer):
        await reader.read(1024)
        writer.write(b"N")
        await writer.drain()

    async with server_that(no_tls) as port:
        said = await refusal_of(f"postgres://ann:{SECRET}@127.0.0.1:{port}/mira?sslmode=require")
    assert "offers no TLS" in said


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
async def test_something_else_on_the_port_is_explained(answer):
    async def chatter(reader, writer):
        await reader.read(1024)
        writer.write(answer)
        writer.close()

    async with server_that(chatter) as port:
        said = await refusal_of(f"postgres://ann:{SECRET}@127.0.0.1:{port}/mira?sslmode=disable")
    assert f"127.0.0.1:{port}" in said


async def test_a_server_that_never_answers_is_given_up():
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with server_that(silent) as port:
        said = await refusal_of(f"postgres://ann:{SECRET}@127.0.0.1:{port}/m?sslmode=disable&connect_timeout=1")
    assert "does not answer in time" in said


async def test_an_old_server_is_refused(database_url, monkeypatch):
    async def old(connection):
        return 140_011

    monkeypatch.setattr(subject, "read_version", old)
    assert "runs Postgres 14, Mira needs 15 or newer" in await refusal_of(database_url)


async def test_a_server_without_pgvector_is_refused(database, database_url):
    async with database.begin() as connection:  # a view of the same name stands before the catalogue
        await connection.execute(text("CREATE TABLE pg_available_extensions (name text)"))
        await connection.execute(text(f"ALTER DATABASE {database.url.database} SET search_path = public, pg_catalog"))
    assert "CREATE EXTENSION vector" in await refusal_of(database_url)


async def test_failures_become_store_errors_without_peoples_words(database):
    with pytest.raises(StoreError) as caught:
        async with translated(), database.connect() as connection:
            await connection.execute(text("SELECT CAST(:word AS int)"), {"word": SECRET})
    assert SECRET not in str(caught.value)

    with pytest.raises(StoreError, match="22012") as caught:
        async with translated(), database.connect() as connection:
            await connection.execute(text("SELECT 1/0"))
    assert isinstance(subject.origin_of(caught.value.__cause__), asyncpg.DivisionByZeroError)


async def test_our_own_errors_pass_through_translation():
    with pytest.raises(TurnLost):
        async with translated():
            raise TurnLost("gone")


async def test_a_full_pool_says_so(database_url, monkeypatch):
    async with engine_at(database_url, pool_size=1, pool_timeout=0.1) as (engine, _), engine.connect():
        with pytest.raises(StoreError, match="no free database connection"):
            async with translated(), engine.connect():
                pass


async def test_a_connection_cut_while_idle_is_replaced(database, database_server):
    async with database.connect() as connection:
        await connection.execute(text("SELECT 1"))
    async with database_server.connect() as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.url.database
        )
    async with database.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_a_command_that_takes_too_long_is_ended(database_url):
    async with engine_at(database_url, command_timeout_s=0.2) as (engine, _):
        with pytest.raises(StoreError):
            async with translated(), engine.connect() as connection:
                await connection.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize("extra", ["pgbouncer=true", "options=-c%20search_path%3Dpg_catalog"])
async def test_addresses_with_extras_connect(database_url, extra):
    async with engine_at(f"{database_url}&{extra}") as (engine, _), engine.connect() as connection:
        for number in range(3):
            assert await connection.scalar(text("SELECT CAST(:number AS int)"), {"number": number}) == number
