"""Cards about reminders: one was set, which wait, one was cancelled; and the time zone they are read in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import Card, Text
from bot.domain.text import visible_line
from bot.domain.timer import TimerKind, WaitingTimer

LABEL_LIMIT = 100  # characters of an option in a menu, of a choice while typing; Discord's own limit
LIST_BUDGET = 1_200  # characters of all texts of a list together: a card holds 4,000, and marks may double them
SHORTEST = 40  # characters a text is left with in the longest list


def line_due(what: str) -> Text:
    """Give what is said when a reminder by command is due; it is the person's own words."""
    return Text("remind_due", {"what": what})


def set_card(due_at: datetime, what: str, *, zone: str, is_own_zone: bool) -> Card:
    """Say when somebody will be reminded, and by which clock their words were read."""
    note = None if is_own_zone else Text("remind_zone_note", {"zone": zone})
    return Card("remind_set", {"seconds": _seconds(due_at), "what": what}, footnote=note)


def list_card(timers: Sequence[WaitingTimer], *, cancelled: int, name: str, colour: int) -> Card:
    """List what waits, soonest first; *cancelled* says how many just went."""
    title = {"name": name}
    lead = "remind_list" if timers else "remind_list_empty"
    key = lead if not cancelled else "remind_list_rest" if timers else "remind_list_none_left"
    most = max(SHORTEST, LIST_BUDGET // max(1, len(timers)))
    lines = tuple(_line(timer, most) for timer in timers)
    return Card(key, title, title_key="remind_title", colour=colour, sections=(lines,) if lines else ())


def cancelled_card(timer: WaitingTimer) -> Card:
    """Say what was cancelled."""
    return Card("remind_cancelled", {"seconds": _seconds(timer.due_at), "what": _what(timer, LABEL_LIMIT)})


def zone_card(zone: str, there: datetime) -> Card:
    """Say which time zone somebody's words are read in from now on."""
    return Card("zone_set", {"zone": zone, "clock": f"{there:%H:%M}"})


def label_of(timer: WaitingTimer, there: datetime) -> str:
    """Give a timer as one line for a menu; *there* is its time by its owner's clock."""
    text = timer.text if timer.kind is TimerKind.REMINDER else ""
    shown = visible_line(text)
    return clipped(f"{time_label(there)} · {shown}" if shown else time_label(there), LABEL_LIMIT)


def time_label(there: datetime) -> str:
    """Give a time of somebody's own clock where Discord draws none."""
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M}"


def menu_hint() -> Text:
    """Give what stands on the menu of reminders."""
    return Text("remind_menu")


def clipped(text: str, most: int) -> str:
    """Give at most *most* characters of *text*."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _line(timer: WaitingTimer, most: int) -> Text:
    return Text("remind_line", {"seconds": _seconds(timer.due_at), "what": _what(timer, most)})


def _what(timer: WaitingTimer, most: int) -> Text:
    if timer.kind is TimerKind.LATER:
        return Text("remind_later")
    return Text("remind_what", {"what": clipped(visible_line(timer.text), most)})


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
