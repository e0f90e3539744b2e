"""How a text is looked up by its words: which language's rules, and which words.

Everything that is indexed or asked goes through here, so that both sides agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Searchable:
    """A text as PostgreSQL's ``to_tsvector`` is to take it: *language* names a text search configuration."""

    language: str
    text: str


def searchable(text: str, names: Iterable[str] = ()) -> Searchable:
    """Give *text* as it is indexed, without the *names* of who takes part in the talk."""
    words = text
    for name in names:
        words = words.replace(name, " ")
    return Searchable("english", words)
