"""What went wrong in this process, picked out of its log for operators: kinds, places and references, no content.

A handler beside the one that prints: it only puts values into a bounded ring, so it can neither block nor break
what it listens to, nor run in circles when the database is what fails. `bot.engine.watch` keeps what is in it.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from bot.domain.service import Failure
from bot.errors import CompanionError, DeliveryError, ProviderError, SafetyHold, StoreError, new_reference

KEPT_MOST = 200  # as many as the database keeps
FOLDED_FOR_S = 60.0  # the same trouble within that time carries the first one's reference; longer while it goes on
FOLDED_MOST_S = 600.0  # so that an outage of hours leaves room for other trouble
FOLDS_MOST = 500  # kinds of trouble remembered for folding
SAID_MOST = 200  # characters
OWN = ("bot.", "cogs.")  # whose warnings are ours to judge
FAULT = "fault"  # nobody's by name: a fault of ours, or of a library

# whose trouble an error is that comes without an exception of ours; the longest name that fits counts
OWNERS = {
    "bot.adapters.postgres": StoreError.__name__,
    "pgqueuer": StoreError.__name__,
    "asyncpg": StoreError.__name__,
    "sqlalchemy": StoreError.__name__,
    "bot.adapters.llm": ProviderError.__name__,
    "openai": ProviderError.__name__,
    "bot.adapters.discord": DeliveryError.__name__,
    "discord": DeliveryError.__name__,
}
LIBRARIES = ("discord", "aiohttp", "asyncpg", "sqlalchemy", "openai", "httpx2", "pgqueuer")
STORE_WORDS = ("database trouble", "no free database connection")  # how bot.adapters.postgres names its failures

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


@dataclass(slots=True)
class _Fold:
    """Trouble that was noted and goes on: since when, and how often since it was last said."""

    reference: str
    since_s: float
    for_s: float = FOLDED_FOR_S
    more: int = 0


class FailureLogHandler(logging.Handler):
    """Collects errors of every logger, and our own warnings about model and Discord; implements `FailureLog`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[Failure] = deque(maxlen=KEPT_MOST)
        self._folds: dict[tuple[str, str, str], _Fold] = {}

    def open(self) -> None:
        """Begin to listen, ahead of what prints: so a reference given here is on the printed line as well."""
        logging.getLogger().handlers.insert(0, self)

    def close(self) -> None:
        """Stop listening."""
        logging.getLogger().removeHandler(self)
        super().close()

    def take(self) -> Sequence[Failure]:
        """See `bot.operator_ports.FailureLog.take`."""
        with self._guard():
            found = tuple(self._kept)
            self._kept.clear()
        return found

    def give_back(self, failures: Sequence[Failure]) -> None:
        """See `bot.operator_ports.FailureLog.give_back`; what came meanwhile is newer and wins where room is short."""
        with self._guard():
            newer = tuple(self._kept)
            self._kept.clear()
            self._kept.extend((*failures, *newer))

    def emit(self, record: logging.LogRecord) -> None:
        """Take in one record; never raises."""
        try:
            facts = facts_of(record)
            owner = owner_of(record, facts)
            if owner is not None:
                self._take_in(record, facts, owner)
        except Exception:  # noqa: BLE001 - what listens to trouble must not make any
            pass

    def _take_in(self, record: logging.LogRecord, facts: dict[str, Any], owner: str) -> None:
        said = said_of(record, facts)
        own_reference = facts.get("ref")
        reference, more = (str(own_reference), 0) if own_reference else self._folded((owner, said, record.name), record)
        facts["ref"] = reference  # so that the printed line can be found by it
        if more is None:
            return
        if more:
            said = f"{said} (and {more} more since)"
        at = datetime.fromtimestamp(record.created, UTC)
        self._kept.append(Failure(reference, owner, said[:SAID_MOST], record.name, at))

    def _folded(self, key: tuple[str, str, str], record: logging.LogRecord) -> tuple[str, int | None]:
        """Give the reference, and how often it happened unsaid; None where it is not to be said again yet."""
        fold = self._folds.get(key)
        if fold is None:
            if len(self._folds) >= FOLDS_MOST:
                self._folds.clear()
            fold = self._folds[key] = _Fold(new_reference(), record.created)
            return fold.reference, 0
        if record.created - fold.since_s < fold.for_s:
            fold.more += 1
            return fold.reference, None
        # one that has been over for a while is another trouble, with a reference of its own
        again = _Fold(new_reference(), record.created)
        if fold.more:
            again = _Fold(fold.reference, record.created, min(FOLDED_MOST_S, 2 * fold.for_s))
        self._folds[key] = again
        return again.reference, fold.more

    def _guard(self) -> _Locked:
        return _Locked(self)


class _Locked:
    """Holds a handler's own lock: records come from any thread."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler

    def __enter__(self) -> None:
        self._handler.acquire()

    def __exit__(self, *_: object) -> None:
        self._handler.release()


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Give what a record carries beside its words, to be added to: structlog's event, or the record's own fields."""
    return record.msg if isinstance(record.msg, dict) else record.__dict__


def owner_of(record: logging.LogRecord, facts: Mapping[str, Any]) -> str | None:
    """Name the error family a record belongs to; None for a record that is no failure."""
    error = error_of(record, facts)
    families = [type(one).__name__ for one in _chain(error) if isinstance(one, CompanionError)]
    if families:
        return families[0]
    known = _told(facts)
    if record.levelno < logging.ERROR:
        return known if record.name.startswith(OWN) else None
    return known or (_by_place(record.name) if error is None or _is_of_the_line(error) else FAULT)


def _told(facts: Mapping[str, Any]) -> str | None:
    """Name the family that a line tells of by what it carries."""
    if "kind" in facts:
        return ProviderError.__name__
    if "code" in facts:
        return DeliveryError.__name__
    if "notes" in facts:
        return SafetyHold.__name__
    return StoreError.__name__ if str(facts.get("cause", "")).startswith(STORE_WORDS) else None


def _is_of_the_line(error: BaseException) -> bool:
    """Say whether an exception is a network's or a library's own: anything else broke in our code, whoever tells."""
    return isinstance(error, OSError | TimeoutError) or type(error).__module__.split(".")[0] in LIBRARIES


def _by_place(name: str) -> str:
    fitting = [place for place in OWNERS if name == place or name.startswith(f"{place}.")]
    return OWNERS[max(fitting, key=len)] if fitting else FAULT


def said_of(record: logging.LogRecord, facts: Mapping[str, Any]) -> str:
    """Say what happened: the line as it stands in the program, its kind or code, and the kinds of its exceptions.

    What was put into the line is left out, and so are the words of exceptions that are not ours: they may quote.
    """
    line = facts.get("event", "") if isinstance(record.msg, dict) else record.msg
    parts = [str(facts[name]) for name in ("kind", "code", "job") if facts.get(name) not in (None, "", 0)]
    parts += [_named(one) for one in _chain(error_of(record, facts))]
    cause = str(facts.get("cause", ""))
    if not parts and cause.startswith(STORE_WORDS):
        parts.append(cause)
    words = str(line).split("\n", 1)[0].strip()
    return f"{words} ({' < '.join(parts)})"[:SAID_MOST] if parts else words[:SAID_MOST]


def error_of(record: logging.LogRecord, facts: Mapping[str, Any]) -> BaseException | None:
    """Give the exception a record came with."""
    info = facts.get("exc_info") if isinstance(record.msg, dict) else record.exc_info
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, StoreError) else type(error).__name__


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
