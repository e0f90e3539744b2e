"""Structured logs: one event a line with ids, never words of people, prompts, memories or keys.

Tracebacks name places and kinds of exceptions only: a library's message or a local variable may quote
what somebody wrote.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

from bot.errors import CompanionError

QUIET = ("discord", "pgqueuer", "asyncio", "openai", "httpx2", "httpcore2", "alembic", "aiohttp.access")
FRAMES_KEPT = 12  # innermost places of each exception

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up_logs(*, level: str, form: str) -> None:
    """Send structlog's and the standard library's events through one renderer to standard error.

    *form* is ``json``, ``text``, or ``auto``: text on a terminal, JSON elsewhere.
    """
    is_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if is_text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level.upper())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[remove_meta, name_exception, first_line, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # what is not printed may still be collected for operators (bot.failure_log)
    root.setLevel(min(logging.getLevelNamesMapping()[level.upper()], logging.WARNING))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def name_exception(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:  # noqa: ANN401 - structlog's own signature
    """Put in place of an exception the kinds in its chain and where each was raised."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = " < ".join(_named(one) for one in _chain(error))
    return event


def first_line(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:  # noqa: ANN401 - structlog's own signature
    """Keep the first line of an event: asyncio's further ones print the exception in full."""
    text = str(event.get("event", ""))
    event["event"] = text.split("\n", 1)[0]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _named(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_KEPT:]
    places = " → ".join(f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in frames)
    said = f" {str(error)!r}" if isinstance(error, CompanionError) else ""  # our own words quote nobody
    return f"{type(error).__name__}{said} at {places}" if places else f"{type(error).__name__}{said}"
