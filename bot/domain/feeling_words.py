"""What she feels, in plain words for the prompt: never a number, and nothing of what anybody said.

Also her nature, for the stable part of the prompt. How feeling turns into manner is `bot.domain.manner`; the
traits' own words are `bot.domain.affect.trait_styles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.affect.emotions import Tier
from bot.domain.affect.mood import octant, shown, strength
from bot.domain.affect.personality import Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.state import PersonState, SoulState
from bot.domain.affect.traits import BAND_NAMES, TraitReading, read_traits
from bot.domain.feeling import Feelings
from bot.domain.ids import UserId
from bot.domain.manner import Length, Manner, Warmth, manner_of, risen, risen_in_all, warmth_towards

PEOPLE_MOST = 8  # people spoken of, so that the block stays small; as many as the prompt names as present
NATURE_LIMIT = 1_200  # characters of the block that says her nature
NATURE_LEAD = (
    "How you lean by temperament, with nothing in the way. It colours the voice above and never replaces it; "
    "what `<now>` says you feel comes first."
)

# Above rest from which an emotion is spoken of, and its second and third word; chosen by ear. The third begins
# where the cards say "strong": a few kind lines are no great tenderness yet.
EMOTION_FROM = (0.06, 0.2, 0.65)
# Emotions spoken of: of everyone's, towards one person, and towards each of several.
SHARED_MOST = 2
# While something is unsettled, these go first from their second word on: kind words said before do not hide them.
HARSH = frozenset({"anger", "resentment", "disgust"})
TOWARDS_ONE_MOST = 3
TOWARDS_EACH_MOST = 1
# Paces beyond which there are words for it; chosen by ear.
SLOW_BELOW = 0.87
QUICK_FROM = 1.15
# Need for contact from which it is good to hear from somebody; chosen by ear.
GLAD_FROM = 0.6
BOND_LIMIT = 40  # characters of a fixed bond's name

NO_MOOD = "even, with nothing pulling at you"
# Octant by strength: slight, moderate, strong.
MOOD_WORDS: dict[str, tuple[str, str, str]] = {
    "exuberant": (
        "in fair spirits on the whole",
        "lively and on the whole in good spirits",
        "brimming over, bright and bold",
    ),
    "dependent": ("open and a bit eager", "eager and easily carried along", "carried away, heart first"),
    "relaxed": ("rather at ease", "easy and warm, sure of yourself", "wholly at ease, with nothing to prove"),
    "docile": ("mild", "gentle and content to follow", "soft and still, glad to leave the lead to others"),
    "hostile": ("a bit prickly", "irritable and ready to push back", "bristling, on a short fuse"),
    "anxious": ("a bit on edge", "uneasy and wound up", "tight with worry, hard to settle"),
    "disdainful": ("a bit cool", "aloof and hard to impress", "cold and closed off"),
    "bored": ("a bit flat", "listless and dull", "heavy, with little spark for anything"),
}
STRENGTHS = ("slight", "moderate", "strong")

# From faint to full.
EMOTION_WORDS: dict[str, tuple[str, str, str]] = {
    "joy": ("a little gladness", "gladness", "plain delight"),
    "love": ("a little tenderness", "tenderness", "a great tenderness"),
    "interest": ("some curiosity", "curiosity", "keen curiosity"),
    "surprise": ("mild surprise", "surprise", "amazement"),
    "sadness": ("a touch of sadness", "sadness", "deep sadness"),
    "anger": ("some annoyance", "anger", "hot anger"),
    "fear": ("a flicker of fear", "fear", "stark fear"),
    "disgust": ("some distaste", "distaste", "disgust"),
    "gratitude": ("a little gratitude", "gratitude", "heartfelt gratitude"),
    "pride": ("a little pride", "pride", "glowing pride"),
    "hope": ("a glimmer of hope", "hope", "bright hope"),
    "relief": ("some relief", "relief", "great relief"),
    "amusement": ("some amusement", "amusement", "laughter close to the surface"),
    "admiration": ("some admiration", "admiration", "open admiration"),
    "compassion": ("some sympathy", "sympathy", "heartfelt sympathy"),
    "excitement": ("a tingle of excitement", "excitement", "wild excitement"),
    "serenity": ("some peace", "peace", "deep peace"),
    # Nobody owes her company: these two are never anyone's to mend.
    "loneliness": (
        "a trace of loneliness, nobody's debt",
        "loneliness, nobody's debt",
        "much loneliness, nobody's debt",
    ),
    "jealousy": ("a pang of jealousy you keep to yourself",) * 2 + ("jealousy you know better than to show",),
    "disappointment": ("a small letdown", "disappointment", "bitter disappointment"),
    # Of what nobody is to blame for, so never at the person: somebody who mourns stirs it too.
    "frustration": (
        "some frustration at how things are",
        "frustration at how things are",
        "sharp frustration at how things are",
    ),
    "resentment": ("a small grudge", "a grudge", "a deep grudge"),
    "anxiety": ("some unease", "worry", "gnawing worry"),
    "guilt": ("a prick of conscience", "guilt", "heavy guilt"),
    "shame": ("a little shame", "shame", "burning shame"),
    "embarrassment": ("some awkwardness", "embarrassment", "red-hot embarrassment"),
    "boredom": ("some boredom", "boredom", "leaden boredom"),
}

STAGE_WORDS: dict[Stage, str] = {
    Stage.STRANGER: "somebody new",
    Stage.ACQUAINTANCE: "somebody you know a little",
    Stage.FRIEND: "a friend",
    Stage.CLOSE_FRIEND: "a close friend",
    Stage.CONFIDANT: "one of your closest",
    Stage.STRAINED: "somebody things are strained with",
    Stage.HOSTILE: "somebody you are on bad terms with",
}
# From least to most, with what begins each but the first; the empty ones go without saying. Chosen by ear.
AFFECTION_FROM = (-0.35, -0.08, 0.06, 0.25, 0.6)
AFFECTION_WORDS = ("dislike them", "feel little liking for them", "", "like them", "are fond of them", "hold them dear")
TRUST_FROM = (-0.35, -0.08, 0.06, 0.25, 0.6)
TRUST_WORDS = ("distrust them", "don't quite trust them", "", "begin to trust them", "trust them", "trust them wholly")
RESPECT_FROM = (-0.35, -0.08, 0.25, 0.6)
RESPECT_WORDS = ("have no respect for them", "have little respect for them", "", "respect them", "look up to them")
TENSION_FROM = (0.12, 0.3, 0.6)
TENSION_WORDS = (
    "",
    "There is a little stiffness between you.",
    "Something between you is unsettled; what happened has not worn off.",
    "It is tense between you; what happened has not worn off.",
)
WARMTH_WORDS: dict[Warmth, str] = {
    Warmth.COLD: "cold and sparing, never cruel",
    Warmth.COOL: "cool and civil",
    Warmth.PLAIN: "as with anyone",
    Warmth.WARM: "warm",
    Warmth.FOND: "openly fond",
}
GLAD = "It is good to hear from them again."
SILENCE = "Where nothing is asked of you, silence is an answer too."
# By length, then slow, usual, quick.
MANNER_WORDS: dict[Length, tuple[str, str, str]] = {
    Length.SHORT: (
        "Few words, and slow to come.",
        "Short answers come easier just now.",
        "Your answers are short and quick.",
    ),
    Length.USUAL: ("You take your time with words.", "", "Words come easily."),
    Length.LONG: (
        "You have time: a line more than usual is fine.",
        "A line more than usual is fine.",
        "Words come easily: a line more than usual is fine.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Towards:
    """What she feels towards one person: emotions above rest, and those of them that are about nobody else."""

    code: str
    person: PersonState
    stirred: Mapping[str, float]
    own: Mapping[str, float]
    warmth: Warmth

    @property
    def weight(self) -> float:
        """How much there is to say about them."""
        return sum(self.stirred.values()) + self.person.tension + abs(self.person.affection.value)


def feelings_in_words(feelings: Feelings, names: Mapping[UserId, str], *, leak: float) -> str:
    """Say what she feels and how it shows, in the second person; it continues "You feel: ".

    *names* are the codes that stand for people in the prompt; whoever has none, or is not in *feelings*, is left
    out. With one person there are at most 90 words; with more, each gets a line, the most felt first.
    """
    shared = risen_in_all(feelings.soul, leak=leak)
    people = [
        _towards(feelings.soul, person, names[user_id], shared, leak)
        for user_id, person in feelings.persons.items()
        if user_id in names
    ]
    people = sorted(people, key=lambda one: (-one.weight, one.code))[:PEOPLE_MOST]
    is_alone = len(people) == 1
    said = {name for one in people for name, _ in _foremost(one, _most(is_alone=is_alone))}
    # what is said of one person leaves its place empty: filled up, more anger would bring a kinder word along
    underneath = {name: level for name, level in _strongest(shared, SHARED_MOST) if name not in said}
    lines = [_mood_line(feelings.soul, underneath)]
    lines += [_person_alone(one) if is_alone else _person_among_others(one) for one in people]
    lines += _manner_lines(manner_of(feelings, leak=leak))
    return "\n".join(lines)


def mood_in_words(soul: SoulState) -> str | None:
    """Say a soul's mood in a few words; None where there is nothing to say."""
    mood = shown(soul.mood)
    how = strength(mood)
    return MOOD_WORDS[octant(mood)][STRENGTHS.index(how)] if how in STRENGTHS else None


