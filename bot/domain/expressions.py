"""Which face goes with what she says: the one the model names, else the one that fits what she feels.

The faces themselves are data of the companion (`bot.domain.persona`); showing one is left to whoever sends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.feeling import Feelings
from bot.domain.manner import risen, risen_in_all
from bot.domain.persona import Companion, Expression

FELT_LEAST = 0.06  # above rest from which a feeling shows in her face; chosen by ear
GAPS = re.compile(r"[\s_-]+")


def choose_expression(
    companion: Companion, given: str | None, feelings: Feelings | None, *, leak: float = DEFAULT_LEAK
) -> Expression | None:
    """Give the face the model named, else the one that fits what she feels, else a neutral one.

    With several persons in *feelings* the strongest towards any of them counts, with none the shared feelings.
    None only where the companion has no face at all.
    """
    if (named := named_expression(companion, given)) is not None:
        return named
    return fitting_expression(companion, _felt(feelings, leak) if feelings is not None else {})


def named_expression(companion: Companion, given: str | None) -> Expression | None:
    """Give the face of that name or emoji; case, spaces, underscores and hyphens do not matter."""
    if given is None:
        return None
    wanted = _plain(given)
    for face in companion.expressions:
        if wanted and wanted in (_plain(face.slug), _plain(face.emoji)):
            return face
    return None


def fitting_expression(companion: Companion, above_rest: Mapping[str, float]) -> Expression | None:
    """Give the face that fits feelings by how far above rest they are, by emotion in [0, 1].

    The strongest feeling that any face stands for decides; among several such faces the one whose other feelings
    fit best, then the first.
    """
    shows = {name: level for name, level in above_rest.items() if level >= FELT_LEAST}
    faces = [face for face in companion.expressions if any(name in shows for name in face.feels)]
    if not faces:
        return neutral_expression(companion)
    return max(faces, key=lambda face: _fit(face, shows))


def neutral_expression(companion: Companion) -> Expression | None:
    """Give the first face that stands for no feeling, else the first of all."""
    faces = companion.expressions
    return next((face for face in faces if not face.feels), faces[0] if faces else None)


def _fit(face: Expression, shows: Mapping[str, float]) -> tuple[float, float]:
    levels = [shows.get(name, 0.0) for name in face.feels]
    return max(levels), sum(levels) / len(levels)


def _felt(feelings: Feelings, leak: float) -> dict[str, float]:
    if not feelings.persons:
        return risen_in_all(feelings.soul, leak=1.0)
    strongest: dict[str, float] = {}
    for person in feelings.persons.values():
        for name, level in risen(feelings.soul, person, leak=leak).items():
            strongest[name] = max(level, strongest.get(name, 0.0))
    return strongest


def _plain(word: str) -> str:
    return GAPS.sub("", unicodedata.normalize("NFKC", word).casefold())
