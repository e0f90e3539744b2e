"""Cards about how she feels now, and what moved her: in words, never a number to recite."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from bot.domain.affect.emotions import EMOTIONS, NAMES, NEGATIVE
from bot.domain.affect.mood import OCTANTS
from bot.domain.card import Card, Face, Picture, Text
from bot.domain.feeling import Cause, CauseKind, MoodView
from bot.domain.mood_history import Span
from cogs.presenters.scales import bar, step

STRONGEST_SHOWN = 5
SAID_MOST = 2  # feelings in a sentence

# Levels of a feeling, in [0, 1], below which it has that word; chosen by ear.
FAINT_BELOW = 0.15
LEVELS = ((FAINT_BELOW, "faint"), (0.35, "mild"), (0.65, "clear"))
STRONG = "strong"
# The share of what something stirred that is left, as `Cause` has it, below which it has that word; in the mood half
# of it is left after some eight hours. Chosen by ear.
REMAINS = ((0.25, "gone"), (0.7, "fading"))
MOST = "fresh"

NEUTRAL = "neutral"
MOOD = {name: f"mood_{name}" for name in (NEUTRAL, "slight", "moderate", "strong")}
UNDER = {name: f"under.{name}" for name in MOOD}
STRENGTH = {name: f"strength.{name}" for name in MOOD}
OCTANT = {name: f"octant.{name}" for name in OCTANTS.values()}
OCTANT_NAME = {name: f"octant_name.{name}" for name in OCTANTS.values()}
EMOTION = {name: f"emotion.{name}" for name in NAMES["rich"]}
DID = {name: f"did.{name}" for name in NAMES["rich"]}
LEVEL = {name: f"level.{name}" for name in ("faint", "mild", "clear", STRONG)}
AMOUNT = {name: f"amount.{name}" for name in LEVEL}
LEFT = {name: f"left.{name}" for name in ("gone", "fading", MOST)}
SPAN = {Span.DAY: "mood_day", Span.WEEK: "mood_week"}
HARSH = frozenset(one.name for one in EMOTIONS["rich"] if one.sign == NEGATIVE)
BRIGHT = frozenset(name for (is_pleasant, *_), name in OCTANTS.items() if is_pleasant)
OWN_CHANNELS = "@me"  # where Discord's addresses of direct messages have the server


def mood_card(view: MoodView, *, name: str, colour: int, face: Face, chart: Picture | None, span: Span) -> Card:
    """Say how she feels: mood, strongest feelings, and a chart of *span* where there is one."""
    sections: list[tuple[Text, ...]] = [_strongest(view)]
    if chart is not None:
        sections.append((Text(SPAN[span]),))
    kind = {"octant": Text(OCTANT_NAME[view.octant]), "strength": Text(STRENGTH[view.strength])}
    mood = _stirred(view, name) or _mood(view, name)
    return Card(
        mood.key,
        mood.arguments,
        title_key="mood_title",
        colour=colour,
        sections=tuple(sections),
        picture=chart,
        face=face,
        footnote=Text("mood_footnote", kind),
    )


def why_card(causes: tuple[Cause, ...], *, name: str, colour: int) -> Card:
    """Say what moved her, as far as the asker may know; blames nobody and asks for nothing."""
    key = "why" if causes else "why_nothing"
    lines = tuple(_cause(cause) for cause in causes)
    return Card(key, {"name": name}, title_key="why_title", colour=colour, sections=(lines,) if lines else ())


def vibe_card(view: MoodView, *, name: str, colour: int, emoji: str) -> Card:
    """Say for everyone in a channel how she is, in one line."""
    stirred = _stirred(view, name)
    if stirred is not None or not view.strongest:
        return Card("vibe", {"emoji": emoji, "mood": stirred or _mood(view, name)}, colour=colour)
    feelings = _feelings(view.strongest)
    return Card("vibe_feelings", {"emoji": emoji, "mood": _mood(view, name), "feelings": feelings}, colour=colour)


def level_of(value: float) -> Text:
    """Put the level of a feeling into a word."""
    return Text(LEVEL[step(value, LEVELS, STRONG)])


def _mood(view: MoodView, name: str) -> Text:
    if view.strength == NEUTRAL:
        return Text(MOOD[NEUTRAL], {"name": name})
    return Text(MOOD[view.strength], {"name": name, "octant": Text(OCTANT[view.octant])})


def _stirred(view: MoodView, name: str) -> Text | None:
    """Begin with what stands out where it is more than faint, or jars with a bright mood, which is slower to change."""
    told = tuple(felt for felt in view.strongest if felt[1] >= FAINT_BELOW)
    if not told and view.octant in BRIGHT and view.strength != NEUTRAL:
        told = tuple(felt for felt in view.strongest[:1] if felt[0] in HARSH)
    if not told:
        return None
    under = {} if view.strength == NEUTRAL else {"octant": Text(OCTANT[view.octant])}
    mood = Text(UNDER[view.strength], under)
    return Text("mood_stirred", {"name": name, "feelings": _feelings(told), "mood": mood})


def _feelings(felt: Iterable[tuple[str, float]]) -> tuple[Text, ...]:
    """Put a few feelings into words, each with how much there is of it."""
    return tuple(
        Text(AMOUNT[step(value, LEVELS, STRONG)], {"emotion": Text(EMOTION[emotion])})
        for emotion, value in islice(felt, SAID_MOST)
    )


def _strongest(view: MoodView) -> tuple[Text, ...]:
    if not view.strongest:
        return (Text("mood_nothing_stands_out"),)
    lines = (
        Text("mood_felt", {"bar": bar(value), "emotion": Text(EMOTION[emotion]), "level": level_of(value)})
        for emotion, value in view.strongest[:STRONGEST_SHOWN]
    )
    return (Text("mood_strongest"), *lines)


def _cause(cause: Cause) -> Text:
    left = Text(LEFT[step(cause.left, REMAINS, MOST)])
    return Text("why_line", {"did": Text(DID[cause.emotion]), "source": _source(cause), "left": left})


def _source(cause: Cause) -> Text:
    """Say where something came from; what is private has neither a time nor an address."""
    if cause.kind is CauseKind.PRIVATE:
        return Text("source.private")
    when: dict[str, object] = {"seconds": int(cause.at.timestamp())}
    if cause.kind is CauseKind.INNER:
        return Text("source.inner", when)
    is_yours = cause.kind is CauseKind.YOURS
    if cause.channel_id is None or cause.message_id is None:
        return Text("source.yours" if is_yours else "source.here", when)
    address = {"place": cause.guild_id or OWN_CHANNELS, "channel_id": cause.channel_id, "message_id": cause.message_id}
    return Text("source.yours_link" if is_yours else "source.here_link", when | address)
