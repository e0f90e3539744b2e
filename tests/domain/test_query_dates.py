"""Which stretches of time a question names, and what a line looks like from outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.line_traits import asks_when, has_time, is_question
from bot.domain.query_dates import RANGES_MOST, query_dates

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("What did I do on 7 May 2023?", (2023, 5, 7), (2023, 5, 8)),
        ("Was war am 7. Mai 2023?", (2023, 5, 7), (2023, 5, 8)),
        ("on May 7th, 2023", (2023, 5, 7), (2023, 5, 8)),
        ("2023-05-07?", (2023, 5, 7), (2023, 5, 8)),
        ("in June 2023", (2023, 6, 1), (2023, 7, 1)),
        ("en diciembre de 2023", (2023, 12, 1), (2024, 1, 1)),
        ("в августе 2023", (2023, 8, 1), (2023, 9, 1)),
        ("2023年5月7日に何をした?", (2023, 5, 7), (2023, 5, 8)),
        ("back in 2022", (2022, 1, 1), (2023, 1, 1)),
        ("in October", (2025, 10, 1), (2025, 11, 1)),
        ("yesterday", (2026, 3, 10), (2026, 3, 11)),
        ("gestern", (2026, 3, 10), (2026, 3, 11)),
        ("last week", (2026, 3, 2), (2026, 3, 9)),
        ("letzten Monat", (2026, 2, 1), (2026, 3, 1)),
        ("la semaine dernière", (2026, 3, 2), (2026, 3, 9)),
        ("去年", (2025, 1, 1), (2026, 1, 1)),
    ],
)
def test_a_stretch_is_read(text, start, end):
    found = [(one.start, one.end) for one in query_dates(text, NOW)]
    assert found[0] == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


@pytest.mark.parametrize("text", ["May I ask you something?", "I mar the table", "31 February 2023?", ""])
def test_nothing_is_read_where_no_time_is_named(text):
    assert query_dates(text, NOW) == ()


@given(st.text(max_size=300))
def test_any_text_is_taken(text):
    found = query_dates(text, NOW)
    assert len(found) <= RANGES_MOST
    assert all(one.start < one.end and 0 < one.weight <= 1 for one in found)
    assert all(isinstance(told, bool) for told in (is_question(text), has_time(text), asks_when(text)))


@pytest.mark.parametrize(
    "text", ["When was that?", "Wann war das?", "¿Cuándo fue?", "いつですか", "когда?", "什么时候去的?"]
)
def test_a_question_for_a_time_is_told(text):
    assert asks_when(text)
    assert is_question(text)


@pytest.mark.parametrize("text", ["I cried when he left.", "What was that?", ""])
def test_other_lines_ask_for_no_time(text):
    assert not asks_when(text)


@pytest.mark.parametrize(
    "text", ["last week I ran", "im März", "at 14:30", "在2023年", "в прошлом году", "昨日", "el lunes"]
)
def test_a_time_is_told(text):
    assert has_time(text)


@pytest.mark.parametrize("text", ["I may go", "my son is here", "two cats", ""])
def test_lines_without_a_time_have_none(text):
    assert not has_time(text)
