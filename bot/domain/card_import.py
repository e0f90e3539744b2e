"""Make a companion of a character card: pure, and never more than persona text within the schema's limits.

What a card says of rules, roles and prompts stays out; what it says of a character becomes identity, voice and
examples. A card is rated adult unless its maker or the operator says otherwise, and then stands behind a plain default
persona.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from bot.domain.card_bounds import forbidden, is_to_a_model
from bot.domain.card_examples import exchanges_of
from bot.domain.card_filter import Filter
from bot.domain.card_lore import lore_lines
from bot.domain.card_own import own_parts
from bot.domain.card_parts import PERSONA_BYTES, Parts
from bot.domain.card_rating import Standing, standing_of
from bot.domain.card_report import CardError, Fate, Report, shown
from bot.domain.card_rest import note_rest
from bot.domain.card_text import size_of, up_to, visible
from bot.domain.character_card import CharacterCard
from bot.domain.persona import (
    DEFAULT_PERSONA,
    IDENTITY_LIMIT,
    NAME_LIMIT,
    SLUG,
    SUMMARY_LIMIT,
    VOICE_LIMIT,
    CompanionSource,
    PersonaSource,
    Rating,
)
from bot.domain.persona_fields import NAME_FIELD
from bot.domain.text import visible_line

CARD_PERSONA = "card"  # the persona that holds a card which is not for everyone
VOICE_BYTES, EXAMPLES_BYTES = 1_300, 1_200
EXCHANGE_BYTES = 14  # what stands round the two sides of an exchange in a prompt
EXCHANGES_MOST = 8
GREETINGS_MOST = 3
NAME_WORDS_MOST = 5
SLUG_LETTERS = 24
# Texts of ours that stand round a card's.
LEAD = (
    "You are {name}. You are made of code and words, and say so plainly when somebody sincerely asks. What follows is "
    "your character and your story."
)
STYLE = (
    "You write the way people write in chat, short and plain, in the language you are spoken to. You speak for "
    "yourself alone, never for the person you talk to."
)
PLAIN_LEAD = (
    "You are {name}. You live here, in Discord. You are made of code and words, and say so plainly when somebody "
    "sincerely asks. With people you have not met you are friendly and a little reserved."
)
PLAIN_EXCHANGE = {"them": "are you a real person?", "you": "no. a program, through and through."}
PLAIN_SUMMARY = "As anybody may meet them."
CARD_TITLE = "In character"
COLOURS = ("#7AA2F7", "#9ECE6A", "#E0AF68", "#BB9AF7", "#F7768E", "#7DCFFF", "#C0A36E", "#73DACA")
EMOJI = "🎭"
_NAME_CHARS = re.compile(r"[^\w .'’·・-]|_")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "card", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
_ROLES = frozenset({"system", "assistant", "user", "human", "developer", "tool", "you", "everyone", "here"})
_VERSION = re.compile(r"v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asks for in place of what the card says."""

    name: str | None = None
    slug: str | None = None
    rating: Rating | None = None


def companion_of(card: CharacterCard, wishes: Wishes, faces: Mapping[str, object], report: Report) -> CompanionSource:
    """Make a companion's files of *card*, as parsed; *faces* are the expressions of one whose card names none.

    Raises:
        CardError: it cannot have a name, a folder or the rating that is wished for, or nobody may have it at all.
    """
    standing = standing_of(card, wishes.rating, report)
    own = own_parts(card, standing, report)
    if own is not None and not standing.is_chosen:
        standing = Standing(
            Rating.EVERYONE
        )  # its default persona was found fit for that, the others say for themselves
    name = name_of(card, wishes, report, own=own)
    parts = own or _parts_of(card, standing, name, report)
    tables = parts.manifest or {**_manifest(card, name, report), **_bio(parts, standing)}
    source = CompanionSource(
        slug=slug_of(name, wishes),
        fingerprint="",
        manifest={**tables, "name": name},
        identity="",
        personas=parts.personas,
        examples={},
        expressions=parts.expressions or faces,
    )
    note_rest(card, report)
    return _dressed(source, parts, standing, name)


def name_of(card: CharacterCard, wishes: Wishes, report: Report, *, own: Parts | None = None) -> str:
    """Give the name: the wished one, the card's nickname or its name; as it stands among rules, it is only a name.

    Raises:
        CardError: nothing is left of it, or it speaks to a model.
    """
    told = None if own is None or own.manifest is None else own.manifest.get("name")
    if not wishes.name and isinstance(told, str) and plain_name(told) == told:
        report.add("name", Fate.TAKEN)
        return told
    given = wishes.name or card.texts["nickname"].strip() or card.texts["name"]
    field = "--name" if wishes.name else "nickname" if card.texts["nickname"].strip() else "name"
    name = plain_name(given)
    if name is None:
        raise CardError(f"{field}: {shown(given)} cannot be anybody's name here; give one with --name")
    report.add(field, Fate.TAKEN if name == given.strip() else Fate.CHANGED, "" if name == given.strip() else name)
    return name


