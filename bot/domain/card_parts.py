"""What a companion is made of while a character card is taken in: its body, manner, exchanges and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.persona import PersonaSource

# Bytes of identity, voice and exchanges together: beside the engine's rules (some 7,900), faces, and a name of 32
# characters of any script, a system prompt stays within 12,600 bytes.
PERSONA_BYTES = 4_200


@dataclass(frozen=True, slots=True)
class Parts:
    """A self in pieces: *body* says who they are, *manner* how they speak; *front* is known of the default persona.

    *personas* are further ones; *manifest* and *expressions* are None where the card has none of its own.
    """

    body: str
    manner: str
    exchanges: Sequence[Mapping[str, object]]
    front: Mapping[str, object] = field(default_factory=dict)
    personas: Mapping[str, PersonaSource] = field(default_factory=dict)
    manifest: Mapping[str, object] | None = None
    expressions: Mapping[str, object] | None = None
