"""What went wrong is picked out of the log with a reference, and without anybody's words."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import structlog

from bot.errors import ConfigError, DeliveryError, ProviderError, StoreError
from bot.failure_log import FOLDED_FOR_S, KEPT_MOST, FailureLogHandler
from bot.logs import set_up_logs

SECRET = "my private words"
OURS = logging.getLogger("bot.engine.respond")


@contextmanager
def listening(stream: StringIO, *, level: str = "info") -> Iterator[FailureLogHandler]:
    """Log to *stream* while a handler collects what goes wrong."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logs(level=level, form="json")
    (printing,) = root.handlers
    printing.setStream(stream)  # type: ignore[attr-defined]
    handler = FailureLogHandler()
    handler.open()
    try:
        yield handler
    finally:
        handler.close()
        assert handler not in root.handlers
        root.handlers, root.level = before


@pytest.fixture
def stream() -> StringIO:
    return StringIO()


@pytest.fixture
def failures(stream: StringIO) -> Iterator[FailureLogHandler]:
    with listening(stream) as handler:
        yield handler


@pytest.fixture
def printed(stream: StringIO) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def caught(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except type(error) as exc:
        return exc


def test_an_error_is_kept_with_the_reference_that_is_printed(failures, printed):
    OURS.error("sweep failed", extra={"cause": "database trouble: ConnectionResetError"})
    (found,) = failures.take()
    (line,) = printed()
    assert line["ref"] == found.reference
    assert len(found.reference) == 8
    assert (found.owner, found.place) == ("StoreError", "bot.engine.respond")
    assert found.said == "sweep failed (database trouble: ConnectionResetError)"
    assert failures.take() == ()


def test_a_reference_that_is_there_already_stays(failures, printed):
    for _ in range(2):
        logging.getLogger("cogs.errors").error(
            "command failed", exc_info=caught(ValueError(SECRET)), extra={"ref": "cafe0123"}
        )
    assert [one.reference for one in failures.take()] == ["cafe0123"] * 2
    assert [line["ref"] for line in printed()] == ["cafe0123"] * 2


def test_events_of_both_kinds_of_logger_are_kept(failures, printed):
    structlog.stdlib.get_logger("bot.adapters.llm.chat").warning("model call failed", host="h", kind="rate_limit")
    try:
        raise StoreError("database trouble: X (57P01)") from OSError(SECRET)
    except StoreError:
        structlog.stdlib.get_logger("bot.adapters.postgres.lease").exception("lease lost")
    model, lease = failures.take()
    assert (model.owner, model.said, model.place) == (
        "ProviderError",
        "model call failed (rate_limit)",
        "bot.adapters.llm.chat",
    )
    assert lease.owner == "StoreError"
    assert lease.said == "lease lost (StoreError: database trouble: X (57P01) < OSError)"
    assert [line["ref"] for line in printed()] == [model.reference, lease.reference]


@pytest.mark.parametrize(
    ("name", "level", "extra", "owner"),
    [
        ("bot.engine.respond", logging.WARNING, {"kind": "timeout"}, "ProviderError"),
        ("bot.engine.deliver", logging.WARNING, {"code": 50013}, "DeliveryError"),
        ("bot.engine.respond", logging.WARNING, {"notes": ["held"]}, "SafetyHold"),
        ("bot.engine.feel", logging.WARNING, {"soul_id": 1}, None),
        ("discord.http", logging.WARNING, {"code": 1}, None),
        ("bot.engine.respond", logging.INFO, {"kind": "timeout"}, None),
        ("pgqueuer.core", logging.ERROR, {}, "StoreError"),
        ("discord.client", logging.ERROR, {}, "DeliveryError"),
        ("bot.adapters.llm.chat", logging.ERROR, {}, "ProviderError"),
        ("asyncio", logging.ERROR, {}, "fault"),
        ("asyncpgx", logging.ERROR, {}, "fault"),
    ],
)
def test_each_has_its_owner(failures, name: str, level: int, extra: dict[str, object], owner: str | None):
    logging.getLogger(name).log(level, "it happened", extra=extra)
    assert [one.owner for one in failures.take()] == ([] if owner is None else [owner])


@pytest.mark.parametrize(
    ("error", "owner"),
    [
        (StoreError("database trouble"), "StoreError"),
        (ProviderError("no", kind="timeout", retryable=True), "ProviderError"),
        (DeliveryError("no", code=1, retryable=False), "DeliveryError"),
        (ConfigError("no"), "ConfigError"),
        (ValueError(SECRET), "fault"),
        (ConnectionResetError(SECRET), "DeliveryError"),
    ],
)
def test_the_exception_says_whose_it_is(failures, error: Exception, owner: str):
    logging.getLogger("discord.client").error("Ignoring exception in %s", "on_message", exc_info=caught(error))
    (found,) = failures.take()
    assert (found.owner, found.said.startswith("Ignoring exception in %s (")) == (owner, True)
    assert SECRET not in found.said


def test_no_words_are_kept(failures):
    OURS.error("said %s", SECRET)
    OURS.error("failed\n" + SECRET, exc_info=caught(ValueError(SECRET), caught(KeyError(SECRET))))
    OURS.error("failed again", extra={"cause": SECRET, "content": SECRET})
    found = failures.take()
    assert len(found) == 3
    assert SECRET not in str(found)
    assert found[1].said == "failed (ValueError < KeyError)"


def tell(message: str, at_s: float) -> None:
    """Log an error as of a moment."""
    fields = {"name": "bot.engine", "msg": message, "levelno": logging.ERROR, "levelname": "ERROR", "created": at_s}
    logging.getLogger().handle(logging.makeLogRecord(fields))


def test_the_same_again_is_told_once_a_minute_under_one_reference(failures, printed):
    for second in range(5):
        tell("sweep failed", second)
    tell("channel put off", 5)
    assert [one.said for one in failures.take()] == ["sweep failed", "channel put off"]
    tell("sweep failed", FOLDED_FOR_S + 1)
    (again,) = failures.take()
    assert again.said == "sweep failed (and 4 more since)"
    assert {line["ref"] for line in printed() if line["event"] == "sweep failed"} == {again.reference}
    tell("sweep failed", 4 * FOLDED_FOR_S)
    (later,) = failures.take()
    assert later.said == "sweep failed"
    assert later.reference != again.reference  # it had been over for a while


def test_an_outage_of_hours_leaves_room_for_other_trouble(failures, printed):
    hours = 6
    for second in range(0, hours * 3600, 2):
        tell("sweep failed", second)
    found = failures.take()
    assert len({one.reference for one in found}) == 1
    assert 10 < len(found) < 10 + 6 * hours
    told = [int(said[1]) for said in (re.search(r"and (\d+) more", one.said) for one in found) if said]
    assert 0.9 < (sum(told) + len(found)) / (hours * 1800) <= 1.0


def test_what_could_not_be_kept_comes_again_and_is_bounded(failures):
    OURS.error("first")
    taken = failures.take()
    OURS.error("second")
    failures.give_back(taken)
    assert [one.said for one in failures.take()] == ["first", "second"]
    for number in range(KEPT_MOST + 50):
        OURS.error("number %s", number, extra={"ref": f"{number:08d}"})
    many = failures.take()
    assert len(many) == KEPT_MOST
    assert many[-1].reference == f"{KEPT_MOST + 49:08d}"


def test_a_record_that_cannot_be_read_breaks_nothing(failures, printed):
    class Awkward:
        def __str__(self) -> str:
            raise RuntimeError

    OURS.error("x", extra={"kind": Awkward()})
    assert failures.take() == ()


def test_warnings_are_collected_where_only_errors_are_printed(stream: StringIO, printed):
    with listening(stream, level="error") as failures:
        OURS.warning("the model gave no answer", extra={"kind": "timeout"})
        OURS.info("turn over")
        assert len(failures.take()) == 1
    assert printed() == []
