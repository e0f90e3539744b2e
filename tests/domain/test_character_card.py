"""Character cards become companions, and companions cards that others can read."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.personas import companion_names, read_companion, read_source
from bot.domain.card_examples import exchanges_of
from bot.domain.card_export import Kept, card_of, with_assets
from bot.domain.card_import import Wishes
from bot.domain.card_report import Fate
from bot.domain.card_text import clean, sentences, up_to
from bot.domain.character_card import Spec
from bot.domain.companion_files import files_of, toml_of
from bot.domain.persona import Companion, CompanionSource, Rating, build_companion
from tests.cards import PROMPT_MOST, RICH, card, prompts_of, taken, v2

NOW = 1_763_750_000
V2_TEXTS = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
    "post_history_instructions", "creator", "character_version",
)  # fmt: skip


def check_card(whole: dict[str, Any], spec: Spec) -> None:
    """Hold a card against the text of the specifications."""
    assert whole["spec"] == ("chara_card_v2" if spec is Spec.V2 else "chara_card_v3")
    assert whole["spec_version"] == ("2.0" if spec is Spec.V2 else "3.0")
    assert set(whole) == {"spec", "spec_version", "data"}
    data = whole["data"]
    assert all(isinstance(data[field], str) for field in V2_TEXTS)
    lists = ["alternate_greetings", "tags", *(["group_only_greetings"] if spec is Spec.V3 else [])]
    assert all(isinstance(data[field], list) and all(isinstance(one, str) for one in data[field]) for field in lists)
    assert isinstance(data["extensions"], dict)
    for asset in data.get("assets", []):
        assert {key: type(asset[key]) for key in ("type", "uri", "name", "ext")} == dict.fromkeys(asset, str)
    if spec is Spec.V3:
        assert isinstance(data.get("creation_date", 0), int)
        assert data["modification_date"] == NOW
        assert sum(one["type"] == "icon" and one["name"] == "main" for one in data["assets"]) == 1
    else:
        assert not {"assets", "nickname", "group_only_greetings", "source", "creation_date"} & set(data)
    for entry in data.get("character_book", {"entries": []})["entries"]:
        assert isinstance(entry["content"], str)
        assert isinstance(entry["keys"], list)
        assert isinstance(entry["extensions"], dict)
        assert isinstance(entry["enabled"], bool)
        assert isinstance(entry["insertion_order"], int | float)
        assert isinstance(entry["use_regex"], bool)
        assert spec is Spec.V3 or "@@" not in entry["content"]


def exported(source: CompanionSource, kept: Kept | None, spec: Spec) -> dict[str, Any]:
    companion = build_companion(source)
    whole = json.loads(json.dumps(card_of(companion, source, kept, spec=spec, written_at=NOW), allow_nan=False))
    check_card(whole, spec)
    return whole


def alike(source: CompanionSource) -> Companion:
    return replace(build_companion(source), version="", slug="")


@pytest.mark.parametrize("spec", [Spec.V2, Spec.V3])
@pytest.mark.parametrize("name", RICH)
def test_card_comes_in_goes_out_and_comes_in_the_same(name: str, spec: Spec):
    first = card(name)
    source, _ = taken(first)
    out = exported(source, Kept(first, is_as_taken=True), spec)
    again, report = taken(out)
    assert alike(again) == alike(source)
    assert files_of(again) == files_of(source)
    assert exported(again, Kept(out, is_as_taken=True), spec) == out
    assert any(note.field == "extensions.mira" and note.fate is Fate.TAKEN for note in report.notes)


@pytest.mark.parametrize("name", RICH)
def test_everything_a_card_brought_along_goes_out_again(name: str):
    first = card(name)
    data = first.get("data", first)
    source, _ = taken(first)
    out = exported(source, Kept(first, is_as_taken=True), Spec.V3)["data"]
    own = out["extensions"].pop("mira")
    assert own["form"] == 1
    for key, value in data.items():
        if key not in ("modification_date", "character_book", "creation_date"):
            assert out[key] == value, key
    for entry, before in zip(
        out.get("character_book", {}).get("entries", []), data.get("character_book", {}).get("entries", []), strict=True
    ):
        assert {key: entry[key] for key in before} == before


@pytest.mark.parametrize("name", RICH)
def test_prompt_of_an_imported_companion_stays_within_its_bytes(name: str):
    for rating in (None, Rating.EVERYONE):
        source, _ = taken(card(name), Wishes(rating=rating))
        prompts = prompts_of(build_companion(source))
        assert max(len(prompt.encode()) for prompt in prompts.values()) <= PROMPT_MOST


def test_the_longest_card_under_the_longest_name_fills_its_bytes_and_no_more():
    tale = "彼女は毎朝港まで歩いて船の数を数える。" * 300
    talk = "<START>\n{{user}}: 元気ですか。\n{{char}}: ええ、潮の匂いがします。\n" * 30
    name = "ミ" * 32
    for rating in Rating:
        source, _ = taken(v2(name=name, description=tale, personality=tale, mes_example=talk), Wishes(rating=rating))
        sizes = [len(prompt.encode()) for prompt in prompts_of(build_companion(source)).values()]
        assert PROMPT_MOST - 1_500 < max(sizes) <= PROMPT_MOST


@pytest.mark.parametrize("spec", [Spec.V2, Spec.V3])
@pytest.mark.parametrize("name", companion_names())
def test_companions_that_ship_go_out_as_cards_and_come_back(name: str, spec: Spec):
    source, companion = read_source(name), read_companion(name)
    out = exported(source, None, spec)
    again, report = taken(out)
    assert alike(again) == replace(companion, version="", slug="")
    assert not [note for note in report.notes if note.fate in (Fate.LEFT_OUT, Fate.SHORTENED)]
    assert out["data"]["name"] == companion.name
    assert "{name}" not in out["data"]["description"]


def test_a_card_changed_elsewhere_is_read_as_it_is_now():
    source, _ = taken(card("detective"))
    out = exported(source, Kept(card("detective"), is_as_taken=True), Spec.V2)
    out["data"]["personality"] = "Loud and cheerful."
    again, report = taken(out)
    assert "Loud and cheerful." in again.personas["default"].voice
    assert any(note.field == "extensions.mira" and "changed since" in note.why for note in report.notes)


def test_a_companion_changed_here_goes_out_as_it_is_now():
    first = card("robot_gardener")
    source, _ = taken(first)
    changed = replace(source, identity="You are {name}, who now grows tea.")
    out = exported(changed, Kept(first, is_as_taken=False), Spec.V3)["data"]
    assert out["description"] == "You are {{char}}, who now grows tea."
    assert (out["name"], "nickname" in out) == ("Seven", False)
    assert out["creator_notes"] == first["data"]["creator_notes"] or out["creator_notes"]
    assert out["extensions"]["risuai"] == {"viewScreen": "none"}
    assert out["group_only_greetings"] == first["data"]["group_only_greetings"]
    assert out["mes_example"].startswith("<START>\n{{user}}: my basil died\n{{char}}: Condolences")


def test_detective_is_for_everyone_as_her_maker_says():
    source, _ = taken(card("detective"))
    companion = build_companion(source)
    assert source.slug == "ada-quill"
    assert companion.version.startswith("1.2.0")
    assert [persona.slug for persona in companion.personas] == ["default"]
    assert "stenographer" in companion.identity
    assert "the person you talk to talks too quickly" in companion.identity
    assert companion.examples[0].you.startswith("How much is left")
    assert companion.examples[2].you == "So. Who is the boat for?"
    assert "Keep answers short." in companion.default_persona.voice
    assert "never raises her voice" not in str(source)


def test_a_stranger_s_card_is_adult_behind_a_plain_default():
    source, report = taken(card("sea_captain"))
    companion = build_companion(source)
    default, behind = companion.default_persona, companion.persona("card")
    assert (default.rating, behind.rating, behind.is_opt_in) == (Rating.EVERYONE, Rating.ADULT, True)
    assert "Marrow" not in companion.identity + default.voice
    assert "Marrow" in behind.voice
    assert {example.persona for example in companion.examples} == {"card", "default"}
    assert "--rating" in str(next(note for note in report.notes if note.field == "rating"))


@pytest.mark.parametrize("rating", list(Rating))
def test_the_operator_chooses_the_rating(rating: Rating):
    companion = build_companion(taken(card("sea_captain"), Wishes(rating=rating))[0])
    worn = companion.default_persona if rating is Rating.EVERYONE else companion.persona("card")
    assert worn.rating is rating
    assert worn.is_opt_in is (rating is Rating.ADULT)
    assert ("Marrow" in companion.identity) is (rating is Rating.EVERYONE)


def test_an_explicit_word_outweighs_a_tag_and_is_left_out_where_the_operator_wants_everyone():
    bold = v2(description="She paints. She is often naked. She swims.", tags=["SFW"])
    assert "card" in taken(bold)[0].personas
    source, report = taken(bold, Wishes(rating=Rating.EVERYONE))
    assert "She paints." in source.identity
    assert "naked" not in str(files_of(source))
    assert any("explicit" in note.why and note.fate is Fate.LEFT_OUT for note in report.notes)


def test_lists_of_pluses_become_sentences():
    source, _ = taken(card("sea_captain"), Wishes(rating=Rating.EVERYONE))
    assert "Mind: stubborn, superstitious, loyal to the crew." in source.identity
    assert '"' not in source.identity.split("{name} has sailed")[0]


def test_lore_is_known_weightiest_first_and_without_decorators():
    source, report = taken(card("lamp_keeper"), Wishes(rating=Rating.EVERYONE))
    lore = source.identity.split("What you know of your world:\n")[1].split("\n")
    assert lore[0].startswith("- The lamp is older than the tower")
    assert lore[1].startswith("- Eleven wrecks lie off the north side; {name} knows")
    assert "thirteenth floor" not in str(files_of(source))
    assert "@@" not in str(files_of(source))
    fates = {(note.field, note.fate) for note in report.notes}
    assert ("character_book.entries[3]", Fate.KEPT) in fates
    assert ("character_book.entries[1]", Fate.CHANGED) in fates


def test_lore_goes_out_to_version_2_without_decorators_and_otherwise_as_it_came():
    first = card("lamp_keeper")
    wide = "＜A＞｛B｝ \u200b" + "long " * 9_000
    first["data"]["character_book"]["entries"].append({"keys": [], "content": wide, "extensions": {}, "enabled": True})
    source, _ = taken(first)
    entries = exported(source, Kept(first, is_as_taken=True), Spec.V2)["data"]["character_book"]["entries"]
    assert entries[0]["content"].startswith("The lamp is older than the tower")
    assert entries[3]["content"] == wide.strip()


def test_japanese_card_keeps_its_words():
    source, _ = taken(card("shrine_keeper"))
    companion = build_companion(source)
    assert (companion.name, companion.locales) == ("ミコト", ("ja",))
    assert source.slug.startswith("card-")
    assert "{name}は山あいの古い稲荷神社を守る巫女である。" in source.identity
    assert companion.examples[2].you.startswith("あら、あなた。")


def test_old_names_of_fields_are_known():
    old = {
        "char_name": "Robin",
        "char_persona": "Likes crows.",
        "char_greeting": "Hi!",
        "example_dialogue": "You: a\nRobin: b",
    }
    source, _ = taken(old, Wishes(rating=Rating.EVERYONE))
    assert "Likes crows." in source.identity
    assert source.examples == {"exchange": [{"them": "a", "you": "b"}, {"them": "hey", "you": "Hi!"}]}


def test_a_newer_version_is_read_and_told():
    newer = deepcopy(card("robot_gardener")) | {"spec_version": "3.7"}
    _, report = taken(newer)
    assert any(note.field == "spec_version" and "newer" in note.why for note in report.notes)


def test_example_talk_is_taken_apart():
    text = (
        "{{char}}: Come in.\n<START>\n{{user}}: hi\n\nthere\nMara Vey: Hello.\nAnd again: hello.\n"
        "<start>\nUser: x\nAnon: y\nmara: z\nstray\n{{random_user_1}}: w"
    )
    found = [(one.them, one.you) for one in exchanges_of(text, ("Mara Vey", "Mara"))]
    assert found == [("…", "Come in."), ("hi\n\nthere", "Hello.\nAnd again: hello."), ("x\ny", "z\nstray")]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{{char}} and {{User}}, <BOT>, <user>", "{name} and friend, {name}, friend"),
        ("{{random:Tea,Soup}} {{pick:A\\,B,C}} {{roll:d6}} {{roll:20}}", "Tea A,B 3 10"),
        ("a{{// note}}b{{comment: x}}c{{hidden_key:y}}{{original}}", "abc"),
        ("{{reverse:olleH}}", "Hello"),
        ("{{random:{{char}},x}}", "{name}"),
        ("I <3 you, 2 < 3 > 1", "I <3 you, 2 < 3 > 1"),
        ("# Story\n\n\n\nwords  and\tmore", "Story\n\nwords and more"),
        ("{curly}", "(curly)"),
        ("*smiles* #1 fan", "*smiles* #1 fan"),
    ],
)
def test_macros_are_filled_in_and_marks_go(text: str, plain: str):
    assert clean(text, user="friend").text == plain


def test_texts_are_cut_at_the_ends_of_sentences():
    text = "One two. Three four! 五六。Seven eight?\nNine"
    assert "".join(sentences(text)) == text
    assert up_to(text, most=20, most_bytes=99) == "One two. Three four!"
    assert up_to(text, most=99, most_bytes=31) == "One two. Three four! 五六。"
    assert up_to("no full stop anywhere in here", most=12, most_bytes=99) == "no full…"
    assert up_to("", most=5, most_bytes=5) == ""


@pytest.mark.parametrize("name", companion_names())
def test_files_written_anew_read_as_the_same_tables(name: str):
    source = read_source(name)
    assert tomllib.loads(toml_of(source.manifest)) == source.manifest
    assert tomllib.loads(toml_of(source.expressions)) == source.expressions
    assert tomllib.loads(toml_of(source.examples)) == source.examples


def test_pictures_travel_as_assets_of_version_3():
    source, _ = taken(card("detective"))
    out = exported(source, None, Spec.V3)
    dressed = with_assets(out, {"smile": ("smile.png", b"picture")}, b"icon")
    check_card(dressed, Spec.V3)
    assert [(one["type"], one["name"], one["uri"][:22]) for one in dressed["data"]["assets"]] == [
        ("icon", "main", "data:image/png;base64,"),
        ("emotion", "smile", "data:image/png;base64,"),
    ]
    older = exported(source, None, Spec.V2)
    assert with_assets(older, {"smile": ("smile.png", b"picture")}, b"icon") == older
