"""The history grows append-only and is cut in steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.compaction import HARD_CHARACTERS, LINE_OVERHEAD, SOFT_CHARACTERS, context_start
from bot.domain.ids import TurnId
from bot.domain.turn import Said
from tests.fakes import dm_message


def _history(turns: list[list[int]]) -> list[Said]:
    return [
        Said(TurnId(number), dm_message("x" * size)) for number, sizes in enumerate(turns, start=1) for size in sizes
    ]


def _cost(history: list[Said]) -> int:
    return sum(len(said.message.content) + LINE_OVERHEAD for said in history)


TURNS = st.lists(st.lists(st.integers(0, 4000), min_size=1, max_size=4), max_size=30)


@given(TURNS)
def test_under_the_hard_limit_nothing_moves(turns):
    history = _history(turns)
    assert (context_start(history) is None) == (_cost(history) <= HARD_CHARACTERS)


@given(TURNS)
def test_a_cut_keeps_whole_turns_that_fit_and_at_least_the_newest(turns):
    history = _history(turns)
    start = context_start(history)
    if start is None:
        return
    kept = [said for said in history if said.turn_id >= start]
    assert kept
    assert _cost(kept) <= SOFT_CHARACTERS or {said.turn_id for said in kept} == {history[-1].turn_id}


@given(TURNS)
def test_a_cut_keeps_as_much_as_fits(turns):
    history = _history(turns)
    start = context_start(history)
    if start is None or start == 1:
        return
    more = [said for said in history if said.turn_id >= start - 1]
    assert _cost(more) > SOFT_CHARACTERS


def test_an_empty_history_is_left_alone():
    assert context_start([]) is None


def test_a_cut_is_not_followed_by_another_at_once():
    history = _history([[300, 300]] * 100)
    start = context_start(history)
    assert start is not None
    assert context_start([said for said in history if said.turn_id >= start]) is None
