"""What may be kept as a vector: as many as texts, of one length, finite, with a direction."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.errors import ProviderError


def unit_vectors(given: Sequence[Sequence[float]], *, count: int) -> list[tuple[float, ...]]:
    """Give *given* scaled to length one.

    Raises:
        ProviderError: they are not *count* vectors of one dimension with a direction each (kind ``broken``).
    """
    try:
        made = [_unit(vector) for vector in given]
    except (TypeError, ValueError, OverflowError) as exc:
        raise _broken("no vectors") from exc
    if len(made) != count:
        raise _broken("not one vector for each text")
    if len({len(vector) for vector in made}) > 1:
        raise _broken("vectors of different lengths")
    return made


def _unit(vector: Sequence[float]) -> tuple[float, ...]:
    numbers = tuple(float(one) for one in vector)
    length = math.hypot(*numbers)
    if not math.isfinite(length) or length == 0:
        raise _broken("a vector without a direction")
    return tuple(one / length for one in numbers)


def _broken(detail: str) -> ProviderError:
    return ProviderError(f"the embedder's answer could not be read ({detail})", kind="broken", retryable=True)
