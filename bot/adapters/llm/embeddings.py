"""Embeddings of an OpenAI-compatible server: texts as points in a space in which near means alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import openai

from bot.adapters.llm.client import open_client
from bot.adapters.llm.exchange import TRANSPORT_ERRORS
from bot.adapters.llm.failures import provider_error, status_failure, translate
from bot.adapters.llm.presets import Endpoint
from bot.domain.vectors import unit_vectors

WITHIN_S = 20.0  # whoever asks sets a shorter one
CALLS_AT_ONCE = 4
BATCH_MOST = 32  # texts in one request; small servers take no more


class OpenAIEmbedder:
    """A `NamedEmbedder` on the server of an `Endpoint`, whose model is *model*; close it with `aclose`."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._model = model
        self._name = f"{endpoint.kind}:{model}"
        self._client = open_client(endpoint, CALLS_AT_ONCE)

    @property
    def name(self) -> str:
        """Name the model and whose it is; see `bot.memory_ports.NamedEmbedder`."""
        return self._name

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """See `bot.room_ports.Embedder.embed`."""
        vectors: list[Sequence[float]] = []
        try:
            async with asyncio.timeout(WITHIN_S):
                for start in range(0, len(texts), BATCH_MOST):
                    vectors += await self._asked(texts[start : start + BATCH_MOST])
        except openai.APIStatusError as exc:
            raise translate(status_failure(exc)) from exc
        except (TimeoutError, openai.APIError, ValueError, *TRANSPORT_ERRORS) as exc:
            raise translate(exc) from exc
        return unit_vectors(vectors, count=len(texts))  # servers differ in whether they have scaled them

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _asked(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        # plain numbers: the SDK's own choice, base64, is not known to every server
        answer = await self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
        try:
            found = [one.embedding for one in sorted(answer.data, key=lambda one: one.index)]
        except (AttributeError, TypeError) as exc:  # the SDK takes any JSON for an answer
            raise provider_error("broken", "no list of embeddings") from exc
        if len(found) != len(texts):
            raise provider_error("broken", "not one embedding for each text")
        return found
