"""Logs name what happened and never quote what somebody wrote."""

from __future__ import annotations

import json
import logging

import pytest

from bot.errors import StoreError
from bot.logs import set_up_logs

SECRET = "my private words"


@pytest.fixture
def lines(capsys):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers, root.level = before


def _fail(content: str) -> None:
    try:
        raise ValueError(f"invalid input for query argument: {content!r}")
    except ValueError as exc:
        raise StoreError("database trouble: DataError") from exc


def test_traceback_names_places_and_kinds_without_words(lines):
    set_up_logs(level="info", form="json")
    try:
        _fail(SECRET)
    except StoreError:
        logging.getLogger("bot.engine").exception("turn failed", extra={"turn_id": 7})
    (line,) = lines()
    assert line["turn_id"] == 7
    assert "StoreError 'database trouble: DataError'" in line["exception"]
    assert "ValueError" in line["exception"]
    assert "_fail" in line["exception"]
    assert SECRET not in json.dumps(line)


def test_only_the_first_line_of_an_event_is_kept(lines):
    set_up_logs(level="info", form="json")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: %s", SECRET)
    assert lines()[0]["event"] == "Task exception was never retrieved"
