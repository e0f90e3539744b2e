"""The card about what she feels towards the person who asks, and how it moved."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.affect.relationship import Stage
from bot.domain.affect.state import PersonState
from bot.domain.card import Card, Text
from bot.domain.feeling import RelationshipView, Standing
from bot.domain.text import visible_line
from cogs.presenters.mood import EMOTION, level_of
from cogs.presenters.scales import bar, step

FEELINGS_SHOWN = 3
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
# A day's standing is kept at its end; one this near counts as the one asked for.
NEARLY = timedelta(days=1)

# Values below which a sentiment has that word; chosen by ear.
STEPS = ((-0.4, "far_below"), (-0.05, "below"), (0.05, "even"), (0.3, "some"), (0.65, "firm"))
DEEP = "deep"
SIGNED = ("trust", "affection", "respect")
UNSIGNED = ("familiarity", "tension")
SENTIMENTS = (*SIGNED, *UNSIGNED)
# Sizes of a change from which on it is told, and told as such; chosen by ear.
TOLD = 0.02
SIZES = ((0.1, "slightly"), (0.3, "somewhat"))
MUCH = "much"
SENTIMENT = {name: f"sentiment.{name}" for name in SENTIMENTS}
WORDS = [*(word for _, word in STEPS), DEEP]
CHANGE = {
    (size, is_more): f"change.{size}_{'more' if is_more else 'less'}"
    for size in (*(size for _, size in SIZES), MUCH)
    for is_more in (True, False)
}
HOW = {name: {word: f"{name}.{word}" for word in (WORDS if name in SIGNED else WORDS[2:])} for name in SENTIMENTS}
STAGE = {stage: f"stage.{stage.replace(' ', '_')}" for stage in Stage}
STAGE_NAME = {stage: f"stage_name.{stage.replace(' ', '_')}" for stage in Stage}


def relationship_card(view: RelationshipView, *, name: str, colour: int) -> Card:
    """Say how things stand between her and the person who asks."""
    if view.met_at is None:
        return Card("relationship_not_met", {"name": name}, title_key="relationship_title", colour=colour)
    if _is_unspoken(view.state):
        bond = _bond(view.state)
        sections = (bond,) if bond else ()
        return Card(
            "relationship_not_talked", {"name": name}, title_key="relationship_title", colour=colour, sections=sections
        )
    told = (_sentiments(view.state), (_feelings(view),), _moved(view))
    return Card(
        STAGE[view.state.stage],
        {"name": name},
        title_key="relationship_title",
        colour=colour,
        sections=tuple(lines for lines in (_bond(view.state), *told) if lines),
        footnote=Text("relationship_met", {"seconds": int(view.met_at.timestamp())}),
    )


def _is_unspoken(state: PersonState) -> bool:
    """Say whether somebody wrote nothing yet: every message makes familiar, and a fixed bond alone moves nothing."""
    sentiments = (state.familiarity, state.trust, state.affection, state.respect)
    return state.tension == 0.0 and not any(one.value or one.earned for one in sentiments)


def _bond(state: PersonState) -> tuple[Text, ...]:
    bond = visible_line(state.bond)
    return (Text("relationship_bond", {"bond": bond}),) if bond else ()


def _sentiments(state: PersonState) -> tuple[Text, ...]:
    return tuple(_sentiment(name, _value(state, name)) for name in SENTIMENTS)


def _sentiment(name: str, value: float) -> Text:
    how = Text(HOW[name][step(value, STEPS, DEEP)])
    return Text("relationship_sentiment", {"bar": bar(value), "sentiment": Text(SENTIMENT[name]), "how": how})


def _value(state: PersonState, name: str) -> float:
    values = {
        "trust": state.trust.value,
        "affection": state.affection.value,
        "respect": state.respect.value,
        "familiarity": max(state.familiarity.value, 0.0),
        "tension": max(state.tension, 0.0),
    }
    return values[name]


def _feelings(view: RelationshipView) -> Text:
    if not view.strongest:
        return Text("relationship_feels_nothing")
    feelings = tuple(
        Text("relationship_feeling", {"emotion": Text(EMOTION[emotion]), "level": level_of(value)})
        for emotion, value in view.strongest[:FEELINGS_SHOWN]
    )
    return Text("relationship_feels", {"feelings": feelings})


def _moved(view: RelationshipView) -> tuple[Text, ...]:
    """Say how things moved over a week and a month, as far back as they are known."""
    week, month = _standing(view, WEEK), _standing(view, MONTH)
    lines = []
    if week is not None:
        lines.append(Text("relationship_week", {"changes": _changes(week, view.state)}))
    elif view.days and view.at - view.days[0].day >= NEARLY:
        lines.append(Text("relationship_days", {"changes": _changes(view.days[0], view.state)}))
    if month is not None and month != week:
        lines.append(Text("relationship_month", {"changes": _changes(month, view.state)}))
    return tuple(lines)


def _standing(view: RelationshipView, ago: timedelta) -> Standing | None:
    """Give how things stood that long ago, None where they are not known that far back."""
    before = [one for one in view.days if view.at - one.day >= ago - NEARLY]
    return max(before, key=lambda one: one.day, default=None)


def _changes(then: Standing, state: PersonState) -> tuple[Text, ...]:
    """Say whether the stage had another name *then*, and what is more and what is less since."""
    changes = []
    if then.stage != state.stage:
        stages = {"before": Text(STAGE_NAME[Stage(then.stage)]), "now": Text(STAGE_NAME[state.stage])}
        changes.append(Text("change.stage", stages))
    moved = {name: _value(state, name) - float(getattr(then, name)) for name in SENTIMENTS}
    changes += [_change(name, by) for name, by in moved.items() if abs(by) >= TOLD]
    return tuple(changes) or (Text("change.none"),)


def _change(name: str, by: float) -> Text:
    return Text(CHANGE[step(abs(by), SIZES, MUCH), by > 0.0], {"sentiment": Text(SENTIMENT[name])})
