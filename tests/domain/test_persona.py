"""What a companion's data must keep: ranges, known keys, known fields, and a name for every misfit."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.affect.emotions import NAMES
from bot.domain.affect.traits import TRAITS as NAMED_TRAITS
from bot.domain.persona import CompanionSource, Example, PersonaError, PersonaSource, Rating, build_companion
from bot.errors import ConfigError

TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


def source(**changes) -> CompanionSource:
    """Make a companion's data that fits; *changes* replace parts of it."""
    good = CompanionSource(
        slug="robin",
        fingerprint="0a1b2c3d",
        manifest={
            "name": "Robin",
            "version": "1.2.3",
            "locales": ["en", "pt-BR", "zh-Hant-TW"],
            "nicknames": ["rob"],
            "temperament": dict.fromkeys(TRAITS, 0.5),
            "model": {"temperature": 1},
        },
        identity="You are {name}.",
        personas={"default": persona_source(), "late-night": persona_source(opt_in=True, rating="adult")},
        examples={"exchange": [{"them": "hi {name}", "you": "hi"}, {"them": "a", "you": "b", "persona": "late-night"}]},
        expressions={"expression": [{"slug": "smile", "emoji": "🙂", "when": "pleased"}]},
    )
    if "personas" in changes and "examples" not in changes:  # an exchange may name no persona that is not there
        changes["examples"] = {"exchange": [{"them": "hi {name}", "you": "hi"}]}
    return replace(deepcopy(good), **changes)


def persona_source(voice: str = "Plain.", **front) -> PersonaSource:
    known = {"title": "Robin", "rating": "everyone", "colour": "#0a0B0c", "opt_in": False, "emoji": "🌿"}
    return PersonaSource({**known, **front}, voice)


def manifest(**changes) -> CompanionSource:
    return source(manifest={**source().manifest, **changes})


def without(table: dict, key: str) -> dict:
    return {name: value for name, value in table.items() if name != key}


def problems_of(data: CompanionSource) -> tuple[str, ...]:
    with pytest.raises(PersonaError) as raised:
        build_companion(data)
    assert isinstance(raised.value, ConfigError)
    return raised.value.problems


def test_fitting_data_becomes_a_companion():
    robin = build_companion(source())
    assert (robin.name, robin.version, robin.identity) == ("Robin", "1.2.3+0a1b2c3d", "You are Robin.")
    assert robin.default_persona.colour == 0x0A0B0C
    assert robin.persona("late-night").rating is Rating.ADULT and robin.persona("late-night").is_opt_in
    assert robin.model.temperature == 1.0
    assert robin.temperament.neuroticism == 0.5
    with pytest.raises(KeyError):
        robin.persona("unknown")


def test_examples_of_another_persona_are_left_out():
    robin = build_companion(source())
    assert robin.examples_for(robin.default_persona) == (Example("hi Robin", "hi"),)
    assert len(robin.examples_for(robin.persona("late-night"))) == 2


def test_optional_parts_may_be_missing():
    bare = without(without(dict(source().manifest), "model"), "nicknames")
    robin = build_companion(source(manifest=bare))
    assert robin.nicknames == () and robin.model.temperature is None
    assert robin.summary == "" == robin.default_persona.summary
    assert robin.traits == () and robin.shelter is None


def test_lines_for_people_are_taken():
    personas = {"default": persona_source(summary="Plain and short.")}
    robin = build_companion(replace(source(personas=personas), manifest=manifest(summary="A bird.").manifest))
    assert (robin.summary, robin.default_persona.summary) == ("A bird.", "Plain and short.")


def test_one_persona_may_be_the_shelter():
    robin = build_companion(source(personas={"default": persona_source(), "nest": persona_source(shelter=True)}))
    assert robin.shelter == robin.persona("nest") and robin.shelter.is_shelter
    assert not robin.default_persona.is_shelter


@pytest.mark.parametrize(
    ("personas", "problem"),
    [
        ({"a": {"shelter": True}, "b": {"shelter": True}}, "b.md: shelter: must be false: a.md is the shelter already"),
        ({"a": {"shelter": True, "opt_in": True}}, "a.md: opt_in: must be false: nobody has to ask for shelter first"),
        ({"a": {"shelter": True, "rating": "teen"}}, "a.md: rating: must be 'everyone': shelter is for anyone"),
        ({"a": {"shelter": 1}}, "a.md: shelter: must be true or false, is 1"),
        (
            {"default": {"shelter": True}},
            "default.md: shelter: must be false: the default persona is the one she comes back to",
        ),
    ],
)
def test_misfit_of_a_shelter_is_named(personas, problem):
    fronts = {"default": {}, **personas}
    sources = {slug: persona_source(**front) for slug, front in fronts.items()}
    assert problems_of(source(personas=sources)) == (problem,)


@pytest.mark.parametrize(
    ("front", "is_free"),
    [
        ({}, True),
        ({"rating": "teen"}, True),
        ({"opt_in": True}, False),
        ({"rating": "adult"}, False),
        ({"rating": "adult", "opt_in": True}, False),
    ],
)
def test_she_slips_by_herself_only_into_what_nobody_has_to_choose(front, is_free):
    robin = build_companion(source(personas={"default": persona_source(), "late-night": persona_source(**front)}))
    assert robin.persona("late-night").is_free is is_free


