"""Paragraphs, splits and pace of what she says."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.text import (
    LONGEST_PAUSE,
    MESSAGE_LIMIT,
    SHORTEST_PAUSE,
    finished_paragraphs,
    is_blank,
    open_fence,
    split_message,
    typing_pause,
    up_to_sentence,
    width,
)

PIECES = (
    "word ",
    "a longer sentence of hers. ",
    "\n",
    "\n\n",
    "\n \t\n",
    "```py\n",
    "```\n",
    "\n```",
    "~~~\n",
    "````\n",
    "`x`",
    "😀",
    "👩‍👩‍👧",
    "unbroken" * 6,
    "    ",
    "Ünïcödé. ",
    "。",
    "- item\n",
)
PROSE = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
ANY_TEXT = st.one_of(PROSE, st.text(max_size=400))


def _solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text())
def test_width_counts_utf16_units(text):
    assert width(text) == _utf16(text)


@given(ANY_TEXT, st.integers(32, 120))
@example("```" + "i" * 500 + "\ncode\n```", 32)
@example("```\n" + "x" * 500, 32)
@example("~" * 400, 32)
@example("`" * 400 + "\n" + "code\n" * 40, 32)
@example("~" * 30 + "\n" + "code\n" * 40, 64)
@example("😀" * 300, 33)
@example(" " * 500 + "x", 32)
@example(("```\n" * 3 + "\n\n") * 40, 40)
@example("a" * 30 + "\n```" + "b" * 70 + "\n" + "c" * 90, 40)
def test_no_message_is_over_the_limit_or_blank(text, limit):
    for message in split_message(text, limit):
        assert _utf16(message) <= limit
        assert not is_blank(message)


@given(st.lists(st.sampled_from([p for p in PIECES if "`" not in p and "~" not in p]), max_size=80).map("".join))
def test_nothing_but_white_space_is_lost_without_fences(text):
    assert _solid("".join(split_message(text, 48))) == _solid(text)


@given(st.lists(st.sampled_from([p for p in PIECES if p != "\n```"]), max_size=60).map("".join))
def test_nothing_is_lost_when_fences_are_taken_out_of_the_count(text):
    def bare(parts: list[str]) -> str:
        return re.sub(r"[`~]+(py)?", "", _solid("".join(parts)))

    assert bare(split_message(text, 64)) == bare([text])


@given(
    st.lists(st.text(alphabet="abc  =()", min_size=1, max_size=50), min_size=1, max_size=80),
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["", "py", "text"]),
    st.integers(0, 90),
)
def test_every_message_shows_its_own_fences(lines, marks, info, lead):
    before = ("Look. " * (lead // 6)).strip()
    text = f"{before}\n{marks}{info}\n" + "\n".join(lines) + f"\n{marks}\nThere you go."
    messages = split_message(text, 120)
    for message in messages:
        assert open_fence(message) is None
    for message, following in itertools.pairwise(messages):
        if message.rstrip().endswith(marks) and not message.startswith("There"):
            assert marks in following or "There" in following


def test_a_cut_fence_is_opened_again_with_its_language():
    text = "```python\n" + "\n".join(f"line_{n} = {n}" for n in range(400)) + "\n```"
    messages = split_message(text)
    assert len(messages) > 1
    assert all(message.startswith("```python\n") and message.endswith("\n```") for message in messages)
    kept = [line for message in messages for line in message.split("\n")[1:-1]]
    assert kept == [f"line_{n} = {n}" for n in range(400)]


def test_a_block_near_the_end_of_a_message_is_kept_whole():
    block = "```\n" + "code\n" * 20 + "```"
    text = "Talk. " * 320 + "\n" + block
    assert split_message(text)[-1] == block


def test_indentation_inside_a_cut_fence_survives():
    text = "```py\n" + "\n".join("    indented()" for _ in range(300)) + "\n```"
    lines = [line for message in split_message(text) for line in message.split("\n")]
    assert {line for line in lines if not line.startswith("```")} == {"    indented()"}


def test_a_short_text_is_one_message():
    assert split_message("  hey you.\n") == ["hey you."]


def test_a_text_at_the_limit_is_one_message_and_one_unit_more_is_two():
    assert len(split_message("x" * MESSAGE_LIMIT)) == 1
    assert [len(message) for message in split_message("x" * (MESSAGE_LIMIT + 1))] == [2000, 1]


def test_an_emoji_counts_twice_and_is_never_torn():
    messages = split_message("😀" * 1001)
    assert [len(message) for message in messages] == [1000, 1]


def test_cuts_prefer_paragraphs_then_lines_then_sentences_then_spaces():
    assert split_message("a" * 30 + "\n\n" + "b c. " * 6, 50)[0] == "a" * 30
    assert split_message("a" * 30 + "\n" + "b c. " * 6, 50)[0] == "a" * 30
    assert split_message("It was " + "long " * 5 + "ago. And then more words came", 50)[0].endswith("ago.")
    assert split_message("word " * 30, 50)[0].endswith("word")


def test_invisible_text_gives_no_message():
    assert split_message("\u200b\u2060 \n") == []


def test_a_limit_too_small_for_fences_is_refused():
    with pytest.raises(ValueError, match="too small"):
        split_message("x", 31)


@settings(deadline=2000)
@given(st.sampled_from(["`", "~", "```\n", "~~~\n", "``` \n", "😀", "a", " \n", "\n\n", "```a\n", "````\n```\n"]))
def test_splitting_ends_quickly_for_monotonous_text(piece):
    assert all(width(message) <= MESSAGE_LIMIT for message in split_message(piece * (30_000 // len(piece))))


@given(PROSE)
def test_finished_paragraphs_only_grow_while_text_arrives(text):
    before: list[str] = []
    for end in range(len(text) + 1):
        done, _ = finished_paragraphs(text[:end], is_whole=False)
        assert done[: len(before)] == before
        before = done
    assert finished_paragraphs(text, is_whole=True)[0][: len(before)] == before


@given(PROSE)
def test_paragraphs_hold_all_words(text):
    done, rest = finished_paragraphs(text, is_whole=True)
    assert rest == ""
    assert _solid("".join(done)) == _solid(text)
    assert not any(is_blank(paragraph) for paragraph in done)


def test_a_blank_line_in_a_fence_parts_nothing():
    text = "```\na\n\nb\n```\n\nafter"
    assert finished_paragraphs(text, is_whole=True)[0] == ["```\na\n\nb\n```", "after"]


def test_an_open_fence_is_not_finished():
    assert finished_paragraphs("```\na\n\nb\n\n", is_whole=False)[0] == []


def test_indented_first_line_of_code_is_kept_in_a_later_paragraph():
    assert finished_paragraphs("one\n\ntwo", is_whole=False) == (["one"], "two")


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\u200b", "\u2060\ufeff", "\u200e\u200f", "\u3164", "\ufe0f", "\u00ad"]
)
def test_text_without_anything_to_see_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "a\u200b", "😀", "שלום", "مرحبا", "。", "-", "0", "\u200b❤\ufe0f"])
def test_text_with_something_to_see_is_not_blank(text):
    assert not is_blank(text)


@given(
    st.text(alphabet=st.characters(categories=["L", "N"], exclude_characters="\u3164\uffa0\u115f\u1160"), min_size=1)
)
def test_letters_are_never_blank(text):
    assert not is_blank(text)


def test_up_to_sentence_drops_the_torn_end():
    assert up_to_sentence("I was here. Then I we") == "I was here."
    assert up_to_sentence("no end in sight") == "no end in sight"
    assert up_to_sentence("Really?! “Yes.” And th") == "Really?! “Yes.”"
    assert up_to_sentence("好的。然后") == "好的。"
    assert up_to_sentence("version 3.5 is o") == "version 3.5 is o"


@given(st.text(), st.floats(0.01, 10))
def test_pauses_stay_in_their_range(text, pace):
    pause = typing_pause(text, pace)
    assert SHORTEST_PAUSE * pace <= pause <= LONGEST_PAUSE * pace


def test_pace_zero_sends_at_once():
    assert typing_pause("x" * 500, 0) == timedelta(0)
    assert typing_pause("x" * 90, 1) == timedelta(seconds=2)
