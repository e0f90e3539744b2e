"""Who a companion is, as checked data: identity, personas, examples, expressions.

Takes what a reader parsed from the files and refuses what does not fit, naming file and key.
Reading the files is left to the adapter, saying it to a model to `bot.domain.prompt`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.affect.emotions import INDEX
from bot.domain.affect.traits import RICH_TRAITS
from bot.domain.persona_fields import Fields, PersonaError, Problems
from bot.domain.persona_lines import Claim, check_lines

__all__ = ["Claim", "Companion", "Example", "Expression", "Persona", "PersonaError", "build_companion", "check_lines"]

DEFAULT_PERSONA = "default"
MANIFEST = "companion.toml"
IDENTITY = "identity.md"
EXAMPLES = "examples.toml"
EXPRESSIONS = "expressions/expressions.toml"
PICTURES = "expressions"  # the folder of the faces' pictures
AVATAR = "avatar.png"  # beside the manifest; a companion may have none

SLUG = re.compile(r"[a-z][a-z0-9-]{0,30}")
LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?")
VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
PICTURE = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}\.(?:png|webp|gif)")

# Limits of one file each, in characters but for the counts; all of them at once would make a long prompt.
NAME_LIMIT = 32  # Discord's limit for a display name
IDENTITY_LIMIT = 4_000
VOICE_LIMIT = 4_000
WHEN_LIMIT = 80
SUMMARY_LIMIT = 100  # of a persona; Discord's limit for the line under a choice
BIO_LIMIT = 190  # of a companion; Discord's limit for a profile's own words
EXAMPLES_MOST = 60  # over all personas
EXPRESSIONS_MOST = 40
PERSONAS_MOST = 12
NICKNAMES_MOST = 8
SPELLINGS_MOST = 24
HOMOGRAPHS_MOST = 8
LOCALES_MOST = 40
EMOJI_LIMIT = 16  # the longest emoji sequence has ten code points
WORDS_MOST = 4_400  # bytes; the engine's rules fill the rest of a system prompt of 12.6 KB
TEMPERATURE_MOST = 2.0  # the upper end every OpenAI-compatible server knows


class Rating(StrEnum):
    """Where a persona may be used; ``adult`` only where Discord restricts by age."""

    EVERYONE = "everyone"
    TEEN = "teen"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Temperament:
    """The five traits a companion starts from (OCEAN), each in [-1, 1]."""

    openness: float
    conscientiousness: float
    extraversion: float
    agreeableness: float
    neuroticism: float


@dataclass(frozen=True, slots=True)
class ModelHints:
    """What suits the voice in a model; None leaves the server's own default."""

    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A short exchange that shows the voice; *persona* is None where it fits all of them."""

    them: str
    you: str
    persona: str | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """A face a companion can show; *when* says in a few words what it stands for.

    *feels* are the emotions it fits, by their names in `bot.domain.affect.emotions`; a face without any is neutral.
    *picture* is a file in the folder `expressions`, which need not be there: the emoji takes its place.
    """

    slug: str
    emoji: str
    when: str
    feels: tuple[str, ...] = ()
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """One way the same self speaks; *colour* is 0xRRGGBB.

    *summary* says to people in a line what this manner is; empty where the author gave none. *is_shelter* marks the
    one for somebody in distress.
    """

    slug: str
    title: str
    rating: Rating
    colour: int
    is_opt_in: bool
    emoji: str
    voice: str
    summary: str = ""
    is_shelter: bool = False

    @property
    def is_free(self) -> bool:
        """Say whether she may slip into it by herself: nobody has to choose it first, and no age bars it."""
        return not self.is_opt_in and self.rating is not Rating.ADULT


@dataclass(frozen=True, slots=True)
class Companion:
    """A self: who they are, how they speak, what they can show.

    *spellings* are the name and nicknames in other scripts. *homographs* are forms of the name that are words as
    well, each with a sample of the language in which they are. *version* is the author's number and, after a ``+``, a
    hash that changes with the files. *summary* is what a profile says of them; empty where the author gave none.
    *traits* are named traits of their own by name, each in [-1, 1], which hold whatever the temperament would give.
    """

    slug: str
    name: str
    version: str
    locales: tuple[str, ...]
    nicknames: tuple[str, ...]
    spellings: tuple[str, ...]
    homographs: tuple[tuple[str, str], ...]
    temperament: Temperament
    model: ModelHints
    identity: str
    personas: tuple[Persona, ...]
    examples: tuple[Example, ...]
    expressions: tuple[Expression, ...]
    summary: str = ""
    traits: tuple[tuple[str, float], ...] = ()

    @property
    def default_persona(self) -> Persona:
        """Give the persona worn unless another is chosen."""
        return self.persona(DEFAULT_PERSONA)

    @property
    def shelter(self) -> Persona | None:
        """Give the persona for somebody in distress, if there is one."""
        return next((persona for persona in self.personas if persona.is_shelter), None)

    def persona(self, slug: str) -> Persona:
        """Give a persona by its slug.

        Raises:
            KeyError: there is none of that name.
        """
        for persona in self.personas:
            if persona.slug == slug:
                return persona
        raise KeyError(slug)

    def words_bytes(self, persona: Persona) -> int:
        """Count what the companion puts into every prompt in *persona*; over `WORDS_MOST` is much for a small model."""
        examples = (f"{example.them}{example.you}" for example in self.examples_for(persona))
        faces = (f"{face.slug}{face.when}" for face in self.expressions)
        return sum(len(text.encode()) for text in (self.identity, persona.voice, *examples, *faces))

    def examples_for(self, persona: Persona) -> tuple[Example, ...]:
        """Give the exchanges that show *persona*, the ones for all of them included."""
        return tuple(example for example in self.examples if example.persona in (None, persona.slug))


@dataclass(frozen=True, slots=True)
class PersonaSource:
    """A persona file taken apart: its front matter, and the voice below it."""

    front: Mapping[str, object]
    voice: str


@dataclass(frozen=True, slots=True)
class CompanionSource:
    """A companion's files as parsed, before anything of them is trusted."""

    slug: str
    fingerprint: str
    manifest: Mapping[str, object]
    identity: str
    personas: Mapping[str, PersonaSource]
    examples: Mapping[str, object]
    expressions: Mapping[str, object]


