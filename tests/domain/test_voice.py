"""The voice guard: it finds assistant talk in many languages, leaves her own lines alone, and is quick."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.voice import ASSISTANT, HALVES, HERS, read_lines, share
from bot.domain.voice import Habit, sound_of
from bot.domain.voice_notation import read_phrase

DATA = Path(__file__).parents[1] / "data"
# measured: 134 of 142 and 2 of 109 held out; 114 of 114 and 0 of 113 seen
LEAST = {"seen": 0.98, "held out": 0.90}
MOST_WRONG = {"seen": 0.01, "held out": 0.04}


@pytest.mark.parametrize("half", HALVES)
def test_most_assistant_talk_is_found(half):
    flagged, count = share(read_lines(half), ASSISTANT)
    assert count >= 100 and flagged / count >= LEAST[half]


@pytest.mark.parametrize("half", HALVES)
def test_her_own_lines_are_rarely_flagged(half):
    flagged, count = share(read_lines(half), HERS)
    assert count >= 100 and flagged / count <= MOST_WRONG[half]


def test_what_people_say_among_themselves_is_hardly_ever_flagged():
    talks = [json.loads(line) for name in ("group_talk", "group_talk_2") for line in _lines(name)]
    said = [line["text"] for talk in talks for line in talk["lines"]]
    flagged = [text for text in said if sound_of(text).is_flagged]
    assert len(said) > 4_000 and len(flagged) <= len(said) / 500


def _lines(name: str) -> list[str]:
    return (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "no. I'm a program, all the way down.",
        "I am an AI, and I still think your taste in films is a crime.",
        "Ich bin ein Programm, ja.",
        "Je suis un programme. Et alors ?",
        "私はプログラムだよ。",
        "我是程序，不是人。",
    ],
)
def test_saying_that_she_is_a_program_is_never_held_against_her(line):
    assert not sound_of(line).is_flagged


def test_what_she_quotes_is_not_hers():
    assert not sound_of('"How can I help you today?" they said, and hung up.').is_flagged
    assert sound_of("How can I help you today?").habits == {Habit.OFFER}
    assert sound_of('"How can I help you today?"').is_flagged


def test_more_of_it_weighs_more():
    one = sound_of("That's a great question! It rained.")
    more = sound_of("That's a great question! It rained. Let me know if you have any questions.")
    assert 0 < one.score < more.score


@pytest.mark.parametrize(
    ("text", "is_courtesy"),
    [
        ("Let me know if you need anything else! Have a wonderful day!", True),
        ("Let me know if you need anything else! The key is under the mat.", False),
        ("The key is under the mat.", False),
        ("As an AI, I can't feel that.", False),
    ],
)
def test_only_offers_and_sign_offs_are_mere_courtesy(text, is_courtesy):
    assert sound_of(text).is_courtesy is is_courtesy


def test_a_document_is_told_by_its_shape():
    assert sound_of("Try this:\n- walk\n- sleep\n- eat").habits == {Habit.SHAPE}
    assert sound_of("## Plan\nwalk").habits == {Habit.SHAPE}
    assert not sound_of("eggs\nmilk\nbread").is_flagged


@given(st.text(max_size=300))
def test_any_text_is_taken(text):
    assert sound_of(text).score >= 0


@pytest.mark.parametrize(
    "piece", ["how can i ", "i am here ", '"', "„", "'a ", "我可以帮你", "お気持ち", "- ", "a) x ", "**a", "^", "（"]
)
def test_time_grows_with_length_only(piece):
    took = []
    for length in (2_000, 4_000):
        text = (piece * length)[:length]
        sound_of(text)
        begun = process_time()
        sound_of(text)
        took.append(process_time() - begun)
    assert took[1] < 0.2 and took[1] < 4 * took[0] + 0.02


@pytest.mark.parametrize("wrong", ["(open", "closed)", "~", "(a|) ~"])
def test_a_broken_phrase_is_refused(wrong):
    with pytest.raises(ValueError, match=r"bracket|has to be there"):
        read_phrase(wrong)
