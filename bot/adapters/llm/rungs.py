"""The rungs of the ladder: the ways to ask a server for an answer in fields, strongest first."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.prompt import AnswerForm


class Rung(StrEnum):
    """One way to ask for fields."""

    SCHEMA = "json_schema"
    TOOL = "tool_call"
    OBJECT = "json_object"
    TEXT = "text"

    @property
    def form(self) -> AnswerForm:
        """Give the prompt's form that goes with this rung."""
        return AnswerForm.TEXT if self is Rung.TEXT else AnswerForm.JSON

    @property
    def below(self) -> Rung | None:
        """Give the next weaker rung."""
        order = list(Rung)
        index = order.index(self) + 1
        return order[index] if index < len(order) else None

    @property
    def above(self) -> Rung | None:
        """Give the next stronger rung."""
        order = list(Rung)
        index = order.index(self) - 1
        return order[index] if index >= 0 else None
