"""Cards that say what she is and how to talk to her."""

from __future__ import annotations

from bot.domain.card import Card
from bot.engine.status import StatusView

MILLISECONDS = 1000


def about_card(status: StatusView) -> Card:
    """Say what she is, what is kept, and which model answers."""
    arguments = {"name": status.name, "version": status.version, "model": status.model.model}
    return Card("about", arguments, title_key="about_title", colour=status.colour)


def help_card(status: StatusView) -> Card:
    """Say how to talk to her, and what she cannot see here."""
    key = "help" if status.has_content else "help_limited"
    return Card(key, {"name": status.name}, title_key="help_title", colour=status.colour)


def ping_card(latency_s: float) -> Card:
    """Say how long the gateway takes to answer."""
    return Card("ping", {"milliseconds": round(latency_s * MILLISECONDS)})
