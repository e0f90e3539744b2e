"""The chat models of one process: the one she talks with, and the cheap one for small questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.fallback import FallbackChatModel
from bot.adapters.llm.presets import Endpoint, ModelChoice
from bot.ports import RungStore
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """The open models; *fast* is *talk* itself where one model does both. Close them with `aclose`."""

    talk: OpenAIChatModel | FallbackChatModel
    fast: OpenAIChatModel | FallbackChatModel

    def sees_pictures(self) -> bool:
        """Say whether pictures would be sent to the model she talks with."""
        return self.talk.sees_pictures()

    async def aclose(self) -> None:
        """Close the connections."""
        await self.talk.aclose()
        if self.fast is not self.talk:
            await self.fast.aclose()


def open_models(
    settings: Settings,
    choice: ModelChoice,
    *,
    temperature: float | None,
    rungs: RungStore,
    on_recovery: Callable[[], None],
) -> Models:
    """Open what *choice* names; *temperature* is what suits the companion's voice, None the server's own.

    *on_recovery* is called each time the model she talks with answers again.
    """
    talk = _talk_model(settings, choice, temperature=temperature, rungs=rungs, on_recovery=on_recovery)
    return Models(talk, fast_model(settings, choice, talk, rungs=rungs))


def fast_model(
    settings: Settings, choice: ModelChoice, talk: OpenAIChatModel | FallbackChatModel, *, rungs: RungStore
) -> OpenAIChatModel | FallbackChatModel:
    """Give the model for small questions: *talk* where it is the same, else one of its own, without a fallback.

    Whatever it fails with, nobody waits for it: such a question is then taken as answered with no.
    """
    if choice.fast == choice.quality:
        return talk
    return OpenAIChatModel(choice.fast, rung_store=rungs, max_calls=choice.fast.calls_within(settings.model_calls))


def _talk_model(
    settings: Settings,
    choice: ModelChoice,
    *,
    temperature: float | None,
    rungs: RungStore,
    on_recovery: Callable[[], None],
) -> OpenAIChatModel | FallbackChatModel:
    def on(endpoint: Endpoint, max_calls: int | None) -> OpenAIChatModel:
        suited = endpoint.suited_to(temperature=temperature, vision=settings.vision)
        return OpenAIChatModel(suited, rung_store=rungs, max_calls=max_calls, on_recovery=on_recovery)

    primary, second = on(choice.quality, settings.model_calls), choice.fallback
    if second is None:
        return primary
    return FallbackChatModel(primary, on(second, second.calls_within(settings.model_calls)))
