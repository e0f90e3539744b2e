"""The connection pool, and the translation of the database's failures into Mira's own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.adapters.postgres.address import DatabaseAddress
from bot.errors import CompanionError, ConfigError, StoreError

POOL_SIZE = 10
POOL_OVERFLOW = 0  # a fixed budget: several processes share one server's connections
POOL_WAIT_S = 10.0
COMMAND_TIMEOUT_S = 60.0
RECYCLE_S = 1800.0  # managed services drop connections that grow old
OLDEST_MAJOR = 15
DRIVER_ERRORS = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
VECTOR_MISSING = (
    "DATABASE_URL: this database has no pgvector. Install the extension on the server (managed services "
    "offer it in their list of extensions), then let a privileged role run: CREATE EXTENSION vector"
)
VERSION_UNIT = 10_000  # server_version_num counts majors in ten thousands


def open_engine(
    address: DatabaseAddress,
    *,
    pool_size: int = POOL_SIZE,
    command_timeout_s: float | None = COMMAND_TIMEOUT_S,
    **options: Any,  # noqa: ANN401
) -> AsyncEngine:
    """Make the pool for *address*; nothing is connected yet.

    *options* go to SQLAlchemy as they are. Long migrations want *command_timeout_s* None.
    """
    sizes: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": POOL_OVERFLOW,
        "pool_timeout": POOL_WAIT_S,
        "pool_recycle": RECYCLE_S,
        "pool_pre_ping": True,
    }
    if "poolclass" in options:  # such as NullPool, which knows no sizes
        sizes = {}
    return create_async_engine(
        address.url,
        connect_args=address.connect_args | {"command_timeout": command_timeout_s},
        hide_parameters=True,  # people's words are parameters: errors must not carry them
        **(sizes | options),
    )


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn the library's exceptions inside the block into `StoreError`, keeping the cause."""
    with translating():
        yield


@contextmanager
def translating() -> Iterator[None]:
    """Do what `translated` does, for code that does not wait."""
    try:
        yield
    except CompanionError:
        raise
    except DRIVER_ERRORS as error:
        raise StoreError(describe(error)) from error


def describe(error: BaseException) -> str:
    """Name a failure by its kind and SQLSTATE only: messages and details can quote people's words."""
    if isinstance(error, PoolTimeout):
        return f"no free database connection within {POOL_WAIT_S:.0f} s"
    origin = origin_of(error)
    state = getattr(origin, "sqlstate", None)
    name = type(origin).__name__
    return f"database trouble: {name} ({state})" if state else f"database trouble: {name}"


def origin_of(error: BaseException) -> BaseException:
    """Find what the driver raised below SQLAlchemy's wrapping."""
    origin: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        origin = error.orig
    if isinstance(origin.__cause__, asyncpg.PostgresError | asyncpg.InterfaceError | OSError):
        return origin.__cause__
    return origin


async def check_server(engine: AsyncEngine, address: DatabaseAddress) -> None:
    """Connect once and see that the server is one Mira can live on.

    Raises:
        ConfigError: it cannot be reached, refuses us, or is too old; the text says what to do.
    """
    try:
        async with engine.connect() as connection:
            version = await read_version(connection)
    except (*DRIVER_ERRORS, ValueError) as error:
        raise ConfigError(_refusal(origin_of(error), address)) from error
    if version // VERSION_UNIT < OLDEST_MAJOR:
        raise ConfigError(
            f"DATABASE_URL: {address.label} runs Postgres {version // VERSION_UNIT}, "
            f"Mira needs {OLDEST_MAJOR} or newer: upgrade the server, or unset DATABASE_URL "
            "to use the embedded one"
        )
    await _check_vector(engine, address)


async def read_version(connection: AsyncConnection) -> int:
    """Read the server's version as a number, such as 180004 for 18.4."""
    found = await connection.scalar(text("SELECT current_setting('server_version_num')"))
    return int(str(found))


async def _check_vector(engine: AsyncEngine, address: DatabaseAddress) -> None:
    asked = text("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')")
    async with translated(), engine.connect() as connection:
        if not await connection.scalar(asked):
            raise ConfigError(f"{VECTOR_MISSING} (asked {address.label})")


def _refusal(error: BaseException, address: DatabaseAddress) -> str:
    """Say what a failed first connection means and what to do; never quotes the password."""
    where = address.label
    match error:
        case asyncpg.InvalidPasswordError():
            return f"DATABASE_URL: {where} refuses this user name or password: check both, percent-encoded"
        case asyncpg.InvalidAuthorizationSpecificationError():
            return (
                f"DATABASE_URL: {where} does not let this user in from here ({error}): "
                "check the user name, the server's access rules, and ?sslmode=require"
            )
        case asyncpg.InvalidCatalogNameError():
            return f"DATABASE_URL: {where} does not exist on that server: CREATE DATABASE it or fix the name"
        case asyncpg.TooManyConnectionsError():
            return f"DATABASE_URL: {where} has no connection left: raise its limit or stop other clients"
        case asyncpg.CannotConnectNowError():
            return f"DATABASE_URL: {where} is starting up or shutting down: try again in a moment"
        case asyncpg.PostgresError():
            return f"DATABASE_URL: {where} refused the connection: {error} (SQLSTATE {error.sqlstate})"
        case ssl.SSLCertVerificationError():
            return (
                f"DATABASE_URL: the certificate of {where} is not trusted ({error.verify_message}): "
                "name its authority with ?sslrootcert=FILE, or use ?sslmode=require to skip the check"
            )
        case ssl.SSLError():
            return f"DATABASE_URL: no TLS connection with {where} ({error.reason}): check ?sslmode="
        case _:
            return _unreachable(error, where)


def _unreachable(error: BaseException, where: str) -> str:
    said = str(error)
    if isinstance(error, ConnectionError) and "SSL" in said:
        return f"DATABASE_URL: {where} offers no TLS: use ?sslmode=disable, or turn TLS on there"
    if isinstance(error, socket.gaierror):
        return f"DATABASE_URL: the host of {where} is not known: check its name"
    if isinstance(error, TimeoutError):
        return f"DATABASE_URL: {where} does not answer in time: check host, port and firewall"
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return f"DATABASE_URL: nothing listens at {where}: start the database, or check host and port"
    if isinstance(error, OSError):
        reason = error.strerror or said or type(error).__name__
        return f"DATABASE_URL: {where} cannot be reached ({reason}): check host, port and network"
    return f"DATABASE_URL: {where} broke the connection off ({type(error).__name__}): is it a Postgres server?"