def build_companion(source: CompanionSource) -> Companion:
    """Check *source* and make a companion of it.

    Raises:
        PersonaError: something does not fit; its ``problems`` name every file and key.
    """
    problems = Problems()
    manifest = Fields(MANIFEST, source.manifest, problems)
    name = manifest.text("name", most=NAME_LIMIT)
    version = manifest.match("version", VERSION, "three numbers such as 1.0.0")
    companion = Companion(
        slug=source.slug,
        name=name,
        version=f"{version}+{source.fingerprint}",
        locales=manifest.words("locales", most=LOCALES_MOST, each=LOCALE, like="a language tag such as en or pt-BR"),
        nicknames=manifest.words("nicknames", most=NICKNAMES_MOST, is_required=False),
        spellings=manifest.words("spellings", most=SPELLINGS_MOST, is_required=False),
        homographs=manifest.samples("homographs", most=HOMOGRAPHS_MOST),
        temperament=_temperament(manifest),
        model=_model_hints(manifest),
        identity=problems.prose(IDENTITY, source.identity, name, most=IDENTITY_LIMIT),
        personas=_personas(source.personas, name, problems),
        examples=_examples(source, name, problems),
        expressions=_expressions(source, problems),
        summary=manifest.text("summary", most=BIO_LIMIT) if "summary" in manifest else "",
        traits=_traits(manifest),
    )
    manifest.finish()
    problems.raise_any()
    return companion


def _temperament(manifest: Fields) -> Temperament:
    table = manifest.table("temperament")
    traits = {trait: table.number(trait, -1.0, 1.0) for trait in Temperament.__slots__}
    table.finish()
    return Temperament(**traits)


def _traits(manifest: Fields) -> tuple[tuple[str, float], ...]:
    table = manifest.table("traits", is_required=False)
    own = tuple((trait.name, table.number(trait.name, -1.0, 1.0)) for trait in RICH_TRAITS if trait.name in table)
    table.finish()
    return own


def _model_hints(manifest: Fields) -> ModelHints:
    table = manifest.table("model", is_required=False)
    has_temperature = "temperature" in table
    hints = ModelHints(
        temperature=table.number("temperature", 0.0, TEMPERATURE_MOST) if has_temperature else None,
    )
    table.finish()
    return hints