def plain_name(given: str) -> str | None:
    """Give *given* as a name may be, which stands among the rules of a prompt too; None where none is left."""
    plain = " ".join(_NAME_CHARS.sub(" ", visible(given[:400])).split()[:NAME_WORDS_MOST]).strip(" .-'’·・")
    name = plain if len(plain) <= NAME_LIMIT else plain[:NAME_LIMIT].rpartition(" ")[0] or plain[:NAME_LIMIT]
    if not any(char.isalpha() for char in name) or name.casefold() in _ROLES or is_to_a_model(name):
        return None
    return name


def slug_of(name: str, wishes: Wishes) -> str:
    """Give the folder's name: the wished one, or *name* in small Latin letters, digits and hyphens.

    Raises:
        CardError: the wished one is no such name.
    """
    if wishes.slug is not None:
        if not SLUG.fullmatch(wishes.slug) or wishes.slug in _RESERVED:
            raise CardError(
                f"--slug: must be small letters, digits and hyphens such as captain-ho, is {shown(wishes.slug)}"
            )
        return wishes.slug
    apart = unicodedata.normalize("NFKD", name.casefold())
    latin = re.sub(r"[^a-z0-9]+", "-", "".join(char for char in apart if not unicodedata.combining(char)))
    slug = latin.strip("-")[:SLUG_LETTERS].rstrip("-")
    is_whole = sum(char.isalpha() for char in slug) >= max(2, sum(char.isalpha() for char in apart) // 2)
    if not is_whole or not SLUG.fullmatch(slug) or slug in _RESERVED:
        return f"card-{blake2b(name.encode(), digest_size=4).hexdigest()}"
    return slug


def _parts_of(card: CharacterCard, standing: Standing, name: str, report: Report) -> Parts:
    """Give the card's own words as what a companion is made of, each within its room."""
    sift = Filter(report, is_chaste=standing.is_chaste, language=_locale(card), name=name)
    room = VOICE_BYTES - len(STYLE)
    manner: list[str] = []
    for field in ("personality", "system_prompt", "post_history_instructions"):
        text = sift.prose(field, card.texts[field], most=VOICE_LIMIT // 2, most_bytes=room)
        room -= size_of(text, name) + 2
        manner += [text] if text else []
    exchanges = _exchanges(card, sift, name, report)
    spent = VOICE_BYTES - room + sum(_size(one, name) for one in exchanges) + size_of(LEAD, name) + len(STYLE)
    body = _body(card, sift, PERSONA_BYTES - spent, name, report)
    return Parts(
        body=f"{LEAD}\n\n{body}".strip(),
        manner="\n\n".join((*manner, STYLE)),
        exchanges=tuple(exchanges),
        front=_summary(manner, name),
    )


def _summary(manner: Sequence[str], name: str) -> Mapping[str, object]:
    """Say in a line what people may expect, where the card has one that anybody may read."""
    said = up_to(manner[0], most=SUMMARY_LIMIT, most_bytes=SUMMARY_LIMIT * 3) if manner else ""
    line = visible_line(said.replace(NAME_FIELD, name))
    is_fit = line and len(line) <= SUMMARY_LIMIT and forbidden(line, is_chaste=True) is None
    return {"summary": line} if is_fit else {}


def _body(card: CharacterCard, sift: Filter, room: int, name: str, report: Report) -> str:
    texts = []
    for field, lead in (("description", ""), ("scenario", "Where your story stands: ")):
        kept = sift.prose(field, card.texts[field], most=IDENTITY_LIMIT - 800, most_bytes=room - len(lead))
        texts += [lead + kept] if kept else []
        room -= size_of(kept, name) + len(lead) + 2
    texts += lore_lines(card.lore, sift, room, name, report)
    return "\n\n".join(texts)


def _bio(parts: Parts, standing: Standing) -> Mapping[str, object]:
    """Give the line that a profile says of them, which everybody reads."""
    return (
        {"summary": parts.front["summary"]} if standing.rating is Rating.EVERYONE and "summary" in parts.front else {}
    )


def _exchanges(card: CharacterCard, sift: Filter, name: str, report: Report) -> list[Mapping[str, str]]:
    """Give the example talk, then greetings while there is room; at least one exchange."""
    names = (card.texts["name"], card.texts["nickname"])
    said = [("mes_example", one.them, one.you) for one in exchanges_of(card.texts["mes_example"], names)]
    greetings = (
        ("first_mes", card.texts["first_mes"]),
        *(("alternate_greetings", one) for one in card.lists["alternate_greetings"]),
    )
    said += [(field, "hey", text) for field, text in greetings[: GREETINGS_MOST + 1] if text.strip()]
    room = EXAMPLES_BYTES
    found: list[Mapping[str, str]] = []
    for field, them, you in said:
        answer = sift.spoken(field, you, is_theirs=False)
        asked = sift.spoken(field, them, is_theirs=True) or "…"
        if answer is None:
            continue
        one = {"them": asked, "you": answer}
        if _size(one, name) > room or len(found) == EXCHANGES_MOST:
            report.add(field, Fate.KEPT, "the prompt has room for a few exchanges")
            continue
        report.add(field, Fate.TAKEN, "as exchanges that show the voice")
        found.append(one)
        room -= _size(one, name)
    return found


def _size(exchange: Mapping[str, str], name: str) -> int:
    return size_of(exchange["them"] + exchange["you"], name) + EXCHANGE_BYTES


def _manifest(card: CharacterCard, name: str, report: Report) -> Mapping[str, object]:
    version = _VERSION.fullmatch(card.texts["character_version"].strip())
    number = ".".join(part or "0" for part in version.groups()) if version else "1.0.0"
    if card.texts["character_version"]:
        report.add("character_version", Fate.TAKEN if version else Fate.KEPT, f"as {number}")
    full = " ".join(_NAME_CHARS.sub(" ", visible(card.texts["name"][:400])).split())
    is_other = card.texts["nickname"].strip() and full != name and len(full) <= NAME_LIMIT and not is_to_a_model(full)
    return {
        "name": name,
        "version": number,
        "locales": [_locale(card)],
        "nicknames": [full] if is_other and any(char.isalpha() for char in full) else [],
        "temperament": dict.fromkeys(
            ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"), 0.0
        ),
    }


def _locale(card: CharacterCard) -> str:
    """Guess the language by the script; the locale is for people who look, she answers in any."""
    letters = "".join(card.texts[field][:2_000] for field in ("description", "personality", "first_mes", "mes_example"))
    counts = {"ja": 0, "ko": 0, "zh": 0, "en": 0}
    for char in letters:
        kind = unicodedata.name(char, "").split(" ", 1)[0]
        match kind:
            case "HIRAGANA" | "KATAKANA":
                counts["ja"] += 3  # among them stand Chinese signs
            case "HANGUL":
                counts["ko"] += 1
            case "CJK":
                counts["zh"] += 1
            case _:
                counts["en"] += char.isalpha()
    return max(counts, key=lambda language: (counts[language], language == "en"))


def _dressed(source: CompanionSource, parts: Parts, standing: Standing, name: str) -> CompanionSource:
    """Give identity, personas and examples their places: behind a plain default where not everyone may have them."""
    front = {
        "title": name,
        "rating": str(Rating.EVERYONE),
        "colour": COLOURS[sum(name.encode()) % len(COLOURS)],
        "opt_in": False,
        "emoji": EMOJI,
        **parts.front,
    }
    if standing.rating is Rating.EVERYONE:
        identity, main = parts.body, {DEFAULT_PERSONA: PersonaSource(front, parts.manner)}
        examples = [dict(one) for one in parts.exchanges] or [dict(PLAIN_EXCHANGE)]
    else:
        is_adult = standing.rating is Rating.ADULT
        behind = {**front, "rating": str(standing.rating), "opt_in": is_adult}
        behind["title"] = CARD_TITLE if behind["title"] == name else behind["title"]
        plain = {key: front[key] for key in ("title", "rating", "colour", "opt_in", "emoji")}
        plain["summary"] = PLAIN_SUMMARY
        whole = up_to(f"{parts.body}\n\n{parts.manner}", most=VOICE_LIMIT, most_bytes=PERSONA_BYTES, name=name)
        identity = PLAIN_LEAD
        main = {DEFAULT_PERSONA: PersonaSource(plain, STYLE), CARD_PERSONA: PersonaSource(behind, whole)}
        examples = [_moved(one) for one in parts.exchanges]
        examples.append({"persona": DEFAULT_PERSONA, **PLAIN_EXCHANGE})
    personas = {**main, **{slug: one for slug, one in parts.personas.items() if slug not in main}}
    return CompanionSource(
        slug=source.slug,
        fingerprint="",
        manifest=source.manifest,
        identity=identity,
        personas=personas,
        examples={"exchange": examples},
        expressions=source.expressions,
    )


def _moved(exchange: Mapping[str, object]) -> dict[str, object]:
    """Give an exchange of the default persona to the one that now speaks so."""
    if exchange.get("persona", DEFAULT_PERSONA) != DEFAULT_PERSONA:
        return dict(exchange)
    return {"persona": CARD_PERSONA, **{key: exchange[key] for key in ("them", "you")}}
