"""Near repeats: the same line again with a word changed, in any script; not two lines on one topic."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.personas import read_companion
from bot.domain.echo import NEAR, is_repeat, likeness

REPEATS = [
    ("nine hours and he forgot your name?", "nine hours and he forgot your NAME??"),
    ("go and say it was wrong, without a but in it. today.", "go and say it was wrong, without any but in it. now."),
    ("okay but what did the compiler actually say this time", "ok but what did the compiler actually say this time?"),
    (
        "I own no blazer, but cold room, no news after dinner",
        "I own no blazer. but: a cold room and no news after dinner",
    ),
    ("that one is going in the museum of bad decisions", "that's going straight in the museum of bad decisions"),
    ("you had me at recipes with a grudge in them", "honestly you had me at recipes with a grudge"),
    (
        "das wackligste thema zuerst, zwanzig minuten, dann bett",
        "das wackligste thema zuerst. zwanzig minuten. und dann bett",
    ),
    ("ну что, рассказывай, что там опять случилось", "ну рассказывай, что там опять случилось"),
    ("qué te dijo exactamente cuando llegaste tarde", "¿y qué te dijo exactamente cuando llegaste tarde?"),
    ("今日は本当に大変だったね、まず何か食べよう", "今日は本当に大変だったね。まずは何か食べよう"),
    ("بصراحة هذا أسوأ اعتذار سمعته هذا الأسبوع", "هذا بصراحة أسوأ اعتذار سمعته هذا الأسبوع"),
    ("crows remember faces, so be polite to that one", "crows remember faces so be very polite to that one 🐦‍⬛"),
]
DIFFERENT = [
    ("what did it say this time. I want to hate it properly", "what time did he say he would be there"),
    ("nine hours and he forgot your name?", "nine months and he still forgets your birthday"),
    ("go and say it was wrong, without a but in it. today.", "go to bed, it will still be wrong in the morning"),
    ("I hope the neighbours are ready for you", "I hope the exam goes the way you want it to"),
    (
        "the night train to Vienna is the best idea anyone had today",
        "the night train is late again, so you have an hour",
    ),
    ("no, I'm a program, all the way down", "no, I'm not going to pick a side in that one"),
    ("crows remember faces, so be polite to that one", "crows hold funerals, did you know that"),
    ("das wackligste thema zuerst, zwanzig minuten", "das ist das dümmste thema, über das wir je gestritten haben"),
    ("ну что, рассказывай, что там опять случилось", "ну и что он на это сказал, если не секрет"),
    ("今日は本当に大変だったね、まず何か食べよう", "今日は早く寝た方がいいよ、明日も早いんでしょう"),
    ("that one is going in the museum of bad decisions", "that was a good decision, for once, and I'm a bit proud"),
    ("be lovely to the first customer, the rest must earn it", "the first customer is always the worst, then it goes"),
]


@pytest.mark.parametrize(("before", "again"), REPEATS)
def test_a_line_with_a_word_changed_is_a_repeat(before, again):
    assert is_repeat(again, ["something else entirely, for a start", before])


@pytest.mark.parametrize(("before", "other"), DIFFERENT)
def test_another_line_on_the_same_topic_is_none(before, other):
    assert not is_repeat(other, [before])


def test_the_bar_stands_between_what_was_measured():
    assert min(likeness(*pair) for pair in REPEATS) > NEAR + 0.05
    assert max(likeness(*pair) for pair in DIFFERENT) < NEAR - 0.15


def test_no_two_lines_of_the_persona_are_repeats_of_each_other():
    companion = read_companion("mira")
    lines = [part for example in companion.examples for part in example.you.split("\n\n")]
    assert not any(is_repeat(one, [other]) for one, other in itertools.permutations(lines, 2))


@pytest.mark.parametrize("line", ["mhm", "good night", "haha no way", "go to sleep.", "お疲れさま"])
def test_short_lines_may_come_back(line):
    assert not is_repeat(line, [line])


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_a_share_and_goes_both_ways(one, other):
    assert 0.0 <= likeness(one, other) == likeness(other, one) <= 1.0
