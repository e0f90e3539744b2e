"""What a person is asked about before it is done, held in memory and nowhere else until they choose."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic

import discord

HELD_MOST = 500
HELD_S = 900.0  # seconds: as long as Discord lets an answer be changed
TOKEN_BYTES = 8

Wish = Callable[[discord.Interaction], Awaitable[None]]


class Wishes:
    """Holds what waits for a click; after a restart, or a quarter of an hour, it is gone, and nothing was kept."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, Wish]] = OrderedDict()

    def hold(self, wish: Wish) -> str:
        """Hold a wish and name it."""
        token = secrets.token_hex(TOKEN_BYTES)
        self._held[token] = (monotonic() + HELD_S, wish)
        while len(self._held) > HELD_MOST:
            self._held.popitem(last=False)
        return token

    def take(self, token: str) -> Wish | None:
        """Give a wish back, once; None if it is no longer held."""
        until, wish = self._held.pop(token, (0.0, None))
        return wish if until >= monotonic() else None
