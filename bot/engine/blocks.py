"""Prose blocks of the prompt, read once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocks:
    """The engine's own words."""

    texts: str = (
        "Answer with one JSON object: appraisals, intent, reply, reaction, expression, persona, memories, promises."
    )
    repair: str = "Your last answer could not be read. Answer with exactly one JSON object."
    rewrite: str = "Say it again, differently: the last try was {rules}."
