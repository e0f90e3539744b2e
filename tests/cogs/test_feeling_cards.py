"""What the cards about her say: the right words for a view, and never too much, too long or too near."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.locales import texts, words_of
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.personality import NEUTRAL_OCEAN, Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.state import new_person
from bot.domain.card import Card, Face, Picture, Text
from bot.domain.feeling import CauseKind, MoodView
from bot.domain.ids import UserId
from bot.domain.mood_history import Span
from bot.domain.persona import NAME_LIMIT
from bot.domain.text import visible_line
from cogs.presenters.mood import mood_card, vibe_card, why_card
from cogs.presenters.personality import personality_card
from cogs.presenters.relationship import relationship_card
from cogs.presenters.scales import bar
from cogs.presenters.soul import bond_card, reset_card, reset_form
from playground.components import check_components
from playground.errors import FormErrors
from tests.cogs import views
from tests.cogs.pulls import PULLS
from tests.cogs.views import (
    cause,
    components_of,
    has_line,
    mood_view,
    personality_view,
    relationship_view,
    standing,
    words_of_card,
)

COLOUR = 0x8A5CF6
CHART = Picture(b"png", "mood.png", "mostly relaxed")


def mood(view: MoodView, *, chart: Picture | None = None, span: Span = Span.DAY) -> Card:
    return mood_card(view, name="Mira", colour=COLOUR, face=Face("🤍"), chart=chart, span=span)


def relationship(**changes: object) -> str:
    return words_of_card(relationship_card(relationship_view(**changes), name="Mira", colour=COLOUR))


def personality(ocean: Ocean = NEUTRAL_OCEAN, **changes: object) -> str:
    return words_of_card(personality_card(personality_view(ocean, **changes), name="Mira", colour=COLOUR))


def why(*causes: object) -> str:
    return words_of_card(why_card(causes, name="Mira", colour=COLOUR))  # type: ignore[arg-type]


# how she feels


def test_mood_says_octant_strength_and_what_stands_out():
    said = words_of_card(mood(mood_view()))
    assert "Mira feels joy and some hope right now. Underneath, slower to change, she is" in said
    assert "she is on the whole in an easy, contented mood." in said
    assert "joy: clear" in said and "hope: mild" in said
    assert "-# Mood: clearly relaxed" in said


def test_a_mood_comes_first_where_nothing_is_more_than_faint():
    view = mood_view(strongest=(("joy", 0.1), ("anger", 0.05)))
    assert "Mira is in an easy, contented mood." in words_of_card(mood(view))
    vibe = words_of_card(vibe_card(view, name="Mira", colour=COLOUR, emoji="🤍"))
    assert vibe == "🤍 Mira is in an easy, contented mood. There is a trace of joy and a trace of anger in it."


@pytest.mark.parametrize(("level", "words"), [(0.08, "a trace of anger"), (0.3, "some anger"), (0.5, "anger")])
def test_anger_is_said_before_a_bright_mood(level: float, words: str):
    view = mood_view(octant="exuberant", strength="slight", strongest=(("anger", level), ("joy", 0.04)))
    first = f"Mira feels {words} right now. Underneath, slower to change, she is close to even, leaning"
    assert first in words_of_card(mood(view))
    assert words_of_card(vibe_card(view, name="Mira", colour=COLOUR, emoji="😤")).startswith(f"😤 {first}")
    dark = mood_view(octant="hostile", strongest=(("anger", 0.08),))
    assert "Mira is in a tense, prickly mood." in words_of_card(mood(dark))


def test_a_mood_near_nothing_is_even_and_a_quiet_one_has_nothing_to_list():
    said = words_of_card(mood(mood_view(strength="neutral", strongest=())))
    assert "about even" in said and "contented" not in said
    assert "Nothing stands out" in said


@pytest.mark.parametrize(("span", "heading"), [(Span.DAY, "Her last day"), (Span.WEEK, "Her last week")])
def test_the_chart_has_its_span_over_it(span: Span, heading: str):
    card = mood(mood_view(), chart=CHART, span=span)
    assert has_line(card, lambda line: heading in line)
    assert card.picture is CHART
    assert not has_line(mood(mood_view()), lambda line: heading in line)


@pytest.mark.parametrize("emotion", NAMES["rich"])
def test_every_emotion_can_be_told_and_caused(emotion: str):
    assert texts()[f"emotion.{emotion}"] in words_of_card(mood(mood_view(strongest=((emotion, 0.5),))))
    assert "something you wrote" in why(cause(CauseKind.YOURS, emotion))


def test_a_vibe_is_one_line_with_at_most_two_feelings():
    view = mood_view(strongest=(("joy", 0.6), ("hope", 0.5), ("pride", 0.4)))
    card = vibe_card(view, name="Mira", colour=COLOUR, emoji="🤍")
    assert words_of_card(card) == (
        "🤍 Mira feels joy and hope right now. "
        "Underneath, slower to change, she is on the whole in an easy, contented mood."
    )


# why


def test_each_cause_says_what_it_did_where_it_came_from_and_what_is_left():
    assert "It gladdened her: something you wrote <t:1772964000:R>. Fading." in why(cause())
    assert "It stung: something said here <t:1772964000:R>. Still fresh." in why(cause(CauseKind.HERE, "anger", 0.9))
    assert "It made her proud: a thought of her own <t:1772964000:R>." in why(cause(CauseKind.INNER, "pride"))
    assert "Almost gone." in why(cause(left=0.1))


def test_a_cause_links_where_the_asker_may_go():
    guild = cause(CauseKind.HERE, guild_id=1, channel_id=2, message_id=3)
    assert "[something said here](https://discord.com/channels/1/2/3)" in why(guild)
    direct = cause(CauseKind.YOURS, channel_id=2, message_id=3)
    assert "[something you wrote](https://discord.com/channels/@me/2/3)" in why(direct)


def test_a_private_cause_tells_neither_when_nor_where():
    private = cause(CauseKind.PRIVATE, "sadness", guild_id=1, channel_id=2, message_id=3)
    assert why(private).splitlines()[-1] == "- It weighed on her: something she keeps to herself. Fading."


def test_no_cause_is_a_quiet_line():
    assert why().splitlines() == ["### What moved Mira", "Nothing in particular. She is close to her usual self."]


# towards one person


def test_somebody_she_never_met_gets_a_friendly_line_and_no_bars():
    said = relationship(met_at=None)
    assert "have not met yet" in said
    assert "trust" not in said


def test_relationship_says_stage_sentiments_and_first_meeting():
    said = relationship()
    assert "**Friend**" in said
    assert "`▰▰▱▱▱` trust: solid" in said
    assert "respect: neither high nor low" in said
    assert "tension: none" in said
    assert "Towards you she feels tenderness (clear) right now." in said
    assert f"First met <t:{int(relationship_view().met_at.timestamp())}:D>" in said  # type: ignore[union-attr]
    assert "fixed" not in said


def test_a_fixed_bond_is_named_as_it_was_written():
    state = replace(relationship_view().state, bond="*big* sister")
    assert "**\\*big\\* sister**" in relationship(state=state)


def test_feeling_nothing_is_said_plainly():
    assert "Nothing in particular stirs in her towards you right now." in relationship(strongest=())


@pytest.mark.parametrize("bond", ["", "sister"])
def test_who_never_wrote_is_told_so_whatever_their_bond(bond: str):
    said = relationship(state=replace(new_person("rich"), bond=bond), strongest=(), days=(standing(0),))
    assert "You and Mira have not talked yet." in said
    assert ("**sister**" in said) == bool(bond)
    assert "First met" not in said and "trust" not in said


DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
UNSEEN = f"{DIRECTIONS}\u200b\u2060\ufeff\u00ad\u3164\x07\U000e0041"


def test_a_bond_is_shown_without_what_cannot_be_seen():
    state = replace(relationship_view().state, bond=f"{UNSEEN}big{UNSEEN} sister{UNSEEN}")
    assert "Your bond is fixed by the people who look after her: **big sister**." in relationship(state=state)
    assert "is fixed" not in relationship(state=replace(state, bond=UNSEEN))
    assert words_of_card(bond_card(UserId(7), f"big{UNSEEN}\n sister", name="Mira")).endswith("**big sister**.")
    assert "no longer" in words_of_card(bond_card(UserId(7), UNSEEN, name="Mira"))


@given(st.text(max_size=40))
def test_a_bond_is_one_line_and_stays_the_same_when_shown_again(bond: str):
    shown = visible_line(bond)
    assert shown == visible_line(shown) and len(shown) <= len(bond)
    assert "\n" not in shown and not set(shown) & set(UNSEEN)


def test_movement_is_told_over_week_and_month():
    month, week = standing(31), standing(7, trust=0.3, affection=0.45, familiarity=0.2, stage="acquaintance")
    said = relationship(days=(month, week, standing(0, trust=0.3)))
    assert "Over the last week: from acquaintance to friend, a little more affection and more familiarity." in said
    assert "Over the last month: from stranger to friend, much more trust" in said


def test_a_month_that_is_known_no_better_than_the_week_is_not_told_twice():
    said = relationship(days=(standing(40),))
    assert "last week" in said and "last month" not in said


def test_a_young_acquaintance_is_told_over_days_and_a_first_day_not_at_all():
    assert "Over the last days: from stranger to friend" in relationship(days=(standing(3), standing(0)))
    assert "Over the last" not in relationship(days=(standing(0.2), standing(0)))
    assert "Over the last" not in relationship(days=())


def test_no_movement_is_much_the_same():
    view = relationship_view()
    then = standing(7, trust=0.3, affection=0.5, familiarity=0.4, stage="friend")
    assert "Over the last week: much the same." in relationship(state=view.state, days=(then,))


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_its_words(stage: Stage):
    state = replace(relationship_view().state, stage=stage)
    assert f"**{stage.capitalize()}**" in relationship(state=state)


def test_better_never_reads_worse():
    """The words of a sentiment follow its value: each comes up in one stretch only."""
    for name in ("trust", "affection", "respect"):
        values = [step / 100 for step in range(-100, 101)]
        lines = [line_of(name, value) for value in values]
        changes = sum(before != after for before, after in pairwise([line.split("` ")[1] for line in lines]))
        assert changes == len({line.split("` ")[1] for line in lines}) - 1 == 5


def line_of(sentiment: str, value: float) -> str:
    state = replace(relationship_view().state, **{sentiment: Sentiment(value)})
    said = relationship(state=state, strongest=(), days=())
    return next(line for line in said.splitlines() if f"` {sentiment}:" in line)


def test_bars_grow_with_the_value_and_show_its_side():
    assert [bar(value) for value in (0.0, 0.04, 0.05, 0.3, 0.5, 1.0)] == [
        "▱▱▱▱▱",
        "▱▱▱▱▱",
        "▰▱▱▱▱",
        "▰▰▱▱▱",
        "▰▰▰▱▱",
        "▰▰▰▰▰",
    ]
    assert bar(-0.5) == "▼▼▼▱▱"


# who she is


def test_personality_says_factors_and_groups_traits_by_how_much():
    said = personality(Ocean(openness=0.9, agreeableness=-0.5))
    assert "`▱▱▱▱▰` openness: drawn to anything new" in said
    assert "`▱▰▱▱▱` agreeableness: direct rather than gentle" in said
    assert "**Very:** curious" in said
    assert "**In balance:**" in said
    assert said.index("**Very:**") < said.index("**Not so much:**") < said.index("**In balance:**")


def test_each_trait_is_named_once():
    said = personality(Ocean(0.3, -0.4, 0.9, 0.1, -0.7))
    lines = [line.partition(":** ")[2] for line in said.splitlines() if line.startswith("**")]
    named = [one for line in lines for part in line.split(" and ") for one in part.split(", ")]
    assert sorted(named) == sorted(texts()[f"trait.{name}"] for name, _, _ in personality_view().traits)


def test_drift_is_told_in_words_and_its_lack_as_well():
    drift = Ocean(openness=0.02, conscientiousness=-0.1, extraversion=0.2, agreeableness=0.05, neuroticism=-0.005)
    said = personality(drift=drift._asdict())
    assert (
        "a little more curious, more easy-going, much more outgoing and a little warmer than she was at first" in said
    )
    assert "much as she was at first" in personality()


def test_drift_from_a_given_temperament_is_told_as_such():
    said = personality(drift=Ocean(openness=0.02)._asdict(), preset="INFP")
    assert "She has become a little more curious since she was given this temperament." in said
    still = personality(preset="INFP")
    assert "She has hardly changed since she was given this temperament." in still
    assert "at first" not in said + still


def test_a_preset_and_a_held_nature_are_said():
    assert "temperament **INFP**" in personality(preset="INFP")
    assert "temperament of her own" in personality()
    assert "held still" in personality(is_drift_frozen=True)
    assert "held still" not in personality()


# what an admin did


def test_a_reset_says_what_goes_and_what_stays():
    said = words_of_card(reset_card(name="Mira"))
    assert "people, feelings, fixed bonds" in said and "keeps the temperament" in said
    assert "first day" not in said


# the form


def test_the_form_fits_discord_whatever_her_name():
    title, label, hint = (words_of(text, is_plain=True) for text in reset_form(name="M" * NAME_LIMIT))
    assert len(title) <= 45 and len(label) <= 45 and len(hint) <= 100


# whatever the view


def texts_in(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
        for argument in value.arguments.values():
            yield from texts_in(argument)
    elif isinstance(value, tuple):
        for one in value:
            yield from texts_in(one)


def fields(key: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(texts()[key]) if name is not None}


def sound(card: Card) -> None:
    """Hold what every card must hold: Discord's limits, exact arguments, nothing that pulls at anybody."""
    errors = FormErrors()
    check_components(errors, components_of(card), is_v2=True)
    errors.raise_if_any()
    assert set(card.arguments) <= fields(card.key) | (fields(card.title_key) if card.title_key else set())
    for text in (*texts_in(card.sections), *texts_in(tuple(card.arguments.values())), *texts_in(card.footnote)):
        assert set(text.arguments) == fields(text.key), text.key
    said = words_of_card(card)
    assert not PULLS.search(said)
    assert not any(character.isdigit() for line in without_times(said) for character in line)


