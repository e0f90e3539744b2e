"""How the gateway connection of this process does, over all of its shards."""

from __future__ import annotations

import math

import discord

from bot.adapters.discord.client import CompanionClient
from bot.domain.service import LineState

MILLISECONDS = 1000


class DiscordLine:
    """Implements `bot.operator_ports.GatewayWatch`."""

    def __init__(self, client: CompanionClient) -> None:
        self._client = client

    def state(self) -> LineState:
        """See `bot.operator_ports.GatewayWatch.state`."""
        shards = self._client.shards_here
        return LineState(self._is_connected(), _known_ms(self._client.latency), "" if shards.is_whole else str(shards))

    def _is_connected(self) -> bool:
        """Say whether every shard has an open socket and was told who she is."""
        client = self._client
        if not client.is_ready() or client.is_closed():
            return False
        if isinstance(client, discord.AutoShardedClient):
            open_now = [shard_id for shard_id, shard in client.shards.items() if not shard.is_closed()]
            return len(open_now) == len(client.shards_here.ids)
        return client.ws is not None and client.ws.open


def _known_ms(latency_s: float) -> float | None:
    # not a number, or endless, before the first heartbeat was answered
    return round(latency_s * MILLISECONDS, 1) if math.isfinite(latency_s) else None
