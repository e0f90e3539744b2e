"""Every persona that ships, as a model meets it: small enough, honest, and offering no more than it may."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from bot.adapters.personas import companion_names, read_companion
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.personality import Ocean
from bot.domain.affect.traits import read_traits
from bot.domain.feeling_words import NATURE_LIMIT, nature_in_words
from bot.domain.persona import Companion, Persona, Rating, check_lines
from bot.domain.prompt import AnswerForm, Block, system_blocks
from bot.domain.safety import judge
from bot.engine.blocks import Blocks

TEXTS = Blocks().texts
SHIPPED = [read_companion(name) for name in companion_names()]
WORN = [pytest.param(one, persona, id=f"{one.slug}-{persona.slug}") for one in SHIPPED for persona in one.personas]
EXCHANGES_LEAST, EXCHANGES_MOST = 6, 12
MANNER = re.compile(r"^`persona`: .*?: (.*)\.$", re.MULTILINE)


def system_of(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(f"# {block.title}\n\n{block.text}" for block in blocks)


def offered(companion: Companion, persona: Persona) -> str:
    found = MANNER.search(system_blocks(companion, persona, TEXTS, AnswerForm.JSON)[-1].text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("form", AnswerForm)
@pytest.mark.parametrize(("companion", "persona"), WORN)
def test_system_message_of_every_persona_is_within_its_budget(companion, persona, form):
    bare = system_of(system_blocks(companion, persona, TEXTS, form))
    assert len(bare.encode()) <= 12_600
    full = system_of(system_blocks(companion, persona, TEXTS, form, nature="n" * NATURE_LIMIT))
    assert len(full.encode()) <= 13_800


@pytest.mark.parametrize(("companion", "persona"), WORN)
def test_engine_rules_follow_every_persona(companion, persona):
    blocks = system_blocks(companion, persona, TEXTS, AnswerForm.JSON)
    assert [block.title for block in blocks[:3]] == ["Who you are", "How you speak", "How it sounds"]
    assert blocks[1].text == persona.voice
    assert f'rated "{persona.rating}"' in blocks[3].text


@pytest.mark.parametrize(("companion", "persona"), WORN)
def test_no_persona_speaks_by_a_forbidden_line(companion, persona):
    shown = companion.examples_for(persona)
    assert check_lines(companion.identity) == check_lines(persona.voice) == ()
    assert all(judge(example.you).is_clean and check_lines(example.you) == () for example in shown)
    assert EXCHANGES_LEAST <= len(shown) <= EXCHANGES_MOST


@pytest.mark.parametrize(("companion", "persona"), WORN)
def test_she_is_offered_only_what_she_may_slip_into_by_herself(companion, persona):
    words = offered(companion, persona).removesuffix("; or null").split(", ")
    free = [one for one in companion.personas if not one.is_opt_in and one.rating is not Rating.ADULT]
    hints = {one.slug: " (for distress)" for one in free if one.is_shelter}
    if persona not in free:
        hints["default"] = " (when told to stop)"
    assert words == [one.slug + hints.get(one.slug, "") for one in free if one != persona]


def test_a_self_with_nothing_else_to_slip_into_is_told_so():
    mira = read_companion("mira")
    alone = [persona for persona in mira.personas if persona.slug in ("default", "forbidden")]
    (usual, night) = sorted(alone, key=lambda one: one.is_opt_in)
    assert (night.is_opt_in, night.rating) == (True, Rating.ADULT)
    twofold = type(mira)(**{name: getattr(mira, name) for name in mira.__slots__} | {"personas": tuple(alone)})
    assert offered(twofold, usual) == "always null, there is no other"
    assert offered(twofold, night) == "default (when told to stop); or null"


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda one: one.slug)
def test_every_companion_has_one_shelter_and_says_what_each_manner_is(companion):
    assert companion.shelter is not None and companion.shelter.is_free
    assert companion.summary and all(persona.summary for persona in companion.personas)
    assert len({persona.summary for persona in companion.personas}) == len(companion.personas)


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda one: one.slug)
def test_no_two_manners_share_a_sentence(companion):
    told = [set(re.split(r"(?<=[.!?])\s+", persona.voice)) for persona in companion.personas]
    assert not any(one & other for one, other in combinations(told, 2))


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda one: one.slug)
def test_faces_stand_for_every_emotion(companion):
    assert {name for face in companion.expressions for name in face.feels} == set(NAMES["rich"])
    assert len({face.emoji for face in companion.expressions}) == len(companion.expressions)


@pytest.mark.parametrize("companion", SHIPPED, ids=lambda one: one.slug)
@pytest.mark.parametrize("tier", ["lite", "rich"])
def test_traits_of_their_own_are_told_and_stay_through_drift(companion, tier):
    born = Ocean(*(getattr(companion.temperament, factor) for factor in Ocean._fields))
    for ocean in (born, Ocean(0.1, -0.1, 0.2, 0.0, 0.1)):
        readings = {one.name: one for one in read_traits(ocean, tier, companion.traits)}
        own = {name: value for name, value in companion.traits if name in readings}
        assert {name: readings[name].value for name in own} == own
        words = nature_in_words(ocean, tier, companion.traits)
        assert all(readings[name].style in words for name, value in own.items() if abs(value) >= 0.6)
