"""One plain connection for work on the data as a whole, told apart from a running Mira's by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import asyncpg
from asyncpg import Connection

from bot.adapters.postgres.address import APPLICATION_NAME, DatabaseAddress
from bot.adapters.postgres.engine import check_server, open_engine, translated

OWN_SUFFIX = " data"
NAME_MOST = 63  # bytes that Postgres keeps of an application's name (NAMEDATALEN)


def name_of(address: DatabaseAddress) -> str:
    """Give the name under which a running Mira's sessions at *address* are known."""
    settings = cast(dict[str, str], address.connect_args.get("server_settings", {}))
    return str(settings.get("application_name", APPLICATION_NAME))


def for_data_work(address: DatabaseAddress) -> DatabaseAddress:
    """Give the same address under a name of its own, so that these commands do not take themselves for Mira."""
    settings = cast(dict[str, str], address.connect_args.get("server_settings", {}))
    name = name_of(address).encode()[: NAME_MOST - len(OWN_SUFFIX)].decode(errors="ignore")
    own = settings | {"application_name": name + OWN_SUFFIX}
    return replace(address, connect_args=address.connect_args | {"server_settings": own})


@asynccontextmanager
async def data_session(address: DatabaseAddress) -> AsyncIterator[Connection]:
    """Open a connection without a limit on how long a statement may take.

    Raises:
        ConfigError: the server cannot be used; the text says why.
    """
    own = for_data_work(address)
    engine = open_engine(own, pool_size=1)
    try:
        await check_server(engine, address)
    finally:
        await engine.dispose()
    async with translated():
        connection = await asyncpg.connect(**own.asyncpg_arguments())
        try:
            yield connection
            await connection.close()
        finally:
            connection.terminate()  # after a failure midway: a COPY that was broken off is never quiet again
