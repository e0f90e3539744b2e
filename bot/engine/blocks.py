"""The engine's own prose for the prompt, kept as Markdown beside the code and read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from bot.domain.prompt import RuleTexts

FOLDER = "prompts"


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


@dataclass(frozen=True, slots=True)
class Blocks:
    """The engine's own words; *rewrite* has the field ``{rules}``, *consider* has ``{name}`` and ``{identity}``."""

    texts: RuleTexts = field(default_factory=_rule_texts)
    repair: str = field(default_factory=lambda: _prose("repair"))
    rewrite: str = field(default_factory=lambda: _prose("rewrite"))
    consider: str = field(default_factory=lambda: _prose("consider"))
