"""Memory without Discord and without a model, for evaluation; see docs/memory.md."""

from __future__ import annotations
