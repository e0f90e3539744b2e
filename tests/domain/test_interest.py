"""What she cares for: sentences of her identity, and how near a line comes to one of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.interest import TOPIC_LEAST, TOPICS_MOST, interest_in, topics_of

SEA, PAINT = (1.0, 0.0), (0.0, 1.0)


def test_each_sentence_is_a_topic_once():
    identity = (
        "# Mira\n\nShe loves the sea. She paints!  Oh. She loves the sea.\n- Old maps\n海が好きです。絵も描きます。"
    )
    assert topics_of(identity) == ("She loves the sea.", "She paints!", "Old maps", "海が好きです。", "絵も描きます。")


def test_long_identities_are_cut():
    assert len(topics_of("\n".join(f"She knows number {number}." for number in range(200)))) == TOPICS_MOST


def test_the_nearest_topic_counts():
    between = (math.sqrt(0.5), math.sqrt(0.5))
    assert interest_in(SEA, (PAINT, SEA)) == 1.0
    assert interest_in(between, (PAINT, SEA)) == pytest.approx(math.sqrt(0.5))


def test_what_points_away_is_of_no_interest():
    assert interest_in((-1.0, 0.0), (SEA, PAINT)) == 0.0


def test_without_topics_of_its_kind_nothing_is_known():
    assert interest_in(SEA, ()) is None
    assert interest_in((1.0, 0.0, 0.0), (SEA,)) is None


@given(st.text(max_size=400))
def test_topics_are_clean_lines(identity):
    for topic in topics_of(identity):
        assert topic == topic.strip()
        assert len(topic) >= TOPIC_LEAST
        assert "\n" not in topic
