"""Short codes a model copies exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import short_code

LOOK_ALIKES = set("01iloILO")
SNOWFLAKES = st.integers(0, 2**63 - 1)


@given(st.sampled_from("um"), SNOWFLAKES)
def test_a_code_is_stable_short_and_without_look_alikes(kind, number):
    code = short_code(kind, number)
    assert code == short_code(kind, number)
    assert (code[0], len(code)) == (kind, 5)
    assert code.isascii()
    assert code == code.lower()
    assert not set(code[1:]) & LOOK_ALIKES


def test_codes_are_the_same_in_every_release():
    assert short_code("m", 175928847299117063) == "m5k65"
    assert short_code("u", 175928847299117063) == "ugn9g"


def test_the_lines_of_a_turn_have_codes_of_their_own():
    first = 1_300_000_000_000_000_000
    assert len({short_code("m", first + n * 4_194_304) for n in range(50)}) == 50
