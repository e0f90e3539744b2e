"""The real weights, where they are installed or named in MIRA_EMBED_WEIGHTS: what is near, and what is not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from operator import mul
from pathlib import Path

import pytest

from bot.adapters.embedding.local import LocalEmbedder
from bot.errors import ConfigError

HAPPY = ("That is a happy person", "That is a very happy person", "That is a happy dog", "Today is a sunny day")


@pytest.fixture(scope="module")
def local() -> LocalEmbedder:
    named = os.environ.get("MIRA_EMBED_WEIGHTS")
    try:
        return LocalEmbedder.open(Path(named) if named else None)
    except ConfigError as exc:
        pytest.skip(f"the weights of all-MiniLM-L6-v2 are not at hand: {exc}")


def alike(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(mul, one, other))


async def test_nearness_is_what_the_model_s_makers_publish(local: LocalEmbedder):
    first, *others = await local.embed(HAPPY)
    # sentence-transformers gives these figures for the same weights
    assert [alike(first, other) for other in others] == pytest.approx([0.943, 0.695, 0.257], abs=1e-3)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("Where does her sister work?", "My sister is a nurse at the hospital", "I had pasta for lunch"),
        ("What are you afraid of?", "Spiders scare me to death", "The train leaves at nine"),
        ("Which instrument do you play?", "I practise the cello every evening", "We painted the kitchen green"),
        ("How is the dog?", "Our puppy was ill last week", "She moved to Lisbon"),
    ],
)
async def test_what_answers_a_question_is_nearer_than_what_does_not(local, question: str, near: str, far: str):
    asked, answer, other = await local.embed((question, near, far))
    assert alike(asked, answer) > alike(asked, other) + 0.1


async def test_a_vector_has_384_numbers_of_length_one_whatever_the_text(local: LocalEmbedder):
    texts = ("", "🎉", "x" * 5_000, "word " * 3_000, "日本語", "\x00", "a\n\nb")
    for vector in await local.embed(texts):
        assert len(vector) == 384
        assert alike(vector, vector) == pytest.approx(1, abs=1e-4)


async def test_what_comes_along_changes_nothing(local: LocalEmbedder):
    together = await local.embed((*HAPPY, "word " * 300))
    for text, vector in zip(HAPPY, together, strict=False):
        ((alone),) = await local.embed((text,))
        assert alike(alone, vector) == pytest.approx(1, abs=1e-5)


async def test_the_rest_of_a_long_text_is_left_out(local: LocalEmbedder):
    long = "The cat sat on the mat. " * 60
    one, other = await local.embed((long, long + "Suddenly a spaceship landed."))
    assert alike(one, other) == pytest.approx(1, abs=1e-5)