def without_times(said: str) -> list[str]:
    """Give the lines without addresses and times, which Discord shows as words."""
    return [line for line in said.splitlines() if "<t:" not in line]


@given(views.mood_views, views.names, st.booleans(), st.sampled_from(Span))
def test_every_mood_card_is_sound(view: MoodView, name: str, has_chart: bool, span: Span):
    sound(mood_card(view, name=name, colour=0, face=Face("🤍"), chart=CHART if has_chart else None, span=span))
    vibe = vibe_card(view, name=name, colour=0, emoji="🤍")
    sound(vibe)
    assert len(words_of_card(vibe).splitlines()) == 1


@given(st.lists(views.causes, max_size=3).map(tuple), views.names)
def test_every_why_card_is_sound(causes: tuple, name: str):
    card = why_card(causes, name=name, colour=0)
    sound(card)
    for one, line in zip(causes, words_of_card(card).splitlines()[2:], strict=True):
        assert ("<t:" in line or "](" in line) == (one.kind is not CauseKind.PRIVATE)


@given(views.relationship_views, views.names)
def test_every_relationship_card_is_sound(view: object, name: str):
    bare = replace(view, state=replace(view.state, bond=""))  # type: ignore[type-var,attr-defined]
    sound(relationship_card(bare, name=name, colour=0))
    bonded = relationship_card(view, name=name, colour=0)  # type: ignore[arg-type]
    assert len(words_of_card(bonded)) < 2000


@given(views.personality_views, views.names)
def test_every_personality_card_is_sound(view: object, name: str):
    sound(personality_card(view, name=name, colour=0))  # type: ignore[arg-type]
