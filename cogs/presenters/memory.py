"""Cards of what she knows of a person: a page of it, one memory, what a search brought up, figures, questions back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.card import Card, Text
from bot.domain.ids import ChannelId, MessageId
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone
from bot.domain.message import Message
from bot.domain.recalled import Past, RecalledLine
from bot.engine.own_memories import Searched, Shown, Toll
from bot.memory_ports import Forgotten, MemoryHealth, Page
from cogs.presenters.memory_words import (
    DIRECTLY,
    REASON,
    STATE,
    kind_of,
    link_to,
    paragraphs,
    plain_line,
    shown_line,
    shown_within,
    sureness_of,
    weight_of,
    where_of,
)
from cogs.presenters.remind import clipped

PAGE_SIZE = 6
LINE_MOST = 320  # code units of a memory on a card of several
FOUND_LINE_MOST = 180  # of a line or a memory that was found: there are twelve at most
WORDS_MOST = 1_800  # of the one memory that a card is about
OLDER_MOST = 120
STEP_MOST = 60
LABEL_LIMIT = 100  # characters of an option in a menu, or of a choice while typing; Discord's own limit

NOTES = {
    "kept": "memory_kept",
    "kept_line": "memory_kept_line",
    "corrected": "memory_corrected",
    "corrected_newer": "memory_corrected_newer",
    "edited": "memory_edited",
    "pinned": "memory_pinned",
    "unpinned": "memory_unpinned",
    "restored": "memory_restored",
    "done": "memory_done_now",
    "undone": "memory_undone_now",
    "stays": "memory_stays",
    "goal_added": "goal_added",
    "goal_changed": "goal_changed",
}
BUTTONS = {
    "pin": "memory_button.pin",
    "unpin": "memory_button.unpin",
    "edit": "memory_button.edit",
    "forget": "memory_button.forget",
    "restore": "memory_button.restore",
    "done": "memory_button.done",
    "undone": "memory_button.undone",
    "gone": "memory_button.gone",
    "lineGone": "memory_button.gone",
    "keep": "memory_button.keep",
    "lineKeep": "memory_button.keep",
    "wish": "memory_button.wish",
    "noWish": "memory_button.no_wish",
    "allow": "memory_button.allow",
    "stop": "memory_button.stop",
    "stopped": "memory_button.stopped",
    "health": "memory_button.keep_on",
    "before": "memory_button.before",
    "after": "memory_button.after",
    "away": "memory_button.away",
    "held": "memory_button.held",
    "back": "memory_button.back",
}
PAST = {Past.ALL: "memory_found_past", Past.IN_PART: "memory_found_past_in_part"}
FORGOT = {
    "memories": "memory_forgot.memories",
    "messages": "memory_forgot.messages",
    "own_lines": "memory_forgot.own_lines",
    "summaries": "memory_forgot.summaries",
    "notes": "memory_forgot.notes",
}


def button_label(do: str) -> Text:
    """Give what stands on a button."""
    return Text(BUTTONS[do])


def menu_hint() -> Text:
    """Give what stands on the menu of memories."""
    return Text("memory_menu")


def form_texts() -> tuple[Text, Text]:
    """Give title and label of the form in which a memory is worded anew."""
    return Text("memory_form"), Text("memory_form_field")


def label_of(memory: Memory) -> str:
    """Give a memory as one line for a menu."""
    return clipped(plain_line(memory.text) or "…", LABEL_LIMIT)


def list_card(
    page: Page,
    number: int,
    *,
    kind: MemoryKind | None,
    is_put_away: bool,
    name: str,
    colour: int,
    here: ChannelId | None,
) -> Card:
    """Show page *number*, from 0, of what is held or was put away."""
    key = "memory_list_away" if is_put_away else "memory_list"
    if not page.memories:
        key = "memory_list_away_empty" if is_put_away else "memory_list_empty"
    which = "" if kind is None else Text("memory_list_kind", {"kind": kind_of(kind)})
    pages = max(1, -(-page.total // PAGE_SIZE))
    said = {"name": name, "total": page.total, "page": number + 1, "pages": pages, "which": which}
    sections = tuple((_listed(memory, here),) for memory in page.memories)
    return Card(key, said, title_key="memory_title", colour=colour, sections=sections)


def _listed(memory: Memory, here: ChannelId | None) -> Text:
    marks: dict[str, object] = {"pin": Text("memory_mark.pin") if memory.is_pinned else ""}
    marks["state"] = (
        "" if memory.state is MemoryState.CURRENT else Text("memory_and", {"what": Text(STATE[memory.state])})
    )
    return Text(
        "memory_line",
        {
            "text": shown_within(shown_line(memory.text), LINE_MOST),
            "kind": kind_of(memory.kind),
            "weight": weight_of(memory.salience),
            "seconds": int(memory.said_at.timestamp()),
            "where": where_of(memory, here),
            **marks,
        },
    )


def memory_card(shown: Shown, *, name: str, colour: int, here: ChannelId | None, note: str | None = None) -> Card:
    """Show one memory with all that is known about it; *note* names what just happened to it."""
    memory = shown.memory
    said: dict[str, object] = {"name": name, "kind": kind_of(memory.kind), "weight": weight_of(memory.salience)}
    words = tuple(Text("memory_words", {"line": line}) for line in paragraphs(memory.text, WORDS_MOST))
    sections = (words, _steps(memory), (*_told(memory, here), *_origins(shown)))
    return Card(
        "memory_show" if note is None else NOTES[note],
        said,
        title_key="memory_show_title",
        colour=colour,
        sections=tuple(one for one in sections if one),
        footnote=Text("memory_footnote_edited") if memory.is_edited else None,
    )


def _steps(memory: Memory) -> tuple[Text, ...]:
    return tuple(step_line(step) for step in memory.milestones)


def step_line(step: Milestone) -> Text:
    """Show a step of a goal, ticked off or not."""
    key = "goal_step" if step.done_at is None else "goal_step_done"
    return Text(key, {"text": shown_within(shown_line(step.text), STEP_MOST)})


def _told(memory: Memory, here: ChannelId | None) -> tuple[Text, ...]:
    pin = (Text("memory_is_pinned"),) if memory.is_pinned else ()
    said = Text("memory_said", {"seconds": int(memory.said_at.timestamp()), "where": where_of(memory, here)})
    counts = {"told": memory.seen_count, "used": memory.used_count}
    state = {"state": Text(STATE[memory.state]), "sure": sureness_of(memory.confidence)}
    moments = {"memory_due": memory.due_at, "memory_done": memory.done_at, "memory_until": memory.valid_to}
    times = (Text(key, {"seconds": int(at.timestamp())}) for key, at in moments.items() if at is not None)
    about = () if memory.about_id is None else (Text("memory_about", {"user_id": memory.about_id}),)
    return (*pin, said, *about, Text("memory_stands", {**state, **counts}), *times)


def _origins(shown: Shown) -> tuple[Text, ...]:
    links = tuple(link_to(line, number) for number, line in enumerate(shown.lines, 1))
    older = tuple(Text("memory_older", {"text": shown_within(shown_line(one.text), OLDER_MOST)}) for one in shown.older)
    return ((Text("memory_sources", {"lines": links}),) if links else ()) + older


def forget_card(memory: Memory, toll: Toll, *, colour: int) -> Card:
    """Ask whether a memory is to go, and say what goes with it."""
    older = len(toll.memory_ids) - 1
    what = [Text("memory_forget_lines", {"lines": toll.lines}) if toll.lines else Text("memory_forget_alone")]
    if older:
        what.append(Text("memory_forget_older", {"count": older}))
    note = Text("memory_forget_discord") if toll.lines else None
    return Card("memory_forget_ask", colour=colour, sections=(quoted(memory.text), tuple(what)), footnote=note)


def forget_line_card(line: Message, *, is_hers: bool, name: str, colour: int) -> Card:
    """Ask whether a line is to go."""
    key = "memory_forget_hers" if is_hers else "memory_forget_yours"
    what = (Text("memory_forget_line_toll"),)
    sections = tuple(one for one in (quoted(line.content), what) if one)
    return Card(key, {"name": name}, colour=colour, sections=sections, footnote=Text("memory_forget_discord"))


def forgotten_card(gone: Forgotten) -> Card:
    """Say what went, in figures."""
    counts = tuple(Text(key, {"count": count}) for name, key in FORGOT.items() if (count := getattr(gone, name)))
    if not counts:
        return Card("memory_forgotten_nothing")
    return Card("memory_forgotten", {"what": counts}, footnote=Text("memory_forgotten_after"))


def stays_card() -> Card:
    """Say that a line stays as it was."""
    return Card("memory_line_stays")


def ask_first_card(text: str, *, name: str, colour: int) -> Card:
    """Ask whether something of health or sexuality may be kept this once."""
    note = Text("memory_sensitive_note")
    return Card("memory_sensitive_ask", {"name": name}, colour=colour, sections=(quoted(text),), footnote=note)


def left_card() -> Card:
    """Say that nothing was kept."""
    return Card("memory_left")


def search_card(searched: Searched, query: str, *, name: str, colour: int, here: ChannelId | None) -> Card:
    """Show what a search brought up: memories, then lines as they were said."""
    found = searched.found
    asked = {"name": name, "query": shown_within(shown_line(query), OLDER_MOST)}
    memories = tuple(_found_memory(one.memory, here) for one in found.memories)
    places = {line.message_id: line for line in searched.places}
    lines = tuple(_found_line(line, places, name) for line in found.lines)
    known = (Text("memory_search_known"), *memories) if memories else ()
    told = (Text("memory_search_said"), *lines) if lines else ()
    sections = tuple(group for group in (known, told) if group)
    key = "memory_search" if sections else "memory_search_nothing"
    return Card(key, asked, title_key="memory_search_title", colour=colour, sections=sections)


def _found_memory(memory: Memory, here: ChannelId | None) -> Text:
    text = shown_within(shown_line(memory.text), FOUND_LINE_MOST)
    when = {"seconds": int(memory.said_at.timestamp()), "where": where_of(memory, here)}
    return Text("memory_found", {"text": text, "kind": kind_of(memory.kind), **when})


def _found_line(line: RecalledLine, places: Mapping[MessageId, Message], name: str) -> Text:
    text = shown_within(shown_line(line.text), FOUND_LINE_MOST)
    who = Text("memory_by_her", {"name": name}) if line.is_own else Text("memory_by_you")
    said: dict[str, object] = {"seconds": int(line.said_at.timestamp()), "text": text, "who": who}
    place = places.get(line.message_id)
    if place is None:
        return _aged(Text("memory_found_line", said), line.past)
    channel = place.channel
    where = {"place": DIRECTLY if channel.guild_id is None else channel.guild_id, "channel_id": channel.channel_id}
    return _aged(Text("memory_found_link", {**said, **where, "message_id": line.message_id}), line.past)


def _aged(line: Text, past: Past) -> Text:
    return line if past is Past.NO else Text(PAST[past], {"line": line})


def health_card(health: MemoryHealth, *, name: str, colour: int) -> Card:
    """Say how her memory of a person stands, in figures."""
    memories = sum(health.by_state.values())
    figures = [_states(health)]
    if health.by_kind:
        figures.append(Text("memory_health_kinds", {"kinds": _counted(health)}))
    embedded = {"embedded": health.embedded, "all": memories + health.lines}
    figures.append(Text("memory_health_vectors", embedded))
    if health.oldest_at is not None:
        figures.append(Text("memory_health_oldest", {"seconds": int(health.oldest_at.timestamp())}))
    refused = tuple(
        Text("memory_refusal", {"reason": Text(REASON[reason]), "count": count})
        for reason, count in sorted(health.refused.items(), key=lambda one: (-one[1], one[0]))
    )
    gate = Text("memory_health_refused", {"reasons": refused}) if refused else Text("memory_health_refused_none")
    may = Text(
        "memory_health_sensitive_on" if health.keeps_sensitive else "memory_health_sensitive_off", {"name": name}
    )
    said = {"name": name, "memories": memories, "lines": health.lines}
    sections = (tuple(figures), (gate,), (may,))
    return Card("memory_health", said, "memory_health_title", colour, sections)


def _states(health: MemoryHealth) -> Text:
    return Text("memory_health_states", {state.value: health.by_state.get(state, 0) for state in MemoryState})


def _counted(health: MemoryHealth) -> tuple[Text, ...]:
    most_first = sorted(health.by_kind.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Text("memory_kind_count", {"kind": kind_of(kind), "count": count}) for kind, count in most_first)


def stop_card(count: int, *, name: str, colour: int) -> Card:
    """Ask whether health and sexuality are to be forgotten and kept no more."""
    return Card("memory_stop_ask", {"name": name, "count": count}, colour=colour)


def quoted(text: str) -> tuple[Text, ...]:
    """Quote the beginning of a text, line by line."""
    return tuple(Text("memory_words", {"line": line}) for line in paragraphs(text, WORDS_MOST // 2))
