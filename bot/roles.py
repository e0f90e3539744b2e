"""What one process does of the whole: which role, and which shards."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.shards import WHOLE, Shards, parse_shards
from bot.errors import ConfigError


class Role(StrEnum):
    """Hear, answer, or both."""

    ALL = "all"
    GATEWAY = "gateway"
    WORKER = "worker"


def shards_of(role: Role, wanted: str | None) -> Shards:
    """Give the shards a process of *role* serves; *wanted* is what ``--shards`` says, None where it is not given.

    Raises:
        ConfigError: it cannot be read, or a worker was given some.
    """
    if wanted is None:
        return WHOLE
    if role is Role.WORKER:
        raise ConfigError("--shards says what a gateway hears, and a worker holds none: leave it out here")
    return parse_shards(wanted)
