"""What talk took: where a talk begins, what is added up, and which price a model has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.spend import PAUSE, CallsOfTurn, Price, newest_talk, price_of, read_prices, spend_of
from bot.engine.spend import known_prices
from tests.fakes import START

PRICES = {"m": Price(1.0, 0.1, 4.0), "free": Price(0.0, 0.0, 0.0)}


def at(minutes: float, turn: int = 0, model: str | None = "m", **more: int) -> CallsOfTurn:
    return CallsOfTurn(turn or int(minutes * 10) + 1, START + timedelta(minutes=minutes), model, **more)


def test_a_talk_begins_after_the_last_long_pause():
    rows = [at(100), at(0), at(71), at(130), at(31)]
    talk = newest_talk(rows, PRICES)
    assert talk is not None
    assert (talk.began_at, talk.last_at) == (START + timedelta(minutes=71), START + timedelta(minutes=130))
    assert talk.spend.turns == 3
    assert talk.goes_on(talk.last_at + PAUSE) and not talk.goes_on(talk.last_at + PAUSE + timedelta(seconds=1))


def test_nothing_said_is_no_talk():
    assert newest_talk([], PRICES) is None


def test_cached_tokens_cost_what_cached_ones_do():
    spend = spend_of([at(0, calls=1, read=1_000_000, cached=400_000, written=10_000)], PRICES)
    assert spend.cost == pytest.approx(0.6 + 0.04 + 0.04)


def test_a_server_that_counts_more_cached_than_read_costs_nothing_less_than_nothing():
    assert spend_of([at(0, calls=1, read=10, cached=1_000_000)], PRICES).cost == pytest.approx(10 * 0.1 / 1e6)


def test_models_without_a_price_are_named_once_and_a_free_one_is_not():
    rows = [at(0, 1, "x", calls=1), at(1, 2, "x", calls=2), at(2, 3, "free", calls=1, read=10), at(3, 4, None)]
    spend = spend_of(rows, PRICES)
    assert (spend.unpriced, spend.cost, spend.turns, spend.calls) == (("x",), 0.0, 4, 4)


def test_a_dated_name_costs_what_the_model_does_and_another_server_s_name_does_not():
    assert price_of("m-2026-03-05", PRICES) == PRICES["m"]
    assert price_of("openrouter/m", PRICES) is None
    assert price_of(None, PRICES) is None


def test_an_operators_prices_are_read():
    assert read_prices("my-model=0.25/0.025/2, llama3.1:8b = 0/0/0,") == {
        "my-model": Price(0.25, 0.025, 2.0),
        "llama3.1:8b": Price(0.0, 0.0, 0.0),
    }
    assert read_prices(" ") == {}


@pytest.mark.parametrize(
    "text", ["m", "m=1", "m=1/2", "m=1/2/x", "=1/2/3", "m=1/2/-3", "m=1..2/1/1", "a=1/1/1 b=1/1/1"]
)
def test_what_is_no_price_is_refused(text: str):
    with pytest.raises(ValueError, match=r"must be|could not convert"):
        read_prices(text)


def test_the_known_prices_are_dated_and_cached_tokens_never_cost_more():
    known = known_prices()
    assert known.as_of.year >= 2026 and {"gpt-5.4", "gpt-5.4-mini", "deepseek-chat"} <= set(known.prices)
    assert all(0 <= price.cached <= price.read <= price.written for price in known.prices.values())


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 10**7), st.integers(0, 10**7)), max_size=12))
def test_parts_add_up_to_the_whole(turns):
    rows = [at(minute, number + 1, calls=1, read=read, written=out) for number, (minute, read, out) in enumerate(turns)]
    whole = spend_of(rows, PRICES)
    half = len(rows) // 2
    first, second = spend_of(rows[:half], PRICES), spend_of(rows[half:], PRICES)
    assert whole.cost == pytest.approx(first.cost + second.cost)
    assert (whole.turns, whole.read) == (first.turns + second.turns, first.read + second.read)
