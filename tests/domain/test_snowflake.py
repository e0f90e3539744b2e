"""Discord's ids carry the time they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.snowflake import DISCORD_EPOCH, first_at, made_at

MOMENTS = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def test_the_documented_example():
    # Discord developer documentation, "Snowflakes"
    assert made_at(175928847299117063) == datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)


@given(MOMENTS)
@example(datetime(2015, 1, 1, 0, 0, 0, 1000, tzinfo=UTC))
def test_made_at_undoes_first_at(moment):
    assert made_at(first_at(moment)) == moment


@given(MOMENTS)
def test_first_at_is_the_smallest_of_its_millisecond(moment):
    assert first_at(moment) == 0 or made_at(first_at(moment) - 1) < moment


@given(st.integers(-(2**70), 2**70))
def test_any_number_has_a_time(number):
    assert DISCORD_EPOCH <= made_at(number) <= datetime(9999, 1, 1, tzinfo=UTC)


def test_before_discord_is_its_beginning():
    assert first_at(DISCORD_EPOCH - timedelta(days=1)) == 0
