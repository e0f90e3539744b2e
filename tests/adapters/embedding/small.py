"""A model of MiniLM's shape, small enough to be made up: weights by chance, and the same sums done the slow way."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

WIDTH, WIDE, HEADS, LAYERS, PLACES = 24, 48, 12, 6, 512
PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *"abcdefghijklmnopqrstuvwxyz",
    *(f"##{one}" for one in "aeiourstln"),
    "you",
]


def shapes() -> dict[str, tuple[int, ...]]:
    """Name every array of the model with its shape."""
    found: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for number in range(LAYERS):
        for part, (out, into) in {
            "attention.self.query": (WIDTH, WIDTH),
            "attention.self.key": (WIDTH, WIDTH),
            "attention.self.value": (WIDTH, WIDTH),
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (WIDE, WIDTH),
            "output.dense": (WIDTH, WIDE),
        }.items():
            found[f"encoder.layer.{number}.{part}.weight"] = (out, into)
            found[f"encoder.layer.{number}.{part}.bias"] = (out,)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            found[f"encoder.layer.{number}.{part}.weight"] = (WIDTH,)
            found[f"encoder.layer.{number}.{part}.bias"] = (WIDTH,)
    return found


def write(folder: Path, np: Any) -> dict[str, Any]:
    """Write such a model as its files; gives its arrays."""
    chance = np.random.default_rng(6)
    arrays = {name: chance.normal(0, 0.4, shape).astype("<f4") for name, shape in shapes().items()}
    head: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body, at = b"", 0
    for name, array in arrays.items():
        data = array.tobytes()
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
        body, at = body + data, at + len(data)
    ids = np.arange(4, dtype="<i8").tobytes()
    head["embeddings.position_ids"] = {"dtype": "I64", "shape": [1, 4], "data_offsets": [at, at + len(ids)]}
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body + ids)
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    return arrays


def slowly(arrays: dict[str, Any], batch: list[list[int]], np: Any) -> Any:
    """Work the batch out as the model's makers do: padded to one length, masked, averaged over what is no padding."""
    w = {name: array.astype("f8") for name, array in arrays.items()}
    longest = max(map(len, batch))
    ids = np.array([one + [0] * (longest - len(one)) for one in batch])
    mask = np.array([[1.0] * len(one) + [0.0] * (longest - len(one)) for one in batch])
    state = (
        w["embeddings.word_embeddings.weight"][ids]
        + w["embeddings.position_embeddings.weight"][np.arange(longest)]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    state = _norm(w, "embeddings.LayerNorm", state, np)
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        seen = _attend(w, name, state, mask, np)
        seen = _dense(w, f"{name}.attention.output.dense", seen)
        state = _norm(w, f"{name}.attention.output.LayerNorm", state + seen, np)
        wide = _dense(w, f"{name}.intermediate.dense", state)
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        state = _norm(w, f"{name}.output.LayerNorm", state + _dense(w, f"{name}.output.dense", wide), np)
    means = (state * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def _attend(w: dict[str, Any], name: str, state: Any, mask: Any, np: Any) -> Any:
    size = WIDTH // HEADS
    out = np.zeros_like(state)
    query, key, value = (_dense(w, f"{name}.attention.self.{part}", state) for part in ("query", "key", "value"))
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        weights = query[..., part] @ key[..., part].transpose(0, 2, 1) / math.sqrt(size)
        weights = np.exp(weights + (mask[:, None, :] - 1) * 1e9)
        out[..., part] = weights / weights.sum(axis=-1, keepdims=True) @ value[..., part]
    return out


def _dense(w: dict[str, Any], name: str, state: Any) -> Any:
    return state @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _norm(w: dict[str, Any], name: str, state: Any, np: Any) -> Any:
    spread = state.var(axis=-1, keepdims=True)
    return (state - state.mean(axis=-1, keepdims=True)) / np.sqrt(spread + 1e-12) * w[f"{name}.weight"] + w[
        f"{name}.bias"
    ]
