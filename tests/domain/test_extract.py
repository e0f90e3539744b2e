"""What stands for talk that nobody summed up in time: its own lines, quoted, and none that must not be told on."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.extract import LINES_MOST, NOT_KEPT, carried, extracted, where_it_stood
from bot.domain.ids import SummaryId, TurnId, short_code
from bot.domain.message import Speaker
from bot.domain.summary_text import SUMMARY_LETTERS
from bot.domain.turn import Said
from tests.fakes import ADA, MIRA, dm_message

CODE = short_code("u", ADA.user_id)


def said(turn: int, text: str, *, is_hers: bool = False) -> Said:
    more = {"author": MIRA, "speaker": Speaker.SELF} if is_hers else {}
    return Said(TurnId(turn), dm_message(text, **more))


TALK = [said(number, f"word{number} about the harbour and its boats") for number in range(1, 31)]
MADE = replace(extracted(TALK[:10]), summary_id=SummaryId(7), text="They met.", note="Ada left.")


def test_lines_from_all_over_a_talk_stand_for_it():
    summary = extracted(TALK)
    assert summary is not None and (summary.summary_id, summary.person_id, summary.note) == (NOT_KEPT, None, "")
    assert (summary.from_turn, summary.to_turn) == (1, 30)
    numbers = [number for number in range(1, 31) if f"word{number} " in summary.text]
    assert len(numbers) == LINES_MOST and numbers[0] <= 5 and numbers[-1] > 25
    assert summary.text.count(f"{CODE}: “") == LINES_MOST


def test_of_each_part_the_line_that_says_most_does():
    talk = [said(1, "hm"), said(2, "ok"), said(3, "the lighthouse burned last night"), said(4, "oh", is_hers=True)] * 6
    assert "lighthouse" in extracted(talk).text and "hm" not in extracted(talk).text


def test_what_must_not_be_told_on_is_left_out():
    talk = [said(1, "my password is: hunter2secret!"), said(2, "Ada has cancer"), said(3, "the sea is calm")]
    assert extracted(talk).text == f"{CODE}: “the sea is calm”"
    assert extracted(talk[:2]) is None and extracted([]) is None


@given(st.lists(st.text(max_size=600), min_size=1, max_size=20))
def test_whatever_was_said_is_short_and_quoted(texts):
    talk = [said(number, text) for number, text in enumerate(texts, 1)]
    summary, note = extracted(talk), where_it_stood([one.message for one in talk])
    assert summary is None or (len(summary.text) <= SUMMARY_LETTERS and "\n" not in summary.text)
    assert len(note) <= 300 and note.count("“") == note.count("”") <= 2


def test_a_cut_carries_what_was_made_and_what_is_not_in_it():
    newest = TALK[-6:]
    assert carried(newest, TALK, None)[0].from_turn == 1
    summary, note = carried(newest, TALK, MADE)
    assert (summary.from_turn, summary.to_turn) == (11, 24) and note.startswith(f"{CODE} said last: “word30 ")
    whole = replace(MADE, to_turn=30)
    assert carried(newest, TALK, whole) == (whole, "Ada left.")
    assert carried(newest, TALK, replace(whole, note=""))[1].startswith(f"{CODE} said last")
    assert carried(newest, TALK, replace(MADE, to_turn=24)) == (replace(MADE, to_turn=24), note)
    assert carried(newest, newest, None) == (None, note), "there is no other talk"
    assert carried([], [], None) == (None, "")


def test_where_it_stood_says_whether_she_answered():
    asked, answered = said(1, "shall we?").message, said(1, "we shall", is_hers=True).message
    assert where_it_stood([answered, asked]) == f"{CODE} said last: “shall we?” You had not answered."
    assert where_it_stood([asked, answered]) == f"{CODE} said last: “shall we?” You answered: “we shall”"
    assert where_it_stood([answered]) == "You said last: “we shall”"
