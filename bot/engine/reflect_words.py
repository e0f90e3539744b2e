"""What reflection is told and what it may choose from: its prompt and the closed list of tastes, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bot.domain.self_notes import Topic


@dataclass(frozen=True, slots=True)
class ReflectWords:
    """The prompt's prose, and all topics of which a companion may come to like or dislike something."""

    rules: str
    topics: tuple[Topic, ...]


@cache
def read_reflect_words() -> ReflectWords:
    """Read both from beside the code."""
    folder = resources.files("bot.engine")
    rules = folder.joinpath("prompts", "reflect.md").read_text(encoding="utf-8").strip()
    topics = tomllib.loads(folder.joinpath("tastes.toml").read_text(encoding="utf-8"))["topics"]
    return ReflectWords(rules, tuple(Topic(slug, words) for slug, words in topics.items()))
