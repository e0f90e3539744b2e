"""The card by which who runs a server sets her up there, and the one with what she hears in one of its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.card import Card, Text
from bot.domain.persona import Companion, Rating
from bot.domain.room_policy import RoomPolicy
from bot.engine.house_rules import RULES_MOST
from cogs.presenters.channel import Abilities, channel_card
from cogs.presenters.memory_words import shown_within
from cogs.presenters.persona import RATINGS

PLACES_MOST = 12  # channels named in one line of the card
SUMMARY_MOST = 400  # of the rules that are quoted on the card, whole on the form
RIGHTS = {
    "view_channel": "setup_right.view_channel",
    "send_messages": "setup_right.send_messages",
    "send_messages_in_threads": "setup_right.send_messages_in_threads",
    "create_public_threads": "setup_right.create_public_threads",
    "read_message_history": "setup_right.read_message_history",
    "add_reactions": "setup_right.add_reactions",
}
KEPT = ("setup_kept_said", "setup_kept_overheard", "setup_kept_wish")
BUTTONS = {
    "listen": "setup_button.listen",
    "mention-only": "setup_button.mention_only",
    "ignore": "setup_button.ignore",
    "rules": "setup_button.rules",
    "home": "setup_button.home",
    "again": "setup_button.again",
    "there": "setup_button.there",
}


@dataclass(frozen=True, slots=True)
class Server:
    """How she stands on a server: what was set, and what Discord lets her do.

    *listening* and *ignoring* are ids of channels. *missing* names permissions that she asks for and lacks on the whole
    server, *mute* channels that she sees and cannot write in, *unseen* counts those that she does not see.
    *has_content* says that Discord gives her what is not said to her.
    """

    title: str
    listening: Sequence[int]
    ignoring: Sequence[int]
    missing: Sequence[str]
    mute: Sequence[int]
    unseen: int
    rules: str | None
    has_content: bool


def setup_card(server: Server, companion: Companion, *, colour: int, is_there: bool = True) -> Card:
    """Say how she stands on a server, and how that is changed; *is_there* is False in a direct message."""
    sections = (_hearing(server), _speaking(companion), _rules(server), _kept(), _checks(server))
    return Card(
        "setup",
        {"name": companion.name, "server": server.title},
        title_key="setup_title",
        colour=colour,
        sections=tuple(section for section in sections if section),
        footnote=Text("setup_footnote" if is_there else "setup_footnote_direct"),
    )


def place_card(
    policy: RoomPolicy, abilities: Abilities, companion: Companion, channel_id: int, *, colour: int, was_told: bool
) -> Card:
    """Say what holds in one channel; *was_told* says that it was just changed, and told there."""
    card = channel_card(policy, abilities, companion, colour=colour)
    title = {**card.arguments, "channel_id": channel_id}
    sections = ((Text("setup_told"),), *card.sections) if was_told else card.sections
    return replace(card, arguments=title, title_key="setup_place_title", sections=sections)


def button_label(name: str) -> Text:
    """Give what stands on a button."""
    return Text(BUTTONS[name])


def menu_hints() -> tuple[Text, Text]:
    """Give what stands on the menus: of channels, and of personas."""
    return Text("setup_menu_channel"), Text("setup_menu_persona")


def form_texts() -> tuple[Text, Text, Text]:
    """Give the form's title, what stands over its field, and what stands below that."""
    return Text("setup_form_title"), Text("setup_form_label"), Text("setup_form_hint", {"most": RULES_MOST})


def _hearing(server: Server) -> tuple[Text, ...]:
    lines = [Text("setup_hears_all", {"where": _places(server.listening)})] if server.listening else []
    if server.ignoring:
        lines.append(Text("setup_hears_nothing", {"where": _places(server.ignoring)}))
    return (*lines, Text("setup_hears_elsewhere" if lines else "setup_hears_usual"))


def _speaking(companion: Companion) -> tuple[Text, ...]:
    persona = companion.default_persona
    facts = {"persona": f"{persona.emoji} {persona.title}".strip(), "rating": Text(RATINGS[persona.rating])}
    adult = [one.title for one in companion.personas if one.rating is Rating.ADULT]
    more = [Text("setup_speaks_adult", {"persona": title}) for title in adult[:1]]
    return (Text("setup_speaks", facts), *more)


def _rules(server: Server) -> tuple[Text, ...]:
    if server.rules is None:
        return (Text("setup_rules_none"),)
    lines = " / ".join(line for line in server.rules.splitlines() if line.strip())
    return (Text("setup_rules"), Text("setup_rules_line", {"rules": shown_within(lines, SUMMARY_MOST)}))


def _kept() -> tuple[Text, ...]:
    return tuple(Text(key) for key in KEPT)


def _checks(server: Server) -> tuple[Text, ...]:
    """Say what is in order, and of what is not, how it is mended."""
    if server.missing:
        missing = tuple(Text(RIGHTS[name]) for name in server.missing)
        lines = [Text("setup_rights_missing", {"what": missing})]
    else:
        lines = [Text("setup_rights_fine")]
    if server.mute:
        lines.append(Text("setup_mute", {"where": _places(server.mute)}))
    if server.unseen:
        lines.append(Text("setup_unseen", {"count": server.unseen}))
    lines.append(Text("setup_content_on" if server.has_content else "setup_content_off"))
    return tuple(lines)


def _places(channel_ids: Sequence[int]) -> Text:
    named = tuple(Text("setup_place", {"channel_id": one}) for one in channel_ids[:PLACES_MOST])
    if len(channel_ids) <= PLACES_MOST:
        return Text("setup_places", {"places": named})
    return Text("setup_places_more", {"places": named, "count": len(channel_ids) - PLACES_MOST})
