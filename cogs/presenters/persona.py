"""The cards of what she can wear: one preview each, what stands in the way, and what is asked before some."""

from __future__ import annotations

from bot.domain.card import Card, Text
from bot.domain.persona import Companion, Persona, Rating
from bot.domain.wardrobe import Because
from bot.engine.wear import Bar, Offer, Wardrobe
from cogs.presenters.memory_words import shown_line, shown_within
from cogs.presenters.remind import clipped

PAGE_SIZE = 5  # previews on one answer: with Discord's 40 components and 4,000 characters there is room for no more
SAMPLE_MOST = 200  # code units of a line of hers
LABEL_MOST = 100  # Discord's limits for a choice, and for the line below it
RATINGS = {
    Rating.EVERYONE: "persona_rating.everyone",
    Rating.TEEN: "persona_rating.teen",
    Rating.ADULT: "persona_rating.adult",
}
BARS = {Bar.PLACE: "persona_bar.place", Bar.AGE: "persona_bar.age", Bar.CONSENT: "persona_bar.consent"}
BUTTONS = {
    "adult": "persona_button.adult",
    "consent": "persona_button.consent",
    "no": "persona_button.no",
    "back": "persona_button.back",
    "before": "persona_button.before",
    "after": "persona_button.after",
}


def list_cards(
    wardrobe: Wardrobe, companion: Companion, number: int, *, may_choose: bool, note: str | None = None
) -> list[Card]:
    """Give the cards of page *number*, from 0: first what holds here, then a preview of each persona.

    *may_choose* says whether who asks decides here; *note* is the key of what just happened.
    """
    first = number * PAGE_SIZE
    offers = wardrobe.offers[first : first + PAGE_SIZE]
    return [_head(wardrobe, companion, may_choose=may_choose, note=note), *(_preview(one, companion) for one in offers)]


def page_count(wardrobe: Wardrobe) -> int:
    """Give how many pages the previews take."""
    return max(1, -(-len(wardrobe.offers) // PAGE_SIZE))


def set_card(persona: Persona, *, name: str, is_direct: bool) -> Card:
    """Say what she wears from now on."""
    key = "persona_set" if is_direct else "persona_set_channel"
    return Card(key, {"name": name, "persona": persona.title}, colour=persona.colour)


def ask_card(persona: Persona, *, name: str) -> Card:
    """Ask for the word that a persona takes."""
    said = {"name": name, "persona": persona.title}
    if persona.rating is Rating.ADULT:
        return Card("persona_ask_adult", said, title_key="persona_ask_adult_title", colour=persona.colour)
    return Card("persona_ask", said, title_key="persona_ask_title", colour=persona.colour)


def left_card() -> Card:
    """Say that all stays as it was."""
    return Card("persona_left_it")


def menu_hint() -> Text:
    """Give what stands on the menu of personas."""
    return Text("persona_menu")


def button_label(name: str) -> Text:
    """Give what stands on a button."""
    return Text(BUTTONS[name])


def label_of(persona: Persona) -> str:
    """Name a persona for a list of choices."""
    return clipped(f"{persona.emoji} {persona.title}".strip(), LABEL_MOST)


def line_of(persona: Persona) -> str | None:
    """Give what stands below a choice."""
    return clipped(persona.summary, LABEL_MOST) or None


def _head(wardrobe: Wardrobe, companion: Companion, *, may_choose: bool, note: str | None) -> Card:
    said = {"name": companion.name, "worn": wardrobe.worn.title, "chosen": wardrobe.chosen.title}
    whose = "persona_for_yourself" if wardrobe.is_direct else "persona_for_channel"
    lines = [] if note is None else [Text(note)]
    lines += [Text(whose if may_choose else "persona_for_others"), Text("persona_same")]
    return Card(_here(wardrobe), said, title_key="persona_title", colour=wardrobe.worn.colour, sections=(tuple(lines),))


def _here(wardrobe: Wardrobe) -> str:
    if wardrobe.worn == wardrobe.chosen:
        return "persona_here"
    return "persona_here_shelter" if wardrobe.because is Because.SHELTER else "persona_here_left"


def _preview(offer: Offer, companion: Companion) -> Card:
    """Show a persona; a line of hers only to who may have it."""
    persona = offer.persona
    sample = None if offer.bar in (Bar.PLACE, Bar.AGE) else _sample(companion, persona)
    lines = () if sample is None else (Text("persona_sample", {"line": sample}),)
    key, said = "persona_summary", {"summary": persona.summary, "emoji": persona.emoji, "title": persona.title}
    if not persona.summary:
        key = "persona_no_summary"
    below = (*lines, Text("persona_marks", {"marks": _marks(offer)}))
    return Card(key, said, title_key="persona_card_title", colour=persona.colour, sections=(below,))


def _sample(companion: Companion, persona: Persona) -> str | None:
    """Give a line of hers that sounds like this persona and like no other, if there is one."""
    own = [one.you for one in companion.examples if one.persona == persona.slug]
    shared = [one.you for one in companion.examples if one.persona is None]
    lines = own or (shared if persona == companion.default_persona else [])
    return shown_within(shown_line(lines[0]), SAMPLE_MOST) if lines else None


def _marks(offer: Offer) -> tuple[Text, ...]:
    marks = [Text(RATINGS[offer.persona.rating])]
    if offer.is_worn:
        marks.append(Text("persona_worn"))
    elif offer.is_chosen:
        marks.append(Text("persona_chosen"))
    if offer.bar is not None:
        marks.append(Text(BARS[offer.bar]))
    return tuple(marks)
