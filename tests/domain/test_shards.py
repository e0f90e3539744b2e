"""Shards: what may be written, and where a server's events go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shards import WHOLE, Shards, parse_shards
from bot.errors import ConfigError
from bot.roles import Role, shards_of


@pytest.mark.parametrize(
    ("text", "ids", "count"),
    [("0-3/16", (0, 1, 2, 3), 16), ("2/16", (2,), 16), ("0/1", (0,), 1), ("5-5/6", (5,), 6), (" 0-1/2 ", (0, 1), 2)],
)
def test_shards_are_read(text: str, ids: tuple[int, ...], count: int):
    assert parse_shards(text) == Shards(ids, count)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3-1/16", "is empty"),
        ("0-16/16", "there is no shard 16 of 16"),
        ("4/4", "there is no shard 4 of 4"),
        ("0/0", "must be from 1"),
        ("0-3/999999", "must be from 1"),
        *((text, "cannot be read") for text in ("", "0-3", "/4", "-1/4", "0--3/4", "a-b/c", "0-3/4/5", "1,2/4", "٣/4")),
    ],
)
def test_wrong_shards_are_refused_by_name(text: str, said: str):
    with pytest.raises(ConfigError, match=said):
        parse_shards(text)


def test_a_worker_has_none():
    assert shards_of(Role.WORKER, None) == WHOLE
    with pytest.raises(ConfigError, match="leave it out"):
        shards_of(Role.WORKER, "0/2")
    assert shards_of(Role.ALL, "1/2").ids == (1,)


@given(count=st.integers(1, 40), guild_id=st.integers(0, 2**63 - 1))
def test_each_server_is_heard_by_exactly_one_shard(count: int, guild_id: int):
    homes = [shard for shard in range(count) if Shards((shard,), count).serves(guild_id)]
    assert homes == [(guild_id >> 22) % count]


@given(st.integers(1, 40))
def test_direct_messages_are_shard_zeros(count: int):
    assert [shard for shard in range(count) if Shards((shard,), count).serves(None)] == [0]


@given(
    st.integers(1, 200).flatmap(
        lambda count: st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.just(count))
    )
)
def test_what_is_written_is_read_back(span: tuple[int, int, int]):
    first, last, count = min(span[:2]), max(span[:2]), span[2]
    shards = Shards(tuple(range(first, last + 1)), count)
    assert parse_shards(str(shards)) == shards
