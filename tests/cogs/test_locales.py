"""Every text that is asked for is there, every text that is there is asked for, and none of them pulls at anybody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from bot.adapters.discord.locales import texts, words_of
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.mood import OCTANTS, STRENGTHS, STRONG
from bot.domain.affect.personality import Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.traits import BAND_NAMES, RICH_TRAITS
from bot.domain.card import Card, Text
from cogs.presenters import mood, personality, relationship
from tests.cogs.pulls import PULLS
from tests.docs.project import ROOT

FAMILIES: dict[str, set[str]] = {
    "octant": set(OCTANTS.values()),
    "octant_name": set(OCTANTS.values()),
    "strength": {*(word for _, word in STRENGTHS), STRONG},
    "emotion": set(NAMES["rich"]),
    "did": set(NAMES["rich"]),
    "stage": {stage.replace(" ", "_") for stage in Stage},
    "stage_name": {stage.replace(" ", "_") for stage in Stage},
    "factor": set(Ocean._fields),
    "trait": {trait.name for trait in RICH_TRAITS},
    "much": {band.replace(" ", "_") for band in BAND_NAMES},
    **{factor: {band.replace(" ", "_") for band in BAND_NAMES} for factor in Ocean._fields},
}
MOOD = (
    mood.MOOD,
    mood.STRENGTH,
    mood.OCTANT,
    mood.OCTANT_NAME,
    mood.EMOTION,
    mood.DID,
    mood.LEVEL,
    mood.LEFT,
    mood.UNDER,
    mood.AMOUNT,
)
BETWEEN = (relationship.SENTIMENT, relationship.STAGE, relationship.STAGE_NAME, relationship.CHANGE)
NATURE = (personality.FACTOR, personality.HOW, personality.AMOUNT, personality.TRAIT, personality.DRIFTED)
TABLES = (*MOOD, mood.SPAN, *BETWEEN, *relationship.HOW.values(), *NATURE, personality.DRIFT)
OWN = ("list.comma", "list.last")  # what the reader of texts puts lists together with


def named_in_code() -> set[str]:
    """Give every string of the code that could be a key."""
    found = set()
    for folder in ("bot", "cogs"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def asked_for() -> Iterator[tuple[str, str]]:
    """Give every key that stands where only a key can stand, with its file."""
    for folder in ("bot", "cogs"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield from ((key, path.name) for key in keys_in(node))


def keys_in(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else None
    places = call.args[:1] if name in ("Card", "Text", "UserError") else []
    places += [keyword.value for keyword in call.keywords if keyword.arg == "title_key"]
    for place in places:
        for node in ast.walk(place):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_text_asked_for_is_there():
    known = texts()
    asked = [*asked_for(), *((key, "table") for table in TABLES for key in table.values())]
    assert [(key, where) for key, where in asked if key not in known] == []


def test_every_text_is_asked_for():
    used = named_in_code() | {key for table in TABLES for key in table.values()} | set(OWN)
    assert set(texts()) - used == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_of_the_model_has_words_and_no_other(family: str):
    prefix = f"{family}."
    assert {key.removeprefix(prefix) for key in texts() if key.startswith(prefix)} == FAMILIES[family]


def test_no_text_blames_needs_or_draws_back():
    pulling = {key: text for key, text in texts().items() if PULLS.search(text)}
    assert pulling == {}


def test_nothing_is_a_number_a_model_gave():
    for key, text in texts().items():
        assert not re.search(r"%|percent|\{[^}]*:[.0-9]", text), key


def test_lists_are_read_out():
    name = [Text(f"emotion.{one}") for one in ("joy", "love", "hope")]
    said = [words_of(Text("relationship_feels", {"feelings": tuple(name[:count])})) for count in (1, 2, 3)]
    assert [one.removeprefix("Towards you she feels ").removesuffix(" right now.") for one in said] == [
        "joy",
        "joy and tenderness",
        "joy, tenderness and hope",
    ]


def test_arguments_are_no_markdown():
    card = Text("soul_bond_gone", {"user_id": 7, "name": "**Mi_ra**"})
    assert words_of(card) == "<@7> no longer has a fixed bond with \\*\\*Mi\\_ra\\*\\*."
    assert "**Mi_ra**" in words_of(Text("soul_reset_form", {"name": "**Mi_ra**"}), is_plain=True)


def test_a_card_is_a_value():
    assert Card("ping", {"milliseconds": 1}) == Card("ping", {"milliseconds": 1})
