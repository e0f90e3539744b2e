"""The card that says what is kept of a person, whether she hears them, and what it means to change that."""

from __future__ import annotations

from bot.domain.card import Card, Text

HEARD = (
    "privacy_kept_talk",
    "privacy_kept_memory",
    "privacy_kept_feelings",
    "privacy_kept_timers",
    "privacy_kept_overheard",
)
SILENT = ("privacy_silent_nothing", "privacy_silent_no_answer", "privacy_silent_dropped", "privacy_silent_before")
STOPPING = ("privacy_stopping", "privacy_silent_before")


def privacy_card(*, is_silent: bool, name: str, colour: int, has_changed: bool = False) -> Card:
    """Say where somebody stands; *has_changed* says that they just decided so."""
    key = "privacy_silent" if is_silent else "privacy_heard"
    if has_changed:
        key = "privacy_silent_now" if is_silent else "privacy_heard_now"
    groups = (SILENT,) if is_silent else (HEARD, STOPPING)
    return Card(
        key,
        {"name": name},
        title_key="privacy_title",
        colour=colour,
        sections=tuple(tuple(Text(one, {"name": name}) for one in group) for group in groups),
        footnote=Text("privacy_footnote"),
    )


def wish_label(*, is_silent: bool) -> Text:
    """Give what stands on the button that changes it."""
    return Text("privacy_hear_button" if is_silent else "privacy_stop_button")
