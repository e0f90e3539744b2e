"""Read a companion back out of a card that was exported from here, as strictly as any stranger's.

Beside the fields of the format such a card carries the whole companion under ``extensions.mira``. Where another program
has changed the fields since, those win.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from bot.domain.card_bounds import is_explicit, is_to_a_model
from bot.domain.card_filter import Filter
from bot.domain.card_parts import Parts
from bot.domain.card_rating import Standing
from bot.domain.card_report import CardError, Fate, Report, shown
from bot.domain.card_text import size_of, visible
from bot.domain.character_card import CharacterCard
from bot.domain.persona import (
    DEFAULT_PERSONA,
    EXAMPLES_MOST,
    IDENTITY_LIMIT,
    NAME_LIMIT,
    SLUG,
    VOICE_LIMIT,
    CompanionSource,
    PersonaError,
    PersonaSource,
    Rating,
    build_companion,
)

EXTENSION = "mira"
PLACE = f"extensions.{EXTENSION}"
FORM = 1
# What identity, one voice, its exchanges and the faces may take together, in bytes: a prompt's own part beside them is
# some 7,900 of 12,600.
OWN_BYTES = 4_650
SLUG_LIMIT = 20  # characters of a persona's slug, which stands among the rules
WHEN_WORDS_MOST = 8
_WHEN = re.compile(r"[\w ,;'’/–-]{1,80}")
_COPIED_FIELDS = (
    "name", "description", "personality", "scenario", "mes_example", "system_prompt",
    "post_history_instructions", "first_mes",
)  # fmt: skip


def written_digest(texts: Mapping[str, object]) -> str:
    """Name what the fields of the format say, so that a change of them by another program is noticed."""
    said = json.dumps([texts.get(field) or "" for field in _COPIED_FIELDS])
    return blake2b(said.encode(), digest_size=8).hexdigest()


def own_parts(card: CharacterCard, standing: Standing, report: Report) -> Parts | None:
    """Give the companion that a card of ours carries, or None where there is none that may be taken as it is.

    Raises:
        CardError: one of its personas is adult and somebody in it under age.
    """
    table = card.extensions.get(EXTENSION)
    if table is None:
        return None
    if not isinstance(table, Mapping) or table.get("form") != FORM:
        report.add(PLACE, Fate.LEFT_OUT, f"must be of form {FORM}, is {shown(table)}")
        return None
    if table.get("written") != written_digest(card.texts):
        report.add(PLACE, Fate.LEFT_OUT, "the card was changed since it was exported; its fields are read instead")
        return None
    try:
        return _OwnReader(report, standing).parts(table)
    except (PersonaError, _Misfit) as exc:
        report.add(PLACE, Fate.LEFT_OUT, f"{shown(str(exc))}; the card's fields are read instead")
        return None


class _Misfit(Exception):
    """Something of an own card is not as it was written here."""


class _OwnReader:
    """Takes the companion out of the extension's table."""

    def __init__(self, report: Report, standing: Standing) -> None:
        self._report = report
        self._standing = standing
        self._sift = Filter(
            report, is_chaste=standing.is_of_minor or (standing.is_chosen and standing.is_chaste), is_own=True
        )

    def parts(self, table: Mapping[str, object]) -> Parts:
        source = self._source(table)
        companion = build_companion(source)
        spoken = (companion.identity, companion.default_persona.voice)
        if any(map(is_explicit, spoken)):
            raise _Misfit("what everyone may meet is explicit")
        if self._standing.is_of_minor and any(one.rating is Rating.ADULT for one in companion.personas):
            raise CardError(f"{PLACE}: somebody in the card is under age, and a persona is rated adult")
        self._report.add(PLACE, Fate.TAKEN, "the companion as it was exported")
        main = source.personas[DEFAULT_PERSONA]
        return Parts(
            body=source.identity,
            manner=main.voice,
            exchanges=_list_of(source.examples, "exchange"),
            front=main.front,
            personas={slug: one for slug, one in source.personas.items() if slug != DEFAULT_PERSONA},
            manifest=source.manifest,
            expressions=source.expressions,
        )

    def _source(self, table: Mapping[str, object]) -> CompanionSource:
        identity = self._prose("identity", table.get("identity"), IDENTITY_LIMIT)
        personas = {
            slug: one for slug, value in _table(table, "personas").items() if (one := self._persona(slug, value))
        }
        faces = self._faces(_table(table, "expressions"))
        exchanges = self._exchanges(_list_of(_table(table, "examples"), "exchange"))
        source = CompanionSource(
            slug="own",
            fingerprint="",
            manifest=_plain_table(_table(table, "manifest")),
            identity=identity,
            personas=personas,
            examples={"exchange": exchanges},
            expressions={"expression": faces},
        )
        return _within(source, self._report)

    def _persona(self, slug: str, value: object) -> PersonaSource | None:
        place = f"{PLACE}.personas.{shown(slug)}"
        if not SLUG.fullmatch(slug) or len(slug) > SLUG_LIMIT or is_to_a_model(slug.replace("-", " ")):
            self._report.add(place, Fate.LEFT_OUT, "is no name for a persona here")
            return None
        if not isinstance(value, Mapping):
            raise _Misfit(f"{place} is no table")
        front = _plain_table(_table(value, "front"))
        voice = self._prose(f"{PLACE}.personas.{slug}", value.get("voice"), VOICE_LIMIT)
        if slug != DEFAULT_PERSONA and (front.get("rating") == Rating.ADULT or is_explicit(voice)):
            front = {**front, "rating": str(Rating.ADULT), "opt_in": True}
            front.pop("shelter", None)
        return PersonaSource(front, voice)

    def _prose(self, place: str, value: object, most: int) -> str:
        if not isinstance(value, str):
            raise _Misfit(f"{place} is no text")
        return self._sift.prose(place, value, most=most, most_bytes=OWN_BYTES)

    def _exchanges(self, values: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        found = []
        for value in values[:EXAMPLES_MOST]:
            them, you = value.get("them"), value.get("you")
            if not isinstance(them, str) or not isinstance(you, str):
                raise _Misfit("an exchange is no pair of texts")
            asked = self._sift.spoken(f"{PLACE}.examples", them, is_theirs=True)
            answer = self._sift.spoken(f"{PLACE}.examples", you, is_theirs=False)
            persona = {"persona": value["persona"]} if "persona" in value else {}
            if asked and answer:
                found.append({**persona, "them": asked, "you": answer})
        return found

    def _faces(self, table: Mapping[str, object]) -> list[dict[str, object]]:
        """Take the faces; what one stands for is said among the rules, so it is a few words or nothing."""
        faces = []
        for value in _list_of(table, "expression"):
            face = _plain_table(value)
            when = face.get("when")
            is_plain = isinstance(when, str) and _WHEN.fullmatch(when) and len(when.split()) <= WHEN_WORDS_MOST
            if not is_plain or is_to_a_model(str(when)):
                face["when"] = str(face.get("slug"))[:SLUG_LIMIT]
                self._report.add(f"{PLACE}.expressions", Fate.CHANGED, "what a face stands for is a few plain words")
            faces.append(face)
        return faces


def _within(source: CompanionSource, report: Report) -> CompanionSource:
    """Keep every persona's prompt within its bytes: exchanges go first, from the last on, then ends of texts."""
    faces = sum(
        len(f"{one.get('slug')} ({one.get('when')}), ".encode()) for one in _list_of(source.expressions, "expression")
    )
    exchanges = list(_list_of(source.examples, "exchange"))
    name = str(source.manifest.get("name", ""))[:NAME_LIMIT]

    def bytes_of(slug: str) -> int:
        said = (one for one in exchanges if one.get("persona") in (None, slug))
        spoken = sum(size_of(f"{one['them']}{one['you']}", name) + 14 for one in said)
        return faces + spoken + size_of(source.identity, name) + size_of(source.personas[slug].voice, name)

    while exchanges and any(bytes_of(slug) > OWN_BYTES for slug in source.personas):
        exchanges.pop()
        report.add(f"{PLACE}.examples", Fate.SHORTENED, "the prompt has no more room")
    if not exchanges or any(bytes_of(slug) > OWN_BYTES for slug in source.personas):
        raise _Misfit("it is longer than a prompt may be")
    return replace(source, examples={"exchange": exchanges})


def _table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = table.get(key)
    if not isinstance(value, Mapping):
        raise _Misfit(f"{key} is no table")
    return value


def _list_of(table: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    value = table.get(key)
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _Misfit(f"{key} is no list of tables")
    return value


def _plain_table(table: Mapping[str, object]) -> dict[str, object]:
    return {visible(key): _plain(value) for key, value in table.items()}


def _plain(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return _plain_table(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value
