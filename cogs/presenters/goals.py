"""Cards of a person's goals with their steps."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.card import Card, Text
from bot.domain.memory import Memory
from bot.engine.own_goals import LISTED_MOST
from bot.memory_ports import Page
from cogs.presenters.memory import LABEL_LIMIT, quoted, step_line
from cogs.presenters.memory_words import plain_line, shown_line, shown_within
from cogs.presenters.remind import clipped

GOAL_MOST = 200  # code units of a goal on a card of several
STEPS_SHOWN = 5  # of a goal on a card of several
WHOLE = "all"  # what stands for the goal itself where a step would stand


def list_card(page: Page, number: int, *, colour: int) -> Card:
    """Show page *number*, from 0, of somebody's goals."""
    key = "goal_list" if page.memories else "goal_list_empty"
    said = {"total": page.total, "page": number + 1, "pages": max(1, -(-page.total // LISTED_MOST))}
    sections = tuple(_goal(goal) for goal in page.memories)
    return Card(key, said, title_key="goal_title", colour=colour, sections=sections)


def _goal(goal: Memory) -> tuple[Text, ...]:
    when: Text | str = ""
    if goal.done_at is not None:
        when = Text("goal_reached", {"seconds": int(goal.done_at.timestamp())})
    elif goal.due_at is not None:
        when = Text("goal_by", {"seconds": int(goal.due_at.timestamp())})
    words = {"text": shown_within(shown_line(goal.text), GOAL_MOST), "when": when}
    first = Text("goal_line" if goal.done_at is None else "goal_line_done", words)
    steps = [step_line(step) for step in goal.milestones[:STEPS_SHOWN]]
    more = len(goal.milestones) - STEPS_SHOWN
    if more > 0:
        steps.append(Text("goal_more_steps", {"count": more}))
    return (first, *steps)


def dropped_card(goal: Memory) -> Card:
    """Say that a goal is no longer pursued."""
    return Card("goal_dropped", sections=(quoted(goal.text),))


def open_things(page: Page) -> Iterator[tuple[str, str]]:
    """Give what can be ticked off on a page, each as a value for a menu and its words."""
    for goal in page.memories:
        if goal.done_at is not None:
            continue
        yield f"{goal.memory_id}.{WHOLE}", clipped(plain_line(goal.text) or "…", LABEL_LIMIT)
        for number, step in enumerate(goal.milestones):
            if step.done_at is None:
                yield f"{goal.memory_id}.{number}", clipped(f"○ {plain_line(step.text)}", LABEL_LIMIT)


def menu_hint() -> Text:
    """Give what stands on the menu of goals."""
    return Text("goal_menu")


def page_label(*, is_next: bool) -> Text:
    """Give what stands on a button that turns the page."""
    return Text("memory_button.after" if is_next else "memory_button.before")
