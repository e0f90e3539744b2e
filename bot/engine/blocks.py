"""The engine's own prose for the prompt, kept as Markdown beside the code and read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from bot.domain.prompt import RuleTexts

FOLDER = "prompts"
HEADING = re.compile(r"^## (\w+)\n", re.MULTILINE)


@cache
def _prose(name: str) -> str:
    path = resources.files("bot.engine").joinpath(FOLDER, f"{name}.md")
    return path.read_text(encoding="utf-8").strip()


def _rule_texts() -> RuleTexts:
    return RuleTexts(
        truth=_prose("truth"),
        data=_prose("data"),
        answer_json=_prose("answer_json"),
        answer_text=_prose("answer_text"),
    )


def _parts(name: str) -> Mapping[str, str]:
    """Give the texts of a file by the headings over them."""
    _, *parts = HEADING.split(_prose(name))
    return {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}


@dataclass(frozen=True, slots=True)
class Blocks:
    """The engine's own words.

    *rewrite* has the field ``{rules}``, *consider* has ``{name}`` and ``{identity}``. *bridging* says why her manner
    changed, by `bot.domain.wardrobe.Because` and ``still``, with ``{from}`` and ``{to}``.
    """

    texts: RuleTexts = field(default_factory=_rule_texts)
    repair: str = field(default_factory=lambda: _prose("repair"))
    rewrite: str = field(default_factory=lambda: _prose("rewrite"))
    consider: str = field(default_factory=lambda: _prose("consider"))
    bridging: Mapping[str, str] = field(default_factory=lambda: _parts("bridging"))
