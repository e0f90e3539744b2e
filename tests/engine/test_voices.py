"""How her answers sound is counted, by model and persona, and written down away from the turn."""

from __future__ import annotations

import pytest

from bot.adapters.postgres.voices import PostgresVoices
from bot.domain.service import VoiceCount
from bot.engine.voices import Voices
from bot.errors import StoreError
from tests.fakes import answering


class Broken:
    async def add(self, counts):
        raise StoreError("away")

    async def most_heard(self, limit):
        return ()


@pytest.fixture
def heard(world, statements):
    store = PostgresVoices(statements)
    voices = Voices(store)
    world.conversations._respond._ask._voices = voices
    return voices, store


async def test_each_answer_is_counted_once(world, heard):
    voices, store = heard
    world.model.script(answering("Hm."), answering("How can I help you today?"), answering("You again."))
    await world.say("hey")
    await world.run()
    await world.say("well?")
    await world.run()
    assert list(await store.most_heard(5)) == []
    await voices.keep()
    (count,) = await store.most_heard(5)
    assert (count.persona, count.answers, count.flagged, count.sent_flagged) == ("default", 2, 1, 0)
    await voices.keep()
    assert (await store.most_heard(5))[0].answers == 2


async def test_what_is_sent_though_flagged_is_counted_as_such(world, heard):
    voices, store = heard
    world.model.script(answering("How can I help you today?"), answering("How may I assist you?"))
    await world.say("hey")
    await world.run()
    await voices.keep()
    (count,) = await store.most_heard(5)
    assert (count.answers, count.flagged, count.sent_flagged) == (1, 1, 1)


async def test_counts_add_up_in_the_store(statements):
    store = PostgresVoices(statements)
    await store.add([VoiceCount("m", "default", 3, 1, 0), VoiceCount("m", "haven", 1, 0, 0)])
    await store.add([VoiceCount("m", "default", 2, 1, 1)])
    assert list(await store.most_heard(1)) == [VoiceCount("m", "default", 5, 2, 1)]


async def test_counts_wait_while_the_store_is_away(statements):
    voices, store = Voices(Broken()), PostgresVoices(statements)
    voices.note("m", "default", is_flagged=True, is_sent_flagged=False)
    await voices.keep()
    voices._store = store
    voices.note("m", "default", is_flagged=False, is_sent_flagged=False)
    await voices.keep()
    assert list(await store.most_heard(5)) == [VoiceCount("m", "default", 2, 1, 0)]
