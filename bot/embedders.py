"""Which embedder the settings ask for: one on the model's server, the local one, or none."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.embedding.local import LocalEmbedder
from bot.adapters.llm.embeddings import OpenAIEmbedder
from bot.adapters.llm.presets import Endpoint
from bot.errors import ConfigError
from bot.settings import Settings

Embedder = OpenAIEmbedder | LocalEmbedder


def open_embedder(settings: Settings, endpoint: Endpoint) -> Embedder | None:
    """Open what puts memories into vectors; None where they are found by words alone. Close it with `aclose`.

    Raises:
        ConfigError: the embedder that is asked for cannot be had.
    """
    kind = kind_of(settings)
    if kind == "local":
        return LocalEmbedder.open(weights_of(settings))
    if kind == "off" or settings.embed_model is None:
        return None
    return OpenAIEmbedder(endpoint, settings.embed_model)


def kind_of(settings: Settings) -> str:
    """Say which it is: ``off``, ``provider`` or ``local``.

    Raises:
        ConfigError: the provider's is asked for, but no model of it is named.
    """
    if settings.embedder == "auto":
        return "off" if settings.embed_model is None else "provider"
    if settings.embedder == "provider" and settings.embed_model is None:
        raise ConfigError("MIRA_EMBEDDER=provider needs a model: name one in MIRA_EMBED_MODEL, or unset MIRA_EMBEDDER")
    return settings.embedder


def weights_of(settings: Settings) -> Path | None:
    """Give the folder with the local embedder's weights that is named, if one is."""
    return None if settings.embed_weights is None else settings.embed_weights.expanduser()
