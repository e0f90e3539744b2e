"""Which embedder the settings add up to."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.llm.presets import Endpoint
from bot.embedders import kind_of, open_embedder, weights_of
from bot.errors import ConfigError
from bot.settings import read_settings

ENDPOINT = Endpoint("compatible", "http://127.0.0.1:9/v1", "talker")
MODEL = {"MIRA_EMBED_MODEL": "small-embed"}


@pytest.mark.parametrize(
    ("wishes", "kind"),
    [
        ({}, "off"),
        (MODEL, "provider"),
        ({"MIRA_EMBEDDER": "auto"}, "off"),
        ({"MIRA_EMBEDDER": "auto", **MODEL}, "provider"),
        ({"MIRA_EMBEDDER": "off", **MODEL}, "off"),
        ({"MIRA_EMBEDDER": "provider", **MODEL}, "provider"),
        ({"MIRA_EMBEDDER": "local"}, "local"),
        ({"MIRA_EMBEDDER": "local", **MODEL}, "local"),
    ],
)
def test_the_settings_add_up(wishes: dict[str, str], kind: str):
    assert kind_of(read_settings(wishes, None)) == kind


async def test_the_provider_s_embedder_is_named_after_server_and_model():
    embedder = open_embedder(read_settings(MODEL, None), ENDPOINT)
    assert embedder is not None
    assert embedder.name == "compatible:small-embed"
    await embedder.aclose()


def test_none_is_opened_where_none_is_wished_for():
    assert open_embedder(read_settings({"MIRA_EMBEDDER": "off", **MODEL}, None), ENDPOINT) is None
    assert open_embedder(read_settings({}, None), ENDPOINT) is None


def test_the_provider_s_without_a_model_names_the_setting():
    with pytest.raises(ConfigError, match="MIRA_EMBED_MODEL"):
        open_embedder(read_settings({"MIRA_EMBEDDER": "provider"}, None), ENDPOINT)


def test_the_local_one_without_weights_names_the_setting(tmp_path: Path):
    settings = read_settings({"MIRA_EMBEDDER": "local", "MIRA_EMBED_WEIGHTS": str(tmp_path)}, None)
    with pytest.raises(ConfigError):
        open_embedder(settings, ENDPOINT)


def test_an_unknown_embedder_is_refused():
    with pytest.raises(ConfigError, match="MIRA_EMBEDDER"):
        read_settings({"MIRA_EMBEDDER": "torch"}, None)


def test_a_folder_may_be_named_from_home():
    settings = read_settings({"MIRA_EMBED_WEIGHTS": "~/weights"}, None)
    assert weights_of(settings) == Path.home() / "weights"
