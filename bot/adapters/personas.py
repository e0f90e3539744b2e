"""Read companions from their folders."""

from __future__ import annotations

from pathlib import Path

from bot.domain.persona import Companion, Persona


def read_companion(name: str | Path) -> Companion:
    """Read a companion."""
    return Companion("mira", "Mira", "0", "You are Mira.", (Persona("default", "Mira", 0xE0A0B0, "Warm."),))


def check_companion(name: str | Path) -> list[str]:
    """Check."""
    return []
