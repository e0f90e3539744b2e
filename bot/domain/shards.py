"""Shards: which part of an application's servers one process hears.

Discord deals servers out by their id; direct messages all go to shard 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import ConfigError

TIMESTAMP_BITS = 22  # of a snowflake, below its time; Discord deals by what is above them
COUNT_MOST = 100_000  # far above any application; keeps a slip of the finger from filling the memory
SHAPE = re.compile(r"(?P<first>\d{1,6})(?:-(?P<last>\d{1,6}))?/(?P<count>\d{1,6})", re.ASCII)
EXPLAINED = "say which shards of how many, such as 0-3/16 or 2/16, counted from 0"


@dataclass(frozen=True)
class Shards:
    """The shards one process serves, out of *count*."""

    ids: tuple[int, ...]
    count: int

    @property
    def is_whole(self) -> bool:
        """Say whether the application is not split at all."""
        return self.count == 1

    @property
    def has_first(self) -> bool:
        """Say whether shard 0 is here: direct messages, and what is to be done by one process only."""
        return 0 in self.ids

    def serves(self, guild_id: int | None) -> bool:
        """Say whether a server's events come here; None stands for direct messages."""
        home = 0 if guild_id is None else (guild_id >> TIMESTAMP_BITS) % self.count
        return home in self.ids

    def __str__(self) -> str:
        """Give the shards as they are written on the command line."""
        span = f"{self.ids[0]}-{self.ids[-1]}" if len(self.ids) > 1 else f"{self.ids[0]}"
        return f"{span}/{self.count}"


WHOLE = Shards((0,), 1)  # one process serves everything


def parse_shards(text: str) -> Shards:
    """Read ``a-b/n``, both ends included, or ``a/n``.

    Raises:
        ConfigError: it is neither, or names a shard that does not exist.
    """
    match = SHAPE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"--shards {text!r} cannot be read: {EXPLAINED}")
    first, count = int(match["first"]), int(match["count"])
    last = first if match["last"] is None else int(match["last"])
    if first > last:
        raise ConfigError(f"--shards {text!r} is empty: its first shard comes after its last; {EXPLAINED}")
    if not 1 <= count <= COUNT_MOST:
        raise ConfigError(f"--shards {text!r}: the number of shards must be from 1 to {COUNT_MOST}; {EXPLAINED}")
    if last >= count:
        raise ConfigError(f"--shards {text!r}: there is no shard {last} of {count}; {EXPLAINED}")
    return Shards(tuple(range(first, last + 1)), count)
