"""Counting for operators: a meter that counts nothing, and a model whose calls are counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta

from bot.errors import ProviderError
from bot.operator_ports import Meter
from bot.ports import AnswerPiece, AnswerRequest, ChatModel, Clock, Finished, ModelHealth

LEFT = "given up"  # nobody wanted the rest: the turn was superseded, lost, or the process stops


class NoMeter:
    """Counts nothing; stands where nobody looks."""

    def heard(self, *, is_new: bool) -> None:
        """See `bot.operator_ports.Meter.heard`."""

    def turn(self, outcome: str, timings_ms: Mapping[str, float]) -> None:
        """See `bot.operator_ports.Meter.turn`."""

    def model_call(self, outcome: str, duration: timedelta, answer: Finished | None) -> None:
        """See `bot.operator_ports.Meter.model_call`."""

    def part(self, outcome: str) -> None:
        """See `bot.operator_ports.Meter.part`."""

    def recovered(self) -> None:
        """See `bot.operator_ports.Meter.recovered`."""

    def failed(self, owner: str) -> None:
        """See `bot.operator_ports.Meter.failed`."""


UNMETERED = NoMeter()


class MeteredModel:
    """Counts the calls of another `ChatModel`."""

    def __init__(self, model: ChatModel, meter: Meter, clock: Clock) -> None:
        self._model = model
        self._meter = meter
        self._clock = clock

    async def answer(self, request: AnswerRequest) -> AsyncGenerator[AnswerPiece]:
        """See `bot.ports.ChatModel.answer`."""
        began = self._clock.now()
        outcome, finished = LEFT, None
        try:
            async with aclosing(self._model.answer(request)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Finished):
                        finished, outcome = piece, outcome_of(piece)
                    yield piece
        except ProviderError as exc:
            outcome = exc.kind
            raise
        finally:
            self._meter.model_call(outcome, self._clock.now() - began, finished)

    def health(self) -> ModelHealth:
        """See `bot.ports.ChatModel.health`."""
        return self._model.health()


def outcome_of(finished: Finished) -> str:
    """Name how an answer ended."""
    if not finished.whole:
        return "broke off"
    return "degraded" if finished.degraded else "whole"
