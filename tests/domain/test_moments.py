"""Times as others write them down."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.domain.moments import moment_of

THEN = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        THEN,
        THEN.replace(tzinfo=None),
        "2023-05-08T13:56",
        "2023-05-08T15:56+02:00",
        "1:56 pm on 8 May, 2023",
        THEN.timestamp(),
        THEN.timestamp() * 1000,
        str(THEN.timestamp()),
    ],
)
def test_one_moment_in_many_ways(written):
    assert moment_of(written) == THEN


def test_a_day_begins_at_midnight():
    assert moment_of(date(2023, 5, 8)) == moment_of("8 May 2023") == datetime(2023, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["soon", "", "2026-02-30", None, 1e30, float("nan"), datetime.fromisoformat("0001-01-01T00:00+14:00")]
)
def test_what_is_no_time_is_refused(written):
    with pytest.raises(ValueError, match="time"):
        moment_of(written)
