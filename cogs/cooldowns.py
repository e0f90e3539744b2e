"""How often one person may use what costs something: drawing, searching, adding up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from discord import app_commands

USES = 6
WITHIN_S = 30.0  # seconds; chosen by ear: whoever looks something up is never held up, a script is

_Decorated = TypeVar("_Decorated")


def costly() -> Callable[[_Decorated], _Decorated]:
    """Let one person use a command six times in half a minute; `cogs.errors` tells them when again."""
    return app_commands.checks.cooldown(USES, WITHIN_S)
