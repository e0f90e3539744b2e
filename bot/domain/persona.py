"""A companion and its personas as values, and the rules their files must keep; pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """An overlay of one companion: how the same self speaks."""

    slug: str
    title: str
    colour: int
    voice: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A self: who they are, how they speak, what they can show."""

    slug: str
    name: str
    version: str
    identity: str
    personas: tuple[Persona, ...]
    expressions: tuple[str, ...] = ()

    @property
    def default_persona(self) -> Persona:
        """Give the persona they wake up in."""
        return self.personas[0]
