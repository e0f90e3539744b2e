"""Alembic's environment: runs on the connection that `bot.adapters.postgres.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.adapters.postgres.migrate import is_ours
from bot.adapters.postgres.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations run on a connection that Mira opens: use `mira migrate`")

context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=is_ours,
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
