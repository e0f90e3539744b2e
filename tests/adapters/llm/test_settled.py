"""From settings to models, and what the doctor says of them."""

from __future__ import annotations

import pytest

from bot.doctor import Mark, _model
from bot.foundation import choose_model
from bot.settings import Settings, read_settings
from tests.scripted_model import ScriptedModelServer


def settings_for(server: ScriptedModelServer, **more: str) -> Settings:
    base = {"OPENAI_BASE_URL": server.base_url, "MIRA_MODEL": "scripted", "OPENAI_API_KEY": "k1"}
    return read_settings({**base, **more}, None)


async def test_second_model_comes_with_the_first(server):
    async with choose_model(settings_for(server, MIRA_FALLBACK_MODEL="other"), may_stand_in=False) as choice:
        assert choice.fallback is not None
        assert (choice.fallback.model, choice.fallback.base_url) == ("other", server.base_url)
    async with choose_model(settings_for(server), may_stand_in=False) as choice:
        assert choice.fallback is None


async def test_doctor_has_no_line_for_a_second_model_that_is_not_set(server):
    found = [one async for one in _model(settings_for(server))]
    assert [one.subject for one in found] == ["model", "fast model"]


@pytest.mark.parametrize(
    ("more", "mark", "said"),
    [
        ({"MIRA_FALLBACK_MODEL": "other"}, Mark.GOOD, "knows 'other'"),
        ({"MIRA_FALLBACK_MODEL": "absent"}, Mark.BAD, "MIRA_FALLBACK_MODEL"),
        ({"MIRA_FALLBACK_BASE_URL": "http://127.0.0.1:9/v1", "MIRA_FALLBACK_MODEL": "m"}, Mark.BAD, "does not answer"),
    ],
)
async def test_doctor_looks_for_the_second_model(server, more, mark, said):
    server.models = ("scripted", "other")
    *_, last = [one async for one in _model(settings_for(server, **more))]
    assert (last.subject, last.mark) == ("second model", mark)
    assert said in last.said
