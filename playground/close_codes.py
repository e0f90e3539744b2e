"""How Discord ends a gateway socket: its close codes, and the exception that carries one.

Source: Discord reference, "Gateway Close Event Codes".
"""

from __future__ import annotations

UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED = 4000, 4001, 4002, 4003
AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED = 4004, 4005, 4007, 4008
TIMED_OUT, INVALID_SHARD, INVALID_VERSION = 4009, 4010, 4012
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014


class GatewayClose(Exception):
    """Ends the socket with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
