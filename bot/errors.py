"""Every failure Mira knows by name, and who owns it.

Adapters translate library exceptions into these and keep the cause; nothing above an adapter
catches a library's own exception. docs/architecture.md, "Errors", says who sees what.
"""

from __future__ import annotations

import secrets

REFERENCE_BYTES = 4  # eight hexadecimal characters: short enough to read out, long enough to find in a log


def new_reference() -> str:
    """Make an eight-character reference that a person can quote and a log line carries."""
    return secrets.token_hex(REFERENCE_BYTES)


class CompanionError(Exception):
    """Base of every failure that Mira raises on purpose."""


class UserError(CompanionError):
    """A wish that cannot be granted; carries a locale key and its arguments, never prose."""

    def __init__(self, key: str, **arguments: object) -> None:
        super().__init__(key)
        self.key = key
        self.arguments = arguments


class SafetyHold(CompanionError):
    """The gate held a message or a reply; *rule* names the rule, never the content."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class ProviderError(CompanionError):
    """Model or network trouble.

    *retryable* says whether the same request may succeed later; *retry_after_s* is the wait the
    server asked for, in seconds, if it named one. *kind* is a short stable word for logs and
    decisions (``timeout``, ``rate_limit``, ``auth``, ``not_found``, ``refused``, ``empty``, ``broken`` …).
    """

    def __init__(self, message: str, *, kind: str, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class DeliveryError(ProviderError):
    """Discord did not take what was sent; *code* is Discord's JSON error code, 0 when it gave none."""

    def __init__(self, message: str, *, code: int, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message, kind="delivery", retryable=retryable, retry_after_s=retry_after_s)
        self.code = code


class StoreError(CompanionError):
    """Database trouble: unreachable, too slow, or a conflict that a retry may solve."""


class TurnLost(StoreError):
    """The turn is no longer ours: another process took the channel over, or it was superseded."""


class TurnBehind(CompanionError):
    """Somebody wrote again before the turn said anything: it starts anew, with all of it."""


class TalkWentOn(CompanionError):
    """Others spoke on before she had said what nobody asked her for: it is left unsaid."""


class ConfigError(CompanionError):
    """Mira cannot start; the text names the setting and the fix. The command exits with 2."""
