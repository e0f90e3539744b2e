"""A card becomes what Discord takes, and its pictures go with it."""

from __future__ import annotations

import discord

from bot.adapters.discord.cards import card_files, card_view
from bot.domain.card import Card, Face, Picture, Text
from playground.components import check_components, walk
from playground.errors import FormErrors
from tests.cogs.views import components_of, words_of_card

CHART = Picture(b"chart", "mood.png", "mostly relaxed")
SMIRK = Picture(b"smirk", "smirk.webp", "teasing")


def kinds(card: Card) -> list[int]:
    return [one["type"] for one in walk(components_of(card))]


def check(card: Card) -> None:
    errors = FormErrors()
    check_components(errors, components_of(card), is_v2=True)
    errors.raise_if_any()


def test_a_plain_card_is_one_text_in_a_container():
    card = Card("ping", {"milliseconds": 42}, colour=0x8A5CF6)
    (container,) = components_of(card)
    assert container["accent_color"] == 0x8A5CF6
    assert kinds(card) == [17, 10]
    assert words_of_card(card) == "42 ms to Discord and back."
    assert card_files(card) == []
    check(card)


def test_a_full_card_has_face_sections_picture_and_footnote():
    lines = (Text("personality_no_drift"), Text("personality_drifts"))
    footnote = Text("personality_born", {"seconds": 1})
    face = Face("😏", SMIRK)
    card = Card(
        "why", {"name": "Mira"}, "why_title", sections=(lines, lines), picture=CHART, face=face, footnote=footnote
    )
    check(card)
    assert kinds(card) == [17, 9, 10, 11, 14, 10, 14, 10, 12, 10]
    parts = {one["type"]: one for one in walk(components_of(card))}
    assert parts[11]["media"]["url"] == "attachment://smirk.webp"
    assert parts[11]["description"] == "teasing"
    assert parts[12]["items"][0]["media"]["url"] == "attachment://mood.png"
    assert parts[12]["items"][0]["description"] == "mostly relaxed"
    assert words_of_card(card).splitlines()[0] == "### What moved Mira"
    assert words_of_card(card).splitlines()[-1] == "-# Born <t:1:D>"


def test_files_are_those_the_card_points_at():
    files = card_files(Card("why", {"name": "Mira"}, picture=CHART, face=Face("😏", SMIRK)))
    assert [(file.filename, file.fp.read(), file.description) for file in files] == [
        ("smirk.webp", b"smirk", "teasing"),
        ("mood.png", b"chart", "mostly relaxed"),
    ]


def test_a_face_without_a_picture_is_its_emoji():
    card = Card("why", {"name": "Mira"}, "why_title", face=Face("😏"))
    assert words_of_card(card).splitlines()[0] == "### 😏 What moved Mira"
    assert 11 not in kinds(card)


def test_cards_take_no_clicks_and_are_not_kept():
    view = card_view(Card("why", {"name": "Mira"}, picture=CHART))
    assert isinstance(view, discord.ui.LayoutView)
    assert not view.is_dispatchable()
