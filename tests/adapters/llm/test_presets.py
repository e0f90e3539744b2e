"""Which server and which models the settings mean."""

from __future__ import annotations

import pytest

from bot.adapters.llm.presets import FALLBACK_NAMES, Endpoint, Wishes, choose, detect, understudy, with_fallback
from bot.adapters.llm.rungs import Rung
from bot.errors import ConfigError


@pytest.mark.parametrize(
    ("wishes", "kind"),
    [
        (Wishes(api_key="sk-proj-1"), "openai"),
        (Wishes(api_key="sk-or-v1-1"), "openrouter"),
        (Wishes(base_url="https://api.openai.com/v1"), "openai"),
        (Wishes(base_url="https://eu.openai.com/v1"), "openai"),
        (Wishes(base_url="https://api.deepseek.com"), "deepseek"),
        (Wishes(base_url="https://openrouter.ai/api/v1"), "openrouter"),
        (Wishes(base_url="http://localhost:11434/v1"), "ollama"),
        (Wishes(base_url="http://192.168.1.5:1234/v1"), "lmstudio"),
        (Wishes(base_url="https://llm.example.org/v1"), "compatible"),
        (Wishes(base_url="https://notopenai.com/v1"), "compatible"),
        (Wishes(provider="LM Studio"), "lmstudio"),
        (Wishes(provider="deepseek", base_url="http://127.0.0.1:9000/v1"), "deepseek"),
    ],
)
def test_provider_is_recognised(wishes, kind):
    assert detect(wishes).kind == kind


def test_nothing_set_and_nothing_local_is_no_model():
    assert choose(Wishes()) is None
    assert choose(Wishes(), ["nomic-embed-text:latest"]) is None


def test_nothing_set_takes_the_ollama_on_this_machine():
    choice = choose(Wishes(), ["nomic-embed-text:latest", "qwen3:4b"])
    assert (choice.quality.kind, choice.quality.model, choice.fast.model) == ("ollama", "qwen3:4b", "qwen3:4b")
    assert choice.quality.base_url == "http://127.0.0.1:11434/v1"


def test_key_alone_is_enough_for_openai():
    choice = choose(Wishes(api_key="sk-1"))
    assert choice.quality.base_url == "https://api.openai.com/v1"
    assert choice.quality.model and choice.fast.model and choice.quality.model != choice.fast.model
    assert choice.quality.token_limit_param == "max_completion_tokens"


def test_named_model_is_used_for_the_fast_calls_too_unless_one_is_named():
    base = Wishes(base_url="http://127.0.0.1:5000/v1", model="big")
    assert choose(base).fast.model == "big"
    both = Wishes(base_url="http://127.0.0.1:5000/v1", model="big", fast_model="small")
    assert (choose(both).quality.model, choose(both).fast.model) == ("big", "small")


def test_deepseek_starts_on_json_objects():
    assert choose(Wishes(provider="deepseek", api_key="k")).quality.first_rung is Rung.OBJECT


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434", "http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1/"])
def test_ollama_address_may_lack_its_path(url):
    assert choose(Wishes(base_url=url)).quality.base_url == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (Wishes(provider="opnai"), "Did you mean 'openai'"),
        (Wishes(provider="deepseek"), "OPENAI_API_KEY"),
        (Wishes(provider="compatible"), "OPENAI_BASE_URL"),
        (Wishes(base_url="http://127.0.0.1:5000/v1"), "MIRA_MODEL"),
        (Wishes(base_url="127.0.0.1:5000/v1", model="m"), "OPENAI_BASE_URL"),
        (Wishes(base_url="http://127.0.0.1:port/v1", model="m"), "OPENAI_BASE_URL"),
        (Wishes(base_url="ftp://host/v1", model="m"), "OPENAI_BASE_URL"),
    ],
)
def test_settings_that_cannot_work_are_named(wishes, told):
    with pytest.raises(ConfigError, match=told):
        choose(wishes)


def test_understudy_is_called_what_it_is():
    choice = understudy("http://127.0.0.1:5000/v1")
    assert (choice.quality.kind, choice.quality.model, choice.quality.host) == ("understudy",) * 2 + ("127.0.0.1:5000",)


def test_keys_do_not_show():
    assert "sk-1" not in repr(Wishes(api_key="sk-1")) and "sk-1" not in repr(choose(Wishes(api_key="sk-1")))


OPENAI = Wishes(api_key="sk-1", model="gpt-5.4")
HOME = Wishes(provider="ollama", model="qwen3:8b")
PROXY = Wishes(base_url="https://llm.example.org/v1", api_key="k1", model="big")


