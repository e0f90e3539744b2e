"""The app's own lines in a channel are told from hers, however they are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.adapters.discord.locales import text_of
from bot.adapters.discord.notices import SAID, says_notice
from bot.domain.card import Card

ENGINE = Path(__file__).parents[2] / "bot" / "engine"
SAYS = re.compile(r"\.say\([^)]*?Card\(\s*\"(\w+)\"", re.DOTALL)


def test_every_line_that_the_app_says_in_a_channel_is_known():
    said = [key for path in ENGINE.glob("*.py") for key in SAYS.findall(path.read_text("utf-8"))]
    assert sorted(said) == sorted(SAID)
    calls = sum(path.read_text("utf-8").count("_delivery.say(") for path in ENGINE.glob("*.py"))
    assert calls == len(said)


@pytest.mark.parametrize("name", ["Mira", "_Mira_ *the 2nd*", "M {x}"])
def test_it_is_known_by_its_words(name):
    for key in SAID:
        assert says_notice(text_of(Card(key, {"name": name})))
        assert says_notice(text_of(Card(key, {"name": name})) + "\n")


@pytest.mark.parametrize("words", ["", "Mention me, and I can.", "-# whispers: come closer"])
def test_her_own_words_are_hers(words):
    assert not says_notice(words)
    for key in SAID:
        assert not says_notice(f"{words} {text_of(Card(key, {'name': 'Mira'}))} Or so it says.")