def _personas(sources: Mapping[str, PersonaSource], name: str, problems: Problems) -> tuple[Persona, ...]:
    if DEFAULT_PERSONA not in sources:
        problems.add(f"{DEFAULT_PERSONA}.md", "", "is missing: every companion has a default persona")
    if len(sources) > PERSONAS_MOST:
        problems.add("", "", f"holds {len(sources)} persona files, at most {PERSONAS_MOST} fit")
    personas = tuple(_persona(slug, sources[slug], name, problems) for slug in sorted(sources))
    first, *others = [persona.slug for persona in personas if persona.is_shelter] or [""]
    for slug in others:
        problems.add(f"{slug}.md", "shelter", f"must be false: {first}.md is the shelter already")
    return personas


def _persona(slug: str, source: PersonaSource, name: str, problems: Problems) -> Persona:
    file = f"{slug}.md"
    if not SLUG.fullmatch(slug):
        problems.add(file, "", "must be named in small letters, digits and hyphens, such as late-night.md")
    front = Fields(file, source.front, problems)
    persona = Persona(
        slug=slug,
        title=front.text("title", most=NAME_LIMIT),
        rating=Rating(front.choice("rating", tuple(Rating))),
        colour=int(front.match("colour", COLOUR, "a colour such as #8A5CF6").removeprefix("#") or "0", 16),
        is_opt_in=front.flag("opt_in"),
        emoji=front.emoji("emoji", most=EMOJI_LIMIT),
        voice=problems.prose(file, source.voice, name, most=VOICE_LIMIT),
        summary=front.text("summary", most=SUMMARY_LIMIT) if "summary" in front else "",
        is_shelter=front.flag("shelter") if "shelter" in front else False,
    )
    front.finish()
    _check_reach(file, persona, problems)
    return persona


def _check_reach(file: str, persona: Persona, problems: Problems) -> None:
    """Note what would keep people from a persona that has to be there for everybody."""
    is_default = persona.slug == DEFAULT_PERSONA
    is_everyones = persona.rating is Rating.EVERYONE
    if is_default and persona.is_opt_in:
        problems.add(file, "opt_in", "must be false: the default persona needs no opting in")
    if is_default and not is_everyones:
        problems.add(file, "rating", f"must be {str(Rating.EVERYONE)!r}: anyone may meet the default persona")
    if not persona.is_shelter:
        return
    if is_default:
        problems.add(file, "shelter", "must be false: the default persona is the one she comes back to")
    elif persona.is_opt_in:
        problems.add(file, "opt_in", "must be false: nobody has to ask for shelter first")
    elif not is_everyones:
        problems.add(file, "rating", f"must be {str(Rating.EVERYONE)!r}: shelter is for anyone")


def _examples(source: CompanionSource, name: str, problems: Problems) -> tuple[Example, ...]:
    examples = []
    file = Fields(EXAMPLES, source.examples, problems)
    for entry in file.tables("exchange", least=1, most=EXAMPLES_MOST):
        persona = entry.choice("persona", tuple(source.personas)) if "persona" in entry else None
        examples.append(Example(entry.prose("them", name), entry.prose("you", name), persona))
        entry.finish()
    file.finish()
    return tuple(examples)


def _expressions(source: CompanionSource, problems: Problems) -> tuple[Expression, ...]:
    expressions: list[Expression] = []
    file = Fields(EXPRESSIONS, source.expressions, problems)
    for entry in file.tables("expression", least=1, most=EXPRESSIONS_MOST):
        slug = entry.match("slug", SLUG, "a small word such as smirk")
        if slug and any(slug == known.slug for known in expressions):
            problems.add(EXPRESSIONS, entry.path("slug"), f"{slug!r} is there twice")
        emoji = entry.emoji("emoji", most=EMOJI_LIMIT)
        when = entry.text("when", most=WHEN_LIMIT)
        feels = entry.names("feels", INDEX, "emotion")
        picture = None
        if "picture" in entry:
            picture = entry.match("picture", PICTURE, "a file name in small letters such as grin.png, .webp or .gif")
        expressions.append(Expression(slug, emoji, when, feels, picture or None))
        entry.finish()
    file.finish()
    return tuple(expressions)