@pytest.mark.parametrize("key", ["name", "version", "locales", "temperament"])
def test_missing_key_is_named(key):
    found = problems_of(source(manifest=without(dict(source().manifest), key)))
    assert f"companion.toml: {key}: is missing" in found


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "companion.toml: name: is empty"),
        ({"name": 3}, "companion.toml: name: must be a text, is 3"),
        ({"name": "x" * 33}, "companion.toml: name: is 33 characters long, at most 32 fit"),
        ({"name": "a\u202eb"}, "companion.toml: name: holds a line break or a control character"),
        ({"version": "1.0"}, "companion.toml: version: must be three numbers such as 1.0.0, is '1.0'"),
        ({"locales": []}, "companion.toml: locales: must hold 1 to 40 entries, holds 0"),
        ({"locales": "en"}, "companion.toml: locales: must be a list of texts, is 'en'"),
        ({"locales": ["english"]}, "companion.toml: locales: 'english' is not a language tag such as en or pt-BR"),
        ({"nicknames": ["a", "a"]}, "companion.toml: nicknames: names something twice"),
        ({"temperament": 1}, "companion.toml: temperament: must be a table, is 1"),
        ({"homographs": {"a": 1}}, "companion.toml: homographs.a: must be a text, is 1"),
        ({"summary": ""}, "companion.toml: summary: is empty"),
        ({"summary": "x" * 191}, "companion.toml: summary: is 191 characters long, at most 190 fit"),
        ({"summary": "a\nb"}, "companion.toml: summary: holds a line break or a control character"),
        ({"traits": 1}, "companion.toml: traits: must be a table, is 1"),
        ({"traits": {"calm": 2}}, "companion.toml: traits.calm: must be from -1 to 1, is 2"),
        ({"traits": {"calm": "x"}}, "companion.toml: traits.calm: must be a number, is 'x'"),
        ({"traits": {"humour": 0.5}}, "companion.toml: traits.humour: is no known key; did you mean 'humor'?"),
        ({"model": {"temperature": 9}}, "companion.toml: model.temperature: must be from 0 to 2, is 9"),
        (
            {"model": {"answer_tokens": 800}},
            "companion.toml: model.answer_tokens: is no known key; known are temperature",
        ),
        (
            {"model": {"temprature": 1}},
            "companion.toml: model.temprature: is no known key; did you mean 'temperature'?",
        ),
        (
            {"safety": "off"},
            "companion.toml: safety: is no known key; known are homographs, locales, model, name, nicknames, "
            "spellings, summary, temperament, traits, version",
        ),
    ],
)
def test_misfit_of_the_manifest_is_named(changes, problem):
    assert problem in problems_of(manifest(**changes))


@pytest.mark.parametrize("value", [1.01, -2, float("nan"), float("inf"), True, "0.5"])
def test_trait_out_of_range_is_named(value):
    found = problems_of(manifest(temperament={**dict.fromkeys(TRAITS, 0.0), "openness": value}))
    assert any(problem.startswith("companion.toml: temperament.openness: must be ") for problem in found)


@given(st.floats(-1, 1))
def test_every_trait_in_range_is_taken(value):
    assert build_companion(manifest(temperament=dict.fromkeys(TRAITS, value))).temperament.openness == value
    named = {trait.name: value for trait in NAMED_TRAITS["rich"]}
    assert dict(build_companion(manifest(traits=named)).traits) == named


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ({"title": None}, "default.md: title: is missing"),
        ({"rating": "x"}, "default.md: rating: must be one of everyone, teen, adult, is 'x'"),
        ({"rating": ["x"]}, "default.md: rating: must be one of everyone, teen, adult, is ['x']"),
        ({"rating": "adult"}, "default.md: rating: must be 'everyone': anyone may meet the default persona"),
        ({"colour": "red"}, "default.md: colour: must be a colour such as #8A5CF6, is 'red'"),
        ({"opt_in": "no"}, "default.md: opt_in: must be true or false, is 'no'"),
        ({"opt_in": True}, "default.md: opt_in: must be false: the default persona needs no opting in"),
        ({"summary": "x" * 101}, "default.md: summary: is 101 characters long, at most 100 fit"),
        ({"summary": 5}, "default.md: summary: must be a text, is 5"),
        ({"emoji": "hi"}, "default.md: emoji: must be one emoji, is 'hi'"),
        (
            {"disclosure": False},
            "default.md: disclosure: is no known key; known are colour, emoji, opt_in, rating, shelter, summary, title",
        ),
    ],
)
def test_misfit_of_a_persona_is_named(front, problem):
    data = persona_source(**front)
    data = replace(data, front={key: value for key, value in data.front.items() if value is not None})
    assert problem in problems_of(source(personas={"default": data, "late-night": persona_source()}))


def test_default_persona_is_required():
    found = problems_of(source(personas={"late-night": persona_source()}))
    assert "default.md: is missing: every companion has a default persona" in found


