"""What one process does of the whole."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Hear, answer, or both."""

    ALL = "all"
    GATEWAY = "gateway"
    WORKER = "worker"
