"""Her state in the shape that the playground's page shows (docs/playground.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from bot.domain.affect.emotions import NAMES
from bot.domain.affect.mood import octant, shown, strength
from bot.domain.affect.state import SoulState
from bot.engine.status import Status

EMOTIONS_SHOWN = 8
AXIS_DIGITS = 3


def panel_of(status: Status) -> Mapping[str, object]:
    """Give her state; makes no call."""
    view = status.read()
    return {
        "companion": {"name": view.name, "persona": view.persona},
        "mood": None if view.soul is None else _mood(view.soul),
        "model": {"name": view.model.model, "kind": view.model.kind, "health": _health(view.model.is_up)},
        "last_turn": None if view.last_turn is None else asdict(view.last_turn),
    }


def _mood(soul: SoulState) -> Mapping[str, object]:
    mood = shown(soul.mood)
    how = strength(mood)
    pleasure, arousal, dominance = (round(axis, AXIS_DIGITS) for axis in mood)
    return {
        "label": how if how == "neutral" else f"{how}ly {octant(mood)}",
        "pleasure": pleasure,
        "arousal": arousal,
        "dominance": dominance,
        "emotions": _strongest(soul),
    }


def _strongest(soul: SoulState) -> list[Mapping[str, object]]:
    levels = sorted(zip(NAMES[soul.tier], soul.emotions, strict=True), key=lambda one: -one[1])
    return [{"name": name, "percent": round(100 * level)} for name, level in levels[:EMOTIONS_SHOWN]]


def _health(is_up: bool) -> str:
    return "answers" if is_up else "does not answer"
