"""Words that stand for others, words that say nothing by themselves, and who asks about themselves."""

from __future__ import annotations

import pytest

from bot.domain.asking import asks_of_oneself
from bot.domain.kindred_words import kindred
from bot.domain.query_terms import query_terms


def test_a_word_brings_those_that_say_just_that_and_those_that_may_have_been_said():
    asked = query_terms("what is my mother's job?")
    by_word = {word.split()[0]: (word.split()[1:], near) for word, near in zip(asked.words, asked.near, strict=True)}
    assert "mum" in by_word["mother"][0] and "parents" in by_word["mother"][1]
    assert by_word["job"][0] == [] and {"nurse", "office"} <= set(by_word["job"][1].split())


def test_a_word_means_what_it_does_in_its_language():
    assert "tochter" in kindred("kind", ("german",)).near
    assert kindred("kind", ("english",)).near == ()
    assert kindred("Rex", ("english",)).same == ()


def test_no_word_stands_for_itself():
    assert all(word not in kindred(word, ("english",)).near for word in ("cat", "married", "work", "flat"))


def test_what_everybody_says_is_common_and_what_people_tell_of_themselves_is_not():
    asked = query_terms("call my nurse in Bergen later, will you?")
    common = dict(zip((word.split()[0] for word in asked.words), asked.common, strict=True))
    assert (common["call"], common["later"], common["nurse"], common["bergen"]) == (True, True, False, False)


def test_where_no_rules_tell_small_words_of_a_question_do_not_count():
    assert [word.split()[0] for word in query_terms("gdzie jest mój kot?").words] == ["kot"]
    assert query_terms("gdzie jest?").words == ("gdzie", "jest")


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("¿dónde trabajo?", True),
        ("dove lavoro?", True),
        ("gdzie pracuję?", True),
        ("nerede çalışıyorum?", True),
        ("where is the piano?", False),
        ("¿cómo estás?", False),
        ("trabajo mucho", False),
        ("wo ist das Klo?", False),
    ],
)
def test_who_asks_may_stand_in_the_end_of_a_verb(text, is_asked):
    assert asks_of_oneself(text) is is_asked
