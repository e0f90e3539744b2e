"""The model itself: six layers of attention over word pieces, averaged to one vector of length one.

Texts that are worked out together lie one behind the other, without padding: each attends to itself alone, so that a
vector does not depend on what came along.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.embedding.pieces import WordPieces
from bot.adapters.embedding.weights import Array, import_numpy, read_tensors, read_vocabulary

LAYERS, HEADS = 6, 12
PIECES_MOST = 256  # what the model was made for; the rest of a text is left out
EPSILON = 1e-12
HALF_ROOT = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights of one layer; matrices as they are multiplied from the right."""

    attend: tuple[Array, Array]  # query, key and value side by side
    mix: tuple[Array, Array]
    mix_norm: tuple[Array, Array]
    widen: tuple[Array, Array]
    narrow: tuple[Array, Array]
    narrow_norm: tuple[Array, Array]


class MiniLM:
    """all-MiniLM-L6-v2 on the processor; not for two threads at once."""

    def __init__(self, folder: Path) -> None:
        """Read the weights in *folder*, whose content was checked (`find_weights`)."""
        self._np = import_numpy()
        self._pieces = WordPieces(read_vocabulary(folder))
        tensors = read_tensors(folder)
        self._words = tensors["embeddings.word_embeddings.weight"]
        # every piece is of the first and only sentence
        self._places = (
            tensors["embeddings.position_embeddings.weight"][:PIECES_MOST]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _pair(tensors, "embeddings.LayerNorm")
        self._layers = [self._layer(tensors, f"encoder.layer.{number}") for number in range(LAYERS)]

    def pieces_of(self, text: str) -> list[int]:
        """Give the numbers of the word pieces of *text* that the model reads."""
        return self._pieces.of(text, PIECES_MOST)

    def vectors_of(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Give the vector of each of *texts*, which are numbers of word pieces."""
        np = self._np
        ends = np.cumsum([len(text) for text in texts])
        spans = [slice(end - len(text), end) for text, end in zip(texts, ends, strict=True)]
        numbers = np.concatenate([np.asarray(text) for text in texts])
        places = np.concatenate([np.arange(len(text)) for text in texts])
        state = self._normed(self._words[numbers] + self._places[places], self._norm)
        for layer in self._layers:
            state = self._through(layer, state, spans)
        means = np.stack([state[span].mean(axis=0) for span in spans])
        units = means / np.linalg.norm(means, axis=1, keepdims=True)
        found: list[list[float]] = units.astype(float).tolist()
        return found

    def _layer(self, tensors: dict[str, Array], name: str) -> _Layer:
        np = self._np
        three = [_pair(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        attend = (np.concatenate([weight for weight, _ in three]).T, np.concatenate([bias for _, bias in three]))
        mix, widen, narrow = (
            _pair(tensors, f"{name}.{part}.dense") for part in ("attention.output", "intermediate", "output")
        )
        return _Layer(
            attend,
            (mix[0].T, mix[1]),
            _pair(tensors, f"{name}.attention.output.LayerNorm"),
            (widen[0].T, widen[1]),
            (narrow[0].T, narrow[1]),
            _pair(tensors, f"{name}.output.LayerNorm"),
        )

    def _through(self, layer: _Layer, state: Array, spans: Sequence[slice]) -> Array:
        np = self._np
        three = state @ layer.attend[0] + layer.attend[1]
        seen = np.concatenate([self._attended(three[span]) for span in spans])
        state = self._normed(state + seen @ layer.mix[0] + layer.mix[1], layer.mix_norm)
        wide = self._gelu(state @ layer.widen[0] + layer.widen[1])
        return self._normed(state + wide @ layer.narrow[0] + layer.narrow[1], layer.narrow_norm)

    def _attended(self, three: Array) -> Array:
        """Let each piece of one text look at all of them; (pieces, 3 · width) in, (pieces, width) out."""
        np = self._np
        count, width = three.shape[0], three.shape[1] // 3
        query, key, value = three.reshape(count, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
        weights = query @ key.transpose(0, 2, 1) / math.sqrt(width // HEADS)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ value).transpose(1, 0, 2).reshape(count, width)

    def _normed(self, state: Array, norm: tuple[Array, Array]) -> Array:
        np = self._np
        state = state - state.mean(axis=-1, keepdims=True)
        spread = np.einsum("ij,ij->i", state, state) / state.shape[1]
        state /= np.sqrt(spread + EPSILON)[:, None]
        state *= norm[0]
        state += norm[1]
        return state

    def _gelu(self, state: Array) -> Array:
        """Give ``x · Φ(x)``, by the error function to 1.5e-7, which numpy has not: Abramowitz and Stegun, 7.1.26."""
        np = self._np
        size = np.abs(state)
        size *= HALF_ROOT
        near = 1.0 / (1.0 + 0.3275911 * size)
        tail = near * 1.061405429
        for term in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
            tail += term
            tail *= near
        size *= size
        tail *= np.exp(-size)
        bell = np.copysign(1.0 - tail, state)
        bell += 1.0
        bell *= state
        bell *= 0.5
        return bell


def _pair(tensors: dict[str, Array], name: str) -> tuple[Array, Array]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]
