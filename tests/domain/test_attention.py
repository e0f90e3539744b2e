"""What is hers to answer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from bot.domain.attention import attend
from bot.domain.message import Speaker
from tests.fakes import dm_message, guild_message


def test_a_direct_message_is_hers():
    assert attend(dm_message("hi")).reasons == ("direct message",)


@pytest.mark.parametrize(("mentions", "replies"), itertools.product([False, True], repeat=2))
def test_in_a_channel_a_mention_or_a_reply_to_her_is_hers(mentions, replies):
    heard = attend(replace(guild_message("hi"), mentions_self=mentions, replies_to_self=replies))
    assert heard.is_hers is (mentions or replies)
    assert ("mention" in heard.reasons, "reply to her" in heard.reasons) == (mentions, replies)


@pytest.mark.parametrize("speaker", [Speaker.SELF, Speaker.BOT])
def test_bots_and_she_herself_are_never_answered(speaker):
    for message in (dm_message("hi"), guild_message("hi")):
        assert not attend(replace(message, speaker=speaker, mentions_self=True, replies_to_self=True)).is_hers


def test_an_empty_direct_message_is_hers_as_well():
    assert attend(dm_message("")).is_hers
