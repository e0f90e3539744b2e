"""The versions of the model: an event is replayed by the numbers it was made with.

The current model is this package. Older ones are frozen copies of it, each a package of its own with its own
value types; what crosses their border is translated, so that callers only ever see the types of this package.
How to change a constant: docs/affect.md, "Changing a number".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import wraps
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.burst import Heard, apply_burst
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.days import live
from bot.domain.affect.drift import Drifted
from bot.domain.affect.emotions import Tier
from bot.domain.affect.inner_events import InnerEvent, apply_inner_event
from bot.domain.affect.personality import Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.soul import advance, advance_person, felt
from bot.domain.affect.state import PersonState, SoulState, new_person, new_soul, person_in_tier, soul_in_tier
from bot.domain.affect.timeline import Nature, person_until
from bot.errors import CompanionError

K = TypeVar("K", bound=int | str)

HERE = "bot.domain.affect"
# Every type that crosses a model's border.
CARRIED: tuple[type, ...] = (
    SoulState, PersonState, Sentiment, Stage, Ocean, Heard, Appraisal, InnerEvent, Drifted, Nature,
)  # fmt: skip


class UnknownModelVersion(CompanionError, LookupError):
    """An event was made with a version of the model that this program does not have."""

    def __init__(self, version: int, known: Iterable[int]) -> None:
        super().__init__(f"no affect model has version {version!r}; there are {', '.join(map(str, sorted(known)))}")
        self.version = version


class Live(Protocol):
    """As `days.live`."""

    def __call__(
        self, soul: SoulState, persons: Mapping[K, PersonState], hours: float
    ) -> tuple[SoulState, dict[K, PersonState], tuple[Drifted, ...]]:
        """Bring a soul and people *hours* further, midnights included."""


class ApplyBurst(Protocol):
    """As `burst.apply_burst`."""

    def __call__(
        self,
        soul: SoulState,
        persons: Mapping[K, PersonState],
        burst: Iterable[Heard[K]],
        *,
        leak: float = ...,
    ) -> tuple[SoulState, dict[K, PersonState]]:
        """Apply messages that were heard together."""


class PersonUntil(Protocol):
    """As `timeline.person_until`."""

    def __call__(
        self, person: PersonState, soul: SoulState, natures: Sequence[Nature], *, start: datetime, end: datetime
    ) -> PersonState:
        """Bring a person whose state is older than the soul's to *end*."""


class Felt(Protocol):
    """As `soul.felt`."""

    def __call__(self, soul: SoulState, person: PersonState, *, leak: float = ...) -> tuple[float, ...]:
        """Give what she feels towards a person."""


class NewSoul(Protocol):
    """As `state.new_soul`."""

    def __call__(self, tier: Tier, home: Ocean, *, day_h: float = ..., is_drift_frozen: bool = ...) -> SoulState:
        """Make a soul at rest."""


@dataclass(frozen=True, slots=True)
class Model:
    """The entry points of one version of the model; each does what the function of its name here says."""

    version: int
    new_soul: NewSoul
    new_person: Callable[[Tier], PersonState]
    soul_in_tier: Callable[[SoulState, Tier], SoulState]
    person_in_tier: Callable[[PersonState, Tier], PersonState]
    live: Live
    advance: Callable[[SoulState, float], SoulState]
    advance_person: Callable[[PersonState, SoulState, float], PersonState]
    person_until: PersonUntil
    apply_burst: ApplyBurst
    apply_inner_event: Callable[[SoulState, InnerEvent, float], SoulState]
    felt: Felt


CURRENT = Model(
    version=CONSTANTS_VERSION,
    new_soul=new_soul,
    new_person=new_person,
    soul_in_tier=soul_in_tier,
    person_in_tier=person_in_tier,
    live=live,
    advance=advance,
    advance_person=advance_person,
    person_until=person_until,
    apply_burst=apply_burst,
    apply_inner_event=apply_inner_event,
    felt=felt,
)


def frozen(package: str) -> Model:
    """Make the model of a frozen copy of this package; its version is the one that the copy names."""
    theirs = {
        kind.__name__: getattr(import_module(_moved(kind.__module__, package)), kind.__name__) for kind in CARRIED
    }
    ours = {kind.__name__: kind for kind in CARRIED}

    def bordered(function: Callable[..., Any]) -> Callable[..., Any]:
        inside = getattr(import_module(_moved(function.__module__, package)), function.__name__)

        @wraps(function)
        def call(*given: object, **named: object) -> object:
            arguments = [_carried(one, theirs) for one in given]
            return _carried(inside(*arguments, **{key: _carried(one, theirs) for key, one in named.items()}), ours)

        return call

    version: int = import_module(f"{package}.constants").CONSTANTS_VERSION
    entries: dict[str, Any] = {
        entry.name: bordered(getattr(CURRENT, entry.name)) for entry in fields(Model) if entry.name != "version"
    }
    return Model(version=version, **entries)


def _moved(module: str, package: str) -> str:
    return package + module.removeprefix(HERE)


def _carried(value: object, kinds: Mapping[str, type[Any]]) -> object:
    """Rebuild *value* with the types of *kinds*, by name; a field that only one side knows stays at its default."""
    kind = kinds.get(type(value).__name__)
    if kind is not None and isinstance(value, Enum):
        return kind(value.value)
    if kind is not None and is_dataclass(value):
        known = {field.name for field in fields(kind)} & {field.name for field in fields(value)}
        return kind(**{name: _carried(getattr(value, name), kinds) for name in known})
    if isinstance(value, Mapping):
        return {key: _carried(one, kinds) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        parts = [_carried(one, kinds) for one in value]
        return tuple(parts) if kind is None else kind(*parts)
    return value


# Made last: a frozen copy is bordered with everything above.
MODELS: Mapping[int, Model] = MappingProxyType({model.version: model for model in (CURRENT,)})


def model_of(version: int, models: Mapping[int, Model] = MODELS) -> Model:
    """Give the model that events of *version* were made with.

    Raises:
        UnknownModelVersion: there is none; a newer program wrote that event.
    """
    try:
        return models[version]
    except KeyError:
        raise UnknownModelVersion(version, models) from None
