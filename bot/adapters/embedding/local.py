"""An embedder on this machine, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.adapters.embedding.minilm import MiniLM
from bot.adapters.embedding.weights import find_weights, import_numpy
from bot.errors import ProviderError

NAME = "local:all-MiniLM-L6-v2"
PIECES_AT_ONCE = 64  # worked out in one go: a question that comes meanwhile waits no longer than that, or one text
THREADS = "1"  # of the linear algebra, unless the environment says otherwise: more only wait for a busy machine


class LocalEmbedder:
    """A `NamedEmbedder` that asks nobody; close it with `aclose`."""

    def __init__(self, model: MiniLM) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")

    @classmethod
    def open(cls, weights: Path | None = None) -> LocalEmbedder:
        """Read the model, from the folder *weights* or the installed package.

        Raises:
            ConfigError: numpy or the weights are missing, or the weights are not the ones.
        """
        for library in ("OPENBLAS", "MKL", "OMP"):
            os.environ.setdefault(f"{library}_NUM_THREADS", THREADS)
        import_numpy()
        return cls(MiniLM(find_weights(weights)))

    @property
    def name(self) -> str:
        """See `bot.memory_ports.NamedEmbedder.name`."""
        return NAME

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """See `bot.memory_ports.NamedEmbedder.embed`."""
        loop = asyncio.get_running_loop()
        vectors: list[Sequence[float]] = []
        try:
            cut = await loop.run_in_executor(self._thread, lambda: [self._model.pieces_of(text) for text in texts])
            for some in _parcels(cut):
                # one after the other: what others ask meanwhile comes in between
                vectors += await loop.run_in_executor(self._thread, self._model.vectors_of, some)
        except (MemoryError, RuntimeError, ValueError, OSError) as exc:
            raise ProviderError("the local embedder failed", kind="broken", retryable=True) from exc
        return vectors

    async def aclose(self) -> None:
        """End the thread, with what is under way."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _parcels(texts: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """Give *texts* in their order, as many together as are worked out in one go."""
    parcel: list[list[int]] = []
    for text in texts:
        if parcel and sum(map(len, parcel)) + len(text) > PIECES_AT_ONCE:
            yield parcel
            parcel = []
        parcel.append(text)
    if parcel:
        yield parcel
