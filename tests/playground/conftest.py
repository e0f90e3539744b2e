"""A playground without rate limits, two of its people, and a connected bot."""

import pytest

from playground.core import Options
from playground.server import Playground
from tests.playground.harness import connected


@pytest.fixture
async def playground():
    async with Playground(port=0, options=Options(rate_limits=False)) as running:
        yield running


@pytest.fixture
async def juno(playground):
    async with playground.person("juno") as person:
        yield person


@pytest.fixture
async def theo(playground):
    async with playground.person("theo") as person:
        yield person


@pytest.fixture
async def bot(playground):
    async with connected(playground) as client:
        yield client


@pytest.fixture
def room(playground):
    return str(playground.channel("living-room").channel_id)