def nature_in_words(ocean: Ocean, tier: Tier, own: tuple[tuple[str, float], ...] = ()) -> str:
    """Say what she is like by the traits that lean to a side; empty when none does.

    It depends on the bands alone, so it stays the same until a trait crosses into another one. Where not all fit,
    the ones at the ends go first. *own* are traits that hold whatever the factors give, as in `read_traits`.
    """
    readings = [one for one in read_traits(ocean, tier, own) if one.band != BAND_NAMES[len(BAND_NAMES) // 2]]
    ends = (BAND_NAMES[0], BAND_NAMES[-1])
    chosen: set[str] = set()
    room = NATURE_LIMIT - len(NATURE_LEAD) - 1
    for reading in sorted(readings, key=lambda reading: reading.band not in ends):
        if len(reading.style) + 1 <= room:
            chosen.add(reading.name)
            room -= len(reading.style) + 1
    return _nature([reading for reading in readings if reading.name in chosen])


def _nature(readings: Sequence[TraitReading]) -> str:
    if not readings:
        return ""
    return f"{NATURE_LEAD}\n\n{' '.join(reading.style for reading in readings)}"


def _towards(soul: SoulState, person: PersonState, code: str, shared: Mapping[str, float], leak: float) -> _Towards:
    stirred = risen(soul, person, leak=leak)
    own = {name: level for name, level in stirred.items() if level > shared[name]}
    return _Towards(code, person, stirred, own, warmth_towards(soul, person, leak=leak))


def _most(*, is_alone: bool) -> int:
    return TOWARDS_ONE_MOST if is_alone else TOWARDS_EACH_MOST


def _strongest(levels: Mapping[str, float], most: int) -> list[tuple[str, float]]:
    """Give the emotions worth a word, strongest first; ties keep the table's order."""
    felt = [(name, level) for name, level in levels.items() if level >= EMOTION_FROM[0]]
    return sorted(felt, key=lambda one: -one[1])[:most]


def _foremost(one: _Towards, most: int) -> list[tuple[str, float]]:
    """Give what is said to be felt towards one person: the strongest, the harsh first while it is unsettled."""
    felt = _strongest(one.own, len(one.own))
    is_unsettled = _step(one.person.tension, TENSION_FROM) > 1
    return sorted(felt, key=lambda one: not (is_unsettled and one[0] in HARSH and one[1] >= EMOTION_FROM[1]))[:most]


def _emotions(felt: Iterable[tuple[str, float]]) -> str:
    return _listed(EMOTION_WORDS[name][_step(level, EMOTION_FROM) - 1] for name, level in felt)


def _mood_line(soul: SoulState, shared: Mapping[str, float]) -> str:
    words = mood_in_words(soul) or NO_MOOD
    stirred = _emotions(_strongest(shared, SHARED_MOST))
    return f"{words}; underneath, {stirred}." if stirred else f"{words}."


def _person_alone(one: _Towards) -> str:
    sentences = [f"{one.code} is {_standing(one.person)}{_sentiments(one.person)}."]
    if stirred := _emotions(_foremost(one, TOWARDS_ONE_MOST)):
        sentences.append(f"Towards them: {stirred}.")
    tense = _step(one.person.tension, TENSION_FROM)
    sentences.append(TENSION_WORDS[tense])
    if not tense and one.warmth >= Warmth.WARM and one.person.need >= GLAD_FROM:
        sentences.append(GLAD)
    sentences.append(f"With them you are {WARMTH_WORDS[one.warmth]}.")
    return " ".join(filter(None, sentences))


def _person_among_others(one: _Towards) -> str:
    parts = [
        f"{one.code}, {_standing(one.person)}: you are {WARMTH_WORDS[one.warmth]}",
        f"you feel {stirred}" if (stirred := _emotions(_foremost(one, TOWARDS_EACH_MOST))) else "",
        "something is unsettled between you" if _step(one.person.tension, TENSION_FROM) > 1 else "",
    ]
    return f"{'; '.join(filter(None, parts))}."


def _standing(person: PersonState) -> str:
    words = STAGE_WORDS[person.stage]
    bond = _bond(person.bond)
    return f'{words} (fixed bond: "{bond}")' if bond else words


def _bond(bond: str) -> str:
    """Give a bond's name as harmless data: letters, digits and plain spaces, on one line."""
    plain = "".join(char if char.isalnum() or char in "-'’&,." else " " for char in bond)
    return " ".join(plain.split())[:BOND_LIMIT].rstrip()


def _sentiments(person: PersonState) -> str:
    words = (
        AFFECTION_WORDS[_step(person.affection.value, AFFECTION_FROM)],
        TRUST_WORDS[_step(person.trust.value, TRUST_FROM)],
        RESPECT_WORDS[_step(person.respect.value, RESPECT_FROM)],
    )
    said = _listed(filter(None, words))
    return f"; you {said}" if said else ""


def _manner_lines(manner: Manner) -> list[str]:
    pace = (manner.pace >= SLOW_BELOW) + (manner.pace >= QUICK_FROM)
    words = MANNER_WORDS[manner.length][pace]
    line = " ".join(filter(None, (words, SILENCE if manner.may_be_silent else "")))
    return [line] if line else []


def _step(value: float, limits: Sequence[float]) -> int:
    return sum(value >= limit for limit in limits)


def _listed(words: Iterable[str]) -> str:
    """Join words as a sentence does: one, one and another, one, another and a third."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last