def second(first: Wishes, **wishes: str) -> Endpoint | None:
    return with_fallback(choose(first), Wishes(**wishes, names=FALLBACK_NAMES)).fallback


def test_no_wish_for_a_second_model_is_none():
    assert second(OPENAI) is None


@pytest.mark.parametrize(
    ("first", "wishes", "kind", "base_url", "model", "api_key"),
    [
        (OPENAI, {"model": "gpt-4o-mini"}, "openai", "https://api.openai.com/v1", "gpt-4o-mini", "sk-1"),
        (OPENAI, {"api_key": "sk-2"}, "openai", "https://api.openai.com/v1", "gpt-5.4", "sk-2"),
        (PROXY, {"model": "small"}, "compatible", "https://llm.example.org/v1", "small", "k1"),
        (PROXY, {"provider": "compatible", "model": "s"}, "compatible", "https://llm.example.org/v1", "s", "k1"),
        (
            PROXY,
            {"base_url": "https://llm.example.org/v2", "model": "s"},
            "compatible",
            "https://llm.example.org/v2",
            "s",
            "k1",
        ),
        (
            PROXY,
            {"base_url": "https://other.example.org/v1", "model": "s"},
            "compatible",
            "https://other.example.org/v1",
            "s",
            "",
        ),
        (
            PROXY,
            {"base_url": "http://llm.example.org/v1", "model": "s"},
            "compatible",
            "http://llm.example.org/v1",
            "s",
            "",
        ),
        (OPENAI, {"provider": "ollama"}, "ollama", "http://127.0.0.1:11434/v1", "llama3.1:8b", ""),
        (
            HOME,
            {"provider": "deepseek", "api_key": "d"},
            "deepseek",
            "https://api.deepseek.com/v1",
            "deepseek-chat",
            "d",
        ),
        (
            OPENAI,
            {"api_key": "sk-or-1"},
            "openrouter",
            "https://openrouter.ai/api/v1",
            "deepseek/deepseek-chat",
            "sk-or-1",
        ),
    ],
)
def test_second_model_is_on_the_same_server_unless_another_is_named(first, wishes, kind, base_url, model, api_key):
    endpoint = second(first, **wishes)
    assert (endpoint.kind, endpoint.base_url, endpoint.model, endpoint.api_key) == (kind, base_url, model, api_key)


def test_second_model_on_the_same_server_is_asked_as_suits_it():
    assert choose(OPENAI).quality.reasoning_effort == "none"
    assert second(OPENAI, model="gpt-4o-mini").reasoning_effort is None
    assert second(OPENAI, provider="ollama").calls_at_once == 2


@pytest.mark.parametrize(("most", "home", "hosted"), [(None, 2, 256), (64, 2, 64), (1, 1, 1), (300, 2, 300)])
def test_second_model_at_home_gets_no_more_than_it_can_bear(most, home, hosted):
    assert second(OPENAI, provider="ollama").calls_within(most) == home
    assert second(OPENAI, model="gpt-4o-mini").calls_within(most) == hosted


@pytest.mark.parametrize(
    ("url", "calls"),
    [
        ("http://127.0.0.1:5001/v1", 2),
        ("http://localhost:1337/v1", 2),
        ("http://127.0.0.1:8080/v1", 256),
        ("http://127.0.0.1/v1", 256),
        ("https://llm.example.org:5001/v1", 256),
    ],
)
def test_servers_for_one_person_are_known_by_their_port_on_this_machine(url, calls):
    assert choose(Wishes(base_url=url, model="m")).quality.calls_at_once == calls


@pytest.mark.parametrize(
    ("first", "wishes", "said"),
    [
        (HOME, {"provider": "openai"}, "MIRA_FALLBACK_API_KEY"),
        (OPENAI, {"provider": "deepseek"}, "MIRA_FALLBACK_API_KEY"),
        (OPENAI, {"provider": "opnai"}, "MIRA_FALLBACK_PROVIDER"),
        (OPENAI, {"provider": "compatible", "model": "x"}, "MIRA_FALLBACK_BASE_URL"),
        (OPENAI, {"base_url": "https://x.example"}, "MIRA_FALLBACK_MODEL"),
        (OPENAI, {"base_url": "https://x.example:port/v1", "model": "x"}, "MIRA_FALLBACK_BASE_URL"),
        (OPENAI, {"model": "gpt-5.4"}, "MIRA_FALLBACK_MODEL"),
        (PROXY, {"base_url": "https://llm.example.org/v1", "model": "big"}, "first model"),
    ],
)
def test_second_model_that_cannot_be_is_told_with_the_setting_to_mend(first, wishes, said):
    with pytest.raises(ConfigError, match=said):
        second(first, **wishes)
