"""How long a server may take to begin, from how it began before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.llm.pace import WARM_PATIENCE_S, WARM_S, Pace
from bot.errors import ProviderError
from tests.adapters.llm.conftest import finish, request
from tests.scripted_model import Behaviour


def noted(longest_s: float, *took_s: float) -> Pace:
    pace = Pace(longest_s)
    for took in took_s:
        pace.note(100.0, took)
    return pace


def test_server_that_is_not_known_has_the_patience_of_its_kind():
    assert noted(180.0).patience_s(100.0, under_way=1) == 180.0


def test_quick_server_is_waited_for_less():
    assert noted(180.0, 0.4, 1.2, 0.3).patience_s(101.0, under_way=1) == WARM_PATIENCE_S


def test_slow_server_is_waited_for_as_long_as_its_slowest_beginning_lets_expect():
    assert noted(180.0, 1.0, 9.0, 2.0).patience_s(101.0, under_way=1) == 90.0


def test_crowd_is_waited_for_longer():
    assert noted(180.0, 1.0).patience_s(101.0, under_way=40) == 80.0


def test_server_that_may_have_put_its_model_away_has_the_patience_of_its_kind():
    pace = noted(180.0, 0.4)
    assert pace.patience_s(100.0 + WARM_S, under_way=1) == WARM_PATIENCE_S
    assert pace.patience_s(100.1 + WARM_S, under_way=1) == 180.0


@given(st.floats(0.01, 1000), st.lists(st.floats(0, 1000)), st.integers(0, 1000), st.floats(0, 1000))
def test_patience_is_never_longer_than_that_of_its_kind(longest_s, took_s, under_way, later_s):
    patience_s = noted(longest_s, *took_s).patience_s(100.0 + later_s, under_way=under_way)
    assert min(longest_s, WARM_PATIENCE_S) <= patience_s <= longest_s


async def test_silence_of_a_quick_server_is_noticed_sooner(server, make_model, monkeypatch):
    from bot.adapters.llm import pace

    monkeypatch.setattr(pace, "WARM_PATIENCE_S", 0.2)
    model = make_model(endpoint={"first_token_timeout_s": 30.0})
    await finish(model)
    server.script(Behaviour(hang=True))
    assert (await finish(model, request(deadline_s=20))).attempts == 2


async def test_silence_of_a_server_that_is_not_known_is_borne(server, make_model, monkeypatch):
    from bot.adapters.llm import pace

    monkeypatch.setattr(pace, "WARM_PATIENCE_S", 0.1)
    model = make_model(endpoint={"first_token_timeout_s": 30.0})
    server.script(Behaviour(hang=True))
    with pytest.raises(ProviderError):
        await finish(model, request(deadline_s=0.5))
    assert len(server.requests) == 1
