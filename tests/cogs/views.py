"""Views of her feelings as the engine gives them: examples, random ones, and stand-ins that answer with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import discord
from hypothesis import strategies as st

from bot.adapters.discord.cards import card_view
from bot.adapters.personas import read_companion
from bot.domain.affect.emotions import NAMES
from bot.domain.affect.mood import OCTANTS
from bot.domain.affect.personality import Ocean
from bot.domain.affect.presets import PRESETS
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.state import new_person
from bot.domain.affect.traits import read_traits
from bot.domain.card import Card
from bot.domain.feeling import Cause, CauseKind, MoodPoint, MoodView, PersonalityView, RelationshipView, Standing
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.persona import Companion, Expression, Persona
from bot.domain.text import visible_line

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CALM = MoodPoint(NOW, 0.2, -0.2, 0.2)
MIRA = read_companion("mira")


def mood_view(**changes: object) -> MoodView:
    """Give a relaxed afternoon with some joy in it."""
    history = tuple(replace(CALM, at=NOW - timedelta(hours=hour), pleasure=0.02 * hour) for hour in range(23, -1, -1))
    view = MoodView(NOW, CALM, "relaxed", "moderate", (("joy", 0.42), ("hope", 0.2)), history)
    return replace(view, **changes)  # type: ignore[arg-type]


def cause(kind: CauseKind = CauseKind.YOURS, emotion: str = "joy", left: float = 0.6, **where: int) -> Cause:
    """Give one cause of two hours ago."""
    return Cause(kind, emotion, left, NOW - timedelta(hours=2), **where)  # type: ignore[arg-type]


def standing(days_ago: float, **values: object) -> Standing:
    """Give how things stood some days ago; all at nothing unless told."""
    given = {"trust": 0.0, "affection": 0.0, "respect": 0.0, "familiarity": 0.0, "tension": 0.0, "stage": "stranger"}
    return Standing(NOW - days_ago * DAY, **(given | values))  # type: ignore[arg-type]


def relationship_view(**changes: object) -> RelationshipView:
    """Give a young friendship."""
    warm, known = Sentiment(0.5), Sentiment(0.4)
    state = replace(new_person("rich"), trust=Sentiment(0.3), affection=warm, familiarity=known, stage=Stage.FRIEND)
    view = RelationshipView(NOW, NOW - 20 * DAY, state, (("love", 0.4),), (standing(20), standing(7)))
    return replace(view, **changes)  # type: ignore[arg-type]


def personality_view(ocean: Ocean = PRESETS["ENFP"], **changes: object) -> PersonalityView:
    """Give somebody of all 34 traits who has not drifted."""
    traits = tuple((one.name, one.band, one.value) for one in read_traits(ocean, "rich"))
    view = PersonalityView(NOW - 90 * DAY, None, ocean._asdict(), Ocean()._asdict(), traits, is_drift_frozen=False)
    return replace(view, **changes)  # type: ignore[arg-type]


units = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)
times = st.timedeltas(timedelta(), timedelta(days=4000)).map(lambda ago: NOW - ago)
ids = st.integers(1, 2**63 - 1)
emotions = st.sampled_from(NAMES["rich"])
felt = st.lists(st.tuples(emotions, units), max_size=27, unique_by=lambda one: one[0]).map(tuple)
oceans = st.builds(Ocean, signed, signed, signed, signed, signed)
drifts = st.builds(Ocean, *[st.floats(-0.25, 0.25)] * 5)
sentiments = st.builds(Sentiment, signed)
familiar = st.builds(Sentiment, units)

mood_views = st.builds(
    MoodView,
    st.just(NOW),
    st.just(CALM),
    st.sampled_from([*OCTANTS.values()]),
    st.sampled_from(["neutral", "slight", "moderate", "strong"]),
    felt,
    st.just(()),
)
causes = st.builds(
    Cause,
    st.sampled_from(CauseKind),
    emotions,
    units,
    times,
    st.none() | ids.map(GuildId),
    st.none() | ids.map(ChannelId),
    st.none() | ids.map(MessageId),
)
persons = st.builds(
    replace,
    st.just(new_person("rich")),
    trust=sentiments,
    affection=sentiments,
    respect=sentiments,
    familiarity=familiar,
    tension=units,
    stage=st.sampled_from(Stage),
    bond=st.text(max_size=40),
)
standings = st.builds(Standing, times, signed, signed, signed, units, units, st.sampled_from([*map(str, Stage)]))
relationship_views = st.builds(
    RelationshipView, st.just(NOW), st.none() | times, persons, felt, st.lists(standings, max_size=40).map(tuple)
)
personality_views = st.builds(
    lambda ocean, drift, preset, is_frozen, tier, born: PersonalityView(
        born,
        preset,
        ocean._asdict(),
        drift._asdict(),
        tuple((one.name, one.band, one.value) for one in read_traits(ocean, tier)),
        is_drift_frozen=is_frozen,
    ),
    oceans,
    drifts,
    st.none() | st.sampled_from([*PRESETS]),
    st.booleans(),
    st.sampled_from(["lite", "rich"]),
    times,
)
# as long as a name may be, and with what would be markdown or a placeholder in it
names = st.sampled_from(["Mira", "M" * 32, "_{name}_ **x** `y` [z](https://example.org)"[:32]])


@dataclass
class FakeLook:
    """Answers with set views and notes what was asked."""

    view: MoodView = field(default_factory=mood_view)
    found: tuple[Cause, ...] = (cause(),)
    stands: RelationshipView = field(default_factory=relationship_view)
    nature: PersonalityView = field(default_factory=personality_view)
    companion: Companion = MIRA
    asked: list[tuple[object, ...]] = field(default_factory=list)
    trouble: Exception | None = None
    takes_s: float = 0.0

    @property
    def persona(self) -> Persona:
        return self.companion.default_persona

    def expression(self, view: MoodView) -> Expression:
        return self.companion.expressions[0]

    async def mood(self, guild_id: GuildId | None, *, span: timedelta) -> MoodView:
        self.asked.append(("mood", guild_id, span))
        await asyncio.sleep(self.takes_s)
        if self.trouble is not None:
            raise self.trouble
        return self.view

    async def causes(self, user_id: UserId, *, guild_id: GuildId | None, channel_id: ChannelId) -> tuple[Cause, ...]:
        self.asked.append(("causes", user_id, guild_id, channel_id))
        return self.found

    async def relationship(self, user_id: UserId, *, guild_id: GuildId | None) -> RelationshipView:
        self.asked.append(("relationship", user_id, guild_id))
        return self.stands

    async def personality(self, guild_id: GuildId | None) -> PersonalityView:
        self.asked.append(("personality", guild_id))
        return self.nature


@dataclass
class FakeTend:
    """Notes what an admin did."""

    is_shared: bool = False
    done: list[tuple[object, ...]] = field(default_factory=list)

    async def set_preset(self, preset: str, *, guild_id: GuildId | None) -> None:
        self.done.append(("preset", preset, guild_id))

    async def set_bond(self, user_id: UserId, bond: str, *, guild_id: GuildId | None) -> str:
        word = visible_line(bond)
        self.done.append(("bond", user_id, word, guild_id))
        return word

    async def reset(self, *, guild_id: GuildId | None) -> None:
        self.done.append(("reset", guild_id))

    async def freeze(self, is_frozen: bool, *, guild_id: GuildId | None) -> None:
        self.done.append(("freeze", is_frozen, guild_id))


def components_of(card: Card) -> list[dict[str, object]]:
    """Give a card as the components that go to Discord."""
    return card_view(card).to_components()


def words_of_card(card: Card) -> str:
    """Give everything a card says in text, line by line."""
    return "\n".join(
        item.content for item in card_view(card).walk_children() if isinstance(item, discord.ui.TextDisplay)
    )


def has_line(card: Card, fits: Callable[[str], bool]) -> bool:
    """Say whether a line of a card fits."""
    return any(fits(line) for line in words_of_card(card).splitlines())
