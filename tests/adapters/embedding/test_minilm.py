"""The local model: the same sums as its makers', whatever comes along in a batch."""

from __future__ import annotations

import asyncio
import math
import random
from pathlib import Path

import pytest

from bot.adapters.embedding.local import NAME, PIECES_AT_ONCE, LocalEmbedder
from bot.adapters.embedding.minilm import PIECES_MOST, MiniLM
from bot.errors import ProviderError
from tests.adapters.embedding import small

np = pytest.importorskip("numpy", reason="numpy is not installed; it comes with requirements-dev.lock")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[MiniLM, dict]:
    folder = tmp_path_factory.mktemp("small")
    arrays = small.write(folder, np)
    return MiniLM(folder), arrays


def pieces(dice: random.Random, most: int = 40) -> list[int]:
    return [2, *(dice.randrange(4, len(small.PIECES)) for _ in range(dice.randrange(most))), 3]


@pytest.mark.parametrize("seed", range(5))
def test_vectors_are_those_of_the_padded_and_masked_sums(made, seed: int):
    model, arrays = made
    batch = [pieces(random.Random(seed * 100 + place)) for place in range(7)]
    assert np.abs(np.array(model.vectors_of(batch)) - small.slowly(arrays, batch, np)).max() < 2e-5


def test_a_vector_does_not_depend_on_what_comes_along(made):
    model, _ = made
    batch = [pieces(random.Random(place)) for place in range(9)]
    alone = [model.vectors_of([one])[0] for one in batch]
    assert np.abs(np.array(model.vectors_of(batch)) - np.array(alone)).max() < 1e-5


def test_vectors_have_length_one(made):
    model, _ = made
    for vector in model.vectors_of([[2, 3], [2, 4, 3], pieces(random.Random(1))]):
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)


def test_of_a_long_text_only_the_beginning_is_read(made):
    model, _ = made
    long = "a b c d e " * 200
    assert len(model.pieces_of(long)) == PIECES_MOST
    assert model.pieces_of(long)[-1] == 3
    assert model.pieces_of(long) == model.pieces_of(long + "z" * 90)


async def test_texts_come_back_in_their_order_however_many(made):
    model, _ = made
    embedder = LocalEmbedder(model)
    texts = [f"{'a b ' * (place % 50)}{chr(97 + place % 26)}" for place in range(40)]
    assert sum(len(model.pieces_of(text)) for text in texts) > 4 * PIECES_AT_ONCE
    found = await embedder.embed(texts)
    for text, vector in zip(texts, found, strict=True):
        assert vector == pytest.approx(model.vectors_of([model.pieces_of(text)])[0], abs=1e-5)
    assert await embedder.embed(()) == []
    assert embedder.name == NAME
    await embedder.aclose()


async def test_a_question_does_not_wait_for_all_that_was_asked_before(made):
    model, _ = made
    embedder = LocalEmbedder(model)
    many = asyncio.create_task(embedder.embed(["a b c d e f g h " * 30] * 16))
    await asyncio.sleep(0.02)
    await embedder.embed(("a",))
    assert not many.done()
    assert len(await many) == 16
    await embedder.aclose()


async def test_trouble_is_a_provider_error_without_content(made):
    class Broken(MiniLM):
        def __init__(self) -> None:
            pass

        def pieces_of(self, text: str) -> list[int]:
            raise MemoryError(text)

    embedder = LocalEmbedder(Broken())
    with pytest.raises(ProviderError) as caught:
        await embedder.embed(("a secret",))
    assert "secret" not in str(caught.value)
    await embedder.aclose()


async def test_closed_it_gives_a_provider_error(made):
    embedder = LocalEmbedder(made[0])
    await embedder.aclose()
    with pytest.raises(ProviderError):
        await embedder.embed(("a",))


def test_only_what_is_used_is_read_from_the_file(made, tmp_path: Path):
    arrays = small.write(tmp_path, np)
    model = MiniLM(tmp_path)
    assert isinstance(model._words.base, np.memmap) or isinstance(model._words, np.memmap)
    assert np.array_equal(model._words, arrays["embeddings.word_embeddings.weight"])