def test_persona_files_have_plain_names():
    found = problems_of(source(personas={**source().personas, "My Persona": persona_source()}))
    assert any(problem.startswith("My Persona.md: must be named in small letters") for problem in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("x" * 4001, "is 4001 characters long, at most 4000 fit"),
        ("Hello {user}.", "'{user}' is no known field; only {name} is"),
        ("{name.__class__}", "'{name.__class__}' is no known field; only {name} is"),
        ("a\x00b", "holds the control character '\\x00'"),
        ("a\u202eb", "holds the control character '\\u202e'"),
    ],
)
def test_misfit_of_prose_is_named(text, problem):
    personas = {**source().personas, "default": persona_source(voice=text)}
    found = problems_of(source(identity=text, personas=personas))
    assert f"identity.md: {problem}" in found and f"default.md: {problem}" in found


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        ([], "examples.toml: exchange: must hold 1 to 60 entries, holds 0"),
        ("hi", "examples.toml: exchange: must be a list of tables, written [[exchange]]"),
        ([{"you": "b"}], "examples.toml: exchange[1].them: is missing"),
        ([{"them": "a", "you": 1}], "examples.toml: exchange[1].you: must be a text, is 1"),
        ([{"them": "a", "you": "{x}"}], "examples.toml: exchange[1].you: '{x}' is no known field; only {name} is"),
        ([{"them": "a", "you": "b" * 401}], "examples.toml: exchange[1].you: is 401 characters long, at most 400 fit"),
        (
            [{"them": "a", "you": "b", "persona": "x"}],
            "examples.toml: exchange[1].persona: must be one of default, late-night, is 'x'",
        ),
        (
            [{"them": "a", "you": "b", "yuo": ""}],
            "examples.toml: exchange[1].yuo: is no known key; did you mean 'you'?",
        ),
    ],
)
def test_misfit_of_an_example_is_named(exchange, problem):
    assert problem in problems_of(source(examples={"exchange": exchange}))


def test_misfit_of_an_expression_is_named():
    smile = {"slug": "smile", "emoji": "🙂", "when": "pleased"}
    found = problems_of(source(expressions={"expression": [smile, smile, {**smile, "slug": "A b", "emoji": "ok"}]}))
    assert found == (
        "expressions/expressions.toml: expression[2].slug: 'smile' is there twice",
        "expressions/expressions.toml: expression[3].slug: must be a small word such as smirk, is 'A b'",
        "expressions/expressions.toml: expression[3].emoji: must be one emoji, is 'ok'",
    )


def faces(**smile) -> CompanionSource:
    return source(expressions={"expression": [{"slug": "smile", "emoji": "🙂", "when": "pleased", **smile}]})


def test_face_may_say_what_it_stands_for_and_how_it_looks():
    (plain,) = build_companion(faces()).expressions
    assert (plain.feels, plain.picture) == ((), None)
    (full,) = build_companion(faces(feels=["joy", "amusement"], picture="big-smile_2.webp")).expressions
    assert (full.feels, full.picture) == (("joy", "amusement"), "big-smile_2.webp")
    assert build_companion(faces(feels=[])).expressions == (plain,)


@pytest.mark.parametrize("emotion", NAMES["rich"])
def test_every_emotion_may_be_named(emotion):
    assert build_companion(faces(feels=[emotion])).expressions[0].feels == (emotion,)


@pytest.mark.parametrize(
    ("feels", "problem"),
    [
        (["joyy"], "'joyy' is no known emotion; did you mean 'joy'?"),
        (["Joy"], "'Joy' is no known emotion; did you mean 'joy'?"),
        (["x"], f"'x' is no known emotion; known are {', '.join(NAMES['rich'])}"),
        (["joy", "joy"], "names something twice"),
        ("joy", "must be a list of texts, is 'joy'"),
        ([1], "must be a list of texts, is [1]"),
    ],
)
def test_misfit_of_what_a_face_stands_for_is_named(feels, problem):
    assert f"expressions/expressions.toml: expression[1].feels: {problem}" in problems_of(faces(feels=feels))


@pytest.mark.parametrize(
    "picture",
    [
        "",
        "smile",
        "smile.jpg",
        "smile.svg",
        "Smile.png",
        "../smile.png",
        "a/smile.png",
        "a\\smile.png",
        ".png",
        "a.png\n",
        1,
        "/etc/x.png",
        "a b.png",
        "-a.png",
        f"{'a' * 60}.png",
        "smile.png.exe",
        "sm\u202eile.png",
        ["smile.png"],
        True,
    ],
)
def test_picture_is_a_plain_file_name(picture):
    (found,) = problems_of(faces(picture=picture))
    assert found.startswith("expressions/expressions.toml: expression[1].picture: must be a file name in small letters")


def test_misspelt_key_of_a_face_is_named():
    assert "expression[1].feel: is no known key; did you mean 'feels'?" in problems_of(faces(feel=["joy"]))[0]


def test_all_misfits_are_named_at_once():
    data = manifest(name="", version="x")
    assert len(problems_of(replace(data, identity="", expressions={}))) == 4
