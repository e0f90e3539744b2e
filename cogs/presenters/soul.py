"""Cards that tell an admin what was changed about her."""

from __future__ import annotations

from bot.domain.card import Card, Text
from bot.domain.ids import UserId
from bot.domain.text import visible_line


def preset_card(preset: str, *, name: str) -> Card:
    """Say which temperament she has now."""
    return Card("soul_preset", {"name": name, "preset": preset})


def bond_card(user_id: UserId, bond: str, *, name: str) -> Card:
    """Say which fixed bond somebody has now; an empty one was taken away."""
    who = {"name": name, "user_id": user_id}
    words = visible_line(bond)
    return Card("soul_bond", {**who, "bond": words}) if words else Card("soul_bond_gone", who)


def reset_card(*, name: str) -> Card:
    """Say that she starts afresh."""
    return Card("soul_reset", {"name": name})


def kept_card() -> Card:
    """Say that a reset was not confirmed."""
    return Card("soul_reset_kept")


def frozen_card(*, is_frozen: bool, name: str) -> Card:
    """Say whether her days may change her."""
    return Card("soul_frozen" if is_frozen else "soul_thawed", {"name": name})


def reset_form(*, name: str) -> tuple[Text, Text, Text]:
    """Give title, label and hint of the form that asks for her name."""
    return Text("soul_reset_form", {"name": name}), Text("soul_reset_field"), Text("soul_reset_hint", {"name": name})
