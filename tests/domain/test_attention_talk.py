"""The labelled group talk: unchanged since it was written, and what is decided of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.data.group_talk import FILE, HELD_OUT, SHA256, measure, transcripts

# Precision and recall with mentions and replies, then without, rounded down; see docs/attention.md.
FLOORS = (0.91, 0.92, 0.88, 0.89)
HELD_OUT_FLOORS = (0.95, 0.9, 0.94, 0.87)
DOCS = Path(__file__).parents[2] / "docs" / "attention.md"

unseen = pytest.mark.skipif(not HELD_OUT.exists(), reason="the second set is not there")


def reached(file):
    found = measure(file).all
    return (
        found.precision(with_must=True),
        found.recall(with_must=True),
        found.precision(with_must=False),
        found.recall(with_must=False),
    )


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_talk_is_the_one_whose_hash_was_written_down():
    assert digest(FILE) == SHA256
    assert SHA256 in DOCS.read_text("utf-8")


@unseen
def test_the_talk_held_out_is_the_one_whose_hash_was_written_down():
    assert digest(HELD_OUT) == HELD_OUT.with_suffix(".sha256").read_text("ascii").split()[0]


def test_there_are_enough_decisions_in_several_languages():
    labels = [line["label"] for one in transcripts() for line in one["lines"] if "label" in line]
    assert len(labels) >= 300
    assert len({one["language"] for one in transcripts()}) >= 8


@pytest.mark.parametrize("file", [FILE, pytest.param(HELD_OUT, marks=unseen)], ids=["learnt from", "held out"])
def test_every_mention_and_reply_is_answered(file):
    found = measure(file).all
    assert found.musts_met == found.musts > 40


@pytest.mark.parametrize(
    ("file", "floors"),
    [(FILE, FLOORS), pytest.param(HELD_OUT, HELD_OUT_FLOORS, marks=unseen)],
    ids=["learnt from", "held out"],
)
def test_she_speaks_where_she_should_and_not_where_she_should_not(file, floors):
    assert all(one >= floor for one, floor in zip(reached(file), floors, strict=True))
